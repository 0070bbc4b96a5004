"""The child of `envs.reasoning_gym_adapter`: makes one question of a task, and scores what was said to it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from reasoning_gym.factory import DATASETS, create_dataset

RIGHT = 0.99
"""Of the scores between 0 and 1 that the tasks give, only this much is right: they pay for noise and length as well."""
MAX_QUESTION, MAX_ANSWER = 4096, 128
TRIES = 32


@lru_cache(1024)
def made(task: str, seed: int) -> tuple[Any, dict[str, Any]]:
    """The dataset and its one item, the first of the seed's that can be used."""
    why = ""
    for again in range(TRIES):
        # An item i of seed s is Random(s + i) there, so that neighbouring seeds share all but one: ours are
        # far apart. No longer than NumPy takes.
        digest = hashlib.blake2b(f"{task} {seed} {again}".encode(), digest_size=4).digest()
        try:
            dataset = create_dataset(task, seed=int.from_bytes(digest, "big"), size=1)
            entry = dataset[0]
            question, answer = entry["question"], entry["answer"]
            why = unusable(question, answer) or ("" if score(dataset, answer, entry) else "its own answer is not right")
        except Exception as error:  # noqa: BLE001 (somebody else's code: any of it may fail for some seed)
            why = f"{type(error).__name__}: {error}"
        if not why:
            return dataset, entry
    raise ValueError(f"{task} makes no question that can be used: {why}")


def unusable(question: object, answer: object) -> str:
    """Why it cannot be asked, or answered in one line; or nothing."""
    if not isinstance(question, str) or not isinstance(answer, str):
        return "question and answer are not text"
    if not question.strip() or len(question) > MAX_QUESTION:
        return f"a question of {len(question)} characters"
    if not 0 < len(answer) <= MAX_ANSWER or not answer.isprintable() or answer != answer.strip():
        return f"an answer that is not one printable line of at most {MAX_ANSWER} characters"
    return ""


def score(dataset: Any, said: str, entry: dict[str, Any]) -> bool:
    """It is right."""
    found = dataset.score_answer(said, entry)
    return found is not None and float(found) >= RIGHT


def answer(request: dict[str, Any]) -> Any:
    """With `said`: whether that is right. Without: the question and its answer; or the names of all tasks."""
    if "names" in request:
        return sorted(DATASETS)
    dataset, entry = made(request["task"], request["seed"])
    if "said" in request:
        return score(dataset, request["said"], entry)
    return {"question": entry["question"], "answer": entry["answer"]}
