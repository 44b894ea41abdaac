"""The menu of a world: its runs, and what must be true of the storefront after them."""

import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from alleaves_sync.aiq import wire
from alleaves_sync.aiq.models import Product
from alleaves_sync.alleaves.models import Area
from alleaves_sync.alleaves.wire import INVENTORY, ITEMS, decode_saved
from alleaves_sync.flows.menu.export import exported
from alleaves_sync.flows.menu.result import InventoryResult
from alleaves_sync.flows.menu.sync_location import NORMAL_RUN, RunOptions, sync_inventory
from alleaves_sync.flows.pos import rules_of
from alleaves_sync.rules.mapping import AreaSelection, map_menu
from tests.faults.events import Trouble
from tests.faults.world import World
from tests.shop import FORCE, SYNC, plain

Json = dict[str, Any]

#: What was never this program's: made by hand, or by another integration.
FOREIGN: Final[Mapping[str, Json]] = {
    "hand-made": {"id": "f1", "name": "Made by hand", "quantity": 3, "price": 9},
    "GIFT-007": {"id": "f2", "posProductId": "GIFT-007", "name": "Gift", "quantity": 5, "price": 25},
    "0077": {"id": "f3", "posProductId": "0077", "name": "Another integration's", "quantity": 1, "price": 2},
}
#: F1: the storefront's fields behind a switch. Terpenes are a part of `labs`.
SWITCHED: Final = {
    "price": ("price", "priceType", "tiers"),
    "description": ("description",),
    "name": ("name",),
    "weight": ("weight", "weightUnit"),
    "images": ("images",),
}
_AREAS = TypeAdapter(tuple[Area, ...])


class MenuWorld(World):
    """A shop whose storefront also has products of others."""

    def __init__(self) -> None:
        super().__init__()
        self.sandbox.store.storefront.products.update({key: dict(one) for key, one in FOREIGN.items()})

    # -- runs ------------------------------------------------------------------------------------------------

    def sync(
        self,
        options: RunOptions = NORMAL_RUN,
        trouble: Trouble | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> InventoryResult | None:
        """A run; None where it was killed."""
        location = self.location
        return self.attempt(lambda: sync_inventory(location, options, clock=self.clock), trouble, meanwhile)

    # -- what must be true -----------------------------------------------------------------------------------

    def ours(self) -> dict[str, Json]:
        """The storefront's products that are this program's."""
        return {key: one for key, one in plain(self.products()).items() if key not in FOREIGN}

    def check_foreign(self) -> None:
        kept = self.products()
        assert {key: kept[key] for key in FOREIGN} == FOREIGN, "a product of somebody else was touched"

    def mapped(self, held: Mapping[str, Product]) -> dict[str, Json]:
        """The products of all items that are not withheld, from the POS's rows and nothing else."""
        store, location = self.sandbox.store, self.location
        inventory = decode_saved(
            INVENTORY, json.dumps([row | {"total_rows": 1} for row in store.rows()]).encode()
        )
        catalogue = decode_saved(ITEMS, json.dumps(store.items()).encode())
        areas = _AREAS.validate_json(json.dumps(store.inventory.area_list(self.sandbox.location_id)))
        selection = AreaSelection.of(location.settings.areas, areas, inventory.records)
        zone = ZoneInfo(store.inventory.locations[0]["timezone"])
        rules = rules_of(location.settings, selection, self.clock().astimezone(zone).date())
        items = map_menu(inventory, catalogue, rules, held)
        return {
            str(one.id_item): dict(wire.all_fields(one.product)) for one in items if one.product is not None
        }

    def check_in_step(self, before: Mapping[str, Json], doubtful: AbstractSet[str] = frozenset()) -> None:
        """The storefront is what the rules make of the POS. `before` is what it held before the run, whose
        fields stay where they are switched off (F1)."""
        off = [name for name in SWITCHED if not getattr(self.location.settings.fields, name)]
        held = {key: wire.parse(json.dumps(one)) for key, one in before.items()} if "price" in off else {}
        mapped, now = self.mapped(held), self.ours()
        assert not mapped.keys() - now.keys(), f"missing: {sorted(mapped.keys() - now.keys())}"
        for key, product in now.items():
            if key not in mapped:
                assert product["quantity"] == 0, f"{key} is on sale, and not in the POS's menu"
            elif key in before or not off:
                # A product in doubt that may be new is sent whole once, as it was last tried.
                held = product if key in doubtful else before.get(key, {})
                assert product == _with_fields_of(mapped[key], held, off), key

    def good_run(self) -> None:
        """One run that nothing happens to; all that must be true after it."""
        self.skew = timedelta()
        self.events.arm(None)
        before = self.ours()
        doubtful = set(self.in_doubt()) if self.state.exists() else set()
        result = self.sync()
        if result is not None and result.outcome == "refused":
            result = self.sync(FORCE)
        assert result is not None
        assert result.outcome in ("ok", "partial"), result.error
        assert not result.rejected
        assert not {"unanswered"} & {warning.code for warning in result.warnings}
        self.check_in_step(before, doubtful)
        self._check_state(result)
        self._check_quiet()

    def _check_state(self, result: InventoryResult) -> None:
        """State file, feed and export say what the storefront holds."""
        ours = self.ours()
        if not any(not getattr(self.location.settings.fields, name) for name in SWITCHED):
            # What is switched off while a product is in doubt stays unknown: nobody may send it (F1).
            assert plain(self.menu()) == ours
        assert not self.in_doubt()
        assert self.feed.read_text() == exported(self.location, "json")
        assert {one["posProductId"]: one for one in json.loads(self.feed.read_text())} == plain(self.menu())
        assert self.rows(f"SELECT outcome FROM runs WHERE id = '{result.run_id}'") == [(result.outcome,)]  # noqa: S608
        self.check_foreign()
        self.check_files()

    def _check_quiet(self) -> None:
        """A second run sends nothing and writes nothing but itself (F2)."""
        sent, feed = self.calls(SYNC), self.feed.stat()
        before = self._contents()
        result = self.sync()
        assert result is not None
        assert result.outcome in ("ok", "partial"), result.error
        assert self.calls(SYNC) == sent, "an unchanged menu was sent"
        assert self._contents() == before, "an unchanged menu was written"
        assert self.feed.stat() == feed

    def _contents(self) -> object:
        return [self.rows(f"SELECT * FROM {name} ORDER BY rowid") for name in ("items", "changes")]  # noqa: S608

    def known_listed(self) -> set[str]:
        """What the program may take to be on the menu."""
        known = {key for key, one in self.ours().items() if one["quantity"] > 0}
        if self.state.exists():
            for texts in self.rows("SELECT product, attempted FROM items"):
                known |= {
                    one["posProductId"] for one in map(json.loads, filter(None, texts)) if one["quantity"] > 0
                }
        return known

    def check_brake(self, before: set[str], known: set[str]) -> None:
        """`before` was on sale; a run that nobody forced took no more of it than it may."""
        gone = before - {key for key, one in self.ours().items() if one["quantity"] > 0}
        limit = self.location.settings.inventory.max_drop * max(len(known), 8)
        assert Decimal(len(gone)) <= limit, f"{len(gone)} of {len(known)} left the menu"


def _with_fields_of(product: Json, before: Json, off: list[str]) -> Json:
    kept = {name for switch in off for name in SWITCHED[switch]} if before else set()
    if "price" not in before:
        kept -= set(SWITCHED["price"])
    return {name: value for name, value in product.items() if name not in kept} | {
        name: before[name] for name in kept if name in before
    }
