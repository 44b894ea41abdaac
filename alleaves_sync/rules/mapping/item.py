"""One item through all the rules: its rows and its catalogue record in; the product, and why, out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from alleaves_sync.aiq.models import CannabisType, PriceType, Product, Tier
from alleaves_sync.alleaves.models import InvalidRecord, InventoryRow, Item
from alleaves_sync.rules.mapping import category as categories
from alleaves_sync.rules.mapping.labs import Labs, labs_of
from alleaves_sync.rules.mapping.price import Price, columns, highest, is_for_menu, otd_is_on
from alleaves_sync.rules.mapping.rules import ItemWarning, MappedItem, Reason, Rules
from alleaves_sync.rules.mapping.stock import ItemRows, Stock, sort_out, stock_of
from alleaves_sync.rules.mapping.text import clean, clean_html, pictures
from alleaves_sync.rules.mapping.tiers import tiering_of

KEPT = "(kept: fields.price is off)"

# The single values that come from one deciding row; where these differ, it is told (P3a).
_SINGLE_VALUES = (
    "item",
    "brand",
    "category",
    "sku",
    "strain",
    "is_product",
    "is_cannabis",
    "is_adult_use",
    "is_medical_use",
    "use_otd_price",
    "use_location_otd_price",
    "uom_type",
    "uom_short",
    "weight_useable",
    "weight_useable_uom",
)


@dataclass(frozen=True, slots=True)
class _Pricing:
    """What the product costs and how it is sold; `price` None is no price at all (M3)."""

    price: Price | None
    price_type: PriceType
    tiers: tuple[Tier, ...]
    warnings: tuple[ItemWarning, ...] = ()


def _pricing(rows: ItemRows, item: Item | None, rules: Rules, held: Product | None) -> _Pricing:
    if held is not None and held.price is not None:  # M6: whatever the POS says
        return _Pricing(Price(held.price, KEPT), held.price_type or "REGULAR", held.tiers)
    names = columns(rows.main, rules, otd=otd_is_on(rows.deciding, rules))
    tiering, warnings = tiering_of(item, rows.main, names, rules.tier_price)
    if tiering is not None:  # T4
        price = Price(tiering.tiers[0].price, f"price_tier_list.{tiering.column}")
        return _Pricing(price, tiering.price_type, tiering.tiers, warnings)
    found, agree = highest(rows.deciding, names)
    if not agree and found is not None:
        message = f"batches have different prices, the highest counts ({found.amount})"
        warnings = (*warnings, ItemWarning("rows-disagree", message))
    return _Pricing(found, "REGULAR", (), warnings)


def _disagreements(deciding: Sequence[InventoryRow]) -> tuple[ItemWarning, ...]:
    if len(deciding) == 1:
        return ()
    differing = [
        column for column in _SINGLE_VALUES if len({_single_value(row, column) for row in deciding}) > 1
    ]
    return tuple(ItemWarning("rows-disagree", f"batches differ in {column}") for column in differing)


def _single_value(row: InventoryRow, column: str) -> str | bool | Decimal | None:
    value: str | bool | Decimal | None = getattr(row, column)
    return clean(value) if isinstance(value, str) else value  # B1: blanks make no difference


def _withheld_because(main: InventoryRow, pricing: _Pricing, rules: Rules) -> tuple[Reason, ...]:
    reasons: list[Reason] = []
    if not main.is_product:
        reasons.append("not-a-product")  # P4
    if main.is_cannabis and not is_for_menu(main, rules):
        reasons.append("other-menu-type")  # P5
    if pricing.price is None:
        reasons.append("no-price")  # M3
    return tuple(reasons)


def _product(
    main: InventoryRow, item: Item | None, rules: Rules, pricing: _Pricing, stock: Stock, labs: Labs
) -> tuple[Product, tuple[ItemWarning, ...]]:
    path = main.category
    weight, weight_unit = categories.weight(main.weight_useable, main.weight_useable_uom)
    images, dropped = pictures(item.media_list if item else ())
    warnings = [ItemWarning("picture-dropped", f"{address[:80]!r} is not http(s)") for address in dropped]
    if weight_unit == "UNKNOWN":
        message = f"weight_useable_uom {main.weight_useable_uom!r} is none that the menu has"
        warnings.append(ItemWarning("weight-unit-unknown", message))
    if item is None:
        warnings.append(ItemWarning("no-catalogue-record", "no pictures, description, strain type, tiers"))
    product = Product(
        pos_product_id=str(main.id_item),
        name=clean(main.item),
        description=clean_html(item.product_description) if item else None,
        brand=clean(main.brand),
        sku=clean(main.sku),
        product_category=categories.category(
            path, rules.category_map, use_defaults=rules.use_default_categories
        ),
        sub_type=categories.sub_type(path),
        cannabis_type=_cannabis_type(main, item)[0],
        cannabis_strain=clean(main.strain),
        price=None if pricing.price is None else pricing.price.amount,
        price_type=pricing.price_type,
        tiers=pricing.tiers,
        quantity=stock.quantity,
        weight=weight,
        weight_unit=weight_unit,
        images=images,
        labs=labs.values,
    )
    return product, tuple(warnings)


def _cannabis_type(main: InventoryRow, item: Item | None) -> tuple[CannabisType | None, str]:
    # S1: the catalogue's strain type, else a strain that is itself one.
    from_item = categories.cannabis_type(item.strain_type) if item else None
    if from_item is not None:
        return from_item, "strain_type"
    return categories.cannabis_type(main.strain), "strain"


def _sources(
    product: Product, main: InventoryRow, item: Item | None, pricing: _Pricing, labs: Labs
) -> tuple[tuple[str, str], ...]:
    price_column = pricing.price.column if pricing.price else ""
    kept = price_column == KEPT
    found = (
        ("posProductId", "id_item", True),
        ("name", "item", product.name),
        ("description", "product_description", product.description),
        ("brand", "brand", product.brand),
        ("sku", "sku", product.sku),
        ("productCategory", "category", product.product_category),
        ("subType", "category", product.sub_type),
        ("cannabisType", _cannabis_type(main, item)[1], product.cannabis_type),
        ("cannabisStrain", "strain", product.cannabis_strain),
        ("price", price_column, product.price is not None),
        ("priceType", KEPT if kept else "use_tiered_pricing, uom_type", product.price_type),
        ("tiers", KEPT if kept else "price_tier_list", product.tiers),
        ("quantity", "available", True),
        ("weight", "weight_useable", product.weight is not None),
        ("weightUnit", "weight_useable_uom", product.weight_unit),
        ("images", "media_list", product.images),
        ("labs", ", ".join(labs.sources), product.labs),
    )
    return tuple((name, column) for name, column, present in found if present)


def map_item(
    rows: Sequence[InventoryRow],
    item: Item | None,
    rules: Rules,
    held: Product | None = None,
    *,
    with_sources: bool = True,
) -> MappedItem:
    """Map one item from all its rows (at least one) and its catalogue record.

    `held` is the product that the menu has, given only where prices are not synced: it keeps its price, price
    type and tiers, and the quantity follows its unit (M6, Q5). `with_sources` False leaves `sources` empty.
    """
    sorted_rows = sort_out(rows, rules)
    main = sorted_rows.main
    pricing = _pricing(sorted_rows, item, rules, held)
    name = clean(main.item)
    warnings = (*_disagreements(sorted_rows.deciding), *pricing.warnings)
    pos_category = clean(main.category) or ""
    if name is None:
        problem = InvalidRecord(main.id_item, "", "item", "is empty")
        return invalid_item(main.id_item, (problem,), pos_category)
    reasons = _withheld_because(main, pricing, rules)
    if reasons:
        return MappedItem(main.id_item, name, pos_category, "withheld", reasons, warnings=warnings)
    stock = stock_of(sorted_rows, pricing.price_type, rules)
    labs = labs_of(sorted_rows.stocked, labs=rules.labs, terpenes=rules.terpenes)
    product, product_warnings = _product(main, item, rules, pricing, stock, labs)
    return MappedItem(
        main.id_item,
        name,
        pos_category,
        "hidden" if stock.reasons else "listed",
        stock.reasons,
        product,
        _sources(product, main, item, pricing, labs) if with_sources else (),
        (*warnings, *stock.warnings, *product_warnings, *labs.warnings),
    )


def invalid_item(id_item: int, problems: Sequence[InvalidRecord], pos_category: str = "") -> MappedItem:
    """An item of which a row or the catalogue record does not fit the contract (P6a)."""
    name = next((problem.name for problem in problems if problem.name), "")
    warnings = tuple(ItemWarning("invalid", f"{problem.field}: {problem.problem}") for problem in problems)
    return MappedItem(id_item, name, pos_category, "withheld", ("invalid",), warnings=warnings)
