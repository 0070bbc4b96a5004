"""Whether a run can be made of a config: every refusal names the field and what was probably meant."""

from __future__ import annotations

import math
from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

import numpy as np

from agents.search import RULES
from envs.dataset import COMPARED
from envs.game import Game
from envs.lookup import not_found
from envs.problem import TRAIN, Listed, ProblemGame, questions
from envs.reply import format_reply
from llm_policy.player import LanguageModelPlayer
from llm_policy.prompts import VIEWS, prompt_tokens, question_tokens
from llm_policy.reply_mask import FORM_TOKENS
from llm_policy.tokenizer import UNK, encode
from training.advantages import BASELINES, SCALES
from training.algorithms import ALGORITHMS
from training.config import Config
from training.config_file import flat
from training.distillation import DIVERGENCES
from training.policy_losses import AVERAGES, RATIOS, SURROGATES
from training.replies import CREDITS
from training.rewards import FACTORS, OF_GAMES, OF_PROBLEMS, ZERO_SUM, reward_named, weights_of
from training.run_folder import RunFolder
from training.teacher import WEIGHTS, teacher_of
from training.user_reward import is_own
from training.worlds import world_of

_AT_LEAST = {
    1: "iterations threads checkpoint_every problem.measured play.games play.pool_every measure.every optimizer.rise "
    "warm_up.batch expert_iteration.batch expert_iteration.buffer policy_gradient.epochs policy_gradient.batch "
    "policy_gradient.group policy_gradient.max_new policy_gradient.length_margin search.simulations search.line "
    "play.search_rollouts",
    0: "warm_up.steps warm_up.lr play.opening_plies play.pool measure.games measure.solved optimizer.lr "
    "optimizer.weight_decay expert_iteration.reuse expert_iteration.sampled_plies policy_gradient.temperature "
    "policy_gradient.rehearsal search.exploration search.sharpness policy_gradient.clip_high policy_gradient.kl "
    "policy_gradient.off_policy policy_gradient.ratio_cap policy_gradient.overlong policy_gradient.overlong_cost "
    "policy_gradient.refills",
}
_SHARES = (
    "play.past_share play.random_share play.search_share optimizer.final expert_iteration.spoken "
    "expert_iteration.outcome_share expert_iteration.rollout_share search.noise search.discount optimizer.beta2 "
    "policy_gradient.discount policy_gradient.gae_lambda policy_gradient.baseline_decay policy_gradient.top_entropy "
    "self_improvement.rise distillation.own"
)
_ABOVE_0 = "optimizer.clip policy_gradient.clip"


def check_config(config: Config) -> None:
    """Whether a run can be made of it.

    Raises:
        ValueError: a field has no sensible value; names it, and what was probably meant.
    """
    named: list[tuple[str, str, Collection[str]]] = [
        ("comparison of answers", config.dataset.compared, COMPARED),
        ("algorithm", config.algorithm, ALGORITHMS),
        ("view", config.view, VIEWS),
        ("rule of search", config.search.rule, RULES),
        ("baseline of grpo", config.policy_gradient.baseline, BASELINES),
        ("scale of grpo", config.policy_gradient.scale, SCALES),
        ("ratio of grpo", config.policy_gradient.ratio, RATIOS),
        ("surrogate of grpo", config.policy_gradient.surrogate, SURROGATES),
        ("average of grpo", config.policy_gradient.average, AVERAGES),
        ("credit of grpo", config.policy_gradient.credit, CREDITS),
        ("divergence of distillation", config.distillation.divergence, DIVERGENCES),
    ]
    for what, name, known in named:
        if name not in known:
            raise ValueError(not_found(what, name, known))
    _check_ranges(dict(flat(config)))
    if config.play.past_share + config.play.random_share + config.play.search_share > 1:
        raise ValueError("play.past_share, play.random_share and play.search_share are more than all games together")
    world_of(config)  # from here on a file of questions is among the problems
    _check_rewards(config)
    _check_algorithm(config)
    _check_teacher(config)
    _check_problem(config)
    _check_context(config)


