"""Does anything private get out? A value of its own in every private field, every command, and a search.

    python scripts/canaries.py

Names, phones, medical IDs, birth dates, addresses, e-mail and notes of every person and order; the password,
PIN, API key, login tokens, the secrets that the POS shows with its locations, and the secret path of the ping
address. Every command runs at -vv, once with text logs, and once with JSON logs while the services fail. Then
all that they printed and every file that they left is searched for each value: as it is, URL-encoded, in
base64, JSON-escaped, as hexadecimal and as UTF-16. Exit code 1 on any hit.
"""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, quote_plus

import yaml

from alleaves_sync.sandbox import PLANTED_SECRETS, Sandbox

PROGRAM = str(Path(sys.executable).with_name("alleaves-sync"))
SHORTEST = 5
PHONE_DIGITS = 10
SHORTEST_BASE64 = 8
PING_SECRET = "canary-ping-5f1c77"  # noqa: S105 - planted, to be looked for
NEW = {
    "phone": "+1 518 555 0177",
    "medical": "CANARYMED0177",
    "first": "Zephyrine",
    "last": "Quillfeather",
    "born": "1977-07-17",
    "email": "zq.canary@example.invalid",
}
POS_FIELDS = (
    "name_first",
    "name_last",
    "name_middle",
    "customer_name",
    "phone",
    "phone2",
    "email",
    "date_of_birth",
    "patient_number",
    "caregiver_number",
    "address1",
    "address2",
    "drivers_license",
    "notes",
)
USER_FIELDS = ("firstName", "lastName", "phone", "email", "birthday", "medicalId", "driversLicense", "notes")
ADDRESS_FIELDS = (
    "address1",
    "address2",
    "streetAddress",
    "line1",
    "zip",
    "postalCode",
    "notes",
    "formattedAddress",
)
FAULTS = (
    "drop-after:2",
    "error-after:2@POST /api/customer",
    "broken-row",
    "query-ignored",
    "reject-products",
    "html:2",
)


def planted(box: Sandbox) -> None:
    """Notes that nobody else has, on every order."""
    for number, order in enumerate(box.store.aiq_orders()):
        changed = dict(order)
        changed["notes"] = f"canary-note-{number:03} gate code 4471{number:02}"
        if isinstance(changed.get("user"), dict):
            changed["user"] = changed["user"] | {"email": f"canary{number}@example.invalid"}
        box.store.add_aiq_order(changed)


def people(box: Sandbox) -> Iterator[Any]:
    for one in box.store.pos_customers():
        yield from (one.get(name) for name in POS_FIELDS)
    for order in box.store.aiq_orders():
        yield order.get("notes")
        user, address = order.get("user") or {}, order.get("deliveryAddress") or {}
        yield from (user.get(name) for name in USER_FIELDS)
        yield from (address.get(name) for name in ADDRESS_FIELDS)


def secrets(box: Sandbox) -> Iterator[Any]:
    yield from (box.password, box.pin, box.api_key, PING_SECRET, *PLANTED_SECRETS)
    for one in box.exchanges:
        yield from re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", json.dumps(one.answer, default=str))


def forms(value: str) -> set[bytes]:
    """A value in every dress that it may wear in a file."""
    texts = {value, quote(value), quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}
    digits = re.sub(r"\D", "", value)
    if re.fullmatch(r"[+()\d .-]{10,}", value) and len(digits) >= PHONE_DIGITS:
        texts |= {digits, digits[-PHONE_DIGITS:]}
    found = {text.encode() for text in texts} | {value.encode("utf-16-le"), value.encode().hex().encode()}
    for start in range(3):  # base64 has three alignments; the middle part is the same in each
        packed = base64.b64encode(b"\0" * start + value.encode()).decode()
        inner = packed[(4 if start else 0) : -4]
        found |= (
            {inner.encode(), inner.replace("+", "-").replace("/", "_").encode()}
            if len(inner) >= SHORTEST_BASE64
            else set()
        )
    return {one for one in found if len(one) >= SHORTEST}


def commands(box: Sandbox, order_file: Path) -> Iterator[Sequence[str]]:
    orders = box.store.aiq_orders()
    users = [order["user"] for order in orders if order.get("user")]
    phone = next(user["phone"] for user in users if user.get("phone"))
    medical = next((user["medicalId"] for user in users if user.get("medicalId")), "none")
    yield from (("check",), ("check", "--offline"), ("areas",), ("areas", "--json"))
    yield from (("sync-inventory", "--dry-run"), ("sync-inventory",), ("sync-inventory", "--json"))
    yield from (
        ("show-mapping",),
        ("show-mapping", "--json"),
        ("export",),
        ("export", "--output", "export.csv", "--format", "csv"),
    )
    yield from (("push-order", "--confirmed", "--dry-run"), ("push-order", str(order_file), "--dry-run"))
    yield from (
        ("push-order", str(order_file)),
        ("push-order", "--confirmed", "--json"),
        ("push-order", "--confirmed"),
    )
    yield from (("push-order", "no-such-order"), ("push-order", "broken.json"), ("push-order", "config.yaml"))
    yield from (("orders",), ("orders", "--json", "--refresh"), ("orders", "--waiting"))
    for order in orders[:6]:
        yield ("orders", order["id"])
    yield ("orders", "--retry", orders[0]["id"])
    yield ("orders", "--give-up", orders[1]["id"], "--reason", "tried by hand")
    yield from (("lookup-patient", "--phone", phone), ("lookup-patient", "--medical-id", medical, "--json"))
    yield ("lookup-patient", "--phone", "not a phone")
    yield (
        "lookup-patient",
        "--phone",
        NEW["phone"],
        "--medical-id",
        NEW["medical"],
        "--create",
        "--yes",
        "--first-name",
        NEW["first"],
        "--last-name",
        NEW["last"],
        "--birth-date",
        NEW["born"],
        "--email",
        NEW["email"],
    )
    yield from (("status",), ("status", "--json"), ("history", "4001"), ("audit",), ("audit", "--json"))
    yield from (("cron", "print"), ("cron", "print", "--systemd"))
    yield from (
        ("state", "check"),
        ("state", "backup", "copy.db"),
        ("state", "prune"),
        ("report", "--html", "report.html"),
    )


