"""What is wrong in a file is told: all of it, where it stands, in words, without secrets."""

import re
from pathlib import Path

import pytest

from alleaves_sync.config import load
from alleaves_sync.errors import ConfigInvalid
from tests.config.support import CANARY, ENVIRON, config, loaded, location, problems, write

# What stands in the location, and the words that its problem must hold, by the path below the location.
WRONG = [
    ("fields: {prise: true}", "fields.prise", "not a known key.*mean price"),
    ("fields: {quantity: true}", "fields.quantity", "not a known key.*always follows"),
    ("location_id: 5", "location_id", "not a known key.*mean alleaves.location_id"),
    ("zzz: 5", "zzz", "not a known key.*Known here: enabled, menu"),
    ("menu: medicinal", "menu", "must be one of adult_use, medical, not 'medicinal'.*mean medical"),
    ("menu:", "menu", "is empty"),
    ("menu: [medical]", "menu", "must be one of adult_use, medical"),
    ("enabled: perhaps", "enabled", "must be true or false, not 'perhaps'"),
    ("enabled: {a: b}", "enabled", "must be true or false"),
    ("otd_pricing: on", "otd_pricing", "must be one of follow, always, never, not 'on'"),
    ("inventory: {max_drop: 50}", "inventory.max_drop", "must be at most 1, not '50'.*share"),
    ("inventory: {max_drop: 50%}", "inventory.max_drop", "must be a number, not '50%'"),
    ("inventory: {max_drop: .nan}", "inventory.max_drop", "must be a number"),
    ("inventory: {max_drop: -1}", "inventory.max_drop", "must be at least 0"),
    ("inventory: much", "inventory", "must be a section"),
    ("inventory: [1]", "inventory", "must be a section"),
    ("tiers: {price_is: each}", "tiers.price_is", "must be one of total, per_unit"),
    ("patients: {region: usa}", "patients.region", "two capital letters such as US"),
    ("patients: {region: UK}", "patients.region", "must be a country"),
    ("patients: {index_hours: soon}", "patients.index_hours", "must be a number"),
    ("categories: {map: {Joints: PREROLLS}}", "categories.map.Joints", "one of FLOWER.*mean PRE_ROLLS"),
    ("categories: {map: {Joints: pre rolls}}", "categories.map.Joints", "mean PRE_ROLLS"),
    ("categories: {map: {Joints: }}", "categories.map.Joints", "is empty"),
    ("categories: {map: [a]}", "categories.map", "must be a section"),
    (
        "categories: {map: {Flower: FLOWER, ' flower ': EDIBLES}}",
        "categories.map. flower ",
        "the same as 'Flower'",
    ),
    ("wire: {order_nmber: id}", "wire.order_nmber", "not a known key.*mean order_number"),
    ("wire: {zzz: id}", "wire.zzz", "not a known key.*Known here: order_number"),
    ("wire: {notes: 'a['}", "wire.notes", "not a JMESPath expression"),
    ("wire: {notes: ''}", "wire.notes", "not a JMESPath expression"),
    ("wire: {notes: }", "wire.notes", "is empty"),
    ("aiq: {publish_url: 'https://x.example'}", "aiq.publish_url", "needs aiq.api_key and aiq.venue_id"),
    ("aiq: {order_status_url: 'https://x/{id}', venue_id: v}", "aiq.order_status_url", "needs aiq.api_key"),
    (
        "aiq: {order_status_url: 'https://x', venue_id: v, api_key: '${KEY}'}",
        "aiq.order_status_url",
        r"\{id\}",
    ),
    ("aiq: {base_url: 'http://api.example'}", "aiq.base_url", "must begin with https://"),
    ("aiq: {base_url: 'ftp://api.example'}", "aiq.base_url", "is not an address"),
    ("aiq: {base_url: 'https://'}", "aiq.base_url", "is not an address"),
    ("aiq: {base_url: 'https://a b/'}", "aiq.base_url", "is not an address"),
    ("aiq: {base_url: 'https://h:99999/'}", "aiq.base_url", "is not an address"),
    ("aiq: {base_url: 'https://[::1/'}", "aiq.base_url", "is not an address"),
    ("aiq: {base_url: 'https://h/#x'}", "aiq.base_url", "must not hold a #"),
    ("aiq: {base_url: 'https://h/?x=1'}", "aiq.base_url", r"must not hold a \?"),
    ("aiq: {api_key: '${KEY} x'}", "aiq.api_key", "cannot have"),
    ("feed: '{name}.json'", "feed", "only {location} may stand in braces"),
    ("feed: [a]", "feed", "must be a path"),
    ("feed: config.yaml", "feed", "is the file of this configuration too"),
    ("feed: alleaves-sync.db", "feed", "is the file of state too"),
    ('aiq: {venue_id: "a\\0b"}', "aiq.venue_id", "control character"),
    ('feed: "a\\n"', "feed", "control character.*line break"),
    ("menu: !thing medical", "menu", "a tag"),
    ("<<: 5", "<<", "must refer to a section"),
]


