"""`sandbox`: it serves, writes a configuration that works, and never writes over another one."""

import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from alleaves_sync.sandbox import FAULTS, Sandbox
from tests.cli.conftest import Program


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Sandbox]]:
    """The command serves until the test's end in the background, and returns at once."""
    running: list[Sandbox] = []

    def serve(sandbox: Sandbox) -> None:
        running.append(sandbox.start())

    monkeypatch.setattr(Sandbox, "serve_forever", serve)
    yield running
    for sandbox in running:
        sandbox.stop()


def test_a_configuration_that_it_writes_works_as_it_is(program: Program, served: list[Sandbox]) -> None:
    ran = program("sandbox", "--port", "0", "--items", "30", "--write-config", "config.yaml")
    assert ran.code == 0
    assert ran.out == ""
    assert served[0].alleaves_url in ran.err
    assert stat.S_IMODE((program.folder / "config.yaml").stat().st_mode) == 0o600
    for args in (["check"], ["areas"], ["sync-inventory"], ["show-mapping"], ["export"], ["status"]):
        again = program(*args)
        assert again.code == 0, again.err
    assert served[0].store.products()
    assert (program.folder / "menu.json").exists()


def test_without_a_file_the_configuration_is_shown(program: Program, served: list[Sandbox]) -> None:
    ran = program("sandbox", "--port", "0", "--items", "1")
    (program.folder / "config.yaml").write_text(ran.out)
    (program.folder / "config.yaml").chmod(0o600)
    assert program("check").code == 0
    quiet = program("-q", "sandbox", "--port", "0", "--items", "1")
    assert quiet.err == ""
    assert len(quiet.out.splitlines()) == len(ran.out.splitlines())
    assert len(served) == 2


def test_a_configuration_of_its_own_is_written_anew_and_another_is_left(
    program: Program, served: list[Sandbox]
) -> None:
    path = program.folder / "config.yaml"
    args = ("sandbox", "--port", "0", "--items", "1", "--write-config", "config.yaml")
    assert program(*args).code == 0
    first = path.read_text()
    assert program(*args).code == 0
    assert path.read_text() != first
    path.write_text("locations: {mine: {}}\n")
    ran = program(*args)
    assert ran.code == 2
    assert "config.yaml" in ran.err
    assert path.read_text() == "locations: {mine: {}}\n"
    assert len(served) == 2


def test_a_configuration_that_cannot_be_written_is_3(program: Program, served: list[Sandbox]) -> None:
    (program.folder / "file").touch()
    ran = program("sandbox", "--port", "0", "--items", "1", "--write-config", "file/config.yaml")
    assert ran.code == 3
    assert not served


def test_the_faults_are_listed(program: Program) -> None:
    ran = program("sandbox", "--list-faults")
    assert ran.code == 0
    assert all(name in ran.out for name in FAULTS)


def test_an_unknown_fault_is_2_and_the_nearest_is_named(program: Program) -> None:
    ran = program("sandbox", "--port", "0", "--fault", "slwo")
    assert ran.code == 2
    assert "did you mean slow?" in ran.err


def test_a_port_that_is_taken_is_2(program: Program) -> None:
    with Sandbox(items=1) as other:
        ran = program("sandbox", "--port", other.url.rpartition(":")[2], "--items", "1")
    assert ran.code == 2
    assert "Choose another with --port." in ran.err


def test_without_the_extra_it_says_what_to_install(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("alleaves_sync.sandbox")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "flask", None)
    ran = program("sandbox", "--list-faults")
    assert ran.code == 2
    assert "pip install 'alleaves-sync[sandbox]'" in ran.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("serving", [True, False])
def test_ctrl_c_is_its_good_end(tmp_path: Path, number: signal.Signals, serving: bool) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "alleaves_sync", "sandbox", "--port", "0", "--items", "5"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stderr is not None
    patience = threading.Timer(20, process.kill)
    patience.start()
    address = re.search(r"http://[^/]+", process.stderr.readline())
    assert address
    while "Ctrl-C" not in process.stderr.readline():
        assert process.poll() is None
    if serving:
        requests.get(f"{address[0]}/_sandbox/", timeout=10).close()
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    patience.cancel()
    assert (process.returncode, err) == (0, "")
    assert "publish_url" in out
