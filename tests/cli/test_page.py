"""The page of `report`: sound HTML, nothing from outside, harmless whatever a POS calls its products."""

import base64
import hashlib
import json
import math
import re
from dataclasses import replace
from datetime import timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.cli.views.page import page
from alleaves_sync.cli.views.page.charts import HEIGHT, WIDTH, Chart, Series, draw, scale
from alleaves_sync.cli.views.page.html import element, foreign, number, text
from alleaves_sync.cli.views.page.words import REASON_WORDS
from alleaves_sync.errors import Unreachable
from alleaves_sync.flows.report.report import make_report
from alleaves_sync.rules.mapping.rules import Reason
from alleaves_sync.state import ChangeRecord, OrderRecord, StateFile
from tests.report_support import Seen, places, read
from tests.state.support import HERE, NOW, item, run

EVIL = (
    "<script>alert(1)</script>",
    "\"'><img src=https://evil.example/x onerror=alert(1)>",
    "</style></title></details>",
    "\u202eright to left\u202c \u05d2\u05dc\u05d9\u05d3\u05d4",
    "\x00\x1b[31m\ud83d\ufffe\U0001fffe",
    "W" * 5000,
    "&lt;b&gt; & {{x}} ${y}",
    "",
)


def filled(folder: Path) -> None:
    """A state file with all that the page can show, under every evil name."""
    items, changes = [], []
    for at, name in enumerate(EVIL):
        key = 10 * at
        off = replace(item(key + 1, "hidden", ("out-of-stock",)), name=name)
        items += [
            replace(item(key), name=name, pos_category=name),
            replace(off, pos_category=f"{name} > {name}"),
            replace(item(key + 2, "withheld", ("no-price", "made-up"), json_text=None), name=name),
        ]
        for number_, both in ((key, (2, 0)), (key + 1, (0, 2)), (key + 2, (3, 2.5))):
            fields = {"quantity": both, "price": (name, 23.1481), "name": ("old", name), name: (1, 2)}
            changes.append(ChangeRecord("run-1", str(number_), "update", json.dumps(fields), NOW))
        created = {"price": [None, 4], "quantity": [None, 3], "name": [None, name]}
        changes.append(ChangeRecord("run-1", str(key + 3), "create", json.dumps(created), NOW))
    ended = replace(run(), ended_at=NOW, seconds=1.5, listed=8, hidden=8, withheld=8)
    order = OrderRecord(HERE, "a<b>", "needs-attention", "print", NOW, NOW, reason="shipping")
    with StateFile.open(folder / "state.db") as state:
        state.record(HERE, ended, items, changes)
        state.save_order(order)


def made(folder: Path, *names: str, hours: float = 1, **options: str) -> str:
    """The page of these locations."""
    return page(
        make_report(
            places(folder, *(names or (HERE,)), **options), clock=lambda: NOW + timedelta(hours=hours)
        )
    )


