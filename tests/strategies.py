"""What the POS may send and what the storefront may hold, for the tests that speak of all of it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, get_args

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from alleaves_sync.aiq.models import (
    CANNABINOIDS,
    CATEGORIES,
    TERPENES,
    CannabisType,
    ContentUnit,
    LabValue,
    PriceType,
    Product,
    Tier,
    WeightUnit,
)
from alleaves_sync.alleaves.models import InventoryRow, Item
from alleaves_sync.rules.actions import FieldGroup, Known, keep
from alleaves_sync.rules.mapping import AreaSelection, MappedItem, Reason, Rules
from tests import builders

# The same examples on every machine and no files left behind; quick enough to run with every change.
fast = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

_PRICES = (
    "price_retail",
    "price_retail_adult_use",
    "price_retail_medical_use",
    "price_otd",
    "price_otd_adult_use",
    "price_otd_medical_use",
)
_UNITS = st.sampled_from(["g", "mg", "oz", "ea", "G ", "lb", ""])
_CATEGORIES = st.sampled_from(["Category > Flower", "Vapes > 510", "Uncategorized", "Snacks", ""])
_NAMES = st.sampled_from(["Limonene", "THC %", "THCA", "cbd", "Delta-3 Carene", "Linalool mg", "Water", ""])
_RESULTS = st.sampled_from(["1.2%", "12mg", "3 mg/g", "0.70000000", "ND", "0", "-1", "?", ""])


def texts() -> st.SearchStrategy[str]:
    """Any text that JSON can carry."""
    return st.text(st.characters(codec="utf-8"), max_size=12)


# Numbers as a store has them: not above a million, at most four decimals, some of them equal.
PLAIN: st.SearchStrategy[float] = st.one_of(
    st.sampled_from([0, 1, 5, 5.0, 5.5, 0.0004, -1]),
    st.integers(-50, 1000),
    st.decimals(0, 10**6, places=4).map(float),
)
# Any number that JSON can carry.
WILD: st.SearchStrategy[float] = st.one_of(
    st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False), PLAIN
)


def _prices(numbers: st.SearchStrategy[float]) -> dict[str, st.SearchStrategy[Any]]:
    return {name: st.one_of(st.none(), numbers) for name in _PRICES}


@st.composite
def wire_rows(draw: st.DrawFn, numbers: st.SearchStrategy[float]) -> dict[str, JsonValue]:
    """One inventory row of item 7 as on the wire."""
    number = st.one_of(st.none(), numbers)
    compound = st.fixed_dictionaries(
        {"compound": st.one_of(_NAMES, texts()), "result": st.one_of(_RESULTS, texts(), number)}
    )
    columns: dict[str, st.SearchStrategy[Any]] = {
        "item": st.one_of(st.sampled_from(["Opal Sedge", "Tarn "]), texts()),
        "available": numbers,
        "brand": st.one_of(st.none(), texts()),
        "category": st.one_of(_CATEGORIES, texts()),
        "sku": st.one_of(st.none(), texts()),
        "strain": st.one_of(st.none(), st.sampled_from(["Indica", "Sativa hybrid"]), texts()),
        "status": st.sampled_from(["open", "open", "open", "closed", "Open "]),
        "deleted": st.sampled_from([False, False, False, True]),
        "qc_hold": st.sampled_from([False, False, False, True]),
        "is_product": st.sampled_from([True, True, True, False]),
        "is_cannabis": st.booleans(),
        "is_adult_use": st.booleans(),
        "is_medical_use": st.booleans(),
        "uom_type": st.sampled_from(["count", "weight", "Weight ", ""]),
        "uom_short": _UNITS,
        "weight_useable": number,
        "weight_useable_uom": st.one_of(st.none(), st.sampled_from(["Grams", "Each", "Stone"]), texts()),
        "use_otd_price": st.booleans(),
        "use_location_otd_price": st.booleans(),
        "location_threshold_low_quantity_value": number,
        "location_threshold_low_quantity_selected": st.booleans(),
        "compounds": st.lists(compound, max_size=4),
        "thc": number,
        "cbd": number,
        "thc_mg": number,
        "cbd_mg": number,
        "date_expire": st.sampled_from([None, "", "2026-01-31", "2026-02-01", "2026-02-02T10:00:00"]),
        **_prices(numbers),
    }
    here: dict[str, JsonValue] = {"id_area": builders.RETAIL_ID}
    case: dict[str, JsonValue] = {"id_area": 1004}
    nowhere: dict[str, JsonValue] = {"id_area": None, "area": None, "area_path": None, "area_type": None}
    vault: dict[str, JsonValue] = {"id_area": builders.VAULT_ID, "area": "Vault", "area_type": "Storage"}
    place = draw(st.sampled_from([here, here, here, case, nowhere, vault]))
    values = draw(st.fixed_dictionaries({}, optional=columns))
    return {**values, **place, "id_batch": draw(st.integers(1, 9))}


def rows(numbers: st.SearchStrategy[float] = PLAIN) -> st.SearchStrategy[list[InventoryRow]]:
    """All rows of one item: a batch is in an area at most once."""
    return st.lists(
        wire_rows(numbers).map(lambda wire: builders.row(**wire)),
        min_size=1,
        max_size=4,
        unique_by=lambda row: (row.id_batch, row.id_area),
    )


def items(numbers: st.SearchStrategy[float] = PLAIN) -> st.SearchStrategy[Item | None]:
    """The catalogue record of item 7, or none."""
    steps = st.fixed_dictionaries(
        {"qty": numbers, "uom_short": st.one_of(st.none(), _UNITS), **_prices(numbers)}
    )
    picture = st.one_of(
        st.sampled_from(["https://pictures.example/1", "https://pictures.example/2", "ftp://x"]), texts()
    )
    columns: dict[str, st.SearchStrategy[Any]] = {
        "product_description": st.one_of(
            st.none(), texts(), st.sampled_from(["<b>A</b> & b<br>", "<p> </p>"])
        ),
        "strain_type": st.one_of(st.none(), st.sampled_from(["Hybrid", "Indica-dominant"]), texts()),
        "media_list": st.lists(st.fixed_dictionaries({"content": picture}), max_size=3),
        "use_tiered_pricing": st.booleans(),
        "price_tier_list": st.lists(steps, max_size=4),
    }
    return st.none() | st.fixed_dictionaries({}, optional=columns).map(lambda wire: builders.item(**wire))


def all_rules(selection: AreaSelection | None = None) -> st.SearchStrategy[Rules]:
    """Every way to configure a location."""
    return st.builds(
        Rules,
        areas=st.just(selection or builders.select("Retail")),
        today=st.just(builders.TODAY),
        menu=st.sampled_from(["adult_use", "medical"]),
        otd_pricing=st.sampled_from(["follow", "always", "never"]),
        threshold_needs_checkbox=st.booleans(),
        tier_price=st.sampled_from(["total", "per_unit"]),
        use_default_categories=st.booleans(),
        category_map=st.sampled_from([{}, {"snacks": "EDIBLES"}]),
        labs=st.booleans(),
        terpenes=st.booleans(),
    )


_AMOUNTS = st.sampled_from([Decimal(1), Decimal("2.5"), Decimal("23.1481"), Decimal("28.349523125")])
_WORDS = st.sampled_from(["Opal", "Tarn", "Ñandú 🌿", '"<&\\'])


@st.composite
def labs(draw: st.DrawFn) -> tuple[LabValue, ...]:
    """Values in the order of the contract."""
    names = draw(st.sets(st.sampled_from([*CANNABINOIDS, *TERPENES]), max_size=4))
    unit = st.sampled_from(get_args(ContentUnit))
    return tuple(
        LabValue(name, draw(_AMOUNTS), draw(unit)) for name in (*CANNABINOIDS, *TERPENES) if name in names
    )


@st.composite
def products(draw: st.DrawFn, key: str = "7") -> Product:
    """A product as the mapping makes them: with a name and a price; everything else may be missing."""
    kind = draw(st.sampled_from(get_args(PriceType)))
    sizes = [] if kind == "REGULAR" else sorted(draw(st.sets(_AMOUNTS, min_size=1)))
    weight = draw(st.none() | _AMOUNTS)
    return Product(
        pos_product_id=key,
        name=draw(_WORDS),
        description=draw(st.none() | _WORDS),
        brand=draw(st.none() | _WORDS),
        sku=draw(st.none() | _WORDS),
        product_category=draw(st.none() | st.sampled_from(CATEGORIES)),
        sub_type=draw(st.none() | _WORDS),
        cannabis_type=draw(st.none() | st.sampled_from(get_args(CannabisType))),
        cannabis_strain=draw(st.none() | _WORDS),
        price=draw(_AMOUNTS),
        price_type=kind,
        tiers=tuple(Tier(price=draw(_AMOUNTS), size=size) for size in sizes),
        quantity=draw(st.sampled_from([Decimal(0), Decimal(3), Decimal("112.5")])),
        weight=weight,
        weight_unit=None if weight is None else draw(st.sampled_from(get_args(WeightUnit))),
        images=tuple(
            draw(st.lists(st.sampled_from(["https://a.example", "https://b.example"]), unique=True))
        ),
        labs=draw(labs()),
    )


def switches() -> st.SearchStrategy[frozenset[FieldGroup]]:
    """Any fields switched off."""
    return st.frozensets(st.sampled_from(get_args(FieldGroup)), max_size=4)


@st.composite
def known_products(draw: st.DrawFn, key: str, off: frozenset[FieldGroup]) -> Known:
    """What may be known of one product while `off` is switched off; one made by hand may have no price."""
    product = draw(st.none() | products(key))
    if product is not None and draw(st.sampled_from([False, False, False, True])):
        product = builders.without_price(product)
    attempted = draw(st.none() | products(key))
    if attempted is not None and product is not None:
        attempted = keep(attempted, product, off)
    decided = draw(st.none() | mapped_items(key))
    return Known(product, attempted, None if decided is None else builders.state(decided))


@st.composite
def mapped_items(draw: st.DrawFn, key: str) -> MappedItem:
    """What the mapping may say of one item."""
    if draw(st.sampled_from([True, True, False])):
        return builders.listed(draw(products(key)))
    reasons: Sequence[Reason] = ("not-a-product", "other-menu-type", "no-price", "invalid")
    return builders.withheld(key, draw(st.sampled_from(reasons)))


_KEYS = ("1", "2", "3", "10", "11", "30")


@st.composite
def menus(draw: st.DrawFn, off: frozenset[FieldGroup]) -> tuple[list[MappedItem], dict[str, Known]]:
    """A run: what the mapping says, and what was known before."""
    now = [draw(mapped_items(key)) for key in draw(st.sets(st.sampled_from(_KEYS)))]
    before = {key: draw(known_products(key, off)) for key in draw(st.sets(st.sampled_from(_KEYS)))}
    return now, before
