"""Pure: what is new against what was (P6), product by product, and the brake."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from alleaves_sync.aiq.models import Product
from alleaves_sync.rules.actions import (
    NOTHING_KNOWN,
    Action,
    ActionKind,
    FieldGroup,
    ItemState,
    Known,
    upsert,
    zero,
)
from alleaves_sync.rules.mapping.rules import ItemWarning, MappedItem, Reason, Status

_LEAST_LISTED = 5  # below this many listed products a large share is a small number, and no accident
NO_CATEGORY = "(no category)"
GONE = b"gone"
"""The source of the decision about a product that is no item of the POS any more."""


class Creations(Protocol):
    """Where the new products of a plan wait. The first run of a large store is nothing but these."""

    def append(self, action: Action, /) -> None:
        """Take in one more."""

    def __iter__(self) -> Iterator[Action]:
        """All of them, in the order in which they came; as often as wanted."""
        ...

    def __len__(self) -> int:
        """How many there are."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run would do, and what it says.

    `changes` are the actions for products that are known, `creations` those for new ones; they go out in
    that order. `states` are the decisions that differ from the last ones, of items without an action;
    `forgotten` are items that left the POS without ever having been on the menu. `listed_before` and
    `leaving` are what the brake looks at.
    """

    changes: tuple[Action, ...]
    creations: Creations
    states: tuple[ItemState, ...]
    forgotten: tuple[str, ...]
    items: int
    by_status: Mapping[Status, int]
    by_reason: Mapping[Reason, int]
    unchanged: int
    unmapped: Mapping[str, int]
    warnings: tuple[tuple[int, ItemWarning], ...]
    listed_before: int
    leaving: int

    @property
    def actions(self) -> tuple[Action, ...]:
        """All actions, in the order in which they go out."""
        return (*self.changes, *self.creations)

    def count(self, kind: ActionKind) -> int:
        """How many actions of a kind there are."""
        return len(self.creations) if kind == "create" else sum(one.kind == kind for one in self.changes)


def make_plan(
    mapped: Iterable[MappedItem],
    known: Mapping[str, Known],
    switched_off: AbstractSet[FieldGroup] = frozenset(),
) -> Plan:
    """Plan one location's run. `known` is by `posProductId`; `mapped` may be in any order."""
    planner, seen = Planner(switched_off), set[str]()
    for item in sorted(mapped, key=lambda item: item.id_item):
        key = str(item.id_item)
        seen.add(key)
        planner.add(item, known.get(key, NOTHING_KNOWN))
    for key in known.keys() - seen:
        planner.add_gone(key, known[key])
    return planner.plan()


class Planner:
    """Collects one run's plan, item by item: every item of the POS in the order of the ids, and every product
    that is known, once. `creations` is where new ones wait; without it in a list.
    """

    def __init__(
        self, switched_off: AbstractSet[FieldGroup] = frozenset(), creations: Creations | None = None
    ) -> None:
        self._off = switched_off
        self._changes: list[Action] = []
        self._creations: Creations = [] if creations is None else creations
        self._states: list[ItemState] = []
        self._forgotten: list[str] = []
        self._by_status: Counter[Status] = Counter()
        self._by_reason: Counter[Reason] = Counter()
        self._unmapped: Counter[str] = Counter()
        self._warnings: list[tuple[int, ItemWarning]] = []
        self._items = self._unchanged = self._listed_before = self._leaving = 0

    def add(self, item: MappedItem, before: Known, source: bytes | None = None) -> None:
        """An item of the POS; `source` is what it was mapped from."""
        unmapped = item.product is not None and item.product.product_category is None
        state = ItemState(
            str(item.id_item),
            item.name,
            item.pos_category,
            item.status,
            item.reasons,
            item.warnings,
            unmapped,
            source,
        )
        self._items += 1
        self._say(item.id_item, state.warnings)
        if unmapped:
            self._unmapped[item.pos_category or NO_CATEGORY] += 1  # C4
        self._decide(state, item.product, before)

    def add_same(
        self,
        id_item: int,
        status: Status,
        reasons: Iterable[Reason],
        warnings: Iterable[ItemWarning] = (),
        unmapped: str | None = None,
        *,
        has_product: bool,
    ) -> None:
        """An item of the POS whose source is that of its last decision, which the storefront took over.

        `unmapped` is its POS category where it has no AIQ category.
        """
        self._items += 1
        self._say(id_item, warnings)
        if unmapped is not None:
            self._unmapped[unmapped or NO_CATEGORY] += 1
        self._stays(status, reasons, has_product=has_product)

    def add_gone(self, key: str, before: Known) -> None:
        """A product that is known, and no item of the POS (P6)."""
        if before.held is None:
            self._forgotten.append(key)
            return
        name = before.state.name if before.state else before.held.name or ""
        category = before.state.pos_category if before.state else ""
        state = ItemState(key, name, category, "hidden", ("gone-from-pos",), source=GONE)
        self._decide(state, None, before)

    def add_still_gone(self) -> None:
        """A product that was taken off the menu before, and is still no item of the POS."""
        self._stays("hidden", ("gone-from-pos",), has_product=True)

    def _stays(self, status: Status, reasons: Iterable[Reason], *, has_product: bool) -> None:
        self._by_status[status] += 1
        self._by_reason.update(reasons)
        self._unchanged += has_product
        self._listed_before += status == "listed"

    def _say(self, id_item: int, warnings: Iterable[ItemWarning]) -> None:
        self._warnings += ((id_item, warning) for warning in warnings)

    def _decide(self, state: ItemState, product: Product | None, before: Known) -> None:
        self._by_status[state.status] += 1
        self._by_reason.update(state.reasons)
        action = (
            zero(before, state, self._off) if product is None else upsert(product, before, state, self._off)
        )
        if action is not None:
            (self._creations if action.kind == "create" else self._changes).append(action)
        else:
            self._unchanged += before.product is not None
            if before.state != state:
                self._states.append(state)
        stays = product is not None and product.quantity > 0
        self._listed_before += before.is_listed
        self._leaving += before.is_listed and not stays

    def plan(self) -> Plan:
        """The plan of all that was added."""
        return Plan(
            changes=tuple(sorted(self._changes, key=_urgency)),
            creations=self._creations,
            states=tuple(self._states),
            forgotten=tuple(sorted(self._forgotten)),
            items=self._items,
            by_status=self._by_status,
            by_reason=self._by_reason,
            unchanged=self._unchanged,
            unmapped=dict(sorted(self._unmapped.items())),
            warnings=tuple(self._warnings),
            listed_before=self._listed_before,
            leaving=self._leaving,
        )


def _urgency(action: Action) -> tuple[bool, int, str]:
    # What must leave the menu goes first: until it has, a shopper can buy it. Ids in order of their numbers.
    key = action.product.pos_product_id
    return action.product.quantity != 0, len(key), key


def must_brake(plan: Plan, *, rows: int, max_drop: Decimal) -> bool:
    """Whether the run would take more off the menu than an accident should be able to.

    `rows` is all that the POS brought, before any rule. Empty to empty is no accident.
    """
    if rows == 0 and plan.listed_before > 0:
        return True
    return plan.listed_before >= _LEAST_LISTED and plan.leaving > max_drop * plan.listed_before