def configuration(box: Sandbox) -> dict[str, Any]:
    return {
        "state": "./state.db",
        "time_budget_seconds": 60,
        "monitoring": {"ping_url": f"{box.url}/ping/{PING_SECRET}", "textfile": "./sync.prom"},
        "locations": {
            "downtown": {
                "areas": ["Retail"],
                "feed": "./menu.json",
                "alleaves": {
                    "base_url": box.alleaves_url,
                    "location_id": box.location_id,
                    "username": box.username,
                    "password": "${CANARY_PASSWORD}",
                    "pin": "${CANARY_PIN}",
                },
                "aiq": {
                    "base_url": box.aiq_url,
                    "api_key": "${CANARY_KEY}",
                    "venue_id": box.venue_id,
                    "publish_url": f"{box.aiq_url}/products/sync",
                    "order_status_url": f"{box.aiq_url}/orders/{{id}}/pos",
                },
            }
        },
    }


def holds(whole: bytes, form: bytes) -> bool:
    """Whether `form` is in a file; a short number only by itself: the digits of hashes make any."""
    if form.isdigit() and len(form) < PHONE_DIGITS:
        return re.search(rb"(?<![0-9A-Za-z])" + form + rb"(?![0-9A-Za-z])", whole) is not None
    return form in whole


def searched(folder: Path, values: set[str], ours: set[str]) -> list[str]:
    """Where a value is found that must not be there."""
    hits = []
    content = {
        path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name not in ours
    }
    for value in sorted(values):
        for form in forms(value):
            hits += [
                f"{path.name}: {value!r} as {form[:40]!r}"
                for path, whole in content.items()
                if holds(whole, form)
            ]
    return hits


def main() -> int:
    with TemporaryDirectory() as name, Sandbox(items=80, customers=60, orders=20, recording=True) as box:
        folder = Path(name)
        planted(box)
        order_file = folder / "given-order.json"
        order_file.write_text(json.dumps(box.store.aiq_orders()[-1]))
        (folder / "broken.json").write_text(
            json.dumps(box.store.aiq_orders()[-2]).replace("quantity", "quantitty")
        )
        (folder / "config.yaml").write_text(yaml.safe_dump(configuration(box)))
        (folder / "config.yaml").chmod(0o600)
        env = os.environ | {
            "CANARY_PASSWORD": box.password,
            "CANARY_PIN": box.pin,
            "CANARY_KEY": box.api_key,
            "COLUMNS": "200",
            "ALLEAVES_SYNC_CONFIG": str(folder / "config.yaml"),
        }
        codes: dict[int, int] = {}
        ran = 0
        for number, (log, faults) in enumerate((("text", ()), ("json", FAULTS))):
            for command in commands(box, order_file):
                box.store.faults.clear()
                box.store.faults.add(*faults)
                ended = subprocess.run(
                    [PROGRAM, "-vv", "--log-format", log, *command],
                    cwd=folder,
                    env=env,
                    capture_output=True,
                    check=False,
                )
                ran += 1
                codes[ended.returncode] = codes.get(ended.returncode, 0) + 1
                label = f"{number}{ran:03} {' '.join(command)[:30].replace('/', '_')}"
                (folder / f"{label}.out").write_bytes(ended.stdout)
                (folder / f"{label}.err").write_bytes(ended.stderr)
        values = {
            str(one)
            for one in (*people(box), *secrets(box), *NEW.values())
            if one and len(str(one)) >= SHORTEST
        }
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        files = sum(path.is_file() for path in folder.rglob("*"))
        # What a person wrote there: the order files that they gave.
        hits = searched(folder, values, {"given-order.json", "broken.json", "config.yaml"})
        cores = [path.name for path in folder.glob("core*")]
    print(f"{ran} command lines, exit codes {dict(sorted(codes.items()))}")
    print(
        f"{len(values)} planted values, {sum(len(forms(one)) for one in values)} forms, "
        f"{files} files, {size:,} bytes"
    )
    for hit in hits[:40]:
        print(f"HIT  {hit}")
    print(f"{len(hits)} hits; {len(cores)} core files")
    return 1 if hits else 0


if __name__ == "__main__":
    raise SystemExit(main())
