"""Lines that anyone may have written: what is read of them is bounded, and what is wrong is named."""

from __future__ import annotations

import io
import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from envs.json_lines import MAX_FILE, MAX_LINE, Number, RawLine, open_lines, raw_lines, read_object


class Counted(io.BytesIO):
    """How much of a file is asked for, in all and at once."""

    most = total = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        found = super().readline(size)
        self.most, self.total = max(self.most, len(found)), self.total + len(found)
        return found


def read(text: bytes, offset: int = 1) -> dict[str, object]:
    return read_object(RawLine(1, offset, text))


def test_the_lines_are_those_of_the_file_and_so_is_the_digest() -> None:
    text = b'\xef\xbb\xbf{"a":1}\r\n\n   \n{"b":2}\n{"c":3}'
    digest = sha256()
    found = list(raw_lines(io.BytesIO(text), len(text), digest))
    assert [line.number for line in found] == [1, 4, 5]
    assert [text[line.offset :].splitlines()[0] for line in found] == [line.text for line in found]
    assert [read_object(line) for line in found] == [{"a": "1"}, {"b": "2"}, {"c": "3"}]
    assert digest.hexdigest() == sha256(text).hexdigest()


def test_a_line_of_100_megabytes_is_not_read() -> None:
    line = b"x" * (100 << 20)
    file = Counted(line + b'\n{"a":1}\n')
    lines = raw_lines(file, len(line) + 9)
    assert next(lines) == RawLine(1, 0, None)
    assert file.total == MAX_LINE + 1
    assert next(lines) == RawLine(2, len(line) + 1, b'{"a":1}')
    assert file.most <= MAX_LINE + 1


def test_the_longest_line_that_is_allowed_is_read() -> None:
    text = b'"' + b"x" * (MAX_LINE - 3) + b'"'
    assert [line.text for line in raw_lines(io.BytesIO(text + b"\n{}"), len(text) + 3)] == [text, b"{}"]


def test_a_file_that_grows_is_read_up_to_where_it_ended() -> None:
    assert [line.text for line in raw_lines(io.BytesIO(b"{}\n{}\n{}\n"), 3)] == [b"{}"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"nonsense", "not JSON: Expecting value at character 1"),
        (b'{"a": 1', "not JSON"),
        (b'{"a": 1} {"b": 2}', "not JSON: Extra data at character 10"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b'{"a": "\xff"}', "not UTF-8: byte 8 is 0xff"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8: byte 1 is 0xff"),
        (b"\x1f\x8b\x08\x00", "not UTF-8: byte 2"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),  # a byte order mark anywhere but at the beginning
        (b"[" * 100_000, "too deeply nested"),
        (b'{"a":' * 100_000, "too deeply nested"),
        (b'[{"a": 1}]', "a list where an object is expected"),
        (b"7", "a number where an object is expected"),
        (b"null", "null where"),
        (b'"a\x00b"', "not JSON"),
    ],
)
def test_what_is_no_object_is_named(text: bytes, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read(text)


def test_numbers_stay_as_they_are_written() -> None:
    found = read(b'{"a": 24.00, "b": ' + b"7" * 10_000 + b', "c": 1e999999999, "d": true}')
    assert found == {"a": "24.00", "b": "7" * 10_000, "c": "1e999999999", "d": True}
    assert isinstance(found["a"], Number)


def test_only_ordinary_files_are_opened(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no file"):
        open_lines(tmp_path / "missing.jsonl")
    with pytest.raises(ValueError, match="is a folder"):
        open_lines(tmp_path)
    with pytest.raises(ValueError, match="no name"):
        open_lines(Path("a\0b"))
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(ValueError, match="empty"):
        open_lines(tmp_path / "empty.jsonl")
    with (tmp_path / "huge.jsonl").open("wb") as file:
        file.truncate(MAX_FILE + 1)
    with pytest.raises(ValueError, match=r"4,294,967,297 bytes"):
        open_lines(tmp_path / "huge.jsonl")


@pytest.mark.skipif(os.name != "posix", reason="links, pipes and devices")
def test_pipes_and_devices_are_refused_and_links_followed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(ValueError, match="no ordinary file"):
            open_lines(path)
    (tmp_path / "real.jsonl").write_text(json.dumps({}))
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "real.jsonl")
    file, size = open_lines(tmp_path / "link.jsonl")
    with file:
        assert (size, file.read()) == (2, b"{}")
    (tmp_path / "nowhere.jsonl").symlink_to(tmp_path / "gone")
    with pytest.raises(ValueError, match="no file"):
        open_lines(tmp_path / "nowhere.jsonl")
