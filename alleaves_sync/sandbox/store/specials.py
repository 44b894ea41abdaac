"""The items that break naive programs, one of each kind, by a key that tests and demos can use.

Rules such as `Q2` are those of docs/contract/rules.md.
"""

from collections.abc import Mapping
from typing import Any, Final

from alleaves_sync.sandbox.constants import Record
from alleaves_sync.sandbox.store.drafts import SOLD_OUT, Draft, Lot, prices, tier

_WEIGHT: Final[Record] = {
    "uom": "Grams",
    "uom_type": "weight",
    "uom_short": "g",
    "weight_useable": None,
    "weight_useable_uom": None,
}
_NOT_CANNABIS: Final[Record] = {
    "is_cannabis": False,
    "is_adult_use": False,
    "is_medical_use": False,
    "weight_useable": None,
    "weight_useable_uom": None,
}


def _draft(
    name: str,
    category: str,
    *lots: Lot,
    price: float = 30,
    record: Record | None = None,
    **columns: Any,
) -> Draft:
    shared = {"brand": "Northwind ", "category": category, **prices(price), **columns}
    return Draft(name, shared, record or {}, lots or (Lot(available=12),))


def _compounds(*pairs: tuple[str, object]) -> list[Record]:
    return [{"compound": compound, "result": result} for compound, result in pairs]


def _tiers(*tiers: Record) -> Record:
    return {"use_tiered_pricing": True, "price_tier_list": list(tiers)}


def _dated(available: float, expires: str | None, received: str = "2026-02-01") -> Lot:
    return Lot(
        available=available, columns={"date_expire": expires, "date_received": f"{received}T09:00:00.000"}
    )


_FLOWER: Final = "Category > Flower"
_EDIBLE: Final = "Category > Edibles"

_TIERS: Final[Mapping[str, Draft]] = {
    "weight-tiers": _draft(
        "Bulk Flower - Opal Sedge", _FLOWER, Lot(available=112.5), Lot(available=56.25), price=10,
        strain="Opal Sedge",
        record=_tiers(tier(1, "g", 10), tier(3.5, "g", 28), tier(1, "oz", 200)) | {"strain_type": "Hybrid"},
        **_WEIGHT,
    ),
    "bad-tiers": _draft(
        "Bulk Flower - Paper Moon", _FLOWER, Lot(available=80), price=9,
        record=_tiers(tier(7, "g", 55), tier(1, "lb", 900), tier(3.5, "g", None), tier(1, "g", 9),
                      tier(2, "ea", 20), tier(1, "g", 8)),
        **_WEIGHT,
    ),
    "count-tiers": _draft(
        "Tarn Gummies - 10pk", _EDIBLE, Lot(available=24), price=10,
        record=_tiers(tier(1, "ea", 10), tier(2, "ea", 18), tier(3, "ea", 24)),
        weight_useable=100, weight_useable_uom="Milligrams",
    ),
    "useless-tiers": _draft(
        "Tarn Mints - tin", _EDIBLE, price=14, record=_tiers(tier(1, "bx", 14), tier(3.5, "g", 40)),
    ),
}  # fmt: skip

_PRICES: Final[Mapping[str, Draft]] = {
    "otd": _draft("OTD Vape 1g", "Category > Vapes", Lot(available=6), price=40, use_otd_price=True),
    "otd-location": _draft("OTD Pen 0.5g", "Category > Vapes", price=35.5, use_location_otd_price=True),
    "otd-unset": _draft(
        "OTD Pen unpriced", "Category > Vapes",
        use_otd_price=True, price_otd_adult_use=0, price_otd_medical_use=None, price_otd=None,
    ),
    "accessory": _draft(
        "Glass Tray", "Category > Accessories", Lot(available=9),
        price_retail=23.1481, price_otd=25, **_NOT_CANNABIS,
    ),
    "gift-card": _draft(
        "Gift Card - $25", "Category > Gift Cards", Lot(available=30), price=0,
        **_NOT_CANNABIS | {"is_product": False, "price_retail": 25, "price_otd": 25},
    ),
    "no-price": _draft(
        "Not priced yet 1g", "Category > Concentrate", price=0, price_retail_medical_use=None,
        price_otd_medical_use=None,
    ),
    "generic-price": _draft("Generic price 1g", "Category > Concentrate", price=0, price_retail=18),
}  # fmt: skip

