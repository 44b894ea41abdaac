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

    def trying(self, step: str, detail: str = "", **changes: Any) -> None:
        """`step` is about to be sent."""
        self._note(step, "trying", detail, changes)

    def done(self, step: str, detail: str = "", **changes: Any) -> None:
        """`step` is known to be done."""
        self._note(step, "done", detail, changes)

    def refused(self, step: str, detail: str = "", **changes: Any) -> None:
        """`step` is known not to have been done."""
        self._note(step, "refused", detail, changes)

    def unclear(self, step: str, detail: str = "", **changes: Any) -> None:
        """Nobody knows whether `step` was done."""
        self._note(step, "unclear", detail, changes)

    def steps(self) -> tuple[StepRecord, ...]:
        """All steps so far, oldest first."""
        return self._state.steps(self.record.location, self.record.order_id)

    def in_doubt(self, step: str) -> bool:
        """Whether the last word about `step` is that it was tried: nobody knows whether it was done."""
        told = [one.result for one in self.steps() if one.step == step]
        return bool(told) and told[-1] in ("trying", "unclear")

    def _note(self, step: str, result: StepResult, detail: str, changes: dict[str, Any]) -> None:
        at = self._clock()
        record = replace(self.record, updated_at=at, **changes)
        if not self._dry:
            noted = StepRecord(record.location, record.order_id, step, result, at, detail)
            self._state.save_order(record, noted)
        self.record = record
