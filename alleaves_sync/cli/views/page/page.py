"""The whole page: what matters at a glance on top, then every location by itself."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from alleaves_sync import __version__
from alleaves_sync.cli.commands.status import ago, next_step, state_cell
from alleaves_sync.cli.console import Tone
from alleaves_sync.cli.error_messages import explain
from alleaves_sync.cli.views.page import sections
from alleaves_sync.cli.views.page.html import (
    DASH,
    NOTHING,
    Column,
    Html,
    counted,
    element,
    foreign,
    joined,
    moment,
    table,
    text,
    zone_name,
)
from alleaves_sync.cli.views.page.over_time import over_time
from alleaves_sync.cli.views.page.style import POLICY, STYLE
from alleaves_sync.flows.report.report import LocationReport, Report
from alleaves_sync.state import RunRecord

_TITLE = "Menu report"
_MOST_OPEN = 3  # sections that are open from the start; more would bury the overview
_MOST_NAMED = 20
_CLASSES = {Tone.GOOD: "good", Tone.ATTENTION: "attention", Tone.BAD: "bad"}
_COLUMNS = (
    Column("location"),
    Column("state"),
    Column("last good run"),
    *(Column(name, number=True) for name in ("listed", "hidden", "withheld", "pending", "orders")),
    Column("next step"),
)
_ABOUT = (
    "Listed, hidden and withheld are items of the last good run; pending are products whose last answer from "
    "the storefront is not known, orders those that wait for a person. Nothing on this page names a customer."
)
_NO_AUDIT = "Faults in the stores' data are left out, because the POS is asked for them; add them with:"


def page(report: Report) -> str:
    """The report as HTML, the same bytes for the same report."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", text(_TITLE)),
        element("style", Html(STYLE)),
    )
    places = [_place(report, one, at) for at, one in enumerate(report.locations, 1)]
    main = element("main", _glance(report), *places)
    body = element("body", _header(report), main, _footer(report))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _header(report: Report) -> Html:
    made = (text("Made"), moment(report.at, report.at, "%d %b %Y %H:%M"))
    zone = text(f". All times are {zone_name(report.at)}.")
    return element(
        "header", element("h1", text(_TITLE)), element("p", joined(made, " "), zone, class_="faint")
    )


def _footer(report: Report) -> Html:
    parts = [sections.paragraph(_ABOUT)]
    if not report.with_audit:
        command = element("code", text("alleaves-sync report --audit --html FILE"))
        parts.append(element("p", joined((text(_NO_AUDIT), command), " ")))
    return element("footer", *parts, sections.paragraph(f"alleaves-sync {__version__}"))


def _glance(report: Report) -> Html:
    rows = [_row(one, at) for at, one in enumerate(report.locations, 1)]
    return joined(
        (
            element("h2", text("At a glance")),
            element("ul", *_tiles(report.locations), class_="tiles"),
            _calls(report.locations),
            table("Every location", _COLUMNS, rows, class_="slim glance"),
        )
    )


def _tiles(locations: Sequence[LocationReport]) -> Iterable[Html]:
    facts = [one.facts for one in locations if one.facts is not None]
    good = [one.status.last_good_run for one in facts if one.status.last_good_run is not None]
    people = sum(map(_needs_a_person, locations))
    figures = (
        (len(locations), "location" if len(locations) == 1 else "locations"),
        (people, "needs a person" if people == 1 else "need a person"),
        (sum(run.listed for run in good), "items listed"),
        (sum(run.hidden for run in good), "hidden"),
        (sum(run.withheld for run in good), "withheld"),
        (sum(one.changes.products for one in facts), "changed in 24h"),
        (sum(one.status.waiting_orders for one in facts), "orders wait"),
    )
    return [element("li", element("b", text(f"{count:,}")), text(name)) for count, name in figures]


def _needs_a_person(one: LocationReport) -> bool:
    return bool(one.problems) or (one.facts is not None and one.facts.status.needs_a_person)


