"""Hostile text and hostile clients against everything that shows runs, line by line of HOSTILE (text, server).

The pages themselves are opened in a browser by `test_hostile_browser`; what a message can do to a ruling is tested by
`test_persuasion` and `test_referee_everywhere`, the door header by header by `test_door`.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents.agent import Reply
from agents.episode import Episode, to_record
from agents.play import Match, play
from agents.random_player import RandomPlayer
from envs import game_named
from envs.reply import format_reply
from tests.hostile_texts import EVERYTHING, FORBIDDEN, TEXTS
from tests.test_server import Served
from training.config import Config
from training.loggers import FileLogger
from training.run_folder import EPISODES, EVENTS, METRICS, RunFolder, create_run
from xueba import demo
from xueba.__main__ import main
from xueba.pages import replay_page
from xueba.shown import shown


def hostile_episode(text: str) -> Episode:
    """A game in which everything that can be said is `text`."""
    (episode,) = play(game_named("tic-tac-toe"), [Match(0, (RandomPlayer(), RandomPlayer()))], seed=1)
    turns = tuple(
        replace(turn, reply=Reply(format_reply(text, text), prompt=text), verdict=replace(turn.verdict, reason=text))
        for turn in episode.turns
    )
    return replace(episode, turns=turns, players=(text, text), ending=text)


def hostile_runs(root: Path) -> None:
    """A run, an answered problem and a tournament whose every text is hostile."""
    run = create_run(root, "hostile", Config())
    logger = FileLogger(run)
    logger.episodes(3, [hostile_episode(text) for text in (*TEXTS.values(), EVERYTHING)])
    rows = [{"step": n, "time": 1e9 + n, "eval/legal": 0.5, "rollout/illegal": 0.1, "rollout/illegal_count": 1.0,
             "rollout/illegal_of": 10.0, EVERYTHING: 1.0, "reward/" + EVERYTHING: 0.5} for n in range(3)]  # fmt: skip
    run.append(METRICS, rows)
    run.append(EVENTS, [{"step": 1, "time": 1e9, "kind": kind, "text": EVERYTHING} for kind in ("alarm", EVERYTHING)])
    config = json.loads((run.path / "config.json").read_text())
    (run.path / "versions.json").write_text(json.dumps({"python": EVERYTHING, "config": config}))
    table = root / "table"
    table.mkdir()
    (table / "tournament.json").write_text(
        json.dumps(
            {"kind": "arena", "world": "arena:no_referee", "asked": {"players": [EVERYTHING], "mode": EVERYTHING}}
        )
    )
    lines = []
    for number, episode in enumerate(demo.games().values()):
        turns = tuple(
            replace(
                turn,
                reply=replace(turn.reply, thought=EVERYTHING),
                verdict=replace(
                    turn.verdict,
                    said=EVERYTHING,
                    claims=tuple(replace(claim, quote=EVERYTHING, en=EVERYTHING) for claim in turn.verdict.claims),
                ),
            )
            for turn in episode.turns
        )
        record = to_record(replace(episode, number=number, turns=turns, players=(EVERYTHING, EVERYTHING[::-1])))
        lines.append(json.dumps({"step": 0, **record}) + "\n")
    (table / EPISODES).write_text("".join(lines))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hostile")
    hostile_runs(root)
    return root


@pytest.fixture(scope="module")
def served(root: Path) -> Iterator[Served]:
    server = Served(root)
    yield server
    server.stop()


@pytest.mark.parametrize("name", TEXTS)
def test_the_data_in_a_page_ends_no_script_and_names_no_address(name: str) -> None:
    text = replay_page(shown(hostile_episode(TEXTS[name])), TEXTS[name], TEXTS[name])
    head, _, rest = text.partition('<script type="application/json" id="data">')
    data, _, code = rest.partition("</script>")
    assert not {"<", ">", "&"} & set(data)
    json.loads(data)
    assert head.count("<script") == 0
    assert code.count("<script>") == 1
    assert "<img" not in head.split("<body")[1]


@pytest.mark.parametrize(
    "words",
    [
        ("games",),
        ("games", "--json"),
        ("games", "--where", "flag=pawn_as_knight"),
        ("list", "runs"),
        ("report", "hostile"),
        ("report", "table"),
        *(("watch", "hostile", "--game", str(number)) for number in range(1, len(TEXTS) + 2)),
    ],
)
def test_no_terminal_gets_more_than_text(
    root: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    main([*words, "--runs", str(root)])
    both = "".join(capsys.readouterr())
    assert both
    assert not FORBIDDEN & set(both), sorted(map(ord, FORBIDDEN & set(both)))
    for name in ("report.md",):
        for path in root.rglob(name):
            assert not FORBIDDEN & set(path.read_text())


def test_a_line_break_forges_no_line(root: Path) -> None:
    run = RunFolder(root / "hostile")
    assert [row["step"] for row in run.metrics()] == [0, 1, 2]
    assert len(run.events()) == 2
    assert len(list(run.episodes())) == len(TEXTS) + 1


def test_ten_megabytes_are_cut_wherever_they_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = create_run(tmp_path, "long", Config())
    FileLogger(run).episodes(1, [hostile_episode("y" * 300_000)])
    with (run.path / EPISODES).open("a") as file:
        file.write(json.dumps({"step": 1, **to_record(hostile_episode("x" * 10_000_000))}) + "\n")
    began = time.monotonic()
    for words in (("games",), ("report", "long"), ("watch", "long", "--game", "1")):
        main([*words, "--runs", str(tmp_path)])
    assert len("".join(capsys.readouterr())) < 50_000
    assert (run.path / "report.html").stat().st_size < 2_000_000
    assert time.monotonic() - began < 60


# the server


def raw(port: int, request: bytes, seconds: float = 5) -> bytes:
    """What is answered to these very bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(request)
        found = b""
        try:
            while part := connection.recv(65536):
                found += part
        except TimeoutError:
            pass
        return found


