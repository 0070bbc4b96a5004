"""A message, read: sentences of symbols, with what forbids to take them as claims.

Words become symbols (`words.py`, `words_zh.py`), a piece with all that describes it becomes one `np`
(`nouns.py`), what cannot matter is dropped, and everything else is `w`. The symbols of a sentence, joined by spaces, are
its `code`: `your knight on f6 is pinned` and `你f6的马被牵制了` are `np be pinned` and `np by pinned`.

What is quoted, or put into somebody's mouth (`REFEREE: ...`, JSON, tags), is nobody's claim, and isn't read. Offsets
never move: every replacement is as long as what it replaces, so that a claim can quote the very words. All of it is
linear in the length of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from envs.claims import words, words_law, words_zh
from envs.claims.nouns import Token, with_nouns

MAX_READ = 16 * 1024
"""characters of a message that are read: as long as a reply may be"""
MAX_SENTENCE, MAX_TOKENS = 400, 120
"""A longer sentence is cut at its commas; one still longer is no sentence, and says nothing that can be checked."""

_WIDE = {0xFF01 + i: 0x21 + i for i in range(94)} | {
    0x3000: " ", 0x2019: "'", 0x02BC: "'", 0x2013: "—", 0x2014: "—", 0x2015: "—", 0x2212: "-", 0x2010: "-",
    0x2011: "-", 0x00A0: " ", 0x0000: " ", 0xFFFC: " ",
}  # fmt: skip
_MASK = "\ufffc"
_QUOTED = re.compile(
    r"```[^`]*```|`[^`\n]{1,400}`|\"[^\"\n]{1,600}\"|“[^“”]{1,600}”|「[^「」]{1,600}」|『[^『』]{1,600}』|«[^«»]{1,600}»"
    r"|(?<!\w)'[^'\n]{2,300}'(?!\w)|‘[^‘’\n]{2,300}’|<[^<>\n]{0,300}>|(?m:^[ \t]*>.*$)|\{[^{}]{0,2000}\}|\[[^][\n]{0,300}\]"
)
_OTHER_MOUTH = re.compile(
    r"(?i)(?<![a-z])(?:referee|arbiter|ref|system|assistant|user|human|moderator|server|admin|tournament director"
    r"|verdict|ruling|裁判|主裁判|主裁|系统|系统消息|系统提示|管理员|仲裁|判决|裁定)"
    r"(?: (?:message|ruling|note|decision|says|notice|override|verdict|prompt))?(?:消息|提示|判定|通知|裁定)?[\])*_ ]{0,3}[:].*"
)
_MOVE_NUMBER = re.compile(r"(?<![\d.])\d{1,3}\.(?:\.\.|…)? ?(?=[KQRBNOa-h0]\S)")
_LISTED = re.compile(r"(?:^|(?<=[;。:!?\n]))\s?(?:[一二三四五六七八九]、|\(?[1-9][.)、] ?(?=[^\d\s]))")
"""the numbers of a list"""
_VOCATIVE = re.compile(r"(?im)(?:^|(?<=[.!?] ))mate, (?=[a-z])")
_END = re.compile(r"[!?;。…\n]+|(?<!e\.p)(?<!i\.e)(?<!e\.g)(?<!vs)(?<!Art)(?<!art)(?<!No)\.+(?=[\s\ufffc一-鿿]|$)")
_TOKEN = re.compile(
    r"(?P<mask>\ufffc+)"
    r"|(?P<san>(?<![A-Za-z0-9])(?:O-O-O|O-O|0-0-0|0-0|[KQRBN][a-h]?[1-8]?x?[a-h][1-8]|[a-h]x[a-h][1-8](?:=?[QRBN])?"
    r"|[a-h][18]=[QRBN]|[a-h][1-8]-?[a-h][1-8][qrbn]?)(?![A-Za-z0-9])[+#]?)"
    r"|(?P<sq>(?<![A-Za-z0-9])[a-hA-H][1-8](?![A-Za-z0-9]))"
    r"|(?P<file>(?<![A-Za-z0-9])(?:[a-hA-H](?:-file|[ -]file|(?=-pawns?)|(?=[兵卒线路列]))|[b-hB-H](?= pawns?)))(?![a-z])"
    r"|(?P<chess960>(?i:chess[ -]?960)|(?<!\d)960(?!\d))|(?P<article>\d{1,2}(?:\.\d{1,2}){1,4})|(?P<num>\d{1,6})"
    r"|(?P<ep>(?<![A-Za-z])e\.p\.)|(?P<word>[A-Za-z]+(?:'[A-Za-z]+)?)|(?P<dash>—| - )|(?P<punct>[,:()])"
)
_LIST, _COMMA = re.compile(r"(?<!\S)np (?:, np )+(?:, )?and np(?!\S)"), re.compile(r",")
"""a queen, a rook or a knight: no commas between clauses"""
_ENDINGS = ("n't", *words.ENDINGS)


_TABLES = (words.GUARDS, words.FRAMES, words.GRAMMAR, words.FACTS, words_law.LAW_WORDS)
_TABLES_ZH = (words_zh.GUARDS, words_zh.FRAMES, words_zh.GRAMMAR, words_zh.FACTS, words_zh.LAW_WORDS)


def _phrases(tables: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Phrase and symbol of every line of the tables."""
    for table in tables:
        for line in table.strip().splitlines():
            symbol, _, phrases = line.partition(": ")
            yield from ((phrase.strip(), symbol) for phrase in phrases.split(" | "))


