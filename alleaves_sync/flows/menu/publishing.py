"""Actions to the storefront, and what was accepted into the state file (step 6 of a run).

Every batch is noted as *sent, answer unknown* before it goes out, and recorded after its answer in one
transaction: a kill at any point loses nothing and invents nothing. Without a storefront the state file is the
menu, and everything is accepted in one transaction.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import get_args

from pydantic import JsonValue

from alleaves_sync.aiq import wire
from alleaves_sync.aiq.models import Product
from alleaves_sync.aiq.storefront import BATCH_SIZE, Sending, Storefront
from alleaves_sync.flows.menu.known_menu import warnings_text
from alleaves_sync.rules.actions import Action, ActionKind, ItemState
from alleaves_sync.rules.plan import Plan
from alleaves_sync.state import ChangeRecord, ItemRecord, RunRecord, StateFile

_KINDS: tuple[ActionKind, ...] = get_args(ActionKind)
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


def _first_values(product: Product) -> Iterator[tuple[str, list[JsonValue]]]:
    for name in _FIRST_VALUES:
        value = wire.field_value(product, name)
        if value is not None:
            yield wire.FIELD_NAMES[name], [None, value]


def _in_order(plan: Plan) -> Iterator[Action]:
    """The actions of a plan one by one: all of a first run at once would take the room of a store."""
    return chain(plan.changes, plan.creations)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes the plan of one run; `running` is its record meanwhile, `finished` makes the last one.

    What the storefront is known to hold stands in the state file, whatever it was rebuilt from.
    """

    state: StateFile
    location: str
    running: RunRecord
    finished: Callable[[], RunRecord]
    on_products: OnProducts = lambda _done, _total: None

    def keep_here(self, plan: Plan, tally: Tally) -> None:
        """No storefront: everything is accepted, in one transaction. Raises WriteFailed."""
        for kind in _KINDS:  # what `finished` tells of
            tally.accepted[kind] += plan.count(kind)
        records = (self._record(action.state, wire.dump(action.product)) for action in _in_order(plan))
        changes = (change for action in _in_order(plan) for change in self._changes(action))
        try:
            self.state.record(
                self.location,
                self.finished(),
                records,
                changes,
                plan.forgotten,
                decisions=map(self._record, plan.states),
            )
        except BaseException:
            tally.accepted.clear()
            raise

    def send(self, plan: Plan, storefront: Storefront, tally: Tally) -> None:
        """Send in batches, what must leave the menu first. Raises WriteFailed, ServiceError, LoginRefused.

        After an error the batch that was under way is in doubt, those before it are recorded, those after it
        were never sent.
        """
        total, actions = len(plan.changes) + len(plan.creations), _in_order(plan)
        for start in range(0, total, BATCH_SIZE):
            self.on_products(start, total)
            self._send_batch(tuple(islice(actions, BATCH_SIZE)), storefront, tally)
        if total:
            self.on_products(total, total)
        run, on = self.finished(), storefront.address
        decisions = map(self._record, plan.states)
        self.state.record(self.location, run, (), (), plan.forgotten, decisions=decisions, on=on)

    def _send_batch(self, batch: Sequence[Action], storefront: Storefront, tally: Tally) -> None:
        attempts = {action.product.pos_product_id: wire.dump(action.product) for action in batch}
        before = {key: self.state.item(self.location, key) for key in attempts}
        self.state.note_sent(self.location, self.running, attempts.items())
        verdicts = storefront.sync([Sending(action.product, action.changed) for action in batch])
        records: list[ItemRecord] = []
        accepted: list[Action] = []
        for action in batch:
            key = action.product.pos_product_id
            verdict = verdicts.get(key)
            if verdict is None:
                tally.unanswered.append(key)
                records.append(self._pending(action.state, before[key], attempts[key]))
            elif verdict.accepted:
                tally.accepted[action.kind] += 1
                accepted.append(action)
                records.append(self._record(action.state, attempts[key]))
            else:
                tally.rejected.append(Rejection(key, verdict.message))
                # A rejection says nothing about an earlier attempt that was never answered.
                earlier = before[key]
                records.append(self._pending(action.state, earlier, earlier.attempted if earlier else None))
        changes = (change for action in accepted for change in self._changes(action))
        self.state.record(self.location, self.running, records, changes, on=storefront.address)

    def _record(self, state: ItemState, product: str | None = None) -> ItemRecord:
        return ItemRecord(
            state.pos_product_id,
            state.name,
            state.status,
            state.reasons,
            state.pos_category,
            product,
            None,
            self.running.started_at,
            warnings_text(state.warnings),
            state.unmapped,
            state.source,
        )

    def _pending(self, state: ItemState, held: ItemRecord | None, attempted: str | None) -> ItemRecord:
        """A decision that the storefront has not taken over: it has to be made again by the next run."""
        record = self._record(state, held.product if held else None)
        return replace(record, attempted=attempted, source=None)

    def _changes(self, action: Action) -> Iterator[ChangeRecord]:
        if action.before is None:
            found = dict(_first_values(action.product))
        else:  # a product in doubt is sent whole; what it had already is no change
            found = {name: values for name, values in differences(action).items() if values[0] != values[1]}
        if found:
            text = wire.encode(found)
            run, key = self.running, action.product.pos_product_id
            yield ChangeRecord(run.id, key, action.kind, text, run.started_at)
