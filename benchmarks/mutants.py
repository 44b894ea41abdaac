"""Does a test notice when a rule is broken? Small mutations of the mapping and the plan, one at a time.

    python benchmarks/mutants.py            # all of them
    python benchmarks/mutants.py Q2 M3      # those of these rules

Each mutation is made in a copy of the package, never in the working tree, and the tests of the mapping and
the plan are run against the copy until the first one fails. Exit code 0: all caught; 1: one survived; 2: the
tests fail without any mutation, or a mutation no longer fits the code.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("alleaves_sync", "tests", "docs", "pyproject.toml")
TESTS = ("mapping/test_*.py", "test_plan*.py", "aiq/test_wire.py")
PROCESSES = 2
LONGEST_SECONDS = 300  # a mutation may make a loop that never ends: that is noticed too


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change that breaks `rule`: in `file`, what stands there exactly once, and what it becomes."""

    rule: str
    file: str
    old: str
    new: str

    @property
    def shown(self) -> str:
        """The change on one line."""
        old, new = (" ".join(text.split()) for text in (self.old, self.new))
        return f"{Path(self.file).stem}: {old} -> {new or '(nothing)'}"


AREAS = "alleaves_sync/rules/mapping/areas.py"
CATEGORY = "alleaves_sync/rules/mapping/category.py"
ITEM = "alleaves_sync/rules/mapping/item.py"
LABS = "alleaves_sync/rules/mapping/labs.py"
MENU = "alleaves_sync/rules/mapping/menu.py"
PRICE = "alleaves_sync/rules/mapping/price.py"
STOCK = "alleaves_sync/rules/mapping/stock.py"
TEXT = "alleaves_sync/rules/mapping/text.py"
TIERS = "alleaves_sync/rules/mapping/tiers.py"
UNITS = "alleaves_sync/rules/mapping/units.py"
ACTIONS = "alleaves_sync/rules/actions.py"
PLAN = "alleaves_sync/rules/plan.py"

