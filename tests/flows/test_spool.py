"""The spool: what goes in comes out, by item and content, and nothing of what was dropped."""

import errno
import os
import tempfile
from collections import defaultdict
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.errors import WriteFailed
from alleaves_sync.flows.menu.spool import Spool
from tests.strategies import fast

RECORDS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3),
        st.none() | st.sampled_from(["2026-02-01", "2026-02-02"]),
        st.binary(max_size=6),
    ),
    max_size=30,
)


@fast
@given(RECORDS, st.sets(st.integers(0, 2)), RECORDS)
def test_every_record_comes_out_with_its_item_in_order(
    before: list[tuple[int, int, str | None, bytes]],
    dropped: set[int],
    after: list[tuple[int, int, str | None, bytes]],
) -> None:
    wanted: defaultdict[int, list[tuple[bytes, int, str | None]]] = defaultdict(list)
    with Spool() as spool:
        for sort, id_item, expires, content in before:
            spool.add(sort, [(id_item, expires, content)])
        for sort in dropped:
            spool.clear(sort)
        for sort, id_item, expires, content in after:
            spool.add(sort, [(id_item, expires, content)])
        for sort, id_item, expires, content in [one for one in before if one[0] not in dropped] + after:
            wanted[id_item].append((content, sort, expires))
        records = list(spool.items())
        found = {
            id_item: [(spool.read(one), one.sort, one.expires) for one in ones] for id_item, ones in records
        }
        kept = {sort: list(spool.contents(sort)) for sort in range(3)}
    assert [id_item for id_item, _ in records] == sorted(wanted)
    assert {key: sorted(ones, key=repr) for key, ones in found.items()} == {
        key: sorted(ones, key=repr) for key, ones in wanted.items()
    }
    everything = [one for ones in wanted.values() for one in ones]
    for sort in range(3):
        assert sorted(kept[sort]) == sorted(content for content, of, _ in everything if of == sort)


@fast
@given(st.lists(st.binary(max_size=3), max_size=6), st.randoms())
def test_the_order_in_which_records_come_means_nothing(contents: list[bytes], order: Random) -> None:
    def digests(some: list[bytes]) -> list[bytes]:
        with Spool() as spool:
            spool.add(0, [(7, None, content) for content in some])
            return [one.digest for _, ones in spool.items() for one in ones]

    other = contents.copy()
    order.shuffle(other)
    assert digests(contents) == digests(other)
    assert len(set(digests(contents))) == len(set(contents))


def test_a_full_folder_for_temporary_files_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int, _content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Spool() as spool:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(WriteFailed) as caught:
            spool.add(0, [(1, None, b"x")])
    assert caught.value.path == Path(tempfile.gettempdir())