def _calls(locations: Sequence[LocationReport]) -> Html:
    """Who needs a person, with a way there: 200 rows are not read through."""
    links = [_link(one, at) for at, one in enumerate(locations, 1) if _needs_a_person(one)]
    if not links or len(locations) == 1:
        return NOTHING
    rest = len(links) - _MOST_NAMED
    named = joined(links[:_MOST_NAMED], ", ")
    told = (text("A person must look at:"), named, text(f"and {rest:,} more" if rest > 0 else ""))
    return element("p", joined(told, " "))


def _link(one: LocationReport, at: int) -> Html:
    return element("a", foreign(one.location.name), href=f"#l{at}")


def _row(one: LocationReport, at: int) -> list[Html]:
    name = _link(one, at)
    if one.facts is None:
        remedy = explain(one.problem).remedy if one.problem is not None else ""
        return [name, _state(one), *[DASH] * 6, text(remedy)]
    status = one.facts.status
    run = status.last_good_run
    figures = (
        (0, 0, 0) if run is None else (run.listed, run.hidden, run.withheld),
        (status.pending, status.waiting_orders),
    )
    age = text("never" if run is None or status.age is None else f"{ago(status.age)} ago{_in_part(run)}")
    return [
        name,
        _state(one),
        age,
        *(text(f"{figure:,}") for part in figures for figure in part),
        text(next_step(status)),
    ]


def _in_part(run: RunRecord) -> str:
    return ", in part" if run.outcome == "partial" else ""


def _last_run(run: RunRecord, now: datetime) -> Html:
    """How the last run ended, and why: the code stands in the runbook."""
    why = f" ({run.error})" if run.error else ""
    left_out = f", {run.rejected:,} rejected" if run.rejected else ""
    end = "has not ended" if run.ended_at is None else f"ended {run.outcome}{why}{left_out}"
    told = (text("The last run began"), moment(run.started_at, now), text(f"and {end}."))
    return element("p", joined(told, " "))


def _state(one: LocationReport) -> Html:
    if one.facts is None:
        return _pill("state file unusable", "bad")
    cell = state_cell(one.facts.status)
    return _pill(cell.text, _CLASSES.get(cell.tone, ""))


def _pill(words: str, tone: str) -> Html:
    return element("span", text(words), class_=f"pill {tone}".strip())


def _place(report: Report, one: LocationReport, at: int) -> Html:
    # The id is inside: a browser opens the section for a link that leads into it.
    brief = element("span", text(_brief(one)))
    summary = element("summary", element("h2", foreign(one.location.name)), joined((_state(one), brief), " "))
    parts = element("div", *_parts(report, one, at), id=f"l{at}")
    is_open = len(report.locations) <= _MOST_OPEN
    return element("details", summary, parts, class_="place", open="open" if is_open else "")


def _brief(one: LocationReport) -> str:
    """What the closed section tells."""
    if one.facts is None or one.facts.status.last_run is None:
        return ""
    changes, waiting = one.facts.changes.products, one.facts.status.waiting_orders
    return f"{changes:,} changed in 24 h" + (f", {counted(waiting, 'order')} waiting" if waiting else "")


def _parts(report: Report, one: LocationReport, at: int) -> Iterable[Html]:
    facts = one.facts
    if facts is None:
        if one.problem is not None:
            yield sections.problem("Nothing is known of this location.", one.problem)
    else:
        step = next_step(facts.status)
        yield sections.paragraph(f"Next step: {step}" if step else "Nothing to do.")
        if facts.status.last_run is not None:
            yield _last_run(facts.status.last_run, report.at)
        yield sections.orders(facts.orders, report.at)
        if facts.status.last_run is not None:
            yield sections.changed(facts.changes, report.at)
            yield sections.off_menu(facts.off_menu)
        yield sections.unmapped(facts.unmapped, facts.unmapped_items)
        yield over_time(facts.over_time, report.at, f"l{at}")
    if report.with_audit:
        yield sections.audit(one, report.limits.examples)
