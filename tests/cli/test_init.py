"""`init`: a configuration that works, from options or from a conversation."""

import os
import pty
import select
import subprocess
import sys
import termios
from pathlib import Path

import pytest
import typer

from alleaves_sync.config import load
from alleaves_sync.sandbox import Sandbox
from tests.cli.conftest import Program

REPOSITORY = Path(__file__).parents[2]


def options(sandbox: Sandbox, *more: str) -> list[str]:
    return [
        *("init", "--base-url", sandbox.alleaves_url, "--username", sandbox.username),
        *("--location-id", str(sandbox.location_id), "--area", "Sales Floor", *more),
    ]


def test_without_a_terminal_everything_missing_is_named_at_once(program: Program) -> None:
    ran = program("init")

    assert ran.code == 2
    for name in ("--username", "$ALLEAVES_PASSWORD", "--location-id", "--area"):
        assert name in ran.err
    assert not Path("config.yaml").exists()


def test_options_make_a_private_configuration_that_check_accepts(
    program: Program, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLEAVES_PASSWORD", sandbox.password)
    monkeypatch.setenv("AIQ_API_KEY", sandbox.api_key)
    aiq = ["--aiq-base-url", sandbox.aiq_url, "--venue-id", sandbox.venue_id, "--feed", "./{location}.json"]

    ran = program(*options(sandbox, "--write-env", "--menu", "medical", *aiq))

    assert ran.code == 0, ran.err
    config, env = Path("config.yaml"), Path(".env")
    assert (config.stat().st_mode & 0o777, env.stat().st_mode & 0o777) == (0o600, 0o600)
    assert sandbox.password not in config.read_text() + ran.out + ran.err
    monkeypatch.delenv("ALLEAVES_PASSWORD")
    monkeypatch.delenv("AIQ_API_KEY")
    (place,) = load(config, {}).locations
    assert (place.name, place.settings.menu) == ("example-store", "medical")
    assert program("check").code == 0


def test_user_name_and_secrets_of_the_environment_stay_variables(
    program: Program, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLEAVES_USERNAME", sandbox.username)
    monkeypatch.setenv("ALLEAVES_PASSWORD", sandbox.password)

    args = options(sandbox, "--name", "hill", "-o", "sub/shop.yaml")
    args.remove("--username")
    args.remove(sandbox.username)
    ran = program(*args)

    assert ran.code == 0, ran.err
    assert "username: ${ALLEAVES_USERNAME}" in Path("sub/shop.yaml").read_text()
    assert "Set in the environment" in ran.err
    assert not Path("sub/.env").exists()
    assert program("-c", "sub/shop.yaml", "check").code == 0


def test_offline_needs_no_login_and_no_password(program: Program) -> None:
    ran = program(
        "init", "--offline", "--username", "shop", "--location-id", "5", "--area", "12", "--area", "a: b"
    )

    assert ran.code == 0, ran.err
    settings = load(Path("config.yaml"), {"ALLEAVES_PASSWORD": "x"})
    assert settings.locations[0].settings.areas == ("12", "a: b")
    assert settings.locations[0].name == "main"


def test_a_configuration_that_is_there_is_only_replaced_by_force(program: Program) -> None:
    Path("config.yaml").write_text("mine")
    args = ["init", "--offline", "--username", "shop", "--location-id", "5", "--area", "12"]

    assert program(*args).code == 2
    assert Path("config.yaml").read_text() == "mine"
    assert program(*args, "--force").code == 0
    assert program(*args, "--force", "--output", ".").code == 2


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (("--location-id", "77"), 78, "Example Store"),
        (("--area", "Retial"), 78, "Sales Floor (id"),
        (("--base-url", "http://pos.example"), 2, "--base-url"),
        (("--name", "a b"), 78, "no name for a location"),
        (("--publish-url", "https://x.example"), 78, "needs aiq.api_key and aiq.venue_id"),
    ],
)
def test_answers_that_do_not_fit_are_told_and_nothing_is_written(
    program: Program,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    change: tuple[str, str],
    code: int,
    words: str,
) -> None:
    monkeypatch.setenv("ALLEAVES_PASSWORD", sandbox.password)

    ran = program(*options(sandbox, *change))

    assert (ran.code, words in ran.err) == (code, True), ran.err
    assert list(program.folder.iterdir()) == []


