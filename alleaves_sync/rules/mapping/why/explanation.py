"""One item, explained whole: which rows count, what they sum up to, and where each value came from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from alleaves_sync.aiq.models import CannabisType, Category, Product, WeightUnit
from alleaves_sync.alleaves.models import InventoryRow, Item
from alleaves_sync.rules.mapping import category as categories
from alleaves_sync.rules.mapping.rules import Rules
from alleaves_sync.rules.mapping.stock import sort_out
from alleaves_sync.rules.mapping.text import clean, pictures
from alleaves_sync.rules.mapping.why.labs import LabPart, lab_parts
from alleaves_sync.rules.mapping.why.prices import PricePart, price_part
from alleaves_sync.rules.mapping.why.rows import QuantityPart, RowPart, quantity_part, row_parts

Where = Literal["map: whole path", "map: last segment", "default map"]


@dataclass(frozen=True, slots=True)
class CategoryTry:
    """A text of the path that was looked up, where, and what stood there (None: nothing)."""

    text: str
    where: Where
    found: Category | None


@dataclass(frozen=True, slots=True)
class CategoryPart:
    """From the POS path to the category: the tries in their order, the last one is what counts (C1-C4)."""

    path: str
    tried: tuple[CategoryTry, ...]
    category: Category | None
    sub_type: str | None


@dataclass(frozen=True, slots=True)
class WeightPart:
    """`weight_useable` with its unit as the POS spells it, and what they became (W1)."""

    value: Decimal | None
    unit: str | None
    weight: Decimal | None
    weight_unit: WeightUnit | None


@dataclass(frozen=True, slots=True)
class StrainPart:
    """The item's strain type and the strain, and the kind of cannabis that one of them names (S1)."""

    strain_type: str | None
    strain: str | None
    cannabis_type: CannabisType | None
    named_by: Literal["strain_type", "strain"] | None


@dataclass(frozen=True, slots=True)
class PicturePart:
    """One entry of `media_list`; `dropped_because` is empty for one that is used (I1)."""

    address: str | None
    used: bool
    dropped_because: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that led to the product of one item. Parts are None where the item could not be mapped."""

    rows: tuple[RowPart, ...]
    quantity: QuantityPart | None = None
    price: PricePart | None = None
    category: CategoryPart | None = None
    weight: WeightPart | None = None
    strain: StrainPart | None = None
    pictures: tuple[PicturePart, ...] = ()
    labs: tuple[LabPart, ...] = ()


def explain(
    rows: Sequence[InventoryRow], item: Item | None, rules: Rules, held: Product | None = None
) -> Explanation:
    """Explain an item from what `map_item` maps it from."""
    sorted_rows = sort_out(rows, rules)
    main = sorted_rows.main
    price = price_part(sorted_rows, item, rules, held)
    weight, weight_unit = categories.weight(main.weight_useable, main.weight_useable_uom)
    return Explanation(
        rows=row_parts(rows, sorted_rows, rules),
        quantity=quantity_part(sorted_rows, price.price_type, rules),
        price=price,
        category=_category(main.category, rules),
        weight=WeightPart(main.weight_useable, clean(main.weight_useable_uom), weight, weight_unit),
        strain=_strain(main, item),
        pictures=tuple(_pictures(item)) if item else (),
        labs=lab_parts(rows, sorted_rows, rules),
    )


def explain_rows(rows: Sequence[InventoryRow], rules: Rules) -> Explanation:
    """What can be said of an item that was not mapped (P6a): its readable rows, if there are any."""
    return Explanation(row_parts(rows, sort_out(rows, rules), rules) if rows else ())


def _category(path: str, rules: Rules) -> CategoryPart:
    tried: list[CategoryTry] = []
    for one in _tries(path, rules.category_map, use_defaults=rules.use_default_categories):
        tried.append(one)
        if one.found is not None:
            break
    found = tried[-1].found if tried else None
    return CategoryPart(clean(path) or "", tuple(tried), found, categories.sub_type(path))


def _tries(path: str, configured: Mapping[str, Category], *, use_defaults: bool) -> Iterator[CategoryTry]:
    segments = categories.segments(path)
    if configured:
        last = path.rsplit(" > ", maxsplit=1)[-1]
        yield CategoryTry(clean(path) or "", "map: whole path", configured.get(categories.map_key(path)))
        yield CategoryTry(clean(last) or "", "map: last segment", configured.get(categories.map_key(last)))
    if use_defaults:
        for segment in reversed(segments):
            yield CategoryTry(segment, "default map", categories.category(segment, {}, use_defaults=True))


def _strain(main: InventoryRow, item: Item | None) -> StrainPart:
    strain_type = clean(item.strain_type) if item else None
    from_item = categories.cannabis_type(item.strain_type) if item else None
    from_strain = categories.cannabis_type(main.strain)
    named_by: Literal["strain_type", "strain"] | None = (
        "strain_type" if from_item else "strain" if from_strain else None
    )
    return StrainPart(strain_type, clean(main.strain), from_item or from_strain, named_by)


def _pictures(item: Item) -> Iterator[PicturePart]:
    used: set[str] = set()
    for media in item.media_list:
        kept, dropped = pictures((media,))
        address = next(iter((*kept, *dropped)), None)
        if address is None:
            why = "no picture in this place"
        elif dropped:
            why = "its address is not http(s)"
        else:
            why = "the same stands there before" if address in used else ""
        yield PicturePart(address, not why, why)
        used.update(kept)
