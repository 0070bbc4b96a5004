"""Chess as a game: published counts, python-chess in lockstep, all draws, and both adapters."""

from __future__ import annotations

import random
import warnings

import chess
import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import api_test, seed_test

from envs import game_named
from envs.chess_game import Chess, Position, chess_named, moves
from envs.chess_moves import legal_numbers, table
from envs.game import put, replay, take
from envs.gymnasium_adapter import GameEnv, environment_id, register
from envs.pettingzoo_adapter import env
from envs.render import text

NUMBER = {name: number for number, name in enumerate(moves())}
TABLE = table(moves())
# the "usual hard positions" of the chess programming community with their published counts
PERFT = [
    (chess.STARTING_FEN, (20, 400, 8902, 197_281)),
    ("r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1", (48, 2039, 97_862)),
    ("8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1", (14, 191, 2812, 43_238)),
    ("r3k2r/Pppp1ppp/1b3nbN/nP6/BBP1P3/q4N2/Pp1P2PP/R2Q1RK1 w kq - 0 1", (6, 264, 9467)),
    ("rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R w KQ - 1 8", (44, 1486, 62_379)),
    ("r4rk1/1pp1qppp/p1np1n2/2b1p1B1/2B1P1b1/P1NP1N2/1PP1QPPP/R4RK1 w - - 0 10", (46, 2079, 89_890)),
]
# Chess960 positions with counts from the same place
PERFT960 = [
    ("bqnb1rkr/pp3ppp/3ppn2/2p5/5P2/P2P4/NPP1P1PP/BQ1BNRKR w HFhf - 2 9", (21, 528, 12_189)),
    ("2nnrbkr/p1qppppp/8/1ppb4/6PP/3PP3/PPP2P2/BQNNRBKR w HEhe - 1 9", (21, 807, 18_002)),
    ("b1q1rrkb/pppppppp/3nn3/8/P7/1PPP4/4PPPP/BQNNRKRB w GE - 1 9", (20, 479, 10_471)),
]


def perft(game: Chess, position: Position, depth: int) -> int:
    """Leaves at `depth` by the rules alone; draws end nothing there, so the board is asked and not the result."""
    if depth == 1:
        return len(legal_numbers(position.board, TABLE))
    return sum(perft(game, game.rules.play(position, move), depth - 1) for move in legal_numbers(position.board, TABLE))


@pytest.mark.parametrize(("fen", "counts"), PERFT)
def test_perft_is_as_published(fen: str, counts: tuple[int, ...]) -> None:
    game = Chess(fen)
    for depth, count in enumerate(counts[:3], 1):
        assert perft(game, game.rules.start(), depth) == count


@pytest.mark.parametrize(("fen", "counts"), PERFT960)
def test_perft_of_chess960(fen: str, counts: tuple[int, ...]) -> None:
    game = Chess(fen, chess960=True)
    for depth, count in enumerate(counts, 1):
        assert perft(game, game.rules.start(), depth) == count


@pytest.mark.slow
@pytest.mark.parametrize(("fen", "counts"), [(fen, counts) for fen, counts in PERFT if len(counts) > 3])
def test_perft_deeper(fen: str, counts: tuple[int, ...]) -> None:
    game = Chess(fen)
    assert perft(game, game.rules.start(), 4) == counts[3]


@pytest.mark.parametrize("chess960", [False, True])
def test_random_games_in_lockstep_with_python_chess(chess960: bool) -> None:
    rng = random.Random(4 + chess960)
    for number in range(25):
        start = chess.Board.from_chess960_pos(rng.randrange(960)).fen() if chess960 else chess.STARTING_FEN
        game, board = Chess(start, chess960=chess960), chess.Board(start, chess960=chess960)
        position = game.rules.start()
        while position.result is None:
            assert sorted(position.legal) == sorted(NUMBER[move.uci()] for move in board.legal_moves)
            assert len(set(position.legal)) == len(position.legal)
            action = rng.choice(position.legal)
            position = game.rules.play(position, action)
            board.push_uci(moves()[action])
            assert position.board.fen() == board.fen()
            assert position.times == next(n for n in (4, 3, 2, 1) if n == 1 or board.is_repetition(n))
        claimed = board.is_repetition(3) or board.halfmove_clock >= 100
        outcome = board.outcome()
        assert outcome is not None or claimed, number
        if outcome is not None and outcome.winner is not None:
            assert position.result == ((1, -1) if outcome.winner else (-1, 1))
        else:
            assert position.result == (0, 0)


def ending(fen: str, *played: str, claims: bool = False) -> tuple[float, float] | None:
    game = Chess(fen, claims=claims)
    position = game.rules.start()
    for move in played:
        assert position.result is None, move
        position = game.rules.play(position, NUMBER[move])
    result: tuple[float, float] | None = position.result
    return result


