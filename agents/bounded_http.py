"""Requests with an end: a bound on the time of all of it, on its size, and on what an error may tell of a key.

The client's own time-outs begin anew with every byte, so a slow drip outlasts them; nor does it bound what it reads.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

MAX_BODY = 8 << 20
"""bytes of an answer; far more than any reply's tokens make"""
DEADLINE = "xueba_deadline"
_PIECE = 4
"""characters of a key that are enough to be hidden in what a service says of itself"""
SECRET = 12
"""Shorter keys are no secrets, but words that local servers want (`EMPTY`, `ollama`). In a player's words, which no key
may change by chance, only so long a piece is hidden."""

T = TypeVar("T")


class UnboundedError(OSError):
    """An answer that is too long, too slow, or packed."""


def bounded_client(openai: Any, timeout: float) -> Any:
    """An HTTP client for `openai.OpenAI` whose every answer ends within `timeout` seconds and `MAX_BODY` bytes.

    It follows no redirect, which could carry the key to somebody else.
    """

    def begin(request: Any) -> None:
        request.extensions[DEADLINE] = time.monotonic() + timeout

    def check(response: Any) -> None:
        packing = response.headers.get("content-encoding", "identity")
        if packing != "identity":
            # a few bytes could unpack to gigabytes
            raise UnboundedError(f"the answer is packed ({packing[:20]!r}), which was not asked for")
        response.stream = _bounded(response)

    return openai.DefaultHttpxClient(
        follow_redirects=False,
        timeout=openai.Timeout(timeout, connect=min(15.0, timeout)),
        headers={"Accept-Encoding": "identity"},
        event_hooks={"request": [begin], "response": [check]},
    )


def _bounded(response: Any) -> Any:
    # the client is built on httpx or on its successor; either wants streams to be its own
    base: Any = sys.modules[type(response).__module__.partition(".")[0]].SyncByteStream
    stream, deadline = response.stream, response.request.extensions[DEADLINE]

    class Bounded(base):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for chunk in stream:
                size += len(chunk)
                if size > MAX_BODY:
                    raise UnboundedError(f"the answer is longer than {MAX_BODY:,} bytes")
                if time.monotonic() > deadline:
                    raise UnboundedError("the answer comes too slowly")
                yield chunk

        def close(self) -> None:
            stream.close()

    return Bounded()


def within(seconds: float, request: Callable[[], T]) -> T:
    """What `request` gives, or raises.

    Raises:
        TimeoutError: it takes longer.
    """
    found: list[tuple[T | None, BaseException | None]] = []

    def work() -> None:
        try:
            found.append((request(), None))
        except BaseException as error:  # noqa: BLE001 (is raised where it was asked for)
            found.append((None, error))

    # a daemon, so that an answer that never ends keeps nobody from leaving
    thread = threading.Thread(target=work, daemon=True, name="request")
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError(f"no whole answer within {seconds:g} s")
    value, error = found[0]
    if error is not None:
        raise error
    return value  # type: ignore[return-value]


def hidden(text: str, key: str, piece: int = _PIECE) -> str:
    """`text` without any `piece` characters in a row of `key`: services like to repeat its beginning and its end."""
    if len(key) < SECRET:
        return text
    pieces = {key[at : at + piece] for at in range(len(key) - piece + 1)}
    marked = bytearray(len(text))
    for at in range(len(text) - piece + 1):
        if text[at : at + piece] in pieces:
            marked[at : at + piece] = b"\1" * piece
    found = []
    for at, char in enumerate(text):
        if not marked[at]:
            found.append(char)
        elif not at or not marked[at - 1]:
            found.append("…")
    return "".join(found)
