"""The POS's order as it is made from the storefront's, still without lines (O3, O7). Pure."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from alleaves_sync.aiq.order_models import Order
from alleaves_sync.alleaves.order_models import DeliveryAddress, NewOrder
from alleaves_sync.config.settings import LocationSettings
from alleaves_sync.flows.orders.pos_orders import note_of
from alleaves_sync.rules.windows import delivery_slot

_DELIVERY = "DELIVERY"


def new_order(order: Order, id_customer: int, settings: LocationSettings, zone: ZoneInfo | None) -> NewOrder:
    """What is sent to create the order. Without a `zone` the order must have no window."""
    return NewOrder(
        id_customer=id_customer,
        id_external=order.id,
        id_location=settings.alleaves.location_id,
        type="delivery" if order.pick_up_type == _DELIVERY else "pickup",
        use_type="medical" if is_medical(order, settings) else "adult",
        delivery_address=_address(order, zone),
        notes=note_of(order.id, order.notes),
    )


def is_medical(order: Order, settings: LocationSettings) -> bool:
    """Whether it is a medical order: by its own menu, else by the location's (O7)."""
    if order.menu_type is None:
        return settings.menu == "medical"
    return order.menu_type == "MEDICAL"


def _address(order: Order, zone: ZoneInfo | None) -> DeliveryAddress | None:
    address = order.address
    if order.pick_up_type != _DELIVERY or address is None:
        return None
    plain = DeliveryAddress(
        address.address1, address.address2, address.city, address.state, address.postal_code
    )
    if order.window is None or zone is None:
        return plain
    slot = delivery_slot(order.window, zone)
    return replace(plain, delivery_date=slot.date, delivery_eta_start=slot.start, delivery_eta_end=slot.end)
