"""Reading games of chess: it learns, twice the same, and its run sits down at the arena's table."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import chess
import numpy as np
import pytest
import torch

from agents.play import Clock, Match, play
from agents.scripted import best_move
from envs.arena import Arena
from envs.problem import TRAIN, questions
from envs.problems import PROBLEMS
from envs.problems.chess_moves import ChessMoves, asked, piece_on, position, random_game
from llm_policy.game_player import GamePlayer, moves_of
from llm_policy.model import Transformer
from llm_policy.model_config import ModelConfig
from llm_policy.tokenizer import PAD
from tests.tiny_run import finished_run, manifest, numbers
from training.config import Config, MeasureConfig, PlayConfig, WarmUpConfig
from training.config_check import check_config
from training.loggers import FileLogger
from training.presets import PRESETS
from training.reading import EVEN, words_loss, worked
from training.run_folder import create_run
from training.train import train
from xueba.__main__ import main
from xueba.players import seated

SMALL = replace(
    PRESETS["chess"],
    iterations=2,
    threads=1,
    checkpoint_every=1,
    model=ModelConfig(layers=1, width=32, heads=2, kv_heads=2, hidden=64, context=512),
    warm_up=WarmUpConfig(steps=0, batch=4),
    play=PlayConfig(games=6),
    problem=replace(PRESETS["chess"].problem, measured=12),
    measure=MeasureConfig(every=1, solved=0),
)


def asks(level: int, count: int) -> list[object]:
    game = PROBLEMS["chess-moves"].problem
    return list(questions(game, np.full(count, TRAIN), np.full(count, level), np.arange(count)))


def test_a_question_is_a_game_and_its_answer_the_move_that_was_played() -> None:
    for level in range(1, ChessMoves.levels + 1):
        for task in asks(level, 30):
            board = chess.Board()
            for move in task.data:  # type: ignore[attr-defined]
                board.push_uci(move)  # raises where it is not legal
            assert task.question == asked(task.data)  # type: ignore[attr-defined]
            assert chess.Move.from_uci(task.answer) in board.legal_moves  # type: ignore[attr-defined]
            assert len(task.data) // 10 <= level - 1  # type: ignore[attr-defined]


def test_right_is_what_python_chess_calls_legal() -> None:
    game = ChessMoves()
    for task in asks(3, 12):
        board, legal = position(task.data), 0  # type: ignore[attr-defined]
        for source in chess.SQUARE_NAMES[::2]:
            for target in chess.SQUARE_NAMES[::2]:
                if source == target:
                    continue
                grade = game.grade(task, piece_on(board, source), source + target)  # type: ignore[arg-type]
                is_legal = chess.Move.from_uci(source + target) in board.legal_moves
                assert grade.right == is_legal
                legal += is_legal
                if not is_legal and grade.progress == 1:
                    assert grade.reason.partition(" ")[0].partition("/")[0] not in ("", "legal")
        assert legal


def test_the_whole_game_is_learned_where_that_is_asked_for() -> None:
    tasks = asks(4, 3)
    _, targets = worked(tasks, whole=True)  # type: ignore[arg-type]
    _, answers = worked(tasks)  # type: ignore[arg-type]
    assert ((targets != PAD).sum(1) > (answers != PAD).sum(1) + 4 * 29).all()
    assert targets.shape[1] % EVEN == 0
    targets = targets[:, : answers.shape[1]]
    assert torch.equal(torch.where(answers != PAD, targets, answers), answers)
    model = Transformer(SMALL.model).initialise(torch.Generator().manual_seed(0))
    tokens, targets = worked(tasks, whole=True)  # type: ignore[arg-type]
    with torch.no_grad():
        both = [words_loss(model, tokens, targets, whole=whole) for whole in (False, True)]
    torch.testing.assert_close(*both)


def test_random_games_are_always_the_same() -> None:
    assert random_game(5)[:3] == random_game.__wrapped__(5)[:3]
    assert len({random_game(n)[:8] for n in range(50)}) == 50


def test_two_trainings_are_equal_and_one_that_goes_on_as_well(tmp_path: Path) -> None:
    first, _ = finished_run(tmp_path, "first", SMALL)
    second, _ = finished_run(tmp_path, "second", SMALL)
    assert numbers(first) == numbers(second)
    assert manifest(first) == manifest(second)
    broken = create_run(tmp_path, "broken", SMALL)
    assert train(SMALL, broken, FileLogger(broken), partial(next, iter([False]), True)).iteration == 1
    train(SMALL, broken, FileLogger(broken))
    assert manifest(broken) == manifest(first)
    assert numbers(broken) == numbers(first)
    rows = numbers(first)
    assert rows[-1]["train/words"] < rows[1]["train/words"]
    assert {f"eval/level_{level}" for level in range(1, 7)} <= rows[-1].keys()


def test_a_run_sits_down_at_the_table_and_the_referee_judges_it(tmp_path: Path) -> None:
    finished_run(tmp_path, "reader", SMALL)
    player = seated("run:reader@last?temperature=0.5", tmp_path)
    arena = Arena("explain")
    (episode,) = play(arena, [Match(0, (player, seated("random")))], seed=1, retries=2, clock=Clock(20))  # type: ignore[arg-type]
    assert episode.players[0] == "run:reader@last?temperature=0.5"
    assert all(turn.reply.spent for turn in episode.turns if turn.seat == 0)
    for name, told in (("run:reader?temperature=x", "temperature is a number"), ("run:raeder", "did you mean")):
        with pytest.raises((ValueError, FileNotFoundError), match=told):
            seated(name, tmp_path)


def test_only_problems_are_read() -> None:
    with pytest.raises(ValueError, match="reading takes problems"):
        check_config(Config(algorithm="reading"))


def test_a_run_of_something_else_is_refused(tmp_path: Path) -> None:
    create_run(tmp_path, "other", Config())
    with pytest.raises(ValueError, match="no chess: xueba train chess"):
        seated("run:other", tmp_path)


def test_the_game_is_told_as_it_was_played_promotions_and_all() -> None:
    arena, history = Arena("explain"), list[int]()
    board = chess.Board()
    for ply in range(120):
        if board.is_game_over():
            break
        move = best_move(board, ply * 7919) if ply % 3 else next(iter(board.legal_moves))
        history += arena.actions_of([*board.move_stack, move])[-1:]
        board.push(move)
    assert moves_of(arena, history) == [move.uci() for move in board.move_stack]
    with pytest.raises(RuntimeError, match="usual beginning"):
        moves_of(Arena("explain", "4k3/8/8/8/8/8/4P3/4K3 w - - 0 1"), [])


def test_a_game_that_is_too_long_is_no_loss() -> None:
    from agents.agent import View

    model = Transformer(replace(SMALL.model, context=40)).initialise(torch.Generator().manual_seed(0))
    moves = "g1f3 g8f6 f3g1 f6g8 g1f3 g8f6 f3g1".split()
    arena = Arena("explain")
    history = arena.actions_of([chess.Move.from_uci(move) for move in moves])
    view = View(arena, 1, history, 1)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="has more: set --plies"):
        GamePlayer(model, "run:short").act([view])


def test_after_a_refusal_it_says_something_else() -> None:
    from agents.agent import View

    small = replace(SMALL.model, context=64)
    player = GamePlayer(Transformer(small).initialise(torch.Generator().manual_seed(0)), "run:small")
    views = [View(Arena("explain"), 0, (), key, attempt) for key in range(5) for attempt in (0, 1)]  # type: ignore[arg-type]
    first, again = ([player.act([view])[0].text for view in views[attempt::2]] for attempt in (0, 1))
    assert len(set(first)) == 1
    assert len(set(again)) == 5
    assert [player.act([view])[0].text for view in views[1::2]] == again


def test_another_beginning_is_refused_before_anything_is_played(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ("--chess960 5", "--start 4k3/8/8/8/8/8/8/R3K3_w_-_-_0_1"):
        assert main(["arena", "run:any", "random", *(word.replace("_", " ") for word in words.split())]) == 1
        assert "cannot begin elsewhere" in capsys.readouterr().err


def test_the_policy_of_the_preset_has_room_for_a_whole_game() -> None:
    room = PRESETS["chess"].model.context - PRESETS["chess"].policy_gradient.max_new
    assert room // 4 > 200
