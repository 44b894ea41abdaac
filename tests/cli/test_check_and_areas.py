"""`check` and `areas` against the sandbox."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from alleaves_sync.config import load
from alleaves_sync.flows import pos
from alleaves_sync.flows.pos import utc_now
from alleaves_sync.flows.setup.check import check_location
from alleaves_sync.sandbox import Sandbox
from tests.cli.conftest import Program, write_config

ONLINE = ["config", "login", "location", "areas", "clock", "storefront", "state"]


def test_a_good_configuration_passes_every_check_and_leaves_no_trace(
    program: Program, store: Sandbox
) -> None:
    ran = program("check", "--json")

    assert (ran.code, ran.err) == (0, "")
    checks = ran.document["checks"]
    assert [check["name"] for check in checks] == ONLINE
    assert all(check["ok"] and check["message"] and not check["remedy"] for check in checks)
    assert [check["location"] for check in checks] == [None, *["downtown"] * 6]
    assert [path.name for path in program.folder.iterdir()] == ["config.yaml"]
    assert program("--quiet", "check").out == ""
    assert store.password not in program("-vv", "check").err


def test_offline_only_configuration_and_files_are_looked_at(program: Program, sandbox: Sandbox) -> None:
    write_config(program.folder, sandbox, "  up: {feed: menu.json}\n")
    (program.folder / ".env").write_text("ALLEAVES_PASSWORD=x\n")

    ran = program("--quiet", "check", "--offline", "--json", "-l", "up")

    assert [check["name"] for check in ran.document["checks"]] == ["config", "state", "feed"]
    assert ran.code == 0


def test_a_refused_login_is_77_and_names_the_account(
    program: Program, store: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLEAVES_PASSWORD", "canary-hunter2")

    ran = program("check", "--json")

    failed = [check for check in ran.document["checks"] if not check["ok"]]
    assert ran.code == 77
    assert [check["name"] for check in failed] == ["login"]
    assert store.username in failed[0]["message"]
    assert failed[0]["remedy"]
    assert "canary-hunter2" not in ran.out + ran.err


def test_an_unknown_location_and_unmatched_areas_are_78(program: Program, store: Sandbox) -> None:
    path = program.folder / "config.yaml"
    good = path.read_text()

    path.write_text(good.replace("[Retail]", "[Retial]"))
    areas = program("check")
    path.write_text(good.replace(str(store.location_id), "77"))
    location = program("check")

    assert (areas.code, location.code) == (78, 78)
    assert "FAILED  downtown  areas" in areas.out
    assert "Sales Floor (id" in areas.out
    assert "FAILED  downtown  location" in location.out


def test_a_service_that_does_not_answer_is_69(program: Program, store: Sandbox) -> None:
    path = program.folder / "config.yaml"
    text = path.read_text().replace(store.alleaves_url, "http://127.0.0.1:9/api")
    path.write_text(f"time_budget_seconds: 1\n{text}")

    ran = program("check", "--json")

    assert ran.code == 69
    assert [check["name"] for check in ran.document["checks"]] == ["config", "login", "storefront", "state"]


def test_the_storefront_is_asked_where_a_key_is_configured(
    program: Program, store: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = program.folder / "config.yaml"
    path.write_text(
        path.read_text().replace(
            "  aiq:\n", f"  aiq:\n    api_key: ${{AIQ_API_KEY}}\n    venue_id: {store.venue_id}\n"
        )
    )
    monkeypatch.setenv("AIQ_API_KEY", store.api_key)
    good = program("check")
    monkeypatch.setenv("AIQ_API_KEY", "wrong-key")
    bad = program("check")

    assert good.code == 0
    assert f"venue {store.venue_id}" in good.out
    assert bad.code == 77
    assert "wrong-key" not in bad.out + bad.err


@pytest.mark.usefixtures("store")
def test_files_that_may_not_be_written_are_told(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program.folder / "config.yaml"
    path.write_text(path.read_text().replace("  areas:", "  feed: new/menu.json\n  areas:"))
    monkeypatch.setattr(os, "access", lambda *_args: False)

    ran = program("check", "--offline", "--json")

    assert [check["ok"] for check in ran.document["checks"]] == [True, False, False]
    assert all(check["remedy"] for check in ran.document["checks"][1:])


@pytest.mark.usefixtures("store")
def test_a_state_file_that_is_none_and_a_feed_that_is_a_folder_are_told(program: Program) -> None:
    (program.folder / "state.db").write_text("this is no database, but it is long enough to look at" * 20)
    path = program.folder / "config.yaml"
    path.write_text(path.read_text().replace("  areas:", "  feed: .\n  areas:"))

    ran = program("check", "--offline", "--json")

    assert [check["ok"] for check in ran.document["checks"]] == [True, False, False]
    assert ran.code == 3


def test_every_problem_of_the_configuration_is_a_failed_check(program: Program) -> None:
    Path("config.yaml").write_text("zzz: 1\nlocations: {}\n")

    ran = program("check", "--json")

    assert ran.code == 78
    assert [check["name"] for check in ran.document["checks"]] == ["config", "config"]
    assert ran.document["error"]["code"] == "config-invalid"
    assert program("check").out.count("FAILED") == 2


@pytest.mark.usefixtures("store")
def test_the_areas_are_shown_with_their_stock(program: Program) -> None:
    ran = program("areas", "--json")

    assert (ran.code, ran.err) == (0, "")
    (place,) = ran.document["locations"]
    assert place["location"] == "downtown"
    first = max(place["areas"], key=lambda area: area["items"])
    assert list(first) == ["id_area", "name", "path", "type", "items", "available", "selected"]
    assert first["items"] > 5
    assert first["available"] > 0
    assert {area["selected"] for area in place["areas"]} == {
        area["type"] == "Retail" for area in place["areas"]
    }
    assert "Sales Floor" in program("areas").out


@pytest.mark.usefixtures("store")
def test_a_spelling_that_matches_no_area_is_a_warning_where_one_looks_it_up(program: Program) -> None:
    path = program.folder / "config.yaml"
    path.write_text(path.read_text().replace("[Retail]", "[Retail, Retial]"))

    ran = program("areas")

    assert ran.code == 0
    assert "warning: locations.downtown.areas: 'Retial'" in ran.err
    assert program("-q", "areas").err == ""


def test_a_failing_location_does_not_stop_the_next(program: Program, store: Sandbox) -> None:
    write_config(
        program.folder, store, f"  broken: {{alleaves: {{location_id: {store.location_id + 900}}}}}\n"
    )

    ran = program("areas", "--json")
    only = program("areas", "--json", "-l", "brok*")

    assert ran.code == 1
    good, bad = ran.document["locations"]
    assert good["areas"]
    assert bad["areas"] == []
    assert str(store.location_id + 900) in bad["error"]
    assert "error: broken: " in ran.err
    assert (only.code, only.document["error"]["code"]) == (78, "pos-location-unknown")


def test_locations_are_chosen_by_name_and_glob_and_disabled_ones_only_so(
    program: Program, store: Sandbox
) -> None:
    names = ("north-1", "north-2", "south")
    write_config(program.folder, store, "  off: {enabled: false}\n", names)

    def chosen(*args: str) -> list[str]:
        document = program("check", "--offline", "--json", *args).document
        return [check["location"] for check in document["checks"] if check["name"] == "state"]

    assert chosen() == ["north-1", "north-2", "south"]
    assert chosen("-l", "south", "-l", "north-*") == ["north-1", "north-2", "south"]
    assert chosen("-l", "off") == ["off"]
    unknown = program("check", "--offline", "-l", "nort-1")
    assert unknown.code == 2
    assert "Did you mean north-1?" in unknown.err


@pytest.mark.usefixtures("store")
def test_warnings_of_the_configuration_are_said_unless_quiet(program: Program) -> None:
    path = program.folder / "config.yaml"
    path.write_text(path.read_text().replace("${ALLEAVES_PASSWORD}", "canary-hunter2"))
    path.chmod(0o600)

    assert "warning: defaults.alleaves.password is written" in program("check", "--offline").err
    assert "canary" not in program("-v", "check", "--offline").err
    assert program("-q", "check", "--offline").err == ""


@pytest.mark.parametrize(("seconds", "words"), [(900, "s ahead of"), (-900, "s behind"), (5, "agrees")])
def test_a_wrong_clock_is_told(program: Program, store: Sandbox, seconds: int, words: str) -> None:
    (place,) = load(program.folder / "config.yaml", {"ALLEAVES_PASSWORD": store.password}).locations

    found = {
        check.name: check for check in check_location(place, lambda: utc_now() + timedelta(seconds=seconds))
    }

    assert words in found["clock"].message
    assert found["clock"].ok is (seconds == 5)


@pytest.mark.usefixtures("store")
def test_a_wrong_clock_needs_a_person(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pos, "utc_now", lambda: utc_now() + timedelta(hours=1))

    ran = program("check", "--json")

    (failed,) = [check for check in ran.document["checks"] if not check["ok"]]
    assert (ran.code, failed["name"], failed["remedy"]) == (
        3,
        "clock",
        "Switch time synchronisation (NTP) on.",
    )


def test_commands_that_go_from_location_to_location_log_in_once_for_an_account(
    program: Program, store: Sandbox
) -> None:
    write_config(program.folder, store, names=("one", "two", "three"))
    before = store.store.journal.calls["POST /api/auth"]
    assert program("areas").code == 0
    assert store.store.journal.calls["POST /api/auth"] == before + 1
