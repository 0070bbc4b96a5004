"""Distillation: divergences beside TRL's and NumPy's, who writes what, and a student that learns of its teacher."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from agents.agent import View
from agents.play import Match, play
from envs import GAMES
from llm_policy.checkpoint import save_model
from llm_policy.model import Transformer
from llm_policy.player import LanguageModelPlayer
from tests.tiny_replies import GAME, some_replies, tiny_learner, tiny_model
from tests.tiny_run import finished_run, manifest, numbers, question_run
from training import distillation, teacher
from training.config import DistillationConfig, OptimizerConfig
from training.config_check import check_config
from training.distillation import ALGORITHM, DIVERGENCES, Together, both
from training.learner import STUDENT, Learner, new_learner
from training.loggers import FileLogger
from training.replies import read_replies
from training.self_play import self_play
from training.teacher import teacher_folder, teacher_of, teacher_sum
from training.train import train


def some_logprobs(seed: int) -> torch.Tensor:
    return torch.randn(9, 13, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).log_softmax(-1)


# The divergences


def test_divergences_are_those_of_the_definition() -> None:
    teacher, student = (some_logprobs(seed).numpy() for seed in (0, 1))
    p, q = np.exp(teacher), np.exp(student)
    m = (p + q) / 2
    wanted = {
        "forward": (p * np.log(p / q)).sum(1),
        "reverse": (q * np.log(q / p)).sum(1),
        "jensen-shannon": ((p * np.log(p / m)).sum(1) + (q * np.log(q / m)).sum(1)) / 2,
    }
    for name, divergence in DIVERGENCES.items():
        found = divergence(some_logprobs(0), some_logprobs(1)).numpy()
        np.testing.assert_allclose(found, wanted[name], rtol=1e-12)
        np.testing.assert_allclose(divergence(some_logprobs(0), some_logprobs(0)).numpy(), 0, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "beta"), [("forward", 0.0), ("reverse", 1.0), ("jensen-shannon", 0.5)])
def test_divergences_and_gradients_are_those_of_trl(name: str, beta: float) -> None:
    gkd = pytest.importorskip("trl.experimental.gkd")
    gradients, losses = [], []
    for ours in (True, False):
        logits = torch.randn(2, 7, 13, generator=torch.Generator().manual_seed(1)).requires_grad_()
        teacher = torch.randn(2, 7, 13, generator=torch.Generator().manual_seed(2))
        labels = torch.tensor([[-100, -100, 1, 2, 3, 4, 5], [-100, 1, 2, 3, 4, -100, -100]])
        if ours:
            learned = labels != -100
            said, wanted = logits[learned].log_softmax(-1), teacher[learned].log_softmax(-1)
            loss = DIVERGENCES[name](wanted, said).mean()
        else:
            loss = gkd.GKDTrainer.generalized_jsd_loss(logits, teacher, labels=labels, beta=beta)
        loss.backward()
        assert logits.grad is not None
        losses.append(float(loss.detach()))
        gradients.append(logits.grad)
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)
    torch.testing.assert_close(gradients[0], gradients[1], atol=1e-6, rtol=1e-5)


def test_what_is_said_of_all_words_is_what_each_reply_alone_says() -> None:
    model, replies = tiny_model(), some_replies()
    reading, alone = read_replies(model, replies), []
    for row in range(len(replies)):
        start, end = int(replies.starts[row]), int(replies.ends[row])
        logits = model.logits(model(replies.tokens[row : row + 1, :end])[0, start - 1 : end - 1])
        alone.append(logits.softmax(-1).log())
    torch.testing.assert_close(reading.logprobs, torch.cat(alone), atol=1e-5, rtol=1e-4)
    assert reading.rows.bincount().tolist() == [len(part) for part in alone]


# Who writes


def taught(tmp_path: Path, model: Transformer | None = None, **changes: object) -> Learner:
    """A learner whose teacher is `model`."""
    save_model(model or tiny_model(1), tmp_path / "teacher")
    learner = tiny_learner()
    told = DistillationConfig(str(tmp_path / "teacher"), **changes)  # type: ignore[arg-type]
    learner.config = replace(learner.config, algorithm="distillation", distillation=told)
    return learner


@pytest.mark.parametrize("own", [0.0, 0.5, 1.0])
def test_each_writes_its_share_and_in_its_own_words(tmp_path: Path, own: float) -> None:
    learner = taught(tmp_path, own=own)
    teacher_model = teacher_of(learner.config)
    episodes = self_play(learner, ALGORITHM)
    turns = [turn for episode in episodes for turn in episode.turns]
    assert {name for episode in episodes for name in episode.players} == {STUDENT}

    def alone(model: Transformer) -> set[str]:
        agent = both(replace_teacher(learner), model, STUDENT)
        played = play(GAME, [Match(e.number, (agent, agent), e.opening) for e in episodes], seed=learner.config.seed)
        return {turn.reply.text for episode in played for turn in episode.turns[:1]}

    students, teachers = alone(learner.model), alone(teacher_model)
    firsts = [episode.turns[0].reply.text for episode in episodes]
    assert all(text in students | teachers for text in firsts)
    written = sum(text in students - teachers for text in firsts), sum(text in teachers - students for text in firsts)
    assert (written[0] > 0, written[1] > 0) == (own > 0, own < 1), written
    assert len(turns) > len(episodes)


def replace_teacher(learner: Learner) -> Learner:
    """The same learner, who answers everything itself."""
    told = replace(learner.config.distillation, own=1.0)
    return Learner(replace(learner.config, distillation=told), learner.model, learner.optimizer)


def test_the_share_is_of_decisions_and_does_not_hang_on_who_sits_beside(tmp_path: Path) -> None:
    learner = taught(tmp_path, own=0.3)
    agent = both(learner, learner.model, STUDENT)
    assert isinstance(agent, Together)
    game = GAMES["tic-tac-toe"]
    views = [View(game, 0, (), 1000 + number) for number in range(200)]
    whole = agent.act(views)
    assert [agent.act([view])[0].text for view in views[:20]] == [reply.text for reply in whole[:20]]
    student = {reply.text for reply in agent.student.act(views)}
    own = np.mean([reply.text in student for reply in whole])
    assert 0.2 < own < 0.45


# What is learned


@pytest.mark.parametrize("divergence", DIVERGENCES)
@pytest.mark.parametrize("own", [0.0, 1.0])
def test_the_student_comes_to_say_what_the_teacher_says(tmp_path: Path, divergence: str, own: float) -> None:
    learner = taught(tmp_path, divergence=divergence, own=own)
    rows = [ALGORITHM.update(learner, self_play(learner, ALGORITHM)) for _ in range(40)]
    assert rows[-1]["divergence"] < 0.5 * rows[0]["divergence"]
    assert rows[-1]["agreement"] > rows[0]["agreement"] + 0.1


def test_frozen_weights_learn_nothing_and_the_teacher_never_changes(tmp_path: Path) -> None:
    learner = taught(tmp_path)
    learner.config = replace(learner.config, optimizer=OptimizerConfig(lr=0.0, weight_decay=0.0))
    student = [parameter.clone() for parameter in learner.model.parameters()]
    before = [parameter.clone() for parameter in learner.teacher.parameters()]
    rows = [ALGORITHM.update(learner, self_play(learner, ALGORITHM)) for _ in range(10)]
    assert all(torch.equal(a, b) for a, b in zip(student, learner.model.parameters(), strict=True))
    # replies differ from one iteration to the next, what is said of them hardly does
    assert min(row["divergence"] for row in rows) > 0.8 * rows[0]["divergence"]
    assert all(torch.equal(a, b) for a, b in zip(before, learner.teacher.parameters(), strict=True))


def test_the_teacher_stays_the_same_when_its_own_run_goes_on(tmp_path: Path) -> None:
    learner = taught(tmp_path)
    before = learner.teacher.lm_head.clone()
    save_model(tiny_model(2), tmp_path / "teacher")
    ALGORITHM.update(learner, self_play(learner, ALGORITHM))
    assert torch.equal(learner.teacher.lm_head, before)
    assert not torch.equal(teacher_of(learner.config).lm_head, before)


def test_past_selves_are_nobodys_teacher(tmp_path: Path) -> None:
    learner = taught(tmp_path, own=0.0)
    assert isinstance(both(learner, learner.model, "past-0"), LanguageModelPlayer)
    assert isinstance(both(learner, learner.model, STUDENT), Together)


def test_no_replies_are_nothing_to_learn(tmp_path: Path) -> None:
    assert distillation.update(taught(tmp_path), []) == {}


# The teacher


def test_a_run_teaches_another_and_that_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    finished_run(tmp_path, "teacher", question_run())
    told = DistillationConfig(str(tmp_path / "teacher"), own=0.5)
    config = question_run(algorithm="distillation", distillation=told, iterations=3)
    whole, _ = finished_run(tmp_path, "whole", config)
    calls: Iterable[bool] = iter([False, False, False, True])
    from training.run_folder import create_run

    cut = create_run(tmp_path, "cut", config)
    train(config, cut, FileLogger(cut), lambda: next(calls, True))
    assert manifest(cut) != manifest(whole)
    train(config, cut, FileLogger(cut))
    assert manifest(cut) == manifest(whole)
    assert numbers(cut) == numbers(whole)
    assert json.loads((whole.path / "versions.json").read_text())["teacher"] == teacher_sum(config)


def test_with_another_teacher_a_run_does_not_go_on(tmp_path: Path) -> None:
    save_model(tiny_model(1), tmp_path / "teacher")
    told = DistillationConfig(str(tmp_path / "teacher"))
    config = question_run(algorithm="distillation", distillation=told, iterations=3)
    run, _ = finished_run(tmp_path, "run", replace(config, iterations=1))
    save_model(tiny_model(2), tmp_path / "teacher")
    with pytest.raises(ValueError, match="teacher was"):
        train(replace(config, iterations=1), run, FileLogger(run))


def test_teachers_that_cannot_be_used_are_refused_by_name(tmp_path: Path) -> None:
    config = question_run(algorithm="distillation")
    with pytest.raises(ValueError, match=r"needs a teacher: --distillation\.teacher"):
        check_config(config)
    nobody = replace(config, distillation=DistillationConfig(str(tmp_path / "nobody")))
    with pytest.raises(ValueError, match=r"nobody'.*neither a run with a checkpoint nor a folder"):
        check_config(nobody)
    save_model(tiny_model(1), tmp_path / "small")
    small = replace(config, distillation=DistillationConfig(str(tmp_path / "small")))
    check_config(small)
    with pytest.raises(ValueError, match="the teacher reads no more than 64 tokens"):
        check_config(replace(small, model=replace(config.model, context=128)))
    with pytest.raises(ValueError, match=r"no divergence of distillation is called 'forwards'.*did you mean 'forward'"):
        check_config(replace(small, distillation=replace(small.distillation, divergence="forwards")))
    with pytest.raises(ValueError, match="grpo has none: --algorithm distillation"):
        check_config(replace(small, algorithm="grpo"))
    run, _ = finished_run(tmp_path, "subtraction", question_run(game="subtraction"))
    with pytest.raises(ValueError, match="game is 'addition': the teacher has learned 'subtraction'"):
        check_config(replace(config, distillation=DistillationConfig(str(run.path))))
    with pytest.raises(ValueError, match=r"distillation\.own is 2"):
        check_config(replace(small, distillation=replace(small.distillation, own=2.0)))


def test_the_teacher_of_a_run_is_its_best_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, _ = finished_run(tmp_path, "teacher", question_run())
    config = question_run(algorithm="distillation", distillation=DistillationConfig(str(run.path)))
    monkeypatch.setattr("training.checkpoints.best", lambda folder, say: folder / "000001")
    assert teacher_folder(config) == run.checkpoints / "000001" / "model"
    monkeypatch.setattr("training.checkpoints.best", lambda folder, say: None)
    assert teacher_folder(config) == run.checkpoints / "000002" / "model"
    assert teacher_sum(replace(config, algorithm="grpo")) is None
    assert teacher.WEIGHTS in {path.name for path in teacher_folder(config).iterdir()}
    assert new_learner(config).reference is None
