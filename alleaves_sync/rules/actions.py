"""Pure: what one product needs (P6, F1, F2, M6): nothing, or an action and the fields that go out with it.

It is compared with what the storefront is *known* to hold. A product whose last answer is unknown is sent
whole, whatever it was sent before, also when the POS has meanwhile gone back to the old value.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Literal

from alleaves_sync.aiq.models import CANNABINOIDS, TERPENES, LabValue, Product
from alleaves_sync.rules.mapping.rules import ItemWarning, Reason, Status

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
_EMPTY = ()  # there is only one; asking a Decimal whether it equals it takes long


@dataclass(frozen=True, slots=True)
class ItemState:
    """What was decided about an item, as it is kept beside its product.

    `unmapped`: its product has no AIQ category (C4). `source` is a fingerprint of all that the decision was
    made from: the same source, the same decision. None: not known, or not yet on the storefront.
    """

    pos_product_id: str
    name: str
    pos_category: str
    status: Status
    reasons: tuple[Reason, ...]
    warnings: tuple[ItemWarning, ...] = ()
    unmapped: bool = False
    source: bytes | None = None


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


NOTHING_KNOWN = Known()


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


def upsert(product: Product, before: Known, state: ItemState, off: AbstractSet[FieldGroup]) -> Action | None:
    held = before.held
    if held is None:
        return Action("create", product, _present(product), None, state)
    if before.attempted is not None:
        return _again("create" if before.product is None else "update", product, before, held, state, off)
    product = keep(product, held, off)
    changed = _differing(product, held)
    return Action("update", product, changed, held, state) if changed else None


def zero(before: Known, state: ItemState, off: AbstractSet[FieldGroup]) -> Action | None:
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
    values = ((name, getattr(product, name)) for name in _FIELDS)
    return tuple(name for name, value in values if value is not None and value is not _EMPTY)


def _whole(product: Product, kept: AbstractSet[str]) -> tuple[str, ...]:
    # Everything that has a value, and a null for everything that has none and may stand there.
    present = set(_present(product))
    return tuple(
        name for name in _FIELDS if name not in kept and (name in present or name not in _NEVER_CLEARED)
    )


def _differing(product: Product, held: Product) -> tuple[str, ...]:
    changed = {name for name in _FIELDS if getattr(product, name) != getattr(held, name)}
    if "price_type" in changed and product.tiers:
        changed.add("tiers")  # the same numbers are grams in one kind of tier and pieces in the other (T1)
    changed -= {name for name in _NEVER_CLEARED if getattr(product, name) is None}
    return tuple(name for name in _FIELDS if name in changed)
