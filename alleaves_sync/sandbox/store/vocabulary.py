"""Invented words. Nothing here is the name of a real brand, strain or person."""

from typing import Final

WORDS: Final = (
    "Brindle", "Corvid", "Fennel", "Garnet", "Halcyon", "Juniper", "Kestrel", "Larkspur", "Lumen",
    "Marrow", "Moss", "Nettle", "Ombrel", "Opal", "Osprey", "Pippin", "Quillon", "Rowan", "Saffron",
    "Sedge", "Tarn", "Tessel", "Thistle", "Umbra", "Vantor", "Wicker", "Yarrow", "Zephyr",
)  # fmt: skip

#: As the POS has them: some with a space too many.
BRANDS: Final = (
    "Dappled Field ", "Tallow & Pine", "Oxbow", "Ember Lane ", " Riverglass", "Cobbler", "Northwind ",
    "Marlow Works", "Quiet Acre ", None,
)  # fmt: skip

STRAINS: Final = (
    "Blue Lantern", "Salt Haze", "Paper Moon", "Old Clock", "Opal Sedge", "Quarry Light", "Tin Orchard",
    "Hybrid", "Sativa", "Indica", None, None,
)  # fmt: skip

#: `strain_type` of the catalogue record, the strange ones included.
STRAIN_TYPES: Final = (
    "Indica", "Sativa", "Hybrid", "Indica", "Sativa", "Hybrid", "indica ", "Indica-dominant Hybrid",
    "Hybrid/Sativa", "CBD", "Moonlit", None, None,
)  # fmt: skip

FIRST_NAMES: Final = (
    "Ada", "Bram", "Clio", "Dorit", "Edda", "Falk", "Greta", "Hugo", "Ines", "Jory", "Kaja", "Lorn",
    "Mira", "Nils", "Orla", "Pelle", "Quinn", "Rosa", "Sven", "Tilda", "Una", "Viggo", "Wanda", "Ymir",
)  # fmt: skip

LAST_NAMES: Final = (
    "Abelwood", "Brackish", "Cindervale", "Dunmore", "Eskerly", "Farrow", "Greymane", "Hollowell", "Ivers",
    "Jessamy", "Kettlewick", "Lorne", "Marchbank", "Netherby", "Oakhurst", "Pellworth", "Quarrington",
    "Ravenscar", "Stillwater", "Thornbury", "Umberleigh", "Vexley", "Wolfstan", "Yewdale",
)  # fmt: skip

#: Area codes of the states around the invented store; every number is one of 555-0100 to 555-0199.
AREA_CODES: Final = (
    "518", "315", "585", "607", "716", "845", "914", "212", "646", "718", "917", "516", "631", "201",
    "551", "732", "848", "609", "856", "908", "973", "862", "203", "475", "860", "959", "413", "508",
    "774", "617", "857", "781", "339", "978", "351", "802", "603", "207", "401", "570", "610", "484",
    "717", "814", "412", "724", "878", "215", "267", "445", "272", "302",
)  # fmt: skip

CATEGORIES: Final = (
    ("Flower", 20), ("Pre rolls", 15), ("Vapes", 15), ("Edibles", 15), ("Concentrate", 10),
    ("Beverages", 5), ("Tinctures", 5), ("Topicals", 4), ("Capsules", 4), ("Accessories", 7),
)  # fmt: skip

SIZES: Final = (("3.5g", 3.5), ("1g", 1), ("2pk", 1), ("0.5g", 0.5), ("5pk", 3.5), ("28g", 28))

#: Adult-use prices; one is not round, as where a store works back from a price with tax.
PRICES: Final = (10, 12, 18, 25, 30, 35.5, 42, 50, 23.1481)

TERPENES: Final = (
    ("Limonene", "0.83%"), ("Beta Myrcene", "4.5"), ("Linalool %", "0.31"), ("Caryophyllene Oxide", "3 mg/g"),
    ("Alpha Pinene", "12mg"), ("Delta-3 Carene", "0.2%"), ("Humulene", "ND"), ("3-Carene", "0.70000000"),
    ("Trans-Nerolidol", "1.2 %"), ("Ocimene", "0"), ("House Blend Ester", "1.1%"), ("Guaiol", ""),
    ("Beta Caryophyllene", "1.04%"), ("Terpinolene", "12 mg"), ("Bisabolol", "0.09%"),
)  # fmt: skip
