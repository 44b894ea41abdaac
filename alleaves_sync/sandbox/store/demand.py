"""What the storefront's customers order: the orders that the program under test has to push."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alleaves_sync.sandbox.constants import FIRST_CUSTOMER_ID, LOCATION_ID, VENUE_ID, Record
from alleaves_sync.sandbox.store.customers import Customers
from alleaves_sync.sandbox.store.inventory import Inventory
from alleaves_sync.sandbox.store.people import NUMBERS, digits, findable, medical_id, phone
from alleaves_sync.sandbox.store.tokens import Clock, iso
from alleaves_sync.sandbox.store.vocabulary import FIRST_NAMES, LAST_NAMES

#: The first orders, one of each kind, in this order; the others are plain ones that can be filled.
HANDFUL: Final = ("pickup", "delivery", "medical", "unfillable", "shipping", "pending")
PLAIN_KINDS: Final = ("IN_STORE", "CURB_SIDE", "DELIVERY", "DRIVE_THROUGH")
TOO_MANY: Final = 999


@dataclass
class Shelf:
    """An item that can be ordered, and what of it is not yet in an order."""

    id_item: int
    name: str
    adult: float
    medical: float
    left: float


@dataclass(frozen=True)
class Wish:
    """One line to be. `discount` is taken off the price of one unit."""

    id_item: int
    name: str
    quantity: int
    price: float
    discount: float = 0
    grams: float | None = None


class Demand:
    """Makes orders one after the other; the same seed and calls make the same orders."""

    def __init__(self, seed: int, inventory: Inventory, customers: Customers, clock: Clock) -> None:
        self._rng = random.Random(f"{seed}/demand")
        self._clock = clock
        self._number = 0
        self._special = inventory.special[LOCATION_ID]
        self._shelves = list(_shelves(inventory, set(self._special.values())))
        known = list(customers.profiles.values())
        self._adults = self._in_turn(findable(known, patients=False))
        self._patients = self._in_turn(findable(known, patients=True))

    @property
    def possible(self) -> bool:
        """Whether there is anything to order."""
        return bool(self._shelves)

    def first(self, count: int) -> list[Record]:
        """The orders that wait when the sandbox opens; the first six are the `HANDFUL`."""
        opened = self._clock() - timedelta(minutes=60)
        step = timedelta(minutes=50) / max(count, 1)
        return [
            self.next(opened + number * step, HANDFUL[number] if number < len(HANDFUL) else None)
            for number in range(count)
        ]

    def history(self, count: int) -> list[Record]:
        """Closed orders of the last weeks, oldest first. Call it last: it needs no stock."""
        start = self._clock() - timedelta(hours=6 * count + 24)
        return [self.next(start + timedelta(hours=6 * n)) | {"status": "CLOSED"} for n in range(count)]

    def next(self, created: datetime | None = None, kind: str | None = None) -> Record:
        """The next order, created now unless told otherwise."""
        self._number += 1
        when = created or self._clock()
        pickup = {
            "pickup": "IN_STORE",
            "delivery": "DELIVERY",
            "shipping": "SHIPPING",
        }.get(kind or "", "IN_STORE" if kind else PLAIN_KINDS[self._number % len(PLAIN_KINDS)])
        medical = kind == "medical" or (kind is None and self._number % 9 == 0)
        order = self._order(when, pickup, medical, self._wishes(kind, medical))
        return order | {"status": "PENDING" if kind == "pending" else "CONFIRMED"}

    def _wishes(self, kind: str | None, medical: bool) -> list[Wish]:
        if kind == "unfillable":
            return [self._wish(medical, 1), self._wish(medical, TOO_MANY)]
        wishes = [self._wish(medical, 2 if kind == "pickup" else 1)]
        if kind == "pickup":
            wishes.append(self._wish(medical, 1, discount=0.1))
        elif kind == "delivery" and "weight-tiers" in self._special:
            wishes.append(Wish(self._special["weight-tiers"], "Bulk Flower", 1, 28, grams=3.5))
        elif kind == "medical" and "medical-only" in self._special:
            wishes.append(Wish(self._special["medical-only"], "Clinic tincture", 1, 28))
        elif kind is None and self._number % 3 == 0:
            wishes.append(self._wish(medical, 1, discount=0.15 if self._number % 2 else 0))
        return wishes

    def _wish(self, medical: bool, quantity: int, discount: float = 0) -> Wish:
        """Something of which there is enough: the fullest of a few shelves."""
        few = [self._rng.choice(self._shelves) for _ in range(8)]
        shelf = max(few, key=lambda one: (one.left, one.id_item))
        if quantity < TOO_MANY:
            shelf.left -= quantity
        price = shelf.medical if medical else shelf.adult
        return Wish(shelf.id_item, shelf.name, quantity, price, round(price * discount, 2))

    def _order(self, created: datetime, pickup: str, medical: bool, wishes: list[Wish]) -> Record:
        number = self._number
        lines = [_line(number, wish) for wish in wishes]
        subtotal = sum(line["price"] * line["quantity"] for line in lines)
        total = sum(line["priceWithDiscounts"] * line["quantity"] for line in lines)
        coupon = 2.5 if number > len(HANDFUL) and number % 7 == 0 and total > 5 else 0
        window = {"start": iso(_later(created, 2)), "end": iso(_later(created, 3))}
        delivered = pickup == "DELIVERY"
        return {
            "id": f"abc{number:013x}",
            "orderNumber": f"{10_000 + number}",
            "status": "CONFIRMED",
            "type": "PRE_ORDER",
            "pickUpType": pickup,
            "menuType": "MEDICAL" if medical else "ADULT_USE",
            "venue": VENUE_ID,
            "user": self._user(medical),
            "items": lines,
            "deliveryAddress": _address(number) if pickup in ("DELIVERY", "SHIPPING") else None,
            "deliveryWindow": window if delivered else None,
            "pickUpWindow": window if pickup == "CURB_SIDE" else None,
            "notes": "Please ring twice" if number % 5 == 0 else None,
            "subtotal": round(subtotal, 2),
            "discountTotal": round(max(subtotal - total, 0) + coupon, 2),
            "total": round(total - coupon, 2),
            "created": iso(created),
            "modified": iso(created + timedelta(minutes=5)),
        }

    def _in_turn(self, people: list[Record]) -> Iterator[Record]:
        """People in a random order, over and over: nobody orders twice before everybody has once."""
        return itertools.cycle(self._rng.sample(people, len(people)))

    def _user(self, medical: bool) -> Record:
        """Mostly somebody whom the POS knows, their phone and medical ID spelled as a website does."""
        known = self._patients if medical else self._adults
        profile = next(known, None) if self._number % 5 else None
        if profile is None:
            return self._stranger(medical)
        number = profile["id_customer"] - FIRST_CUSTOMER_ID
        told = {"phone": digits(profile["phone"]), "patient_number": None}
        return _user(profile | told | ({"patient_number": medical_id(number, 1)} if medical else {}), number)

    def _stranger(self, medical: bool) -> Record:
        number = NUMBERS - 1 - self._number % 1000
        return _user(
            {
                "name_first": self._rng.choice(FIRST_NAMES),
                "name_last": self._rng.choice(LAST_NAMES),
                "phone": phone(number),
                "email": f"new.{self._number}@mail.invalid",
                "date_of_birth": f"19{60 + self._number % 40}-05-{1 + self._number % 28:02d}",
                "patient_number": medical_id(900_000 + self._number) if medical else None,
            },
            number,
        )


def _user(person: Record, number: int) -> Record:
    patient = person["patient_number"] is not None
    return {
        "id": f"aa00bb11{number:08x}",
        "firstName": person["name_first"],
        "lastName": person["name_last"],
        "phone": person["phone"],
        "email": person["email"],
        "birthday": person["date_of_birth"],
        "medicalId": person["patient_number"],
        "medicalState": "NY" if patient else None,
        "medicalExpirationYear": 2030 if patient else None,
        "medicalExpirationMonth": 6 if patient else None,
        "medicalExpirationDay": 30 if patient else None,
    }


def _line(number: int, wish: Wish) -> Record:
    return {
        "id": f"line{number}-{wish.id_item}",
        "quantity": wish.quantity,
        "price": wish.price,
        "priceWithDiscounts": round(wish.price - wish.discount, 2),
        "purchaseWeight": wish.grams,
        "name": wish.name,
        "product": {
            "id": f"{wish.id_item:016x}",
            "posProductId": str(wish.id_item),
            "name": wish.name,
            "priceType": "WEIGHT_TIER" if wish.grams else "REGULAR",
        },
    }


def _address(number: int) -> Record:
    return {
        "address1": f"{number} Nowhere Street",
        "address2": "Apt 2" if number % 2 else None,
        "city": "Albany",
        "state": "NY",
        "postalCode": "12203",
    }


def _later(created: datetime, hours: int) -> datetime:
    """A full hour, some hours after the order."""
    return created.replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)


def _shelves(inventory: Inventory, without: set[int]) -> Iterator[Shelf]:
    """Plain items of the first location that both menus show, by their stock on the sales floor.

    Only those with prices in whole cents: an order is paid in money that there is.
    """
    floor = inventory.areas[LOCATION_ID]["floor"]["id_area"]
    for row in inventory.rows[LOCATION_ID]:
        plain = row["is_cannabis"] and row["id_item"] not in without and row["id_area"] == floor
        if plain and row["available"] >= 3:
            prices = row["price_retail_adult_use"], row["price_retail_medical_use"]
            if all(price == round(price, 2) for price in prices):
                yield Shelf(row["id_item"], row["item"].strip(), *prices, left=row["available"])
