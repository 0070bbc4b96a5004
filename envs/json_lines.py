"""JSON lines that anyone may have written: read one at a time and never more of one than is allowed.

Who reads them gets numbers as their text, since a right answer of 24.00 or of 400 digits is to stay as it stands.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

MAX_LINE = 1 << 20
"""Bytes of one line."""
MAX_FILE = 4 << 30
"""Bytes of one file."""
_MARK = b"\xef\xbb\xbf"


class Number(str):
    """A number as it is written."""

    __slots__ = ()


class RawLine(NamedTuple):
    """A line of a file, from 1, and where it begins; `text` is None where it is longer than MAX_LINE."""

    number: int
    offset: int
    text: bytes | None


def open_lines(path: Path) -> tuple[BinaryIO, int]:
    """The file and its size; a link to a file is one, too.

    Raises:
        ValueError: there is none, it is no file but a folder or a device, it is empty, or longer than MAX_FILE.
        OSError: it cannot be read.
    """
    if "\0" in str(path):
        raise ValueError(f"{str(path)[:200]!a} is no name of a file")
    try:
        found = path.stat()
    except FileNotFoundError:
        raise ValueError(f"there is no file {str(path)[:200]!a}") from None
    # before it is opened: a pipe would wait for somebody to write, a device may never end
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "no ordinary file"
        raise ValueError(f"{str(path)[:200]!a} is {kind}: name a file of JSON lines")
    if not found.st_size:
        raise ValueError(f"{str(path)[:200]!a} is empty")
    if found.st_size > MAX_FILE:
        raise ValueError(f"{str(path)[:200]!a} has {found.st_size:,} bytes, more than {MAX_FILE:,}")
    return path.open("rb"), found.st_size


def raw_lines(file: BinaryIO, size: int, digest: Any = None) -> Iterator[RawLine]:
    """The lines within the first `size` bytes, without their ends, blank ones left out.

    What is longer than MAX_LINE is yielded as None at once; going on then reads to its end, in pieces. `digest`, as of
    `hashlib`, is told everything that is read.
    """
    digest = digest or sha256()
    number = offset = 0
    while offset < size:
        line = file.readline(min(MAX_LINE + 1, size - offset))
        if not line:
            return
        digest.update(line)
        number, begin, offset = number + 1, offset, offset + len(line)
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            yield RawLine(number, begin, None)
            while offset < size and (piece := file.readline(min(MAX_LINE, size - offset))):
                digest.update(piece)
                offset += len(piece)
                if piece.endswith(b"\n"):
                    break
        elif line.strip():
            yield RawLine(number, begin, line.rstrip(b"\r\n"))


def read_object(line: RawLine) -> dict[str, Any]:
    """The JSON object that stands on a line, its numbers as `Number`. A byte order mark may begin the file.

    Raises:
        ValueError: it is too long, not UTF-8, or no JSON object; says which.
    """
    if line.text is None:
        raise ValueError(f"longer than {MAX_LINE:,} bytes")
    raw = line.text.removeprefix(_MARK) if line.offset == 0 else line.text
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: byte {error.start + 1} is 0x{raw[error.start]:02x}") from None
    try:
        found = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise ValueError("not JSON that can be read: too deeply nested") from None
    if not isinstance(found, dict):
        raise ValueError(f"{kind_of(found)} where an object is expected, one on each line")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"not JSON: {name} is no number there")


def kind_of(value: object) -> str:
    """What JSON calls this."""
    names = {dict: "an object", list: "a list", str: "text", Number: "a number", bool: "true or false"}
    return names.get(type(value), "null")
