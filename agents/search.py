"""Monte Carlo tree search over a batch of games: one tree a game, every simulation of all games one array step.

Selection is PUCT (Silver et al. 2017, "Mastering the game of Go without human knowledge", Methods) or UCT
(Kocsis and Szepesvari 2006). The improved policy is that of Gumbel AlphaZero (Danihelka et al. 2022, "Policy
improvement by planning with Gumbel", equations 10, 11 and 33), without its sequential halving.

Deviations: results that the rules prove (won, drawn, lost) are carried up the tree exactly, as in MCTS-Solver
(Winands et al. 2008); values shrink by `discount` a ply, so that a quick win is worth more than a slow one; the
noise at the root is Dirichlet(1), which is AlphaZero's choice (10 / number of moves) for games of about ten moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.game import Floats, Game, Ints, put, take
from envs.random_streams import uniform

Keys = NDArray[np.uint64]
Evaluate = Callable[[Game, Any, Ints, Keys], tuple[Floats, Floats]]
"""`(game, state, histories [B, max_plies], keys [B]) -> (log-priors [B, A], values [B])`.

Values are those for the player to move; log-priors of illegal moves are ignored, the others need not be normalised. A
key is the random address of the whole search: with the position it makes one for whoever evaluates by chance.
"""

RULES = ("puct", "uct")


@dataclass(frozen=True)
class SearchConfig:
    """How the tree is searched."""

    simulations: int = 32
    """positions looked at for each move"""
    exploration: float = 1.25
    """weight of the exploration term"""
    rule: str = "puct"
    """puct, or uct (which ignores the priors)"""
    noise: float = 0.0
    """share of Dirichlet noise in the priors at the root"""
    discount: float = 0.99
    """what a value keeps a ply"""
    sharpness: float = 0.1
    """c_scale of the improved policy"""
    line: int = 6
    """longest principal line, in moves"""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, for `B` games."""

    visits: Floats
    """`[B, A]`: simulations through each move"""
    values: Floats
    """`[B, A]`: value of each move for the player to move; the value of the root where it was not tried"""
    proof: Floats
    """`[B, A]`: the value of each move that the rules prove, NaN elsewhere"""
    policy: Floats
    """`[B, A]`: the improved policy"""
    lines: Ints
    """`[B, A, line]`: what search expects after each move, the move first, -1 after the end"""


