"""Actions to the storefront, and what was accepted into the state file (step 6 of a run).

Every batch is noted as *sent, answer unknown* before it goes out, and recorded after its answer in one
transaction: a kill at any point loses nothing and invents nothing. Without a storefront the state file is the
menu, and everything is accepted in one transaction.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from pydantic import JsonValue

from alleaves_sync.aiq import wire
from alleaves_sync.aiq.storefront import BATCH_SIZE, Sending, Storefront
from alleaves_sync.plan import Action, ActionKind, ItemState, Known, Plan
from alleaves_sync.state import ChangeRecord, ItemRecord, RunRecord, StateFile

# What a created product's history begins with; the rest of it is in the menu.
_FIRST_VALUES = ("name", "price", "quantity")

OnProducts = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A product that the storefront did not take, in its own words; it stays pending for the next run."""

    pos_product_id: str
    message: str


@dataclass(slots=True)
class Tally:
    """What has been accepted so far, what was rejected, and what the storefront said nothing about."""

    accepted: Counter[ActionKind] = field(default_factory=Counter)
    rejected: list[Rejection] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)


def differences(action: Action) -> dict[str, list[JsonValue]]:
    """`{AIQ field: [old, new]}` of the fields that go out."""
    return {
        wire.FIELD_NAMES[name]: [
            None if action.before is None else wire.field_value(action.before, name),
            wire.field_value(action.product, name),
        ]
        for name in action.changed
    }


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes the plan of one run; `running` is its record meanwhile, `finished` makes the last one."""

    state: StateFile
    location: str
    known: Mapping[str, Known]
    running: RunRecord
    finished: Callable[[], RunRecord]
    on_products: OnProducts = lambda _done, _total: None

    def keep_here(self, plan: Plan, tally: Tally) -> None:
        """No storefront: everything is accepted, in one transaction. Raises WriteFailed."""
        tally.accepted.update(action.kind for action in plan.actions)  # what `finished` tells of
        records = (self._record(action.state, wire.dump(action.product), None) for action in plan.actions)
        changes = (change for action in plan.actions for change in self._changes(action))
        try:
            self.state.record(
                self.location, self.finished(), chain(records, self._decisions(plan)), changes, plan.forgotten
            )
        except BaseException:
            tally.accepted.clear()
            raise

    def send(self, plan: Plan, storefront: Storefront, tally: Tally) -> None:
        """Send in batches, what must leave the menu first. Raises WriteFailed, ServiceError, LoginRefused.

        After an error the batch that was under way is in doubt, those before it are recorded, those after it
        were never sent.
        """
        total = len(plan.actions)
        for start in range(0, total, BATCH_SIZE):
            self.on_products(start, total)
            self._send_batch(plan.actions[start : start + BATCH_SIZE], storefront, tally)
        if total:
            self.on_products(total, total)
        run, on = self.finished(), storefront.address
        self.state.record(self.location, run, self._decisions(plan), (), plan.forgotten, on=on)

    def _send_batch(self, batch: Sequence[Action], storefront: Storefront, tally: Tally) -> None:
        attempts = {action.product.pos_product_id: wire.dump(action.product) for action in batch}
        self.state.note_sent(self.location, self.running, attempts.items())
        verdicts = storefront.sync([Sending(action.product, action.changed) for action in batch])
        records: list[ItemRecord] = []
        accepted: list[Action] = []
        for action in batch:
            key = action.product.pos_product_id
            verdict = verdicts.get(key)
            if verdict is None:
                tally.unanswered.append(key)
                records.append(self._record(action.state, self._held(key), attempts[key]))
            elif verdict.accepted:
                tally.accepted[action.kind] += 1
                accepted.append(action)
                records.append(self._record(action.state, attempts[key], None))
            else:
                tally.rejected.append(Rejection(key, verdict.message))
                records.append(self._record(action.state, self._held(key), self._still_in_doubt(key)))
        changes = (change for action in accepted for change in self._changes(action))
        self.state.record(self.location, self.running, records, changes, on=storefront.address)

    def _held(self, key: str) -> str | None:
        known = self.known.get(key)
        return None if known is None or known.product is None else wire.dump(known.product)

    def _still_in_doubt(self, key: str) -> str | None:
        # A rejection says nothing about an earlier attempt that was never answered.
        known = self.known.get(key)
        return None if known is None or known.attempted is None else wire.dump(known.attempted)

    def _decisions(self, plan: Plan) -> Iterator[ItemRecord]:
        for state in plan.states:
            key = state.pos_product_id
            yield self._record(state, self._held(key), self._still_in_doubt(key))

    def _record(self, state: ItemState, product: str | None, attempted: str | None) -> ItemRecord:
        return ItemRecord(
            state.pos_product_id,
            state.name,
            state.status,
            state.reasons,
            state.pos_category,
            product,
            attempted,
            self.running.started_at,
        )

    def _changes(self, action: Action) -> Iterator[ChangeRecord]:
        found = differences(action)
        if action.before is None:
            found = {name: values for name, values in found.items() if name in _FIRST_VALUES}
        else:  # a product in doubt is sent whole; what it had already is no change
            found = {name: values for name, values in found.items() if values[0] != values[1]}
        if found:
            text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
            run, key = self.running, action.product.pos_product_id
            yield ChangeRecord(run.id, key, action.kind, text, run.started_at)
