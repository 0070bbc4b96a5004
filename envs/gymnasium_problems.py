r"""Every problem as a Gymnasium environment: the observation is a question, the action a reply, and one step ends it.

    import gymnasium, xueba
    world = gymnasium.make("xueba/Addition-v0", level=2)
    question, info = world.reset(seed=0)
    _, reward, *_, info = world.step("<think>2+9=11\n1+3+1=5</think><answer>51</answer>")
    worlds = gymnasium.make_vec("xueba/Addition-v0", num_envs=4096)

The reward is the process reward (`envs.problem.process_reward`), and `info` says why: `grade`, one of `wrong`, `valid
but wrong`, `guessed`, `right` and `malformed`; `progress`, from 0 to 1; `reason`, the first fault and its line. Before
the reply `grade` and `reason` are empty. `split` is "train", "validation" or "test": no question stands in two of them.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from envs.game import Bools, Floats
from envs.gymnasium_adapter import environment_id
from envs.lookup import not_found
from envs.problem import GRADES, SPLITS, Task, process_reward, questions
from envs.problems import PROBLEMS, problem_named
from envs.random_streams import stream_keys
from envs.reply import MAX_REPLY, TAGS, Verdict

MAX_QUESTION = 1024
PRINTABLE = string.digits + string.ascii_letters + string.punctuation + " \n"
CHINESE = "".join(map(chr, range(0x4E00, 0xA000))) + "，。、：；？！（）《》“”％＝×÷°"
Info = dict[str, Any]


def _spaces(question: str) -> tuple[spaces.Text, spaces.Text]:
    """Of questions and of replies, in the language of this question."""
    charset = PRINTABLE if question.isascii() else PRINTABLE + CHINESE
    return spaces.Text(MAX_QUESTION, charset=charset), spaces.Text(MAX_REPLY, min_length=0, charset=charset)


class _Desks:
    """`B` desks with a question on each. Which one depends on (seed, desk, question at this desk) alone, so desk 0 has
    the same questions whatever `B` is.
    """

    def __init__(self, problem: str, desks: int, level: int, split: str, opened: bool) -> None:
        self.game, self.opened = problem_named(problem), opened
        levels = self.game.problem.levels
        if split not in SPLITS:
            raise ValueError(not_found("split", split, SPLITS))
        if not 1 <= level <= levels:
            raise ValueError(f"{problem} has the levels 1 to {levels}, not {level}")
        self.split, self.level = SPLITS.index(split), level
        self.seed = 0
        self.number = np.full(desks, -1)
        self.state = self.game.initial(desks)
        self.tasks: list[Task] = []

    def start(self, seed: int) -> None:
        self.seed = seed
        self.number[:] = -1
        self.deal()

    def deal(self) -> None:
        """The next question at each desk."""
        self.number += 1
        desks = np.arange(len(self.number))
        addresses = (stream_keys(self.seed, desks, self.number) >> np.uint64(2)).astype(np.int64)
        self.state = self.game.initial(len(desks))
        for chosen in (np.full_like(desks, self.split), np.full_like(desks, self.level), addresses):
            self.state = self.game.step(self.state, chosen)
        self.tasks = self.game.tasks(self.state)

    def judge(self, replies: Sequence[str]) -> tuple[Floats, list[Info]]:
        """The rewards and what is said of each reply."""
        if self.opened:
            replies = [f"{TAGS[0]}{reply}" for reply in replies]
        verdicts = self.game.judge(self.state, replies)
        partial = self.game.problem.partial
        rewards = np.array([process_reward(verdict, partial) for verdict in verdicts], np.float32)
        return rewards, [_said(verdict) for verdict in verdicts]

    def example(self) -> str:
        return questions(self.game.problem, *np.array([[self.split], [self.level], [0]]))[0].question

    def questions(self) -> tuple[str, ...]:
        return tuple(task.question for task in self.tasks)


def _said(verdict: Verdict | None) -> Info:
    if verdict is None:
        return {"grade": "", "progress": 0.0, "reason": ""}
    grade = GRADES[verdict.action] if verdict.legal else verdict.kind
    return {"grade": grade, "progress": verdict.progress, "reason": verdict.reason}


class ProblemEnv(gymnasium.Env[str, str]):
    """One question at a time. The same `reset(seed=...)` asks the same questions; `reset()` goes on to the next.

    With `opened` the prompt has already written `<think>`, and replies begin behind it.

    Raises:
        ValueError: there is no such problem, level, split or render mode.
    """

    metadata = {"render_modes": ["ansi", "human"], "render_fps": 2}  # noqa: RUF012 (as Gymnasium has it)

    def __init__(
        self,
        problem: str,
        level: int = 1,
        split: str = "train",
        render_mode: str | None = None,
        opened: bool = False,
    ) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(not_found("render mode", str(render_mode), self.metadata["render_modes"]))
        self.render_mode = render_mode
        self._desks = _Desks(problem, 1, level, split, opened)
        self.observation_space, self.action_space = _spaces(self._desks.example())
        self._started, self._ended, self._shown = False, True, ""

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[str, Info]:
        super().reset(seed=seed)
        if seed is not None or not self._started:
            self._desks.start(int(self.np_random.integers(2**63)))
            self._started = True
        else:
            self._desks.deal()
        self._ended = False
        self._show(self._desks.questions()[0])
        return self._desks.questions()[0], _said(None)

    def step(self, action: str) -> tuple[str, float, bool, bool, Info]:
        if self._ended:
            raise RuntimeError("the question is answered: call reset()")
        (reward,), (info,) = self._desks.judge([action])
        self._ended = True
        self._show(f"{self._shown}\n{action}\n{info['grade']}{': ' * bool(info['reason'])}{info['reason']}")
        return self._desks.questions()[0], float(reward), True, False, info

    def _show(self, text: str) -> None:
        self._shown = "".join(c if c == "\n" or c.isprintable() else "?" for c in text)
        if self.render_mode == "human":
            print(self._shown)

    def render(self) -> str | None:
        """The question and, once there is one, the reply with its verdict."""
        return self._shown if self.render_mode == "ansi" else None


class ProblemVectorEnv(VectorEnv[tuple[str, ...], Sequence[str], Any]):
    """`num_envs` questions in one batch. Observations and actions are tuples of texts; `info` holds `progress` (`[B]`)
    and, as lists of texts, `grade` and `reason`.

    With `opened` the prompts have already written `<think>`. Each step answers every question. The step after it asks
    the next ones, and its replies are ignored (Gymnasium's `NEXT_STEP`).
    """

    metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP, "render_modes": []}  # noqa: RUF012

    def __init__(
        self, problem: str, num_envs: int = 1, level: int = 1, split: str = "train", opened: bool = False
    ) -> None:
        self.num_envs = num_envs
        self._desks = _Desks(problem, num_envs, level, split, opened)
        self.single_observation_space, self.single_action_space = _spaces(self._desks.example())
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._over = np.zeros(num_envs, bool)

    def reset(self, *, seed: int | None = None, options: Info | None = None) -> tuple[tuple[str, ...], Info]:
        super().reset(seed=seed)
        self._desks.start(int(self.np_random.integers(2**63)))
        self._over = np.zeros(self.num_envs, bool)
        return self._desks.questions(), _columns([_said(None)] * self.num_envs)

    def step(self, actions: Sequence[str]) -> tuple[tuple[str, ...], Floats, Bools, Bools, Info]:
        if len(actions) != self.num_envs:
            raise ValueError(f"{len(actions)} replies to {self.num_envs} questions")
        if self._over.all():
            self._desks.deal()
            rewards, said = np.zeros(self.num_envs, np.float32), [_said(None)] * self.num_envs
        else:
            rewards, said = self._desks.judge(actions)
        self._over = ~self._over
        return self._desks.questions(), rewards, self._over.copy(), np.zeros(self.num_envs, bool), _columns(said)


def _columns(said: list[Info]) -> Info:
    return {
        "grade": [info["grade"] for info in said],
        "progress": np.array([info["progress"] for info in said]),
        "reason": [info["reason"] for info in said],
    }


def register() -> None:
    """Tell Gymnasium of every problem. Doing it again changes nothing."""
    for name in PROBLEMS:
        if environment_id(name) not in gymnasium.registry:
            gymnasium.register(
                environment_id(name),
                entry_point="envs.gymnasium_problems:ProblemEnv",
                vector_entry_point="envs.gymnasium_problems:ProblemVectorEnv",
                kwargs={"problem": name},
            )
