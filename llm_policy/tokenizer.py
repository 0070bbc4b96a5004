r"""One small fixed vocabulary for all worlds: characters, the four tags, and whole lines of a board as words.

A line of a board is one token (`xo.\n` of tic-tac-toe, a whole column of Connect Four), so that a position costs
3 or 7 tokens instead of 12 or 49: search and learning are so many times faster. Everything else is spelled in
characters. The split is a regular expression and the words a plain table, so Hugging Face's `tokenizers` reads the
same thing from `tokenizer.json`.
"""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

from envs.reply import TAGS

SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>", *TAGS)
PAD, BOS, EOS, UNK, THINK, END_THINK, ANSWER, END_ANSWER = range(len(SPECIAL))
OWN, OTHER, FREE = "x", "o", "."
SYMBOLS = FREE + OWN + OTHER
OUTCOMES = (" loss", " draw", " win")


def _words() -> list[str]:
    characters = [chr(code) for code in range(0x20, 0x7F)] + ["\n"]
    pieces = ["".join(p) for n in (2, 3, 4) for p in itertools.product(SYMBOLS, repeat=n)]
    rows = ["".join(p) + "\n" for p in itertools.product(SYMBOLS, repeat=3)]
    columns = [
        "".join(stones) + FREE * (6 - height) + "\n"
        for height in range(7)
        for stones in itertools.product(OWN + OTHER, repeat=height)
    ]
    return [*SPECIAL, *characters, *OUTCOMES, *pieces, *rows, *columns]


WORDS = tuple(_words())
VOCABULARY = {word: index for index, word in enumerate(WORDS)}
LINES = tuple((index, word[:-1]) for index, word in enumerate(WORDS) if len(word) > 1 and word.endswith("\n"))
"""The words that are a whole line of a board: their index, and the line without its end."""
VOCABULARY_SIZE = 384
"""Rounded up: the last few rows of the embedding stand for nothing."""

_SPLIT = r"(?=[xo.]{6}\n)[xo]*[.]*\n|[xo.]{3}\n|[xo.]{2,4}| (?:loss|draw|win)|[\s\S]"


@cache
def tokenizer() -> Tokenizer:
    """The vocabulary as a `tokenizers.Tokenizer`."""
    made = Tokenizer(models.WordLevel(VOCABULARY, unk_token="<unk>"))
    made.add_special_tokens([AddedToken(word, special=True, normalized=False) for word in SPECIAL])
    made.pre_tokenizer = pre_tokenizers.Split(Regex(_SPLIT), "isolated")
    made.decoder = decoders.Fuse()
    return made


def encode(text: str) -> list[int]:
    """Token indices of `text`; a character outside of printable ASCII and newline becomes `<unk>`."""
    ids: list[int] = tokenizer().encode(text, add_special_tokens=False).ids
    return ids


def decode(tokens: list[int] | tuple[int, ...]) -> str:
    """The text of `tokens`; `<pad>`, `<bos>` and `<eos>` are silent."""
    return "".join(WORDS[token] if token < len(WORDS) else "<unk>" for token in tokens if token > EOS)


def save_tokenizer(folder: Path) -> None:
    """Write `tokenizer.json` as Hugging Face's libraries read it."""
    tokenizer().save(str(folder / "tokenizer.json"))