@pytest.mark.parametrize(("extra", "path", "words"), WRONG, ids=[extra for extra, _, _ in WRONG])
def test_each_mistake_in_a_location_is_told_in_words(
    tmp_path: Path, extra: str, path: str, words: str
) -> None:
    found = problems(tmp_path, config(location(extra)))

    assert list(found) == [f"locations.downtown.{path}"]
    (problem,) = found.values()
    assert re.search(words, f"{problem.message} {problem.remedy}")


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("areas: [Retail]\n", "\n", "areas", "is missing"),
        ("[Retail]", "[]", "areas", "names nothing"),
        ("[Retail]", "Retail", "areas", "must be a list"),
        ("[Retail]", "yes", "areas", "must be a list"),
        ("[Retail]", "", "areas", "is empty"),
        ("[Retail]", "[Retail, ]\n    areas: [Retail]", "areas", "stands twice .lines 4 and 5"),
        ("[Retail]", "[Retail, ' ']", "areas.1", "is empty"),
        ("[Retail]", "[Retail, ~]", "areas.1", "is empty"),
        ("[Retail]", "[Retail, {a: b}]", "areas.1", "must be text"),
        ("location_id: 1000", "location_id: abc", "alleaves.location_id", "whole number, not 'abc'"),
        ("location_id: 1000", "location_id: 1.5", "alleaves.location_id", "whole number"),
        ("location_id: 1000", "location_id: 0", "alleaves.location_id", "must be more than 0"),
        ("location_id: 1000", f"location_id: {'9' * 5000}", "alleaves.location_id", "whole number"),
        ("location_id: 1000", "x: 1", "alleaves.location_id", "is missing"),
        ("password: ${PW}", "password: ''", "alleaves.password", "is empty"),
        ("password: ${PW}", "password:", "alleaves.password", "is empty"),
        ("password: ${PW}", f"passwrod: {CANARY}", "alleaves.passwrod", "mean password"),
        ("password: ${PW}", f"password: [{CANARY}]", "alleaves.password", "must be text"),
        ("username: shop", f"username: {{password: {CANARY}}}", "alleaves.username", "must be text"),
        (
            "username: shop",
            "username: shop\n      base_url: https://u:p@h/",
            "alleaves.base_url",
            "user name",
        ),
    ],
)
def test_what_is_required_is_told_where_it_is_missing(
    tmp_path: Path, old: str, new: str, path: str, words: str
) -> None:
    found = problems(tmp_path, config().replace(old, new))

    problem = found[f"locations.downtown.{path}"]
    assert re.search(words, f"{problem.message} {problem.remedy}")


def test_a_section_that_is_only_text_does_not_show_it(tmp_path: Path) -> None:
    found = problems(tmp_path, config(location(f"aiq: {CANARY}")))

    assert list(found) == ["locations.downtown.aiq"]


@pytest.mark.parametrize(
    ("top", "path", "words"),
    [
        ("intervall_minutes: 5", "intervall_minutes", "mean interval_minutes"),
        ("location: 5", "location", "mean locations"),
        ("interval_minutes: 0", "interval_minutes", "more than 0"),
        ("interval_minutes: often", "interval_minutes", "must be a number"),
        ("time_budget_seconds: .inf", "time_budget_seconds", "must be a number"),
        ("state: ''", "state", "is empty"),
        ("state:", "state", "is empty"),
        ("state: '{place}.db'", "state", "only {location}"),
        ("monitoring: yes", "monitoring", "must be a section"),
        ("monitoring: {ping_url: 'http://hc.example'}", "monitoring.ping_url", "must begin with https://"),
        ("monitoring: {textfile: '{location}.prom'}", "monitoring.textfile", "braces mean nothing"),
        ("monitoring: {textfile: alleaves-sync.db}", "monitoring.textfile", "is the file of state"),
        ("defaults: 5", "defaults", "must be a section"),
        ("defaults: {zzz: 5}", "defaults.zzz", "not a known key"),
    ],
)
def test_each_mistake_at_the_top_is_told_in_words(tmp_path: Path, top: str, path: str, words: str) -> None:
    found = problems(tmp_path, config(top=top))

    assert list(found) == [path]
    assert re.search(words, f"{found[path].message} {found[path].remedy}")


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    text = config(
        location(
            "menu: a\nfields: {prise: 1}\naiq: {base_url: 'http://x.example', publish_url: 'https://y.example'}"
        ),
        location("wire: {x: y}\nfeed: same.json", name="up"),
        location("feed: same.json", name="Up"),
        top="zzz: 1\ninterval_minutes: x",
    )

    found = problems(tmp_path, text, {})

    assert set(found) == {
        "zzz",
        "interval_minutes",
        "locations.downtown.menu",
        "locations.downtown.fields.prise",
        "locations.downtown.aiq.base_url",
        "locations.downtown.aiq.publish_url",
        "locations.downtown.alleaves.password",
        "locations.up.wire.x",
        "locations.up.alleaves.password",
        "locations.Up",
        "locations.Up.feed",
        "locations.Up.alleaves.password",
    }