def test_every_way_to_end() -> None:
    assert ending(chess.STARTING_FEN, "f2f3", "e7e5", "g2g4", "d8h4") == (-1, 1)
    assert ending("7k/8/6K1/8/8/8/8/5Q2 w - - 0 1", "f1f7") == (0, 0)  # stalemate
    assert ending("4k3/8/8/8/8/8/4q3/4K3 w - - 0 1", "e1e2") == (0, 0)  # nobody can mate any more
    shuffle = ("g1f3", "g8f6", "f3g1", "f6g8")
    assert ending(chess.STARTING_FEN, *shuffle * 2, claims=True) == (0, 0)  # the third time
    assert ending(chess.STARTING_FEN, *shuffle * 2) is None
    assert ending(chess.STARTING_FEN, *shuffle * 4) == (0, 0)  # the fifth
    assert ending(chess.STARTING_FEN, *shuffle * 3, *shuffle[:3]) is None
    rook = "4k3/8/8/8/8/8/8/R3K3 w - - {} 80"
    assert ending(rook.format(99), "a1a2", claims=True) == (0, 0)  # fifty moves
    assert ending(rook.format(99), "a1a2") is None
    assert ending(rook.format(149), "a1a2") == (0, 0)  # seventy-five
    # mate on the hundredth half-move is mate
    assert ending("7k/8/6K1/8/8/8/8/R7 w - - 99 80", "a1a8", claims=True) == (1, -1)


def test_a_capture_forgets_what_can_never_come_back() -> None:
    game = Chess()
    position = game.rules.start()
    for move in ("g1f3", "g8f6", "f3g1", "f6g8", "e2e4"):
        position = game.rules.play(position, NUMBER[move])
    assert position.seen == ()


def test_batches_are_taken_put_and_replayed_without_aliases() -> None:
    game = game_named("chess")
    state = replay(game, np.array([[NUMBER["e2e4"], NUMBER["e7e5"]], [NUMBER["d2d4"], -1]], np.int64))
    before = [repr(position) for position in state.position]
    other = take(state, [1, 0])
    after = game.step(other, np.array([NUMBER["d7d5"], NUMBER["g1f3"]]))
    put(other, [0], take(after, [0]))
    assert [repr(position) for position in state.position] == before
    assert game.to_move(state).tolist() == [0, 1]
    with pytest.raises(ValueError, match=r"game 1: move e2e4 is not legal in"):
        game.step(state, np.array([NUMBER["g1f3"], NUMBER["e2e4"]]))
    with pytest.raises(ValueError, match=r"game 0: 1968 is no action of chess \(0 to 1967\)"):
        game.step(state, np.array([1968, 0]))


def test_mirrored_boards_have_mirrored_moves() -> None:
    rng = random.Random(6)
    board = chess.Board()
    while not board.is_game_over():
        flipped = board.mirror()
        there = {moves()[number] for number in legal_numbers(board, TABLE)}
        here = {moves()[number] for number in legal_numbers(flipped, TABLE)}

        def turned(name: str) -> str:
            return "".join(str(9 - int(c)) if c.isdecimal() else c for c in name)

        assert {turned(name) for name in there} == here
        board.push(rng.choice(list(board.legal_moves)))


def test_names() -> None:
    assert chess_named("chess960:518").rules.start().board.board_fen() == chess.STARTING_BOARD_FEN
    fen = "4k3/8/8/8/8/8/8/R3K3 w - - 0 80"
    assert game_named(f"chess:{fen}").name == f"chess:{fen}"
    for name, fault in (
        ("chess960:960", "0 to 959"),
        ("chess960:", "0 to 959"),
        ("chess:8/8/8/8/8/8/8/8 w - - 0 1", "no king"),
        ("chess:x", "no FEN"),
    ):
        with pytest.raises(ValueError, match=fault):
            game_named(name)


def test_planes_are_what_the_player_sees() -> None:
    game = Chess("r3k3/8/8/8/4Pp2/8/8/4K2R b Kq e3 60 40")
    state = game.initial(2)
    white, black = game.planes(state, np.array([0, 1]))
    assert white.shape == (8, 8, 18)
    # own pawns: e4 is the fifth row from the top for White, the fourth for Black
    assert np.argwhere(white[:, :, 0]).tolist() == [[4, 4]]
    assert np.argwhere(black[:, :, 6]).tolist() == [[3, 4]]
    assert np.argwhere(black[:, :, 3]).tolist() == [[7, 0]]  # Black's rook on a8 is below
    assert [bool(white[0, 0, plane]) for plane in range(13, 18)] == [True, False, False, True, True]
    assert [bool(black[0, 0, plane]) for plane in range(13, 18)] == [False, True, True, False, True]
    assert np.argwhere(white[:, :, 12]).tolist() == [[5, 4]]
    assert set(np.unique(white)) <= {0, 1}


def test_the_board_is_shown_with_its_pieces() -> None:
    game = game_named("chess")
    shown = text(game, game.initial(1))
    assert shown.splitlines()[0].split() == list("rnbqkbnr")
    assert shown.splitlines()[7].split() == list("RNBQKBNR")


def test_pettingzoo_and_gymnasium_take_it() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # observations are dicts with the mask, as in PettingZoo's own board games
        warnings.filterwarnings("ignore", message="Observation")
        api_test(env("chess"), num_cycles=120)
        seed_test(lambda: env("chess"), num_cycles=40)
        check_env(GameEnv("chess", seat="first"), skip_render_check=True)
    register()
    world = gymnasium.make(environment_id("chess"), seat="random")
    world.reset(seed=3)
    world.close()
