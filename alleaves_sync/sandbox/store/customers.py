"""The customers of the POS. Callers hold the store's lock."""

from typing import Final

from alleaves_sync.sandbox.api.checks import Field
from alleaves_sync.sandbox.constants import FIRST_CUSTOMER_ID, Record
from alleaves_sync.sandbox.store.people import make_customers
from alleaves_sync.sandbox.store.tokens import Clock, iso

NEW: Final = {
    "name_first": Field("text", required=True),
    "name_last": Field("text", required=True),
    "phone": Field("text", nullable=True),
    "email": Field("text", nullable=True),
    "date_of_birth": Field("date", nullable=True),
    "patient_number": Field("text", nullable=True),
    "patient_number_expiration": Field("date", nullable=True),
    "patient_state": Field("text", nullable=True),
}
SEARCH: Final = {
    "page": Field("integer", required=True, least=1),
    "pageSize": Field("integer", required=True, least=1, most=500),
    "query": Field("text"),
}
#: What a query is looked for in, as the profile spells it.
SEARCHED: Final = ("phone", "phone2", "patient_number", "customer_name", "email")


class Customers:
    """Profiles by id, in the order of their creation."""

    def __init__(self, seed: int, count: int, clock: Clock) -> None:
        self.profiles = {one["id_customer"]: one for one in make_customers(seed, count)}
        self._clock = clock

    def create(self, body: Record) -> Record:
        """A new profile from a checked body. Duplicates are not refused: nor does the real POS."""
        id_customer = max(self.profiles, default=FIRST_CUSTOMER_ID - 1) + 1
        profile: Record = {
            "id_customer": id_customer,
            **{name: body.get(name) for name in NEW},
            "customer_name": f"{body['name_first']} {body['name_last']}",
            "phone2": None,
            "date_created": iso(self._clock()),
            "credit_balance": 0,
        }
        self.profiles[id_customer] = profile
        return profile

    def search(self, query: str, page: int, size: int) -> dict[str, Record]:
        """One page, as an object keyed "0", "1", ... The query is a literal part of a value."""
        wanted = query.strip().lower()
        found = [one for one in self.profiles.values() if not wanted or _mentions(one, wanted)]
        return {str(number): one for number, one in enumerate(found[(page - 1) * size : page * size])}


def _mentions(profile: Record, wanted: str) -> bool:
    return any(wanted in (profile[column] or "").lower() for column in SEARCHED)
