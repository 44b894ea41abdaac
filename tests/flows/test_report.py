"""report: what the state file tells of a location, and that nothing of it fails the others."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alleaves_sync.errors import StateUnusable, Unreachable
from alleaves_sync.flows.report.report import Facts, LocationReport, make_report
from alleaves_sync.state import ChangeAction, ChangeRecord, ItemRecord, OrderRecord, RunRecord, StateFile
from tests.conftest import OpenShop
from tests.flows.test_report_parts import stock
from tests.report_support import places
from tests.state.support import HERE, NOW, damage_the_items, item, product, run


def write(
    folder: Path, *items: ItemRecord, at: RunRecord | None = None, changes: tuple[ChangeRecord, ...] = ()
) -> None:
    """What one run left in the state file."""
    with StateFile.open(folder / "state.db") as state:
        state.record(HERE, at or run(), items, changes)


def report(folder: Path, hours: float = 1) -> LocationReport:
    """The report of the one location, so many hours after NOW."""
    (found,) = make_report(places(folder, HERE), clock=lambda: NOW + timedelta(hours=hours)).locations
    return found


def facts(folder: Path, hours: float = 1) -> Facts:
    """What the state file tells of it."""
    found = report(folder, hours)
    assert found.problems == ()
    assert found.facts is not None
    return found.facts


def changed(number: int, action: ChangeAction = "update", **fields: tuple[object, object]) -> ChangeRecord:
    return ChangeRecord("run-1", str(number), action, json.dumps(fields), NOW)


def test_a_location_that_never_ran_has_nothing_and_gets_no_file(tmp_path: Path) -> None:
    found = facts(tmp_path)
    assert found.status.needs_a_person
    assert (found.changes.products, found.off_menu, found.over_time) == (0, (), ())
    assert (found.unmapped.total, found.orders.total) == (0, 0)
    assert not (tmp_path / "state.db").exists()


def test_changes_are_those_of_the_last_24_hours_with_the_names_of_now(tmp_path: Path) -> None:
    write(tmp_path, item(1), changes=(changed(1, quantity=(3, 0)), changed(9, "create", name=(None, "Gone"))))
    found = facts(tmp_path, hours=24).changes
    assert [(one.pos_product_id, one.name) for one in found.taken_off.shown] == [("1", "Product 1")]
    assert [one.name for one in found.created.shown] == ["Gone"]
    assert facts(tmp_path, hours=24.1).changes.products == 0


def test_reasons_are_counted_with_the_first_items_by_number(tmp_path: Path) -> None:
    """P7: an item with two reasons counts under both; one without an answer has none."""
    write(
        tmp_path,
        item(1),
        *(item(number, "hidden", ("out-of-stock",)) for number in range(30, 8, -1)),
        item(40, "withheld", ("no-price", "other-menu-type"), json_text=None),
        item(41, "withheld", ("no-price",), json_text=None),
        replace(item(50, "hidden", json_text=None), attempted=product(50)),
    )
    found = facts(tmp_path).off_menu
    assert [(one.status, one.reason, one.count) for one in found] == [
        ("hidden", "out-of-stock", 22),
        ("hidden", "", 1),
        ("withheld", "no-price", 2),
        ("withheld", "other-menu-type", 1),
    ]
    assert [key for key, _ in found[0].examples] == [str(number) for number in range(9, 17)]
    assert {key for key, _ in found[2].examples} == {"40", "41"}
    assert facts(tmp_path).status.pending == 1


def test_unmapped_categories_come_most_items_first(tmp_path: Path) -> None:
    """C4."""
    write(
        tmp_path,
        *(replace(item(number), pos_category="Teas" if number < 4 else "Gear") for number in range(6)),
    )
    found = facts(tmp_path)
    assert found.unmapped.shown == (("Teas", 4), ("Gear", 2))
    assert found.unmapped_items == 6


def test_an_order_tells_its_code_word_and_nothing_else(tmp_path: Path) -> None:
    """U6: whatever a file may hold as a reason, free text does not reach the page."""
    order = OrderRecord(HERE, "abc-1", "failed", "print", NOW, NOW, reason="no-stock")
    with StateFile.open(tmp_path / "state.db") as state:
        state.save_order(order)
        state.save_order(replace(order, order_id="abc-2", reason="Ask Mrs. Example, 518 555 0100"))
        state.save_order(replace(order, order_id="abc-3", state="pushed", reason=None))
    found = facts(tmp_path).orders
    assert [(one.order_id, one.state, one.reason) for one in found.shown] == [
        ("abc-1", "failed", "no-stock"),
        ("abc-2", "failed", ""),
    ]


def test_runs_of_seven_days_with_what_ran_out_and_came_back(tmp_path: Path) -> None:
    """A new product did not come back; one whose quantity only moved did neither."""
    ended = replace(run(), ended_at=NOW, seconds=2.5, hidden=7)
    write(
        tmp_path,
        at=ended,
        changes=(
            changed(1, quantity=(3, 0)),
            changed(2, "zero", quantity=(1, 0)),
            changed(3, quantity=(0, 4)),
            changed(4, "create", quantity=(None, 4)),
            changed(5, quantity=(4, 3), price=(1, 2)),
        ),
    )
    (period,) = facts(tmp_path, hours=0.01).over_time
    assert (period.runs, period.ran_out, period.came_back) == (1, 2, 1)
    assert (period.typical, period.longest, period.hidden, period.troubled) == (2.5, 2.5, 7, 0)
    assert len(facts(tmp_path, hours=24 * 7).over_time) <= 30
    assert facts(tmp_path, hours=24 * 7 + 0.1).over_time == ()


def test_many_locations_each_take_less_room(tmp_path: Path) -> None:
    names = [f"store-{number}" for number in range(11)]
    assert (
        make_report(places(tmp_path, *names)).limits.changes
        < make_report(places(tmp_path, HERE)).limits.changes
    )


def test_a_damaged_file_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    with StateFile.open(tmp_path / "uptown.db") as state:
        state.record("uptown", replace(run(), location="uptown"), [item(n) for n in range(400)], ())
    damage_the_items(tmp_path / "uptown.db")
    one, two = places(tmp_path, "uptown", "downtown", top="")
    broken = one.model_copy(update={"state": tmp_path / "uptown.db"})
    first, second = make_report((broken, two)).locations
    assert isinstance(first.problem, StateUnusable)
    assert first.facts is None
    assert second.problems == ()


@pytest.mark.parametrize("fields", ['{"quantity": [1]}', "[1, 2]", '{"quantity": 1}', "rubbish"])
def test_changes_in_an_unknown_form_are_a_damaged_file(tmp_path: Path, fields: str) -> None:
    write(tmp_path, item(1), changes=(ChangeRecord("run-1", "1", "update", fields, NOW),))
    problem = report(tmp_path).problem
    assert isinstance(problem, StateUnusable)
    assert problem.reason == "corrupt"


@pytest.mark.usefixtures("no_waiting")
def test_the_audit_fails_by_itself_and_a_disabled_location_is_not_asked(open_shop: OpenShop) -> None:
    shop = open_shop()
    entry = shop.entry(aiq={"venue_id": "", "publish_url": None}, feed=None)
    down = {**entry, "alleaves": {**entry["alleaves"], "base_url": "http://127.0.0.1:9/api"}}
    shop.write({"good": entry, "down": down, "off": {**entry, "enabled": False}})
    locations = stock(shop)
    good, bad, off = make_report(locations, with_audit=True).locations
    assert good.audit is not None
    assert good.audit.counts["no-price"] > 0
    assert isinstance(bad.audit_problem, Unreachable)
    assert bad.facts is not None
    assert (off.audit, off.problems) == (None, ())
    assert all(one.audit is None for one in make_report(locations).locations)
