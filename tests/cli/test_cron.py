"""`cron`: the entries, their block in the crontab, and what else can run the program."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from alleaves_sync.sandbox import Sandbox
from tests.cli.conftest import Program, write_config
from tests.crontab_double import CrontabDouble

# What a crontab of years looks like: nothing in it is ours.
FOREIGN = (
    b'# m h dom mon dow command\n\n  #indented\t \nMAILTO=""\nPATH = /usr/bin:/bin\nMAILTO=boss@a.example\n'
    b"0 3 * * 1-5\troot-backup --to '/mnt/a b' # nightly\n*/7 * * * * odd \n@reboot  start\n"
    b"not a line at all\n\xff\xfe latin\r\n\n\n"
)


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CrontabDouble:
    return CrontabDouble(tmp_path / "bin", monkeypatch)


@pytest.fixture
def kept(program: Program, store: Sandbox) -> Program:
    """A program whose configuration needs no variable of the shell."""
    (program.folder / ".env").write_text(f"ALLEAVES_PASSWORD={store.password}\n")
    (program.folder / ".env").chmod(0o600)
    return program


def test_print_says_both_entries_with_absolute_paths_and_changes_nothing(
    kept: Program, crontab: CrontabDouble
) -> None:
    ran = kept("cron", "print")

    first, menu, orders, last = ran.out.splitlines()
    config = kept.folder / "config.yaml"
    assert (ran.code, ran.err) == (0, "")
    assert (first, last) == (f"# >>> alleaves-sync: {config}", f"# <<< alleaves-sync: {config}")
    program = Path(sys.executable).with_name("alleaves-sync")
    assert menu == f"*/10 * * * * {program} --config {config} --quiet sync-inventory # alleaves-sync"
    assert orders == f"*/2 * * * * {program} --config {config} --quiet push-order --confirmed # alleaves-sync"
    assert crontab.content is None


def test_json_is_one_document_with_the_commands_word_by_word(kept: Program) -> None:
    document = kept("cron", "print", "--json", "-l", "down*").document

    menu, orders = document["entries"]
    assert (menu["flow"], menu["schedule"], menu["minutes"]) == ("menu", "*/10 * * * *", 10)
    assert menu["command"][-3:] == ["sync-inventory", "--location", "down*"]
    assert orders["command"][-4:] == ["push-order", "--confirmed", "--location", "down*"]
    assert document["notes"] == []


def test_orders_are_left_out_where_no_location_syncs_them(kept: Program, store: Sandbox) -> None:
    write_config(kept.folder, store, "  up: {orders: {sync: false}}\n")

    assert "push-order" in kept("cron", "print").out
    assert "push-order" not in kept("cron", "print", "-l", "up").out


def test_install_then_remove_leaves_every_foreign_byte_as_it_was(
    kept: Program, crontab: CrontabDouble
) -> None:
    crontab.content = FOREIGN

    assert kept("cron", "install").code == 0
    block = kept("cron", "print").out.encode()
    assert crontab.content == FOREIGN + block
    assert kept("cron", "remove").code == 0
    assert crontab.content == FOREIGN


def test_installing_twice_changes_nothing_and_writes_nothing(kept: Program, crontab: CrontabDouble) -> None:
    first = kept("cron", "install", "--json").document
    again = kept("cron", "install", "--json").document

    assert (first["changed"], again["changed"], crontab.writes) == (True, False, 1)


def test_a_new_interval_replaces_the_block_where_it_stands(
    kept: Program, crontab: CrontabDouble, store: Sandbox
) -> None:
    crontab.content = b"# before\n"
    kept("cron", "install")
    crontab.content = (crontab.content or b"") + b"# after\n"
    write_config(kept.folder, store)
    with (kept.folder / "config.yaml").open("a") as file:
        file.write("interval_minutes: 30\n")

    kept("cron", "install")

    lines = (crontab.content or b"").decode().splitlines()
    assert (lines[0], lines[-1]) == ("# before", "# after")
    assert [line.split()[0] for line in lines if line[0] != "#"] == ["*/30", "*/2"]


def test_two_configurations_of_one_user_have_a_block_each(
    kept: Program, crontab: CrontabDouble, store: Sandbox
) -> None:
    other = kept.folder / "it's 100% other"
    other.mkdir()
    write_config(other, store)
    kept("cron", "install")
    kept("--config", str(other / "config.yaml"), "cron", "install")

    assert (crontab.content or b"").count(b"# >>> alleaves-sync: ") == 2
    line = next(
        line for line in (crontab.content or b"").decode().splitlines() if "other" in line and "*" in line
    )
    assert r"100\% other" in line  # a bare percent sign ends the command for cron
    words = shlex.split(line.replace(r"\%", "%"), comments=True)
    assert words[7] == str(other / "config.yaml")

    kept("cron", "remove")
    assert (crontab.content or b"").count(b"# >>> alleaves-sync: ") == 1
    (kept.folder / "config.yaml").unlink()
    assert kept("cron", "remove", "--all").code == 0
    assert crontab.content is None  # there was none before


def test_removing_what_is_not_there_is_said_and_done(kept: Program, crontab: CrontabDouble) -> None:
    ran = kept("cron", "remove")

    assert (ran.code, ran.err, crontab.writes) == (0, "The crontab has no such entries.\n", 0)
    assert kept("cron", "remove", "--json").document == {"changed": False}


def test_a_last_line_without_its_end_gets_one(kept: Program, crontab: CrontabDouble) -> None:
    crontab.content = b"0 3 * * * backup"

    kept("cron", "install")

    assert (crontab.content or b"").startswith(b"0 3 * * * backup\n# >>> alleaves-sync: ")


@pytest.mark.parametrize("broken", [b"# >>> alleaves-sync: /x\n", b"# <<< alleaves-sync: /x\n"])
def test_a_broken_block_is_told_and_left_alone(kept: Program, crontab: CrontabDouble, broken: bytes) -> None:
    crontab.content = FOREIGN + broken

    for command in ("install", "remove"):
        ran = kept("cron", command)
        assert ran.code == 3
        assert "crontab -e" in ran.err
    assert (crontab.content, crontab.writes) == (FOREIGN + broken, 0)


def test_a_refusal_is_never_taken_for_an_empty_crontab(kept: Program, crontab: CrontabDouble) -> None:
    crontab.content = FOREIGN
    crontab.deny()

    ran = kept("cron", "install", "--json")

    assert ran.code == 3
    assert ran.document["error"]["code"] == "crontab-unusable"
    assert "not allowed to use this program" in ran.err
    assert (crontab.content, crontab.writes) == (FOREIGN, 0)


def test_no_crontab_program_is_told_with_the_other_way(
    kept: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(kept.folder))

    ran = kept("cron", "install")

    assert ran.code == 3
    assert "no crontab program" in ran.err
    assert "cron print --systemd" in ran.err


def test_a_variable_of_the_shell_that_cron_lacks_is_named(
    program: Program, store: Sandbox, crontab: CrontabDouble
) -> None:
    ran = program("cron", "install")

    assert store.password not in ran.err
    assert ran.code == 0
    assert "ALLEAVES_PASSWORD" in ran.err
    assert str(program.folder / ".env") in ran.err
    assert crontab.writes == 1


def test_another_line_that_runs_the_program_is_pointed_at(kept: Program, crontab: CrontabDouble) -> None:
    crontab.content = b"*/10 * * * * cd /srv && alleaves-sync --quiet sync-inventory\n"

    assert "another line runs alleaves-sync too" in kept("cron", "install").err


def test_systemd_units_are_hardened_and_may_write_only_the_programs_folders(
    kept: Program, store: Sandbox
) -> None:
    write_config(kept.folder, store, "  up: {feed: ./feeds/menu.json}\n")
    with (kept.folder / "config.yaml").open("a") as file:
        file.write("interval_minutes: 7\n")

    ran = kept("cron", "print", "--systemd")

    assert (ran.code, ran.err) == (0, "")
    for kind in ("menu.service", "menu.timer", "orders.service", "orders.timer"):
        assert f"# /etc/systemd/system/alleaves-sync-{kind}" in ran.out
    assert f"ReadWritePaths={kept.folder} {kept.folder / 'feeds'}\n" in ran.out
    assert "OnUnitActiveSec=420s" in ran.out  # a timer can say 7 minutes
    assert "ProtectSystem=strict" in ran.out


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze reads the units")
def test_systemd_itself_finds_nothing_wrong_with_the_units(kept: Program, tmp_path: Path) -> None:
    name = ""
    texts: dict[str, list[str]] = {}
    for line in kept("cron", "print", "--systemd").out.splitlines():
        if line.startswith("# /etc/systemd/system/"):
            name = line.rsplit("/", 1)[1]
        elif name:
            texts.setdefault(name, []).append(line)
    folder = tmp_path / "units"
    folder.mkdir()
    for unit, lines in texts.items():
        (folder / unit).write_text("\n".join(lines))
    ended = subprocess.run(
        ["systemd-analyze", "verify", *(folder / unit for unit in texts)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert not [line for line in ended.stderr.splitlines() if "alleaves-sync" in line]


def test_kubernetes_has_a_cron_job_for_each_location_or_one_for_all(kept: Program, store: Sandbox) -> None:
    write_config(kept.folder, store, names=("Down_Town", "down-town", "up"))
    with (kept.folder / "config.yaml").open("a") as file:
        file.write("interval_minutes: 15\n")

    jobs = list(yaml.safe_load_all(kept("cron", "print", "--kubernetes", "--image", "shop/sync:2").out))

    assert [job["metadata"]["name"] for job in jobs][::2] == [
        "alleaves-sync-menu-down-town",
        "alleaves-sync-menu-down-town-2",
        "alleaves-sync-menu-up",
    ]
    spec = jobs[0]["spec"]
    assert (spec["schedule"], spec["concurrencyPolicy"]) == ("*/15 * * * *", "Forbid")
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert container["image"] == "shop/sync:2"
    assert container["command"][-3:] == ["sync-inventory", "--location", "Down_Town"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert jobs[1]["spec"]["schedule"] == "*/2 * * * *"

    together = list(yaml.safe_load_all(kept("cron", "print", "--kubernetes", "--all").out))
    assert [job["metadata"]["name"] for job in together] == [
        "alleaves-sync-menu-all",
        "alleaves-sync-orders-all",
    ]
    # All of them: none is named, so that a location that is added later is in it too, as under cron.
    commands = [command_of(job) for job in together]
    assert [command[-1] for command in commands] == ["sync-inventory", "--confirmed"]
    some = yaml.safe_load_all(kept("cron", "print", "--kubernetes", "--all", "-l", "[Du]*").out)
    assert [command_of(job)[-4:] for job in some] == [["--location", "Down_Town", "--location", "up"]] * 2


def command_of(job: dict[str, Any]) -> list[str]:
    """What a CronJob runs."""
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    command: list[str] = pod["containers"][0]["command"]
    return command


def test_options_that_do_not_go_together_are_refused(kept: Program) -> None:
    for options in (["--systemd", "--kubernetes"], ["--systemd", "--json"], ["--all"], ["--image", "x"]):
        assert kept("cron", "print", *options).code == 2


def test_cron_alone_shows_what_there_is(kept: Program) -> None:
    ran = kept("cron")

    assert ran.code == 2
    assert "install" in ran.out + ran.err
