"""The `explanation` of an item in show-mapping's JSON."""

from dataclasses import asdict

from alleaves_sync.flows.explain.item import ExplainedItem


def explanation(one: ExplainedItem) -> dict[str, object]:
    """How the item came about: a part per family of rules, what is held back, what AIQ has, the changes.

    A part is null where the item could not be mapped. Amounts are JSON numbers, times are in UTC.
    """
    return {
        **asdict(one.explanation),
        "fields_off": list(one.switched_off),
        "held_back": [asdict(field) for field in one.held_back],
        "aiq": asdict(one.at_aiq),
        "changes": [
            {
                "at": change.at.isoformat(),
                "run_id": change.run_id,
                "action": change.action,
                "fields": {name: list(values) for name, values in change.fields.items()},
            }
            for change in one.changes
        ],
    }
