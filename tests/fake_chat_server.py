"""An OpenAI-compatible server on this machine that answers by a function, or misbehaves in every way we know of."""

from __future__ import annotations

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

FAULTS = (
    *("429", "429 later", "500", "503", "drip", "hang", "truncated", "empty body", "no choices", "wrong type"),
    *("disconnect", "redirect", "huge", "html", "bad utf-8", "list"),
)
"""Each fault that `FakeChatServer.faults` may hold."""


class FakeChatServer:
    """Serves until left; `faults` are done one after the other, then it answers well.

    Args:
        answer: the reply to the messages it is sent.
        model: the only one it knows.
        key: the only one it takes; empty: any.
    """

    def __init__(self, answer: Answer, *, model: str = "fake", key: str = "", delay: float = 0.0) -> None:
        self.answer, self.model, self.key, self.delay = answer, model, key, delay
        self.faults: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.delivered: Counter[str] = Counter()
        """whole good replies, by their idempotency key"""
        self.elsewhere = 0
        """requests that followed a redirect"""
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

            def log_message(self, *_: object) -> None: ...

            def do_GET(self) -> None:
                if "elsewhere" in self.path:
                    outer.elsewhere += 1
                if not self.known():
                    return
                models = {
                    "object": "list",
                    "data": [{"id": outer.model, "object": "model", "created": 0, "owned_by": "x"}],
                }
                self.send(200, json.dumps(models).encode())

            def known(self) -> bool:
                if outer.key and self.headers.get("Authorization") != f"Bearer {outer.key}":
                    self.send(401, b'{"error":{"message":"bad key %s"}}' % self.headers["Authorization"].encode())
                    return False
                return True

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with outer.lock:
                    outer.requests.append(body)
                    outer.headers.append(dict(self.headers))
                    fault = outer.faults.pop(0) if outer.faults else ""
                if "elsewhere" in self.path:
                    outer.elsewhere += 1
                if not self.known():
                    return
                if body["model"] != outer.model:
                    self.send(404, b'{"error":{"message":"no such model"}}')
                    return
                time.sleep(outer.delay)
                with suppress(BrokenPipeError, ConnectionError):
                    self.misbehave(fault) if fault else self.good(body)

            def good(self, body: dict[str, Any]) -> None:
                self.send(200, json.dumps(outer.completion(outer.answer(body["messages"]))).encode())
                with outer.lock:
                    outer.delivered[self.headers.get("Idempotency-Key", "")] += 1

            def misbehave(self, fault: str) -> None:
                whole = json.dumps(outer.completion("<answer>e4</answer>")).encode()
                if fault == "drip":
                    self.start(200, len(whole))
                    for byte in whole:
                        if outer.over.wait(0.05):
                            return
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                elif fault == "hang":
                    outer.over.wait(30)
                elif fault == "disconnect":
                    self.connection.shutdown(socket.SHUT_RDWR)
                elif fault == "redirect":
                    self.send(307, b"", Location=outer.url + "/elsewhere")
                elif fault == "huge":
                    self.send(200, json.dumps(outer.completion("x" * (5 << 20))).encode())
                else:
                    plain = {
                        "429": (429, b'{"error":{"message":"slow down"}}', {}),
                        "429 later": (429, b'{"error":{"message":"slow down"}}', {"Retry-After": "1"}),
                        "500": (500, b"oops", {}),
                        "503": (503, b"", {}),
                        "truncated": (200, whole[: len(whole) // 2], {}),
                        "empty body": (200, b"", {}),
                        "no choices": (200, json.dumps({**outer.completion(""), "choices": []}).encode(), {}),
                        "wrong type": (200, b'{"choices": 5}', {}),
                        "html": (200, b"<html><script>alert(1)</script>", {"Content-Type": "text/html"}),
                        "bad utf-8": (200, b'{"choices": "\xff\xfe"}', {}),
                        "list": (200, b"[1, 2, 3]", {}),
                    }
                    status, text, headers = plain[fault]
                    self.send(status, text, **headers)

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
            "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
        }
