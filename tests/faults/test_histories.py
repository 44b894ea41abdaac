"""After any history and one good run: storefront = mapping, each confirmed order once, no lock left.

A few short histories, the same with every run; `make faults` tells many, other ones each time.
"""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.faults.machine_menu import MenuMachine
from tests.faults.machine_orders import OrderMachine

_SHORT = settings(
    max_examples=12,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),  # `make faults` shrinks what it finds
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("machine", [MenuMachine, OrderMachine])
def test_after_any_history_one_good_run_puts_all_in_order(machine: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(machine, settings=_SHORT)
