"""Links of patients: keyed hashes only (U6), lost with their key, replaced by a scan (U2)."""

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from alleaves_sync.errors import StateUnusable, WriteFailed
from alleaves_sync.state import LinkKind, PatientLinks, StateFile
from alleaves_sync.state.patients import _make_key

from .support import HERE, NOW, answer_of, folder

PHONE = "+15185550100"
MEDICAL_ID = "NY0012345"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def state(path: Path) -> Iterator[StateFile]:
    with StateFile.open(path) as opened:
        yield opened


@pytest.fixture
def links(state: StateFile) -> PatientLinks:
    return PatientLinks(state, HERE)


def test_a_link_is_found_by_its_kind_and_value(links: PatientLinks) -> None:
    links.add("phone", PHONE, 7003)
    links.add("phone", PHONE, 7001)
    links.add("phone", PHONE, 7001)
    links.add("medical_id", MEDICAL_ID, 7002)
    assert links.find("phone", PHONE) == (7001, 7003)
    assert links.find("medical_id", MEDICAL_ID) == (7002,)
    assert links.find("medical_id", PHONE) == ()
    assert links.find("phone", "+15185550101") == ()


def test_links_are_of_one_location(state: StateFile, links: PatientLinks) -> None:
    links.add("phone", PHONE, 7001)
    assert PatientLinks(state, "uptown").find("phone", PHONE) == ()


def test_links_outlive_the_process(links: PatientLinks, path: Path) -> None:
    links.add("phone", PHONE, 7001)
    code = "from alleaves_sync.state import PatientLinks\n"
    code += "print(PatientLinks(StateFile.open(path), HERE).find('phone', sys.argv[2]))"
    assert answer_of(code, path, PHONE) == "(7001,)"


def test_a_profile_is_dropped_with_all_its_links(links: PatientLinks) -> None:
    links.add("phone", PHONE, 7001)
    links.add("medical_id", MEDICAL_ID, 7001)
    links.add("phone", PHONE, 7002)
    links.drop(7001)
    assert links.find("medical_id", MEDICAL_ID) == ()
    assert links.find("phone", PHONE) == (7002,)


def test_a_scan_replaces_what_was_known_and_says_when(links: PatientLinks) -> None:
    links.add("phone", PHONE, 7001)
    assert links.indexed_at() is None
    found: list[tuple[LinkKind, str, int]] = [
        ("phone", "+15185550199", 7002),
        ("medical_id", MEDICAL_ID, 7002),
    ]
    links.replace_all(iter(found * 2), NOW)
    assert links.indexed_at() == NOW
    assert links.find("phone", PHONE) == ()
    assert links.find("medical_id", MEDICAL_ID) == (7002,)


def test_a_scan_that_fails_changes_nothing(links: PatientLinks) -> None:
    links.replace_all([("phone", PHONE, 7001)], NOW)

    def scan() -> Iterator[tuple[LinkKind, str, int]]:
        yield "phone", "+15185550199", 7002
        raise StateUnusable(Path("x"), "unreachable")

    with pytest.raises(StateUnusable):
        links.replace_all(scan(), NOW)
    assert links.find("phone", PHONE) == (7001,)


def test_u6_nothing_on_the_disk_tells_a_value_or_a_hash_of_it(links: PatientLinks, path: Path) -> None:
    links.add("phone", PHONE, 7001)
    links.replace_all([("phone", PHONE, 7001), ("medical_id", MEDICAL_ID, 7001)], NOW)
    written = b"".join(seen.content for seen in folder(path.parent).values()).lower()
    for value in (PHONE, PHONE[2:], MEDICAL_ID):
        plain = value.encode()
        digests = (hashlib.new(name, plain).hexdigest() for name in ("sha256", "sha1", "md5"))
        for form in (plain.lower(), *(digest.encode() for digest in digests)):
            assert form not in written


def test_the_key_lies_beside_the_file_for_its_owner_alone(links: PatientLinks, path: Path) -> None:
    assert not links.key_path.exists()
    links.add("phone", PHONE, 7001)
    assert links.key_path == path.with_name("state.db.key")
    assert stat.S_IMODE(links.key_path.stat().st_mode) == 0o600
    assert len(links.key_path.read_bytes()) == 32
    assert [entry.name for entry in path.parent.iterdir() if ".key." in entry.name] == []


@pytest.mark.parametrize("damage", ["lost", "cut short"])
def test_links_of_a_key_that_is_lost_are_dropped(state: StateFile, links: PatientLinks, damage: str) -> None:
    links.replace_all([("phone", PHONE, 7001)], NOW)
    if damage == "lost":
        links.key_path.unlink()
    else:
        links.key_path.write_bytes(b"short")
    anew = PatientLinks(state, HERE)
    assert anew.find("phone", PHONE) == ()
    assert anew.indexed_at() is None  # or nobody would be scanned, and everybody created again
    anew.add("phone", "+15185550199", 7002)
    assert anew.indexed_at() is None
    assert anew.find("phone", "+15185550199") == (7002,)
    (count,) = state._db.execute("SELECT count(*) FROM patient_links").fetchone()
    assert count == 1


def test_a_key_of_another_file_finds_nothing_and_no_scan(state: StateFile, links: PatientLinks) -> None:
    links.replace_all([("phone", PHONE, 7001)], NOW)
    links.key_path.write_bytes(bytes(32))
    other = PatientLinks(state, HERE)
    assert other.find("phone", PHONE) == ()
    assert other.indexed_at() is None


def test_asking_makes_no_file(path: Path) -> None:
    with StateFile.open_for_reading(path) as state:
        links = PatientLinks(state, HERE)
        assert links.find("phone", PHONE) == ()
        assert links.indexed_at() is None
    assert list(path.parent.iterdir()) == []


def test_two_that_make_the_key_at_once_end_with_the_same(state: StateFile, links: PatientLinks) -> None:
    late = PatientLinks(state, HERE)
    assert late.find("phone", PHONE) == ()  # has seen that there is no key
    links.add("phone", "+15185550199", 7001)
    late.add("phone", PHONE, 7002)
    assert links.find("phone", PHONE) == (7002,)
    assert _make_key(links.key_path) == links.key_path.read_bytes() == _make_key(links.key_path)


def test_a_key_that_cannot_be_written_is_told(links: PatientLinks) -> None:
    links.key_path.mkdir()
    with pytest.raises((WriteFailed, StateUnusable)):
        links.add("phone", PHONE, 7001)


def test_a_full_disk_is_told_and_leaves_no_half_key(
    links: PatientLinks, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("alleaves_sync.state.patients.os.fsync", full)
        with pytest.raises(WriteFailed):
            links.add("phone", PHONE, 7001)
    assert [entry.name for entry in path.parent.iterdir() if ".key" in entry.name] == []
    links.add("phone", PHONE, 7001)
    assert links.find("phone", PHONE) == (7001,)


def test_a_key_that_does_not_stay_is_told(links: PatientLinks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alleaves_sync.state.patients._put_in_place", lambda _draft, _path: None)
    with pytest.raises(WriteFailed):
        links.add("phone", PHONE, 7001)
