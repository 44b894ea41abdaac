"""Reads `config.yaml`: text, variables, defaults under each location, then every problem at once."""

import os
import stat
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from pydantic import ValidationError

from alleaves_sync.config import checks, wording
from alleaves_sync.config.merging import Place, merge
from alleaves_sync.config.raw import Raw, find, section, text, told
from alleaves_sync.config.reading import Unreadable, read
from alleaves_sync.config.settings import CommonSettings, Location, LocationSettings, Settings
from alleaves_sync.config.variables import DotEnv, Variables, has_variable, read_dotenv
from alleaves_sync.errors import ConfigInvalid, ConfigMissing, Problem

ENVIRONMENT_VARIABLE = "ALLEAVES_SYNC_CONFIG"
FILE_NAME = "config.yaml"
_SECRET_PATHS = (("alleaves", "password"), ("alleaves", "pin"), ("aiq", "api_key"))
_OTHERS = 0o077
_OF_LOCATIONS = ("defaults", "locations")
# What a run leaves of its interval, so that the next one finds the lock free.
SHARE_OF_INTERVAL = Decimal("0.8")


def find_config(option: Path | None, environ: Mapping[str, str]) -> Path:
    """The configuration file: `option`, else $ALLEAVES_SYNC_CONFIG, ./config.yaml, the user's config folder.

    One that is named must be there: nothing else is looked at then. Raises `ConfigMissing`.
    """
    named = option or (Path(environ[ENVIRONMENT_VARIABLE]) if environ.get(ENVIRONMENT_VARIABLE) else None)
    places = (named,) if named else (Path(FILE_NAME), user_config())
    for place in places:
        if place.exists():
            return place
    raise ConfigMissing(tuple(place.absolute() for place in places))