def _check_rewards(config: Config) -> None:
    """Whether the rewards can say something of this world, and something at all."""
    weights = weights_of(config.policy_gradient, config.game)
    problem = isinstance(world_of(config), ProblemGame)
    for name, weight in weights.items():
        if not math.isfinite(weight):
            raise ValueError(f"config field policy_gradient.rewards: {name} {weight} is no finite number")
        reward_named(name)
        if name in (OF_GAMES if problem else OF_PROBLEMS) or (is_own(name) and not problem):
            raise ValueError(
                f"config field policy_gradient.rewards: {name!r} is for {'games' if problem else 'problems'}, and "
                f"{config.game} is none"
            )
    if not any(weight for name, weight in weights.items() if name not in FACTORS):
        raise ValueError(f"config field policy_gradient.rewards: nothing is worth anything in {weights}")


def _check_algorithm(config: Config) -> None:
    """What only one of the algorithms cannot do with."""
    learned, games = config.policy_gradient, config.play.games
    if config.algorithm == "grpo" and games % learned.group:
        raise ValueError(
            f"config field play.games is {games}: grpo compares the games of a group, so it must be a multiple of "
            f"policy_gradient.group, which is {learned.group}"
        )
    if 0 < learned.ratio_cap <= 1 + max(learned.clip, learned.clip_high):
        raise ValueError(
            f"config field policy_gradient.ratio_cap is {learned.ratio_cap}: it must be more than the upper end of "
            f"the ratio's range, {1 + max(learned.clip, learned.clip_high)}, or 0 for none"
        )
    if learned.overlong > learned.max_new:
        raise ValueError(
            f"config field policy_gradient.overlong is {learned.overlong}: a reply has at most "
            f"policy_gradient.max_new = {learned.max_new} tokens"
        )
    one_sided = [name for name, weight in weights_of(learned, config.game).items() if weight and name not in ZERO_SUM]
    if config.algorithm == "ppo" and learned.both_seats and one_sided:
        raise ValueError(
            f"policy_gradient.both_seats needs rewards that add up to 0 in every game, and {', '.join(one_sided)} "
            "need not: turn it off"
        )


def _check_teacher(config: Config) -> None:
    """Whether the teacher can say something of this student's replies.

    Raises:
        ValueError, OSError: it cannot, or there is none; says why.
    """
    name, algorithm = config.distillation.teacher, config.algorithm
    if algorithm != "distillation":
        if name:
            raise ValueError(
                f"distillation.teacher is {name[:200]!a}, and {algorithm} has none: --algorithm distillation"
            )
        return
    reads, student = teacher_of(config).config, config.model
    if reads.context < student.context:
        raise ValueError(
            f"config field model.context is {student.context}: the teacher reads no more than {reads.context} tokens"
        )
    if reads.vocabulary != student.vocabulary:
        raise ValueError(
            f"config field model.vocabulary is {student.vocabulary}: the teacher knows {reads.vocabulary} words"
        )
    if (Path(name) / WEIGHTS).is_file():
        return
    taught = RunFolder(Path(name)).config()
    for field, wanted, has in (("game", config.game, taught.game), ("view", config.view, taught.view)):
        if wanted != has:
            raise ValueError(f"config field {field} is {wanted!r}: the teacher has learned {has!r}")


def _check_context(config: Config) -> None:
    """Whether the longest position and a reply fit what the model can read."""
    world = world_of(config)
    if isinstance(world, ProblemGame):
        prompt, reply = _longest_question(world, config)
        room = max(reply, config.policy_gradient.max_new)
        if prompt + room > config.model.context:
            raise ValueError(
                f"config field model.context is {config.model.context}: questions of {config.game}, level "
                f"{config.problem.highest}, take up to {prompt} tokens, and replies get {room} "
                f"(policy_gradient.max_new), so it must be at least {prompt + room}"
            )
        if reply > config.policy_gradient.max_new:
            raise ValueError(
                f"config field policy_gradient.max_new is {config.policy_gradient.max_new}: worked solutions of "
                f"{config.game}, level {config.problem.highest}, take up to {reply} tokens"
            )
        return
    game = cast(Game, world)
    longest = np.zeros((1, game.max_plies), np.int64)
    prompt = int(prompt_tokens(game, game.initial(1), longest, config.view)[1][0])
    reply = config.search.line + FORM_TOKENS
    if reply > config.policy_gradient.max_new:
        raise ValueError(
            f"config field policy_gradient.max_new is {config.policy_gradient.max_new}: replies that are learned, with "
            f"lines of up to search.line = {config.search.line} moves, take up to {reply} tokens"
        )
    reply = max(LanguageModelPlayer.max_new, config.policy_gradient.max_new)
    if prompt + reply > config.model.context:
        raise ValueError(
            f"config field model.context is {config.model.context}: a prompt of {config.game} (view {config.view}) "
            f"takes up to {prompt} tokens and a reply {reply}, so it must be at least {prompt + reply}"
        )


