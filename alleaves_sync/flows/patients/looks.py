"""What a look for somebody in the POS finds (U1-U4)."""

from dataclasses import dataclass
from typing import Literal

from alleaves_sync.rules.matching import By


@dataclass(frozen=True, slots=True)
class Found:
    """The one profile, how it was matched, and phone matches that contradict (U3).

    `card_renewed`: it has another medical ID, and name, phone and birth date are all the same.
    """

    id_customer: int
    matched_by: Literal["medical_id", "phone", "created"]
    contradicting: tuple[int, ...] = ()
    card_renewed: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """Profiles that may be the person or not: nobody is guessed, nobody created (U3)."""

    candidates: tuple[int, ...]
    matched_by: By


@dataclass(frozen=True, slots=True)
class Several:
    """Different profiles match: nothing is guessed (U4)."""

    candidates: tuple[int, ...]
    matched_by: By


@dataclass(frozen=True, slots=True)
class Nobody:
    """No profile matches; `contradicting` are those with the phone of somebody else (U3)."""

    contradicting: tuple[int, ...] = ()


Look = Found | Several | Unclear | Nobody