def user_config() -> Path:
    """The configuration file in the user's config folder."""
    from platformdirs import user_config_path  # noqa: PLC0415 - seldom needed

    return user_config_path("alleaves-sync") / FILE_NAME


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of the file at `path`, with `environ` and the `.env` beside it for its variables.

    Raises `ConfigMissing`, and `ConfigInvalid` with every problem that can be found.
    """
    path = path.absolute()
    data, mode = _bytes(path)
    try:
        raw, spelling = read(data)
    except Unreadable as error:
        raise ConfigInvalid(path, (error.problem,)) from None
    loader = _Loader(path, raw, mode, read_dotenv(path.parent / ".env"), environ)
    settings = loader.settings()
    problems = _once([*spelling, *loader.problems])
    if problems or settings is None:
        raise ConfigInvalid(path, problems)
    return settings


def _bytes(path: Path) -> tuple[bytes, int]:
    """The content and the mode of the file at `path`."""
    try:
        with path.open("rb") as file:
            return file.read(), os.fstat(file.fileno()).st_mode
    except FileNotFoundError:
        raise ConfigMissing((path,)) from None
    except IsADirectoryError:
        problem = Problem("", "is a folder, not a file", f"Name the file in it: {path / FILE_NAME}")
    except OSError as error:
        problem = Problem("", f"cannot be read: {error.strerror}", "Check its owner and its mode.")
    raise ConfigInvalid(path, (problem,))


def _once(problems: list[Problem]) -> tuple[Problem, ...]:
    """Without repeats: what is wrong in `defaults` is found in every location."""
    return tuple({(problem.path, problem.message): problem for problem in problems}.values())


class _Loader:
    """The steps from the plain text of the file to settings; problems gather on the way."""

    def __init__(
        self, path: Path, raw: dict[str, Raw], mode: int, dotenv: DotEnv, environ: Mapping[str, str]
    ) -> None:
        self._path, self._raw, self._mode, self._dotenv = path, raw, mode, dotenv
        variables = Variables(environ, dotenv)
        self._values = variables.expand(raw)
        self._used = variables.used
        self.problems: list[Problem] = [*dotenv.problems, *variables.problems]
        self._missing = {problem.path for problem in variables.problems}

    def settings(self) -> Settings | None:
        """The settings, or None where problems were found."""
        self.problems += checks.sign_checks(self._values, ())
        common = self._common()
        places = self._places()
        located = {place.name: self._located(place) for place in places}
        self._check_together(places)
        warnings = [*self._literal_secrets(), *self._dotenv_warning()]
        if self.problems or common is None:
            return None
        seconds = self._budget(common)
        if seconds > common.interval_minutes * 60:
            warnings.append(
                "time_budget_seconds is longer than the interval: a slow run would hold up the next"
            )
        return Settings(
            path=self._path,
            state=common.state,
            interval_minutes=common.interval_minutes,
            monitoring=common.monitoring,
            locations=tuple(
                Location(
                    name=name,
                    settings=settings,
                    state=checks.resolved(common.state, self._path.parent, name),
                    interval_minutes=common.interval_minutes,
                    time_budget_seconds=seconds,
                )
                for name, settings in located.items()
                if settings is not None
            ),
            warnings=tuple(warnings),
        )

    @staticmethod
    def _budget(common: CommonSettings) -> float:
        if common.time_budget_seconds is not None:
            return common.time_budget_seconds
        return float(common.interval_minutes * 60 * SHARE_OF_INTERVAL)

    def _common(self) -> CommonSettings | None:
        values = {key: value for key, value in section(self._values).items() if key not in _OF_LOCATIONS}
        textfile = text(values, "monitoring", "textfile")
        monitoring = values.get("monitoring")
        if textfile and isinstance(monitoring, dict):
            values["monitoring"] = {
                **monitoring,
                "textfile": str(checks.resolved(textfile, self._path.parent)),
            }
        try:
            return CommonSettings.model_validate(values)
        except ValidationError as error:
            self._tell(
                wording.worded(
                    error,
                    CommonSettings,
                    lambda path: find(self._raw, path)[1],
                    lambda path: path,
                    _OF_LOCATIONS,
                )
            )
            return None

    def _places(self) -> list[Place]:
        """The locations, each with the defaults below it."""
        defaults = self._section_of("defaults", required=False)
        locations = self._section_of("locations", required=True)
        self.problems += checks.name_checks(list(locations))
        self.problems += checks.category_checks(self._raw.get("defaults"), ("defaults",))
        places = []
        for name, values in locations.items():
            own = find(self._raw, ("locations", name))[1]
            if not (values is None or isinstance(values, dict)):
                self.problems.append(
                    Problem(told(("locations", name)), "must be a section of `key: value` lines")
                )
                continue
            self.problems += checks.category_checks(own, ("locations", name))
            places.append(Place(name, own or {}, self._raw.get("defaults"), merge(dict(defaults), values)))
        return places

    def _section_of(self, key: str, *, required: bool) -> Mapping[str, Raw]:
        value = find(self._values, (key,))[1]
        if value is not None and not isinstance(value, dict):
            self.problems.append(Problem(key, "must be a section of `key: value` lines"))
        elif required and not value:
            self.problems.append(Problem(key, "names no location", "alleaves-sync init writes one."))
        return section(self._values, key)

    def _located(self, place: Place) -> LocationSettings | None:
        """The settings of one location."""
        self._tell(list(checks.location_checks(place)))
        values = dict(section(place.values))
        feed = values.get("feed")
        if isinstance(feed, str) and feed.strip():
            values["feed"] = str(checks.resolved(feed, self._path.parent, place.name))
        try:
            return LocationSettings.model_validate(values)
        except ValidationError as error:
            self._tell(wording.worded(error, LocationSettings, place.written, place.path))
            return None

    def _tell(self, problems: list[Problem]) -> None:
        """Note `problems`, except where a missing variable already is the reason."""
        self.problems += [problem for problem in problems if problem.path not in self._missing]

    def _check_together(self, places: list[Place]) -> None:
        self.problems += checks.venue_checks(places)
        folder = self._path.parent
        files = [(self._path, "this configuration"), (self._dotenv.path, ".env")]
        state = text(self._values, "state") or CommonSettings.model_fields["state"].default
        self.problems += checks.placeholder_checks(state, "state", location=True)
        files += [(checks.resolved(state, folder, place.name), "state") for place in places]
        textfile = text(self._values, "monitoring", "textfile")
        if textfile:
            self.problems += checks.placeholder_checks(textfile, "monitoring.textfile", location=False)
            files.append((checks.resolved(textfile, folder), "monitoring.textfile"))
        for place in places:
            feed = text(place.values, "feed")
            if feed:
                self.problems += checks.placeholder_checks(feed, told(place.path(("feed",))), location=True)
                files.append((checks.resolved(feed, folder, place.name), f"locations.{place.name}.feed"))
        self.problems += checks.file_checks(files)

    def _literal_secrets(self) -> Iterator[str]:
        """Warnings of secrets that are written in the file; a problem where others can read them."""
        owners = [("defaults",), *(("locations", name) for name in section(self._raw, "locations"))]
        for path in (owner + secret for owner in owners for secret in _SECRET_PATHS):
            written = find(self._raw, path)[1]
            if not isinstance(written, str) or not written.strip() or has_variable(written):
                continue
            if self._mode & _OTHERS:
                mode = stat.S_IMODE(self._mode)
                what = f"is written in the file, which others can read (mode {mode:04o})"
                self.problems.append(Problem(told(path), what, f"Run: chmod 600 {self._path}"))
            else:
                yield f"{told(path)} is written in the file; a variable such as ${{NAME}} keeps it out of it"

    def _dotenv_warning(self) -> Iterator[str]:
        if self._dotenv.open_to_others and self._used & set(self._dotenv.values):
            yield f"{self._dotenv.path} can be read by others; run: chmod 600 {self._dotenv.path}"
