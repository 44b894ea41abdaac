"""What the trials share: a sandbox, the installed command as a process, and the question after each trial.

A trial is one way to break a run. It is good when the run ends with an expected exit code, within its time,
says what is wrong in one line and what to do in another, leaves a sound state file and a menu that was or is
to be, and when the next run brings everything in step.
"""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from place import Place, difference, program, table, when_it_answers, without_nothing  # noqa: E402

from alleaves_sync.sandbox import Sandbox  # noqa: E402

__all__ = ["ROOT", "Ended", "Place", "Trial", "Verdict", "difference", "program", "table", "when_it_answers"]

BUDGET_SECONDS = 6
SLACK_SECONDS = 14  # starting Python on a busy machine, reading the state: what a budget does not count
LOCATION = "downtown"
MOST_ERROR_LINES = 8


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    seconds: float
    peak_mb: float
    out: str
    err: str

    @property
    def said(self) -> str:
        """Its first line of trouble."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        return lines[0] if lines else ""

    @property
    def clean(self) -> bool:
        """No traceback, no defect, and no more than a few lines."""
        whole = self.out + self.err
        return (
            not any(word in whole for word in ("Traceback", "This is a defect", "Exception ignored"))
            and len(self.err.splitlines()) <= MOST_ERROR_LINES
        )


@dataclass(frozen=True)
class Verdict:
    """One row of the table."""

    group: str
    name: str
    ended: Ended
    wrong: tuple[str, ...]
    note: str = ""

    @property
    def cells(self) -> tuple[object, ...]:
        ended = self.ended
        verdict = "good" if not self.wrong else "; ".join(self.wrong)
        return (
            self.group,
            self.name,
            ended.code,
            f"{ended.seconds:.1f}",
            f"{ended.peak_mb:.0f}",
            verdict[:90],
            (self.note or ended.said)[:100],
        )


@dataclass
class Trial:
    """A folder with a configuration and its own sandbox."""

    folder: Path
    box: Sandbox
    state: Path = field(init=False)
    budget: float = BUDGET_SECONDS
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state = self.folder / "state.db"

    def write(
        self,
        *,
        pos: str = "",
        aiq: str = "",
        state: str = "",
        top: Mapping[str, Any] | None = None,
        **place: Any,
    ) -> None:
        """The configuration: addresses of `pos` and `aiq` (scheme, host and port) where not the sandbox's."""
        box = self.box
        pos_url = box.alleaves_url.replace(box.url, pos or box.url)
        aiq_url = box.aiq_url.replace(box.url, aiq or box.url)
        if state:
            self.state = Path(state)
        entry = {
            "areas": ["Retail"],
            "alleaves": {
                "base_url": pos_url,
                "location_id": box.location_id,
                "username": box.username,
                "password": "${TRIAL_PASSWORD}",
            },
            "aiq": {
                "base_url": aiq_url,
                "api_key": "${TRIAL_KEY}",
                "venue_id": box.venue_id,
                "publish_url": f"{aiq_url}/products/sync",
                "order_status_url": f"{aiq_url}/orders/{{id}}/pos",
            },
            **place,
        }
        whole = {
            "state": str(self.state),
            "time_budget_seconds": self.budget,
            "locations": {LOCATION: entry},
            **(top or {}),
        }
        config = self.folder / "config.yaml"
        config.write_text(yaml.safe_dump(whole, sort_keys=False))
        config.chmod(0o600)

    def start(
        self, *args: str, prefix: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start the command; `prefix` stands before it (`faketime ...`)."""
        proxies = {name for name in os.environ if name.lower().endswith("_proxy")}
        whole = {name: value for name, value in os.environ.items() if name not in proxies}
        whole |= {
            "ALLEAVES_SYNC_CONFIG": str(self.folder / "config.yaml"),
            "TRIAL_PASSWORD": self.box.password,
            "TRIAL_KEY": self.box.api_key,
            "COLUMNS": "200",
            **self.environment,
            **(env or {}),
        }
        return subprocess.Popen(
            [*prefix, program(), *args],
            cwd=self.folder,
            stdout=(self.folder / "out.txt").open("w"),
            stderr=(self.folder / "err.txt").open("w"),
            text=True,
            env=whole,
        )

    def wait(self, process: subprocess.Popen[str], began: float) -> Ended:
        """Wait for a started command."""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return Ended(
            process.returncode,
            time.perf_counter() - began,
            usage.ru_maxrss / 1024,
            (self.folder / "out.txt").read_text(errors="replace"),
            (self.folder / "err.txt").read_text(errors="replace"),
        )

    def run(self, *args: str, prefix: Sequence[str] = (), env: Mapping[str, str] | None = None) -> Ended:
        """Run the command to its end."""
        began = time.perf_counter()
        return self.wait(self.start(*args, prefix=prefix, env=env), began)

    def sync(self, **options: Any) -> Ended:
        """`sync-inventory` without its report."""
        return self.run("--quiet", "sync-inventory", **options)

    def begin(self) -> None:
        """The first good run, from which a trial starts. RuntimeError where it is not good."""
        ended = self.sync()
        if ended.code:
            raise RuntimeError(f"the first run ended with {ended.code}: {ended.said}")

    def storefront(self) -> dict[str, dict[str, Any]]:
        """What the storefront has."""
        return {key: without_nothing(one) for key, one in self.box.store.products().items()}

    def mapping(self, **options: Any) -> dict[str, dict[str, Any]]:
        """What `show-mapping` makes of the POS now."""
        import json  # noqa: PLC0415

        items = json.loads(self.run("show-mapping", "--json", **options).out)["locations"][0]["items"]
        return {str(one["id_item"]): one["product"] for one in items if one["product"] is not None}

    def unsound(self) -> str:
        """What is wrong with the state file itself; "" when nothing is."""
        if not self.state.exists():
            return ""
        with closing(sqlite3.connect(f"{self.state.as_uri()}?mode=ro", uri=True)) as connection:
            try:
                verdict = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
            except sqlite3.DatabaseError as error:
                return str(error)
        return "" if verdict == "ok" else verdict

    def out_of_step(self, **options: Any) -> str:
        """What the next run leaves wrong; "" when all is in step."""
        again = self.sync(**options)
        if again.code != 0:
            return f"next run: exit {again.code}, {again.said[:60]}"
        found = difference(self.storefront(), self.mapping(**options))
        return f"next run: {found}" if any(found.values()) else ""


def judged(
    group: str,
    name: str,
    trial: Trial,
    ended: Ended,
    codes: Collection[int],
    *,
    most_seconds: float = BUDGET_SECONDS + SLACK_SECONDS,
    most_mb: float = 120,
    also: Sequence[str] = (),
    note: str = "",
    mend: Callable[[], None] = lambda: None,
    **options: Any,
) -> Verdict:
    """The verdict on a run that was broken; `mend` takes the trouble away before the next run."""
    wrong = list(also)
    if ended.code not in codes:
        wrong.append(f"exit {ended.code} instead of {' or '.join(map(str, codes))}")
    if not ended.clean:
        wrong.append("not told in plain words")
    if ended.code > 0 and not (ended.said or ended.out):
        wrong.append("said nothing")
    if ended.seconds > most_seconds:
        wrong.append(f"took {ended.seconds:.1f} s")
    if ended.peak_mb > most_mb:
        wrong.append(f"{ended.peak_mb:.0f} MB")
    mend()
    if unsound := trial.unsound():
        wrong.append(f"state file: {unsound}")
    if behind := trial.out_of_step(**options):
        wrong.append(behind)
    return Verdict(group, name, ended, tuple(wrong), "" if wrong else note)


def damage(before: Mapping[str, Any], now: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Products that are gone, or neither as they were before nor as they are to be."""
    bad = [key for key in before if key not in after]
    bad += [key for key, product in after.items() if product not in (before.get(key), now.get(key))]
    return (f"MENU DAMAGED: {sorted(bad)[:5]}",) if bad else ()


def new_trial(folder: TemporaryDirectory[str] | str, box: Sandbox) -> Trial:
    """A trial in a folder."""
    return Trial(Path(folder if isinstance(folder, str) else folder.name), box)
