"""What goes into the state file and comes out of it: plain, frozen values.

Times are aware datetimes, stored in UTC to the microsecond. The JSON of a product and of a change is text
that this package stores as it is: what it means is known to the flows.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

ItemStatus = Literal["listed", "hidden", "withheld"]
ChangeAction = Literal["create", "update", "zero"]
OrderState = Literal[
    "seen",
    "customer",
    "creating",
    "created",
    "lines",
    "scheduled",
    "verified",
    "pushed",
    "voiding",
    "failed",
    "needs-attention",
    "given-up",
]
StepResult = Literal["trying", "done", "refused", "unclear"]
LinkKind = Literal["medical_id", "phone"]


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """One POS item, or a product that a location once had.

    `product` is the whole product as the storefront is KNOWN to hold it; None: it never accepted one.
    `attempted` is the whole product that was last sent and has no answer yet; None: nothing is in doubt.
    `pos_category` is the full POS path; `reasons` are code words (P7), without commas. `warnings` is JSON
    text, None for none; `unmapped`: without an AIQ category (C4). `source` is the fingerprint of what all
    this was made from; None: it has to be made anew.
    """

    pos_product_id: str
    name: str
    status: ItemStatus
    reasons: tuple[str, ...] = ()
    pos_category: str | None = None
    product: str | None = None
    attempted: str | None = None
    updated_at: datetime | None = None
    warnings: str | None = None
    unmapped: bool = False
    source: bytes | None = None


class Decided(NamedTuple):
    """What was decided about an item and stands, as far as a run needs it where nothing has changed.

    The fields are those of an ItemRecord that has a `source`; `has_product`: the storefront holds one.
    """

    pos_product_id: str
    status: ItemStatus
    reasons: str
    pos_category: str | None
    warnings: str | None
    unmapped: bool
    source: bytes | None
    has_product: bool


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a flow for a location, as it stands now. `warnings` is how many; `error` is a code word.

    `outcome` is a word of the JSON result (`ok`, `partial`, `refused`, `failed`, ...), or `running`.
    """

    id: str
    location: str
    flow: str
    started_at: datetime
    outcome: str = "running"
    ended_at: datetime | None = None
    seconds: float | None = None
    rows: int = 0
    items: int = 0
    listed: int = 0
    hidden: int = 0
    withheld: int = 0
    created: int = 0
    updated: int = 0
    zeroed: int = 0
    unchanged: int = 0
    rejected: int = 0
    warnings: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """What one run changed on one product. `fields` is the JSON text of `{field: [old, new]}`."""

    run_id: str
    pos_product_id: str
    action: ChangeAction
    fields: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One order of the storefront in the ledger, by `location` and `order_id`; nothing in it names a person.

    `fingerprint` is of its contents; `candidates` are ids of profiles that match; `lines` is the JSON text of
    what was planned or pushed. `reason` is a code word; on a pushed order it says why a person must look.
    `pos_status` and `storefront_status` are as last seen, `reported` as last told to the storefront (None:
    nothing). `ordered_at` is when it was made there, `seen_at` when this program first saw it: that never
    moves. `attempts` counts the pushes that were begun.
    """

    location: str
    order_id: str
    state: OrderState
    fingerprint: str
    seen_at: datetime
    updated_at: datetime
    number: str | None = None
    id_order: int | None = None
    id_customer: int | None = None
    matched_by: str | None = None
    candidates: tuple[int, ...] = ()
    reason: str | None = None
    lines: str = "[]"
    pick_up_type: str = ""
    ordered_at: datetime | None = None
    attempts: int = 0
    pos_status: str | None = None
    storefront_status: str | None = None
    reported: str | None = None


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of a push: `trying` is written before it, the others after it. `detail` names no person."""

    location: str
    order_id: str
    step: str
    result: StepResult
    at: datetime
    detail: str | None = None