def test_it_listens_to_this_machine_alone(served: Served) -> None:
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", served.port), timeout=2)


@pytest.mark.parametrize(
    "head",
    [
        b"Host: evil.example",
        b"Host: 127.0.0.1:%d\r\nHost: evil.example",
        b"Host: 127.0.0.1:%d, evil.example",
        b"Host:",
        b"Host: \xff\xfe",
        b"X: y",
        b"Host: 127.0.0.1:%d\r\n folded: evil.example",
        b"Host : 127.0.0.1:%d",
        b"Host: 127.0.0.1:%d\r\nOrigin: null",
        b"Host: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1.evil.example",
        b"Host: 127.0.0.1:%d\r\nSec-Fetch-Site: cross-site",
        b"Host: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nOrigin: http://evil.example",
    ],
)
def test_hosts_and_origins_as_raw_bytes(served: Served, head: bytes) -> None:
    head = head.replace(b"%d", str(served.port).encode())
    for method in (b"GET", b"POST", b"PUT", b"DELETE"):
        answer = raw(
            served.port,
            b"%s /api/runs HTTP/1.1\r\n%s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % (method, head),
        )
        upgrade = b"Upgrade" in head and method == b"GET"
        refused = answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")) or answer == b""
        assert refused or (upgrade and b"101" not in answer[:20]), answer[:200]


@pytest.mark.parametrize(
    "path",
    [
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/..%2f..%2fpyproject.toml",
        "/static/%252e%252e%252fpyproject.toml",
        "/static/../../pyproject.toml",
        "/static//etc/passwd",
        "/static/%00index.html",
        "/static/..\\..\\pyproject.toml",
        "/api/config?run=..",
        "/api/config?run=%2e%2e%2fetc",
        "/api/config?run=/etc",
        "/api/config?run=leak",
        "/api/game?run=hostile&game=99999999999999999999",
        "/api/game?run=hostile%00",
        "/api/games?said=%22%27%3B%20drop%20table%20game",
    ],
)
def test_no_address_leads_out_of_the_runs(served: Served, root: Path, path: str) -> None:
    outside = root.parent / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "config.json").write_text('{"game": "secret"}')
    if not (root / "leak").exists():
        (root / "leak").symlink_to(outside, target_is_directory=True)
    answer = raw(
        served.port, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nConnection: close\r\n\r\n".encode()
    )
    assert b"HTTP/1.1 4" in answer[:12] or path.startswith("/api/games"), answer[:100]
    assert b"secret" not in answer
    assert b"root:" not in answer
    assert b"[project]" not in answer
    assert b"content-security-policy" in answer.lower() or b"400 Bad Request" in answer[:40]
    assert served.ask("/api/shares")["replies"] > 0