def test_a_refused_login_writes_nothing(
    program: Program, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLEAVES_PASSWORD", "canary-hunter2")

    ran = program(*options(sandbox))

    assert ran.code == 77
    assert "canary" not in ran.out + ran.err
    assert list(program.folder.iterdir()) == []


def test_an_env_file_with_another_password_is_kept_and_told(
    program: Program, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLEAVES_PASSWORD", sandbox.password)
    Path(".env").write_text("ALLEAVES_PASSWORD=old\n")

    ran = program(*options(sandbox, "--write-env"))

    assert ran.code == 0
    assert "another ALLEAVES_PASSWORD already" in ran.err
    assert Path(".env").read_text() == "ALLEAVES_PASSWORD=old\n"


class Answering:
    """Answers prompts by the words they hold; keeps what was asked."""

    def __init__(self, answers: list[tuple[str, str]]) -> None:
        self._answers = answers

    def __call__(self, question: str, **_options: object) -> str:
        words, answer = self._answers.pop(0)
        assert words in question, question
        return answer

    def done(self) -> bool:
        return not self._answers


def answering(monkeypatch: pytest.MonkeyPatch, *answers: tuple[str, str]) -> Answering:
    script = Answering(list(answers))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr(typer, "prompt", script)
    monkeypatch.setattr(typer, "confirm", lambda question, **_options: "Keep the password" in question)
    return script


def test_a_conversation_offers_the_locations_and_areas(
    program: Program, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = answering(
        monkeypatch,
        ("user name", ""),
        ("user name", sandbox.username),
        ("password", sandbox.password),
        ("pin", sandbox.pin),
        ("Location", "9"),
        ("Location", "1"),
        ("Areas", "1,x"),
        ("Areas", "1, 2"),
        ("Your name", "hill"),
        ("Menu", "2"),
        ("venue", sandbox.venue_id),
        ("API key", sandbox.api_key),
    )

    ran = program("init", "--base-url", sandbox.alleaves_url, "--aiq-base-url", sandbox.aiq_url)

    assert ran.code == 0, ran.err
    assert script.done()
    (place,) = load(Path("config.yaml"), {}).locations
    assert (place.name, place.settings.menu) == ("hill", "medical")
    assert len(place.settings.areas) == 2
    assert place.settings.alleaves.password.get_secret_value() == sandbox.password
    assert place.settings.aiq.api_key is not None
    monkeypatch.undo()


def test_a_conversation_without_a_login_asks_for_what_it_cannot_look_up(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = answering(
        monkeypatch,
        ("user name", "shop"),
        ("Id of the location", "x"),
        ("Id of the location", "12"),
        ("Areas", "Retail, Front ,"),
        ("Your name", "hill"),
        ("Menu", "1"),
        ("venue", ""),
    )

    assert program("init", "--offline").code == 0
    assert script.done()
    settings = load(Path("config.yaml"), {"ALLEAVES_PASSWORD": "x"}).locations[0].settings
    assert settings.areas == ("Retail", "Front")


@pytest.mark.usefixtures("program")
def test_on_a_real_terminal_the_password_is_not_shown(sandbox: Sandbox) -> None:
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "alleaves_sync", "init", "--base-url", sandbox.alleaves_url],
        stdin=slave, stdout=subprocess.PIPE, stderr=slave, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "TERM": "dumb"},
    )  # fmt: skip
    os.close(slave)
    seen = ""
    for question, answer in [
        ("user name", sandbox.username),
        ("password, not shown", sandbox.password),
        ("pin, not shown", ""),
        ("Location (number)", ""),
        ("with commas between)", "1"),
        ("Your name", ""),
        ("Menu (number)", "1"),
        ("venue id", ""),
        ("Keep the password", "n"),
    ]:
        seen += _until(master, question)
        if "not shown" in question:
            _until_hidden(master)
        os.write(master, f"{answer}\n".encode())
    seen += _until(master, "Next: alleaves-sync check")
    with child:
        out, _ = child.communicate(timeout=30)
    os.close(master)

    assert (child.returncode, out) == (0, b"")
    assert sandbox.password not in seen
    assert Path("config.yaml").exists()
    assert not Path(".env").exists()


def _until(terminal: int, words: str) -> str:
    """What comes from the terminal until `words`."""
    seen = ""
    while words not in seen:
        ready, _, _ = select.select([terminal], [], [], 20)
        assert ready, f"no {words!r} in {seen!r}"
        seen += os.read(terminal, 4096).decode()
    return seen


def _until_hidden(terminal: int) -> None:
    """Until the terminal no longer shows what is typed."""
    for _ in range(1000):
        if not termios.tcgetattr(terminal)[3] & termios.ECHO:
            return
        select.select([], [], [], 0.01)
    raise AssertionError("what is typed is shown")
