"""One contract for every game, and the truth about each from outside: published counts and other implementations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from envs import GAMES, game_named
from envs.connect_four import ConnectFour
from envs.game import EMPTY, FIRST, SECOND, Game, join, padded, put, random_actions, replay, take
from envs.tic_tac_toe import TicTacToe

BATCH = 256


@pytest.fixture(params=GAMES.values(), ids=GAMES)
def game(request: pytest.FixtureRequest) -> Game:
    return request.param


def random_play(game: Game, batch: int, seed: int = 0) -> Iterator[tuple[Any, np.ndarray, Any]]:
    """(state, actions, next state) until every game is over."""
    rng = np.random.default_rng(seed)
    state = game.initial(batch)
    while not game.done(state).all():
        actions = random_actions(game.legal_mask(state), rng.random(batch))
        following = game.step(state, actions)
        yield state, actions, following
        state = following


def random_histories(game: Game, batch: int, seed: int = 0) -> list[list[int]]:
    histories: list[list[int]] = [[] for _ in range(batch)]
    for state, actions, _ in random_play(game, batch, seed):
        for row in np.flatnonzero(~game.done(state)):
            histories[row].append(int(actions[row]))
    return histories


def same(one: Any, other: Any) -> bool:
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(one, other, strict=True))


# The contract


def test_names_and_tables_agree(game: Game) -> None:
    assert GAMES[game.name] is game
    assert len(set(game.moves)) == len(game.moves)
    rows, columns = game.shape
    assert sorted(game.lines.ravel().tolist()) == list(range(rows * columns))
    assert game_named(game.name) is game


def test_unknown_game_is_named_and_the_nearest_offered() -> None:
    with pytest.raises(ValueError, match=r"'conect-four'.*tic-tac-toe.*did you mean 'connect-four'"):
        game_named("conect-four")


def test_the_start(game: Game) -> None:
    state = game.initial(3)
    assert same(take(state, [0]), game.initial(1))
    assert game.to_move(state).tolist() == [0, 0, 0]
    assert not game.done(state).any()
    assert not game.returns(state).any()
    assert game.legal_mask(state).any(1).all()
    assert game.cells(state).shape == (3, *game.shape)


def test_every_step_keeps_the_promises(game: Game) -> None:
    plies = 0
    for state, _, following in random_play(game, BATCH):
        plies += 1
        over, mask, returns = game.done(following), game.legal_mask(following), game.returns(following)
        assert mask.shape == (BATCH, len(game.moves))
        assert mask.dtype == np.bool_
        assert game.to_move(following).dtype == np.int64
        np.testing.assert_array_equal(mask.any(1), ~over)
        assert returns.shape == (BATCH, 2)
        assert returns.dtype == np.float32
        np.testing.assert_array_equal(returns.sum(1), 0)
        assert not returns[~over].any()
        assert np.isin(returns, (-1, 0, 1)).all()
        assert np.isin(game.to_move(following), (0, 1)).all()
        cells = game.cells(following)
        assert cells.dtype == np.int8
        assert np.isin(cells, (EMPTY, FIRST, SECOND)).all()
        was_over = game.done(state)
        assert over[was_over].all()
    assert plies <= game.max_plies


def test_finished_games_stay_as_they_are_whatever_the_action(game: Game) -> None:
    *_, (_, _, ended) = random_play(game, BATCH)
    for action in (0, len(game.moves) - 1, -1, 10**9):
        assert same(game.step(ended, np.full(BATCH, action)), ended)


def test_finished_games_stay_while_their_neighbours_go_on(game: Game) -> None:
    for state, _, following in random_play(game, BATCH):
        over = game.done(state)
        assert same(take(following, over), take(state, over))
        for row in np.flatnonzero(~over):
            assert not same(take(following, [row]), take(state, [row]))


def test_step_leaves_its_input_alone(game: Game) -> None:
    for state, actions, _ in random_play(game, 32):
        before = take(state, np.arange(32))
        game.step(state, actions)
        assert same(state, before)


def test_an_illegal_action_raises_and_names_game_and_move(game: Game) -> None:
    tried = 0
    for state, actions, _ in random_play(game, 32):
        illegal = ~game.legal_mask(state) & ~game.done(state)[:, None]
        for row, action in np.argwhere(illegal)[:5]:
            wrong = np.where(np.arange(32) == row, action, actions)
            with pytest.raises(ValueError, match=rf"game {row}: \w+ {game.moves[action]} "):
                game.step(state, wrong)
            tried += 1
    assert tried > 20


@pytest.mark.parametrize("beyond", [-1, -7, 99, 2**40])
def test_a_number_that_is_no_action_raises(game: Game, beyond: int) -> None:
    action = beyond if beyond < 0 else len(game.moves) + beyond
    with pytest.raises(
        ValueError, match=rf"game 1: {action} is no action of {game.name} \(0 to {len(game.moves) - 1}\)"
    ):
        game.step(game.initial(2), np.array([0, action]))


def test_a_batch_plays_like_its_games_one_at_a_time(game: Game) -> None:
    rows = range(0, BATCH, 16)
    singles = {row: game.initial(1) for row in rows}
    for state, actions, following in random_play(game, BATCH):
        for row in rows:
            assert same(take(state, [row]), singles[row])
            singles[row] = game.step(singles[row], actions[[row]])
            assert same(take(following, [row]), singles[row])
            for view in (game.legal_mask, game.returns, game.done, game.to_move, game.cells):
                np.testing.assert_array_equal(view(following)[[row]], view(singles[row]))


def test_take_put_and_join(game: Game) -> None:
    early, late = [following for _, _, following in random_play(game, 8)][1:3]
    both = join([early, late])
    assert same(take(both, slice(0, 8)), early)
    assert same(take(both, np.arange(8, 16)), late)
    copy = take(early, np.arange(8))
    put(copy, [2, 5], take(late, [3, 3]))
    assert same(take(copy, [0, 1, 3, 4, 6, 7]), take(early, [0, 1, 3, 4, 6, 7]))
    assert same(take(copy, [2, 5]), take(late, [3, 3]))
    assert not same(copy, early)
    window = take(early, slice(0, 8))
    put(window, slice(0, 8), late)
    assert not same(window, early), "a copy, not a window"
    assert same(join([game.initial(0), early]), early)


def test_replay_leads_to_the_same_positions(game: Game) -> None:
    histories = random_histories(game, 64)
    *_, (_, _, ended) = random_play(game, 64)
    assert same(replay(game, padded(histories)), ended)
    cut = [history[: row % (len(history) + 1)] for row, history in enumerate(histories)]
    state = replay(game, padded(cut))
    for row, history in enumerate(cut):
        single = game.initial(1)
        for action in history:
            single = game.step(single, np.array([action]))
        assert same(take(state, [row]), single)
    assert same(replay(game, padded([[], []])), game.initial(2))


def test_symmetries_are_symmetries_of_the_rules(game: Game) -> None:
    identity, *others = game.symmetries
    assert identity == tuple(range(len(game.moves)))
    assert len(set(game.symmetries)) == len(game.symmetries)
    assert {tuple(b[a[k]] for k in identity) for a in game.symmetries for b in game.symmetries} == set(game.symmetries)
    for symmetry in map(np.array, others):
        turned = game.initial(BATCH)
        differs = False
        for _, actions, following in random_play(game, BATCH):
            turned = game.step(turned, symmetry[actions])
            np.testing.assert_array_equal(game.legal_mask(turned)[:, symmetry], game.legal_mask(following))
            np.testing.assert_array_equal(game.done(turned), game.done(following))
            np.testing.assert_array_equal(game.returns(turned), game.returns(following))
            differs |= bool((game.cells(turned) != game.cells(following)).any())
        assert differs


def test_random_actions_are_legal_and_equally_likely() -> None:
    mask = np.tile([False, True, False, True, True, False, False], (30_000, 1))
    actions = random_actions(mask, np.random.default_rng(0).random(30_000))
    counts = np.bincount(actions, minlength=7)
    assert counts[[0, 2, 5, 6]].sum() == 0
    # five standard deviations of a binomial with p = 1/3
    np.testing.assert_allclose(counts[[1, 3, 4]], 10_000, atol=5 * np.sqrt(30_000 * 2 / 9))
    edges = np.array([0.0, np.nextafter(1, 0)])
    assert random_actions(mask[:2], edges).tolist() == [1, 4]
    assert random_actions(np.zeros((1, 7), bool), np.array([0.5])).tolist() == [0]


# Published counts


def expand(game: Game, state: Any) -> Any:
    """Every position one move further, with repetition."""
    rows, actions = np.nonzero(game.legal_mask(state))
    return game.step(take(state, rows), actions)


def distinct(state: Any) -> Any:
    """Each position once: the boards of the two players tell them apart."""
    boards = state.own.astype(object) * 2**64 + state.other.astype(object)
    return take(state, np.unique(boards, return_index=True)[1])


def test_tic_tac_toe_has_255168_games() -> None:
    game = TicTacToe()
    state, results = game.initial(1), []
    while len(state.ply):
        over = game.done(state)
        results += game.returns(take(state, over))[:, 0].tolist()
        state = expand(game, take(state, ~over))
    assert len(results) == 255_168
    assert [results.count(result) for result in (1, -1, 0)] == [131_184, 77_904, 46_080]


def test_tic_tac_toe_has_5478_positions_and_765_up_to_symmetry() -> None:
    game = TicTacToe()
    levels = [game.initial(1)]
    while len(levels[-1].ply):
        levels.append(distinct(expand(game, levels[-1])))
    everything = join(levels)
    assert len(everything.ply) == 5_478
    cells = game.cells(everything).reshape(-1, 9)
    powers = 3 ** np.arange(9)
    keys = np.stack([cells[:, list(symmetry)] @ powers for symmetry in game.symmetries])
    assert len(np.unique(keys.min(0))) == 765


def test_connect_four_perft() -> None:
    game = ConnectFour()
    state, counts = game.initial(1), []
    for _ in range(6):
        counts.append(int(game.legal_mask(state).sum()))
        state = expand(game, state)
    counts.append(int(game.legal_mask(state).sum()))
    assert counts == [7, 49, 343, 2401, 16807, 117649, 823536]


def test_connect_four_positions_by_ply() -> None:
    game = ConnectFour()
    state, counts = game.initial(1), []
    for _ in range(7):
        counts.append(len(state.ply))
        state = distinct(expand(game, state))
    assert counts == [1, 7, 49, 238, 1120, 4263, 16422]


@pytest.mark.parametrize(
    ("moves", "result"),
    [
        ("1122334", 1),  # a row
        ("1212121", 1),  # a column
        ("71223434474", 0),  # nothing yet
        ("12233434474", 1),  # rising diagonal, from column 1 to 4
        ("76655454414", 1),  # falling diagonal, from column 7 to 4
    ],
)
def test_connect_four_lines(moves: str, result: int) -> None:
    game = ConnectFour()
    state = replay(game, padded([[int(move) - 1 for move in moves]]))
    assert game.returns(state)[0, 0] == result
    assert game.done(state)[0] == (result != 0)


# Other implementations

SPIEL = {"tic-tac-toe": "tic_tac_toe", "connect-four": "connect_four"}


@pytest.mark.parametrize("name", SPIEL)
def test_lockstep_with_open_spiel(name: str) -> None:
    pyspiel = pytest.importorskip("pyspiel")
    game, batch = GAMES[name], 6000
    theirs = [pyspiel.load_game(SPIEL[name]).new_initial_state() for _ in range(batch)]
    marks = np.array([".", "x", "o"])
    wins = np.zeros(3, int)
    for state, actions, following in random_play(game, batch, seed=1):
        seats, masks, over = game.to_move(state), game.legal_mask(state), game.done(following)
        returns, cells = game.returns(following), game.cells(following)
        for row in np.flatnonzero(~game.done(state)):
            spiel = theirs[row]
            assert spiel.current_player() == seats[row]
            assert spiel.legal_actions() == np.flatnonzero(masks[row]).tolist()
            spiel.apply_action(int(actions[row]))
            assert spiel.is_terminal() == over[row]
            if row % 20 == 0:
                board = "\n".join("".join(marks[line]) for line in cells[row])
                assert str(spiel).strip() == board
            if over[row]:
                assert spiel.returns() == returns[row].tolist()
                wins[int(returns[row, 0])] += 1
    assert wins.sum() == batch
    assert (wins > 0).all(), "each kind of result was met"


PETTINGZOO = {"tic-tac-toe": "tictactoe_v3", "connect-four": "connect_four_v3"}


@pytest.mark.parametrize("name", PETTINGZOO)
def test_lockstep_with_pettingzoo(name: str) -> None:
    pytest.importorskip("pygame")
    module = pytest.importorskip(f"pettingzoo.classic.{PETTINGZOO[name]}")
    game = GAMES[name]
    # PettingZoo numbers the cells of tic-tac-toe column by column
    theirs = np.arange(9).reshape(3, 3).T.ravel() if name == "tic-tac-toe" else np.arange(7)
    world = module.env()
    for history in random_histories(game, 60, seed=2):
        world.reset()
        state = game.initial(1)
        for action in history:
            seen, _, ended, _, _ = world.last()
            assert not ended
            assert world.agent_selection[-1] == str(game.to_move(state)[0] + (name == "tic-tac-toe"))
            np.testing.assert_array_equal(seen["action_mask"][theirs], game.legal_mask(state)[0])
            state = game.step(state, np.array([action]))
            world.step(int(theirs[action]))
        assert all(world.terminations.values())
        assert list(world.rewards.values()) == game.returns(state)[0].tolist()
