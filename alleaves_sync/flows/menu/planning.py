"""The plan of a run: what the POS has beside what is known, both in order of their ids (steps 3 and 4)."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import cast

from alleaves_sync.flows.menu.known_menu import KnownMenu, StoredMenu, read_warnings
from alleaves_sync.flows.menu.reading import PosItem, PosStream
from alleaves_sync.flows.menu.recognition import Recognition
from alleaves_sync.flows.menu.spooled_creations import SpooledCreations
from alleaves_sync.rules.actions import NOTHING_KNOWN, FieldGroup
from alleaves_sync.rules.mapping import Reason
from alleaves_sync.rules.plan import GONE, Plan, Planner
from alleaves_sync.state import Decided


def plan_run(picture: PosStream, menu: KnownMenu, switched_off: AbstractSet[FieldGroup]) -> Plan:
    """Plan one run, item by item; what is as it was when it was last decided about is not mapped again.

    Raises StateUnusable.
    """
    planner, known = Planner(switched_off, SpooledCreations(picture.spool)), menu.products
    recognition = Recognition(picture.rules, switched_off)
    for item, before in _side_by_side(picture.items(), _decided(menu)):
        if item is None:
            if before.source == GONE:
                planner.add_still_gone()
            else:
                planner.add_gone(before.pos_product_id, known[before.pos_product_id])
            continue
        source = recognition.source(item)
        if source is not None and before.source == source and _add_same(planner, item, before):
            continue
        held = known.get(str(item.id_item), NOTHING_KNOWN) if before.pos_product_id else NOTHING_KNOWN
        keeps = held.held if "price" in switched_off else None  # M6
        planner.add(item.mapped(picture.rules, keeps), held, source)
    return planner.plan()


def _add_same(planner: Planner, item: PosItem, before: Decided) -> bool:
    try:
        warnings = read_warnings(before.warnings)
    except ValueError:  # somebody's hand in the file; they are found anew
        return False
    planner.add_same(
        item.id_item,
        before.status,
        cast("tuple[Reason, ...]", tuple(before.reasons.split(",")) if before.reasons else ()),
        warnings,
        (before.pos_category or "") if before.unmapped else None,
        has_product=before.has_product,
    )
    return True


# Nothing was ever decided about an item, or it is not known here.
_NOTHING = Decided("", "hidden", "", None, None, False, None, False)


def _decided(menu: KnownMenu) -> Iterator[Decided]:
    """What stands of every known product, in the order of their ids as numbers."""
    if isinstance(menu.products, StoredMenu):
        return menu.products.decided()
    return (_NOTHING._replace(pos_product_id=key) for key in sorted(menu.products, key=int))


def _side_by_side(
    items: Iterator[PosItem], decided: Iterator[Decided]
) -> Iterator[tuple[PosItem | None, Decided]]:
    """Every item with what was decided about it, and what was decided about others; both come in order."""
    item, before = next(items, None), next(decided, None)
    while item is not None or before is not None:
        number = None if before is None else int(before.pos_product_id)
        if before is None or (item is not None and number is not None and item.id_item < number):
            yield item, _NOTHING
            item = next(items, None)
        elif item is None or item.id_item != number:
            yield None, before
            before = next(decided, None)
        else:
            yield item, before
            item, before = next(items, None), next(decided, None)
