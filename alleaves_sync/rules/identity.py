"""How the names, medical IDs and birth dates of two sides compare, and what identifies nobody (U2, U3, U3a).

Pure. `rules/matching.py` decides with it whether a profile of the POS is the person who ordered.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum

_DASH = "Pd"  # Unicode's class of all dashes, the typographic ones included
_INVISIBLE = "Cf"  # marks that come along when text is copied from a page
_KEYBOARD_WIDTHS = ("<wide>", "<narrow>")  # the same letter or digit, typed on another keyboard
_SHORTEST_ID = 4
_EARLIEST_BIRTH_YEAR = 1905
_DIGITS = "0123456789"
# What is typed where a medical ID is asked for and there is none; compared by letters and digits alone.
_NO_ID = frozenset(
    re.findall(
        r"\w+",
        """
        appliedfor applied awaiting expired inprocess inprogress medical missing nocard noid none
        notapplicable notavailable notyet null patient pending processing recreational renewal renewing temp
        temporary test undefined unknown waiting
        """,
    )
)
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_SLASHED_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_LAST_MONTH = 12
# Names that one person answers to. A shared beginning ("Rob", "Robert") needs no entry.
_SHORT_FORMS = tuple(
    frozenset(group.split())
    for group in (
        "alexander alex sandy xander sasha",
        "alexandra alex sandra sasha lexi",
        "andrew drew andy",
        "anthony tony",
        "barbara barb babs bobbie",
        "catherine katherine kathryn cathy kathy kate katie kit",
        "charles charlie chuck chas",
        "christopher chris kit topher",
        "christina kristina chris tina",
        "cynthia cindy",
        "deborah debra debbie",
        "dorothy dot dottie dolly",
        "edward ed eddie ned ted",
        "eleanor ellie nell nora",
        "elizabeth elisabeth liz lizzie beth betty betsy eliza lisa libby",
        "francis frank fran",
        "francisco paco pancho",
        "frances fran fanny frankie",
        "frederick fred freddy",
        "gerald jerry",
        "guadalupe lupe",
        "henry harry hank",
        "isabella bella izzy",
        "jacob jake",
        "james jim jimmy jamie",
        "jennifer jenny jen",
        "jesus chuy",
        "john johnny jack jon",
        "jose pepe",
        "joseph joe joey",
        "lawrence laurence larry",
        "leonard leo lenny",
        "margaret maggie meg peggy greta rita",
        "mary molly polly",
        "matthew matt",
        "michael mike mick mickey",
        "nancy nan",
        "patricia pat patty tricia trish",
        "rebecca becky",
        "richard rick dick rich",
        "robert bob bobby rob",
        "ronald ron ronnie",
        "rosemary rose romy",
        "samantha sam",
        "sarah sally",
        "steven stephen steve",
        "susan sue susie suzy",
        "theodore ted teddy theo",
        "theresa teresa terry tess",
        "thomas tom tommy",
        "victoria vicky tori",
        "virginia ginny",
        "wilhelmina wilma mina minnie",
        "william bill billy will liam",
    )
)


class Likeness(StrEnum):
    """How far two names are the same (U3)."""

    SAME = "same"
    ALIKE = "alike"
    DIFFERENT = "different"


def compare_names(
    ours: tuple[str | None, str | None], theirs: tuple[str | None, str | None]
) -> tuple[Likeness, Likeness]:
    """The likeness of the whole names and of the first names; a name is (first, last).

    Without case, accents and punctuation, in either order. What one side lacks contradicts nothing.
    """
    our_first, their_first = _parts(ours[:1]), _parts(theirs[:1])
    our_all, their_all = _parts(ours), _parts(theirs)
    return (
        _likeness(our_all, their_all),
        # Either order: a first name may stand among the last names of the other side.
        _both_ways(our_first, our_all, their_first, their_all),
    )


def _parts(names: Iterable[str | None]) -> tuple[str, ...]:
    text = unicodedata.normalize("NFKD", " ".join(name or "" for name in names).casefold())
    plain = "".join(char for char in text if not unicodedata.combining(char))
    # O'Neil is ONeil; a hyphen separates two names.
    plain = plain.replace("'", "").replace("\u2019", "").replace(".", " ")
    return tuple("".join(char if char.isalnum() else " " for char in plain).split())


def _likeness(ours: Sequence[str], theirs: Sequence[str]) -> Likeness:
    if sorted(ours) == sorted(theirs) and ours:
        return Likeness.SAME
    if not ours or not theirs or _share(ours, theirs):
        return Likeness.ALIKE
    return Likeness.DIFFERENT


def _both_ways(
    our_first: Sequence[str], our_all: Sequence[str], their_first: Sequence[str], their_all: Sequence[str]
) -> Likeness:
    if not our_first or not their_first:
        return Likeness.ALIKE
    if our_first == their_first:
        return Likeness.SAME
    alike = _share(our_first, their_all) and _share(their_first, our_all)
    return Likeness.ALIKE if alike else Likeness.DIFFERENT


def _share(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    return any(_is_related(one, other) for one in ours for other in theirs)


def _is_related(one: str, other: str) -> bool:
    if one.startswith(other) or other.startswith(one):
        return True
    return any(one in forms and other in forms for forms in _SHORT_FORMS)


def normalise_medical_id(text: str | None) -> str | None:
    """The medical ID without case, spaces and dashes (U2); None where it identifies nobody (U3a)."""
    folded = "".join(map(_usual_width, unicodedata.normalize("NFC", text or ""))).casefold()
    kept = "".join(
        char
        for char in folded
        if not char.isspace() and unicodedata.category(char) not in (_DASH, _INVISIBLE)
    )
    kept = unicodedata.normalize("NFC", kept)
    return None if _is_no_id(kept) else kept


def _usual_width(char: str) -> str:
    if unicodedata.decomposition(char).startswith(_KEYBOARD_WIDTHS):
        return unicodedata.normalize("NFKC", char)
    return char


def _is_no_id(kept: str) -> bool:
    core = "".join(char for char in kept if char.isalnum())
    return len(core) < _SHORTEST_ID or len(set(core)) == 1 or core in _NO_ID or is_a_row_of_digits(core)


def is_a_row_of_digits(text: str) -> bool:
    """Whether it is 1234, 0123456789, 1234567890 and the like: typed to fill a field (U3a)."""
    return len(text) >= _SHORTEST_ID and text in _DIGITS + _DIGITS


def read_birth_date(value: date | str | None, today: date | None = None) -> date | None:
    """A birth date of either side, as written: its time and time zone mean nothing (U3a).

    None where it cannot be read, and where it stands for none: before 1905, or after `today`.
    """
    if isinstance(value, datetime):
        value = value.date()
    found = _written_date(value.strip()) if isinstance(value, str) else value
    if found is None or found.year < _EARLIEST_BIRTH_YEAR or (today is not None and found > today):
        return None
    return found


def _written_date(text: str) -> date | None:
    if iso := _ISO_DATE.match(text):
        year, month, day = map(int, iso.groups())
    elif slashed := _SLASHED_DATE.match(text):
        month, day, year = map(int, slashed.groups())
        if month > _LAST_MONTH:
            month, day = day, month
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
