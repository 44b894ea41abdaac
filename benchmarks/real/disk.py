"""Disks that are full or may not be written: real ones, of memory (tmpfs), with no room or a little."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from stand import Ended, Verdict, damage, judged, new_trial

from alleaves_sync.sandbox import Sandbox

AT_ONCE = 1
PLENTY = "64m"
SIZES_KB = (0, 4, 8, 16, 28, 32, 36, 48, 64, 96, 128, 160, 200, 240, 280, 320, 400)


def missing() -> str:
    """Why this cannot be tried; "" when it can."""
    if os.geteuid() != 0:
        return "a tmpfs can be mounted by root only"
    with TemporaryDirectory() as folder:
        found = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True)  # noqa: PLW1510
        if found.returncode == 0:
            subprocess.run(["umount", folder], check=True)
        return found.stderr.decode().strip()


@contextmanager
def disk() -> Iterator[Path]:
    """An empty disk of memory."""
    with TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={PLENTY}", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def remount(path: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(path)], check=True)


def leave(path: Path, kilobytes: int) -> None:
    """Fill the disk but for so many kilobytes."""
    found = os.statvfs(path)
    room = found.f_bavail * found.f_frsize - kilobytes * 1024
    with (path / "filler").open("wb") as file:
        for _ in range(room // 65536):
            file.write(b"x" * 65536)
        file.write(b"x" * max(0, room % 65536))


def first_run(kilobytes: int) -> Verdict:
    """The first run of all, with so much room for its state file."""
    with disk() as here, TemporaryDirectory() as folder, Sandbox(items=50, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.write(state=str(here / "state.db"))
        leave(here, kilobytes)
        ended = trial.sync()
        also = damage({}, trial.mapping(), trial.storefront())
        return judged(
            "state",
            f"first run, {kilobytes} KB free",
            trial,
            ended,
            (0, 3),
            also=also,
            mend=(here / "filler").unlink,
        )


def later_run(kilobytes: int) -> Verdict:
    """A run with many changes, with so much room."""
    with disk() as here, TemporaryDirectory() as folder, Sandbox(items=50, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.write(state=str(here / "state.db"))
        trial.begin()
        before = trial.storefront()
        box.store.tick(40)
        now = trial.mapping()
        leave(here, kilobytes)
        ended = trial.sync()
        also = damage(before, now, trial.storefront())
        return judged(
            "state",
            f"later run, {kilobytes} KB free",
            trial,
            ended,
            (0, 3),
            also=also,
            mend=(here / "filler").unlink,
        )


def push(kilobytes: int) -> Verdict:
    """Confirmed orders, with so much room for the ledger: each is in the POS once, in the end."""
    with disk() as here, TemporaryDirectory() as folder, Sandbox(items=60, orders=12, history=0) as box:
        trial = new_trial(folder, box)
        trial.write(state=str(here / "state.db"))
        trial.begin()
        leave(here, kilobytes)
        ended = trial.run("--quiet", "push-order", "--confirmed")
        (here / "filler").unlink()
        reference = trial.run("--quiet", "push-order", "--confirmed")
        also = [*doubles(box)]
        again = trial.run("--quiet", "push-order", "--confirmed")
        if again.code not in (reference.code, 0, 3):
            also.append(f"pushed again: {again.code}")
        return judged(
            "ledger", f"push, {kilobytes} KB free", trial, ended, (0, 1, 3), also=also, most_seconds=30
        )


def doubles(box: Sandbox) -> Iterator[str]:
    """Orders of AIQ that the POS has more than once, or confirmed ones that are not there and not told."""
    known: dict[str, int] = {}
    for order in box.store.pos_orders():
        if (key := order.get("id_external")) and str(order.get("status", "")).lower() not in (
            "voided",
            "void",
        ):
            known[key] = known.get(key, 0) + 1
    yield from (f"{key} is there {times} times" for key, times in known.items() if times > 1)


def file_on(what: str, spoil: Callable[[Path], None], mend: Callable[[Path], None], label: str) -> Verdict:
    """The feed, the textfile, an export or a backup on a disk that fails."""
    with disk() as here, TemporaryDirectory() as folder, Sandbox(items=50, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        target = here / {"feed": "menu.json", "textfile": "sync.prom"}.get(what, "out.json")
        top = {"monitoring": {"textfile": str(target)}} if what == "textfile" else {}
        place = {"feed": str(target)} if what == "feed" else {}
        trial.write(top=top, **place)
        trial.begin()
        if what == "export":
            trial.run("--quiet", "export", "--output", str(target))
        old = target.read_bytes() if target.exists() else None
        box.store.tick(40)
        spoil(here)
        command = {
            "export": ("--quiet", "export", "--output", str(target)),
            "backup": ("--quiet", "state", "backup", str(here / "copy.db")),
        }.get(what, ("--quiet", "sync-inventory"))
        if what == "export":
            with (trial.folder / "state.db").open("rb"):
                trial.sync()  # so that there is something new to export
        ended = trial.run(*command)
        also = []
        if (target.read_bytes() if target.exists() else None) != old:
            also.append("the old file is not intact")
        if left := [one.name for one in here.iterdir() if one.name.startswith(".")]:
            also.append(f"left behind: {left}")
        codes = (0,) if what == "textfile" else (3,)
        verdict = judged(what, label, trial, ended, codes, also=also, mend=lambda: mend(here))
        if what in ("feed", "textfile") and target.read_bytes() == old and what == "feed":
            return Verdict(what, label, ended, (*verdict.wrong, "the next run did not write it"))
        return verdict


def full(here: Path) -> None:
    leave(here, 0)


def emptied(here: Path) -> None:
    (here / "filler").unlink()


def read_only(here: Path) -> None:
    remount(here, "ro")


def writable(here: Path) -> None:
    remount(here, "rw")


def no_inodes(here: Path) -> None:
    remount(here, "nr_inodes=5")
    for number in range(10):
        try:
            (here / f"none{number}").touch()
        except OSError:
            return


def more_inodes(here: Path) -> None:
    remount(here, "nr_inodes=5000")


def state_read_only(known: bool) -> Verdict:
    """The state file on a disk that may not be written: refused before anything is asked or sent."""
    with disk() as here, TemporaryDirectory() as folder, Sandbox(items=50, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.write(state=str(here / "state.db"))
        if known:
            trial.begin()
        box.store.tick(40)
        before = trial.storefront()
        remount(here, "ro")
        ended = trial.sync()
        also = [] if trial.storefront() == before else ["something was sent"]
        name = f"read-only disk, {'later' if known else 'first'} run"
        return judged("state", name, trial, ended, (78, 3), also=also, mend=lambda: remount(here, "rw"))


def file_limit(kilobytes: int) -> Verdict:
    """No file of this process may grow beyond so much (`ulimit -f`)."""
    with TemporaryDirectory() as folder, Sandbox(items=50, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.write(feed=str(trial.folder / "menu.json"))
        ended: Ended = trial.sync(prefix=("prlimit", f"--fsize={kilobytes * 1024}"))
        also = damage({}, trial.mapping(), trial.storefront())
        return judged("limit", f"files of {kilobytes} KB at most", trial, ended, (0, 3, 78), also=also)


def trials(_seeds: int) -> list[Callable[[], Verdict]]:
    """All of this module."""
    found: list[Callable[[], Verdict]] = []
    for size in SIZES_KB:
        found += [lambda s=size: first_run(s), lambda s=size: later_run(s)]
    found += [lambda s=size: push(s) for size in (0, 4, 8, 16, 32, 64, 128)]
    found += [lambda k=known: state_read_only(k) for known in (False, True)]
    for what in ("feed", "textfile", "export", "backup"):
        found.append(lambda w=what: file_on(w, full, emptied, "full disk"))
        found.append(lambda w=what: file_on(w, read_only, writable, "read-only disk"))
        found.append(lambda w=what: file_on(w, no_inodes, more_inodes, "no inodes left"))
    found += [lambda s=size: file_limit(s) for size in (1, 4, 8, 16, 32, 64, 128)]
    return found
