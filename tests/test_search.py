"""Search: proofs against the exhaustive solution, numbers against a plain recursive search, play against OpenSpiel."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest

from agents.perfect import solve
from agents.search import Found, SearchConfig, best_actions, search
from agents.search_player import rollout_evaluate
from envs import GAMES
from envs.game import Game, padded, random_actions, replay, take
from envs.random_streams import stream_keys, uniform

TTT, C4 = GAMES["tic-tac-toe"], GAMES["connect-four"]
SOLUTION = solve(TTT)
PLIES = (SOLUTION.histories >= 0).sum(1)
"""Of the 4,520 positions that are not over."""


def even(game: Game, state: Any, histories: np.ndarray, keys: Any = None) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((len(histories), len(game.moves)), np.float32), np.zeros(len(histories), np.float32)


def opinionated(game: Game, state: Any, histories: np.ndarray, keys: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """Log-priors and values that differ from position to position but not from call to call."""
    draws = uniform(stream_keys(np.full(len(histories), 7), *histories.T), len(game.moves) + 1)
    return (4 * draws[:, :-1]).astype(np.float32), (1.6 * draws[:, -1] - 0.8).astype(np.float32)


def some_histories(game: Game, count: int, seed: int = 0) -> np.ndarray:
    """`[count, max_plies]`: random games cut off somewhere before their end."""
    state = game.initial(count)
    histories = np.full((count, game.max_plies), -1)
    rng = np.random.default_rng(seed)
    stop = rng.integers(0, game.max_plies * 2 // 3, count)
    for ply in range(int(stop.max())):
        actions = random_actions(game.legal_mask(state), rng.random(count))
        after = game.step(state, actions)
        going = (stop > ply) & ~game.done(after)
        stop = np.where(going, stop, 0)
        histories[going, ply] = actions[going]
        state = type(state)(*(np.where(going, new, old) for new, old in zip(after, state, strict=True)))
    return histories


def searched(game: Game, histories: np.ndarray, evaluate: Any, config: SearchConfig, keys: Any = None) -> Found:
    keys = stream_keys(0, np.arange(len(histories))) if keys is None else keys
    return search(game, replay(game, histories), histories, evaluate, config, keys)


def rows_of(found: Found, rows: Any) -> Found:
    return Found(*(getattr(found, name)[rows] for name in Found.__slots__))


def assert_same(one: Found, other: Found) -> None:
    for name in Found.__slots__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


# Proofs


def check_proofs(rows: np.ndarray, config: SearchConfig) -> np.ndarray:
    """Every proof has the sign of the exhaustive solution; `[B]`: the position itself is proven."""
    found = search(TTT, take(SOLUTION.states, rows), SOLUTION.histories[rows], even, config, stream_keys(0, rows))
    legal = TTT.legal_mask(take(SOLUTION.states, rows))
    known = ~np.isnan(found.proof)
    assert not (known & ~legal).any()
    np.testing.assert_array_equal(np.sign(found.proof)[known], np.sign(SOLUTION.scores[rows])[known])
    # won or lost in an odd or even number of plies, each of which costs its discount
    shrunk = np.abs(found.proof[known & (found.proof != 0)])
    plies = np.log(shrunk) / np.log(config.discount)
    np.testing.assert_allclose(plies, plies.round(), atol=1e-3)
    assert plies.max() < 9
    return (np.nan_to_num(found.proof, nan=-1).max(1) > 0) | (known | ~legal).all(1)


@pytest.mark.parametrize("rule", ["puct", "uct"])
def test_proofs_are_those_of_the_exhaustive_solution(rule: str) -> None:
    late = np.flatnonzero(PLIES >= 4)
    assert len(late) == 4186
    for rows in np.array_split(late, 8):
        assert check_proofs(rows, SearchConfig(400, rule=rule)).all()
    # far too few simulations prove less, but nothing wrong
    assert not check_proofs(np.flatnonzero(PLIES < 4), SearchConfig(100, rule=rule)).all()


@pytest.mark.slow
def test_proofs_reach_further_with_more_simulations() -> None:
    for rows in np.array_split(np.flatnonzero(PLIES == 3), 4):
        assert check_proofs(rows, SearchConfig(4000, rule="uct")).all()
    # simulations that run into a proven draw are spent in vain, so early positions take (far) more of them
    assert check_proofs(np.flatnonzero(PLIES < 3), SearchConfig(4000)).mean() > 0.5


def test_the_quickest_win_and_the_slowest_loss_are_played() -> None:
    for rows in np.array_split(np.flatnonzero(PLIES >= 4), 8):
        histories = SOLUTION.histories[rows]
        found = searched(TTT, histories, even, SearchConfig(400))
        assert SOLUTION.best[rows, best_actions(found)].all()


# Every number, by a plain recursive search


@dataclass
class Node:
    history: tuple[int, ...]
    prior: dict[int, float]
    logits: dict[int, float]
    value: float
    visits: dict[int, int] = field(default_factory=dict)
    total: dict[int, float] = field(default_factory=dict)
    proof: dict[int, float] = field(default_factory=dict)
    child: dict[int, Node] = field(default_factory=dict)


def new_node(game: Game, history: tuple[int, ...], evaluate: Any) -> Node:
    row = np.array([history + (-1,) * (game.max_plies - len(history))])
    state = replay(game, row)
    logits, value = evaluate(game, state, row)
    legal = np.flatnonzero(game.legal_mask(state)[0]).tolist()
    total = sum(exp(logits[0, a]) for a in legal)
    prior = {a: exp(logits[0, a]) / total for a in legal}
    return Node(history, prior, {a: float(logits[0, a]) for a in legal}, float(value[0]))


def select(node: Node, config: SearchConfig) -> int:
    count = sum(node.visits.values())

    def score(action: int) -> float:
        n = node.visits.get(action, 0)
        if action in node.proof:
            known = node.proof[action]
            return known - 10 if known < 0 else known + (0.001 if config.rule == "uct" else 0.0)
        if config.rule == "uct":
            return node.total[action] / n + config.exploration * sqrt(log(count + 1) / n) if n else float("inf")
        mean = node.total[action] / n if n else node.value - 0.1
        return mean + config.exploration * node.prior[action] * sqrt(count + 1) / (1 + n)

    return max(node.prior, key=score)


def simulate(game: Game, node: Node, evaluate: Any, config: SearchConfig) -> tuple[float, bool]:
    """(value of the move taken, for the mover of `node`; the node has been proven by it)."""
    action = select(node, config)
    proven = False
    if action in node.proof:
        value = node.proof[action]
    elif action in node.child:
        value, below = simulate(game, node.child[action], evaluate, config)
        value *= -config.discount
        if below:
            node.proof[action] = value
            proven = True
    else:
        history = (*node.history, action)
        state = replay(game, np.array([history]))
        if game.done(state)[0]:
            value = node.proof[action] = float(game.returns(state)[0, len(node.history) % 2])
            proven = True
        else:
            node.child[action] = new_node(game, history, evaluate)
            value = -config.discount * node.child[action].value
    node.visits[action] = node.visits.get(action, 0) + 1
    node.total[action] = node.total.get(action, 0.0) + value
    if proven:
        best = max(node.proof.values())
        if best > 0 or len(node.proof) == len(node.prior):
            return best, True
    return value, False


def completed(root: Node, config: SearchConfig) -> tuple[dict[int, float], dict[int, float]]:
    """(values, improved policy): Danihelka et al. 2022, equations 10, 11 and 33."""
    q = {a: root.proof.get(a, root.total[a] / n) for a, n in root.visits.items()}
    count = sum(root.visits.values())
    mass = sum(root.prior[a] for a in q)
    mixed = (root.value + count * sum(root.prior[a] * q[a] for a in q) / mass) / (1 + count)
    values = {a: q.get(a, mixed) for a in root.prior}
    scale = config.sharpness * (50 + max(root.visits.values()))
    weight = {a: exp(root.logits[a] + scale * values[a]) for a in root.prior}
    return values, {a: w / sum(weight.values()) for a, w in weight.items()}


@pytest.mark.parametrize("rule", ["puct", "uct"])
@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_a_plain_recursive_search_finds_the_same(game: Game, rule: str) -> None:
    histories = some_histories(game, 24)
    config = SearchConfig(60, rule=rule, discount=0.97)
    found = searched(game, histories, opinionated, config)
    other_visits = 0
    for row, history in enumerate(histories.tolist()):
        root = new_node(game, tuple(move for move in history if move >= 0), opinionated)
        for _ in range(config.simulations):
            simulate(game, root, opinionated, config)
        if [root.visits.get(a, 0) for a in range(len(game.moves))] != found.visits[row].tolist():
            other_visits += 1  # two scores, equal but for the last bit, were told apart
            continue
        values, policy = completed(root, config)
        for action in range(len(game.moves)):
            assert found.policy[row, action] == pytest.approx(policy.get(action, 0.0), abs=2e-4)
            if action in values:
                assert found.values[row, action] == pytest.approx(values[action], abs=1e-5)
            assert found.proof[row, action] == pytest.approx(root.proof.get(action, np.nan), nan_ok=True)
    assert other_visits <= 1
    assert (found.visits.max(1) > 10).any()


# What must hold of every search


@pytest.mark.parametrize("rule", ["puct", "uct"])
@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_visits_add_up_and_illegal_moves_get_nothing(game: Game, rule: str) -> None:
    histories = some_histories(game, 100)
    legal = game.legal_mask(replay(game, histories))
    assert not legal.all()
    found = searched(game, histories, opinionated, SearchConfig(37, rule=rule, noise=0.5))
    np.testing.assert_array_equal(found.visits.sum(1), 37)
    np.testing.assert_allclose(found.policy.sum(1), 1, atol=1e-5)
    assert not found.visits[~legal].any()
    assert not found.policy[~legal].any()
    assert (found.policy[legal] > 0).all()
    assert (np.abs(found.values) <= 1).all()
    assert legal[np.arange(100), best_actions(found)].all()


@pytest.mark.parametrize("evaluate", [opinionated, rollout_evaluate], ids=["function", "rollout"])
@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_games_do_not_depend_on_those_beside_them(game: Game, evaluate: Any) -> None:
    histories = some_histories(game, 30)
    keys = stream_keys(9, np.arange(30))
    config = SearchConfig(25, noise=0.25)
    together = searched(game, histories, evaluate, config, keys)
    for row in range(0, 30, 7):
        length = int((histories[row] >= 0).sum())
        alone = searched(game, histories[[row], :length], evaluate, config, keys[[row]])
        assert_same(alone, rows_of(together, [row]))
    order = np.random.default_rng(0).permutation(30)
    assert_same(searched(game, histories[order], evaluate, config, keys[order]), rows_of(together, order))


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_lines_are_games_that_can_be_played(game: Game) -> None:
    histories = some_histories(game, 50)
    found = searched(game, histories, opinionated, SearchConfig(80, line=6))
    legal = game.legal_mask(replay(game, histories))
    lengths = []
    for row, action in zip(*np.nonzero(legal & (found.visits > 0)), strict=True):
        line = found.lines[row, action]
        moves = line[: int((line >= 0).sum())]
        assert (line[len(moves) :] == -1).all()
        assert moves[0] == action
        # replay raises on an illegal move; a move after the end would change nothing, so the end comes last
        before = [move for move in histories[row].tolist() if move >= 0]
        states = [replay(game, padded([before + moves[:n].tolist()])) for n in range(1, len(moves) + 1)]
        assert not any(game.done(state)[0] for state in states[:-1])
        lengths.append(len(moves))
    assert max(lengths) == 6


def test_noise_is_addressed_by_key_and_even_over_the_legal_moves() -> None:
    histories = np.tile([[0, 4] + [-1] * 7], (7000, 1))
    config = SearchConfig(1, noise=1.0)
    keys = stream_keys(1, np.arange(7000))
    first = searched(TTT, histories, opinionated, config, keys).visits.argmax(1)
    np.testing.assert_array_equal(searched(TTT, histories, opinionated, config, keys).visits.argmax(1), first)
    assert (searched(TTT, histories, opinionated, config, keys + 1).visits.argmax(1) != first).mean() > 0.7
    counts = np.bincount(first, minlength=9)
    assert counts[0] == counts[4] == 0
    assert ((counts[counts > 0] - 1000) ** 2 / 1000).sum() < 22.5  # chi-squared, 6 degrees of freedom, 0.1%
    silent = replace(config, noise=0.0)
    assert len(np.unique(searched(TTT, histories, opinionated, silent, keys).visits, axis=0)) == 1


def test_without_simulations_the_priors_decide() -> None:
    histories = some_histories(C4, 40)
    logits, _ = opinionated(C4, None, histories)
    legal = C4.legal_mask(replay(C4, histories))
    found = searched(C4, histories, opinionated, SearchConfig(0))
    np.testing.assert_array_equal(best_actions(found), np.where(legal, logits, -np.inf).argmax(1))


def test_a_proven_win_is_played_however_improbable_the_model_holds_it() -> None:
    def blind(game: Game, state: Any, histories: np.ndarray, keys: Any = None) -> tuple[np.ndarray, np.ndarray]:
        logits = np.zeros((len(histories), 9), np.float32)
        logits[:, 2] = -300.0
        return logits, np.full(len(histories), 0.9, np.float32)

    history = np.array([[0, 3, 1, 4, -1, -1, -1, -1, -1]])
    found = searched(TTT, history, blind, SearchConfig(200, exploration=0.1, rule="uct"))
    assert found.proof[0, 2] == 1
    assert found.policy[0, 2] == 0  # too small for a float32
    assert best_actions(found)[0] == 2
