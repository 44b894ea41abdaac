"""Files with something private in them are their owner's alone, whatever the umask is."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Program


@pytest.fixture
def careless() -> Iterator[None]:
    """A umask that takes nothing away."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()}


@pytest.mark.usefixtures("careless", "store")
def test_state_key_locks_and_backup_are_private_under_any_umask(program: Program) -> None:
    assert program("sync-inventory").code == 0
    program("lookup-patient", "--phone", "+1 518 555 0177")
    assert program("state", "backup", "copy.db").code == 0
    found = modes(program.folder)
    private = {name: mode for name, mode in found.items() if name != "config.yaml"}
    assert {"state.db", "copy.db"} <= private.keys()
    assert any(name.endswith(".lock") for name in private)
    assert any("key" in name for name in private)
    assert set(private.values()) == {0o600}


@pytest.mark.usefixtures("careless", "store")
def test_an_export_can_be_read_by_others_and_written_by_its_owner_alone(program: Program) -> None:
    assert program("sync-inventory").code == 0
    assert program("export", "--output", "menu.csv", "--format", "csv").code == 0
    assert modes(program.folder)["menu.csv"] & 0o022 == 0


@pytest.mark.usefixtures("careless", "store")
def test_a_link_laid_beside_an_export_leads_nowhere(program: Program, tmp_path: Path) -> None:
    """The file beside has a random name and is made anew: a link of a guessed name is not written through."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for guess in (".menu.json.tmp", ".menu.json.", "menu.json.tmp", "menu.json~"):
        (program.folder / guess).symlink_to(victim)
    assert program("sync-inventory").code == 0
    assert program("export", "--output", "menu.json").code == 0
    assert victim.read_text() == "mine"
    assert not (program.folder / "menu.json").is_symlink()
