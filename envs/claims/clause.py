"""One clause of a sentence, and what may be asked of it: patterns over its symbols, whose side is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import chess

from envs.claims.nouns import Ref, Token
from envs.claims.reading import Sentence

_DONE = frozenset("can must be move capture jump diag straight forward back sideways return neg give".split())
SEPARATORS = frozenset((",", ":", "but", "why", "link"))


@dataclass(frozen=True, slots=True)
class Clause:
    """Symbols between two separators."""

    tokens: tuple[Token, ...]
    text: str

    @property
    def code(self) -> str:
        """The symbols, joined by spaces."""
        return " ".join(token.symbol for token in self.tokens)

    @property
    def quote(self) -> str:
        """The words themselves."""
        return self.text[self.tokens[0].start : self.tokens[-1].end] if self.tokens else ""

    def has(self, *symbols: str) -> bool:
        """Whether one of them is among its symbols."""
        return any(token.symbol in symbols for token in self.tokens)

    def found(self, pattern: str, *, whole: bool = False) -> tuple[Token, ...] | None:
        """The tokens that `pattern` matches, words of unknown meaning around it left out where it is the whole."""
        # Chinese of unknown meaning stands for a whole sentence's: it may deny, and is not passed over
        code = " ".join(
            "?" if token.symbol == "w" and token.value == "" and whole else token.symbol for token in self.tokens
        )
        match = _compiled(pattern, whole).search(code)
        if match is None:
            return None
        first = code[: match.start()].count(" ")
        size = match.group().count(" ") + 1
        return self.tokens[first : first + size]


@lru_cache(maxsize=512)
def _compiled(pattern: str, whole: bool) -> re.Pattern[str]:
    """Symbols are words apart; a whole clause may have a few unknown words around."""
    if whole:
        return re.compile(
            rf"^(?:(?:w|and|this|that|laugh) ){{0,2}}(?:{pattern})(?: (?:w|for side|in position|immediately)){{0,2}}$"
        )
    return re.compile(rf"(?<!\S)(?:{pattern})(?!\S)")


def clauses(sentence: Sentence) -> list[Clause]:
    """The clauses of a sentence, without their separators."""
    found: dict[int, list[Token]] = {}
    for token, number in zip(sentence.tokens, sentence.clauses, strict=True):
        if token.symbol not in SEPARATORS:
            found.setdefault(number, []).append(token)
    return [Clause(tuple(tokens), sentence.text) for tokens in found.values()]


def with_subjects(parts: list[Clause]) -> list[Clause]:
    """Clauses that begin with what is done, after the piece that the one before begins with: `兵直着走，斜着吃`."""
    found: list[Clause] = []
    subject: tuple[Token, ...] = ()
    for part in parts:
        bare = part.tokens and part.tokens[0].symbol in _DONE
        if refs(part.tokens) and not bare:
            subject = tuple(token for token in part.tokens if token.symbol == "np")[:1]
        found.append(Clause(subject + part.tokens, part.text) if bare else part)
    return found


def joined(parts: Iterable[Clause]) -> Clause:
    """Clauses of one message as one."""
    parts = list(parts)
    return Clause(tuple(token for part in parts for token in part.tokens), parts[0].text)


def whole(sentence: Sentence) -> Clause:
    """All of a sentence as one clause."""
    return Clause(sentence.tokens, sentence.text)


def refs(tokens: tuple[Token, ...]) -> list[Ref]:
    """The pieces spoken of."""
    return [token.value for token in tokens if isinstance(token.value, Ref)]


def color_of(who: object, speaker: chess.Color) -> chess.Color | None:
    """The side that `who` names, as said by `speaker`; None where that is not clear."""
    names = {"me": speaker, "you": not speaker, "white": chess.WHITE, "black": chess.BLACK}
    return names.get(str(who))


def side_in(tokens: tuple[Token, ...], speaker: chess.Color) -> chess.Color | None:
    """The first side that is named among `tokens`."""
    who = next(
        (token.value for token in tokens if token.symbol in ("side", "poss") and isinstance(token.value, str)), None
    )
    return color_of(who, speaker)
