"""What goes out."""

import gzip
from pathlib import Path

import pytest

from tests.loopback import Reply, in_turn, reply
from tests.transport.support import FAILED, OK, connected


def test_a_call_goes_out_with_its_parts_and_comes_back_whole() -> None:
    with connected(lambda _: reply({"a": 1}, X_Left="7")) as (transport, server, _):
        answer = transport.send(
            "POST", "/x", repeatable=True, params={"id": 5}, json_body={"n": "é"}, headers={"x-key": "k"}
        )
    asked = server.asked[0]
    assert (asked.method, asked.path, asked.query) == ("POST", "/api/x", {"id": "5"})
    assert asked.body == '{"n":"é"}'.encode()
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.headers["x-key"] == "k"
    assert asked.headers["User-Agent"].startswith("alleaves-sync/")
    assert (answer.status, answer.headers["x-left"], answer.body) == (200, "7", b'{"a": 1}')


def test_a_whole_address_is_taken_as_it_is() -> None:
    with connected(lambda _: OK) as (transport, server, _):
        transport.send(
            "POST", f"{server.url}/sync?venueId=1", repeatable=True, params={"b": "2"}, json_body=b"[2]"
        )
    assert (server.asked[0].path, server.asked[0].query) == ("/sync", {"venueId": "1", "b": "2"})
    assert server.asked[0].body == b"[2]"


def test_one_connection_serves_all_calls_packed_answers_included() -> None:
    packed = Reply(body=gzip.compress(b"[1, 2]"), headers={"Content-Encoding": "gzip"})
    with connected(in_turn(OK, packed, FAILED, OK)) as (transport, server, _):
        bodies = [transport.send("GET", "/x", repeatable=True).body for _ in range(3)]
    assert bodies == [b"[1]", b"[1, 2]", b"[1]"]
    assert "gzip" in server.asked[0].headers["Accept-Encoding"]
    assert server.connections == 1


def test_a_netrc_file_never_replaces_the_authorization_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with connected(lambda _: OK) as (transport, server, _):
        transport.send("GET", "/x", repeatable=True, headers={"Authorization": "Bearer t"})
        transport.send("GET", "/x", repeatable=True)
    assert server.asked[0].headers["Authorization"] == "Bearer t"
    assert "Authorization" not in server.asked[1].headers


def test_cookies_are_not_kept() -> None:
    with connected(lambda _: reply([], Set_Cookie="session=1; Path=/")) as (transport, server, _):
        transport.send("GET", "/x", repeatable=True)
        transport.send("GET", "/x", repeatable=True)
    assert "Cookie" not in server.asked[1].headers
