"""One vocabulary, read the same by Hugging Face's `tokenizers`; every text of printable characters comes back."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from llm_policy.tokenizer import (
    BOS,
    EOS,
    OUTCOMES,
    PAD,
    SPECIAL,
    UNK,
    VOCABULARY,
    VOCABULARY_SIZE,
    WORDS,
    decode,
    encode,
    save_tokenizer,
)

PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F)) + "\n"


def test_the_vocabulary_is_a_bijection_that_fits() -> None:
    assert len(set(WORDS)) == len(WORDS) == len(VOCABULARY) <= VOCABULARY_SIZE
    assert [VOCABULARY[word] for word in WORDS] == list(range(len(WORDS)))
    assert WORDS[:8] == SPECIAL == ("<pad>", "<bos>", "<eos>", "<unk>", "<think>", "</think>", "<answer>", "</answer>")


@given(st.text(PRINTABLE, max_size=60))
def test_printable_text_comes_back(text: str) -> None:
    assert decode(encode(text)) == "".join(decode([token]) for token in encode(text))
    silent = text
    for word in SPECIAL[:3]:
        silent = silent.replace(word, "")
    assert decode(encode(text)) == silent


@given(st.text("xo. \n<think>/answer1win", max_size=60))
def test_board_like_text_comes_back(text: str) -> None:
    expected = text
    for word in ("<pad>", "<bos>", "<eos>"):
        expected = expected.replace(word, "")
    assert decode(encode(text)) == expected


def test_what_is_one_token() -> None:
    rows = ["".join(row) + "\n" for row in itertools.product(".xo", repeat=3)]
    columns = ["xo....\n", "......\n", "xoxoxo\n", "o.....\n"]
    for text in [*SPECIAL, *rows, *columns, *OUTCOMES, *"123456789"]:
        assert len(encode(text)) == 1, text
    assert encode("xoo\n......\n") == [VOCABULARY["xoo\n"], VOCABULARY["......\n"]]
    assert encode("<think>51 draw</think>") == [VOCABULARY[w] for w in ("<think>", "5", "1", " draw", "</think>")]


@pytest.mark.parametrize("text", ["é", "\x00", "\x1b[2J", "学霸", "\u202e", "\ud800"[:0] + "\t"])
def test_the_rest_is_unknown_and_says_so(text: str) -> None:
    tokens = encode(f"a{text}b")
    assert tokens[0] == VOCABULARY["a"]
    assert tokens[-1] == VOCABULARY["b"]
    assert UNK in tokens
    assert all(character in PRINTABLE for character in decode(tokens))


def test_silent_tokens_and_tokens_that_stand_for_nothing() -> None:
    assert decode([BOS, VOCABULARY["a"], EOS, PAD, PAD]) == "a"
    assert decode([VOCABULARY_SIZE - 1]) == "<unk>"


def test_the_written_file_says_the_same(tmp_path: Path) -> None:
    save_tokenizer(tmp_path)
    read = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    text = "<bos>51\nxo.\nxoxo..\n<think>5 win</think><answer>5</answer><eos> plain, text é"
    assert read.encode(text, add_special_tokens=False).ids == encode(text)
    assert read.get_vocab() == VOCABULARY
