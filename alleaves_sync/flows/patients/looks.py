"""What a look for somebody in the POS finds (U1-U4)."""

from dataclasses import dataclass
from typing import Literal

from alleaves_sync.rules.matching import By


@dataclass(frozen=True, slots=True)
class Found:
    """The one profile, how it was matched, and phone matches that contradict (U3)."""

    id_customer: int
    matched_by: Literal["medical_id", "phone", "created"]
    contradicting: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Several:
    """Different profiles match: nothing is guessed (U4)."""

    candidates: tuple[int, ...]
    matched_by: By


@dataclass(frozen=True, slots=True)
class Nobody:
    """No profile matches; `contradicting` are those with the phone of somebody else (U3)."""

    contradicting: tuple[int, ...] = ()


Look = Found | Several | Nobody
