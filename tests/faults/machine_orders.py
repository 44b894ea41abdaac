"""A life of online orders: customers, staff, faults at every call; then one push is good."""

import sys
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from alleaves_sync.flows.orders.care import give_up
from alleaves_sync.flows.orders.run import Wanted
from tests.faults.events import Trouble
from tests.faults.order_world import CONFIRMED, PLENTY, OrderWorld
from tests.faults.people import KINDS
from tests.faults.world import SEEN

_EVENTS_OF_A_PUSH = 60
TROUBLES = st.builds(
    Trouble,
    what=st.sampled_from(["kill", "fail"]),
    at=st.integers(0, _EVENTS_OF_A_PUSH // 3) | st.integers(0, _EVENTS_OF_A_PUSH),
    after=st.booleans(),
    times=st.sampled_from([1, 2, 6]),
)
_STRUCK_ONCE = (
    "error", "drop", "unavailable", "rate-limit=30", "html", "drop-body", "cut-json", "short-page",
    "moved-rows",
    "drop-before", "drop-after", "error-before", "error-after", "stock-taken=3", "query-ignored",
    "slow-orders=2", "expired-token", "wrong-password", "wrong-key",
    "drop-after@POST /api/order$", "error-after@POST /api/order$", "drop-after@/item$", "error-before@/item$",
    "cut-json@POST /api/order$", "drop-after@POST /api/customer$", "error-after@POST /api/customer$",
)  # fmt: skip
SKIPS = st.sampled_from([0, 0, 1, 2, 5])


def _fault(text: str, times: int, skip: int) -> str:
    name, at, target = text.partition("@")
    return f"{name}:{times}+{skip}{at}{target}"


FAULTS = st.builds(_fault, st.sampled_from(_STRUCK_ONCE), st.sampled_from([1, 2, 9]), SKIPS)
SKEWS = st.sampled_from([0, 0, 0, -2, 2, -24 * 3, 24 * 3])
NUMBER = st.integers(0, 20)


class OrderMachine(RuleBasedStateMachine):
    """See the module. Every rule is something that happens to a shop."""

    def __init__(self) -> None:
        super().__init__()
        SEEN["histories"] += 1
        self.world = OrderWorld()

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:  # else what is wrong is known already
                self.world.good_run()
        finally:
            self.world.close()

    @rule(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
    def customers_order(self, kinds: list[str]) -> None:
        for kind in kinds:
            self.world.order(kind)

    @rule(order=NUMBER, what=st.sampled_from(["cancelled", "confirmed", "changed"]))
    def a_customer_changes_his_mind(self, order: int, what: str) -> None:
        self.world.change_order(order, what)

    @rule(order=NUMBER, flag=st.sampled_from(["packed", "complete", "cancel", "void"]))
    def the_staff_works(self, order: int, flag: str) -> None:
        self.world.staff(order, flag)

    @rule(number=st.integers(0, 60))
    def a_customer_is_entered_twice(self, number: int) -> None:
        self.world.copy_customer(number)

    @rule(minutes=st.sampled_from([1, 20, 60 * 25]))
    def time_passes(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)

    @rule(
        kinds=st.lists(st.sampled_from(KINDS), max_size=2),
        trouble=st.none() | TROUBLES,
        faults=st.lists(FAULTS, max_size=2),
        skew=SKEWS,
    )
    def a_push(self, kinds: list[str], trouble: Trouble | None, faults: list[str], skew: int) -> None:
        for kind in kinds:
            self.world.order(kind)
        self.world.skew = timedelta(hours=skew)
        self.world.fault(*faults)
        self.world.push(CONFIRMED, trouble)
        if any(fault.startswith("stock-taken") for fault in faults):
            self.world.note_shortage()
            self.world.fill_shelves(PLENTY)
        self.world.check_always()

    @rule(kind=st.sampled_from(KINDS), trouble=TROUBLES)
    def a_push_is_cut_off(self, kind: str, trouble: Trouble) -> None:
        self.world.order(kind)
        self.world.push(CONFIRMED, trouble)
        self.world.check_always()

    @rule(order=NUMBER, retry=st.booleans(), trouble=st.none() | TROUBLES)
    def an_order_is_named(self, order: int, retry: bool, trouble: Trouble | None) -> None:
        ids = list(self.world.happened)
        if ids:
            self.world.push(Wanted(ids=(ids[order % len(ids)],), retry=retry), trouble)
            self.world.check_always()

    @rule(order=NUMBER)
    def an_order_is_given_up(self, order: int) -> None:
        ids = list(self.world.happened)
        if ids and give_up(self.world.location, ids[order % len(ids)], "of no use", self.world.clock):
            self.world.happened[ids[order % len(ids)]].add("given up")

    @rule(
        kind=st.sampled_from(KINDS),
        at=st.integers(0, _EVENTS_OF_A_PUSH),
        after=st.booleans(),
        what=st.sampled_from(["push", "sync", "staff", "sold out"]),
    )
    def something_happens_during_a_push(self, kind: str, at: int, after: bool, what: str) -> None:
        self.world.order(kind)
        outcomes: set[str] = set()

        def meanwhile() -> None:
            if what == "push":
                second = self.world.push(CONFIRMED)
                outcomes.update(one.outcome for one in getattr(second, "results", ()))
            elif what == "sync":
                assert self.world.sync_menu() in ("ok", "partial")
            elif what == "staff":
                self.world.staff(at, "void")
            else:
                self.world.sell_everything()

        self.world.push(CONFIRMED, Trouble("meanwhile", at, after), meanwhile)
        assert outcomes <= {"locked"}, "two pushes at once"
        if what == "sold out":
            self.world.fill_shelves(PLENTY)
        self.world.check_always()

    @rule(faults=st.lists(FAULTS, max_size=1))
    def a_dry_push(self, faults: list[str]) -> None:
        self.world.fault(*faults)
        with self.world.nothing_written():
            self.world.push(CONFIRMED, dry=True)

    @rule(what=st.sampled_from(["state.db*", "*.key", "*.lock"]))
    def files_are_lost(self, what: str) -> None:
        self.world.lose(what)

    @rule()
    def the_state_is_copied(self) -> None:
        self.world.save_copy()

    @precondition(lambda self: self.world.backup)
    @rule()
    def the_copy_is_put_back(self) -> None:
        self.world.put_copy_back()

    @rule()
    def a_good_push(self) -> None:
        self.world.good_run()