def _longest_question(world: ProblemGame, config: Config) -> tuple[int, int]:
    """The most tokens of a question and of its worked solution, among some hundreds of the highest level."""
    count = 500
    levels = np.full(count, config.problem.highest)
    tasks = questions(world.problem, np.full(count, TRAIN), levels, np.arange(count))
    replies = [len(encode(format_reply(task.solution, task.answer))) + 1 for task in tasks]
    return int(question_tokens(tasks)[1].max()), max(replies)


def _check_alphabet(world: ProblemGame, config: Config) -> None:
    """Whether the model can spell what a problem of ours asks; of a file it is told which characters it cannot."""
    if isinstance(world.problem, Listed):
        return
    (task,) = questions(world.problem, *np.array([[TRAIN], [1], [0]]))
    unknown = sorted({character for character in task.question + task.solution if UNK in encode(character)})
    if unknown:
        raise ValueError(
            f"config field game is {config.game!r}: the model spells printable ASCII, and no {''.join(unknown[:9])} "
            "(gymnasium and audit-reward ask it of models that do)"
        )


def _check_problem(config: Config) -> None:
    """What problems ask of a config."""
    world, asked = world_of(config), config.problem
    if not isinstance(world, ProblemGame):
        if config.algorithm == "self-improvement":
            raise ValueError(f"self-improvement takes problems with levels, and {config.game} is none")
        if config.algorithm == "reading":
            raise ValueError(f"reading takes problems with worked solutions, and {config.game} is none")
        return
    _check_alphabet(world, config)
    if not 1 <= asked.lowest <= asked.level <= world.problem.levels:
        raise ValueError(
            f"config fields problem.lowest and problem.level are {asked.lowest} and {asked.level}: the levels of "
            f"{config.game} go from 1 to {world.problem.levels}, the lowest first"
        )
    if asked.reach > world.problem.levels:
        raise ValueError(
            f"config field problem.reach is {asked.reach}: {config.game} has no level above {world.problem.levels}"
        )
    if config.algorithm == "self-improvement" and asked.reach <= asked.level:
        raise ValueError(
            f"self-improvement goes beyond the levels that are shown: problem.reach is {asked.reach}, it must be more "
            f"than problem.level, which is {asked.level}"
        )
    if config.algorithm == "expert-iteration":
        raise ValueError("expert-iteration searches boards and cannot learn problems: take grpo, reinforce or ppo")
    if config.play.past_share + config.play.random_share + config.play.search_share:
        raise ValueError(
            "play.past_share, play.random_share and play.search_share name opponents, and a problem has none: "
            "set them to 0"
        )
    if config.policy_gradient.mask:
        raise ValueError("policy_gradient.mask allows legal moves only, and a problem has none: turn it off")


def _check_ranges(values: dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"config field {name} is {value}: it must be a finite number")
    for least, names in _AT_LEAST.items():
        for name in names.split():
            if values[name] < least:
                raise ValueError(f"config field {name} is {values[name]}: it must be at least {least}")
    for name in _ABOVE_0.split():
        if values[name] <= 0:
            raise ValueError(f"config field {name} is {values[name]}: it must be more than 0")
    for name in _SHARES.split():
        if not 0 <= values[name] <= 1:
            raise ValueError(f"config field {name} is {values[name]}: it must be between 0 and 1")
    for name, end in (("seed", 2**63), ("threads", 1025)):
        if not 0 <= values[name] < end:
            raise ValueError(f"config field {name} is {values[name]}: it must be at least 0 and less than {end}")
