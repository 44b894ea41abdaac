"""The online orders of a world: who orders what, the pushes, and what must be true of the POS after them."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from alleaves_sync.errors import AlleavesSyncError
from alleaves_sync.flows.menu.sync_location import sync_inventory
from alleaves_sync.flows.orders.run import PushRun, Wanted, push_orders
from alleaves_sync.state import OrderRecord, StateFile
from tests.faults.events import Trouble
from tests.faults.people import CHANGED, is_of, private, same_person
from tests.faults.world import World

Json = dict[str, Any]
CONFIRMED: Final = Wanted(confirmed=True)
#: So much of everything that only an order for more cannot be filled.
PLENTY: Final = 500

#: What a reason to wait needs to have happened to the order.
_EXPLAINED_BY: Final = {
    "shipping": {"shipping"},
    "no-identifier": {"nameless"},
    "no-name": {"nameless"},
    "several-profiles": {"copied customer"},
    "contents-changed": {"changed"},
    "cancelled-in-aiq": {"cancelled"},
    "voided-in-pos": {"void"},
    "closed-in-pos": {"complete", "cancel", "void"},
    "not-confirmed": {"cancelled"},
    "verify-mismatch": {"cancel", "changed"},
}


_CANNOT_BE_FILLED: Final = {"unfillable", "unknown", "void", "changed", "sold out"}
#: The order in AIQ is no longer what was pushed, and the ledger says so.
_OTHERS_THAN_PUSHED: Final = {"contents-changed", "cancelled-in-aiq"}


class OrderWorld(World):
    """A shop with customers of every kind. `happened` is what befell each order, by its id."""

    def __init__(self) -> None:
        super().__init__(customers=40)
        box = self.sandbox
        url = f"{box.aiq_url}/orders/{{id}}/pos"
        self.configure(aiq={"order_status_url": url}, alleaves={"pin": "${ALLEAVES_PIN}"})
        rows = [row for row in box.store.rows() if row["available"] > 1]
        self._places = [(row["id_batch"], row["id_area"]) for row in rows]
        self.fill_shelves(PLENTY)
        self.happened: dict[str, set[str]] = {}
        self.copies = 0
        self.first_customers = {one["id_customer"] for one in box.store.pos_customers()}

    # -- what customers and staff do -------------------------------------------------------------------------

    def order(self, kind: str) -> None:
        """Somebody orders."""
        store = self.sandbox.store
        ordinary = kind in ("plain", "stranger", "patient", "nobody", "unknown", "again")
        order = store.next_aiq_order(None if ordinary else kind)
        change = CHANGED.get(kind)
        if change is not None:
            change(order, self._users())
            store.add_aiq_order(order)
        nameless = not (order["user"]["phone"] or order["user"]["medicalId"])
        self.happened[order["id"]] = {kind} | ({"nameless"} if nameless else set())
        self.secrets += private(order)

    def _users(self) -> list[Json]:
        return [one["user"] for one in self.sandbox.store.aiq_orders()]

    def change_order(self, number: int, what: str) -> None:
        """The customer calls it off, confirms it, or wants another amount."""
        orders = self.sandbox.store.aiq_orders()
        if not orders:
            return
        order = orders[number % len(orders)]
        if what == "cancelled":
            order["status"] = "CANCELLED"
        elif what == "confirmed" and order["status"] == "PENDING":
            order["status"] = "CONFIRMED"
        elif what == "changed" and order["status"] == "CONFIRMED":
            first = order["items"][0]
            more = first | {"quantity": first["quantity"] + 1}
            price = first["priceWithDiscounts"]
            order |= {"items": [more, *order["items"][1:]], "total": round(order["total"] + price, 2)}
            order["subtotal"] = round(order["subtotal"] + first["price"], 2)
            order["discountTotal"] = round(order["subtotal"] - order["total"], 2)
        else:
            return
        order["modified"] = f"{self.now:%Y-%m-%dT%H:%M:%S}Z"
        self.sandbox.store.add_aiq_order(order)
        self.happened[order["id"]].add(what)

    def staff(self, number: int, flag: str) -> None:
        """An order is packed, completed or called off at the till."""
        orders = [one for one in self.sandbox.store.pos_orders() if not (one["complete"] or one["void"])]
        if orders:
            order = orders[number % len(orders)]
            self.sandbox.store.set_pos_order(order["id_order"], **{flag: True})
            self.happened[order["id_external"]].add(flag)

    def fill_shelves(self, amount: int) -> None:
        """So much is left of every batch from now on."""
        for id_batch, id_area in self._places:
            self.sandbox.store.set_row(id_batch, id_area, available=amount, on_hand=amount)

    def sell_everything(self) -> None:
        """Others were faster: what is ordered now cannot be filled."""
        self.fill_shelves(0)
        self.note_shortage()

    def note_shortage(self) -> None:
        """From now on any of the orders so far may be one that could not be filled."""
        for happened in self.happened.values():
            happened.add("sold out")

    def copy_customer(self, number: int) -> None:
        """Somebody gets a second profile at the till."""
        profiles = self.sandbox.store.pos_customers()
        one = profiles[number % len(profiles)]
        kept = {name: one[name] for name in ("phone", "date_of_birth", "patient_number")}
        copied = self.sandbox.store.add_customer(one["name_first"], one["name_last"], **kept)
        self.first_customers.add(copied)
        self.copies += 1

    # -- pushes ----------------------------------------------------------------------------------------------

    def push(
        self,
        wanted: Wanted = CONFIRMED,
        trouble: Trouble | None = None,
        meanwhile: Callable[[], None] = lambda: None,
        *,
        dry: bool = False,
    ) -> PushRun | AlleavesSyncError | None:
        """A push; the error that ended it, None where it was killed."""
        location = self.location

        def story() -> PushRun | AlleavesSyncError:
            try:
                return push_orders(location, wanted, self.clock, dry_run=dry, sleep=self.sleep)
            except AlleavesSyncError as error:
                return error

        return self.attempt(story, trouble, meanwhile)

    def sync_menu(self) -> str:
        return sync_inventory(self.location, clock=self.clock).outcome

    def ledger(self) -> dict[str, OrderRecord]:
        if not self.state.exists():
            return {}
        with StateFile.open_for_reading(self.state) as state:
            return {one.order_id: one for one in state.orders(self.location.name)}

    # -- what must be true -----------------------------------------------------------------------------------

    def check_always(self) -> None:
        """After any run, however it ended."""
        live = Counter(one["id_external"] for one in self.sandbox.store.pos_orders() if not one["void"])
        assert not [order for order, times in live.items() if times > 1], "an order is in the POS twice"
        self._check_customers()
        self.check_files()

    def _check_customers(self) -> None:
        """Nobody was given a profile who had one (U1, U5)."""
        profiles = self.sandbox.store.pos_customers()
        for made in (one for one in profiles if one["id_customer"] not in self.first_customers):
            for other in profiles:
                if other["id_customer"] < made["id_customer"]:
                    assert not same_person(made, other), "a second profile of one person"

    def good_run(self) -> None:
        """One push that nothing happens to; all that must be true after it."""
        self.skew = timedelta()
        run = self.push()
        assert isinstance(run, PushRun), run
        assert not run.errors, run.errors
        self.check_always()
        ledger = self.ledger()
        for order in self.sandbox.store.aiq_orders():
            self._check_order(order, ledger.get(order["id"]))
        self._check_quiet()

    def _check_order(self, order: Json, record: OrderRecord | None) -> None:
        happened = self.happened[order["id"]]
        found = [one for one in self.sandbox.store.pos_orders() if one["id_external"] == order["id"]]
        live = [one for one in found if not one["void"]]
        if record is None:
            assert order["status"] != "CONFIRMED", "a confirmed order was passed over"
            return
        match record.state:
            case "pushed":
                assert record.id_order in [one["id_order"] for one in found], "pushed, and not in the POS"
                pos = next(one for one in found if one["id_order"] == record.id_order)
                assert not pos["void"] or "void" in happened, "pushed, and voided by nobody"
                assert order.get("posOrderId") == str(record.id_order), "not reported"
                ended = pos["cancel"] or pos["void"] or order["status"] == "CANCELLED"
                if record.reason not in _OTHERS_THAN_PUSHED and not ended:
                    self._check_contents(order, pos)
            case "failed":
                assert not live, "failed, and in the POS"
                assert happened & _CANNOT_BE_FILLED, f"failed: {record.reason}"
            case "needs-attention":
                assert happened & _EXPLAINED_BY.get(record.reason or "", set()) or (
                    record.reason == "several-profiles" and self.copies
                ), f"waits for no reason: {record.reason}"
            case "given-up":
                assert happened & {"given up", "cancelled"}, "given up by nobody"
            case unfinished:
                raise AssertionError(f"after a good run: {unfinished}")

    def _check_contents(self, order: Json, pos: Json) -> None:
        """O4, O6, O8: what was ordered, for what was agreed, by whom."""
        wanted: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in order["items"]:
            each = line["purchaseWeight"] or 1
            wanted[line["product"]["posProductId"]] += Decimal(str(each)) * line["quantity"]
        got: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in pos["items"]:
            got[str(line["id_inventory_item"])] += Decimal(str(line["qty"]))
        assert got == wanted, "other things than were ordered"
        paid = sum(
            Decimal(str(line["price"] if line["price_override"] is None else line["price_override"]))
            for line in pos["items"]
        )
        assert paid == Decimal(str(order["total"])), f"{paid} is asked, {order['total']} was agreed"
        assert (pos["type"] == "delivery") == (order["pickUpType"] == "DELIVERY")
        assert (pos["use_type"] == "medical") == (order["menuType"] == "MEDICAL")
        if order["pickUpWindow"]:
            assert pos["pickup_time"], "no time of pickup"
        owner = next(
            one for one in self.sandbox.store.pos_customers() if one["id_customer"] == pos["id_customer"]
        )
        assert is_of(owner, order["user"]), "of another person"

    def _check_quiet(self) -> None:
        """A second push changes nothing."""
        before = self._told()
        run = self.push()
        assert isinstance(run, PushRun)
        assert self._told() == before, "a push with nothing to do did something"

    def _told(self) -> object:
        """What services and ledger have; an order that waits is looked at with every push."""
        store = self.sandbox.store
        told = self.rows(
            "SELECT * FROM order_steps WHERE order_id NOT IN"
            " (SELECT order_id FROM orders WHERE state = 'needs-attention') ORDER BY rowid"
        )
        return store.pos_orders(), store.pos_customers(), store.aiq_orders(), told
