"""What the tests of the report share: locations without a POS, and a reader that knows what HTML is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from alleaves_sync.config import Location
from tests.config.support import config, loaded, location

VOID = {"meta", "br"}


def places(folder: Path, *names: str, extra: str = "", top: str = "") -> tuple[Location, ...]:
    """Locations that share the state file `state.db`; nobody answers at their POS."""
    sections = [location(extra, name, "base_url: http://127.0.0.1:9/api") for name in names]
    return loaded(folder, config(*sections, top=f"state: ./state.db\n{top}")).locations


@dataclass
class Element:
    """An element as it was found."""

    name: str
    attributes: dict[str, str]
    path: tuple[str, ...]
    text: str = ""


@dataclass
class Seen(HTMLParser):
    """Reads a page, and notes what is not as it should be."""

    elements: list[Element] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self.wrong.append(f"{tag}: an attribute twice")
        path = tuple(one.name for one in self._open)
        found = Element(tag, {name: value or "" for name, value in attrs}, path)
        self.elements.append(found)
        if tag not in VOID:
            self._open.append(found)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].name != tag:
            self.wrong.append(f"</{tag}> closes nothing that is open")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data
            if self._open[-1].name != "style":
                self.words.append(data)

    def close(self) -> None:
        super().close()
        self.wrong += [f"<{one.name}> is never closed" for one in self._open]

    def all(self, name: str) -> list[Element]:
        """The elements of that name."""
        return [one for one in self.elements if one.name == name]

    @property
    def text(self) -> str:
        """All words on the page."""
        return " ".join(" ".join(self.words).split())


def read(page: str) -> Seen:
    """The page as it was read."""
    seen = Seen()
    seen.feed(page)
    seen.close()
    return seen