def test_a_mistake_in_the_defaults_is_told_once_and_where_it_stands(tmp_path: Path) -> None:
    top = "defaults: {menu: x, fields: {prise: 1}, aiq: {publish_url: 'https://x.example'}, wire: {a: b}}"

    found = problems(tmp_path, config(location(), location(name="up"), top=top))

    assert set(found) == {
        "defaults.menu",
        "defaults.fields.prise",
        "defaults.aiq.publish_url",
        "defaults.wire.a",
    }


@pytest.mark.parametrize("name", ["a b", "../x", ".x", "-x", "ä", "'a/b'", "x" * 65, "''"])
def test_a_location_needs_a_name_that_a_file_can_have(tmp_path: Path, name: str) -> None:
    found = problems(tmp_path, config(location(name=name)))

    assert "no name for a location" in found[f"locations.{name.strip(chr(39))}"].message


@pytest.mark.parametrize("body", ["locations: {}", "locations:", "state: x"])
def test_a_file_without_a_location_is_told(tmp_path: Path, body: str) -> None:
    assert "names no location" in problems(tmp_path, body)["locations"].message


@pytest.mark.parametrize("body", ["locations: [a]", "locations: {a: 5}"])
def test_locations_are_sections(tmp_path: Path, body: str) -> None:
    assert all("must be a section" in problem.message for problem in problems(tmp_path, body).values())


def test_two_locations_that_only_read_may_share_a_venue(tmp_path: Path) -> None:
    same = "aiq: {venue_id: v1, api_key: '${KEY}'}"

    assert len(loaded(tmp_path, config(location(same), location(same, name="up"))).locations) == 2


def test_two_locations_do_not_fill_one_venue(tmp_path: Path) -> None:
    same = "aiq: {venue_id: v1, api_key: '${KEY}', publish_url: 'https://x.example/sync'}"
    text = config(location(same), location(same, name="up"), location(f"enabled: no\n{same}", name="old"))

    found = problems(tmp_path, text)

    assert list(found) == ["locations.up.aiq.venue_id"]
    assert "locations.downtown" in found["locations.up.aiq.venue_id"].message
    text = text.replace("venue_id: v1", "venue_id: v2", 1)
    assert len(loaded(tmp_path, text).locations) == 3


def test_two_feeds_do_not_share_a_file(tmp_path: Path) -> None:
    text = config(location(), location(name="up"), top="defaults: {feed: menu.json}")

    found = problems(tmp_path, text)

    assert found["locations.up.feed"].remedy == "Put {location} into it."
    assert loaded(tmp_path, text.replace("menu.json", "'{location}.json'")).locations


def test_a_literal_secret_in_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    text = config().replace("${PW}", CANARY)

    found = problems(tmp_path, text, mode=0o640)

    assert "mode 0640" in found["locations.downtown.alleaves.password"].message
    assert "chmod 600" in found["locations.downtown.alleaves.password"].remedy
    assert load(write(tmp_path, config(), 0o644), ENVIRON).warnings == ()


def test_a_secret_in_the_default_of_a_variable_is_literal_too(tmp_path: Path) -> None:
    text = config().replace("${PW}", f"${{PW:-{CANARY}}}")

    assert "locations.downtown.alleaves.password" in problems(tmp_path, text, mode=0o644)


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("a: [1\nb: 2", "line 2, column 2", "expected"),
        ("a:\n\tb: 1", "line 2, column 1", "cannot start"),
        ("a: b: c", "line 1, column 5", "not allowed"),
        (f"a: {CANARY}\npw: *{CANARY}", "line 2, column 5", "undefined alias '...'"),
        ("a: 'x", "line 1", "end of stream"),
        ("a: 1\n---\nb: 2", "line 2, column 1", "document"),
        ("a: \x01", "line 1", "control character"),
        ("", "", "is empty"),
        ("# nothing", "", "is empty"),
        ("just text", "", "key: value"),
        ("- a", "", "key: value"),
        ("a: &a [*a]", "a.0", "refers to itself"),
        ("? [a]\n: 1", "", "a key must be a word"),
        ("null: 1", "", "a key must be a word"),
        ("[" * 1500, "", "nested too deeply"),
    ],
)
def test_a_file_that_is_no_yaml_tells_line_and_column(
    tmp_path: Path, text: str, where: str, words: str
) -> None:
    found = problems(tmp_path, text)

    told = next((problem for path, problem in found.items() if path.startswith(where)), None)
    assert told is not None
    assert words in told.message


def test_anchors_that_multiply_are_stopped(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x]"] + [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]" for at in range(1, 9)]

    assert "more than" in problems(tmp_path, "\n".join(lines))[""].message


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(ConfigInvalid) as caught:
        load(folder, {})
    assert "folder" in caught.value.problems[0].message
    path = write(tmp_path, "")
    path.write_bytes(b"a: \xff")
    with pytest.raises(ConfigInvalid) as caught:
        load(path, {})
    assert "UTF-8" in caught.value.problems[0].message
    with pytest.raises(ConfigInvalid) as caught:
        load(path / "below", {})
    assert "cannot be read" in caught.value.problems[0].message


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes(b"\xef\xbb\xbf" + config().replace("\n", "\r\n").encode())

    assert load(path, ENVIRON).locations
