"""However a command ends: words on stderr, one JSON document with --json, the right exit code, no
traceback."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from alleaves_sync import __version__
from alleaves_sync.cli import main
from alleaves_sync.cli import run as run_module
from alleaves_sync.cli.run import run
from alleaves_sync.errors import NeverSynced
from tests.cli.conftest import Program

CANARY = "canary-hunter2"
REPOSITORY = Path(__file__).parents[2]


def ending(monkeypatch: pytest.MonkeyPatch, end: Callable[[], int]) -> None:
    """Let every command end with `end`."""
    monkeypatch.setattr(run_module, "_dispatch", lambda _args: end())


def raising(error: BaseException) -> Callable[[], int]:
    def end() -> int:
        raise error

    return end


def test_the_version_and_the_help_are_told(program: Program) -> None:
    assert program("--version").out == f"alleaves-sync {__version__}\n"
    for args in (["--help"], ["-h"]):
        ran = program(*args)
        assert (ran.code, ran.err) == (0, "")
        assert "init" in ran.out
    assert max(len(line) for line in program("init", "--help").out.splitlines()) <= 80


def test_nothing_at_all_shows_the_help_as_wrong_usage(program: Program) -> None:
    ran = program()

    assert (ran.code, ran.out) == (2, "")
    assert "Usage: alleaves-sync" in ran.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["aeras"], "Did you mean 'areas'?"),
        (["areas", "--jsn"], "See alleaves-sync areas --help."),
        (["areas", "extra"], "extra"),
        (["--log-format", "xml", "areas"], "xml"),
        (["--config"], "--config"),
        (["init", "--location-id", "x"], "--location-id"),
    ],
)
def test_wrong_usage_is_told_in_two_lines_and_exits_2(program: Program, args: list[str], words: str) -> None:
    ran = program(*args)

    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert len(ran.err.splitlines()) == 2


def test_an_error_with_json_is_one_document_on_stdout_and_words_on_stderr(program: Program) -> None:
    ran = program("areas", "--json")

    assert ran.code == 78
    assert ran.document["error"]["code"] == "config-missing"
    assert set(ran.document["error"]) == {"code", "message", "details", "remedy"}
    assert ran.err.startswith("error: There is no configuration file.")


def test_a_program_error_ends_with_its_exit_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ending(monkeypatch, raising(NeverSynced("downtown", tmp_path)))

    assert run(["status"]) == 3


def test_a_defect_is_one_line_with_type_and_place_and_no_values(
    monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    ending(monkeypatch, raising(ValueError(CANARY)))

    ran = program("status", "--json")

    assert ran.code == 3
    assert "ValueError at run.py:" in ran.document["error"]["message"]
    assert CANARY not in ran.out + ran.err
    assert "Traceback" not in ran.err


def test_a_defect_shows_its_whole_story_with_vv(monkeypatch: pytest.MonkeyPatch, program: Program) -> None:
    program("-vv", "areas")
    ending(monkeypatch, raising(ValueError("the story")))

    assert "Traceback" in program("areas").err


def test_an_interrupt_is_one_line_and_130(monkeypatch: pytest.MonkeyPatch, program: Program) -> None:
    ending(monkeypatch, raising(KeyboardInterrupt()))

    ran = program("areas", "--json")

    assert (ran.code, ran.document["error"]["code"]) == (130, "interrupted")
    assert ran.err.startswith("error: Interrupted.")


def test_a_termination_is_like_an_interrupt_and_143(
    monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def end() -> int:
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError

    ending(monkeypatch, end)

    assert program("areas").code == 143
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_command_may_run_in_any_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, lambda: 5)
    codes: list[int] = []

    thread = threading.Thread(target=lambda: codes.append(run(["areas"])))
    thread.start()
    thread.join()

    assert codes == [5]


def test_the_console_script_ends_with_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, lambda: 65)
    monkeypatch.setattr(sys, "argv", ["alleaves-sync", "areas"])

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with pytest.raises(SystemExit) as caught:
            main()
    finally:  # the end of a process, where no signal matters any more; this one goes on
        for number, handler in before.items():
            signal.signal(number, handler)

    assert caught.value.code == 65


def test_a_reader_that_went_away_ends_it_silently() -> None:
    reader, writer = os.pipe()
    os.close(reader)

    with os.fdopen(writer, "w") as gone:
        ran = subprocess.run(
            [sys.executable, "-m", "alleaves_sync", "--help"],
            cwd=REPOSITORY, stdout=gone, stderr=subprocess.PIPE, check=False, timeout=30,
        )  # fmt: skip

    assert (ran.returncode, ran.stderr) == (141, b"")


def test_a_closed_pipe_within_a_command_is_141(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ending(monkeypatch, raising(BrokenPipeError()))

    assert run(["areas", "--json"]) == 141
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_import_nothing_heavy(option: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "alleaves_sync", option],
        cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip

    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines()}
    assert "typer" in imported
    assert not imported & {"requests", "pydantic", "sqlite_utils", "rich", "yaml", "flask", "phonenumbers"}
