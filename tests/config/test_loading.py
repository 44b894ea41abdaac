"""What a good file becomes."""

from decimal import Decimal
from pathlib import Path

import pytest

from alleaves_sync.config import find_config, load
from alleaves_sync.config.template import EXAMPLE, Answers, render
from alleaves_sync.config.writing import write_config
from alleaves_sync.errors import ConfigInvalid, ConfigMissing, WriteFailed
from tests.config.support import CANARY, ENVIRON, config, loaded, location, write

ROOT = Path(__file__).parents[2]


def test_the_least_that_is_needed_gives_the_documented_defaults(tmp_path: Path) -> None:
    settings = loaded(tmp_path, config())

    (place,) = settings.locations
    assert place.name == "downtown"
    assert place.state == tmp_path / "alleaves-sync.db"
    assert place.interval_minutes == 10
    assert place.time_budget_seconds == 480
    assert place.settings.enabled
    assert place.settings.menu == "adult_use"
    assert place.settings.orders.sync
    assert place.settings.inventory.max_drop == Decimal("0.5")
    assert place.settings.alleaves.base_url == "https://app.alleaves.com/api"
    assert place.settings.aiq.api_key is None
    assert settings.warnings == ()


def test_the_example_is_valid_and_is_the_template(tmp_path: Path) -> None:
    text = (ROOT / "config.example.yaml").read_text("utf-8")

    assert text == render(EXAMPLE)
    settings = loaded(tmp_path, text, {"ALLEAVES_USERNAME": "shop", "ALLEAVES_PASSWORD": "secret"})
    assert settings.locations[0].settings.aiq.venue_id == "0123456789abcdef"
    assert settings.locations[0].settings.alleaves.pin is None
    assert settings.locations[0].settings.aiq.api_key is None


def test_the_example_shows_every_key_with_its_default(tmp_path: Path) -> None:
    environ = {"ALLEAVES_USERNAME": "shop", "PW": "secret", "ALLEAVES_PASSWORD": "secret"}
    shown = loaded(tmp_path, render(EXAMPLE), environ).locations[0].settings
    shortest = loaded(tmp_path, config(), environ).locations[0].settings

    ours = {"alleaves", "aiq", "areas"}
    assert shown.model_dump(exclude=ours) == shortest.model_dump(exclude=ours)
    _all_keys_written(shown)


def _all_keys_written(section: object, path: str = "") -> None:
    fields = getattr(type(section), "model_fields", {})
    written: set[str] = getattr(section, "model_fields_set", set())
    assert set(fields) == written, path
    for name in fields:
        _all_keys_written(getattr(section, name), f"{path}.{name}")


@pytest.mark.parametrize(
    "text", ["#", 'it\'s: a "name"', "null", "$${x}", "  ", "-", "[a]", "ä", "a: b", "${X}"]
)
def test_the_template_keeps_whatever_text_it_is_given(tmp_path: Path, text: str) -> None:
    answers = Answers(name="x", location_id=1, areas=(f"a{text}", "b"), username=f"u{text}", venue_id=text)

    settings = loaded(tmp_path, render(answers), {"ALLEAVES_PASSWORD": "secret"}).locations[0].settings

    assert settings.areas == (f"a{text}".strip(), "b")
    assert settings.alleaves.username == f"u{text}".strip()
    assert settings.aiq.venue_id == text.strip()


def test_a_location_wins_over_the_defaults_key_by_key_and_replaces_lists(tmp_path: Path) -> None:
    top = """
        defaults:
          menu: medical
          areas: [Vault, Front]
          fields: {price: false, labs: false}
          alleaves: {username: all, password: "${PW}", pin: "0420"}
          categories: {map: {Flower: FLOWER, Joints: PRE_ROLLS}}
    """
    text = config(
        "  one: {areas: [Retail], alleaves: {location_id: 1}, fields: {labs: true}}\n",
        "  two:\n    alleaves: {location_id: 2, username: own}\n    fields:\n"
        "    categories: {map: {' flower': EDIBLES}}\n",
        top=top,
    )
    one, two = (place.settings for place in loaded(tmp_path, text).locations)

    assert (one.menu, one.areas, one.alleaves.username) == ("medical", ("Retail",), "all")
    assert (one.fields.price, one.fields.labs, one.fields.name) == (False, True, True)
    assert (two.areas, two.alleaves.username, two.fields.labs) == (("Vault", "Front"), "own", False)
    assert two.categories.map == {" flower": "EDIBLES", "Joints": "PRE_ROLLS"}
    assert two.alleaves.pin is not None
    assert two.alleaves.pin.get_secret_value() == "0420"


def test_text_that_yaml_would_read_as_numbers_or_truth_stays_text(tmp_path: Path) -> None:
    alleaves = "pin: 0123\nbase_url: https://pos.example/"
    extra = "aiq: {venue_id: 0123456701234567}\ncategories: {map: {No: FLOWER, 12: EDIBLES}}"
    text = config(location(extra, alleaves=alleaves)).replace("[Retail]", "[1001, yes, 1_0, 2024-01-01]")

    settings = loaded(tmp_path, text.replace("username: shop", "username: off")).locations[0].settings

    assert settings.areas == ("1001", "yes", "1_0", "2024-01-01")
    assert settings.alleaves.username == "off"
    assert settings.alleaves.pin is not None
    assert settings.alleaves.pin.get_secret_value() == "0123"
    assert settings.aiq.venue_id == "0123456701234567"
    assert settings.alleaves.base_url == "https://pos.example"
    assert set(settings.categories.map) == {"No", "12"}


