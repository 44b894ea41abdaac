"""The ledger of one order: written before each step is tried, and after it is known (O2)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from alleaves_sync.state import OrderRecord, StateFile, StepRecord, StepResult


class Ledger:
    """The row of one order, and its steps. Every note is one transaction, on the disk when it returns.

    Raises WriteFailed and StateUnusable: then nothing more may be sent. `dry`: nothing is written.
    """

    def __init__(
        self, state: StateFile, record: OrderRecord, clock: Callable[[], datetime], *, dry: bool = False
    ) -> None:
        self._state = state
        self._dry = dry
        self._clock = clock
        self.record = record
        self.has_sent = False  # whether a step was tried by this ledger, not by one before it

    def trying(self, step: str, detail: str = "", **changes: Any) -> None:
        """`step` is about to be sent."""
        self._note(step, "trying", detail, changes)
        self.has_sent = True

    def done(self, step: str, detail: str = "", **changes: Any) -> None:
        """`step` is known to be done."""
        self._note(step, "done", detail, changes)

    def refused(self, step: str, detail: str = "", **changes: Any) -> None:
        """`step` is known not to have been done."""
        self._note(step, "refused", detail, changes)

    def unclear(self, step: str, detail: str = "", **changes: Any) -> None:
        """Nobody knows whether `step` was done."""
        self._note(step, "unclear", detail, changes)

    def as_before(self, **changes: Any) -> None:
        """Nothing new: it waits for what it waited for. Its steps would be the same ones with every push."""
        self.record = replace(self.record, updated_at=self._clock(), **changes)
        if not self._dry:
            self._state.save_order(self.record)

    def steps(self) -> tuple[StepRecord, ...]:
        """All steps so far, oldest first."""
        return self._state.steps(self.record.location, self.record.order_id)

    def in_doubt(self, step: str) -> bool:
        """Whether the last word about `step` is that it was tried: nobody knows whether it was done."""
        return self.doubted_since(step) is not None

    def doubted_since(self, step: str) -> datetime | None:
        """When that last word was said; None where `step` is not in doubt."""
        told = [one for one in self.steps() if one.step == step]
        return told[-1].at if told and told[-1].result in ("trying", "unclear") else None

    def _note(self, step: str, result: StepResult, detail: str, changes: dict[str, Any]) -> None:
        at = self._clock()
        record = replace(self.record, updated_at=at, **changes)
        if not self._dry:
            noted = StepRecord(record.location, record.order_id, step, result, at, detail)
            self._state.save_order(record, noted)
        self.record = record