def _english() -> dict[str, list[tuple[tuple[str, ...], str, object]]]:
    """By first word: the rest of each phrase, its symbol and value, the longest first."""
    found: dict[tuple[str, ...], tuple[str, object]] = {
        tuple(phrase.replace("'s", " 's").split()): (symbol, phrase) for phrase, symbol in _phrases(_TABLES)
    }
    found |= {(word,): ("pc", piece) for word, piece in words.PIECES.items()}
    found |= {(word,): ("num", number) for word, number in words.NUMBERS.items()}
    tens = [word for word, number in words.NUMBERS.items() if 10 < number < 100]
    found |= {(ten, "five"): ("num", words.NUMBERS[ten] + 5) for ten in tens}
    found |= {(word,): ("poss" if word in words.POSSESSIVE else "side", side) for word, side in words.SIDES.items()}
    found |= {(word, row): ("rank", rank) for word, rank in words.RANKS.items() for row in ("rank", "row", "ranks")}
    found |= {("more", "than", "one"): ("num", 2)}
    ends = ("far end", "other end", "opposite end", "end of the board", "opposite side of the board", "far side")
    found |= {tuple(end.split()): ("rank", 0) for end in ends}
    found |= {(who, "opponent"): ("side", side) for who, side in (("my", "you"), ("the", "you"), ("your", "third"))}
    found |= {("it", "'s", *rest[2:]): meant for rest, meant in list(found.items()) if rest[:2] == ("it", "is")}
    by_first: dict[str, list[tuple[tuple[str, ...], str, object]]] = {}
    for phrase, (symbol, value) in sorted(found.items(), key=lambda item: -len(item[0])):
        by_first.setdefault(phrase[0], []).append((phrase[1:], symbol, value))
    return by_first


def _chinese() -> dict[str, tuple[str, object]]:
    found: dict[str, tuple[str, object]] = {phrase: (symbol, phrase) for phrase, symbol in _phrases(_TABLES_ZH)}
    found |= {word: ("pc", piece) for word, piece in words_zh.PIECES.items()}
    found |= {word: ("num", number) for word, number in words_zh.NUMBERS.items()}
    found |= {word: ("side", side) for word, side in words_zh.SIDES.items()}
    rows = ("横线", "排", "横排", "行", "线", "横行")
    digits = enumerate("一二三四五六七八", 1)
    found |= {f"第{d}{row}": ("rank", n) for n, digit in digits for d in (digit, str(n)) for row in rows}
    found |= {f"{last}{row}": ("rank", 0) for last in ("最后一", "底", "最后", "最底", "对方底") for row in rows}
    found |= dict.fromkeys(("次底线", "倒数第二排", "倒数第二行", "倒数第二横线"), ("rank", 7))
    found |= dict.fromkeys(("底线", "到底线", "对方底线", "最后一横线", "尽头", "最后一格"), ("rank", 0))
    return found


_EN, _ZH = _english(), _chinese()
_LONGEST = max(map(len, _ZH))
_ZH_STARTS = frozenset(word[0] for word in _ZH)


def _words_of(text: str, start: int, end: int) -> Iterator[Token]:
    """`don't` is do and not; each part stands for the same characters."""
    word = text[start:end].lower()
    parts: tuple[str, ...] | None = words.CONTRACTIONS.get(word)
    if parts is None:
        ending = next((e for e in _ENDINGS if len(e) < len(word) and word.endswith(e)), "")
        parts = (word.removesuffix(ending), words.ENDINGS.get(ending, "not")) if ending else (word,)
    yield from (Token("w", start, end, part) for part in parts)


def _raw(text: str, start: int, end: int) -> Iterator[Token]:
    """Tokens of `text[start:end]`: Chinese words with their symbols, English ones still as words."""
    at = start
    while at < end:
        if text[at] in _ZH_STARTS:
            for size in range(min(_LONGEST, end - at), 0, -1):
                entry = _ZH.get(text[at : at + size])
                if entry is not None:
                    break
            else:
                size, entry = 1, None
            # letters and digits that begin a Chinese word are words of their own where they don't
            if entry is not None or text[at] > "\u2fff":
                symbol, value = entry or ("w", "")
                yield Token(symbol, at, at + size, value, True)
                at += size
                continue
        found = _TOKEN.match(text, at, end)
        if found is None:
            if text[at] > "\u2fff":
                yield Token("w", at, at + 1, "")
            at += 1
            continue
        kind = found.lastgroup or ""
        if kind == "word":
            yield from _words_of(text, at, found.end())
        else:
            yield _sign(kind, found.group(), at, found.end())
        at = found.end()