MUTATIONS = (
    # Which products
    Mutation("P1", ITEM, "pos_product_id=str(main.id_item)", "pos_product_id=str(main.id_batch)"),
    Mutation("P1", MENU, "rows[row.id_item].append(row)", "rows[row.id_batch].append(row)"),
    Mutation("P1", MENU, "sorted(rows.keys() | broken)", "sorted(rows.keys() | broken, reverse=True)"),
    Mutation("P2", AREAS, "str(text).strip().casefold()", "str(text).casefold()"),
    Mutation("P2", AREAS, "str(text).strip().casefold()", "str(text).strip()"),
    Mutation(
        "P2",
        AREAS,
        "(row.id_area, row.area, row.area_path, row.area_type)",
        "(row.id_area, row.area, row.area_type)",
    ),
    Mutation(
        "P2",
        AREAS,
        "(area.id_area, area.name, area.path, area.area_type)",
        "(area.name, area.path, area.area_type)",
    ),
    Mutation(
        "P2",
        AREAS,
        "(area.id_area, area.name, area.path, area.area_type)",
        "(area.id_area, area.name, area.path)",
    ),
    Mutation("P2", AREAS, "missing -= _row_keys(row)", "pass"),
    Mutation("P2", AREAS, "            if not missing:", "            if missing:"),
    Mutation("P2", AREAS, "        if row.id_area in self.ids:\n            return True\n", ""),
    Mutation("P2", AREAS, "if not area.deleted]", "]"),
    Mutation("P3", STOCK, "not row.deleted\n        and not row.qc_hold", "not row.qc_hold"),
    Mutation("P3", STOCK, "        and not row.qc_hold\n", ""),
    Mutation(
        "P3", STOCK, 'row.status.strip().casefold() == "open"', 'row.status.strip().casefold() != "closed"'
    ),
    Mutation("P3", STOCK, "row.date_expire >= rules.today", "row.date_expire > rules.today"),
    Mutation("P3", STOCK, "        and rules.areas.holds(row)\n", ""),
    Mutation("P3a", STOCK, "stocked or counting or in_order", "counting or in_order"),
    Mutation("P3a", STOCK, "stocked or counting or in_order", "stocked or in_order"),
    Mutation("P3a", STOCK, "main=deciding[-1]", "main=deciding[0]"),
    Mutation("P3a", STOCK, "tuple(sorted(rows, key=_place))", "tuple(rows)"),
    Mutation("P3a", STOCK, "row.available > 0)", "row.available >= 0)"),
    Mutation("P3a", STOCK, "row.available > 0)", "row.on_hand > 0)"),
    Mutation(
        "P3a", STOCK, "row.id_area is not None, -(row.id_area or 0)", "row.id_area is None, row.id_area or 0"
    ),
    Mutation("P3a", ITEM, '    "uom_short",\n', ""),
    Mutation("P3a", ITEM, "clean(value) if isinstance(value, str) else value", "value"),
    Mutation("P3a", ITEM, "for row in deciding}) > 1", "for row in deciding}) > 2"),
    Mutation("P4", ITEM, "if not main.is_product:", "if False:"),
    Mutation("P5", ITEM, "main.is_cannabis and not is_for_menu(main, rules)", "not is_for_menu(main, rules)"),
    Mutation("P5", PRICE, "row.is_adult_use if rules.menu ==", "row.is_medical_use if rules.menu =="),
    Mutation("P5", PRICE, "else row.is_medical_use", "else row.is_adult_use"),
    Mutation("P6", PLAN, "self._decide(state, None, before)", "pass"),
    Mutation(
        "P6",
        ACTIONS,
        '("quantity",), before.product, state)',
        '("quantity", "price"), before.product, state)',
    ),
    Mutation(
        "P6", ACTIONS, "before.product is None or before.product.quantity == 0", "before.product is None"
    ),
    Mutation("P6", PLAN, "            self._forgotten.append(key)\n", ""),
    Mutation("P6a", MENU, "if id_item in faults:", "if id_item in broken:"),
    Mutation("P6a", MENU, "sorted(rows.keys() | broken)", "sorted(rows.keys())"),
    Mutation("P6a", MENU, "record.id_item not in known", "record.id_item in known"),
    Mutation("P6a", ITEM, '("invalid",), warnings=warnings', '("invalid",)'),
    Mutation("P7", ITEM, '"hidden" if stock.reasons else "listed"', '"listed"'),
    Mutation(
        "P7",
        ITEM,
        'MappedItem(main.id_item, name, pos_category, "withheld", reasons, warnings=warnings)',
        'MappedItem(main.id_item, name, pos_category, "withheld", reasons[:1], warnings=warnings)',
    ),
    Mutation("P7", PLAN, "            if before.state != state:\n", "            if before.state is None:\n"),
    Mutation(
        "P7",
        ACTIONS,
        "        product = replace(before.attempted, quantity=Decimal(0))",
        "        product = before.attempted",
    ),
    # Quantity
    Mutation(
        "Q1",
        STOCK,
        "sum((row.available for row in rows.counting), _ZERO)",
        "sum((row.on_hand for row in rows.counting), _ZERO)",
    ),
    Mutation(
        "Q1",
        STOCK,
        "sum((row.available for row in rows.counting), _ZERO)",
        "sum((row.available for row in rows.stocked), _ZERO)",
    ),
    Mutation("Q1", STOCK, "max(total, _ZERO)", "abs(total)"),
    Mutation("Q1", STOCK, "    if total < 0:\n", "    if total <= 0:\n"),
    Mutation("Q2", STOCK, "0 < own <= threshold", "0 < own < threshold"),
    Mutation("Q2", STOCK, "0 < own <= threshold", "0 < quantity <= threshold"),
    Mutation("Q2", STOCK, "0 < own <= threshold", "0 < total <= threshold"),
    Mutation(
        "Q2", STOCK, "_ZERO if reasons else quantity", "_ZERO if reasons else quantity - (threshold or 0)"
    ),
    Mutation("Q3", STOCK, "or not rules.threshold_needs_checkbox", "or rules.threshold_needs_checkbox"),
    Mutation("Q3", STOCK, "row.location_threshold_low_quantity_selected or not", "not"),
    Mutation("Q4", STOCK, "return max((value for value in values", "return min((value for value in values"),
    Mutation("Q4", STOCK, "len(values) == 1", "True"),
    Mutation(
        "Q4", STOCK, "_threshold(rows.deciding, rules)", "_threshold(rows.counting or rows.deciding, rules)"
    ),
    Mutation("Q5", STOCK, "rounding=ROUND_DOWN", "rounding=ROUND_UP"),
    Mutation("Q5", STOCK, "_GRAM_DECIMALS = 3", "_GRAM_DECIMALS = 2"),
    Mutation("Q5", STOCK, "        decimals = 0\n", "        decimals = 1\n"),
    Mutation("Q5", STOCK, 'if price_type == "WEIGHT_TIER":', 'if price_type != "REGULAR":'),
    Mutation("Q5", STOCK, "factor = grams_per(row.uom_short)", "factor = grams_per(rows.main.uom_short)"),
    Mutation(
        "Q5",
        ITEM,
        "stock_of(sorted_rows, pricing.price_type, rules)",
        'stock_of(sorted_rows, "REGULAR", rules)',
    ),
    # Price
    Mutation("M1", PRICE, 'rules.otd_pricing == "always"', "True"),
    Mutation("M1", PRICE, "row.use_otd_price or row.use_location_otd_price", "row.use_otd_price"),
    Mutation("M1", PRICE, "row.use_otd_price or row.use_location_otd_price", "row.use_location_otd_price"),
    Mutation("M1", PRICE, "return any(row.use_otd_price", "return all(row.use_otd_price"),
    Mutation("M2", PRICE, '"price_otd" if otd else "price_retail"', '"price_retail" if otd else "price_otd"'),
    Mutation("M2", PRICE, "        return (generic,)\n", "        pass\n"),
    Mutation(
        "M2", PRICE, "if not main.is_cannabis and not is_for_menu(main, rules):", "if not main.is_cannabis:"
    ),
    Mutation("M2", PRICE, "{'adult' if rules.menu ==", "{'adult' if rules.menu !="),
    Mutation("M3", PRICE, "amount > 0:", "amount >= 0:"),
    Mutation("M3", PRICE, "amount > 0:", "amount != 0:"),
    Mutation("M3", PRICE, '_use", generic)', '_use",)'),
    Mutation("M3", PRICE, '_use", generic)', '_use", generic, "price_retail")'),
    Mutation("M3", ITEM, "if pricing.price is None:", "if False:"),
    Mutation("M4", PRICE, "return Price(amount, name)", "return Price(round(amount, 2), name)"),
    Mutation("M5", PRICE, "return max(priced, key", "return min(priced, key"),
    Mutation("M5", PRICE, "for price in found}) <= 1", "for price in priced}) <= 1"),
    Mutation(
        "M5",
        PRICE,
        "[price_of(row, names) for row in deciding]",
        "[price_of(row, names) for row in deciding[-1:]]",
    ),
    Mutation("M5", ITEM, "    if not agree and found is not None:", "    if found is None:"),
    Mutation("M6", ITEM, "if held is not None and held.price is not None:", "if False:"),
    Mutation("M6", ITEM, "if held is not None and held.price is not None:", "if held is not None:"),
    Mutation("M6", ITEM, 'held.price_type or "REGULAR", held.tiers)', 'held.price_type or "REGULAR", ())'),
    Mutation("M6", MENU, "held.get(str(id_item))", "None"),
    Mutation("M6", ACTIONS, "if held.price is None else names", "if False else names"),
    Mutation("M6", ACTIONS, '"price": ("price", "price_type", "tiers")', '"price": ("price",)'),
    # Tiers
    Mutation("T1", TIERS, "if item is None or not item.use_tiered_pricing:", "if item is None:"),
    Mutation("T1", TIERS, 'main.uom_type.strip().casefold() == "weight"', 'main.uom_type == "weight"'),
    Mutation("T1", TIERS, "return tier.qty if is_count(unit) else None", "return tier.qty"),
    Mutation("T1", TIERS, "clean(tier.uom_short) or own_unit", "clean(tier.uom_short)"),
    Mutation(
        "T2", TIERS, 'if price_is == "per_unit" else price.amount', 'if price_is == "total" else price.amount'
    ),
    Mutation("T2", TIERS, "as_sent(price.amount * tier.qty)", "as_sent(price.amount * size)"),
    Mutation("T3", TIERS, "price = price_of(tier, columns)", "price = price_of(tier, columns[:1])"),
    Mutation("T3", TIERS, "for size in sorted(found)]", "for size in found]"),
    Mutation("T3", TIERS, "        elif size <= 0:", "        elif size < 0:"),
    Mutation("T3", TIERS, "        elif size in found:", "        elif False:"),
    Mutation("T4", ITEM, "Price(tiering.tiers[0].price", "Price(tiering.tiers[-1].price"),
    Mutation(
        "T4",
        TIERS,
        "        return None, tuple(warnings)\n",
        "        return None, tuple(warnings[:-1])\n",
    ),
    Mutation("T5", UNITS, 'Decimal("28.349523125")', 'Decimal("28.35")'),
    Mutation("T5", UNITS, 'Decimal("0.001")', 'Decimal("0.01")'),
    Mutation(
        "T5",
        UNITS,
        "_GRAMS.get(_SPELLINGS.get(short, short))",
        '_GRAMS.get(_SPELLINGS.get(short, short), _GRAMS["g"])',
    ),
    # Category, weight, strain, brand, text, pictures
    Mutation(
        "C1",
        CATEGORY,
        "return None if last is None or last.casefold() == _NO_CATEGORY else last",
        "return last",
    ),
    Mutation(
        "C1",
        CATEGORY,
        "    last = clean(path.rpartition(_SEPARATOR)[2])",
        "    last = clean(path.partition(_SEPARATOR)[2])",
    ),
    Mutation("C2", CATEGORY, 'return word[:-3] + "y"', "return word[:-3]"),
    Mutation("C2", CATEGORY, 'word.removesuffix("s")', "word"),
    Mutation("C2", CATEGORY, "segment.casefold())", "segment)"),
    Mutation("C2", CATEGORY, 'r"[\\s\\-_]+"', 'r"[\\s\\-]+"'),
    Mutation("C2", CATEGORY, "for segment in reversed(segments(path))", "for segment in segments(path)"),
    Mutation("C2", CATEGORY, "for segment in reversed(segments(path))", "for segment in segments(path)[-1:]"),
    Mutation("C3", CATEGORY, "if own is not None or not use_defaults:", "if own is not None:"),
    Mutation("C3", CATEGORY, "own = configured.get(map_key(path))\n", "own = None\n"),
    Mutation("C3", CATEGORY, "own = configured.get(map_key(path.rpartition(_SEPARATOR)[2]))", "own = None"),
    Mutation("C3", CATEGORY, ".strip().casefold()\n\n\ndef category", ".strip()\n\n\ndef category"),
    Mutation("C4", PLAN, "item.product.product_category is None\n", "item.product.sub_type is None\n"),
    Mutation(
        "C4", PLAN, "self._unmapped[item.pos_category or", 'self._unmapped[(item.product.sub_type or "") or'
    ),
    Mutation("W1", CATEGORY, 'return value, "GRAMS"', "return value, None"),
    Mutation("W1", CATEGORY, 'name.casefold(), "UNKNOWN")', 'name.casefold(), "GRAMS")'),
    Mutation("W1", CATEGORY, "if value is None or value <= 0:", "if value is None:"),
    Mutation("W1", ITEM, '    if weight_unit == "UNKNOWN":\n', "    if False:\n"),
    Mutation(
        "S1",
        CATEGORY,
        'frozenset({"sativa", "dominant"}): "HYBRID_SATIVA"',
        'frozenset({"sativa", "dominant"}): "SATIVA"',
    ),
    Mutation("S1", ITEM, "    if from_item is not None:\n", "    if item is not None:\n"),
    Mutation(
        "S1",
        ITEM,
        "cannabis_strain=clean(main.strain)",
        "cannabis_strain=clean(main.strain) if item else None",
    ),
    Mutation("B1", TEXT, "    return text.strip() or None\n", "    return text or None\n"),
    Mutation("B1", TEXT, '_CONTROLS.sub("", _BREAKS.sub(" ", text))', '_BREAKS.sub(" ", text)'),
    Mutation("B1", ITEM, "brand=clean(main.brand)", "brand=main.brand"),
    Mutation("B1", ITEM, 'clean(main.category) or ""', "main.category.strip()"),
    Mutation("D1", TEXT, "attributes={}", "attributes={'*': {'style', 'onclick'}}"),
    Mutation(
        "D1", TEXT, "nh3.clean(text, tags=_SIMPLE_TAGS, attributes={}, url_schemes=set()).strip()", "text"
    ),
    Mutation("D1", TEXT, '"b", "br", ', '"b", '),
    Mutation("D1", TEXT, "return html if words else None", "return html"),
    Mutation("I1", TEXT, "https?://[^/?#", r"\w+://[^/?#"),
    Mutation("I1", TEXT, "https?://[^/?#", "https?:[^?#"),
    Mutation(
        "I1",
        TEXT,
        "        if _WEB_ADDRESS.match(address):",
        "        if address in kept or _WEB_ADDRESS.match(address):\n            kept.pop(address, None)",
    ),
    Mutation("I1", TEXT, "            dropped.append(address)\n", "            pass\n"),
    # Labs
    Mutation("L1", LABS, "_TERPENE_NAMES.get(name)\n", "_TERPENE_NAMES.get(name.title())\n"),
    Mutation("L1", LABS, "_CLOSE = 0.7 ", "_CLOSE = 0.97 "),
    Mutation("L1", LABS, "best if ratios[best] >= _CLOSE else None", "best"),
    Mutation("L1", LABS, '"Guaiol": "guaiol"', '"Guaiol": "humulene"'),
    Mutation(
        "L2", LABS, '_unit_of(found[2]) or name_unit or "mg"', 'name_unit or _unit_of(found[2]) or "mg"'
    ),
    Mutation("L2", LABS, '_unit_of(found[2]) or name_unit or "mg"', '_unit_of(found[2]) or name_unit or "%"'),
    Mutation("L2", LABS, 'if not text or text.casefold() == "nd":', "if not text:"),
    Mutation("L2", LABS, "reading is None or reading.amount < 0:", "reading is None:"),
    Mutation(
        "L2",
        LABS,
        '        return _Reading(result, name_unit or "mg")',
        '        return _Reading(result, "mg")',
    ),
    Mutation("L2", LABS, "return reading is not None and not reading.amount", "return False"),
    Mutation(
        "L3",
        LABS,
        "            self.potency_stated = True  # L3",
        "            self.potency_stated = not _is_nothing(entry.result)  # L3",
    ),
    Mutation("L3", LABS, 'if cannabinoid in {"thc", "cbd"}:', 'if cannabinoid in {"thc"}:'),
    Mutation("L3", LABS, 'if cannabinoid in {"thc", "cbd"}:', "if cannabinoid:"),
    Mutation("L3", LABS, "if labs and not collector.potency_stated:", "if labs:"),
    Mutation("L3", LABS, '("thc", "thc_mg", row.thc_mg, "mg")', '("thc", "thc_mg", row.thc_mg, "%")'),
    Mutation("L3", LABS, "_CANNABINOID_NAMES.get(name.casefold())", "_CANNABINOID_NAMES.get(name)"),
    Mutation("L4", LABS, '("mg", "mg/g", "%")', '("mg/g", "mg", "%")'),
    Mutation("L4", LABS, "max(held, reading, key=_rank)", "min(held, reading, key=_rank)"),
    Mutation("L4", LABS, "_WORST_FIRST.index(reading.unit), reading.amount", "0, reading.amount"),
    Mutation("L4", ITEM, "labs_of(sorted_rows.stocked,", "labs_of(sorted_rows.deciding,"),
    Mutation("L5", LABS, "        elif self._terpenes:\n", "        else:\n"),
    Mutation("L5", LABS, "            if self._labs:\n", "            if True:\n"),
    Mutation("L5", LABS, "if labs and not collector", "if not collector"),
    Mutation("L5", ACTIONS, '"labs": frozenset(CANNABINOIDS)', '"labs": frozenset(TERPENES)'),
    Mutation(
        "L5",
        ACTIONS,
        "for value in old if value.compound in parts]",
        "for value in old if value.compound not in parts]",
    ),
    Mutation("L5", ACTIONS, "for value in new if value.compound not in parts]", "for value in new]"),
    # What is sent
    Mutation(
        "F1", ACTIONS, '"strain": ("cannabis_strain", "cannabis_type")', '"strain": ("cannabis_strain",)'
    ),
    Mutation(
        "F1", ACTIONS, '"category": ("product_category",)', '"category": ("product_category", "quantity")'
    ),
    Mutation("F1", ACTIONS, "    product = keep(product, held, off)\n    changed = ", "    changed = "),
    Mutation("F1", ACTIONS, "    product = keep(product, held, off)\n    kept = ", "    kept = "),
    Mutation("F1", ACTIONS, "        kept -= frozenset(_present(product))\n", "        kept = frozenset()\n"),
    Mutation("F1", ACTIONS, "return self.product or self.attempted", "return self.product"),
    Mutation(
        "F2",
        ACTIONS,
        'Action("create", product, _present(product), None, state)',
        'Action("create", product, _FIELDS, None, state)',
    ),
    Mutation(
        "F2",
        ACTIONS,
        'return Action("update", product, changed, held, state) if changed else None',
        'return Action("update", product, _present(product), held, state) if changed else None',
    ),
    Mutation(
        "F2",
        ACTIONS,
        'return Action("update", product, changed, held, state) if changed else None',
        'return Action("update", product, changed, held, state)',
    ),
    Mutation("F2", ACTIONS, '        changed.add("tiers")  #', "        pass  #"),
    Mutation(
        "F2",
        ACTIONS,
        "    changed -= {name for name in _NEVER_CLEARED if getattr(product, name) is None}\n",
        "",
    ),
    Mutation(
        "F2",
        ACTIONS,
        '"name", "price", "price_type", "quantity"}',
        '"name", "price", "price_type", "quantity", "labs"}',
    ),
    Mutation(
        "F2",
        PLAN,
        "            self._unchanged += before.product is not None\n",
        "            self._unchanged += 1\n",
    ),
    # In doubt
    Mutation(
        "step 6",
        ACTIONS,
        "    if before.attempted is not None:\n        return _again(",
        "    if False:\n        return _again(",
    ),
    Mutation(
        "step 6",
        ACTIONS,
        "    if before.attempted is not None:\n        product",
        "    if False:\n        product",
    ),
    Mutation(
        "step 6",
        ACTIONS,
        "_whole(product, kept), before.product, state)",
        "_present(product), before.product, state)",
    ),
    Mutation("step 6", ACTIONS, '"create" if before.product is None else "update"', '"update"'),
    Mutation(
        "step 6", ACTIONS, "for held in (self.product, self.attempted))", "for held in (self.product,))"
    ),
    Mutation("order", PLAN, "    return action.product.quantity != 0, len(", "    return True, len("),
    Mutation("order", PLAN, "quantity != 0, len(key), key", "quantity != 0, 0, key"),
    Mutation("order", PLAN, "in sorted(mapped, key=lambda item: item.id_item):", "in mapped:"),
    # The brake
    Mutation("brake", PLAN, "if rows == 0 and plan.listed_before > 0:", "if rows == 0:"),
    Mutation("brake", PLAN, "if rows == 0 and plan.listed_before > 0:", "if False:"),
    Mutation("brake", PLAN, "_LEAST_LISTED = 5 ", "_LEAST_LISTED = 6 "),
    Mutation("brake", PLAN, "_LEAST_LISTED = 5 ", "_LEAST_LISTED = 4 "),
    Mutation(
        "brake",
        PLAN,
        "plan.leaving > max_drop * plan.listed_before",
        "plan.leaving >= max_drop * plan.listed_before",
    ),
    Mutation("brake", PLAN, "before.is_listed and not stays", "before.is_listed and product is None"),
    Mutation("brake", PLAN, "before.is_listed and not stays", "not stays"),
    Mutation("brake", PLAN, "_listed_before += before.is_listed", "_listed_before += 1"),
    Mutation("brake", PLAN, '_listed_before += status == "listed"', "_listed_before += 0"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutation; `test` is the one that caught it."""

    mutation: Mutation
    test: str | None
    seconds: float


def misfits() -> list[str]:
    """Mutations of which the old text does not stand exactly once in the code, or that are no Python."""
    texts = {name: (ROOT / name).read_text() for name in {mutation.file for mutation in MUTATIONS}}
    return [
        f"{mutation.rule} {mutation.shown}: {problem}"
        for mutation in MUTATIONS
        if (problem := misfit(mutation, texts[mutation.file])) is not None
    ]


def misfit(mutation: Mutation, text: str) -> str | None:
    """Why a mutation proves nothing of the code `text`, None where it fits."""
    if (found := text.count(mutation.old)) != 1:
        return f"found {found} times"
    try:
        compile(text.replace(mutation.old, mutation.new), mutation.file, "exec")
    except SyntaxError as error:
        return f"is no Python: {error.msg}"
    return None


def copy_to(folder: Path) -> None:
    """The package and its tests, as they stand in the working tree."""
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / part, folder / part)


def first_failure(folder: Path) -> str | None:
    """Run the tests in `folder`; the name of the first that fails, None where all pass."""
    files = [str(path.relative_to(folder)) for tests in TESTS for path in (folder / "tests").glob(tests)]
    files.sort(key=lambda path: ("properties" in path, path))  # the quick ones first
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *files]
    # Without compiled files: one of the same size and second as the mutated file would be taken for it.
    surroundings = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=surroundings,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "(no end)"
    if done.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) (?:tests/)?(.*?)(?: - .*)?$", done.stdout, re.MULTILINE)
    return failed[1] if failed else f"(exit {done.returncode})"


def judge(mutation: Mutation, folders: SimpleQueue[Path]) -> Verdict:
    """Apply one mutation to a free copy, run the tests, undo it."""
    started = time.monotonic()
    folder = folders.get()
    target = folder / mutation.file
    whole = target.read_text()
    try:
        target.write_text(whole.replace(mutation.old, mutation.new))
        return Verdict(mutation, first_failure(folder), time.monotonic() - started)
    finally:
        target.write_text(whole)
        folders.put(folder)


def show(verdict: Verdict) -> None:
    """One line of the table."""
    mutation, caught_by = verdict.mutation, verdict.test or "SURVIVED"
    print(f"{mutation.rule:<7} {verdict.seconds:5.1f} s  {mutation.shown[:120]}")
    print(f"{'':17}{caught_by[:130]}", flush=True)


def main(wanted: Sequence[str]) -> int:
    """Run the mutations of the `wanted` rules, all of them where none is named."""
    if wrong := misfits():
        print("These mutations do not fit the code any more:", *wrong, sep="\n  ")
        return 2
    chosen = [mutation for mutation in MUTATIONS if not wanted or mutation.rule in wanted]
    with TemporaryDirectory(prefix="mutants-") as name, ThreadPoolExecutor(PROCESSES) as pool:
        folders: SimpleQueue[Path] = SimpleQueue()
        for number in range(PROCESSES):
            folder = Path(name) / str(number)
            folder.mkdir()
            copy_to(folder)
            folders.put(folder)
        if (failing := first_failure(Path(name) / "0")) is not None:
            print(f"Without any mutation this fails: {failing}")
            return 2
        verdicts = []
        for verdict in pool.map(lambda mutation: judge(mutation, folders), chosen):
            show(verdict)
            verdicts.append(verdict)
    survivors = [verdict for verdict in verdicts if verdict.test is None]
    rules = {verdict.mutation.rule for verdict in verdicts}
    print(
        f"\n{len(verdicts) - len(survivors)} of {len(verdicts)} mutations caught, {len(rules)} rules covered"
    )
    for verdict in survivors:
        print(f"SURVIVED  {verdict.mutation.rule}  {verdict.mutation.shown}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
