"""What each fault of the sandbox does to `sync-inventory`: outcome, exit code, and the menu afterwards.

    python benchmarks/faults.py             # all that strike a run
    python benchmarks/faults.py drop html

Each time a storefront is brought in step, stock and prices move, the fault is switched on for good, the
installed command runs, and the fault is switched off. The menu is intact when every product is as before, or
as it should be now, and when one more run brings all of it in step. Exit code 1 where one is not.
"""

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from place import Place, difference, table

from alleaves_sync.sandbox import FAULTS, Sandbox

BUDGET_SECONDS = 12  # of a run: more than all retries of one call take
AT_ONCE = 3  # mostly they wait
WITH_VALUE = {"slow": "slow=0.3", "timeout-before": "timeout-before=20", "timeout-after": "timeout-after=20"}
ORDERS_ONLY = frozenset({"stock-taken", "query-ignored", "slow-orders"})


def configuration(box: Sandbox) -> str:
    return f"""\
state: ./sandbox.db
time_budget_seconds: {BUDGET_SECONDS}
locations:
  sandbox:
    areas: [Retail]
    alleaves:
      base_url: {box.alleaves_url}
      location_id: {box.location_id}
      username: {box.username}
      password: ${{SANDBOX_PASSWORD:-{box.password}}}
    aiq:
      base_url: {box.aiq_url}
      api_key: ${{SANDBOX_API_KEY:-{box.api_key}}}
      venue_id: {box.venue_id}
      publish_url: {box.aiq_url}/products/sync
"""


def row_of(name: str) -> tuple[tuple[object, ...], bool]:
    """One fault's row, and whether the menu was intact."""
    with TemporaryDirectory() as folder, Sandbox(items=200, orders=0, max_take=50) as box:
        here = Place(Path(folder), box.url)
        config = here.folder / "config.yaml"
        config.write_text(configuration(box))
        config.chmod(0o600)
        assert here.run("--quiet", "sync-inventory").code == 0
        before = here.storefront()
        box.store.tick(20)
        now = here.mapping()
        box.store.faults.add(WITH_VALUE.get(name, name))
        ended = here.run("sync-inventory", "--json")
        struck = box.store.faults.struck
        box.store.faults.clear()
        after = here.storefront()
        invalid = {one["id_item"] for one in ended.location["warnings"] if one["code"] == "invalid"}
        whole = before.keys() <= after.keys() and all(
            product in (before.get(key), now.get(key))
            or (int(key) in invalid and product == before[key] | {"quantity": 0})  # P7: named, and withheld
            for key, product in after.items()
        )
        again = here.run("--quiet", "sync-inventory")
        found = difference(here.storefront(), here.mapping())
        good = whole and again.code == 0 and not any(found.values())
    outcome = ended.location["outcome"]
    told = (ended.location["error"] or "").partition(". ")[0]
    left = "unchanged" if after == before else "in step" if after == now else "old, new or 0"
    state = f"{left}" if whole else "DAMAGED"
    then = "in step" if good else f"exit {again.code}, {found}"
    return (name, struck, outcome, ended.code, f"{ended.seconds:.1f}", state, then, told[:60]), good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="FAULT")
    names = parser.parse_args().names or [name for name in FAULTS if name not in ORDERS_ONLY]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(row_of, names))
    table(
        ("fault", "struck", "outcome", "exit", "seconds", "menu", "next run", "what it said"),
        [row for row, _ in results],
    )
    bad = sum(not good for _, good in results)
    print(f"\n{len(results)} faults, {bad} menus damaged")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
