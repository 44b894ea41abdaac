"""export: the menu as last synced, as JSON, JSON lines or CSV."""

import csv
import io
import json
from typing import Literal

from alleaves_sync.aiq.wire import FIELD_NAMES
from alleaves_sync.config import Location
from alleaves_sync.errors import NeverSynced
from alleaves_sync.flows.csv_cells import safe_cell
from alleaves_sync.flows.menu.feed import feed_text
from alleaves_sync.state import StateFile

Format = Literal["json", "jsonl", "csv"]


def exported(location: Location, form: Format) -> str:
    """The menu's text, AIQ field names, quantity 0 included. Raises NeverSynced, StateUnusable."""
    with StateFile.open_for_reading(location.state) as state:
        if not state.menu_is_known(location.name):
            raise NeverSynced(location.name, location.state)
        products = list(state.products(location.name))
    if form == "json":
        return feed_text(products)
    if form == "jsonl":
        return "".join(f"{product}\n" for product in products)
    return _csv(products)


def _csv(products: list[str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(FIELD_NAMES.values()), lineterminator="\n")
    writer.writeheader()
    for product in products:
        fields = json.loads(product)
        writer.writerow({name: safe_cell(_cell(value)) for name, value in fields.items()})
    return out.getvalue()


def _cell(value: object) -> object:
    # Lists and objects (tiers, pictures, labs) stay JSON; the brand is a name.
    if isinstance(value, dict) and value.keys() == {"name"}:
        return value["name"]
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
