"""Numbers and texts of answered questions: counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fake_answers import WAYS, answers
from training.loggers import summary, transcript
from training.rollouts import rollout_metrics
from xueba.sheet import sheets


def test_the_grades_of_a_batch_of_answers() -> None:
    found = rollout_metrics(answers(), 2.0)
    for name, count in (("right", 1), ("answers", 2), ("guessed", 1), ("valid_but_wrong", 1), ("malformed", 2)):
        assert (found[f"rollout/{name}_count"], found[f"rollout/{name}_of"]) == (count, 6)
        assert found[f"rollout/{name}"] == pytest.approx(count / 6)
    assert found["rollout/guessed_of_answers"] == 0.5
    assert found["rollout/reply_length"] == pytest.approx(sum(len(e.turns[0].reply.tokens) for e in answers()) / 6)
    assert found["perf/games_per_second"] == 3
    assert not any("wins" in name or "draws" in name for name in found), "nobody wins or loses a question"


def test_entropy_is_that_of_the_sampled_tokens() -> None:
    one = answers()[0]
    turn = replace(one.turns[0], reply=replace(one.turns[0].reply, logprobs=(-0.5, -1.5, -1.0)))
    assert rollout_metrics([replace(one, turns=(turn,))], 1.0)["rollout/token_entropy"] == pytest.approx(1.0)


def test_an_answer_as_a_row_and_as_text() -> None:
    rows = [summary(episode) for episode in answers()]
    assert [row["grade"] for row in rows] == ["right", "wrong", "guessed", "valid but wrong", "malformed", "malformed"]
    assert len({tuple(row) for row in rows}) == 1, "one table"
    task = sheets(answers()[1])[0].task
    wrong = rows[WAYS.index("false step")]
    assert (wrong["question"], wrong["expected"]) == (task.question, task.answer)
    assert wrong["answer"] == "777"
    assert wrong["reason"].endswith("=777")
    for episode in answers():
        assert "\x1b" not in transcript(episode)
    assert f"reason: {wrong['reason']}" in transcript(answers()[1])
