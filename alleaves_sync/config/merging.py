"""`defaults` under every location: the location wins, sections merge, lists replace."""

from dataclasses import dataclass

from alleaves_sync.config.raw import Path, Raw, find

# Keys of this section compare trimmed and without case (C3), so they also replace each other that way.
_FOLDED: Path = ("categories", "map")


def merge(defaults: Raw, own: Raw, path: Path = ()) -> Raw:
    """`own` over `defaults`. An empty section (`inventory:` with nothing below) takes the defaults."""
    if not isinstance(defaults, dict) or not (own is None or isinstance(own, dict)):
        return own
    mine = own or {}
    replaced = {folded(key) for key in mine} if path == _FOLDED else set(mine)
    merged = {
        key: value
        for key, value in defaults.items()
        if key in mine or (folded(key) if path == _FOLDED else key) not in replaced
    }
    for key, value in mine.items():
        merged[key] = merge(defaults[key], value, (*path, key)) if key in defaults else value
    return merged


def folded(key: str) -> str:
    """A key of `categories.map` as it is compared (C3): a path, its pieces trimmed, without case."""
    return " > ".join(piece.strip() for piece in key.split(" > ")).strip().casefold()


@dataclass(frozen=True)
class Place:
    """A location before validation: what it holds itself, what the defaults hold, and both with their
    variables.

    `own` and `defaults` are as written in the file; `values` is merged and has every variable replaced.
    """

    name: str
    own: Raw
    defaults: Raw
    values: Raw

    def path(self, path: Path) -> Path:
        """Where the value at `path` stands in the file: in the location, or in the defaults."""
        if not find(self.own, path)[0] and find(self.defaults, path)[0]:
            return ("defaults", *path)
        return ("locations", self.name, *path)

    def written(self, path: Path) -> Raw:
        """The value at `path` as the file has it."""
        here, value = find(self.own, path)
        return value if here else find(self.defaults, path)[1]
