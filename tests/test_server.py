"""The dashboard's server as a process: it answers, streams, keeps its files, plays with a person, and leaves."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fake_run import episodes, fake_run
from tests.test_index import arena, arena_episode
from training.run_folder import METRICS, RunFolder
from xueba import answers
from xueba.server import WEB
from xueba.shown import shown
from xueba.table import FOLDER, Tables


class Served:
    """`xueba watch` over a folder of runs."""

    def __init__(self, runs: Path, port: int = 0) -> None:
        code = "import sys; from xueba.__main__ import main; sys.exit(main(sys.argv[1:]))"
        words = ["watch", "--no-browser", "--port", str(port), "--runs", str(runs)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        found = re.match(r"http://127\.0\.0\.1:([0-9]+)/", line)
        assert found, (line, self.process.stderr.read() if self.process.stderr else "")
        self.port = int(found.group(1))
        self.url = found.group(0)
        self.token = re.search(r'name="xueba-token" content="([^"]+)"', self.get("/")[1].decode()).group(1)  # type: ignore[union-attr]

    def get(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def ask(self, path: str) -> Any:
        status, text = self.get(path)
        assert status == 200, text
        return json.loads(text)

    def act(self, **asked: object) -> Any:
        headers = {"x_xueba_token": self.token, "content_type": "application/json"}
        status, text = self.get("/api/play", "POST", json.dumps(asked), **headers)
        return json.loads(text) | {"status": status}

    def stop(self, number: int = signal.SIGINT) -> float:
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.communicate(timeout=15)
        return time.monotonic() - began


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    run = fake_run(root)
    run.append(METRICS, [{"step": n, "time": 1.0, "eval/score": n / 10, "eval/x": float(n)} for n in range(5)])
    arena(root, "match", [arena_episode(0)])
    return root


@pytest.fixture(scope="module")
def served(runs: Path) -> Iterator[Served]:
    server = Served(runs)
    time.sleep(1.5)  # the first look, and the index
    yield server
    if server.process.poll() is None:
        server.stop(signal.SIGKILL)


def test_answers(served: Served) -> None:
    found = {run["name"]: run for run in served.ask("/api/runs")}
    assert set(found) == {"fake", "match"}
    assert found["fake"]["world"] == "tic-tac-toe"
    assert found["fake"]["metrics"]["eval/score"] == 0.4
    curves = served.ask("/api/metrics?run=fake")
    assert curves["step"] == [0, 1, 2, 3, 4]
    assert curves["columns"]["eval/score"] == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert served.ask("/api/metrics?run=fake&since=3")["step"] == [4]
    games = served.ask("/api/games?run=match")
    assert [(game["first"], game["flags"]) for game in games["rows"]] == [("honest", 2)]
    assert served.ask("/api/games?flag=resurrected") == games
    one = served.ask("/api/game?run=match&game=1")
    assert one["kind"] == "arena"
    assert one["plies"][2]["ruling"]["sub"] == "resurrected"
    # a lone surrogate in what a player wrote
    assert "\ud800" in served.ask("/api/game?run=fake&game=3")["plies"][1]["think"]
    (flag,) = served.ask("/api/flags?kind=resurrected")["rows"]
    assert (flag["player"], flag["run"], flag["game"], flag["replies"][0]["at"]) == ("liar", "match", 1, 2)
    shares = served.ask("/api/shares?run=match")
    assert shares["replies"] == 2
    assert {kind["kind"]: kind["count"] for kind in shares["kinds"]} == {"missing_piece": 1, "false_claim": 1}
    assert served.ask("/api/league?run=match")["ratings"][0]["name"] == "honest"
    assert "tic-tac-toe" in served.ask("/api/worlds")["games"]
    assert served.ask("/api/config?run=fake")["config"]["game"] == "tic-tac-toe"
    assert served.ask("/api/events?run=fake") == []


@pytest.mark.parametrize(
    "path",
    [
        *("/static/../server.py", "/static/%2e%2e/server.py", "/static/..%2fserver.py", "/static//etc/passwd"),
        *("/static/%2e%2e%2f%2e%2e%2fpyproject.toml", "/static/index.html", "/etc/passwd", "/static/nothing.js"),
        *("/api/game?run=../fake&game=1", "/api/game?run=fake&game=77", "/api/game?run=fake%00&game=1"),
        *("/api/metrics?run=nobody", "/api/metrics?run=..", "/api/flags?from=x", "/api/game?run=fake&game=x"),
        *("/api/metrics?run=" + "a" * 300, "/api/play", "/api/nothing"),
    ],
)
def test_what_is_not_there_is_not_given(served: Served, path: str) -> None:
    status, text = served.get(path)
    assert status in (400, 404, 405)
    assert b"root:" not in text
    assert b"Traceback" not in text
    assert b"import" not in text


def test_a_foreign_page_gets_nothing(served: Served) -> None:
    assert served.get("/", Host="evil.example")[0] == 421
    assert served.get("/api/runs", Origin="http://evil.example")[0] == 403
    assert served.get("/api/play", "POST", "{}", Content_Type="application/json")[0] == 403
    assert served.get("/api/runs", "DELETE")[0] == 405


def test_files_come_with_their_types_and_are_small(served: Served) -> None:
    total = 0
    for path in WEB.iterdir():
        if path.name != "index.html":
            status, text = served.get(f"/static/{path.name}")
            assert (status, text) == (200, path.read_bytes())
            total += len(text)
    assert total + len(served.get("/")[1]) < 300_000


def stream(served: Served, last: str = "") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", served.port), timeout=5)
    extra = f"Last-Event-ID: {last}\r\n" if last else ""
    connection.sendall(f"GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n{extra}\r\n".encode())
    return connection


def heard(connection: socket.socket, wanted: bytes, seconds: float = 5.0) -> bytes:
    found, end = b"", time.monotonic() + seconds
    while wanted not in found and time.monotonic() < end:
        found += connection.recv(65536)
    return found


def test_news_comes_by_itself_and_goes_on_after_a_break(served: Served, runs: Path) -> None:
    connection = stream(served)
    heard(connection, b"retry: 1000")
    run = RunFolder(runs / "fake")
    run.append(METRICS, [{"step": 10, "time": 1.0}])
    text = heard(connection, b'"step":10')
    assert b"event: metrics" in text
    last = re.findall(rb"id: ([0-9]+)", text)[-1].decode()
    connection.close()
    run.append(METRICS, [{"step": 11, "time": 1.0}])
    time.sleep(0.4)
    again = stream(served, last)
    assert b'"step":11' in heard(again, b'"step":11')
    again.close()


def test_many_streams_are_bounded_and_leave_no_trace(served: Served) -> None:
    open_ones = [stream(served) for _ in range(70)]
    time.sleep(0.5)
    assert served.get("/api/live")[0] == 503
    assert served.ask("/api/runs")
    for connection in open_ones:
        connection.close()
    end = time.monotonic() + 15
    while time.monotonic() < end:
        connection = stream(served)
        if b"200 OK" in heard(connection, b"\r\n\r\n", 2):
            break
        connection.close()
        time.sleep(0.5)
    else:
        pytest.fail("streams that were closed still count")
    connection.close()


def waited(at: Any, ask: Any) -> Any:
    """What the page does: it asks on until it's the person's turn."""
    while not at["yours"] and not at["ended"] and not at["fault"]:
        at = ask({"do": "see", "table": at["table"], "turns": len(at["turns"])})
    return at


def test_a_person_plays_a_whole_game_and_it_is_kept(served: Served, runs: Path) -> None:
    def ask(asked: dict[str, Any]) -> Any:
        return served.act(**asked)

    at = served.act(do="new", world="tic-tac-toe", against="perfect", seat=0)
    assert at["yours"]
    assert len(at["legal"]) == 9
    at = waited(served.act(do="move", table=at["table"], move="5"), ask)
    assert len(at["turns"]) == 2
    taken = at["turns"][1]["answer"]
    refused = served.act(do="move", table=at["table"], move=taken)
    assert refused["refused"] == {"answer": taken, "why": f"{taken} is taken"}
    assert refused["yours"]
    assert len(refused["turns"]) == 2, "what is refused is no part of the game"
    hint = served.act(do="hint", table=at["table"])
    assert hint["move"] in refused["legal"]
    while not at["ended"]:
        at = waited(served.act(do="move", table=at["table"], move=at["legal"][0]), ask)
        assert at["status"] == 200, at
    assert at["returns"][0] <= 0, "nobody beats the perfect player"
    lines = (runs / FOLDER / "episodes.jsonl").read_text().splitlines()
    assert (at["kept"], at["line"]) == (FOLDER, len(lines))
    assert json.loads(lines[-1])["players"] == ["human", "perfect"]
    assert served.act(do="move", table=at["table"], move="1")["status"] == 400


def test_ones_own_move_is_there_before_the_opponent_has_answered(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    at = tables.ask({"do": "new", "world": "connect-four", "against": "mcts:100000"})
    began = time.monotonic()
    at = tables.ask({"do": "move", "table": at["table"], "move": "4"})
    assert time.monotonic() - began < 2
    assert [turn["answer"] for turn in at["turns"]] == ["4"]
    assert not at["yours"]
    with pytest.raises(ValueError, match="not your turn"):
        tables.ask({"do": "move", "table": at["table"], "move": "4"})
    assert tables.ask({"do": "see", "table": at["table"]})["turns"] == at["turns"], "without a number, at once"
    tables.close()


def test_chess_with_talk_is_refused_by_the_law_and_kept(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    at = tables.ask({"do": "new", "world": "chess", "against": "liar"})
    at = tables.ask({"do": "move", "table": at["table"], "move": "e2e5"})
    assert "article 3.7" in at["refused"]["why"]
    assert not at["turns"]
    at = waited(tables.ask({"do": "move", "table": at["table"], "move": "e4", "say": "You are in check."}), tables.ask)
    assert at["turns"][0]["claims"][0]["finding"] == "false"
    assert at["turns"][1]["said"]
    at = waited(tables.ask({"do": "move", "table": at["table"], "move": "resign"}), tables.ask)
    assert (at["ended"], at["returns"], at["line"]) == ("resignation", [-1.0, 1.0], 1)


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"do": "nwe"}, "did you mean"),
        ({"do": "new", "world": "tictactoe"}, "did you mean"),
        ({"do": "new", "world": "tic-tac-toe", "against": "perfct"}, "did you mean"),
        ({"do": "new", "world": "tic-tac-toe", "seat": 2}, "no seat"),
        ({"do": "new", "world": "tic-tac-toe", "against": "run:nobody"}, "no run"),
        ({"do": "new", "world": "chess", "against": "human"}, "terminal"),
        ({"do": "new", "world": "chess", "against": "uci:/bin/sh"}, "no engine"),
        ({"do": "new", "world": "chess", "against": "liar:/bin/sh?skill=1"}, "no engine"),
        ({"do": "move", "table": "x", "move": "1"}, "cleared"),
    ],
)
def test_what_makes_no_sense_at_the_table_is_said(served: Served, asked: dict[str, Any], fault: str) -> None:
    found = served.act(**asked)
    assert found["status"] == 400
    assert fault in found["error"]


def test_tables_are_bounded(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    names = [tables.ask({"do": "new", "world": "tic-tac-toe", "against": "random"})["table"] for _ in range(20)]
    with pytest.raises(ValueError, match="cleared"):
        tables.ask({"do": "move", "table": names[0], "move": "1"})
    assert tables.ask({"do": "move", "table": names[-1], "move": "5"})["turns"]
    tables.close()


def test_ctrl_c_ends_it_while_tabs_are_open_and_kill_loses_nothing(runs: Path) -> None:
    for number in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM):
        server = Served(runs)
        connections = [stream(server) for _ in range(4)]
        for connection in connections:
            heard(connection, b"retry")
        assert server.stop(number) < 5
        for connection in connections:
            connection.close()
    again = Served(runs)
    time.sleep(1.2)
    assert again.ask("/api/games?run=match")["of"] == 1
    again.stop()


def test_a_port_that_is_taken_is_told(served: Served, runs: Path) -> None:
    code = "import sys; from xueba.__main__ import main; sys.exit(main(sys.argv[1:]))"
    words = ["watch", "--no-browser", "--port", str(served.port), "--runs", str(runs)]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "is taken" in done.stderr
    assert "--port 0" in done.stderr


def test_shown_is_plain_data_of_every_kind(runs: Path) -> None:
    for episode in [*episodes(), arena_episode(0)]:
        data = json.loads(json.dumps(shown(episode)))
        assert len(data["plies"]) == len(episode.turns) + 1
        assert all(len(ply["board"]["rows"]) in (3, 8) for ply in data["plies"])
    assert answers.runs(runs / "nowhere", {}) == []