def _sign(kind: str, said: str, start: int, end: int) -> Token:
    if kind == "sq":
        return Token("sq", start, end, (ord(said[0]) | 32) - 97 + 8 * (int(said[1]) - 1))
    if kind == "file":
        return Token("file", start, end, (ord(said[0]) | 32) - 97)
    if kind == "num":
        return Token("year" if len(said) == 4 and said.startswith("20") else "num", start, end, int(said))
    symbol = {"mask": "q", "dash": ",", "punct": ":" if said == ":" else ","}.get(kind, kind)
    return Token(symbol, start, end, said)


def _symbols(raw: list[Token]) -> Iterator[Token]:
    """English words to phrases; the longest that fits."""
    at = 0
    while at < len(raw):
        token = raw[at]
        size, symbol, value = 1, token.symbol, token.value
        if symbol == "w" and value:
            for rest, named, meant in _EN.get(str(value), ()):
                after = raw[at + 1 : at + 1 + len(rest)]
                if len(after) == len(rest) and all(
                    t.symbol == "w" and t.value == w for t, w in zip(after, rest, strict=True)
                ):
                    size, symbol, value = 1 + len(rest), named, meant
                    break
            if symbol == "w" and value == "'s":
                symbol = "'s"
        yield Token(symbol, token.start, raw[at + size - 1].end, value, token.chinese)
        at += size


@dataclass(frozen=True)
class Sentence:
    """`tokens` without what is dropped; `question` where it ends in a question mark."""

    text: str
    """the whole message"""
    tokens: tuple[Token, ...]
    question: bool
    nows: tuple[int, ...] = ()
    """where something like `now` or `here` stands in the message"""

    @property
    def present(self) -> bool:
        """Whether it speaks of this position."""
        return bool(self.nows)

    @cached_property
    def code(self) -> str:
        return " ".join(token.symbol for token in self.tokens)

    @cached_property
    def symbols(self) -> frozenset[str]:
        return frozenset(token.symbol for token in self.tokens)

    @cached_property
    def index(self) -> dict[int, int]:
        """Which token begins at an offset of `code`."""
        found, at = {}, 0
        for number, token in enumerate(self.tokens):
            found[at] = number
            at += len(token.symbol) + 1
        return found

    @cached_property
    def clauses(self) -> tuple[int, ...]:
        """The clause of each token: a comma, colon or `but` begins a new one, and so does `and` before who acts."""
        number, found = 0, list[int]()
        listed = {self.index[comma.start()] for row in _LIST.finditer(self.code) for comma in _COMMA.finditer(
            self.code, row.start(), row.end())}  # fmt: skip
        for at, token in enumerate(self.tokens):
            after = self.tokens[at + 1].symbol if at + 1 < len(self.tokens) else ""
            parts = token.symbol in (",", ":", "but", "why", "link") and at not in listed
            number += parts or (token.symbol == "and" and after == "side")
            found.append(number)
        return tuple(found)

    def quote(self, first: int, last: int) -> str:
        """The words from token `first` to token `last`."""
        return self.text[self.tokens[first].start : self.tokens[last].end]


def _ranges(masked: str) -> Iterator[tuple[int, int, bool]]:
    """Where each sentence begins and ends, and whether it asks."""
    start = 0
    for end in (*((m.start(), m.end()) for m in _END.finditer(masked)), (len(masked), len(masked))):
        asks, at = "?" in masked[end[0] : end[1]], start
        while end[0] - at > MAX_SENTENCE:
            cut = masked.rfind(",", at, at + MAX_SENTENCE)
            cut = cut if cut > at else at + MAX_SENTENCE
            yield at, cut, asks
            at = cut
        yield at, end[0], asks
        start = end[1]


def read(message: str) -> Iterator[Sentence]:
    """The sentences of `message` that hold anything to be understood."""
    text = message[:MAX_READ].translate(_WIDE)
    masked = _OTHER_MOUTH.sub(lambda m: _MASK * len(m.group()), text)
    masked = _QUOTED.sub(lambda m: _MASK * len(m.group()), masked)
    masked = _MOVE_NUMBER.sub(lambda m: " " * len(m.group()), masked)
    masked = _LISTED.sub(lambda m: " " * len(m.group()), masked)
    masked = _VOCATIVE.sub(lambda m: " " * len(m.group()), masked)
    for start, end, asks in _ranges(masked):
        read_as = list(_symbols(list(_raw(masked, start, end))))
        tokens = tuple(with_nouns([token for token in read_as if token.symbol != "now"]))
        if tokens and len(tokens) <= MAX_TOKENS:
            yield Sentence(message, tokens, asks, tuple(token.start for token in read_as if token.symbol == "now"))
