"""Whatever is in the file: settings, or problems; never anything else."""

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alleaves_sync.config import load
from alleaves_sync.errors import ConfigInvalid

WORDS = [
    *(
        "state",
        "defaults",
        "locations",
        "monitoring",
        "interval_minutes",
        "areas",
        "alleaves",
        "aiq",
        "fields",
    ),
    *(
        "categories",
        "map",
        "wire",
        "notes",
        "feed",
        "enabled",
        "location_id",
        "password",
        "venue_id",
        "base_url",
    ),
]
KEYS = st.sampled_from(WORDS) | st.text(max_size=5) | st.none() | st.booleans() | st.integers()
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates()
    | st.sampled_from(["${X}", "${"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_mapping_is_settings_or_told(
    tmp_path_factory: pytest.TempPathFactory, mapping: dict[object, object]
) -> None:
    _settings_or_told(
        tmp_path_factory, yaml.safe_dump(mapping, allow_unicode=True).encode("utf-8", "replace")
    )


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, VALUES, max_size=4), st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_location_and_defaults_are_settings_or_told(
    tmp_path_factory: pytest.TempPathFactory, own: dict[object, object], defaults: dict[object, object]
) -> None:
    good: dict[object, object] = {
        "areas": ["x"],
        "alleaves": {"location_id": 1, "username": "u", "password": "p"},
    }
    mapping = {"defaults": defaults, "locations": {"a": {**good, **own}, "b": {**good, **own}}}
    _settings_or_told(tmp_path_factory, yaml.safe_dump(mapping).encode())


@given(st.binary(max_size=60))
def test_any_bytes_are_settings_or_told(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    _settings_or_told(tmp_path_factory, data)


def _settings_or_told(folders: pytest.TempPathFactory, data: bytes) -> None:
    path = folders.mktemp("any") / "config.yaml"
    path.write_bytes(data)
    path.chmod(0o600)
    told: tuple[object, ...] = ("settings",)
    try:
        load(path, {})
    except ConfigInvalid as error:
        told = tuple(error.problems)
    assert told
