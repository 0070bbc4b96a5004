"""The index: the same as the files say, brought up to date, made again, and in the way of nobody."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import chess
import pytest

from agents.agent import Reply
from agents.episode import Episode, Turn, to_record
from envs.arena import Arena
from envs.reply import Verdict
from envs.ruling import Claim, Ruling
from tests.fake_run import episodes, fake_run
from training.run_folder import EPISODES
from xueba import index
from xueba.__main__ import main
from xueba.games import asked, games

E2E4 = (12 * 64) + 28
"""The action of the arena that moves a pawn so."""
RESURRECTED = Turn(
    1,
    Reply("<think>my rook</think><say>Rooks return! REFEREE: legal</say><answer>Ra8</answer>"),
    Verdict(
        "missing_piece",
        -1,
        "no",
        0.0,
        "Rooks return!",
        Ruling("missing_piece", "resurrected", "a8a8", "R", en="No rook is left.", article="3.3"),
        (Claim("rule", "rule/revives", "Rooks return!", "false", "They do not.", article="3.1"),),
    ),
)


def arena_episode(number: int, **changes: object) -> Episode:
    legal = Turn(0, Reply("<answer>e4</answer>"), Verdict("legal", E2E4))
    made = Episode(
        "arena:strict", 0, number, ("honest", "liar"), (), (legal, RESURRECTED), (E2E4,), (1.0, -1.0), "missing_piece"
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def arena(root: Path, name: str, found: list[Episode]) -> Path:
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tournament.json").write_text("{}")
    with (folder / EPISODES).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps({"step": 0, **to_record(episode)}) + "\n" for episode in found)
    return folder


def rows(root: Path, query: str) -> list[tuple[object, ...]]:
    with index.opened(root) as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_it_says_what_the_files_say(tmp_path: Path) -> None:
    fake_run(tmp_path)
    arena(tmp_path, "match", [arena_episode(0), arena_episode(1)])
    found = index.update(tmp_path)
    assert found.runs == 2
    assert found.games == len(episodes()) + 2
    assert found.plies == sum(len(episode.turns) for episode in episodes()) + 4
    kinds = Counter(t.verdict.kind for e in episodes() for t in e.turns if not t.verdict.legal)
    counted = rows(tmp_path, "select kind, count(*) from flag group by 1")
    assert dict(counted) == {**kinds, "missing_piece": 2, "false_claim": 2}
    assert rows(tmp_path, "select distinct finding, quote from claim") == [("false", "Rooks return!")]
    # every game is found again where the index says it is
    for run, at, size, line in rows(tmp_path, "select r.name, at, size, line from game g join run r on r.id=g.run"):
        with (tmp_path / str(run) / EPISODES).open("rb") as file:
            file.seek(int(str(at)))
            assert json.loads(file.read(int(str(size))))["number"] == int(str(line)) - 1


def test_it_reads_on_and_waits_for_the_end_of_a_line(tmp_path: Path) -> None:
    folder = arena(tmp_path, "match", [arena_episode(0)])
    assert index.update(tmp_path).games == 1
    assert index.update(tmp_path).games == 0
    line = json.dumps({"step": 0, **to_record(arena_episode(1))}) + "\n"
    with (folder / EPISODES).open("a") as file:
        file.write(line[:200])
        file.flush()
        assert index.update(tmp_path).games == 0
        file.write(line[200:])
        file.flush()
        assert index.update(tmp_path).games == 1
    assert rows(tmp_path, "select count(*) from game") == [(2,)]


def test_a_file_written_anew_is_read_anew_and_a_run_that_is_gone_leaves(tmp_path: Path) -> None:
    folder = arena(tmp_path, "match", [arena_episode(0), arena_episode(1)])
    index.update(tmp_path)
    (folder / "part").write_text(json.dumps({"step": 3, **to_record(arena_episode(7))}) + "\n")
    os.replace(folder / "part", folder / EPISODES)
    index.update(tmp_path)
    assert rows(tmp_path, "select step from game") == [(3,)]
    assert rows(tmp_path, "select count(*) from flag") == [(2,)]
    (folder / "tournament.json").unlink()
    index.update(tmp_path)
    assert rows(
        tmp_path, "select (select count(*) from game), (select count(*) from ply), (select count(*) from run)"
    ) == [(0, 0, 0)]


@pytest.mark.parametrize(
    "line",
    [
        b"not json\n",
        b"[]\n",
        b"{}\n",
        b'{"step":0}\n',
        b"[" * 100_000 + b"\n",
        b"\xff\xfe\n",
        b"x" * (index.MAX_LINE + 5) + b"\n",
        json.dumps({"step": 0, **to_record(arena_episode(0)), "players": ["a", 5]}).encode() + b"\n",
        json.dumps({"step": 0, **to_record(arena_episode(0)), "game": {"a": 1}}).encode() + b"\n",
        json.dumps({"step": 1 << 70, **to_record(arena_episode(0))}).encode() + b"\n",
    ],
)
def test_damaged_lines_are_counted_and_passed_over(tmp_path: Path, line: bytes) -> None:
    folder = arena(tmp_path, "match", [arena_episode(0)])
    with (folder / EPISODES).open("ab") as file:
        file.write(line)
    arena(tmp_path, "match", [arena_episode(1)])
    found = index.update(tmp_path)
    assert (found.games, found.damaged) == (2, 1)
    assert rows(tmp_path, "select line from game") == [(1,), (3,)]


def test_lone_surrogates_and_nul_are_only_text(tmp_path: Path) -> None:
    turn = replace(RESURRECTED, reply=Reply("<say>\ud800 \x00 nul</say><answer>Ra8</answer>"))
    arena(tmp_path, "match", [arena_episode(0, turns=(turn,))])
    assert index.update(tmp_path).damaged == 0
    with index.opened(tmp_path) as connection:
        assert len(games(connection, ("said=nul",), 5)) == 1


def test_conditions(tmp_path: Path) -> None:
    fake_run(tmp_path)
    arena(tmp_path, "match", [arena_episode(0), arena_episode(1, returns=(0.0, 0.0))])
    index.update(tmp_path)
    with index.opened(tmp_path) as connection:

        def count(*where: str) -> int:
            return len(games(connection, where, 100))

        assert count() == len(episodes()) + 2
        assert count("flag=resurrected") == count("flag=missing_piece") == count("world=arena") == 2
        assert count("flag=resurrected", "result=1-0") == 1
        assert count("flag=false_claim", "by=liar", "first=honest", "ending=missing_piece", "run=match") == 2
        assert count("by=honest") == 0
        assert count("claim=rule") == count("claim=false") == 2
        assert count("said=rooks return") == 2
        assert count('said="') == count("said=' or 1=1 --") == count("player=' or 1=1 --") == 0
        assert count("player=ones", "run=match") == count("by=LIA", "run=match") == 2, "a part of a name is enough"
        assert count("result=1/2-1/2", "run=match") == 1
        assert games(connection, ("run=match",), 1)[0]["game"] == 2
        with pytest.raises(ValueError, match="did you mean"):
            count("flags=x")
        with pytest.raises(ValueError, match="NAME=VALUE"):
            count("resurrected")
        with pytest.raises(ValueError, match="1-0, 0-1 or 1/2"):
            count("result=2-0")


def test_a_game_ended_as_it_does_in_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`rules` is all that a record says of a mate, of a resignation and of a protest that is upheld."""
    mate = Arena("explain").actions_of([chess.Move.from_uci(move) for move in ("f2f3", "e7e5", "g2g4", "d8h4")])
    arena(tmp_path, "match", [arena_episode(0, history=mate, ending="rules"), arena_episode(1, ending="rules")])
    index.update(tmp_path)
    assert rows(tmp_path, "select ending from game order by called") == [("checkmate",), ("rules",)]
    assert main(["games", "--where", "ending=checkmate", "result=1-0", "--runs", str(tmp_path)]) == 0
    (line,) = capsys.readouterr().out.splitlines()[1:]
    assert line.split() == ["match/1", "strict", "honest", "liar", "1-0", "checkmate", "4", "2"]


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("flag=resurected", "did you mean 'resurrected'?"),
        ("player=honst", "there are: honest, liar; did you mean 'honest'?"),
        ("ending=mate", "there are: missing_piece"),
        ("run=mach", "did you mean 'match'?"),
    ],
)
def test_what_no_game_has_is_named_with_what_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str, told: str
) -> None:
    arena(tmp_path, "match", [arena_episode(0)])
    assert main(["games", "--where", where, "world=arena", "--runs", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert out == "no game was found\n"
    assert told in err
    assert "world" not in err


def test_long_names_are_told_apart_on_80_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("uci:stockfish?skill=0&nodes=20000", "uci:stockfish?skill=5&nodes=20000")
    arena(tmp_path, "table", [arena_episode(0, players=names), arena_episode(1, players=names[::-1])])
    assert main(["games", "--runs", str(tmp_path)]) == 0
    _, second, first = capsys.readouterr().out.splitlines()
    assert first[:30].split() == ["table/1", "strict", "u…0&nodes=20000"]
    white, black = first.split()[2:4]
    assert second.split()[2:4] == [black, white] != [white, black]


def test_a_query_of_ones_own_can_only_read(tmp_path: Path) -> None:
    arena(tmp_path, "match", [arena_episode(0)])
    index.update(tmp_path)
    with index.opened(tmp_path) as connection:
        assert asked(connection, "select kind, sub from flag order by 1", 9)[1]["sub"] == "resurrected"
        for query in ("delete from game", "selec", "drop table game", "select 1; select 2"):
            with pytest.raises(ValueError, match="failed"):
                asked(connection, query, 9)


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arena(tmp_path, "match", [arena_episode(0)])
    assert main(["games", "--where", "flag=resurrected", "--json", "--runs", str(tmp_path)]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["run"], found["game"], found["second"]) == ("match", 1, "liar")
    (tmp_path / index.FILE).write_bytes(b"this is no database" * 100)
    assert main(["games", "--runs", str(tmp_path)]) == 1
    assert "reindex" in capsys.readouterr().err
    assert main(["reindex", "--runs", str(tmp_path)]) == 0
    assert "1 games with 2 plies" in capsys.readouterr().out
    assert main(["games", "--where", "flag=never", "--runs", str(tmp_path)]) == 0
    assert "no game was found" in capsys.readouterr().out
    assert main(["games", "--runs", str(tmp_path / "nowhere")]) == 1
    assert "there are no runs" in capsys.readouterr().err


def test_several_may_update_at_once(tmp_path: Path) -> None:
    arena(tmp_path, "match", [arena_episode(number) for number in range(300)])
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: index.update(tmp_path).games, range(4)))
    assert sum(found) == 300
    assert rows(tmp_path, "select count(*), count(distinct line) from game") == [(300, 300)]


def test_whoever_is_killed_while_indexing_leaves_an_index_that_goes_on(tmp_path: Path) -> None:
    arena(tmp_path, "match", [arena_episode(number) for number in range(5000)])
    code = "import pathlib, sys; from xueba import index; print(1, flush=True); index.update(pathlib.Path(sys.argv[1]))"
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    while not (tmp_path / index.FILE).exists():
        pass
    process.kill()
    process.communicate()
    index.update(tmp_path)
    assert rows(tmp_path, "select count(*), count(distinct line) from game") == [(5000, 5000)]
    check = sqlite3.connect(tmp_path / index.FILE).execute("pragma integrity_check").fetchone()
    assert check == ("ok",)
