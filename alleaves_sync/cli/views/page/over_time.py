"""How long runs took, and what ran out, over time: three charts and the same figures as a table."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alleaves_sync.cli.views.page.charts import Chart, Series, draw
from alleaves_sync.cli.views.page.html import (
    DASH,
    Column,
    Html,
    counted,
    element,
    joined,
    number,
    table,
    text,
    zone_name,
)
from alleaves_sync.cli.views.page.sections import heading, paragraph
from alleaves_sync.cli.views.page.style import FIGURES
from alleaves_sync.flows.report.periods import Period

_DAY = timedelta(days=1)


def over_time(periods: Sequence[Period], now: datetime, ident: str) -> Html:
    """The charts of the last seven days; `ident` makes their ids unique."""
    title = heading("Runs and stock over the last 7 days")
    if not periods:
        return joined((title, paragraph("No run of these days is known.")))
    length = periods[0].end - periods[0].start
    charts = [
        draw(chart, f"{ident}{letter}") for letter, chart in zip("abc", _charts(periods, now), strict=True)
    ]
    figures = element(
        "details",
        element("summary", text("The same figures as a table")),
        _table(periods, now),
        class_="more",
    )
    told = f"Each bar stands for {_words(length)}. {_sum_of(periods)}"
    return joined((title, paragraph(told), element("div", *charts, class_="charts"), figures))


def _charts(periods: Sequence[Period], now: datetime) -> list[Chart]:
    labels = [_label(one, now) for one in periods]
    time = f"time ({zone_name(now)})"
    return [
        Chart(
            "How long runs took",
            _sum_of(periods),
            "seconds",
            time,
            labels,
            (
                Series("typical", "a", [one.typical for one in periods]),
                Series("longest", "b", [one.longest for one in periods]),
            ),
            behind=True,
        ),
        Chart(
            "Products that ran out, and came back",
            _sum_of_stock(periods),
            "products",
            time,
            labels,
            (
                Series("ran out", "a", [one.ran_out for one in periods]),
                Series("came back", "b", [one.came_back for one in periods]),
            ),
        ),
        Chart(
            "Items hidden at the end of each time",
            _sum_of_hidden(periods),
            "items",
            time,
            labels,
            (Series("hidden", "a", [one.hidden for one in periods]),),
        ),
    ]


def _sum_of(periods: Sequence[Period]) -> str:
    runs, troubled = sum(one.runs for one in periods), sum(one.troubled for one in periods)
    longest = max((one.longest for one in periods if one.longest is not None), default=0.0)
    ended = "all ended well" if not troubled else f"{troubled:,} failed or refused"
    return f"{counted(runs, 'run')}, {ended}; the longest took {number(round(longest, 2))} seconds."


def _sum_of_stock(periods: Sequence[Period]) -> str:
    out, back = sum(one.ran_out for one in periods), sum(one.came_back for one in periods)
    return f"{counted(out, 'product')} ran out, {back:,} came back."


def _sum_of_hidden(periods: Sequence[Period]) -> str:
    levels = [one.hidden for one in periods if one.hidden is not None]
    if not levels:
        return "No good run says how many."
    return f"From {min(levels):,} to {max(levels):,}, {levels[-1]:,} at the end."


def _label(period: Period, now: datetime) -> str:
    start = period.start.astimezone(now.tzinfo)
    return f"{start:%d %b}" if period.end - period.start >= _DAY else f"{start:%d %b %H:%M}"


def _words(length: timedelta) -> str:
    for size, name in ((_DAY, "day"), (timedelta(hours=1), "hour")):
        if length >= size:
            return counted(length // size, name)
    return counted(length // timedelta(minutes=1), "minute")


def _table(periods: Sequence[Period], now: datetime) -> Html:
    columns = (Column("from"), *(Column(name, number=True) for name in FIGURES))
    rows = [
        [
            text(f"{one.start.astimezone(now.tzinfo):%d %b %H:%M}"),
            *(
                DASH if value is None else text(number(round(value, 2)))
                for value in (
                    one.runs,
                    one.troubled,
                    one.typical,
                    one.longest,
                    one.ran_out,
                    one.came_back,
                    one.hidden,
                )
            ),
        ]
        for one in periods
        if one.runs
    ]
    return table("Times without a run are left out", columns, rows, class_="figures", plain=True)
