"""From the bytes of `config.yaml` to plain text values, sections and lists.

Numbers and truth values stay as they are written until a field wants them: YAML would read the pin `0420` as
the octal number 272, the area `1_0` as 10, and the password `no` as false. Only `null`, `~` and nothing are
special.
"""

import re
from collections.abc import Iterator

import yaml

from alleaves_sync.config.raw import Path, Raw, told
from alleaves_sync.errors import Problem

_NULL, _MERGE, _STANDARD = "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:"
# Far above any real configuration; below what anchors that refer to anchors can blow up to.
_MOST_VALUES = 50_000


class _TextLoader(yaml.SafeLoader):
    """Knows `null` and the merge key; every other plain scalar is text."""


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in {_NULL, _MERGE}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Unreadable(Exception):
    """The file is no configuration at all; one problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read(data: bytes) -> tuple[dict[str, Raw], list[Problem]]:
    """The sections of the file and the problems of its spelling (keys that stand twice). Raises
    `Unreadable`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(
            Problem(f"byte {error.start}", "the file is not UTF-8 text", "Save it as UTF-8.")
        ) from None
    reader = _Reader()
    try:
        value = reader.value(_compose(text), ())
    except RecursionError:
        raise Unreadable(Problem("", "the file is nested too deeply")) from None
    if not isinstance(value, dict):
        what = "is empty" if value is None else "does not consist of `key: value` lines"
        raise Unreadable(Problem("", f"the file {what}", "Make one with: alleaves-sync init"))
    return value, reader.problems


def _compose(text: str) -> yaml.Node | None:
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=_TextLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        words = _unquoted(error.problem or error.context or "the file is not YAML")
        raise Unreadable(Problem(where, words, "Check the indentation and the quotes there.")) from None
    except yaml.reader.ReaderError as error:
        where = f"line {text.count(chr(10), 0, error.position) + 1}"
        raise Unreadable(Problem(where, "a control character, which YAML does not allow")) from None
    except yaml.YAMLError:
        raise Unreadable(Problem("", "the file is not YAML")) from None
    return node


def _unquoted(words: str) -> str:
    """YAML's words without what it quotes from the file: it may be a piece of a password."""
    return re.sub(r"'(?!<)[^']{2,}'", "'...'", words)


class _Reader:
    """Walks the nodes and collects problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._open: set[int] = set()
        self._seen = 0

    def value(self, node: yaml.Node | None, path: Path) -> Raw:
        """The value of `node`, which stands at `path`."""
        self._seen += 1
        if self._seen > _MOST_VALUES:
            raise Unreadable(Problem("", f"the file holds more than {_MOST_VALUES} values"))
        if node is None:
            return None
        if not node.tag.startswith(_STANDARD):
            self.problems.append(
                Problem(told(path), "a tag (!...) means nothing here", "Put the text in quotes.")
            )
        if isinstance(node, yaml.ScalarNode):
            return None if node.tag == _NULL else str(node.value)
        if id(node) in self._open:
            raise Unreadable(Problem(told(path), "an anchor refers to itself"))
        self._open.add(id(node))
        try:
            return self._section(node, path) if isinstance(node, yaml.MappingNode) else self._list(node, path)
        finally:
            self._open.discard(id(node))

    def _list(self, node: yaml.Node, path: Path) -> list[Raw]:
        return [self.value(entry, (*path, str(at))) for at, entry in enumerate(node.value)]

    def _section(self, node: yaml.MappingNode, path: Path) -> dict[str, Raw]:
        own: dict[str, Raw] = {}
        lines: dict[str, int] = {}
        merged: dict[str, Raw] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged = {**self._merged(value_node, path), **merged}
                continue
            key = self._key(key_node, path)
            if key is None:
                continue
            line = key_node.start_mark.line + 1
            if key in own:
                self.problems.append(
                    Problem(told((*path, key)), f"stands twice (lines {lines[key]} and {line})")
                )
            own[key], lines[key] = self.value(value_node, (*path, key)), line
        return {**merged, **own}

    def _key(self, node: yaml.Node, path: Path) -> str | None:
        if isinstance(node, yaml.ScalarNode) and node.tag != _NULL:
            return str(node.value)
        self.problems.append(Problem(told(path), f"line {node.start_mark.line + 1}: a key must be a word"))
        return None

    def _merged(self, node: yaml.Node, path: Path) -> dict[str, Raw]:
        """What `<<` brings: a section, or a list of them of which the first wins."""
        merged: dict[str, Raw] = {}
        for part in _parts(node):
            value = self.value(part, path)
            if isinstance(value, dict):
                merged = {**value, **merged}
            else:
                self.problems.append(Problem(told((*path, "<<")), "must refer to a section"))
        return merged


def _parts(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    else:
        yield node
