"""The form of a reply, `<think>…</think><answer>…</answer>`, and the verdict of the rules on it.

Strict and linear: tags are counted and found, never matched by a regular expression, and nothing move-like is
searched for in prose. A bad reply is data, never an exception.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from envs.ruling import Claim, Ruling

TAGS = ("<think>", "</think>", "<answer>", "</answer>")
MAX_REPLY = 16 * 1024
"""bytes, and so characters at most"""
MAX_ANSWER = 128


@dataclass(frozen=True, slots=True)
class Form:
    """What a reply says, or why it says nothing: `fault` is empty where the form is right."""

    think: str
    answer: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of a reply.

    `kind` is `legal`; `malformed` (no well-formed reply), `unknown` (the answer names no move of the game), `illegal`
    (it names one that is not allowed here) or `ungraded` (the rules failed: that says nothing of the reply). `action`
    is the move played, or -1. `progress`, from 0 to 1, is how far the reasoning leads before its first fault, in
    worlds that follow it. At a table with a chess referee (`envs.arena`) `kind` is the class of his `ruling`, and an
    illegal move that is put to the opponent has an action all the same; `said` is the message to the other player,
    with what the referee found of its `claims`.
    """

    kind: str
    action: int
    reason: str = ""
    """what the player is told"""
    progress: float = 0.0
    said: str = ""
    ruling: Ruling | None = None
    claims: tuple[Claim, ...] = ()
    zh: str = ""
    """the reason in Chinese, where there is one"""

    @property
    def legal(self) -> bool:
        return self.kind == "legal"


def format_reply(think: str, answer: str) -> str:
    """The reply with this thinking and this answer."""
    return f"<think>{think}</think><answer>{answer}</answer>"


def parse_reply(text: object) -> Form:
    """Read one reply; whatever is not exactly of the form, or no text at all, is refused with its reason."""
    if not isinstance(text, str):
        return Form("", "", "a reply is text, and this is none")
    if len(text) > MAX_REPLY or (not text.isascii() and len(text.encode("utf-8", "surrogatepass")) > MAX_REPLY):
        return Form("", "", f"longer than {MAX_REPLY} bytes")
    # short replies repeat; long ones would only fill the memory
    return _short(text) if len(text) <= _SHORT else _parse(text)


def _parse(text: str) -> Form:
    lowered = text.lower()
    for tag in TAGS:
        if lowered.count(tag) != 1 or tag not in text:
            return Form("", "", f"{tag} must stand exactly once, it stands {text.count(tag)} times")
    think, end_think, answer, end_answer = (text.index(tag) for tag in TAGS)
    if not think < end_think < answer < end_answer:
        return Form("", "", "the tags are out of order")
    between = (text[:think], text[end_think + len(TAGS[1]) : answer], text[end_answer + len(TAGS[3]) :])
    if any(part.strip(" \n") for part in between):
        return Form("", "", "there is text outside the tags")
    body = text[think + len(TAGS[0]) : end_think]
    said = text[answer + len(TAGS[2]) : end_answer].strip(" ")
    if not body.strip():
        return Form("", "", "the thinking is empty")
    if not body.replace("\n", "").isprintable():
        return Form("", "", "the thinking holds unprintable characters")
    if not 1 <= len(said) <= MAX_ANSWER or not said.isprintable():
        return Form("", "", f"the answer must be one printable line of 1 to {MAX_ANSWER} characters")
    return Form(body, said)


_SHORT = 256
_short = lru_cache(maxsize=16384)(_parse)


def judge_moves(moves: Sequence[str], legal: NDArray[np.bool_], replies: Sequence[str]) -> list[Verdict]:
    """The verdicts on `replies` of a game with these `moves`, of which `legal` (`[B, A]`) are allowed now."""
    return [judge(moves, mask, reply) for mask, reply in zip(legal.tolist(), replies, strict=True)]


def judge(moves: Sequence[str], legal: Sequence[bool], reply: str) -> Verdict:
    """The verdict on `reply` where `moves` are the game's moves and `legal` says which are allowed now."""
    form = parse_reply(reply)
    if form.fault:
        return Verdict("malformed", -1, form.fault)
    if form.answer not in moves:
        return Verdict("unknown", -1, f"{form.answer!r} is not a move of this game")
    action = moves.index(form.answer)
    if not legal[action]:
        return Verdict("illegal", -1, f"{form.answer} is not legal here")
    return Verdict("legal", action)
