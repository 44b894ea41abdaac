"""The examples of docs/rules.md: what each kind of them says, run through the rules."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from alleaves_sync.aiq import wire
from alleaves_sync.aiq.order_models import Order, Window, fingerprint
from alleaves_sync.aiq.order_source import parse_orders
from alleaves_sync.aiq.order_wire import OrderWire
from alleaves_sync.alleaves.models import Fetched, InventoryRow, Item
from alleaves_sync.alleaves.order_models import Customer, PosLine, PosOrder
from alleaves_sync.alleaves.wire import INVENTORY, ITEMS, decode_saved
from alleaves_sync.config.settings import LocationSettings
from alleaves_sync.errors import RequestRefused, ServerFailed, ServiceError, Unreachable, is_unclear
from alleaves_sync.flows.orders.checks import check, verdict
from alleaves_sync.flows.orders.context import NeedsPerson
from alleaves_sync.flows.orders.lines import Meant, fit
from alleaves_sync.flows.orders.new_order import is_medical
from alleaves_sync.flows.orders.pos_orders import carries
from alleaves_sync.flows.patients.finder import PatientFinder
from alleaves_sync.flows.pos import rules_of
from alleaves_sync.rules.actions import FieldGroup, Known
from alleaves_sync.rules.allocation import allocate, needs_of
from alleaves_sync.rules.mapping import AreaSelection, MappedItem, Rules, map_menu
from alleaves_sync.rules.matching import Found, Match, Person, Several, decide, judge
from alleaves_sync.rules.phones import spellings
from alleaves_sync.rules.plan import make_plan
from alleaves_sync.rules.pricing import agreed_prices, shares
from alleaves_sync.rules.windows import delivery_slot, pickup_slot
from alleaves_sync.state import OrderRecord
from tests.fences import ROOT

PAGE = ROOT / "docs" / "rules.md"
TODAY = date(2026, 2, 1)
Example = dict[str, Any]
_SECTION = re.compile(r"^### (\w+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _documents(text: str) -> Iterator[Example]:
    """The JSON documents of a block, one after the other."""
    decoder = json.JSONDecoder()
    text = text.strip()
    while text:
        document, end = decoder.raw_decode(text)
        yield document
        text = text[end:].lstrip()


def examples() -> Iterator[tuple[str, Example]]:
    """Every example of the page with the rule that it is of; a rule without one comes with nothing."""
    for rule, section in _SECTION.findall(PAGE.read_text(encoding="utf-8")):
        found = [one for block in _BLOCK.findall(section) for one in _documents(block)]
        yield from ((rule, one) for one in found or [{}])


def _plain() -> Example:
    (first,) = _documents(_BLOCK.findall(PAGE.read_text(encoding="utf-8"))[0])
    return first


PLAIN = _plain()


def run(example: Example) -> None:
    """Run one example; an assertion fails where it is not true."""
    for key, judged in _KINDS.items():
        if key in example:
            judged(example)
            return
    raise AssertionError(f"what does it say? {sorted(example)}")


# -- the menu ------------------------------------------------------------------------------------------------


def _settings(example: Example) -> LocationSettings:
    account = {"location_id": 1000, "username": "x", "password": "x"}
    return LocationSettings.model_validate(
        {"areas": ["Retail"], "alleaves": account, **example.get("config", {})}
    )


def _read(example: Example) -> tuple[Fetched[InventoryRow], Fetched[Item]]:
    rows = [{"total_rows": 1} | PLAIN["plain_row"] | row for row in example["rows"]]
    records = [{"id_item": 7} | item for item in example.get("items", [])]
    return (
        decode_saved(INVENTORY, json.dumps(rows).encode()),
        decode_saved(ITEMS, json.dumps(records).encode()),
    )


def _rules(example: Example, rows: Fetched[InventoryRow]) -> Rules:
    settings = _settings(example)
    return rules_of(settings, AreaSelection.of(settings.areas, (), rows.records), TODAY)


def _said(item: MappedItem) -> Example:
    codes = sorted(one.code for one in item.warnings if one.code != "no-catalogue-record")
    product = {} if item.product is None else wire.all_fields(item.product)
    return {**product, "status": item.status, "reasons": list(item.reasons), "warnings": codes}


def _gives(example: Example) -> None:
    rows, records = _read(example)
    found = {str(item.id_item): _said(item) for item in map_menu(rows, records, _rules(example, rows))}
    wanted: Example = example["gives"]
    for key, fields in (wanted if set(wanted) <= set(found) else {"7": wanted}).items():
        told = {name: found[key].get(name) for name in fields}
        assert told == fields
        # What is not spoken of is not wrong.
        assert "warnings" in fields or found[key]["warnings"] == []


def _sends(example: Example) -> None:
    rows, records = _read(example)
    rules = _rules(example, rows)
    plain, _ = _read({"rows": [{}]})
    (item,) = map_menu(plain, Fetched(()), rules)
    assert item.product is not None
    has = wire.parse(json.dumps(wire.all_fields(item.product) | example["aiq_has"]))
    off = {name for name, on in _settings(example).fields.model_dump().items() if not on}
    mapped = map_menu(rows, records, rules, {"7": has} if "price" in off else {})
    plan = make_plan(mapped, {"7": Known(has)}, cast("frozenset[FieldGroup]", frozenset(off)))
    sent = [wire.changed_fields(action.product, action.changed) for action in plan.actions]
    assert sent == ([] if example["sends"] is None else [example["sends"]])


def _unmatched(example: Example) -> None:
    rows, _ = _read(example)
    selection = AreaSelection.of(_settings(example).areas, (), rows.records)
    assert list(selection.unmatched) == example["unmatched_areas"]


# -- orders --------------------------------------------------------------------------------------------------


def _order(changes: Mapping[str, Any]) -> Order:
    whole = PLAIN["plain_order"] | changes
    whole["items"] = [PLAIN["plain_line"] | line for line in whole["items"]]
    (order,) = parse_orders(json.dumps(whole).encode(), OrderWire({}), "example")
    return order


def _ends(example: Example) -> None:
    order, state = _order(example["order"]), example["ledger"]
    record = None
    if state is not None:
        at = datetime.fromisoformat("2026-02-01T12:00:00Z")
        record = OrderRecord("downtown", order.id, state, fingerprint(order), at, at)
    found = verdict(order, record, named=example.get("named", False), retry=False)
    assert (found.outcome if found else None) == example["ends"]
    assert (found.reason if found else "") == example.get("reason", "")


def _is_the_order(example: Example) -> None:
    order = PosOrder(id_order=1, **example["pos_order"])
    assert carries(order, example["aiq_order_id"]) is example["is_the_order"]


def _window(example: Example) -> None:
    window = Window(*(datetime.fromisoformat(text) for text in example["window"]))
    zone = ZoneInfo(example["time_zone"])
    if "delivery" in example:
        slot = delivery_slot(window, zone)
        assert [slot.date.isoformat(), slot.start, slot.end] == example["delivery"]
    else:
        pickup = pickup_slot(window, zone)
        assert [pickup.date.isoformat(), pickup.time] == example["pickup"]


def _needs_attention(example: Example) -> None:
    with pytest.raises(NeedsPerson) as caught:
        check(_order(example["order"]), venue_id=example.get("venue"), zone_is_known=True)
    assert caught.value.reason == example["needs_attention"]


def _takes(example: Example) -> None:
    rows, _ = _read(example)
    found = allocate(needs_of(_order({"items": [example["line"]]})), rows.records, _rules(example, rows))
    assert [[take.id_batch, take.qty] for take in found.takes] == example["takes"]
    assert next((one.reason for one in found.short), None) == example["short"]


def _agreed(example: Example) -> None:
    found = [one.units for one in agreed_prices(_order(example["order"])) if one is not None]
    wanted = [tuple(Decimal(str(price)) for price in line) for line in example["agreed"]]
    assert found == wanted


def _shares(example: Example) -> None:
    found = shares(Decimal(example["line_total"]), [Decimal(qty) for qty in example["batches"]])
    assert list(found) == [Decimal(str(share)) for share in example["shares"]]


def _use_type(example: Example) -> None:
    medical = is_medical(_order(example["order"]), _settings(example))
    assert ("medical" if medical else "adult") == example["use_type"]


def _meant(example: Example) -> None:
    meant = [Meant(key, item, Decimal(qty)) for key, (item, qty) in enumerate(example["meant"])]
    lines = [
        PosLine(id_line=place, id_inventory_item=item, qty=Decimal(qty))
        for place, (item, qty) in enumerate(example["pos_lines"])
    ]
    found = fit(meant, lines, lambda line: line.qty)
    assert (sum(found.missing.values()), len(found.extra)) == (example["missing"], example["extra"])


# -- patients ------------------------------------------------------------------------------------------------


def _looked_up_by(example: Example) -> None:
    nothing = cast("Any", None)  # nobody is asked for what there is to ask by
    finder = PatientFinder(nothing, nothing, _settings({}).patients, nothing, nothing)
    user = _order({"user": {"id": "u1", **example["user"]}}).user
    assert list(finder.kinds(user, medical=example["menu"] == "medical")) == example["looked_up_by"]


def _person(example: Example) -> None:
    found = judge(
        Person(**example["person"]), [Customer(id_customer=1, **example["customer"])], example["by"], "US"
    )
    kinds = {"match": found.matches, "contradicts": found.contradicting, "unclear": found.unclear}
    assert next((kind for kind, profiles in kinds.items() if profiles), "nobody") == example["is"]


def _asked_as(example: Example) -> None:
    assert list(spellings(example["phone"], "US")) == example["asked_as"]


def _decides(example: Example) -> None:
    found = decide([Match(*profile) for profile in example["profiles"]], example["when_several"])
    assert isinstance(found, Found | Several)
    told = list(found.candidates) if isinstance(found, Several) else found.id_customer
    assert told == example["decides"]


def _answer(example: Example) -> None:
    answer, call = example["answer"], ("Alleaves", "POST /customer")
    error: ServiceError
    if answer == "timeout":
        error = Unreachable(*call, "timed out")
    elif answer == 429 or answer >= 500:
        error = ServerFailed(*call, answer)
    else:
        error = RequestRefused(*call, answer)
    assert is_unclear(error) is example["looked_for_first"]


def _never_told(example: Example) -> None:
    order = _order(example["order"])
    for text in example["never_told"]:
        assert text in json.dumps(example["order"])
        assert text not in repr(order)


_KINDS = {
    "gives": _gives,
    "sends": _sends,
    "unmatched_areas": _unmatched,
    "ends": _ends,
    "is_the_order": _is_the_order,
    "window": _window,
    "needs_attention": _needs_attention,
    "takes": _takes,
    "agreed": _agreed,
    "shares": _shares,
    "use_type": _use_type,
    "meant": _meant,
    "looked_up_by": _looked_up_by,
    "person": _person,
    "asked_as": _asked_as,
    "decides": _decides,
    "answer": _answer,
    "never_told": _never_told,
}
