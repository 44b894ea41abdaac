"""What the codes on the page mean, in a person's words. The runbook (docs/operations.md) says more."""

from collections.abc import Mapping

# What each reason of P7 means, and what to do. An item that was sent and has no answer yet has none.
REASON_WORDS: Mapping[str, tuple[str, str]] = {
    "": ("Sent to the storefront, which has not answered for it.", "The next run sends it again."),
    "out-of-stock": ("No stock in the selected areas.", "Is it in another area, expired, or on hold?"),
    "below-threshold": (
        "There is stock, but not more than the item's low-quantity threshold.",
        "Lower the threshold in Alleaves.",
    ),
    "gone-from-pos": ("Alleaves does not bring it any more.", "It comes back when Alleaves has it again."),
    "not-a-product": ("Not marked as a product in Alleaves.", "Mark it there, if it is to be sold."),
    "other-menu-type": (
        "Not meant for this menu: adult or medical use.",
        "Mark it for that use in Alleaves.",
    ),
    "no-price": ("No price for this menu.", "Set it in Alleaves."),
    "invalid": ("A value in a form that is not known.", "sync-inventory names it in its warnings."),
}
UNTOLD = ("A reason of another version of alleaves-sync.", "")

FIELD_WORDS: Mapping[str, str] = {
    "name": "name",
    "description": "description",
    "brand": "brand",
    "sku": "SKU",
    "productCategory": "category",
    "subType": "sub-type",
    "cannabisType": "cannabis type",
    "cannabisStrain": "strain",
    "priceType": "kind of price",
    "tiers": "tiers",
    "weight": "weight",
    "weightUnit": "unit of weight",
    "images": "pictures",
    "labs": "lab values",
}
