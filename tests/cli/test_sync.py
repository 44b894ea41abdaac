"""`sync-inventory` as it is typed: exit codes, words, the JSON document, and silence."""

import json
from typing import Any

import pytest

from alleaves_sync.sandbox import PLANTED_SECRETS, Sandbox
from tests.cli.conftest import Program
from tests.conftest import OpenShop
from tests.shop import LOGIN, NAME, Shop, mapped, plain
from tests.state.support import folder

KEYS = [
    "location", "outcome", "run_id", "rows", "items", "listed", "hidden", "withheld", "created", "updated",
    "zeroed", "unchanged", "rejected", "unmapped_categories", "warnings", "seconds", "error",
]  # fmt: skip
TOKEN = "eyJhbGciOi"  # how every token of the sandbox begins


@pytest.fixture
def store(program: Program, open_shop: OpenShop) -> Shop:
    """A shop whose configuration is where the program looks for it."""
    shop = open_shop()
    assert shop.folder == program.folder
    return shop


@pytest.fixture
def places(store: Shop) -> dict[str, Any]:
    """Settings of a location without a storefront, so that there may be several."""
    return store.entry(aiq={"venue_id": "", "publish_url": None}, feed=None)


# -- the JSON document ---------------------------------------------------------------------------------------


def test_the_document_has_exactly_the_keys_of_the_design(program: Program, store: Shop) -> None:
    ran = program("sync-inventory", "--json")

    assert (ran.code, ran.err) == (0, "")
    assert list(ran.document) == ["locations"]
    (entry,) = ran.document["locations"]
    assert list(entry) == KEYS
    assert (entry["location"], entry["outcome"], entry["error"]) == (NAME, "ok", None)
    assert entry["created"] == len(store.products())
    assert entry["unmapped_categories"]["Category > Wellness Teas"] == 1
    assert all(list(warning) == ["code", "id_item", "message"] for warning in entry["warnings"])
    assert {"terpene-unknown", "negative-stock"} & {warning["code"] for warning in entry["warnings"]}


def test_a_dry_run_lists_its_actions_and_writes_nothing(program: Program, store: Shop) -> None:
    program("sync-inventory")
    cola, gone = store.sandbox.store.special("beverage"), store.sandbox.store.special("adult-only")
    store.sandbox.store.set_stock(cola, 31)
    store.sandbox.store.remove_item(gone)
    new = store.sandbox.store.add_item({"item": "Fresh 1g"}, [{"available": 4, "price_retail": 9}])
    before = folder(program.folder)

    ran = program("sync-inventory", "--dry-run", "--json")

    (entry,) = ran.document["locations"]
    assert (ran.code, list(entry)) == (0, [*KEYS, "actions"])
    assert entry["run_id"] is None
    actions = {action["posProductId"]: action for action in entry["actions"]}
    assert actions[str(cola)] == {
        "posProductId": str(cola),
        "action": "update",
        "fields": {"quantity": [50, 31]},
    }
    assert actions[str(gone)] == {
        "posProductId": str(gone),
        "action": "zero",
        "fields": {"quantity": [12, 0]},
    }
    assert actions[str(new)]["action"] == "create"
    assert actions[str(new)]["fields"]["name"] == [None, "Fresh 1g"]
    assert (entry["created"], entry["updated"], entry["zeroed"]) == (1, 1, 1)
    shown = program("sync-inventory", "--dry-run")
    for text in ("nothing was written", str(cola), "quantity: 50 -> 31", "zero", "create", "Fresh 1g"):
        assert text in shown.out
    assert folder(program.folder) == before


def test_a_first_dry_run_makes_no_file(program: Program, store: Shop) -> None:
    ran = program("sync-inventory", "--dry-run", "--json")
    assert len(ran.document["locations"][0]["actions"]) == len(mapped(store))
    assert [path.name for path in program.folder.iterdir()] == ["config.yaml"]
    assert not store.products()


# -- silence -------------------------------------------------------------------------------------------------


def test_a_good_quiet_run_says_nothing(program: Program, store: Shop) -> None:
    for _ in range(2):
        ran = program("--quiet", "sync-inventory")
        assert (ran.code, ran.out, ran.err) == (0, "", "")
    program("-q", "sync-inventory", "--dry-run")
    assert plain(store.products()) == mapped(store)


