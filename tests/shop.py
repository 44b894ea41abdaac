"""A shop to sync: a sandbox of its own, a configuration for it in a folder, and what came of it."""

import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from alleaves_sync.aiq.wire import all_fields
from alleaves_sync.config import Location, load
from alleaves_sync.flows.explain.report import map_location
from alleaves_sync.flows.menu.result import InventoryResult
from alleaves_sync.flows.menu.sync_location import NORMAL_RUN, RunOptions, sync_inventory
from alleaves_sync.flows.progress import SILENT
from alleaves_sync.sandbox import Sandbox

NAME = "downtown"
DRY = RunOptions(dry_run=True)
FORCE = RunOptions(force=True)
SYNC = "POST /2023-03/products/sync"
LIST = "GET /2023-03/products"
LOGIN = "POST /api/auth"


def deep(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """`more` over `base`, section by section."""
    merged = dict(base)
    for key, value in more.items():
        old = merged.get(key)
        merged[key] = deep(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


@dataclass
class Shop:
    """One store. `location` is read anew from the configuration each time, as a command would."""

    folder: Path
    sandbox: Sandbox

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "state.db"

    @property
    def feed(self) -> Path:
        return self.folder / "menu.json"

    def entry(self, **settings: Any) -> dict[str, Any]:
        """A location's section: this sandbox, with a storefront to write to, and `settings` over it."""
        box = self.sandbox
        return deep(
            {
                "areas": ["Retail"],
                "alleaves": {
                    "base_url": box.alleaves_url,
                    "location_id": box.location_id,
                    "username": box.username,
                    "password": "${ALLEAVES_PASSWORD}",
                },
                "aiq": {
                    "base_url": box.aiq_url,
                    "api_key": "${AIQ_API_KEY}",
                    "venue_id": box.venue_id,
                    "publish_url": f"{box.aiq_url}/products/sync",
                },
                "feed": "./menu.json",
            },
            settings,
        )

    def write(self, entries: Mapping[str, Any] | None = None, /, *, top: Any = None, **settings: Any) -> None:
        """The configuration: one location with `settings`, or the `entries`; `top` holds the other keys."""
        places = {NAME: self.entry(**settings)} if entries is None else dict(entries)
        whole = deep({"state": "./state.db", "locations": places}, top or {})
        self.config.write_text(yaml.safe_dump(whole, sort_keys=False))

    @property
    def location(self) -> Location:
        return load(self.config, os.environ).locations[0]

    def run(self, options: RunOptions = NORMAL_RUN) -> InventoryResult:
        """One run, as a function."""
        return sync_inventory(self.location, options)

    def calls(self, endpoint: str) -> int:
        """How often an endpoint was asked."""
        return self.sandbox.store.journal.calls[endpoint]

    def fault(self, *faults: str) -> None:
        """From now on the sandbox has these faults, and no others."""
        self.sandbox.store.faults.clear()
        self.sandbox.store.faults.add(*faults)

    def sent(self) -> list[dict[str, Any]]:
        """Every product that was sent so far, in order."""
        asked = self.sandbox.store.journal.asked("/products/sync", "POST")
        return [product for one in asked for product in one.body["products"]]

    def products(self) -> dict[str, dict[str, Any]]:
        """What the storefront has."""
        return self.sandbox.store.products()

    def listed(self) -> set[str]:
        """Ids of what the storefront shows."""
        return {key for key, product in self.products().items() if product["quantity"] > 0}

    def item(self, key: str) -> str:
        """The posProductId of a special item."""
        return str(self.sandbox.store.special(key))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """An answer of the state file, as Datasette would give it."""
        with closing(sqlite3.connect(f"{self.state.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()

    def outcomes(self) -> list[str]:
        """The outcomes of all runs in the state file, oldest first."""
        return [row[0] for row in self.rows("SELECT outcome FROM runs ORDER BY started_at, rowid")]

    def in_doubt(self) -> set[str]:
        """Ids of products whose last answer is not known."""
        return {row[0] for row in self.rows("SELECT pos_product_id FROM items WHERE attempted IS NOT NULL")}

    def menu(self) -> dict[str, dict[str, Any]]:
        """The menu of the state file."""
        found = self.rows("SELECT pos_product_id, product FROM items WHERE product IS NOT NULL")
        return {key: json.loads(product) for key, product in found}


def plain(products: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Products without what says nothing: an empty list of pictures is none."""
    return {
        key: {name: value for name, value in product.items() if value != []}
        for key, product in products.items()
    }


def mapped(shop: Shop) -> dict[str, dict[str, Any]]:
    """The menu as the rules make it from what the POS has now."""
    report = map_location(shop.location, None, SILENT)
    return {
        str(item.id_item): dict(all_fields(item.product)) for item in report.items if item.product is not None
    }
