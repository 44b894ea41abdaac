"""Who orders: people whom the POS knows, strangers, and orders that nobody can fill."""

import re
from collections.abc import Callable
from typing import Any, Final

Json = dict[str, Any]


def digits(text: str | None) -> str:
    return re.sub(r"\D", "", text or "")[-10:]


def plain(text: str | None) -> str:
    return re.sub(r"[\s-]", "", text or "").casefold()


def same_person(one: Json, other: Json) -> bool:
    if one["patient_number"] and other["patient_number"]:
        return plain(one["patient_number"]) == plain(other["patient_number"])
    phones = {digits(other["phone"]), digits(other["phone2"])} - {""}
    return digits(one["phone"]) in phones and one["date_of_birth"] == other["date_of_birth"]


def is_of(profile: Json, user: Json) -> bool:
    if user["medicalId"] and plain(profile["patient_number"]) == plain(user["medicalId"]):
        return True
    return digits(user["phone"]) in {digits(profile["phone"]), digits(profile["phone2"])} - {""}


def private(order: Json) -> list[str]:
    """What of an order must not be seen anywhere; short words would be found by chance."""
    user, address = order["user"], order["deliveryAddress"] or {}
    told = [user[name] for name in ("phone", "email", "medicalId")] + [address.get("address1")]
    told.append(digits(user["phone"]))
    return [one for one in told if one and len(one) > 7]


def _stranger(order: Json, _others: list[Json]) -> None:
    number = int(order["orderNumber"]) % 100
    order["user"] = order["user"] | {
        "firstName": "Wilhelmina",
        "lastName": f"Quackenbush{number}",
        "phone": f"(415) 555-99{number:02d}",
        "email": f"w.quackenbush{number}@mail.invalid",
        "birthday": "1971-02-28",
        "medicalId": None,
    }


def _patient(order: Json, others: list[Json]) -> None:
    _stranger(order, others)
    number = int(order["orderNumber"])
    order["user"] |= {"medicalId": f"NEWID-{number:06d}", "medicalState": "NY"}
    order["menuType"] = "MEDICAL"


def _nobody(order: Json, others: list[Json]) -> None:
    _stranger(order, others)
    order["user"] |= {"phone": None, "medicalId": None}


def _unknown(order: Json, _others: list[Json]) -> None:
    line = order["items"][0]
    order["items"] = [line | {"product": line["product"] | {"posProductId": "999999"}}]


def _again(order: Json, others: list[Json]) -> None:
    order["user"] = others[len(others) // 2]


CHANGED: Final[dict[str, Callable[[Json, list[Json]], None]]] = {
    "stranger": _stranger,
    "patient": _patient,
    "nobody": _nobody,
    "unknown": _unknown,
    "again": _again,
}
KINDS: Final = ("plain", "pickup", "delivery", "medical", "unfillable", "shipping", "pending", *CHANGED)
