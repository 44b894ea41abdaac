"""Builds wheel and sdist, installs them as users do, and runs every command once in each clean environment.

    python scripts/try_install.py [--python python3.12] [--way pipx]...

Ways: plain pip from the wheel and from the sdist, pipx, `uv tool`; none of them has the development extras.
The commands are run in an empty home folder, against the sandbox of this script's own environment (`make
setup`). At last the extra `sandbox` is added to one of them. Prints a table; ends with 1 when anything fails.
Everything is made in a temporary folder, and packages come from the index that pip is set up for.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = "alleaves-sync"
TOOLS = ("build", "check-wheel-contents", "pipx", "twine", "uv")
EXTRAS = ("datasette", "flask", "hypothesis", "mypy", "pytest")
START_SECONDS = 60
# The machine's `crontab`, for one that keeps its entries in the home folder.
CRONTAB = """#!/bin/sh
case "$1" in
-l) cat "$HOME/crontab" 2>/dev/null || { echo "no crontab for shop" >&2; exit 1; } ;;
-) cat > "$HOME/crontab" ;;
-r) rm "$HOME/crontab" ;;
esac
"""
# Every command, once, in an order that works; and how it ends where that is not 0.
COMMANDS: Sequence[tuple[str, int]] = (
    ("--version", 0),
    ("--help", 0),
    ("init --name downtown --area Retail {init}", 0),
    ("check", 0),
    ("check --offline --json", 0),
    ("areas", 0),
    ("sync-inventory --dry-run", 0),
    ("sync-inventory", 0),
    ("--quiet sync-inventory", 0),
    ("show-mapping", 0),
    ("audit", 0),
    ("export --format csv --output menu.csv", 0),
    ("push-order --confirmed", 3),  # one order of the sandbox cannot be filled, one is to be shipped
    ("orders --waiting", 0),
    ("lookup-patient --phone +15185550199", 1),  # nobody has it
    ("status --json", 3),  # the two orders wait for a person
    ("history 4000", 0),
    ("report --html report.html", 0),
    ("state check", 0),
    ("state backup copy.db", 0),
    ("state prune", 0),
    ("state rebuild --yes", 0),
    ("cron print", 0),
    ("cron print --systemd", 0),
    ("cron install", 0),
    ("cron remove", 0),
    ("completion bash", 0),
    ("completion zsh", 0),
    ("completion fish", 0),
)


@dataclass(frozen=True)
class Installed:
    """A way to install it: where the program and its Python are, and how long it took."""

    way: str
    program: Path
    python: Path
    seconds: float

    def lists(self) -> set[str]:
        """The names of all packages of the environment."""
        code = "import importlib.metadata as m; print(*(d.name for d in m.distributions()))"
        return {name.lower() for name in output(self.python, "-c", code).split()}


class Failed(Exception):
    """A command ended otherwise than it should."""


def output(*command: str | Path, code: int = 0, **options: object) -> str:
    """What a command prints, on both streams. Raises Failed."""
    ended = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, **options  # type: ignore[call-overload]
    )  # fmt: skip
    said = f"{ended.stdout}{ended.stderr}"
    if ended.returncode != code:
        words = " ".join(str(word) for word in command)
        raise Failed(f"{words} ended with {ended.returncode}, not {code}:\n{said[-2000:]}")
    if "Traceback (most recent" in said:
        raise Failed(f"{command} shows a traceback:\n{said[-2000:]}")
    return said


def build(tools: Path, place: Path) -> tuple[Path, Path]:
    """The wheel and the sdist, both checked."""
    output(tools / "python", "-m", "build", "--outdir", place, ROOT)
    (wheel,), (sdist,) = place.glob("*.whl"), place.glob("*.tar.gz")
    output(tools / "twine", "check", "--strict", wheel, sdist)
    output(tools / "check-wheel-contents", wheel)
    return wheel, sdist


def install(way: str, folder: Path, tools: Path, python: str, built: tuple[Path, Path]) -> Installed:
    """Install it in one way, into a folder of its own."""
    wheel, sdist = built
    began = time.perf_counter()
    match way:
        case "pip, wheel" | "pip, sdist":
            output(python, "-m", "venv", folder / "venv")
            home = folder / "venv"
            output(home / "bin" / "python", "-m", "pip", "install", wheel if way == "pip, wheel" else sdist)
        case "pipx":
            own = {
                "PIPX_HOME": folder / "pipx",
                "PIPX_BIN_DIR": folder / "bin",
                "PIPX_MAN_DIR": folder / "man",
            }
            output(tools / "pipx", "install", "--python", python, wheel, env=with_own(own))
            home = folder / "pipx" / "venvs" / PROGRAM
        case _:
            own = {
                "UV_TOOL_DIR": folder / "tools",
                "UV_TOOL_BIN_DIR": folder / "bin",
                "UV_CACHE_DIR": folder / "cache",
            }
            output(tools / "uv", "tool", "install", "--python", python, wheel, env=with_own(own))
            home = folder / "tools" / PROGRAM
    shown = folder / "bin" if (folder / "bin").exists() else home / "bin"
    return Installed(way, shown / PROGRAM, home / "bin" / "python", time.perf_counter() - began)


def with_own(variables: Mapping[str, Path]) -> dict[str, str]:
    """This process's environment, with variables of the tool's own."""
    return os.environ | {name: str(path) for name, path in variables.items()}


@contextmanager
def sandbox(folder: Path) -> Iterator[dict[str, str]]:
    """The sandbox of this environment as a process; what its configuration says."""
    config = folder / "sandbox.yaml"
    program = Path(sys.executable).with_name(PROGRAM)
    served = subprocess.Popen(
        [program, "--quiet", "sandbox", "--port", "0", "--write-config", config], stdout=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not config.exists():
            if served.poll() is not None or time.monotonic() > deadline:
                raise Failed("the sandbox did not start")
            time.sleep(0.1)
        text = config.read_text(encoding="utf-8")
        keys = ("base_url", "location_id", "username", "venue_id", "password", "api_key")
        found = {key: re.findall(rf"^ +{key}: (?:\$\{{\w+:-)?([^\s}}]+)", text, re.MULTILINE) for key in keys}
        alleaves, aiq = found["base_url"]
        yield {key: values[0] for key, values in found.items()} | {"alleaves": alleaves, "aiq": aiq}
    finally:
        served.terminate()
        served.wait()


def try_all(installed: Installed, home: Path, shop: Mapping[str, str]) -> list[str]:
    """Run every command; what went wrong."""
    (home / "bin").mkdir(parents=True)
    crontab = home / "bin" / "crontab"
    crontab.write_text(CRONTAB, encoding="utf-8")
    crontab.chmod(0o755)
    environment = {
        "HOME": str(home),
        "PATH": f"{home / 'bin'}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "ALLEAVES_PASSWORD": shop["password"],
        "AIQ_API_KEY": shop["api_key"],
    }
    init = (
        f"--username {shop['username']} --location-id {shop['location_id']} --base-url {shop['alleaves']} "
        f"--venue-id {shop['venue_id']} --aiq-base-url {shop['aiq']} "
        f"--publish-url {shop['aiq']}/products/sync"
    )
    wrong = [f"{name} is installed" for name in EXTRAS if name in installed.lists()]
    for line, code in (*COMMANDS, ("sandbox", 2)):
        words = shlex.split(line.format(init=init))
        try:
            said = output(installed.program, *words, code=code, cwd=home, env=environment)
        except Failed as failed:
            wrong.append(str(failed))
            continue
        if line == "sandbox" and "pip install 'alleaves-sync[sandbox]'" not in said:
            wrong.append(f"the sandbox does not say how to get it: {said}")
    return wrong


def untried() -> set[str]:
    """Commands that the program has and this script does not try."""
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    known = set(re.findall(rf"^## {PROGRAM} (.+)$", page, re.MULTILINE))
    groups = {name for name in known if any(other.startswith(f"{name} ") for other in known)}
    tried = [line for line, _ in COMMANDS] + ["sandbox"]
    return {name for name in known - groups if not any(f" {line} ".find(f" {name} ") >= 0 for line in tried)}


WAYS = ("pip, wheel", "pip, sdist", "pipx", "uv tool")


def main() -> int:
    """1 when anything failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", default=sys.executable, help="the Python to install it with")
    parser.add_argument("--way", action="append", choices=WAYS, help="only this way; may repeat")
    parser.add_argument("--keep", type=Path, help="copy wheel and sdist there")
    chosen = parser.parse_args()
    print(output(chosen.python, "--version").strip(), flush=True)
    failed = [f"not tried: {name}" for name in sorted(untried())]
    with tempfile.TemporaryDirectory(prefix="alleaves-sync-install-") as name:
        place = Path(name)
        output(sys.executable, "-m", "venv", place / "tools")
        tools = place / "tools" / "bin"
        output(tools / "python", "-m", "pip", "install", *TOOLS)
        built = build(tools, place / "dist")
        if chosen.keep:
            shutil.copytree(place / "dist", chosen.keep, dirs_exist_ok=True)
        print(f"{'way':<12}{'seconds':>8}{'packages':>10}{'commands':>10}{'failed':>8}", flush=True)
        with sandbox(place) as shop:
            for number, way in enumerate(chosen.way or WAYS):
                folder = place / str(number)
                installed = install(way, folder, tools, chosen.python, built)
                wrong = try_all(installed, folder / "home", shop)
                count = len(COMMANDS) + 1
                print(
                    f"{way:<12}{installed.seconds:>8.1f}{len(installed.lists()):>10}{count:>10}{len(wrong):>8}",
                    flush=True,
                )
                failed += [f"{way}: {one}" for one in wrong]
                if way == "pip, wheel":
                    failed += with_extra(installed, built[0])
    print("\n".join(failed) if failed else "All as it should be.")
    return 1 if failed else 0


def with_extra(installed: Installed, wheel: Path) -> list[str]:
    """Add the extra `sandbox`, as the message says; what went wrong."""
    try:
        output(installed.python, "-m", "pip", "install", f"{wheel}[sandbox]")
        output(installed.program, "sandbox", "--list-faults")
    except Failed as failed:
        return [f"the extra: {failed}"]
    return []


if __name__ == "__main__":
    sys.exit(main())
