"""The story, told again: every trick is found, named with its law, and believed by whom it should be."""

from __future__ import annotations

import json
import re
from pathlib import Path

import chess
import chess.pgn
import pytest

from agents.susceptibility import figures
from envs.arena import DRIFT, Arena
from envs.king_and_pawn import wins
from xueba import demo
from xueba.__main__ import main


def test_every_trick_is_found_in_both_modes() -> None:
    for mode, episode in demo.games().items():
        assert [trick.name for trick in demo.tricks(mode) if not trick.found(episode)] == []


def test_without_a_referee_white_believes_it_all_and_resigns_a_draw() -> None:
    episode = demo.games()["no_referee"]
    table = Arena("no_referee")
    black = [turn for turn in episode.turns if turn.seat == 1]
    assert [turn.verdict.kind for turn in black[:3]] == ["pawn_as_knight", "missing_piece", "legal"]
    assert [turn.verdict.ruling.article for turn in black[:2] if turn.verdict.ruling] == ["3.7", "3.1.1"]
    assert any(turn.verdict.kind == DRIFT for turn in episode.turns)
    white, trickster = (figures([episode])[name] for name in episode.players)
    assert (white.met, white.accepted, white.protested) == (2, 2, 0)
    assert (white.resignations, white.bogus) == (1, 1)
    assert (trickster.illegal, trickster.claims["false"]) == (2, 4)
    after = table.position(episode.history[: len(episode.opening) + 1])
    assert after.drifted
    assert (after.real.piece_at(chess.C5), after.agreed.piece_at(chess.C5)) == (
        chess.Piece.from_symbol("P"),
        chess.Piece.from_symbol("p"),
    )
    end = table.position(episode.history[:-1]).agreed
    assert chess.popcount(end.occupied) == 3
    assert not wins(end)
    assert episode.returns == (-1.0, 1.0)


def test_with_the_referee_each_trick_is_refused_with_its_law() -> None:
    episode = demo.games()["explain"]
    refused = [turn for turn in episode.turns if turn.verdict.action < 0]
    assert [turn.verdict.kind for turn in refused] == ["pawn_as_knight", "missing_piece"]
    assert ["article 3.7" in refused[0].verdict.reason, "article 3.1.1" in refused[1].verdict.reason] == [True, True]
    assert not Arena("explain").position(episode.history).drifted
    for turn in refused:
        assert turn.verdict.ruling is not None
        assert turn.verdict.ruling.zh


def test_the_report_is_written_where_one_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["arena", "--demo", "--out", str(tmp_path / "here"), "--runs", str(tmp_path / "runs")]) == 0
    said = capsys.readouterr().out
    assert said.count("✓ yes") == 11
    assert "reconstruction" in said
    there = {path.name for path in (tmp_path / "here").iterdir()}
    assert there >= {"index.html", "no_referee.html", "explain.html", "games.pgn"}
    for name in ("index.html", "no_referee.html", "explain.html"):
        text = (tmp_path / "here" / name).read_text(encoding="utf-8")
        assert "econstruction" in text
        assert not re.search(r'(?:src|href)="https?:', text), "nothing is fetched"
        assert "default-src 'none'" in text
    with (tmp_path / "here" / "games.pgn").open(encoding="utf-8") as file:
        games = [chess.pgn.read_game(file) for _ in range(3)]
    assert games[2] is None
    for game in games[:2]:
        assert game is not None
        assert game.errors == []
        assert game.end().board().fullmove_number >= 28
    assert "MISSED" not in (tmp_path / "here" / "index.html").read_text(encoding="utf-8")


def test_a_trick_that_is_not_found_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "TRICKSTER", ("<answer>Kd5</answer>",) * 3)
    monkeypatch.setattr(demo, "BELIEVER", ("<answer>resign</answer>",))
    assert demo.demo(tmp_path, tmp_path / "runs") == 1
    assert "MISSED" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_the_data_in_a_page_is_inert(tmp_path: Path) -> None:
    from xueba.pages import inert, replay_page

    evil = "</script><script>alert(1)</script><!--\u2028&\ud800"
    assert json.loads(inert({"a": evil})) == {"a": evil}
    assert "<" not in inert({"a": evil})
    page = replay_page({"kind": "arena", "evil": evil}, evil, evil)
    assert "<script>alert" not in page
    assert page.count("<script") == 2
