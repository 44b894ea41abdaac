"""Pure: what is new against what was (P6, F1, F2, M6), and the brake.

The plan compares with what the storefront is *known* to hold. A product whose last answer is unknown is sent
whole, whatever it was sent before, also when the POS has meanwhile gone back to the old value.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Literal

from alleaves_sync.aiq.models import CANNABINOIDS, TERPENES, LabValue, Product
from alleaves_sync.mapping.rules import ItemWarning, MappedItem, Reason, Status

ActionKind = Literal["create", "update", "zero"]
FieldGroup = Literal[
    "name",
    "description",
    "brand",
    "images",
    "category",
    "sub_type",
    "strain",
    "weight",
    "price",
    "labs",
    "terpenes",
    "sku",
]

# F1: what each switch of `fields:` holds. `labs` and `terpenes` are the two parts of one field.
_GROUPS: Mapping[FieldGroup, tuple[str, ...]] = {
    "name": ("name",),
    "description": ("description",),
    "brand": ("brand",),
    "images": ("images",),
    "category": ("product_category",),
    "sub_type": ("sub_type",),
    "strain": ("cannabis_strain", "cannabis_type"),
    "weight": ("weight", "weight_unit"),
    "price": ("price", "price_type", "tiers"),
    "sku": ("sku",),
}
_LAB_PARTS: Mapping[FieldGroup, frozenset[str]] = {
    "labs": frozenset(CANNABINOIDS),
    "terpenes": frozenset(TERPENES),
}
_FIELDS = tuple(field.name for field in fields(Product) if field.name != "pos_product_id")
# The contract lets every other field be cleared with null (images with an empty list).
_NEVER_CLEARED = frozenset({"name", "price", "price_type", "quantity"})
_LEAST_LISTED = 5  # below this many listed products a large share is a small number, and no accident


@dataclass(frozen=True, slots=True)
class ItemState:
    """What was decided about an item, as it is kept beside its product."""

    pos_product_id: str
    name: str
    pos_category: str
    status: Status
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one product before the run.

    `product` is what the storefront last accepted; `attempted` is the whole product that was sent and never
    answered for, so that the storefront holds the one or the other; `state` is the last decision.
    """

    product: Product | None = None
    attempted: Product | None = None
    state: ItemState | None = None

    @property
    def is_listed(self) -> bool:
        """Whether the product may be on the menu now."""
        return any(held is not None and held.quantity > 0 for held in (self.product, self.attempted))

    @property
    def held(self) -> Product | None:
        """What fields that are switched off keep."""
        return self.product or self.attempted


@dataclass(frozen=True, slots=True)
class Action:
    """One product to send: `product` is what the storefront then holds, `changed` the fields that go out.

    `before` is what it is known to hold now; `state` is the decision that led here.
    """

    kind: ActionKind
    product: Product
    changed: tuple[str, ...]
    before: Product | None
    state: ItemState


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run would do, and what it says.

    `states` are the decisions that differ from the last ones, of items without an action; `forgotten` are
    items that left the POS without ever having been on the menu. `listed_before` and `leaving` are what the
    brake looks at.
    """

    actions: tuple[Action, ...]
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

    def count(self, kind: ActionKind) -> int:
        """How many actions of a kind there are."""
        return sum(action.kind == kind for action in self.actions)


def make_plan(
    mapped: Iterable[MappedItem],
    known: Mapping[str, Known],
    switched_off: AbstractSet[FieldGroup] = frozenset(),
) -> Plan:
    """Plan one location's run. `known` is by `posProductId`; `mapped` may be a stream, in any order."""
    tally = _Tally(known, switched_off)
    for item in mapped:
        tally.add(item)
    return tally.plan()


class _Tally:
    """Collects one run's plan, item by item, so that no list of all products is ever held."""

    def __init__(self, known: Mapping[str, Known], switched_off: AbstractSet[FieldGroup]) -> None:
        self._known, self._off = known, switched_off
        self._seen: set[str] = set()
        self._actions: list[Action] = []
        self._states: list[ItemState] = []
        self._by_status: Counter[Status] = Counter()
        self._by_reason: Counter[Reason] = Counter()
        self._unmapped: Counter[str] = Counter()
        self._warnings: list[tuple[int, ItemWarning]] = []
        self._items = self._unchanged = self._leaving = 0

    def add(self, item: MappedItem) -> None:
        key = str(item.id_item)
        self._seen.add(key)
        self._items += 1
        self._warnings += ((item.id_item, warning) for warning in item.warnings)
        if item.product is not None and item.product.product_category is None:
            self._unmapped[item.pos_category or "(no category)"] += 1  # C4
        self._decide(ItemState(key, item.name, item.pos_category, item.status, item.reasons), item.product)

    def _decide(self, state: ItemState, product: Product | None) -> None:
        before = self._known.get(state.pos_product_id, Known())
        self._by_status[state.status] += 1
        self._by_reason.update(state.reasons)
        action = (
            _zero(before, state, self._off) if product is None else _upsert(product, before, state, self._off)
        )
        if action is not None:
            self._actions.append(action)
        else:
            self._unchanged += before.product is not None
            if before.state != state:
                self._states.append(state)
        stays = product is not None and product.quantity > 0
        self._leaving += before.is_listed and not stays

    def plan(self) -> Plan:
        forgotten = []
        for key in self._known.keys() - self._seen:  # P6
            before = self._known[key]
            if before.held is None:
                forgotten.append(key)
                continue
            name = before.state.name if before.state else before.held.name or ""
            category = before.state.pos_category if before.state else ""
            self._decide(ItemState(key, name, category, "hidden", ("gone-from-pos",)), None)
        return Plan(
            actions=tuple(sorted(self._actions, key=_urgency)),
            states=tuple(self._states),
            forgotten=tuple(sorted(forgotten)),
            items=self._items,
            by_status=self._by_status,
            by_reason=self._by_reason,
            unchanged=self._unchanged,
            unmapped=dict(sorted(self._unmapped.items())),
            warnings=tuple(self._warnings),
            listed_before=sum(product.is_listed for product in self._known.values()),
            leaving=self._leaving,
        )


