"""What the POS is asked for."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from alleaves_sync.alleaves.models import Area, Fetched, InventoryRow, Item, PosLocation
from alleaves_sync.alleaves.paging import Entry, Gathering, OnPage, gather, read_all
from alleaves_sync.alleaves.session import SERVICE, Session
from alleaves_sync.alleaves.wire import (
    INVENTORY,
    ITEMS,
    Packed,
    Page,
    Record,
    RecordKind,
    decode_list,
    decode_page,
    pack_page,
)
from alleaves_sync.transport import Budget, Transport

if TYPE_CHECKING:
    from alleaves_sync.alleaves.customers import CustomersApi
    from alleaves_sync.alleaves.orders import OrdersApi
    from alleaves_sync.config.settings import AlleavesSettings

# One of the two page sizes in use; 1.7 MB of inventory.
PAGE_SIZE = 500


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AlleavesClient:
    """The account and location of `settings`, asked within `budget`. For one thread; used by `with`.

    `on_page` is told the progress of the long reads, in the caller's thread. Every method raises
    LoginRefused, or a ServiceError: Unreachable, ServerFailed, RequestRefused, WrongAnswer, OutOfTime.
    """

    def __init__(
        self,
        settings: "AlleavesSettings",
        budget: Budget,
        *,
        on_page: OnPage | None = None,
        now: Callable[[], datetime] = _utc_now,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._location_id = settings.location_id
        self._on_page = on_page
        self._transport = Transport(SERVICE, settings.base_url, budget, sleep=sleep)
        self._session = Session(settings, self._transport, now)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.__exit__(kind, error, trace)

    @property
    def orders(self) -> "OrdersApi":
        """The orders of the location."""
        from alleaves_sync.alleaves.orders import OrdersApi  # noqa: PLC0415 - the menu needs none of it

        return OrdersApi(self._session, self._location_id)

    @property
    def customers(self) -> "CustomersApi":
        """The profiles of the account."""
        from alleaves_sync.alleaves.customers import CustomersApi  # noqa: PLC0415 - as above

        return CustomersApi(self._session)

    def locations(self) -> tuple[PosLocation, ...]:
        """The locations that the account sees. Their secrets are dropped where the bytes are read."""
        answer = self._session.call("GET", "/location", repeatable=True)
        return decode_list(PosLocation, answer.body, "GET /location")

    def areas(self) -> tuple[Area, ...]:
        """The area records of the location, deleted ones included."""
        answer = self._session.call(
            "GET", "/inventory/area", repeatable=True, params={"id_location": self._location_id}
        )
        return decode_list(Area, answer.body, "GET /inventory/area")

    def inventory(self) -> Fetched[InventoryRow]:
        """All rows of the location, sold-out batches included. Raises ReadIncomplete without proof."""
        return read_all(INVENTORY, self._pages(INVENTORY, decode_page), self._on_page)

    def items(self) -> Fetched[Item]:
        """All catalogue records of the location. Raises ReadIncomplete without proof."""
        return read_all(ITEMS, self._pages(ITEMS, decode_page), self._on_page)

    def gather_inventory(self, into: Gathering[Packed]) -> None:
        """The rows of `inventory`, packed, as they come."""
        gather(INVENTORY, self._pages(INVENTORY, pack_page), into, self._on_page)

    def gather_items(self, into: Gathering[Packed]) -> None:
        """The records of `items`, packed, as they come."""
        gather(ITEMS, self._pages(ITEMS, pack_page), into, self._on_page)

    def _pages(
        self, kind: RecordKind[Record], decode: Callable[[RecordKind[Record], bytes], Page[Entry]]
    ) -> Callable[[int], Page[Entry]]:
        def fetch(skip: int) -> Page[Entry]:
            body = {"skip": skip, "take": PAGE_SIZE, "id_location": self._location_id}
            return decode(kind, self._session.call("POST", kind.path, repeatable=True, json_body=body).body)

        return fetch
