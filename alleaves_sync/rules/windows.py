"""When an order is wanted, in the words of the POS: the location's date and wall clock (O3). Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from alleaves_sync.aiq.order_models import Window


@dataclass(frozen=True, slots=True)
class DeliverySlot:
    """A delivery window: the local date of its start, and both ends as local "HH:MM".

    A window across midnight keeps the date of its start, so that its end reads as the smaller time. In the
    hour that comes twice in autumn the end may read smaller, too: the wall clock says no more.
    """

    date: date
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class PickupSlot:
    """When an order is fetched: local date and "HH:MM"."""

    date: date
    time: str


def delivery_slot(window: Window, zone: tzinfo) -> DeliverySlot:
    """The delivery window as the POS takes it, in the location's time zone."""
    start, end = window.start.astimezone(zone), window.end.astimezone(zone)
    return DeliverySlot(start.date(), _wall_clock(start), _wall_clock(end))


def pickup_slot(window: Window, zone: tzinfo) -> PickupSlot:
    """When the pickup window opens, as the POS takes it, in the location's time zone."""
    start = window.start.astimezone(zone)
    return PickupSlot(start.date(), _wall_clock(start))


def _wall_clock(local: datetime) -> str:
    return f"{local:%H:%M}"


def pos_moment(text: str | None) -> datetime | None:
    """A time as the POS writes it (ISO, with or without a zone), for telling which of two was first.

    Without a zone it is read as UTC: the times of one field are all written alike. None where there is none
    or it cannot be read.
    """
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
