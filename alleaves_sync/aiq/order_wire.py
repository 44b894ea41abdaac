"""Where in an order the fields stand that AIQ has not documented, and `wire:`, which says otherwise."""

from collections.abc import Callable, Mapping
from functools import cache

from pydantic import JsonValue

# What the contract assumes, as a path of names.
DEFAULT_PATHS: Mapping[str, str] = {
    "order_number": "orderNumber",
    "menu_type": "menuType",
    "delivery_window_start": "deliveryWindow.start",
    "delivery_window_end": "deliveryWindow.end",
    "pickup_window_start": "pickUpWindow.start",
    "pickup_window_end": "pickUpWindow.end",
    "delivery_address": "deliveryAddress",
    "notes": "notes",
}


class OrderWire:
    """Finds those fields in an order's JSON. `paths` are the JMESPath expressions of `wire:`, by field.

    Raises ValueError for an expression that is none; the configuration has been checked for that.
    """

    def __init__(self, paths: Mapping[str, str] | None = None) -> None:
        self._paths = dict(DEFAULT_PATHS) | dict(paths or {})
        self._redirected = {name: _compiled(path) for name, path in (paths or {}).items()}

    def path(self, name: str) -> str:
        """Where the field is looked for, as a person wrote it: for telling a problem."""
        return self._paths[name]

    def find(self, order: Mapping[str, JsonValue], name: str) -> JsonValue:
        """The field, None where the order does not have it.

        Raises ValueError (a few words, no value) where there is no way to it: something on the path is not
        an object, or the expression cannot be applied to this order.
        """
        redirected = self._redirected.get(name)
        if redirected is not None:
            return redirected(order)
        value: JsonValue = dict(order)
        for step in self._paths[name].split("."):
            if value is None:
                return None
            if not isinstance(value, dict):
                raise ValueError("its place is not an object")  # noqa: TRY004 - of the input, not of this code
            value = value.get(step)
        return value


@cache
def _compiled(path: str) -> Callable[[Mapping[str, JsonValue]], JsonValue]:
    import jmespath  # noqa: PLC0415 - seldom needed
    from jmespath.exceptions import JMESPathError  # noqa: PLC0415

    expression = jmespath.compile(path)

    def find(order: Mapping[str, JsonValue]) -> JsonValue:
        try:
            found: JsonValue = expression.search(order)
        except JMESPathError:
            raise ValueError("the JMESPath expression does not fit this order") from None
        return found

    return find
