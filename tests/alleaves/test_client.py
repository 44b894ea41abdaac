"""What the client asks for, and what it gives."""

import subprocess
import sys

import pytest

import alleaves_sync.alleaves as package
from alleaves_sync.alleaves import Area, PosLocation
from alleaves_sync.alleaves.client import AlleavesClient
from alleaves_sync.errors import ReadIncomplete, WrongAnswer
from alleaves_sync.transport import Budget
from tests.alleaves.pos import Pos, client, row, rows, settings
from tests.loopback import Loopback, reply

LOCATION = {
    "id_location": 1000,
    "location": "Example Store",
    "timezone": "America/New_York",
    "active": True,
    "metrc_system_api_key": "s3cret-metrc",
    "vt_client_secret": "s3cret-vt",
}


def test_locations_come_without_their_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with Loopback(Pos(lists={"/location": reply([LOCATION])})) as server, client(server) as alleaves:
        locations = alleaves.locations()
    assert locations == (PosLocation(1000, "Example Store", "America/New_York", active=True),)
    assert "s3cret" not in repr(locations) + caplog.text


def test_a_location_of_another_shape_is_told_without_its_secrets() -> None:
    wrong = LOCATION | {"id_location": "s3cret-id"}
    with Loopback(Pos(lists={"/location": reply([wrong])})) as server, client(server) as alleaves:
        with pytest.raises(WrongAnswer) as caught:
            alleaves.locations()
        assert caught.value == WrongAnswer(
            "Alleaves", "GET /location", "0.id_location", "is not a whole number"
        )
        assert "s3cret" not in repr(caught.value)


def test_areas_are_those_of_the_location() -> None:
    areas = [{"id_area": 7, "name": "Sales Floor ", "id_location": 1000, "deleted": False}]
    with Loopback(Pos(lists={"/inventory/area": reply(areas)})) as server, client(server) as alleaves:
        assert alleaves.areas() == (Area(7, "Sales Floor "),)
    assert server.asked[-1].query == {"id_location": "1000"}


def test_inventory_asks_page_by_page_for_the_location() -> None:
    told: list[tuple[str, int, int]] = []
    pos = Pos(records=rows(501))
    with Loopback(pos) as server, client(server, on_page=lambda *page: told.append(page)) as alleaves:
        fetched = alleaves.inventory()
    assert [asked.json() for asked in server.asked[1:]] == [
        {"skip": 0, "take": 500, "id_location": 1000},
        {"skip": 500, "take": 500, "id_location": 1000},
    ]
    assert {asked.path for asked in server.asked[1:]} == {"/inventory/search"}
    assert (len(fetched.records), fetched.total) == (501, 501)
    assert told == [("inventory", 500, 501), ("inventory", 501, 501)]


def test_items_are_read_from_their_own_search() -> None:
    pos = Pos(records=[{"id_item": number, "item": "x"} for number in range(3)])
    with Loopback(pos) as server, client(server) as alleaves:
        assert [item.id_item for item in alleaves.items().records] == [0, 1, 2]
    assert [(asked.path, asked.json()["skip"]) for asked in server.asked[1:]] == [
        ("/inventory/item/search", 0),
        ("/inventory/item/search", 3),
    ]


def test_a_broken_row_is_told_beside_the_good_ones() -> None:
    records = [row(n, total_rows=3) for n in range(2)] + [row(2, total_rows=3, available="plenty")]
    with Loopback(Pos(records=records)) as server, client(server) as alleaves:
        fetched = alleaves.inventory()
    assert [record.id_batch for record in fetched.records] == [0, 1]
    assert [(bad.id_item, bad.field) for bad in fetched.invalid] == [(4002, "available")]
    assert fetched.total == 3


def test_a_read_without_proof_is_an_error() -> None:
    """Lesson: a short POS answer set the whole shop's stock to zero."""
    with Loopback(Pos(records=rows(501)[:-1])) as server, client(server) as alleaves:
        with pytest.raises(ReadIncomplete) as caught:
            alleaves.inventory()
        assert caught.value == ReadIncomplete("Alleaves", "POST /inventory/search", 500, 501, 3)


def test_the_clock_and_the_waiting_of_the_world_are_the_default() -> None:
    with Loopback(Pos(records=[])) as server, AlleavesClient(settings(server), Budget(30)) as alleaves:
        assert alleaves.inventory().total == 0
        assert alleaves.items().total == 0


def test_importing_the_package_loads_no_http_library_and_builds_nothing() -> None:
    program = (
        "import sys, alleaves_sync.alleaves as a; a.InventoryRow;"
        "assert 'requests' not in sys.modules;"
        "a.AlleavesClient; from alleaves_sync.alleaves import wire; assert wire._ADAPTERS == {}"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_package_has_nothing_else_to_offer() -> None:
    assert package.AlleavesClient is AlleavesClient
    with pytest.raises(AttributeError):
        package.Nonsense  # noqa: B018
