"""`report`: one file, whole or not at all, from the state file alone; what fails is on it and in the code."""

import os
import stat

import pytest

from tests.cli.conftest import Program
from tests.cli.test_page import sound
from tests.conftest import OpenShop
from tests.shop import NAME, Shop
from tests.state.support import folder


@pytest.fixture
def synced(program: Program, open_shop: OpenShop) -> Shop:
    """A shop after one run, with orders that were pushed for real people."""
    store = open_shop(customers=20, orders=6)
    assert store.folder == program.folder
    store.run()
    program("push-order", "--confirmed")
    store.sandbox.store.journal.forget()
    return store


def test_the_page_is_written_from_the_state_file_alone(program: Program, synced: Shop) -> None:
    before = folder(program.folder)
    ran = program("report", "--html", "out/page.html")
    target = program.folder / "out" / "page.html"
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]
    target.unlink()
    target.parent.rmdir()
    assert folder(program.folder) == before
    assert not synced.sandbox.store.journal.requests


def test_the_page_tells_of_the_menu_and_names_no_customer(program: Program, synced: Shop) -> None:
    """U6."""
    found = program("report", "--html", "-", "--audit").out
    seen = sound(found)
    for words in (NAME, "out-of-stock", "Orders that wait", "Faults in the store's data", "no-price"):
        assert words in seen.text
    store = synced.sandbox.store
    keys = ("phone", "email", "date_of_birth", "name_last", "patient_number")
    private = {str(one[key]).strip() for one in store.pos_customers() for key in keys if one.get(key)}
    known = ("phone", "lastName", "birthday", "medicalId")
    private |= {str(one["user"][key]) for one in store.aiq_orders() for key in known if one["user"].get(key)}
    assert len(private) > 10
    assert {one for one in private if one in found} == set()
    assert synced.sandbox.password not in found
    assert synced.sandbox.api_key not in found


@pytest.mark.usefixtures("synced")
def test_stdout_gets_the_whole_page(program: Program) -> None:
    ran = program("report", "--html", "-")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("<!DOCTYPE html>")
    assert ran.out.endswith("</html>\n")
    assert not (program.folder / "-").exists()


@pytest.mark.usefixtures("synced")
def test_what_cannot_be_written_is_3_as_with_export(program: Program) -> None:
    for target in (".", "config.yaml/page.html"):
        ran = program("report", "--html", target)
        assert ran.code == 3, target
        assert "could not be written" in ran.err
        assert "Traceback" not in ran.err


@pytest.mark.usefixtures("synced")
def test_an_old_page_stays_whole_when_the_new_one_cannot_be_written(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("report", "--html", "page.html")
    before = (program.folder / "page.html").read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ran = program("report", "--html", "page.html")
    assert ran.code == 3
    assert "No space left on device" in ran.err
    assert (program.folder / "page.html").read_bytes() == before
    assert not [path for path in program.folder.iterdir() if path.name.startswith(".page.html")]


@pytest.mark.usefixtures("synced")
@pytest.mark.parametrize("name", ["config.yaml", "state.db", "./state.db"])
def test_the_program_s_own_files_are_not_replaced(program: Program, name: str) -> None:
    before = folder(program.folder)
    ran = program("report", "--html", name)
    assert ran.code == 2
    assert "is a file of alleaves-sync itself" in ran.err
    assert folder(program.folder) == before


def test_a_store_that_never_ran_gets_its_page(program: Program, open_shop: OpenShop) -> None:
    open_shop()
    ran = program("report", "--html", "-")
    assert ran.code == 0
    assert "never synced" in sound(ran.out).text
    assert not (program.folder / "state.db").exists()


@pytest.mark.usefixtures("no_waiting")
def test_a_pos_that_is_down_is_on_the_page_and_in_the_exit_code(program: Program, synced: Shop) -> None:
    synced.fault("drop")
    alone = program("report", "--html", "page.html", "--audit")
    page = (program.folder / "page.html").read_text()
    assert alone.code == 69
    assert f"error: {NAME}: Alleaves does not answer" in alone.err
    assert "The audit could not be made." in sound(page).text
    assert "out-of-stock" in page
    synced.fault()
    entry = synced.entry()
    other = synced.entry(
        alleaves={"base_url": "http://127.0.0.1:9/api"}, aiq={"venue_id": "", "publish_url": None}
    )
    synced.write({NAME: entry, "uptown": {**other, "feed": None}})
    some = program("report", "--html", "page.html", "--audit")
    assert some.code == 1
    assert program("report", "--html", "page.html", "--audit", "-l", NAME).code == 0


@pytest.mark.usefixtures("synced")
def test_a_damaged_state_file_is_on_the_page_and_78(program: Program) -> None:
    (program.folder / "state.db").write_text("rubbish\n" * 500)
    ran = program("report", "--html", "-")
    assert ran.code == 78
    assert "state file unusable" in sound(ran.out).text
    assert "is damaged" in ran.err


def test_wrong_usage_is_2_and_no_configuration_78(program: Program, open_shop: OpenShop) -> None:
    assert program("report", "--html", "-").code == 78
    open_shop()
    assert program("report").code == 2
    assert program("report", "--html", "-", "-l", "nowhere").code == 2


def test_a_disabled_store_is_on_the_page(program: Program, open_shop: OpenShop) -> None:
    open_shop().write(enabled=False)
    ran = program("report", "--html", "-", "--audit")
    assert ran.code == 0
    assert "Not asked: the location is disabled." in sound(ran.out).text
