"""The parts of one location's section, each from what the state file, or the audit, says."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from alleaves_sync.cli.error_messages import explain
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
    number,
    table,
    text,
)
from alleaves_sync.cli.views.page.words import FIELD_WORDS, REASON_WORDS, UNTOLD
from alleaves_sync.cli.views.push_view import words
from alleaves_sync.errors import AlleavesSyncError
from alleaves_sync.flows.explain.audit import Audit
from alleaves_sync.flows.report.changes import Capped, ChangedProduct, Changes
from alleaves_sync.flows.report.report import LocationReport, WaitingOrder, WhyOff
from alleaves_sync.rules.audit import MEANINGS

_PRODUCT, _WHEN = Column("product"), Column("when")


def heading(words_: str) -> Html:
    """The heading of a part."""
    return element("h3", text(words_))


def paragraph(words_: str, class_: str = "") -> Html:
    """A paragraph of the page's own words."""
    return element("p", text(words_), class_=class_)


def problem(what: str, error: AlleavesSyncError) -> Html:
    """Something went wrong: what, and what to do, in the words of the error."""
    explained = explain(error)
    lines = (what, explained.what, explained.remedy)
    return element("p", joined((text(line) for line in lines if line), " "), class_="told")


def more(things: Capped[ChangedProduct] | Capped[WaitingOrder] | Capped[tuple[str, int]]) -> Html:
    """How many are not shown, where that is any."""
    return paragraph(f"… and {things.rest:,} more.", "faint") if things.rest else NOTHING


def changed(changes: Changes, now: datetime) -> Html:
    """What changed on the menu in the last 24 hours."""
    title = heading("What changed in the last 24 hours")
    if not changes.products:
        return joined((title, paragraph("Nothing changed.")))
    price, stock = Column("price", number=True), Column("quantity", number=True)

    def rows(products: Capped[ChangedProduct], *fields: str) -> list[list[Html]]:
        return [
            [product(one), *(_step(one, name) for name in fields), moment(one.at, now)]
            for one in products.shown
        ]

    lists = (
        ("New on the menu", changes.created, (price, stock), ("price", "quantity")),
        ("Taken off the menu: nothing left to sell", changes.taken_off, (stock,), ("quantity",)),
        ("Back on the menu", changes.came_back, (stock,), ("quantity",)),
        ("Price changed", changes.price, (price,), ("price",)),
        ("Quantity changed", changes.quantity, (stock,), ("quantity",)),
    )
    parts = [
        joined(
            (
                table(
                    f"{name} ({one.total:,})", (_PRODUCT, *columns, _WHEN), rows(one, *fields), class_="slim"
                ),
                more(one),
            )
        )
        for name, one, columns, fields in lists
        if one.total
    ]
    return joined((title, paragraph(_sum_of(changes)), *parts))


def _sum_of(changes: Changes) -> str:
    counts = Counter[str]()
    for name, count in changes.other.items():
        counts[FIELD_WORDS.get(name, "others")] += count
    others = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    total = f"{counted(changes.products, 'product')} changed."
    return f"{total} Other fields, with how many products: {others}." if others else total


def product(one: ChangedProduct) -> Html:
    """A product: its name, and its id."""
    return named(one.pos_product_id, one.name)


def named(ident: str, name: str) -> Html:
    """Something with an id and, most often, a name."""
    if not name.strip():
        return foreign(ident)
    return joined((foreign(name), element("small", foreign(ident))), " ")


def _step(one: ChangedProduct, field: str) -> Html:
    old, new = one.fields.get(field, (None, None))
    if one.is_new or old is None:
        return _value(new)
    return joined((_value(old), _value(new)), " → ")


def _value(value: JsonValue) -> Html:
    if value is None:
        return DASH
    if isinstance(value, bool) or not isinstance(value, int | float):
        return foreign(str(value))
    return text(number(value))


def off_menu(reasons: Sequence[WhyOff]) -> Html:
    """Why items are hidden or withheld."""
    title = heading("Why items are hidden or withheld")
    if not reasons:
        return joined((title, paragraph("No item is hidden or withheld.")))
    columns = (
        Column("reason"),
        Column("state"),
        Column("items", number=True),
        Column("what it means"),
        Column("such as"),
    )
    rows = [
        [
            element("code", text(one.reason)) if one.reason else text("answer not known"),
            text(one.status),
            text(f"{one.count:,}"),
            joined(map(text, REASON_WORDS.get(one.reason, UNTOLD)), " "),
            joined((named(*example) for example in one.examples), ", "),
        ]
        for one in reasons
    ]
    caption = "Hidden: on the menu with quantity 0. Withheld: not sent."
    return joined((title, table(caption, columns, rows, class_="why")))


def orders(waiting: Capped[WaitingOrder], now: datetime) -> Html:
    """Orders that wait for somebody, or for the next push. Nothing of it names a person."""
    if not waiting.total:
        return NOTHING
    columns = (Column("order"), Column("state"), Column("reason"), Column("what it means"), Column("since"))
    rows = [
        [
            foreign(one.order_id),
            text(one.state),
            element("code", text(one.reason)) if one.reason else NOTHING,
            text(words(one.reason)) if one.reason else text("the next push goes on with it"),
            moment(one.since, now),
        ]
        for one in waiting.shown
    ]
    caption = f"{counted(waiting.total, 'order')} of the storefront"
    return joined((heading("Orders that wait"), table(caption, columns, rows), more(waiting)))


def unmapped(categories: Capped[tuple[str, int]], items: int) -> Html:
    """POS categories that have no AIQ category."""
    if not categories.total:
        return NOTHING
    rows = [
        [foreign(path) if path.strip() else text("no category"), text(f"{count:,}")]
        for path, count in categories.shown
    ]
    columns = (Column("category in Alleaves"), Column("items", number=True))
    told = f"{counted(items, 'item')} without a category in the storefront. Map them under categories.map."
    return joined(
        (
            heading("Categories without an AIQ category"),
            paragraph(told),
            table("Most items first", columns, rows),
            more(categories),
        )
    )


def audit(report: LocationReport, examples: int) -> Html:
    """The faults in the store's data, where the page was made with them."""
    title = heading("Faults in the store's data")
    if report.audit_problem is not None:
        return joined((title, problem("The audit could not be made.", report.audit_problem)))
    if report.audit is None:
        return joined((title, paragraph("Not asked: the location is disabled.")))
    if not report.audit.faults:
        return joined((title, paragraph("No fault was found.")))
    columns = (Column("fault"), Column("items", number=True), Column("what it is"), Column("such as"))
    return joined((title, table("Worst first", columns, _faults(report.audit, examples))))


def _faults(found: Audit, examples: int) -> list[list[Html]]:
    kinds: dict[str, list[Html]] = {}
    for fault in found.faults:
        known = kinds.setdefault(fault.code, [])
        if len(known) < examples:
            known.append(named(str(fault.id_item), fault.name))
    return [
        [
            element("code", text(code)),
            text(f"{count:,}"),
            text(MEANINGS[code]),
            joined(kinds[code], ", "),
        ]
        for code, count in found.counts.items()
    ]
