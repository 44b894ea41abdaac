"""An order as the storefront writes it."""

from typing import Any


def order_json(**changes: Any) -> dict[str, Any]:
    """A whole order of two lines; `changes` replace its fields."""
    whole: dict[str, Any] = {
        "id": "abc0000000000001",
        "orderNumber": "10001",
        "status": "CONFIRMED",
        "type": "PRE_ORDER",
        "pickUpType": "DELIVERY",
        "menuType": "MEDICAL",
        "venue": "0123456789abcdef",
        "user": {
            "id": "aa00bb11cc22dd33",
            "firstName": "Ada",
            "lastName": "Abelwood",
            "phone": "5185550100",
            "email": None,
            "birthday": "1990-01-02",
            "medicalId": "NY-0012345",
            "medicalState": "NY",
            "medicalExpirationYear": 2030,
            "medicalExpirationMonth": 6,
            "medicalExpirationDay": 30,
        },
        "items": [line_json(), line_json("4040", priceType="WEIGHT_TIER", purchaseWeight=3.5, price=28.1)],
        "deliveryAddress": {
            "address1": "1 Nowhere Street",
            "address2": None,
            "city": "Albany",
            "state": "NY",
            "postalCode": "12203",
        },
        "deliveryWindow": {"start": "2026-03-04T19:00:00Z", "end": "2026-03-04T15:00:00-05:00"},
        "pickUpWindow": None,
        "notes": "ring\ntwice",
        "subtotal": 88.1,
        "discountTotal": 0,
        "total": 88.1,
        "created": "2026-03-04T12:25:36.838Z",
        "modified": "2026-03-04T12:30:36.838Z",
    }
    return whole | changes


def line_json(product: str = "4001", priceType: str = "REGULAR", **changes: Any) -> dict[str, Any]:  # noqa: N803
    """One line of an order."""
    base = {
        "id": f"line{product}",
        "quantity": 2,
        "price": 30,
        "priceWithDiscounts": 28.5,
        "purchaseWeight": None,
        "name": f"item {product}",
        "product": {"id": "x", "posProductId": product, "name": f"item {product}", "priceType": priceType},
    }
    return base | changes