_STOCK: Final[Mapping[str, Draft]] = {
    "at-threshold": _draft(
        "At the threshold 1g", "Category > Concentrate", Lot(available=5), price=20,
        location_threshold_low_quantity_value=5, location_threshold_low_quantity_selected=True,
    ),
    "unticked-threshold": _draft(
        "Below, box not ticked 1g", "Category > Concentrate", Lot(available=3), price=20,
        location_threshold_low_quantity_value=4, location_threshold_low_quantity_selected=False,
    ),
    "split-areas": _draft(
        "Split stock 3.5g", _FLOWER,
        Lot(available=32), Lot("quarantine", 1, same_batch=True), Lot("express", 4, same_batch=True),
        price=35,
        location_threshold_low_quantity_value=5, location_threshold_low_quantity_selected=True,
        compounds=_compounds(("THC %", "27.63000000"), ("Limonene", "1.2%"), ("Beta Myrcene", "4.5"),
                             ("Delta-3 Carene", "0.2%")),
    ),
    "split-batches": _draft(
        "Split batches 3.5g", _FLOWER, _dated(3, "2033-06-30"), _dated(3, "2032-01-31"),
        _dated(3, None, "2026-01-02"), _dated(3, None, "2026-03-04"), price=35,
    ),
    "quarantine-only": _draft("Waiting for labs 1g", "Category > Vapes", Lot("quarantine", 40)),
    "vault-only": _draft("Vault reserve 3.5g", _FLOWER, Lot("vault", 64)),
    "qc-hold": _draft("Held back 3.5g", _FLOWER, Lot(available=18, columns={"qc_hold": True})),
    "closed": _draft(
        "Closed batch 1g", "Category > Vapes",
        Lot(available=7, columns={"status": "closed", "date_closed": "2026-04-01T00:00:00.000"}),
    ),
    "expired": _draft("Expired cookies", _EDIBLE, _dated(11, "2025-06-30")),
    "part-expired": _draft(
        "Half expired cookies", _EDIBLE, _dated(11, "2025-06-30"), _dated(9, "2033-05-31"),
    ),
    "deleted": _draft("Deleted batch 1g", "Category > Vapes", Lot(available=5, columns={"deleted": True})),
    "negative": _draft("Oversold pre roll", "Category > Pre rolls", Lot(available=-2, held=2)),
    "half-piece": _draft("Half a piece left", "Category > Pre rolls", Lot(available=0.5)),
    "sold-out": _draft("Sold out pre roll", "Category > Pre rolls", Lot(SOLD_OUT)),
    "no-rows": Draft("Never received", record={"product_description": "Ordered, not here."}, lots=()),
}  # fmt: skip

_LABELS: Final[Mapping[str, Draft]] = {
    "medical-only": _draft("Clinic tincture 30ml", "Category > Tinctures", is_adult_use=False),
    "adult-only": _draft("Evening tincture 30ml", "Category > Tinctures", is_medical_use=False),
    "beverage": _draft("Cola 10mg", "Category > Beverages", Lot(available=50), price=5),
    "unmapped": _draft("Sedge tea, 20 bags", "Category > Wellness Teas", price=16),
    "uncategorized": _draft("Loose end", "Uncategorized", price=16),
    "strange-strain": _draft(
        "Moonlit rocks 1g", "Category > Concentrate", strain=" Salt Haze ",
        record={"strain_type": "Moonrock"},
    ),
    "dominant": _draft(
        "Dominant 3.5g", _FLOWER, record={"strain_type": "Hybrid - Indica Dominant"}, strain="Sativa",
    ),
    "html": _draft(
        "Described at length", _EDIBLE,
        record={"product_description": '<p onclick="go()">Sweet &amp; <b>round</b>.<br>Line two</p>'
                                       "<script>alert('menu')</script><style>p{color:red}</style>"},
    ),
    "pictures": _draft(
        "Seen from all sides", "Category > Topicals",
        record={"media_list": [{"content": f"https://pictures.invalid/{{id}}-{name}"}
                               for name in ("b.webp", "a.webp", "b.webp", "c%20d.png")]
                + [{"content": "ftp://pictures.invalid/{id}.tif"}]},
    ),
    "odd-text": _draft(
        "  Caf\u00e9 \u201cN\u00famero\u00a07\u201d\u0007\t1g ", "Category > Vapes", brand="  "
    ),
    "ounces": _draft("One ounce bag", _FLOWER, weight_useable=1, weight_useable_uom="Ounces"),
    "pints": _draft("A pint of it", "Category > Beverages", weight_useable=1, weight_useable_uom="Pints"),
    "each": _draft("Pack of five", "Category > Pre rolls", weight_useable=5, weight_useable_uom="Each"),
}  # fmt: skip

_LABS: Final[Mapping[str, Draft]] = {
    "lab-units": _draft(
        "Tested every way 3.5g", _FLOWER,
        compounds=_compounds(("THC %", "21.77197307"), ("CBD", "ND"), ("Limonene %", "0.83"),
                             ("Linalool", "12 mg"), ("Humulene", "3 mg/g"), ("Alpha Pinene", "4.5"),
                             ("Guaiol", ""), ("Ocimene", "-1%"), ("Terpinolene", "traces"),
                             ("Trans-Nerolidol", "1.2 %"), ("House Blend Ester", "1.1%"),
                             ("beta pinene", "0.4%"), ("Bisabolol", None), ("CBG", 0.7)),
    ),
    "labs-conflict": _draft(
        "Tested twice 3.5g", _FLOWER,
        Lot(available=8, columns={"compounds": _compounds(("THC", "20%"), ("Limonene", "900 mg"))}),
        Lot(available=4, columns={"compounds": _compounds(("THC", "24.5%"), ("Limonene", "0.4%"))}),
    ),
    "labs-sold-out": _draft(
        "Tested batch is gone 3.5g", _FLOWER, Lot(available=8),
        Lot(SOLD_OUT, columns={"compounds": _compounds(("THC %", "22.2"))}),
    ),
    "lab-columns": _draft("Only columns 100mg", _EDIBLE, thc_mg=100, cbd_mg=0, thc=None),
    "disagree": _draft(
        "Rows disagree 1g", "Category > Concentrate",
        Lot(available=6, columns={"location_threshold_low_quantity_value": 2}),
        Lot(available=6, columns={"category": "Category > Vapes", "price_retail_adult_use": 33,
                                  "location_threshold_low_quantity_value": 4, "brand": "Oxbow"}),
    ),
}  # fmt: skip

SPECIALS: Final[Mapping[str, Draft]] = {**_TIERS, **_PRICES, **_STOCK, **_LABELS, **_LABS}
