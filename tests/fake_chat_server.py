"""An OpenAI-compatible server on this machine that answers by a function, or misbehaves in every way we know of."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Answer = Callable[[list[dict[str, str]]], str]

FLOOD = 40 << 20
"""bytes of what does not end"""

SLOW = ("drip", "drip headers", "hang", "endless")
CUT = ("disconnect", "truncated", "cut off", "huge", "packed", "endless error")
PLAIN: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "408": (408, b"", {}),
    "429": (429, b'{"error":{"message":"slow down"}}', {}),
    "429 later": (429, b'{"error":{"message":"slow down"}}', {"Retry-After": "1"}),
    "500": (500, b"oops", {}),
    "502": (502, b"<html>\x1b[2J\r\nBad gateway</html>", {"Content-Type": "text/html"}),
    "503": (503, b"", {}),
    "empty body": (200, b"", {}),
    "wrong type": (200, b'{"choices": 5}', {}),
    "html": (200, b"<html><script>alert(1)</script>", {"Content-Type": "text/html"}),
    "bad utf-8": (200, b'{"choices": "\xff\xfe"}', {}),
    "list": (200, b"[1, 2, 3]", {}),
    "nested": (200, b"[" * 100_000, {}),
    "error inside": (200, b'{"error": {"message": "upstream is gone"}}', {}),
}
"""What is sent as it stands: status, body, headers."""
EDITED: dict[str, dict[str, Any]] = {
    "no choices": {"choices": []},
    "no message": {"choices": [{"finish_reason": "stop"}]},
    "empty text": {"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": ""}}]},
    "filtered": {"choices": [{"finish_reason": "content_filter", "message": {"content": "<answer>e4</answer>"}}]},
}
"""Whole answers with something else in them."""
FAULTS = (*SLOW, *CUT, *PLAIN, *EDITED)
"""Each fault that may pass and that `FakeChatServer.faults` may hold."""
FINAL = ("redirect", "400", "402", "403", "404")
"""Those that asking again does not change."""


class FakeChatServer:
    """Serves until left; `faults` are done one after the other, then it answers well.

    Args:
        answer: the reply to the messages it is sent.
        model: the only one it knows.
        key: the only one it takes; empty: any.
    """

    def __init__(self, answer: Answer, *, model: str = "fake", key: str = "", delay: float = 0.0) -> None:
        self.answer, self.model, self.key, self.delay = answer, model, key, delay
        self.listed: object = [{"id": model}]
        """what it says its models are; None: it has no list"""
        self.usage: object = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        self.elsewhere = self.visits = 0
        """requests that followed a redirect; for lists of models"""
        self.other = ""
        """where redirects lead"""
        self.faults: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.asked: Counter[str] = Counter()
        self.delivered: Counter[str] = Counter()
        """requests, and whole good replies, by their idempotency key"""
        self.guests: list[Any] = []
        """players whose connections are closed at the end"""
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        self.over = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.over.set()
        for guest in self.guests:
            guest.close()
        self.server.shutdown()
        self.server.server_close()

    def _handler(outer) -> type[BaseHTTPRequestHandler]:  # noqa: N805, C901
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # or each small answer waits for an acknowledgement

            def log_message(self, *_: object) -> None: ...

            def do_GET(self) -> None:
                outer.visits += 1
                outer.elsewhere += "elsewhere" in self.path
                if not self.known():
                    return
                if outer.listed is None:
                    self.send(404, b"")
                else:
                    self.send(200, json.dumps({"object": "list", "data": outer.listed}).encode())

            def known(self) -> bool:
                """Services repeat pieces of a wrong key."""
                if outer.key and self.headers.get("Authorization") != f"Bearer {outer.key}":
                    self.send(401, b'{"error":{"message":"bad key %s"}}' % self.headers["Authorization"].encode())
                    return False
                return True

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with outer.lock:
                    outer.requests.append(body)
                    outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                    outer.asked[self.headers.get("Idempotency-Key", "")] += 1
                    outer.elsewhere += "elsewhere" in self.path
                    fault = outer.faults.pop(0) if outer.faults else ""
                if not self.known():
                    return
                if body["model"] != outer.model:
                    self.send(404, b'{"error":{"message":"no such model"}}')
                    return
                if outer.delay:
                    time.sleep(outer.delay)
                with suppress(BrokenPipeError, ConnectionError):
                    self.misbehave(fault) if fault else self.good(body)

            def good(self, body: dict[str, Any]) -> None:
                self.send(200, json.dumps(outer.completion(outer.answer(body["messages"]))).encode())
                with outer.lock:
                    outer.delivered[self.headers.get("Idempotency-Key", "")] += 1

            def misbehave(self, fault: str) -> None:
                completion = outer.completion("<answer>h4</answer>")
                whole = json.dumps(completion).encode()
                if fault in SLOW:
                    self.slow(fault, whole)
                elif fault == "disconnect":
                    self.connection.shutdown(socket.SHUT_RDWR)
                elif fault in ("truncated", "cut off"):
                    self.start(200, len(whole) // 2 if fault == "truncated" else len(whole))
                    self.wfile.write(whole[: len(whole) // 2])
                    self.close_connection = True
                elif fault in ("huge", "endless error"):
                    self.start(200 if fault == "huge" else 500, FLOOD)
                    for _ in range(FLOOD >> 20):
                        self.wfile.write(b" " * (1 << 20))
                elif fault == "packed":
                    self.send(200, gzip.compress(whole), Content_Encoding="gzip")
                elif fault == "redirect":
                    self.send(307, b"", Location=(outer.other or outer.url) + "/elsewhere")
                elif fault in EDITED:
                    self.send(200, json.dumps(completion | EDITED[fault]).encode())
                elif fault in PLAIN:
                    status, text, headers = PLAIN[fault]
                    self.send(status, text, **headers)
                else:  # a status, with everything that was sent
                    self.send(int(fault), json.dumps({"error": {"message": str(self.headers)}}).encode())

            def slow(self, fault: str, whole: bytes) -> None:
                if fault == "drip headers":
                    whole = b"HTTP/1.1 200 OK\r\nX-Drip: " + b"x" * 10_000
                elif fault != "hang":
                    self.start(200, len(whole) if fault == "drip" else FLOOD)
                    whole = whole if fault == "drip" else b" " * 10_000
                else:
                    outer.over.wait(30)
                for byte in whole:
                    if outer.over.wait(0.02):
                        return
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()

            def start(self, status: int, size: int, **headers: str) -> None:
                self.send_response(status)
                for name, value in ({"Content-Type": "application/json"} | headers).items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(size))
                self.end_headers()

            def send(self, status: int, text: bytes, **headers: str) -> None:
                self.start(status, len(text), **headers)
                self.wfile.write(text)

        return Handler

    def completion(self, text: str) -> dict[str, Any]:
        """What the service sends for `text`."""
        message = {"role": "assistant", "content": text, "reasoning_content": "deep thoughts"}
        return {
            "id": "x",
            "object": "chat.completion",
            "created": 0,
            "model": self.model,
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": self.usage,
        }