@pytest.mark.slow
def test_slow_clients_hold_up_nobody_and_are_left(served: Served) -> None:
    """Requests that come byte by byte: everybody else is served at once, and they do not last for ever."""
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(100)]
    for connection in slow:
        connection.sendall(b"GET /api/runs HTTP/1.1\r\nHost: 127.0.0.1")
    times = []
    for _ in range(20):
        began = time.monotonic()
        served.ask("/api/runs")
        times.append(time.monotonic() - began)
    assert sorted(times)[10] < 1
    end = time.monotonic() + 40
    for connection in slow:
        connection.settimeout(max(0.1, end - time.monotonic()))
        assert not connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.close()
    assert time.monotonic() < end
    assert served.ask("/api/runs")


@pytest.mark.slow
def test_a_thousand_clients_leave_no_trace(served: Served) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    status = Path(f"/proc/{served.process.pid}")
    before = len(list((status / "fd").iterdir()))
    request = f"GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n\r\n".encode()
    try:
        for _ in range(4):
            clients = []
            for _ in range(250):
                connection = socket.create_connection(("127.0.0.1", served.port), timeout=10)
                connection.sendall(request)
                clients.append(connection)
            assert served.get("/")[0] in (200, 503)
            for connection in clients:
                connection.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    end = time.monotonic() + 30
    while (after := len(list((status / "fd").iterdir()))) > before + 10 and time.monotonic() < end:
        time.sleep(0.5)
    assert after <= before + 10
    assert served.ask("/api/runs")


CANARY = "sk-canary-7f3a9b2e41d8"


@pytest.mark.slow
def test_no_key_gets_into_anything(tmp_path: Path) -> None:
    """A planted key is in the environment of training, a match and the dashboard, and in nothing that they write."""
    from tests.fake_chat_server import FakeChatServer

    env = os.environ | dict.fromkeys(("OPENAI_API_KEY", "WANDB_API_KEY", "HF_TOKEN", "ANTHROPIC_API_KEY"), CANARY)
    env |= {"WANDB_MODE": "offline", "WANDB_ERROR_REPORTING": "false", "PYTHONFAULTHANDLER": "1"}
    runs, said = tmp_path / "runs", b""

    def do(*words: str) -> bytes:
        code = "import sys; from xueba.__main__ import main; sys.exit(main(sys.argv[1:]))"
        done = subprocess.run(
            [sys.executable, "-c", code, *words, "--runs", str(runs)],
            env=env, cwd=tmp_path, capture_output=True, timeout=240, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr

    small = "--model.layers 1 --model.width 16 --model.heads 2 --model.kv-heads 1 --model.hidden 16 --play.games 4"
    small += " --search.simulations 4 --warm-up.steps 2 --iterations 1 --threads 1"
    said += do("train", "tic-tac-toe", "--name", "run", *small.split(), "--log", "file,tensorboard")
    with FakeChatServer(lambda _: "<answer>e4</answer>", key=CANARY) as server:
        said += do("arena", f"chat:fake@{server.url}", "honest", "--games", "2", "--plies", "6", "--name", "table")
        server.faults += ["401", "500", "truncated"]
        said += do(
            "arena", f"chat:fake@{server.url}", "honest", "--games", "2", "--plies", "6", "--name", "faulty", "--debug"
        )
    said += do("report", "run") + do("export", "table/1", "--html") + do("games", "--json")
    os.environ["OPENAI_API_KEY"] = CANARY
    try:
        dashboard = Served(runs)
    finally:
        del os.environ["OPENAI_API_KEY"]
    for path in ("/", "/api/runs", "/api/config?run=run", "/api/config?run=table", "/api/events?run=run", "/api/games"):
        said += dashboard.get(path)[1]
    children = subprocess.run(["ps", "-ef"], capture_output=True, check=False).stdout
    dashboard.stop()
    assert (runs / "table" / EPISODES).is_file()
    assert CANARY.encode() not in said
    assert CANARY.encode() not in children
    leaks = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert leaks == []
