"""The shop that tests of flows and commands sync."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from alleaves_sync.sandbox import Sandbox
from alleaves_sync.transport import Budget
from tests.shop import Shop

OpenShop = Callable[..., Shop]

# A machine that is busy is slow, and that is nobody's defect.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What belongs to the user (locks of accounts) stays among the test's own files."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("user-state")))


@pytest.fixture
def open_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenShop]:
    """Opens shops: options are the sandbox's. The first one's configuration is in the test's folder."""
    monkeypatch.setenv("ALLEAVES_PASSWORD", Sandbox.password)
    monkeypatch.setenv("AIQ_API_KEY", Sandbox.api_key)
    running: list[Sandbox] = []

    def start(**options: object) -> Shop:
        sizes: dict[str, object] = {"items": 80, "customers": 0, "orders": 0, "history": 0}
        sandbox = Sandbox(**(sizes | options)).start()  # type: ignore[arg-type]  # the caller's options
        running.append(sandbox)
        shop = Shop(tmp_path, sandbox)
        if len(running) == 1:
            shop.write()
        return shop

    yield start
    for sandbox in running:
        sandbox.stop()


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A shop of 80 items that has never been synced."""
    return open_shop()


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between tries take no time; the tries themselves are real."""
    monkeypatch.setattr(Budget, "wait", lambda _budget, _seconds: None)
