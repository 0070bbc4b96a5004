"""The server's door: who may come in, and what the pages that go out may do.

A page on the network can make a browser send requests to this machine: to 127.0.0.1 itself, or to a name that it has
pointed there (DNS rebinding). So the Host must be one that we listen on, whoever comes from another origin is turned
away, and what changes anything needs a token that only our own page was given.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN_HEADER = "x-xueba-token"
MAX_BODY = 64 * 1024
"""bytes of a request"""
MAX_ADDRESS = 4096

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Door:
    """Lets in what is ours.

    Args:
        app: what is behind it.
        hosts: `host:port` as a browser writes it, each that we listen on.
        token: of this launch; without it nothing is changed.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str], token: str) -> None:
        self.app, self.hosts, self.token = app, frozenset(host.lower() for host in hosts), token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        fault = self.fault(scope)
        if fault:
            await _refuse(send, *fault)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name for name, _ in message["headers"]}
                extra = [(n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in there]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        await self.app(scope, _bounded(receive), with_headers)

    def fault(self, scope: Scope) -> tuple[int, str] | None:
        """Why a request is turned away, as status and sentence."""
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_ADDRESS:
            return 414, "the address is too long"
        if [host.lower() for host in headers.get("host", [])] not in [[host] for host in self.hosts]:
            return 421, "this server answers only to its own name"
        for origin in headers.get("origin", []):
            if not self._ours(origin):
                return 403, "a request from another page"
        if any(site not in ("same-origin", "none") for site in headers.get("sec-fetch-site", [])) and not _opens(
            headers
        ):
            return 403, "a request from another site"
        if scope["method"] in ("GET", "HEAD"):
            return None
        if scope["method"] != "POST":
            return 405, "only GET, HEAD and POST"
        tokens = headers.get(TOKEN_HEADER, [])
        if len(tokens) != 1 or not hmac.compare_digest(tokens[0].encode(), self.token.encode()):
            return 403, "a request that changes something needs the token of this launch"
        if not headers.get("content-type", [""])[0].startswith("application/json"):
            return 415, "a request that changes something is JSON"
        return None

    def _ours(self, origin: str) -> bool:
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return parts.scheme == "http" and parts.netloc.lower() in self.hosts


def _opens(headers: dict[str, list[str]]) -> bool:
    """Somebody has followed a link to our page: it is shown, but the other site sees nothing of it."""
    return headers.get("sec-fetch-mode") == ["navigate"] and headers.get("sec-fetch-dest") == ["document"]


def _bounded(receive: Receive) -> Receive:
    """What a request brings along, cut off where it is too much."""
    read = 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        if message["type"] == "http.request":
            read += len(message.get("body", b""))
            if read > MAX_BODY:
                return {"type": "http.disconnect"}
        return message

    return bounded


async def _refuse(send: Send, status: int, sentence: str) -> None:
    body = f"{sentence}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    headers += [(name.encode(), value.encode()) for name, value in HEADERS.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
