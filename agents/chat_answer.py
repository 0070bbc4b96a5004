"""What a chat service has sent, read as plain JSON: a player's words, or the reason why they are none.

The player's own, and so judged as they stand: any text; a refusal; nothing at all where it spent its tokens on thinking
(`finish_reason` is `length`, or there is reasoning beside the empty text). The service's fault, and so neither a move
nor a loss: no JSON, no choices, no message, an empty text without a reason, an error in the place of an answer, and
what a content filter has cut, which is not what the player wanted to say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from agents.bill import Tokens

MAX_TEXT = 1 << 17
"""characters of a reply that are kept: more than a referee reads (`envs.saying.MAX_REPLY`)"""
MAX_THOUGHT = 1 << 20
"""characters of its reasoning that are kept"""
MAX_TOKENS = 10**9
THOUGHTS = ("reasoning_content", "reasoning", "thinking")
"""Fields in which services put the reasoning, the first that is there."""
CUT = ("content_filter", "error")
"""Reasons to finish that are not the player's."""


class NoAnswerError(ValueError):
    """What was sent is no answer; says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply as it came."""

    text: str
    thought: str = ""
    used: Tokens | None = None
    """tokens as the service counts them, None where it does not"""


def answer_of(body: bytes, content_type: str = "") -> Answer:
    """Read the body of a chat completion.

    Raises:
        NoAnswerError: it is none.
    """
    data = _json(body, content_type)
    if _error(data):
        raise NoAnswerError(f"it answers with an error: {_error(data)}")
    choices = data.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        raise NoAnswerError("the answer has no choices")
    message, finished = choice.get("message"), choice.get("finish_reason")
    if _error(choice) or finished in CUT:
        raise NoAnswerError(f"the answer was cut off by the service: {_error(choice) or finished}")
    if not isinstance(message, dict):
        raise NoAnswerError("the answer has no message")
    thought = next((message[n] for n in THOUGHTS if isinstance(message.get(n), str) and message[n]), "")
    refusal = message.get("refusal")
    text = _text(message.get("content")) or (refusal if isinstance(refusal, str) else "")
    if not text.strip() and not thought.strip() and finished != "length":
        raise NoAnswerError(f"the answer is empty (finish_reason {finished!r:.40})")
    return Answer(text[:MAX_TEXT], thought[:MAX_THOUGHT], used_of(data))


def used_of(data: dict[str, Any]) -> Tokens | None:
    """What a service says was used, None where it says nothing that could be so."""
    usage = data.get("usage")
    if not isinstance(usage, dict):
        return None
    counts: list[Any] = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    if all(type(count) is int and 0 <= count <= MAX_TOKENS for count in counts):
        return Tokens(*counts)
    return None


def _json(body: bytes, content_type: str) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        kind = content_type.partition(";")[0].strip().lower()
        said = "nothing" if not body.strip() else f"{kind}, not JSON" if kind and "json" not in kind else "broken JSON"
        hint = "; is the address right? Most end in /v1" if kind == "text/html" else ""
        raise NoAnswerError(f"it answers with {said}{hint}") from None
    if not isinstance(data, dict):
        raise NoAnswerError(f"it answers with JSON that is no object ({type(data).__name__})")
    return data


def _text(content: object) -> str:
    """The text of a message, which some services send in parts."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _error(data: dict[str, Any]) -> str:
    """The message of an error that came in the place of an answer."""
    error = data.get("error")
    if isinstance(error, dict):
        return str(error.get("message") or error)[:300]
    return error[:300] if isinstance(error, str) else ""
