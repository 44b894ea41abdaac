"""`${NAME}`, `.env`, and what becomes of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.config.variables import DotEnv, Variables, escaped, read_dotenv
from alleaves_sync.config.writing import add_to_dotenv
from alleaves_sync.errors import WriteFailed
from tests.config.support import CANARY, config, loaded, location, problems


def expanded(text: str, environ: dict[str, str] | None = None) -> object:
    variables = Variables(environ or {}, DotEnv(Path(".env")))
    value = variables.expand(text)
    assert not variables.problems
    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a${X}b${X}", "a1b1"),
        ("${X:-other}", "1"),
        ("${NONE:-other}", "other"),
        ("${NONE:-}", ""),
        ("${EMPTY:-other}", "other"),
        ("${EMPTY}", ""),
        ("$${X}", "${X}"),
        ("$$${X}", "$${X}"),
        ("$X {X} $", "$X {X} $"),
        ("${NESTED}", "${X}"),
        ("${NONE:-a$b}", "a$b"),
    ],
)
def test_variables_are_replaced_once(text: str, value: str) -> None:
    assert expanded(text, {"X": "1", "EMPTY": "", "NESTED": "${X}"}) == value


@given(st.text())
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    assert expanded(escaped(text)) == text.replace("$${", "$${")


def test_a_value_from_a_variable_may_become_a_number_or_a_truth_value(tmp_path: Path) -> None:
    text = config(location("enabled: ${ON}")).replace("1000", "${LOC}")

    settings = loaded(tmp_path, text, {"PW": "x", "LOC": "1234", "ON": "false"}).locations[0].settings

    assert (settings.alleaves.location_id, settings.enabled) == (1234, False)


def test_a_missing_variable_is_told_with_its_path_once(tmp_path: Path) -> None:
    top = "defaults: {aiq: {venue_id: '${VENUE}'}, inventory: {max_drop: '${DROP}'}}"

    found = problems(tmp_path, config(location(), location(name="up"), top=top), {})

    assert set(found) == {
        "defaults.aiq.venue_id",
        "defaults.inventory.max_drop",
        "locations.downtown.alleaves.password",
        "locations.up.alleaves.password",
    }
    assert "VENUE" in found["defaults.aiq.venue_id"].message


@pytest.mark.parametrize("text", ["${", "${}", "${A-b}", "${1A}", "x${A:-${B}}", "${A"])
def test_a_spelling_that_is_no_variable_is_a_problem(tmp_path: Path, text: str) -> None:
    found = problems(tmp_path, config(location(f"aiq: {{venue_id: '{text}'}}")), {"PW": "x", "B": "x"})

    assert "${NAME}" in found["locations.downtown.aiq.venue_id"].message


def test_a_value_that_came_out_of_a_variable_is_never_shown(tmp_path: Path) -> None:
    text = config(location("menu: ${PW}\nfeed: '${PW}}'")).replace("1000", "${PW}")

    found = problems(tmp_path, text)

    assert "'${PW}'" in found["locations.downtown.alleaves.location_id"].message
    assert "'${PW}'" in found["locations.downtown.menu"].message


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# secrets\nPW='from file'\nexport USER_NAME=shop2\n")
    (tmp_path / ".env").chmod(0o600)
    text = config().replace("username: shop", "username: ${USER_NAME}")

    filed = loaded(tmp_path, text, {}).locations[0].settings.alleaves
    given = loaded(tmp_path, text, {"PW": "from environment"}).locations[0].settings.alleaves

    assert (filed.username, filed.password.get_secret_value()) == ("shop2", "from file")
    assert given.password.get_secret_value() == "from environment"


def test_an_env_file_that_others_can_read_is_warned_of_where_it_is_used(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PW=x\n")
    (tmp_path / ".env").chmod(0o644)

    assert "chmod 600" in loaded(tmp_path, config(), {}).warnings[0]
    assert loaded(tmp_path, config().replace("${PW}", "${OTHER}"), {"OTHER": "x"}).warnings == ()


def test_a_line_of_an_env_file_that_is_no_assignment_is_told_by_its_number(tmp_path: Path) -> None:
    """Without the line itself: it may be a secret that lost its name."""
    (tmp_path / ".env").write_text("# secrets\nPW=x\nlantern and sedge\n")
    found = problems(tmp_path, config())
    assert ".env line 3" in found
    assert "lantern" not in str(found)


@pytest.mark.parametrize("kind", ["folder", "bytes"])
def test_an_env_file_that_cannot_be_read_is_a_problem(tmp_path: Path, kind: str) -> None:
    if kind == "folder":
        (tmp_path / ".env").mkdir()
    else:
        (tmp_path / ".env").write_bytes(b"PW=\xff\n")

    assert ".env" in problems(tmp_path, config())


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_a_secret_comes_back_from_the_env_file_as_it_went_in(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    path = tmp_path_factory.mktemp("env") / ".env"

    assert add_to_dotenv(path, {"PW": value, "NEXT": "1"}) == ()

    assert read_dotenv(path).values == {"PW": value, "NEXT": "1"}
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_an_env_file_has_already_is_kept_and_named(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("PW=old\n# a note")

    assert add_to_dotenv(path, {"PW": CANARY, "PIN": "1"}) == ("PW",)
    assert path.read_text() == "PW=old\n# a note\nPIN='1'\n"
    assert add_to_dotenv(path, {"PIN": "1"}) == ()


def test_an_env_file_that_cannot_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff")

    with pytest.raises(WriteFailed):
        add_to_dotenv(tmp_path / ".env", {"PW": CANARY})
    with pytest.raises(WriteFailed):
        add_to_dotenv(tmp_path / ".env" / "x" / ".env", {"PW": CANARY})
    assert (tmp_path / ".env").read_bytes() == b"\xff"
