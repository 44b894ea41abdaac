"""stdout is the result, stderr is talk; nothing from outside steers the terminal."""

import io
import json
import logging
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pytest

from alleaves_sync.cli import console as output
from alleaves_sync.cli import logs
from alleaves_sync.cli.console import Cell, Column, Table, Tone
from alleaves_sync.cli.error_messages import Explained
from alleaves_sync.cli.invocation import Invocation
from alleaves_sync.cli.views.progress import progress

TABLE = Table(
    (Column("state", whole=True), Column("item"), Column("qty", number=True)),
    [(Cell("ok", Tone.GOOD), "Blue\x1b[2J Dream", "10"), ("FAILED", "日本 é", "5")],
    title="downtown",
    notes=("2 items",),
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_table_is_aligned_lines_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    output.show(TABLE)

    assert capsys.readouterr().out.splitlines() == [
        "downtown",
        "state   item            qty",
        "ok      Blue [2J Dream   10",
        "FAILED  日本 é            5",
        "2 items",
    ]


@pytest.mark.parametrize("colour", [True, False])
def test_a_table_is_drawn_on_a_terminal_and_only_coloured_where_wanted(
    monkeypatch: pytest.MonkeyPatch, colour: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "" if colour else "1")
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)

    output.show(TABLE)

    drawn = screen.getvalue()
    assert all(word in drawn for word in ("downtown", "state", "ok", "FAILED", "日本 é", "2 items", "[2J"))
    assert "\x1b[2J" not in drawn
    assert ("\x1b[32m" in drawn) is colour


def test_json_has_numbers_for_decimals_and_letters_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    more = MappingProxyType({"path": Path("/x"), "at": datetime(2026, 1, 2, tzinfo=UTC)})
    output.print_json({"a": Decimal("23.1481"), "b": Decimal("5.00"), "c": "é", "d": more})

    out = capsys.readouterr().out
    more_json = {"path": "/x", "at": "2026-01-02T00:00:00+00:00"}
    assert json.loads(out) == {"a": 23.1481, "b": 5, "c": "é", "d": more_json}
    with pytest.raises(TypeError):
        output.print_json({"a": object()})
    assert "é" in out
    assert out.endswith("}\n")


def test_json_stays_readable_where_stdout_is_not_unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)

    output.print_json({"c": "é"})

    stream.flush()
    assert json.loads(stream.buffer.getvalue()) == {"c": "é"}


def test_errors_are_told_also_when_quiet_and_talk_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    quiet = Invocation(quiet=True)

    output.say(quiet, "talk")
    output.warn(quiet, "careful")
    output.put("result")
    output.tell(Explained("x", "Only this.", "", 3))
    output.tell(Explained("x", "It is\nbroken\x07.", "Mend it.", 3, ("detail",)), place="downtown")

    told = capsys.readouterr()
    assert told.out == "result\n"
    assert told.err == "error: Only this.\nerror: downtown: It is broken .\n  detail\n  -> Mend it.\n"


def test_errors_are_red_on_a_terminal_unless_no_color_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    output.warn(Invocation(), "careful")
    assert "\x1b[33mwarning:" in screen.getvalue()

    monkeypatch.setenv("NO_COLOR", "1")
    output.warn(Invocation(), "again")
    assert screen.getvalue().endswith("\nwarning: again\n")


def test_numbers_have_no_exponent_and_no_zeros_at_the_end() -> None:
    values = (Decimal("1E+3"), Decimal("0.500"), Decimal("-3.0"), 7, Decimal("0.00"))

    assert [output.number(value) for value in values] == ["1000", "0.5", "-3", "7", "0"]


def test_progress_is_drawn_for_a_person_only(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    for silent in (Invocation(quiet=True), Invocation(as_json=True), Invocation(verbosity=1)):
        with progress(silent) as reporter:
            reporter.pages("downtown", "rows", 1, 2)
            reporter.products("downtown", 1, 2)
    assert screen.getvalue() == ""

    with progress(Invocation()) as reporter:
        reporter.pages("downtown", "rows", 1, 2)
        reporter.pages("downtown", "rows", 2, 2)
        reporter.products("downtown", 1, 0)
    assert "downtown: rows" in screen.getvalue()
    assert "downtown: products" in screen.getvalue()


@pytest.mark.parametrize(("verbosity", "heard"), [(0, "W"), (1, "IW"), (2, "DIW")])
def test_log_lines_are_this_programs_own_and_as_many_as_asked_for(
    capsys: pytest.CaptureFixture[str], verbosity: int, heard: str
) -> None:
    logs.start(verbosity)
    for name in ("alleaves_sync.test", "urllib3.test"):
        for sign, level in (("D", logging.DEBUG), ("I", logging.INFO), ("W", logging.WARNING)):
            if name.startswith("alleaves") or level < logging.WARNING:
                logging.getLogger(name).log(level, "line %s", sign, extra={"location": "downtown"})

    lines = capsys.readouterr().err.splitlines()
    assert [line[-1] for line in lines] == list(heard)
    assert all("downtown: line" in line for line in lines)


def test_json_log_lines_carry_time_run_and_location_but_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    logs.start(0, as_json=True)
    logger = logging.getLogger("alleaves_sync.test")
    canary = ValueError("canary")
    logger.error("two\nlines", exc_info=canary, extra={"run_id": 7, "location": "downtown"})
    logs.start(0, quiet=True)
    logger.warning("not heard")

    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "error",
        "logger": "alleaves_sync.test",
        "message": "two lines (ValueError)",
        "run_id": 7,
        "location": "downtown",
    }


def test_with_json_log_lines_all_talk_is_json_and_errors_say_all_they_know(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.start(0, as_json=True)
    output.say(Invocation(), "talk")
    output.warn(Invocation(), "careful")
    output.warn(Invocation(quiet=True), "not heard")
    output.tell(
        Explained("brake", "Refused\x07.", "Look.", 3, ("a detail",)), place="downtown", run_id="run-1"
    )
    output.tell(Explained("usage", "Wrong.", "", 2))
    output.problem_line("rejected", "item 5: rejected: no", place="downtown", run_id="run-1")

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert all(line.pop("time").endswith("+00:00") for line in lines)
    assert lines == [
        {"level": "info", "message": "talk"},
        {"level": "warning", "message": "careful"},
        {
            "level": "error",
            "message": "Refused .",
            "code": "brake",
            "details": ["a detail"],
            "remedy": "Look.",
            "location": "downtown",
            "run_id": "run-1",
        },
        {"level": "error", "message": "Wrong.", "code": "usage"},
        {
            "level": "error",
            "message": "item 5: rejected: no",
            "code": "rejected",
            "location": "downtown",
            "run_id": "run-1",
        },
    ]


def test_from_within_a_signal_handler_talk_goes_past_the_buffers(capfd: pytest.CaptureFixture[str]) -> None:
    output.say_at_once(Invocation(), "ending\x07")
    output.say_at_once(Invocation(quiet=True), "not heard")
    assert capfd.readouterr().err == "ending \n"