def test_empty_sections_take_their_defaults_and_anchors_work(tmp_path: Path) -> None:
    first = location("inventory:\nfields: &off {price: false}\nwire:\nmonitoring_not: 1").replace(
        "    monitoring_not: 1\n", ""
    )
    second = location("fields: *off", name="uptown")
    third = location("fields: {<<: *off, labs: no}", name="hill")

    one, two, three = (place.settings for place in loaded(tmp_path, config(first, second, third)).locations)

    assert one.inventory.max_drop == Decimal("0.5")
    assert one.fields == two.fields
    assert (three.fields.price, three.fields.labs) == (False, False)


def test_paths_are_relative_to_the_file_and_named_after_their_location(tmp_path: Path) -> None:
    top = 'state: "data/{location}.db"\nmonitoring: {textfile: m.prom, ping_url: "https://hc.example/x/"}'
    text = config(location("feed: /srv/{location}.json"), location("feed: ''", name="up.1"), top=top)

    settings = loaded(tmp_path, text)

    first, second = settings.locations
    assert (first.state, second.state) == (tmp_path / "data/downtown.db", tmp_path / "data/up.1.db")
    assert (first.settings.feed, second.settings.feed) == (Path("/srv/downtown.json"), None)
    assert settings.monitoring.textfile == tmp_path / "m.prom"
    assert settings.monitoring.ping_url == "https://hc.example/x"


def test_the_budget_is_what_is_written_and_one_above_the_interval_is_warned_of(tmp_path: Path) -> None:
    assert loaded(tmp_path, config(top="interval_minutes: 5")).locations[0].time_budget_seconds == 240

    settings = loaded(tmp_path, config(top="interval_minutes: 5\ntime_budget_seconds: 301"))

    assert settings.locations[0].time_budget_seconds == 301
    assert "longer than the interval" in settings.warnings[0]


def test_a_literal_secret_works_and_is_warned_of_without_being_shown(tmp_path: Path) -> None:
    extra = f"aiq: {{api_key: {CANARY}}}"
    text = config(location(extra), top=f"defaults: {{alleaves: {{pin: {CANARY}}}}}").replace("${PW}", CANARY)

    settings = loaded(tmp_path, text)

    paths = {warning.split()[0] for warning in settings.warnings}
    assert paths == {
        "defaults.alleaves.pin",
        "locations.downtown.alleaves.password",
        "locations.downtown.aiq.api_key",
    }
    assert CANARY not in repr(settings)
    assert CANARY not in str(settings)


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.9/api/", "http://[::1]:9/x"])
def test_plain_http_reaches_this_machine(tmp_path: Path, url: str) -> None:
    text = config(location(alleaves=f'base_url: "{url}"'))

    assert loaded(tmp_path, text).locations[0].settings.alleaves.base_url == url.rstrip("/")


def test_the_named_file_is_taken_before_the_usual_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    named, by_env = tmp_path / "a.yaml", tmp_path / "b.yaml"
    environ = {"ALLEAVES_SYNC_CONFIG": str(by_env)}
    with pytest.raises(ConfigMissing) as caught:
        find_config(None, {})
    assert list(caught.value.looked_at) == [
        tmp_path / "config.yaml",
        tmp_path / "home/alleaves-sync/config.yaml",
    ]
    caught.value.looked_at[1].parent.mkdir(parents=True)
    for path in (*reversed(caught.value.looked_at), by_env, named):
        path.touch()

    assert find_config(named, environ) == named
    assert find_config(None, environ) == by_env
    assert find_config(None, {}) == Path("config.yaml")
    Path("config.yaml").unlink()
    assert find_config(None, {}) == caught.value.looked_at[1]


def test_a_named_file_that_is_not_there_is_not_replaced_by_another(tmp_path: Path) -> None:
    with pytest.raises(ConfigMissing) as caught:
        find_config(tmp_path / "none.yaml", {"ALLEAVES_SYNC_CONFIG": str(write(tmp_path, config()))})
    assert list(caught.value.looked_at) == [tmp_path / "none.yaml"]
    with pytest.raises(ConfigMissing):
        load(tmp_path / "none.yaml", {})


def test_a_new_configuration_is_private_and_only_written_when_it_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.yaml"

    write_config(path, config(), ENVIRON)
    with pytest.raises(ConfigInvalid) as caught:
        write_config(path, "locations: {}", ENVIRON)

    assert path.read_text() == config()
    assert path.stat().st_mode & 0o777 == 0o600
    assert caught.value.path == path
    assert [entry.name for entry in path.parent.iterdir()] == ["config.yaml"]


def test_a_configuration_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WriteFailed):
        write_config(tmp_path / "file" / "config.yaml", config(), ENVIRON)

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(WriteFailed) as caught:
        write_config(tmp_path / "config.yaml", config(), ENVIRON)

    assert caught.value.detail == "No space left on device"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
