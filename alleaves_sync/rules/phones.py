"""Phone numbers of both sides, and the ways in which one may have been stored (U2, U3a). Pure."""

import re
import unicodedata
from typing import TYPE_CHECKING

from alleaves_sync.rules.identity import is_a_row_of_digits

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_KEPT_DIGITS = 4  # the length of the shortest numbers there are (Niue)
# A number with words behind it: "518-555-0100 (mobile, ask for Sam)".
_NUMBER_FIRST = re.compile(r"[\s(]*\+?\d[\d\s().-]{5,}\d(?=\W*[^\W\d_])")
_MEXICO = 52
_MEXICAN_DIGITS = 10


def normalise_phone(text: str | None, region: str) -> str | None:
    """The phone number as E.164, read in `region` unless it names its country (U2).

    None where it is not a whole number, and for what is typed where a number is asked for and there is none:
    one digit all over, 123 456 7890 (U3a). An extension is cut off.
    """
    number = _parsed(text, region)
    return None if number is None else _format(number, national=False)


def spellings(phone: str, region: str) -> tuple[str, ...]:
    """The ways in which the POS may have stored `phone`, each once: a search may be literal (U2).

    As given, digits only, E.164, the national format, and the digits of that.
    """
    number = _parsed(phone, region)
    has_more = number is not None and (number.extension or _NUMBER_FIRST.match(phone))
    ways = [phone.strip()] if has_more else [phone.strip(), _digits(phone)]
    if number is not None:
        national = _format(number, national=True)
        ways += [_format(number, national=False), national, _digits(national)]
    return tuple(dict.fromkeys(way for way in ways if way))


def extension(text: str | None, region: str) -> str | None:
    """The extension behind a whole number: two different ones are two people (U3a)."""
    number = _parsed(text, region)
    return None if number is None else number.extension or None


def may_be(text: str | None, phone: str) -> bool:
    """Whether it is worth reading `text`: thousands are compared, and a number keeps its last digits.

    Letters may stand for digits.
    """
    written = text or ""
    return phone[-_KEPT_DIGITS:] in _digits(written) or any(char.isalpha() for char in written)


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def _parsed(text: str | None, region: str) -> "PhoneNumber | None":
    """The number, with its extension; None where it is not a whole number or stands for none."""
    if not text or not text.strip():
        return None
    number = _possible(text, region)
    if number is None and (first := _NUMBER_FIRST.match(text)):
        number = _possible(first[0], region)
    return number


def _possible(text: str, region: str) -> "PhoneNumber | None":
    import phonenumbers  # noqa: PLC0415 - its tables cost a good part of a start that does not need them

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    significant = phonenumbers.national_significant_number(number)
    if number.country_code == _MEXICO and len(significant) > _MEXICAN_DIGITS and significant[0] == "1":
        significant = significant[1:]  # how mobiles were dialled from abroad until 2019
        number.national_number = int(significant)
    whole = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    if not whole or len(set(significant)) == 1 or is_a_row_of_digits(significant):
        return None
    return number


def _format(number: "PhoneNumber", *, national: bool) -> str:
    from phonenumbers import PhoneNumber, PhoneNumberFormat, format_number  # noqa: PLC0415 - as in `_possible`

    bare = PhoneNumber()
    bare.merge_from(number)
    bare.extension = None
    return format_number(bare, PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.E164)
