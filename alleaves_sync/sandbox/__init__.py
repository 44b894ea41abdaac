"""A stand-in for Alleaves and AIQ Ecommerce over real HTTP, for demos and tests.

It is true to docs/contract, deterministic from a seed, and can be told to misbehave (`FAULTS`).
Needs the extra `sandbox`.
"""

from alleaves_sync.sandbox.constants import (
    API_KEY,
    LOCATION_ID,
    PASSWORD,
    PIN,
    PLANTED_SECRETS,
    USERNAME,
    VENUE_ID,
)
from alleaves_sync.sandbox.faults.faults import FAULT_GRAMMAR, FAULTS, parse_fault
from alleaves_sync.sandbox.sandbox import Sandbox
from alleaves_sync.sandbox.store.journal import Asked, Exchange
from alleaves_sync.sandbox.store.store import Store

__all__ = [
    "API_KEY",
    "FAULTS",
    "FAULT_GRAMMAR",
    "LOCATION_ID",
    "PASSWORD",
    "PIN",
    "PLANTED_SECRETS",
    "USERNAME",
    "VENUE_ID",
    "Asked",
    "Exchange",
    "Sandbox",
    "Store",
    "parse_fault",
]
