"""Bar charts as inline SVG: drawn from numbers alone, always the same for the same numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from alleaves_sync.cli.views.page.html import Html, element, number, text

# The drawing's own units. At 360 pixels of screen one unit is about one pixel, so that text stays readable.
WIDTH, HEIGHT = 340, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 6, 22, 36
_PLOT_WIDTH, _PLOT_HEIGHT = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
_LINES = 4  # at most so many lines above the base line
_LABELS = 3  # under the time axis
_BASE = _TOP + _PLOT_HEIGHT
_LARGEST = 1e12  # beyond it nothing that is counted here exists, and figures would not fit


@dataclass(frozen=True, slots=True)
class Series:
    """Bars of one kind. `style` is `a` (dark) or `b` (light, also without colours); None draws nothing."""

    name: str
    style: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn: series over the same periods, side by side, or `behind` the first one.

    `unit` and `time` name the axes, `labels` the periods.
    """

    title: str
    description: str
    unit: str
    time: str
    labels: Sequence[str]
    series: Sequence[Series]
    behind: bool = False


def draw(chart: Chart, ident: str) -> Html:
    """The figure; `ident` makes the ids of its title and description unique on the page."""
    top, step = scale([value for one in chart.series for value in one.values])
    svg = element(
        "svg",
        element("title", text(chart.title), id=f"{ident}t"),
        element("desc", text(chart.description), id=f"{ident}d"),
        *_grid(top, step),
        *_bars(chart, top),
        *_time_axis(chart),
        _words(_LEFT - 34, 12, chart.unit, "start"),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=f"{ident}t {ident}d",
    )
    return element("figure", element("figcaption", _legend(chart)), svg)


def scale(values: Sequence[float | None]) -> tuple[float, float]:
    """The top of an axis that begins at 0, and the step between its lines: 1, 2 or 5 of a power of ten."""
    largest = max((_sane(value) for value in values), default=0.0)
    if largest <= 0:
        return 1.0, 1.0
    rough = largest / _LINES
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
    return step * math.ceil(largest / step * (1 - 1e-9)), step


def _sane(value: float | None) -> float:
    """What can be drawn of a value: no text of a broken file, no clock set back makes a bar of no size."""
    if value is None or not math.isfinite(value) or value <= 1e-6:  # noqa: PLR2004 - a millionth is nothing
        return 0.0
    return min(float(value), _LARGEST)


def _legend(chart: Chart) -> Html:
    keys = [
        element("span", element("i", class_=one.style, aria_hidden="true"), text(one.name), class_="key")
        for one in chart.series
    ]
    return Html(element("b", text(chart.title)) + "".join(keys))


def _grid(top: float, step: float) -> list[Html]:
    lines = round(top / step)
    marks = [step * at for at in range(lines + 1)]
    heights = [_BASE - _PLOT_HEIGHT * at / lines for at in range(lines + 1)]
    path = "".join(f"M{_LEFT} {_short(height)}h{_PLOT_WIDTH}" for height in heights)
    figures = [
        _words(_LEFT - 5, height + 4, _figure(mark), "end")
        for mark, height in zip(marks, heights, strict=True)
    ]
    return [element("path", d=path, class_="grid"), *figures]


def _bars(chart: Chart, top: float) -> list[Html]:
    count = max((len(one.values) for one in chart.series), default=0)
    if not count:
        return []
    room = _PLOT_WIDTH / count
    columns = 1 if chart.behind else len(chart.series)
    width = room * 0.8 / columns
    paths = []
    for place, one in reversed(list(enumerate(chart.series))):
        shift = room * 0.1 + (0 if chart.behind else width * place)
        d = "".join(
            f"M{_short(_LEFT + room * at + shift)} {_BASE}v-{height}h{_short(width)}v{height}z"
            for at, value in enumerate(one.values)
            if (height := _short(_PLOT_HEIGHT * _sane(value) / top)) != "0"
        )
        if d:
            paths.append(element("path", d=d, class_=one.style))
    return paths


def _time_axis(chart: Chart) -> list[Html]:
    words = [_words(_LEFT + _PLOT_WIDTH / 2, HEIGHT - 4, chart.time, "middle")]
    count = len(chart.labels)
    if not count:
        return words
    chosen = sorted({round(at * (count - 1) / (_LABELS - 1)) for at in range(_LABELS)})
    for place in chosen:
        # The outer labels end where the bars do: how wide letters are is not known here.
        anchor = "middle" if 0 < place < count - 1 else "start" if place == 0 else "end"
        share = {"start": 0.0, "middle": (place + 0.5) / count, "end": 1.0}[anchor]
        words.append(_words(_LEFT + _PLOT_WIDTH * share, _BASE + 14, chart.labels[place], anchor))
    return words


def _words(x: float, y: float, words: str, anchor: str) -> Html:
    return element(
        "text", text(words), x=_short(x), y=_short(y), class_={"end": "e", "middle": "m"}.get(anchor, "")
    )


def _figure(value: float) -> str:
    """A figure of an axis that fits beside it: 1,500 as it is, 20,000 as 20k."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            return f"{number(round(value / (1e3 if sign == 'k' else size), 2))}{sign}"
    return number(round(value, 6))


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