class _Tree:
    """Arrays of `batch` trees of `size` nodes, flattened: node `n` of game `b` is row `b * size + n`."""

    def __init__(self, game: Game, state: Any, histories: Ints, size: int, keys: Keys) -> None:
        batch, moves = len(histories), len(game.moves)
        self.size = size
        self.keys = keys
        self.roots = np.arange(batch) * size
        rows = batch * size
        self.logprior = np.zeros((rows, moves), np.float32)
        self.prior = np.zeros((rows, moves), np.float32)
        self.visits = np.zeros((rows, moves), np.float32)
        self.total = np.zeros((rows, moves), np.float32)
        self.proof = np.full((rows, moves), np.nan, np.float32)
        self.child = np.full((rows, moves), -1, np.int64)
        self.legal = np.zeros((rows, moves), bool)
        self.value = np.zeros(rows, np.float32)
        self.states = take(state, np.zeros(rows, np.int64)) if batch else state
        self.histories = np.full((rows, game.max_plies), -1, np.int64)
        self.used = np.ones(batch, np.int64)

    def set_nodes(self, game: Game, rows: Ints, state: Any, histories: Ints, evaluate: Evaluate) -> NDArray[np.float32]:
        """Fill new nodes and return their values for the player to move."""
        logprior, value = evaluate(game, state, histories, self.keys[rows // self.size])
        legal = game.legal_mask(state)
        logprior = np.where(legal, logprior, -np.inf)
        logprior = logprior - logprior.max(1, keepdims=True)
        prior = np.exp(logprior)
        put(self.states, rows, state)
        self.histories[rows] = histories
        self.legal[rows] = legal
        self.logprior[rows] = logprior
        self.prior[rows] = prior / prior.sum(1, keepdims=True)
        self.value[rows] = value
        return value


def search(game: Game, state: Any, histories: Ints, evaluate: Evaluate, config: SearchConfig, keys: Keys) -> Found:
    """Search every game of `state`, none of which may be over.

    Args:
        histories: `[B, P]`, the moves that led to `state`, -1 after the end; `evaluate` is given `[B, max_plies]`.
        keys: `[B]`, addresses of the random streams, of the noise at the root and of `evaluate`.
    """
    batch = len(histories)
    tree = _Tree(game, state, histories, config.simulations + 1, keys)
    # at full width, so that what `evaluate` is given never depends on the longest game beside it
    rest = np.full((batch, game.max_plies - histories.shape[1]), -1, np.int64)
    tree.set_nodes(game, tree.roots, state, np.concatenate([histories, rest], 1), evaluate)
    if config.noise:
        draws = np.where(tree.legal[tree.roots], -np.log1p(-uniform(keys, len(game.moves))), 0.0)
        noise = (draws / draws.sum(1, keepdims=True)).astype(np.float32)
        tree.prior[tree.roots] += config.noise * (noise - tree.prior[tree.roots])
    for _ in range(config.simulations):
        _simulate(game, tree, evaluate, config, batch)
    return _result(tree, config)


def _scores(tree: _Tree, rows: Ints, config: SearchConfig) -> Floats:
    visits, proof = tree.visits[rows], tree.proof[rows]
    known = ~np.isnan(proof)
    tried = visits > 0
    q = tree.total[rows] / np.maximum(visits, 1)
    count = visits.sum(1, keepdims=True)
    if config.rule == "uct":
        bonus = config.exploration * np.sqrt(np.log(count + 1) / np.maximum(visits, 1))
        scores = np.where(tried, q + bonus, np.inf)
    else:
        # a move not yet tried is taken for a little worse than the position
        q = np.where(tried, q, tree.value[rows][:, None] - 0.1)
        scores = q + config.exploration * tree.prior[rows] * np.sqrt(count + 1) / (1 + visits)
    scores = np.where(known, proof + (1e-3 if config.rule == "uct" else 0.0), scores)
    lost = known & (proof < 0)
    scores = np.where(lost, proof - 10.0, scores)
    return np.where(tree.legal[rows], scores, -np.inf)


def _simulate(game: Game, tree: _Tree, evaluate: Evaluate, config: SearchConfig, batch: int) -> None:
    """Walk down every tree to a new or a proven edge, evaluate the new nodes together, and carry the values up."""
    node = tree.roots.copy()
    going = np.arange(batch)
    path: list[tuple[Ints, Ints, Ints]] = []
    edge_value = np.zeros(batch, np.float32)
    leaf_node, leaf_action = np.zeros(batch, np.int64), np.zeros(batch, np.int64)
    fresh = np.zeros(batch, bool)
    while going.size:
        rows = node[going]
        actions = _scores(tree, rows, config).argmax(1)
        path.append((going, rows, actions))
        proof, child = tree.proof[rows, actions], tree.child[rows, actions]
        proven, new = ~np.isnan(proof), child < 0
        edge_value[going[proven]] = proof[proven]
        new &= ~proven
        fresh[going[new]] = True
        ends = proven | new
        leaf_node[going[ends]], leaf_action[going[ends]] = rows[ends], actions[ends]
        node[going] = child
        going = going[~ends]
    games = np.flatnonzero(fresh)
    proven_now = np.zeros(batch, bool)
    if games.size:
        parents, actions = leaf_node[games], leaf_action[games]
        before = take(tree.states, parents)
        after = game.step(before, actions)
        over = game.done(after)
        ended = games[over]
        mover = game.to_move(before)[over]
        edge_value[ended] = game.returns(take(after, over))[np.arange(len(ended)), mover]
        tree.proof[parents[over], actions[over]] = edge_value[ended]
        proven_now[ended] = True
        on = games[~over]
        if on.size:
            rows = tree.roots[on] + tree.used[on]
            tree.used[on] += 1
            tree.child[parents[~over], actions[~over]] = rows
            histories = tree.histories[parents[~over]]
            histories[np.arange(len(on)), (histories >= 0).sum(1)] = actions[~over]
            value = tree.set_nodes(game, rows, take(after, ~over), histories, evaluate)
            edge_value[on] = -config.discount * value
    _carry_up(tree, path, edge_value, proven_now, config.discount)


def _carry_up(
    tree: _Tree, path: list[tuple[Ints, Ints, Ints]], value: Floats, proven: NDArray[np.bool_], discount: float
) -> None:
    """Add `value` (`[B]`, for the mover of the last edge) to every edge of the path, and proofs as far as they go."""
    reached = np.zeros(len(value), bool)
    for games, rows, actions in reversed(path):
        value[games] = np.where(reached[games], -discount * value[games], value[games])
        proof_here = proven[games] & reached[games]
        if proof_here.any():
            tree.proof[rows[proof_here], actions[proof_here]] = value[games[proof_here]]
        tree.visits[rows, actions] += 1
        tree.total[rows, actions] += value[games]
        reached[games] = True
        if proven[games].any():
            which = games[proven[games]]
            edges = np.where(tree.legal[rows[proven[games]]], tree.proof[rows[proven[games]]], -np.inf)
            best = np.fmax.reduce(edges, axis=1)
            settled = (best > 0) | ~np.isnan(edges).any(1)
            value[which[settled]] = best[settled]
            proven[which[~settled]] = False


def _result(tree: _Tree, config: SearchConfig) -> Found:
    roots = tree.roots
    visits, proof, legal = tree.visits[roots], tree.proof[roots], tree.legal[roots]
    known = ~np.isnan(proof)
    tried = visits > 0
    q = np.where(known, proof, tree.total[roots] / np.maximum(visits, 1))
    prior = np.exp(tree.logprior[roots]) * legal
    prior /= prior.sum(1, keepdims=True)
    weight = np.where(tried, prior, 0.0)
    count = visits.sum(1, keepdims=True)
    mean = (weight * q).sum(1, keepdims=True) / np.maximum(weight.sum(1, keepdims=True), 1e-9)
    mixed = (tree.value[roots][:, None] + count * mean) / (1 + count)
    values = np.where(tried | known, q, mixed).astype(np.float32)
    scale = config.sharpness * (50.0 + visits.max(1, keepdims=True))
    logits = np.where(legal, tree.logprior[roots] + scale * values, -np.inf)
    policy = np.exp(logits - logits.max(1, keepdims=True))
    policy = (policy / policy.sum(1, keepdims=True)).astype(np.float32)
    return Found(visits, values, proof, policy, _lines(tree, config.line))


def best_actions(found: Found) -> Ints:
    """`[B]`: the quickest proven win, or else the most visited move (a value of 1 counts like a visit, and the policy
    decides between equals); a proven loss only where nothing else is left.
    """
    worth = found.visits + found.values + 1e-3 * found.policy + 1e6 * np.nan_to_num(found.proof, nan=0.0)
    # a legal move's policy can be too small for its floating-point number
    legal = (found.policy > 0) | (found.visits > 0)
    best: Ints = np.where(legal, worth, -np.inf).argmax(1)
    return best


def _lines(tree: _Tree, length: int) -> Ints:
    """`[B, A, length]`: from every root move on, the most visited child, proven wins first and proven losses last."""
    batch, moves = len(tree.roots), tree.legal.shape[1]
    lines = np.full((batch * moves, length), -1, np.int64)
    lines[:, 0] = np.tile(np.arange(moves), batch)
    node = tree.child[tree.roots].reshape(-1)
    for ply in range(1, length):
        on = np.flatnonzero(node >= 0)
        rows = node[on]
        proof = np.nan_to_num(tree.proof[rows], nan=0.0)
        worth = np.where(tree.legal[rows], tree.visits[rows] + 1e6 * proof, -np.inf)
        best = worth.argmax(1)
        sure = (tree.visits[rows, best] > 0) | (proof[np.arange(len(rows)), best] > 0)
        lines[on[sure], ply] = best[sure]
        node[on] = np.where(sure, tree.child[rows, best], -1)
    return lines.reshape(batch, moves, length)
