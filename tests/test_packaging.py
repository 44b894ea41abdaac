"""What users install: the wheel and the sdist as they are built, and the files that speak of them."""

import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

from alleaves_sync import __version__
from tests.fences import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
IGNORED = ("__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis", ".coverage", ".venv", ".db", ".env")


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist, built from this tree."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def names(archive: Path) -> set[str]:
    """The paths in a wheel or an sdist; those of an sdist without their first folder."""
    if archive.suffix == ".whl":
        with ZipFile(archive) as wheel:
            return set(wheel.namelist())
    with tarfile.open(archive) as sdist:
        return {name.partition("/")[2] for name in sdist.getnames()}


def sources(*folders: str) -> set[str]:
    """The modules of this tree."""
    return {str(path.relative_to(ROOT)) for folder in folders for path in (ROOT / folder).rglob("*.py")}


def test_the_wheel_holds_the_program_its_licence_its_types_and_the_metadata_for_datasette(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    found = names(wheel)
    info = f"alleaves_sync-{__version__}.dist-info"
    assert sources("alleaves_sync") | {"alleaves_sync/py.typed", f"{info}/licenses/LICENSE"} <= found
    assert f"alleaves_sync-{__version__}.data/data/share/alleaves-sync/datasette.yaml" in found
    assert {name.partition("/")[0] for name in found} == {
        "alleaves_sync",
        info,
        info.replace("dist-info", "data"),
    }
    with ZipFile(wheel) as opened:
        assert b"alleaves-sync = alleaves_sync.cli:main" in opened.read(f"{info}/entry_points.txt")


def test_the_sdist_holds_all_that_its_tests_need(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    needed = sources("alleaves_sync", "tests", "scripts", "benchmarks")
    needed |= {str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*") if path.is_file()}
    needed |= {path.name for path in ROOT.glob("*.md")}
    needed |= {"LICENSE", "Makefile", "Containerfile", "config.example.yaml", "pyproject.toml"}
    assert needed - names(sdist) == set()


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_nothing_that_a_tool_or_a_run_left_behind_is_shipped(dist: Path, kind: str) -> None:
    (archive,) = dist.glob(kind)
    assert [name for name in names(archive) if any(part in name for part in IGNORED)] == []


def test_the_container_runs_as_the_user_of_the_kubernetes_jobs_in_their_folders() -> None:
    jobs = (ROOT / "alleaves_sync" / "flows" / "schedule" / "kubernetes.py").read_text(encoding="utf-8")
    (user,) = re.findall(r"^USER (\d+):\1$", CONTAINERFILE, re.MULTILINE)
    assert user in jobs
    (folder,) = re.findall(r"^VOLUME (.+)$", CONTAINERFILE, re.MULTILINE)
    assert folder in jobs
    (config,) = re.findall(r"ALLEAVES_SYNC_CONFIG=(\S+)", CONTAINERFILE)
    assert str(Path(config).parent) in jobs


def test_what_the_container_copies_is_there_and_not_ignored() -> None:
    copied = {
        word
        for line in re.findall(r"^COPY (?!--)(.+) \S+$", CONTAINERFILE, re.MULTILINE)
        for word in line.split()
    }
    kept = re.findall(r"^!(.+)$", (ROOT / ".containerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert copied == set(kept)
    assert all((ROOT / path).exists() for path in copied)


def test_every_python_that_is_promised_is_tried() -> None:
    promised = {
        version
        for classifier in PROJECT["project"]["classifiers"]
        for version in re.findall(r"Python :: (3\.\d+)$", classifier)
    }
    for name, job in (("ci", "check"), ("package", "install")):
        workflow = yaml.safe_load(
            (ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")
        )
        assert set(workflow["jobs"][job]["strategy"]["matrix"]["python"]) == promised
    (version,) = set(re.findall(r"python:(3\.\d+)-slim", CONTAINERFILE))
    assert version == max(promised, key=lambda one: int(one.partition(".")[2]))


def test_every_command_is_tried_in_a_clean_installation() -> None:
    """By scripts/try_install.py, which needs a package index and minutes."""
    command = [sys.executable, "-c", "import try_install; print(sorted(try_install.untried()))"]
    ended = subprocess.run(command, cwd=ROOT / "scripts", check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == "[]"
