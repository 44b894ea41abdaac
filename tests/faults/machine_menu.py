"""A life of a menu: the POS changes, runs go wrong in every way, files are lost; then one run is good."""

import sys
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from alleaves_sync.flows.menu.sync_location import NORMAL_RUN, sync_inventory
from alleaves_sync.flows.state_care import rebuild
from tests.faults import pos_changes
from tests.faults.events import Trouble
from tests.faults.menu_world import MenuWorld
from tests.faults.world import SEEN
from tests.shop import DRY, FORCE

_EVENTS_OF_A_RUN = 14
CHANGE = st.tuples(st.sampled_from(sorted(pos_changes.CHANGES)), st.integers(0, 70), st.integers(0, 9))
TROUBLES = st.builds(
    Trouble,
    what=st.sampled_from(["kill", "fail"]),
    at=st.integers(0, _EVENTS_OF_A_RUN),
    after=st.booleans(),
    times=st.sampled_from([1, 2, 6]),
)
_STRUCK_ONCE = (
    "error", "drop", "unavailable", "rate-limit=30", "html", "drop-body", "cut-json", "short-page",
    "moved-rows",
    "empty", "wrong-shape", "broken-row", "drop-before", "drop-after", "error-before", "error-after",
    "reject-products=3", "reject-products=500", "unanswered=2", "unanswered=500", "too-large=2000",
    "passed-over=2", "passed-over=500", "too-large=1", "expired-token", "wrong-password", "wrong-key",
)  # fmt: skip
FAULTS = st.builds(
    "{}:{}+{}".format,
    st.sampled_from(_STRUCK_ONCE),
    st.sampled_from([1, 2, 9]),
    st.sampled_from([0, 0, 1, 2, 5]),
)
# Changes that everybody sees, and a storefront that does not say what it has made of them.
VISIBLE = st.tuples(
    st.sampled_from(["stock", "sell out", "price", "rename", "remove"]), st.integers(0, 70), st.integers(0, 9)
)
SILENCES = st.sampled_from(
    ["drop-after:9", "error-after:9", "drop-before:9", "cut-json:9", "unanswered=500", "passed-over=500",
     "unanswered=1", "passed-over=1", "reject-products=1"]
).map("{}@/products/sync".format)  # fmt: skip
# Answers that are wrong and look right: what comes of them is true to the answer, not to the POS.
_LIES = ("empty", "broken-row")
SKEWS = st.sampled_from([0, 0, 0, -30, 30, -24 * 40, 24 * 400])


class MenuMachine(RuleBasedStateMachine):
    """See the module. Every rule is something that happens to a shop."""

    def __init__(self) -> None:
        super().__init__()
        SEEN["histories"] += 1
        self.world = MenuWorld()

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:  # else what is wrong is known already
                self.world.good_run()
        finally:
            self.world.close()

    @rule(changes=st.lists(CHANGE, min_size=1, max_size=4))
    def the_pos_changes(self, changes: list[tuple[str, int, int]]) -> None:
        for change in changes:
            pos_changes.apply(self.world, *change)

    @rule(name=st.sampled_from(["price", "description", "name", "weight", "images"]), on=st.booleans())
    def a_field_is_switched(self, name: str, on: bool) -> None:
        fields = self.world.settings.get("fields", {})
        self.world.configure(fields=fields | {name: on})

    @rule(
        setting=st.sampled_from(
            [
                {"areas": ["Retail"]},
                {"areas": ["Retail", "Vault"]},
                {"areas": ["Express Case"]},
                {"menu": "medical"},
                {"menu": "adult_use"},
                {"inventory": {"threshold_needs_checkbox": True}},
                {"inventory": {"threshold_needs_checkbox": False, "max_drop": 0.1}},
                {"otd_pricing": "always"},
            ]
        )
    )
    def the_settings_change(self, setting: dict[str, object]) -> None:
        self.world.configure(**setting)

    @rule(days=st.integers(0, 3))
    def time_passes(self, days: int) -> None:
        self.world.now += timedelta(days=days, hours=1)

    @rule(
        changes=st.lists(CHANGE, max_size=3),
        trouble=st.none() | TROUBLES,
        faults=st.lists(FAULTS, max_size=2),
        skew=SKEWS,
        force=st.sampled_from([False, False, False, True]),
        back=st.booleans(),
    )
    def a_run(
        self,
        changes: list[tuple[str, int, int]],
        trouble: Trouble | None,
        faults: list[str],
        skew: int,
        force: bool,
        back: bool,
    ) -> None:
        self._run(changes, trouble, faults, skew, force=force, back=back)

    @rule(changes=st.lists(VISIBLE, min_size=1, max_size=4), silence=SILENCES, back=st.booleans())
    def the_storefront_keeps_silent(
        self, changes: list[tuple[str, int, int]], silence: str, back: bool
    ) -> None:
        self._run(changes, None, [silence], 0, force=False, back=back)

    def _run(
        self,
        changes: list[tuple[str, int, int]],
        trouble: Trouble | None,
        faults: list[str],
        skew: int,
        *,
        force: bool,
        back: bool,
    ) -> None:
        """`back`: after it the stock is as it was before, and nobody may take that for no change."""
        world = self.world
        before_changes = pos_changes.Picture.of(world)
        for change in changes:
            pos_changes.apply(world, *change)
        world.skew = timedelta(hours=skew)
        world.fault(*faults)
        before, known = world.ours(), world.known_listed()
        on_sale = {key for key, one in before.items() if one["quantity"] > 0}
        result = world.sync(FORCE if force else NORMAL_RUN, trouble)
        if not force:
            world.check_brake(on_sale, known)
        if result is not None and result.outcome == "ok" and not any(f.startswith(_LIES) for f in faults):
            world.check_in_step(before)  # whatever it went through: it says that all is well
        world.check_foreign()
        world.check_files()
        if back:
            before_changes.put_back(world)

    @rule(at=st.integers(0, _EVENTS_OF_A_RUN), after=st.booleans(), change=CHANGE, other=st.booleans())
    def something_happens_during_a_run(
        self, at: int, after: bool, change: tuple[str, int, int], other: bool
    ) -> None:
        outcomes: list[str | None] = []

        def meanwhile() -> None:
            pos_changes.apply(self.world, *change)
            if other:
                second = self.world.attempt(self._run_again)
                outcomes.append(second)

        self.world.sync(NORMAL_RUN, Trouble("meanwhile", at, after), meanwhile)
        assert outcomes in ([], ["locked"]), "two runs at once"
        self.world.check_foreign()
        self.world.check_files()

    def _run_again(self) -> str | None:
        return sync_inventory(self.world.location, clock=self.world.clock).outcome

    @rule(faults=st.lists(FAULTS, max_size=1))
    def a_dry_run(self, faults: list[str]) -> None:
        self.world.fault(*faults)
        with self.world.nothing_written():
            self.world.sync(DRY)

    @rule(what=st.sampled_from(["state.db*", "state.db-wal", "menu.json", "*.lock"]))
    def files_are_lost(self, what: str) -> None:
        self.world.lose(what)

    @rule()
    def the_state_is_copied(self) -> None:
        self.world.save_copy()

    @precondition(lambda self: self.world.backup)
    @rule()
    def the_copy_is_put_back(self) -> None:
        """An old state file is followed by `state rebuild`, as docs/operations.md says."""
        self.world.put_copy_back()
        rebuild(self.world.location)

    @rule()
    def the_menu_is_forgotten(self) -> None:
        if self.world.state.exists():
            rebuild(self.world.location)

    @rule()
    def a_good_run(self) -> None:
        self.world.good_run()