def _urgency(action: Action) -> tuple[int, int, str]:
    # What must leave the menu goes first: until it has, a shopper can buy it. Then changes, then new ones.
    key = action.product.pos_product_id
    if action.kind == "zero" or (action.before is not None and action.product.quantity == 0):
        return 0, len(key), key
    return (2 if action.kind == "create" else 1), len(key), key


def _upsert(product: Product, before: Known, state: ItemState, off: AbstractSet[FieldGroup]) -> Action | None:
    held = before.held
    if held is None:
        return Action("create", product, _present(product), None, state)
    if before.attempted is not None:
        return _again("create" if before.product is None else "update", product, before, held, state, off)
    product = keep(product, held, off)
    changed = _differing(product, held)
    return Action("update", product, changed, held, state) if changed else None


def _zero(before: Known, state: ItemState, off: AbstractSet[FieldGroup]) -> Action | None:
    if before.attempted is not None:
        product = replace(before.attempted, quantity=Decimal(0))
        return _again("zero", product, before, before.product or before.attempted, state, off)
    if before.product is None or before.product.quantity == 0:
        return None
    return Action("zero", replace(before.product, quantity=Decimal(0)), ("quantity",), before.product, state)


def _again(
    kind: ActionKind,
    product: Product,
    before: Known,
    held: Product,
    state: ItemState,
    off: AbstractSet[FieldGroup],
) -> Action:
    """An action for a product in doubt: whole, so that afterwards it is known again.

    What is switched off stays away (F1), but for a product that may be new: it gets it once, and is not
    cleared of what was never seen.
    """
    product = keep(product, held, off)
    kept = _kept(held, off)
    if before.product is None:
        kept -= frozenset(_present(product))
    return Action(kind, product, _whole(product, kept), before.product, state)


def keep(product: Product, held: Product, off: AbstractSet[FieldGroup]) -> Product:
    """`product` with the fields that are switched off as the storefront has them (F1, L5, M6)."""
    if not off:
        return product
    kept = {name: getattr(held, name) for name in _kept(held, off)}
    parts = frozenset[str]().union(*(_LAB_PARTS[part] for part in off if part in _LAB_PARTS))
    return replace(product, **kept, labs=_merge_labs(product.labs, held.labs, parts))


def _merge_labs(
    new: tuple[LabValue, ...], old: tuple[LabValue, ...], parts: AbstractSet[str]
) -> tuple[LabValue, ...]:
    # `labs` is replaced whole on the wire, so the part that is switched off goes along as it was.
    together = [value for value in new if value.compound not in parts]
    together += [value for value in old if value.compound in parts]
    order = (*CANNABINOIDS, *TERPENES)
    return tuple(sorted(together, key=lambda value: order.index(value.compound)))


def _kept(held: Product, off: AbstractSet[FieldGroup]) -> frozenset[str]:
    names = frozenset(name for group in off for name in _GROUPS.get(group, ()))
    # M6: one that never had a price gets it like a new product.
    return names - frozenset(_GROUPS["price"]) if held.price is None else names


def _present(product: Product) -> tuple[str, ...]:
    return tuple(name for name in _FIELDS if getattr(product, name) not in (None, ()))


def _whole(product: Product, kept: AbstractSet[str]) -> tuple[str, ...]:
    # Everything that has a value, and a null for everything that has none and may stand there.
    present = set(_present(product))
    return tuple(
        name for name in _FIELDS if name not in kept and (name in present or name not in _NEVER_CLEARED)
    )


def _differing(product: Product, held: Product) -> tuple[str, ...]:
    if product == held:
        return ()
    changed = {name for name in _FIELDS if getattr(product, name) != getattr(held, name)}
    if "price_type" in changed and product.tiers:
        changed.add("tiers")  # the same numbers are grams in one kind of tier and pieces in the other (T1)
    changed -= {name for name in _NEVER_CLEARED if getattr(product, name) is None}
    return tuple(name for name in _FIELDS if name in changed)


def must_brake(plan: Plan, *, rows: int, max_drop: Decimal) -> bool:
    """Whether the run would take more off the menu than an accident should be able to.

    `rows` is all that the POS brought, before any rule. Empty to empty is no accident.
    """
    if rows == 0 and plan.listed_before > 0:
        return True
    return plan.listed_before >= _LEAST_LISTED and plan.leaving > max_drop * plan.listed_before
