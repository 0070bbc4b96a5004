"""The dashboard's server: pages, JSON and one stream of events a tab, over a folder of runs that it only reads.

It is a process of its own: training never waits for it, and it may be killed and begun again at any time. What changes
anything, a person's game, goes through `xueba.table`.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from xueba import answers
from xueba.console import sentence
from xueba.door import Door
from xueba.table import Tables
from xueba.tail import Tail

WEB = Path(__file__).parent / "web"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
MAX_STREAMS = 64
PATIENCE = 20.0
"""seconds in which a client must have asked its question"""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)

Answer = Callable[[Path, dict[str, str]], Any]


class Server(uvicorn.Server):
    """Ends its streams as soon as it is asked to stop: a browser would keep them open for ever."""

    tail: Tail | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.tail is not None:
            self.tail.close()
        super().handle_exit(sig, frame)


class Impatient(H11Protocol):
    """A connection whose client has begun to ask and does not come to an end is closed: uvicorn would wait for ever."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._late = self.loop.call_later(PATIENCE, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._late.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        cycle = getattr(self, "cycle", None)  # none before the first question
        if cycle is None or cycle.response_complete:
            self.transport.close()
        else:
            self._late = self.loop.call_later(PATIENCE, self._look)


def app(root: Path, token: str, tail: Tail) -> Starlette:
    """The application behind the door; `tail` is followed while it runs."""
    desk = _Desk(root, token, tail)
    routes = [
        Route("/", desk.page),
        Route("/static/{name}", desk.file),
        Route("/api/live", desk.live),
        Route("/api/play", desk.play, methods=["POST"]),
        *(Route(f"/api/{name}", _asking(root, answer)) for name, answer in answers.ANSWERS.items()),
    ]

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        following = asyncio.create_task(tail.follow())
        try:
            yield
        finally:
            tail.close()
            desk.tables.close()
            await following

    return Starlette(routes=routes, lifespan=life, exception_handlers={HTTPException: _failed})


class _Desk:
    """What there is besides answers: the page, its files, the stream, and a person's games."""

    def __init__(self, root: Path, token: str, tail: Tail) -> None:
        self.token, self.tail, self.tables = token, tail, Tables(root)
        self._files = {path.name: path for path in WEB.iterdir() if path.suffix in TYPES}
        self._streams = 0

    def page(self, _: Request) -> Response:
        text = self._files["index.html"].read_text(encoding="utf-8").replace("{{token}}", self.token)
        return Response(text, media_type=TYPES[".html"], headers={"cache-control": "no-store"})

    def file(self, request: Request) -> Response:
        # a fixed table: no path is ever made of what an address says
        path = self._files.get(request.path_params["name"])
        if path is None or path.name == "index.html":
            raise HTTPException(404, "there is no such file")
        return Response(path.read_bytes(), media_type=TYPES[path.suffix], headers={"cache-control": "no-cache"})

    async def live(self, request: Request) -> Response:
        if self._streams >= MAX_STREAMS:
            raise HTTPException(503, f"{MAX_STREAMS} tabs are open already")
        last = request.headers.get("last-event-id") or request.query_params.get("since", "")
        since = int(last) if last.isascii() and last.isdecimal() and len(last) < 16 else None
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._lines(since), media_type="text/event-stream", headers=headers)

    async def _lines(self, since: int | None) -> AsyncIterator[bytes]:
        self._streams += 1
        try:
            yield b"retry: 1000\n\n"
            async for events in self.tail.stream(since):
                yield b"".join(_line(*event) for event in events) or b": alive\n\n"
        finally:
            self._streams -= 1

    async def play(self, request: Request) -> Response:
        try:
            asked = json.loads(await request.body())
            if not isinstance(asked, dict):
                raise ValueError("a JSON object is expected")
            done = await asyncio.to_thread(self.tables.ask, asked)
        except (ValueError, KeyError, RecursionError, OSError, RuntimeError) as error:
            raise HTTPException(400, sentence(error)) from None
        return _data(done)


def _asking(root: Path, answer: Answer) -> Callable[[Request], Response]:
    # not async: Starlette asks it in a thread, so that a slow disk holds up nobody's stream
    def asked(request: Request) -> Response:
        asking = dict(request.query_params)
        if asking.get("run") and not _NAME.fullmatch(asking["run"]):
            raise HTTPException(400, f"{asking['run'][:40]!a} is no name of a run")
        try:
            return _data(answer(root, asking))
        except (FileNotFoundError, KeyError) as error:
            raise HTTPException(404, sentence(error)) from None
        except (ValueError, IndexError, OverflowError) as error:
            raise HTTPException(400, sentence(error)) from None

    return asked


def _data(data: Any) -> Response:
    # ASCII: what a player wrote may hold half a character, which is no UTF-8
    text = json.dumps(_finite(data), separators=(",", ":"))
    return Response(text, media_type="application/json", headers={"cache-control": "no-store"})


async def _failed(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, status_code=error.status_code)


def _line(number: int, kind: str, data: dict[str, Any]) -> bytes:
    return f"id: {number}\nevent: {kind}\ndata: {json.dumps(_finite(data), separators=(',', ':'))}\n\n".encode()


def _finite(data: Any) -> Any:
    """JSON knows no NaN and no infinity."""
    if isinstance(data, float):
        return data if data - data == 0 else None
    if isinstance(data, dict):
        return {str(name): _finite(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return data


def serve(root: Path, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the runs in `root` until interrupted; `ready` is told the address once it answers.

    Raises:
        OSError: the port is taken, or the address is not ours.
    """
    token = secrets.token_urlsafe(24)
    listening = socket.create_server((host, port), backlog=128)
    number = listening.getsockname()[1]
    hosts = {f"{host}:{number}", *({f"localhost:{number}", f"127.0.0.1:{number}"} if host == "127.0.0.1" else ())}
    tail = Tail(root)
    config = uvicorn.Config(
        Door(app(root, token, tail), hosts, token),
        http=Impatient,
        log_level="error",
        access_log=False,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=10,
        limit_concurrency=256,
        h11_max_incomplete_event_size=32 * 1024,
    )
    server = Server(config)
    server.tail = tail
    ready(f"http://{host}:{number}/")
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # uvicorn raises the signal again once it has ended
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
        listening.close()
