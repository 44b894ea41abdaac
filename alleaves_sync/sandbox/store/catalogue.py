"""The believable part of a store: any number of plain items in ten categories, from a seed."""

import random
from collections.abc import Iterator
from typing import Final

from alleaves_sync.sandbox.constants import Record
from alleaves_sync.sandbox.store.drafts import SOLD_OUT, Builder, Draft, Lot, prices
from alleaves_sync.sandbox.store.specials import SPECIALS
from alleaves_sync.sandbox.store.table import Table
from alleaves_sync.sandbox.store.vocabulary import (
    BRANDS,
    CATEGORIES,
    PRICES,
    SIZES,
    STRAIN_TYPES,
    STRAINS,
    TERPENES,
    WORDS,
)

#: Smaller stores are plain: the special items would be most of them.
ROOM_FOR_SPECIALS: Final = 60

#: How often a plain item has a second row, and which. Together about 15 %.
SECOND_LOTS: Final = (
    ("batch", 0.06), ("sold-out", 0.03), ("quarantine", 0.02), ("vault", 0.02), ("express", 0.02),
)  # fmt: skip

EDIBLE: Final = ("Edibles", "Beverages", "Tinctures", "Topicals", "Capsules")
#: Subcategories that some items have.
LINES: Final = ("Classic", "House", "Small Batch")

#: One of each comes first, so that also a small store has them all.
FIRST_DEALT: Final = tuple(name for name, _ in CATEGORIES)


def make_tables(seed: int, index: int, items: int) -> tuple[Table, Table, dict[str, int]]:
    """Rows, items and the ids of the special items (by key) of one location."""
    rng = random.Random(f"{seed}/{index}/catalogue")
    builder = Builder(index, rng)
    special = SPECIALS if items >= ROOM_FOR_SPECIALS else {}
    drafts = [*_plain(rng, items - len(special)), *special.values()]
    rows, records = builder.build(drafts)
    ids = [entry["id_item"] for entry in records]
    return rows, records, dict(zip(special, ids[len(ids) - len(special) :], strict=True))


def _plain(rng: random.Random, count: int) -> Iterator[Draft]:
    names = [name for name, _ in CATEGORIES]
    weights = [weight for _, weight in CATEGORIES]
    for number in range(count):
        category = FIRST_DEALT[number] if number < len(FIRST_DEALT) else rng.choices(names, weights)[0]
        yield _accessory(rng) if category == "Accessories" else _cannabis(rng, category)


def _name(rng: random.Random, brand: str | None, size: str) -> str:
    label = (brand or "House").strip()
    return f"{label} - {rng.choice(WORDS)} {rng.choice(WORDS)} - {size} #{{id}}"


def _record(rng: random.Random, strain_type: str | None) -> Record:
    pictures = rng.choices((0, 1, 2, 3), (2, 5, 2, 1))[0]
    described = rng.random() < 0.8
    text = f"{rng.choice(WORDS)} and {rng.choice(WORDS)}.<br>Plain words for item {{id}}."
    return {
        "product_description": text if described else None,
        "strain_type": strain_type,
        "media_list": [
            {"content": f"https://pictures.invalid/{{id}}-{number}.webp"} for number in range(pictures)
        ],
    }


def _cannabis(rng: random.Random, category: str) -> Draft:
    brand = rng.choice(BRANDS)
    size, weight = ("100mg", 100.0) if category in EDIBLE else rng.choice(SIZES)
    deeper = f" > {rng.choice(LINES)} {category}" if rng.random() < 0.04 else ""
    columns: Record = {
        "brand": brand,
        "category": f"Category > {category}{deeper}",
        "strain": None if category in EDIBLE else rng.choice(STRAINS),
        "weight_useable": weight,
        "weight_useable_uom": "Milligrams" if category in EDIBLE else "Grams",
        "weight_useable_uom_short": "mg" if category in EDIBLE else "g",
        **prices(rng.choice(PRICES)),
        **_threshold(rng),
        **_labs(rng, category),
    }
    strain_type = None if category in EDIBLE else rng.choice(STRAIN_TYPES)
    return Draft(_name(rng, brand, size), columns, _record(rng, strain_type), _lots(rng))


def _accessory(rng: random.Random) -> Draft:
    """Not cannabis and for no use: only the generic price columns count."""
    brand = rng.choice(BRANDS)
    retail = rng.choice(PRICES)
    columns: Record = {
        "brand": brand,
        "category": "Category > Accessories",
        "is_cannabis": False,
        "is_adult_use": False,
        "is_medical_use": False,
        "weight_useable": None,
        "weight_useable_uom": None,
        "price_retail": retail,
        "price_otd": round(retail * 1.08, 2),
    }
    return Draft(_name(rng, brand, "ea"), columns, _record(rng, None), _lots(rng))


def _threshold(rng: random.Random) -> Record:
    if rng.random() >= 0.1:
        return {}
    value = rng.choice((2, 3, 5))
    return {
        "location_threshold_low_quantity_value": value,
        "location_threshold_low_quantity_selected": rng.random() < 0.8,
    }


def _labs(rng: random.Random, category: str) -> Record:
    """Potency in one of the ways that stores have: the profile, the columns, or not at all."""
    kind = rng.random()
    if kind < 0.3:
        thc = f"{rng.uniform(12, 32):.8f}"
        first = rng.choice(
            (("THC %", thc), ("THC", f"{thc[:5]}%"), ("thca", f"{thc[:4]} %"), ("THC %", "ND"))
        )
        chosen = [first, *rng.sample(TERPENES, rng.randrange(5))]
        compounds = [{"compound": compound, "result": result} for compound, result in chosen]
        return {"compounds": compounds, "id_test_result": rng.randrange(20_000, 90_000)}
    if kind < 0.4:
        return {"thc_mg": 100, "cbd_mg": 5} if category in EDIBLE else {"thc": round(rng.uniform(12, 32), 2)}
    return {}


def _amount(rng: random.Random) -> int:
    """What lies in a batch: mostly up to 40, now and then a lot."""
    return rng.randrange(60, 240) if rng.random() < 0.1 else rng.randrange(3, 40)


def _dates(rng: random.Random) -> Record:
    received = f"2026-{rng.randrange(1, 10):02d}-{rng.randrange(1, 29):02d}T19:42:51.937"
    expires = f"20{rng.randrange(31, 36)}-{rng.randrange(1, 13):02d}-15" if rng.random() < 0.3 else None
    return {"date_received": received, "date_expire": expires}


def _lots(rng: random.Random) -> tuple[Lot, ...]:
    if rng.random() < 0.1:
        return (Lot(SOLD_OUT, columns=_dates(rng)),)
    first = Lot("floor", _amount(rng), held=int(rng.random() < 0.1), columns=_dates(rng))
    dice = rng.random()
    for kind, chance in SECOND_LOTS:
        dice -= chance
        if dice < 0:
            return (first, _second(rng, kind, first))
    return (first,)


def _second(rng: random.Random, kind: str, first: Lot) -> Lot:
    if kind == "batch":
        return Lot("floor", _amount(rng), columns=_dates(rng))
    if kind == "sold-out":
        return Lot(SOLD_OUT, columns=_dates(rng))
    return Lot(kind, rng.randrange(1, 12), same_batch=True, columns=first.columns)
