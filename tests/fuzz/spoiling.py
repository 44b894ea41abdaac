"""Makes bad documents out of good ones. The same seed makes the same document."""

import copy
import json
import random
from typing import Any

LONG = "x" * 100_000
JUNK: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    -0.5,
    0.1,
    10**30,
    -(10**30),
    2**63,
    1e308,
    "",
    " ",
    "null",
    "NaN",
    "-",
    "0",
    "1e400",
    "١٢",
    "Ⅷ",
    "½",
    "\x00",
    "\u202e\ufeff",
    "\ud83c\udf3f",
    "a\nb\rc\u2028",
    "<script>",
    "'; --",
    "${HOME}",
    "%s{}",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "2026-11-01T25:00:00Z",
    "1969-12-31T23:59:59-99:99",
    [],
    [None],
    [[[]]],
    {},
    {"": None},
    {"id": {}},
    LONG,
)
#: What JSON's own rules forbid or leave open, put in the place of a marked value.
RAW = (
    "1e400",
    "-1e400",
    "NaN",
    "Infinity",
    "-0",
    "1" * 5000,
    "0." + "3" * 5000,
    "1E+9999999",
    "[" * 3000 + "]" * 3000,
    '"\\ud800"',
    '"\\u0000"',
)
_MARK = "here-comes-raw-text"
PIECES = (
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\r",
    b"\t",
    b"\n\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"'",
    b":",
    b": ",
    b",",
    b"- ",
    b"&a ",
    b"*a",
    b"<<: *a",
    b"!!python/object/apply:os.system ['true']",
    b"!!binary x",
    b"!!float .nan",
    b"| ",
    b"> ",
    b"? ",
    b"%YAML 9.9\n---\n",
    b"---\n",
    b"...\n",
    b"#",
    b"${",
    b"}",
    b"${A:-",
    b"$${",
    b"${A}${A}",
    b"export ",
    b"=",
    b"\\",
    "\u202e\u2028".encode(),
    b"1e400",
    b".inf",
    b"0x",
    b"1_000",
    b"12:30:45",
    b"2026-02-30",
    b"~",
    b"yes",
)


def spoiled(document: Any, chance: random.Random) -> bytes:
    """`document` as JSON with one to four things wrong somewhere in it."""
    value = copy.deepcopy(document)
    for _ in range(chance.randint(1, 4)):
        value = _spoil(value, chance)
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    while f'"{_MARK}"' in text:
        text = text.replace(f'"{_MARK}"', chance.choice(RAW), 1)
    content = text.encode("utf-8", "surrogatepass")
    kind = chance.random()
    if kind < 0.04:
        return content[: chance.randrange(len(content) + 1)]
    if kind < 0.07:
        return b"\xef\xbb\xbf" + content
    if kind < 0.09:
        return text.encode("utf-16", "surrogatepass")
    if kind < 0.14:
        return spoiled_text(content, chance)
    return content


def _spoil(value: Any, chance: random.Random) -> Any:
    places: list[tuple[Any, Any]] = []
    _collect(value, places)
    if not places or chance.random() < 0.03:
        return _junk(chance)
    holder, key = chance.choice(places)
    kind = chance.randrange(7)
    if kind == 0:
        del holder[key]
    elif kind == 1 and isinstance(holder, list):
        holder.extend(copy.deepcopy(holder))
    elif kind == 1:
        holder[chance.choice(("", "id", "ID", "x" * 50, str(key).upper()))] = copy.deepcopy(holder[key])
    elif kind == 2:
        holder[key] = _MARK
    elif kind == 3:
        other, place = chance.choice(places)
        holder[key] = copy.deepcopy(other[place])
    elif kind == 4:
        holder[key] = chance.choice(([holder[key]], {"value": holder[key]}))
    else:
        holder[key] = _junk(chance)
    return value


def _junk(chance: random.Random) -> Any:
    # A copy: what is spoiled further must not be what the next document gets.
    return copy.deepcopy(chance.choice(JUNK))


def _collect(value: Any, places: list[tuple[Any, Any]]) -> None:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        places.append((value, key))
        _collect(value[key], places)


def spoiled_text(content: bytes, chance: random.Random) -> bytes:
    """`content` with one to eight pieces put in, taken out, doubled or replaced."""
    text = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice((0, 1, 3, 20)))
        kind = chance.randrange(4)
        if kind == 0:
            text[at:end] = b""
        elif kind == 1:
            text[at:at] = text[at:end] * chance.choice((1, 2, 50))
        else:
            text[at : end if kind == 2 else at] = chance.choice(PIECES)
    return bytes(text)
