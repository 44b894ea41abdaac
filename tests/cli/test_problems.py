"""Every error has words, a remedy and an exit code."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alleaves_sync import errors
from alleaves_sync.cli.error_messages import Explained, exit_code, explain
from alleaves_sync.errors import AlleavesSyncError, Problem

PATH = Path("/srv/x")
PROBLEMS = (Problem("a.b", "is wrong", "Mend it."), Problem("", "the file is empty"))

# Each error with what its sentence, its remedy and its details must hold.
EXPLAINED: list[tuple[AlleavesSyncError, int, str]] = [
    (errors.ConfigMissing((PATH,)), 78, "alleaves-sync init"),
    (errors.ConfigInvalid(PATH, PROBLEMS), 78, "a.b: is wrong -> Mend it."),
    (errors.PosLocationUnknown("downtown", 5, ((7, "Main"),)), 78, "7  Main"),
    (errors.PosLocationUnknown("downtown", 5, ()), 78, "give this account access"),
    (errors.AreasUnmatched("downtown", ("Retial",), ("Retail (id 1)",)), 78, "Retail (id 1)"),
    (errors.AreasUnmatched("downtown", ("Retial",), ()), 78, "no areas at all"),
    (errors.LocationNotConfigured("dwontown", ("downtown",)), 2, "Did you mean downtown?"),
    (errors.LocationNotConfigured("x", ()), 2, "There are: none."),
    (errors.ItemUnknown("5", ("50", "51")), 2, "Nearest: 50, 51."),
    (errors.ItemUnknown("5", ()), 2, "Give the id"),
    (errors.NotRecorded("item", "5", ("50", "51")), 2, "Nearest: 50, 51."),
    (errors.NotRecorded("item", "5", ()), 2, "Give the id"),
    (errors.NotRecorded("run", "5", ()), 2, "tells run ids"),
    (errors.OptionsConflict("these do not go together", "give one"), 2, "Give one."),
    (errors.InputInvalid("-", PROBLEMS), 65, "The standard input"),
    (errors.InputInvalid("rows.json", PROBLEMS[:1]), 65, "rows.json cannot be used: 1 problem."),
    (errors.Unreachable("Alleaves", "POST /auth", "refused", 3), 69, "refused (3 tries)"),
    (errors.ServerFailed("AIQ", "GET /products", 503), 69, "503 for GET /products"),
    (errors.ServerFailed("AIQ", "GET /products", 429), 69, "fewer requests"),
    (errors.RequestRefused("AIQ", "GET /products", 404, "gone"), 69, "It said: Gone."),
    (errors.RequestRefused("AIQ", "GET /products", 400), 69, "what this account may do"),
    (errors.WrongAnswer("Alleaves", "POST /auth", "token", "is missing"), 69, "at token"),
    (
        errors.ReadIncomplete("Alleaves", "POST /inventory/search", 5, 9, 3),
        69,
        "announced 9 records and sent 5",
    ),
    (errors.OutOfTime("Alleaves", "POST /auth", 480.0, "it was slow"), 69, "480 seconds"),
    (errors.LoginRefused("Alleaves", "shop", "https://pos.example"), 77, "password and pin"),
    (errors.LoginRefused("AIQ", "aiq.api_key", "https://aiq.example", "no"), 77, "Check the API key"),
    (errors.StateUnusable(PATH, "newer"), 78, "Update alleaves-sync"),
    (errors.StateUnusable(PATH, "corrupt", "page 5"), 78, "page 5"),
    (errors.StateUnusable(PATH, "read-only"), 78, "may not be written"),
    (errors.StateUnusable(PATH, "unreachable"), 78, "cannot be opened"),
    (errors.StateUnusable(PATH, "odd"), 78, "cannot be used (odd)"),
    (errors.WriteFailed(PATH, "disk full"), 3, "What it held before is intact"),
    (
        errors.BrakeEngaged("downtown", 9, 10, 0, 0.5),
        3,
        "correct the stock in Alleaves; run once with --force",
    ),
    (errors.BrakeEngaged("downtown", 9, 10, 40, 0.5), 3, "raise inventory.max_drop (now 0.5)"),
    (errors.CrontabUnusable("missing"), 3, "no crontab program"),
    (errors.CrontabUnusable("refused", "not allowed"), 3, "not allowed"),
    (errors.CrontabUnusable("block", "# >>> alleaves-sync: /srv/x"), 3, "crontab -e"),
    (errors.CrontabUnusable("path", "/srv/x"), 3, "Rename the file"),
    (errors.NeverSynced("downtown", PATH), 3, "alleaves-sync sync-inventory --location downtown"),
]


def concrete(root: type[AlleavesSyncError] = AlleavesSyncError) -> Iterator[type[AlleavesSyncError]]:
    for kind in root.__subclasses__():
        if kind.__module__ == "alleaves_sync.errors":
            yield from concrete(kind)
            if not kind.__subclasses__():
                yield kind


@pytest.mark.parametrize(
    ("error", "code", "words"), EXPLAINED, ids=[repr(error) for error, _, _ in EXPLAINED]
)
def test_an_error_is_explained(error: AlleavesSyncError, code: int, words: str) -> None:
    explained = explain(error)

    assert explained.exit_code == code
    assert explained.code == error.code
    assert words in "\n".join((explained.what, explained.remedy, *explained.details))
    for line in (explained.what, explained.remedy):
        assert line[0].isupper() or line.startswith(("/", "rows.json"))
        assert "\n" not in line
        assert ".." not in line.replace("...", "")
        assert "  " not in line
        assert line.rstrip()[-1] in ".!?" or ": alleaves-sync" in line


def test_no_error_of_the_tree_is_without_words() -> None:
    told = {type(error) for error, _, _ in EXPLAINED}

    assert set(concrete()) == told
    assert all(explain.dispatch(kind) is not explain.dispatch(object) for kind in told)


def test_an_error_of_an_unknown_kind_needs_a_person() -> None:
    class Strange(AlleavesSyncError):
        code = "strange"

    assert explain(Strange()).exit_code == 3


def test_the_codes_of_several_locations_become_one() -> None:
    assert [exit_code(codes) for codes in ([], [0, 0], [77, 77], [0, 3, 77], [0, 77], [69, 77], [3])] == [
        *(0, 0, 77, 3, 1, 1, 3)
    ]


def test_explained_errors_compare_by_what_they_say() -> None:
    assert Explained("a", "b", "c", 1) == Explained("a", "b", "c", 1)


def test_an_unknown_glob_names_the_nearest_of_many_locations_and_not_all_of_them() -> None:
    known = [f"store-{number:03d}" for number in range(200)]
    told = explain(errors.LocationNotConfigured("strore-00*", known))
    assert told.exit_code == 2
    assert "Did you mean store-" in told.remedy
    assert told.remedy.endswith("store-019 and 180 more.")