def sound(text_: str) -> Seen:
    """The page as it was read, with everything that has to hold for any page."""
    seen = read(text_)
    assert seen.wrong == []
    ids = [one.attributes["id"] for one in seen.elements if "id" in one.attributes]
    assert len(set(ids)) == len(ids)
    for one in seen.elements:
        assert one.name not in {"script", "img", "link", "iframe", "object", "base", "form", "use"}
        assert not {"src", "style", "srcset", "action", "xlink:href"} & one.attributes.keys()
        assert not any(name.startswith("on") for name in one.attributes)
        if "href" in one.attributes:
            assert one.attributes["href"].removeprefix("#") in ids
        for ident in one.attributes.get("aria-labelledby", "").split():
            assert ident in ids
        if one.name == "th":
            assert one.attributes["scope"] in {"row", "col"}
        if one.name == "svg":
            assert one.attributes["role"] == "img"
    assert "url(" not in text_
    assert "@import" not in text_
    levels = [int(one.name[1]) for one in seen.elements if re.fullmatch("h[1-6]", one.name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert seen.all("html")[0].attributes["lang"] == "en"
    return seen


def test_a_page_with_everything_is_sound_whatever_things_are_called(tmp_path: Path) -> None:
    filled(tmp_path)
    found = made(tmp_path)
    seen = sound(found)
    assert "<script>alert(1)</script>" in seen.text
    assert "W" * 119 + "…" in seen.text
    assert "W" * 121 not in seen.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\U0001fffe\ud800-\udfff]", found)
    # What turns the direction of writing around stays in an element of its own.
    assert all("bdi" in {one.name, *one.path} for one in seen.elements if "\u202e" in one.text)
    for title in ("New on the menu (8)", "Price changed (24)", "Orders that wait", "Quantity changed"):
        assert title in seen.text
    assert "made-up" in seen.text
    assert len(found.encode()) < 100_000


def test_only_the_page_s_own_style_is_allowed(tmp_path: Path) -> None:
    seen = sound(made(tmp_path))
    (style,) = seen.all("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    (policy,) = [one for one in seen.all("meta") if one.attributes.get("http-equiv")]
    assert policy.attributes == {
        "http-equiv": "Content-Security-Policy",
        "content": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    }


def test_the_same_state_and_clock_make_the_same_bytes(tmp_path: Path) -> None:
    filled(tmp_path)
    assert made(tmp_path) == made(tmp_path)
    assert made(tmp_path) != made(tmp_path, hours=2)


def test_a_location_that_never_ran_says_what_to_do(tmp_path: Path) -> None:
    seen = sound(made(tmp_path))
    assert "never synced" in seen.text
    assert "run it once: alleaves-sync sync-inventory" in seen.text
    assert seen.all("svg") == []


@pytest.mark.parametrize(
    ("outcome", "error", "told"),
    [
        ("ok", None, "12:00 and ended ok."),
        ("partial", None, "3 h ago, in part"),
        ("refused", "brake", "and ended refused (brake)."),
        ("running", None, "and has not ended."),
    ],
)
def test_how_the_last_run_ended_is_told(tmp_path: Path, outcome: str, error: str | None, told: str) -> None:
    ended = replace(run(), outcome=outcome, error=error, ended_at=None if outcome == "running" else NOW)
    with StateFile.open(tmp_path / "state.db") as state:
        state.save_run(ended)
    assert told in sound(made(tmp_path, hours=3.01)).text


def test_a_disabled_location_is_on_the_page_and_needs_nobody(tmp_path: Path) -> None:
    seen = sound(made(tmp_path, extra="enabled: false"))
    assert "disabled" in seen.text
    assert "Nothing to do." in seen.text
    assert "0 need a person" in seen.text


def test_a_file_that_cannot_be_read_is_named_on_the_page(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("rubbish\n" * 500)
    seen = sound(made(tmp_path))
    assert "state file unusable" in seen.text
    assert "is damaged, or is not a state file" in seen.text


def test_without_the_audit_the_page_says_how_to_add_it_and_with_it_what_went_wrong(tmp_path: Path) -> None:
    assert "alleaves-sync report --audit --html FILE" in sound(made(tmp_path)).text
    report = make_report(places(tmp_path, HERE), clock=lambda: NOW)
    error = Unreachable("Alleaves", "POST /auth", "<no route>", attempts=2)
    failed = replace(report, with_audit=True, locations=(replace(report.locations[0], audit_problem=error),))
    seen = sound(page(failed))
    assert "The audit could not be made. Alleaves does not answer" in seen.text
    assert "report --audit" not in seen.text


def test_many_locations_begin_closed_and_those_that_need_somebody_are_named(tmp_path: Path) -> None:
    seen = sound(made(tmp_path, *(f"store-{at}" for at in range(30))))
    assert len(seen.all("details")) == 30
    assert not [one for one in seen.all("details") if "open" in one.attributes]
    assert "and 10 more" in seen.text
    (calls,) = [one.text for one in seen.all("p") if one.text.startswith("A person must look at: ")]
    assert calls.count(", ") == 19
    few = sound(made(tmp_path, "one", "two"))
    assert [one.attributes["open"] for one in few.all("details")] == ["open", "open"]


def test_times_are_in_the_zone_of_the_clock(tmp_path: Path) -> None:
    filled(tmp_path)
    here = NOW.astimezone(timezone(-timedelta(hours=5)))
    seen = sound(page(make_report(places(tmp_path, HERE), clock=lambda: here)))
    assert "04 Jul 2026 07:00" in seen.text
    assert "All times are UTC-05:00." in seen.text
    assert seen.all("time")[0].attributes["datetime"] == "2026-07-04T07:00:00-05:00"


def test_every_reason_of_an_item_has_its_meaning() -> None:
    """P7."""
    assert set(REASON_WORDS) == {"", *get_args(Reason)}


@pytest.mark.parametrize(
    ("value", "written"), [(23.1481, "23.1481"), (20000, "20,000"), (5.0, "5"), (1e-7, "0.0000001"), (0, "0")]
)
def test_numbers_are_written_as_a_person_does(value: float, written: str) -> None:
    assert number(value) == written


@given(st.text(st.characters(), max_size=300))
def test_any_text_comes_back_as_words(value: str) -> None:
    shown = element("p", text(value), foreign(value), title=value)
    seen = read(shown)
    assert seen.wrong == []
    assert [one.name for one in seen.elements] == ["p", "bdi"]
    shown.encode()


ODD = st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7e308])
SERIES = st.lists(
    st.none()
    | ODD
    | st.floats()
    | st.integers(-(10**30), 10**30).map(float)
    | st.integers(0, 500).map(float),
    max_size=40,
)


@given(st.lists(SERIES, max_size=3), st.booleans(), st.text(max_size=20))
def test_any_series_is_drawn_inside_the_picture(
    values: list[list[float | None]], behind: bool, words: str
) -> None:
    longest = max(map(len, values), default=0)
    series = [Series(words, "ab"[at % 2], one) for at, one in enumerate(values)]
    chart = Chart(words, words, words, words, [words] * longest, series, behind=behind)
    drawn = draw(chart, "x")
    assert read(drawn).wrong == []
    tree = ET.fromstring(drawn)  # noqa: S314 - drawn here
    for path in tree.iter("path"):
        assert re.fullmatch(r"[Mhvz0-9. -]+", path.attrib["d"])
        points = corners(path.attrib["d"])
        assert points
        assert all(0 <= x <= WIDTH + 0.2 and 0 <= y <= HEIGHT for x, y in points), path.attrib["d"]
    for one in tree.iter("text"):
        assert 0 <= float(one.attrib["x"]) <= WIDTH
        assert 0 <= float(one.attrib["y"]) <= HEIGHT


def corners(path: str) -> list[tuple[float, float]]:
    """The points of a path of M, h, v and z."""
    x = y = 0.0
    points = []
    for letter, first, second in re.findall(r"([Mhv])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        if letter == "M":
            x, y = float(first), float(second)
        elif letter == "h":
            x += float(first)
        else:
            y += float(first)
        points.append((x, y))
    return points


@given(st.lists(st.floats(0, 1e12), min_size=1))
def test_the_axis_is_as_high_as_its_values_in_few_even_steps(values: list[float]) -> None:
    top, step = scale(values)
    assert top >= max(values) * (1 - 1e-6)
    assert 1 <= round(top / step) <= 5
    assert max(values) <= 1e-6 or top <= max(values) * 2.6


def test_a_bar_is_as_high_as_its_share() -> None:
    chart = Chart("t", "d", "u", "time", ["a", "b"], [Series("s", "a", [1.0, 2.0])])
    drawn = ET.fromstring(draw(chart, "x"))  # noqa: S314 - drawn here
    bars = [one for one in drawn.iter("path") if one.attrib["class"] == "a"]
    heights = [float(height) for height in re.findall(r"v-([\d.]+)", bars[0].attrib["d"])]
    assert heights[1] == pytest.approx(2 * heights[0])