def test_a_quiet_run_that_left_something_out_names_it_on_stderr(program: Program, store: Shop) -> None:
    cola = store.sandbox.store.special("beverage")
    store.sandbox.store.set_columns(cola, available="plenty")
    store.fault("reject-products=1:1")
    ran = program("--quiet", "sync-inventory")
    assert (ran.code, ran.out) == (1, "")
    assert f"{NAME}: item {cola}: invalid" in ran.err
    assert "rejected: rejected by the venue" in ran.err
    assert len(ran.err.splitlines()) == 2


@pytest.mark.usefixtures("store")
def test_a_quiet_json_run_prints_the_document_alone(program: Program) -> None:
    ran = program("-q", "sync-inventory", "--json")
    assert ran.document["locations"][0]["outcome"] == "ok"
    assert ran.err == ""


# -- what bad input gets -------------------------------------------------------------------------------------


def failed(program: Program, *args: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the one location's entry, stderr."""
    ran = program("sync-inventory", "--json", *args)
    (entry,) = ran.document["locations"]
    assert list(entry)[: len(KEYS)] == KEYS
    assert "Traceback" not in ran.err
    return ran.code, entry, ran.err


def test_a_wrong_password_is_77_names_account_and_location_and_tries_nothing_else(
    program: Program, store: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLEAVES_PASSWORD", "canary-hunter2")
    code, entry, err = failed(program)
    assert (code, entry["outcome"]) == (77, "failed")
    assert store.sandbox.username in err
    assert f"error: {NAME}: " in err
    assert "  -> Check the user name" in err
    assert store.sandbox.username in entry["error"]
    assert "canary-hunter2" not in err + json.dumps(entry)
    assert dict(store.sandbox.store.journal.calls) == {LOGIN: 1}


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("fault", ["unavailable", "drop", "html", "short-page", "wrong-shape", "error"])
def test_a_service_that_fails_for_good_is_69_and_the_menu_is_untouched(
    program: Program, store: Shop, fault: str
) -> None:
    program("sync-inventory")
    before = store.products(), store.menu(), store.feed.read_bytes()
    store.fault(fault)
    code, entry, err = failed(program)
    assert (code, entry["outcome"]) == (69, "failed")
    assert len(err.splitlines()) == 2
    assert (store.products(), store.menu(), store.feed.read_bytes()) == before


def test_a_service_that_is_not_there_is_69(program: Program, store: Shop) -> None:
    store.write(alleaves={"base_url": "http://127.0.0.1:9/api"}, top={"time_budget_seconds": 0.3})
    code, entry, _ = failed(program)
    assert (code, entry["outcome"]) == (69, "failed")


def test_an_area_that_matches_nothing_is_78_with_the_areas_there_are(program: Program, store: Shop) -> None:
    store.write(areas=["Retial"])
    code, entry, err = failed(program)
    assert (code, entry["outcome"]) == (78, "failed")
    assert "Retial" in err
    assert "  Sales Floor (id" in err
    assert "Sales Floor (id" in entry["error"]


def test_an_empty_pos_is_refused_with_3_and_three_ways_out(program: Program, store: Shop) -> None:
    program("sync-inventory")
    store.sandbox.store.make_empty()
    before = store.products()
    for more in ([], ["--dry-run"]):
        code, entry, err = failed(program, *more)
        assert (code, entry["outcome"]) == (3, "refused")
        assert all(way in err for way in ("correct the stock in Alleaves", "--force", "inventory.max_drop"))
    assert program("-q", "sync-inventory").code == 3
    assert store.products() == before
    ran = program("sync-inventory", "--force")
    assert (ran.code, store.listed()) == (0, set())
    quiet = program("-q", "sync-inventory")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_a_broken_row_is_partial_with_1(program: Program, store: Shop) -> None:
    cola = store.sandbox.store.special("beverage")
    store.sandbox.store.set_columns(cola, available="plenty")
    code, entry, _ = failed(program)
    assert (code, entry["outcome"], entry["error"]) == (1, "partial", None)
    assert cola in [warning["id_item"] for warning in entry["warnings"] if warning["code"] == "invalid"]
    assert entry["created"] > 60


def test_a_broken_configuration_is_78_with_all_its_problems(program: Program, store: Shop) -> None:
    store.write(aeras=["Retail"], menu="both", top={"interval_minutes": -1})
    ran = program("sync-inventory", "--json")
    assert ran.code == 78
    for path in (f"locations.{NAME}.aeras", f"locations.{NAME}.menu", "interval_minutes"):
        assert path in ran.err
    assert list(ran.document) == ["error"]
    assert not store.sandbox.store.journal.requests


def test_a_damaged_state_is_78_and_left(program: Program, store: Shop) -> None:
    store.state.write_text("rubbish\n" * 500)
    before = store.state.read_bytes()
    code, _, err = failed(program)
    assert code == 78
    assert "It was not touched" in err
    assert store.state.read_bytes() == before


def test_a_feed_that_cannot_be_written_is_3(program: Program, store: Shop) -> None:
    store.feed.mkdir()
    code, entry, err = failed(program)
    assert (code, entry["outcome"]) == (3, "failed")
    assert "could not be written" in err


@pytest.mark.usefixtures("store")
def test_an_unknown_location_is_2_and_the_nearest_is_named(program: Program) -> None:
    ran = program("sync-inventory", "-l", "downtwon")
    assert ran.code == 2
    assert f"Did you mean {NAME}?" in ran.err


def test_a_taken_lock_is_no_error(program: Program, store: Shop) -> None:
    """Lesson: mail every 10 minutes."""
    from alleaves_sync.state import RunLock  # noqa: PLC0415 - here only

    with RunLock(store.state, NAME, "inventory"):
        ran = program("sync-inventory", "--json")
        assert (ran.code, ran.err, ran.document["locations"][0]["outcome"]) == (0, "", "locked")
        quiet = program("-q", "sync-inventory")
        assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


# -- several locations ---------------------------------------------------------------------------------------


def outcomes(program: Program, *args: str) -> tuple[int, list[tuple[str, str]]]:
    ran = program("sync-inventory", "--json", *args)
    return ran.code, [(entry["location"], entry["outcome"]) for entry in ran.document["locations"]]


def test_a_failing_location_never_stops_another(
    program: Program, store: Shop, places: dict[str, Any]
) -> None:
    wrong = {**places, "areas": ["Retial"]}
    store.write({"one": wrong, "two": places, "three": places})
    code, found = outcomes(program)
    assert code == 1
    assert found == [("one", "failed"), ("two", "ok"), ("three", "ok")]
    assert program("export", "-l", "three").code == 0


def test_exit_codes_of_several_locations(program: Program, store: Shop, places: dict[str, Any]) -> None:
    wrong = {**places, "areas": ["Retial"]}
    secret = places["alleaves"] | {"username": "nobody@store.invalid"}
    refused = {**places, "alleaves": secret}
    store.write({"one": wrong, "two": wrong})
    assert outcomes(program)[0] == 78
    store.write({"one": wrong, "two": refused})
    assert outcomes(program)[0] == 1
    store.write({"one": places, "two": wrong})
    program("sync-inventory", "-l", "one")
    store.sandbox.store.make_empty()
    assert outcomes(program) == (3, [("one", "refused"), ("two", "ok")])


def test_a_disabled_location_is_named_and_left_alone(
    program: Program, store: Shop, places: dict[str, Any]
) -> None:
    store.write({"one": {**places, "enabled": False}, "two": places})
    assert outcomes(program) == (0, [("one", "disabled"), ("two", "ok")])
    assert outcomes(program, "-l", "one") == (0, [("one", "disabled")])
    assert program("export", "-l", "one").code == 3


def test_locations_are_synced_side_by_side_into_one_state(
    program: Program, store: Shop, places: dict[str, Any]
) -> None:
    store.write({f"place{number}": places for number in range(6)})
    code, found = outcomes(program)
    assert code == 0
    assert [name for name, _ in found] == [f"place{number}" for number in range(6)]
    counts = store.rows("SELECT location, count(*) FROM items WHERE product IS NOT NULL GROUP BY location")
    assert [count for _, count in counts] == [len(mapped(store))] * 6
    chosen = outcomes(program, "-l", "place3", "-l", "place1")[1]
    assert [name for name, _ in chosen] == ["place1", "place3"]


def test_what_needs_a_look_is_told_for_each_location(
    program: Program, store: Shop, places: dict[str, Any]
) -> None:
    store.write({"one": {**places, "areas": ["Retial"]}, "two": places})
    ran = program("sync-inventory")
    assert "error: one: " in ran.err
    assert "two: categories without an AIQ category" in ran.out


@pytest.mark.usefixtures("no_waiting")
def test_of_many_locations_only_those_that_need_a_look_are_shown_and_what_they_share_is_told_once(
    program: Program, store: Shop, places: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLD_PASSWORD", "of last year")
    wrong = {**places, "alleaves": {**places["alleaves"], "password": "${OLD_PASSWORD}"}}
    store.write({f"place{number}": places if number < 16 else wrong for number in range(22)})
    ran = program("sync-inventory")
    assert ran.code == 1
    shown = [line.split()[0] for line in ran.out.splitlines() if line.startswith(("place", "all"))]
    assert shown == [*(f"place{number}" for number in range(16, 22)), "all"]
    assert "16 ok, 6 failed" in ran.out
    assert "16 locations need no look and are not shown" in ran.out
    assert ran.err.count("error: ") == 1
    assert "error: place16, place17, place18 and 3 more: " in ran.err
    assert store.calls(LOGIN) == 2
    status = program("status")
    assert "16 locations need no look and are not shown" in status.out
    assert "place16" in status.out
    assert len(program("status", "--json").document["locations"]) == 22


# -- what a person sees --------------------------------------------------------------------------------------


def test_the_report_says_what_changed_and_what_to_look_at(program: Program, store: Shop) -> None:
    store.fault("reject-products=2:1")
    ran = program("sync-inventory")
    assert ran.code == 1
    for text in (
        "partial",
        "not on the menu: ",
        "rejected by the storefront, sent again by the next run: 2",
        "Category > Wellness Teas (1)",
        "more (--json names all)",
    ):
        assert text in ran.out


# -- secrets -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_waiting")
def test_no_secret_is_ever_seen(program: Program, store: Shop) -> None:
    secrets = [Sandbox.password, Sandbox.api_key, *PLANTED_SECRETS.values()]
    said = ""
    for fault in ("", "reject-products", "error-after", "wrong-password", "wrong-key", "wrong-shape", "html"):
        store.fault(*([fault] if fault else []))
        store.sandbox.store.tick(5)
        for args in (["-vv", "sync-inventory"], ["-vv", "--log-format", "json", "sync-inventory", "--json"]):
            ran = program(*args)
            said += ran.out + ran.err
    for args in (["show-mapping", "--json"], ["export"], ["status", "--json"]):
        said += "".join((ran := program("-vv", *args)).out + ran.err)
    kept = b"".join(path.read_bytes() for path in program.folder.iterdir() if path.name != "config.yaml")
    for secret in [*secrets, TOKEN]:
        assert secret not in said
        assert secret.encode() not in kept
    assert "Bearer" not in said


# -- a log collector -----------------------------------------------------------------------------------------


def test_with_json_log_lines_every_line_of_stderr_is_json_with_run_and_location(
    program: Program, store: Shop
) -> None:
    store.fault("wrong-password")
    ran = program("--log-format", "json", "sync-inventory", "--json")
    (line,) = map(json.loads, ran.err.splitlines())
    (entry,) = ran.document["locations"]
    assert (line["code"], line["level"]) == ("login-refused", "error")
    assert (line["location"], line["run_id"]) == (NAME, entry["run_id"])
    assert line["remedy"].startswith("Check the user name")
    store.fault("reject-products=1")
    ran = program("--log-format", "json", "-q", "sync-inventory")
    (line,) = map(json.loads, ran.err.splitlines())
    assert (line["code"], line["location"]) == ("rejected", NAME)
    assert line["run_id"]


def test_wrong_usage_is_a_json_line_too(program: Program) -> None:
    ran = program("--log-format", "json", "sync-inventory", "--jsn")
    (line,) = map(json.loads, ran.err.splitlines())
    assert (ran.code, line["code"]) == (2, "usage")
