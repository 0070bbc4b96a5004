"""The server's door, asked with requests that no honest browser sends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from xueba.door import HEADERS, MAX_BODY, POLICY, Door

HOST = "127.0.0.1:8421"
TOKEN = "s3cret"


async def inner(scope: Any, receive: Any, send: Any) -> None:
    """Reads what it is sent and says how much that was."""
    read, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        read += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(read).encode()})


def asked(
    *headers: tuple[str, str],
    method: str = "GET",
    path: str = "/",
    query: bytes = b"",
    body: tuple[bytes, ...] = (b"",),
    kind: str = "http",
) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) of the answer; status 0 where there is none."""
    sent: list[dict[str, Any]] = []
    parts = [{"type": "http.request", "body": part, "more_body": part is not body[-1]} for part in body]

    async def receive() -> dict[str, Any]:
        return parts.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }
    door = Door(inner, [HOST, "localhost:8421"], TOKEN)
    asyncio.run(door(scope, receive, send))  # type: ignore[arg-type]
    if kind == "websocket":
        return (0, {}, b"") if sent == [{"type": "websocket.close", "code": 1008}] else (101, {}, b"")
    if not sent:
        return 0, {}, b""
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:])


def test_the_page_comes_with_its_policy() -> None:
    status, headers, _ = asked(("host", HOST))
    assert status == 200
    assert headers == HEADERS
    assert "default-src 'none'" in POLICY
    assert "unsafe" not in POLICY
    assert "frame-ancestors 'none'" in POLICY
    assert "require-trusted-types-for 'script'" in POLICY
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("host", [HOST, "localhost:8421", "LOCALHOST:8421"])
def test_our_own_names(host: str) -> None:
    assert asked(("host", host))[0] == 200


@pytest.mark.parametrize(
    "hosts",
    [
        (),
        ("evil.example:8421",),
        ("127.0.0.1",),
        ("127.0.0.1:80",),
        ("localhost.evil.example:8421",),
        ("127.0.0.1:8421.evil.example",),
        ("127.0.0.1:8421@evil.example",),
        ("0.0.0.0:8421",),
        ("[::1]:8421",),
        ("",),
        (" 127.0.0.1:8421",),
        (HOST, HOST),
        (HOST, "evil.example"),
        ("127.0.0.1:8421, evil.example",),
        ("2130706433:8421",),
    ],
)
def test_any_other_host_is_another_server(hosts: tuple[str, ...]) -> None:
    status, headers, _ = asked(*(("host", host) for host in hosts))
    assert status == 421
    assert headers["content-security-policy"] == POLICY


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.example",
        "https://127.0.0.1:8421",
        "http://127.0.0.1:8422",
        "http://127.0.0.1",
        "http://127.0.0.1:8421.evil.example",
        "http://evil.example#127.0.0.1:8421",
        "http://user@127.0.0.1:8421",
        "http://[",
        "",
        "file://",
    ],
)
def test_other_origins_are_turned_away(origin: str) -> None:
    for method in ("GET", "POST"):
        headers = [("host", HOST), ("origin", origin), ("x-xueba-token", TOKEN), ("content-type", "application/json")]
        assert asked(*headers, method=method)[0] == 403


def test_other_sites_may_link_to_the_page_and_nothing_else() -> None:
    for site in ("cross-site", "same-site"):
        assert asked(("host", HOST), ("sec-fetch-site", site), ("sec-fetch-mode", "no-cors"))[0] == 403
        opened = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")]
        assert asked(("host", HOST), ("sec-fetch-site", site), *opened)[0] == 200
        framed = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")]
        assert asked(("host", HOST), ("sec-fetch-site", site), *framed)[0] == 403
    assert asked(("host", HOST), ("sec-fetch-site", "same-origin"))[0] == 200
    assert asked(("host", HOST), ("sec-fetch-site", "none"))[0] == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "post"])
def test_other_methods(method: str) -> None:
    assert asked(("host", HOST), ("x-xueba-token", TOKEN), method=method)[0] == 405


def test_what_changes_something_needs_the_token_and_json() -> None:
    json = ("content-type", "application/json")
    ours = (("host", HOST), ("origin", f"http://{HOST}"))
    assert asked(*ours, json, ("x-xueba-token", TOKEN), method="POST")[0] == 200
    for tokens in ((), ("",), ("wrong",), (TOKEN + "x",), (TOKEN, TOKEN), ("\xe9",)):
        given = [("x-xueba-token", token) for token in tokens]
        assert asked(*ours, json, *given, method="POST")[0] == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        assert asked(*ours, ("content-type", kind), ("x-xueba-token", TOKEN), method="POST")[0] == 415


def test_bodies_and_addresses_are_bounded() -> None:
    post = (("host", HOST), ("content-type", "application/json"), ("x-xueba-token", TOKEN))
    assert asked(*post, method="POST", body=(b"x" * MAX_BODY,))[2] == str(MAX_BODY).encode()
    assert asked(*post, method="POST", body=(b"x" * MAX_BODY, b"y"))[0] == 0
    assert asked(("host", HOST), query=b"a" * 5000)[0] == 414
    assert asked(("host", HOST), path="/" + "a" * 5000)[0] == 414


def test_websockets_are_closed() -> None:
    assert asked(("host", HOST), kind="websocket")[0] == 0
