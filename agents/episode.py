"""The record of one game: the only currency between playing, learning, the arena, storage and the viewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from reprlib import repr as brief
from typing import Any, TypeVar

from agents.agent import Reply
from envs.reply import Verdict
from envs.ruling import Claim, Ruling

SCHEMA = 1

K = TypeVar("K")

# what the lists and the plain fields of a reply hold
_LISTS: dict[str, type] = {"prompt_tokens": int, "tokens": int, "logprobs": float, "policy": float, "line": int}
_PLAIN: dict[str, type] = {"text": str, "prompt": str, "value": float, "thought": str, "spent": int, "cost": float}
# what is left out of a record where it says nothing
_DEFAULTS = {field.name: field.default for field in (*fields(Reply), *fields(Verdict)[4:])} | {"text": ""}


@dataclass(frozen=True, slots=True)
class Turn:
    """One reply and what became of it."""

    seat: int
    reply: Reply
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Episode:
    """One game from its opening to its end.

    `opening` are moves played before anybody was asked; `history` is every move played, the opening included.
    `ending` says how it ended: `rules` (won, lost or drawn on the board) or the kind of the verdict that lost it.
    """

    game: str
    seed: int
    number: int
    players: tuple[str, str]
    opening: tuple[int, ...]
    turns: tuple[Turn, ...]
    history: tuple[int, ...]
    returns: tuple[float, float]
    ending: str

    def _repr_html_(self) -> str:
        """The game as a notebook shows it: boards and texts, no scripts."""
        from agents.pictured import episode_html

        return episode_html(self)


def to_record(episode: Episode) -> dict[str, Any]:
    """The episode as plain JSON data; `from_record` gives it back unchanged."""
    record = asdict(episode) | {"turns": [turn_record(turn) for turn in episode.turns]}
    return {"schema": SCHEMA, **record}


def turn_record(turn: Turn) -> dict[str, Any]:
    """A reply and its verdict as plain JSON data, without what says nothing."""
    record = asdict(turn)
    for part in ("reply", "verdict"):
        record[part] = {k: v for k, v in record[part].items() if k not in _DEFAULTS or v != _DEFAULTS[k]}
    return record


def from_record(record: object) -> Episode:
    """Read an episode back.

    Raises:
        ValueError: the record is of another schema, or something is missing or of the wrong kind.
    """
    if not isinstance(record, dict):
        raise ValueError(f"not an episode: {type(record).__name__} instead of an object")
    if record.get("schema") != SCHEMA:
        raise ValueError(f"an episode of schema {brief(record.get('schema'))}; this program reads schema {SCHEMA}")
    try:
        return Episode(
            game=_is(str, record["game"]),
            seed=_is(int, record["seed"]),
            number=_is(int, record["number"]),
            players=_two(_tuple(str, record["players"])),
            opening=_tuple(int, record["opening"]),
            turns=tuple(turn_from(turn) for turn in _list(record["turns"])),
            history=_tuple(int, record["history"]),
            returns=_two(_tuple(float, record["returns"])),
            ending=_is(str, record["ending"]),
        )
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"not an episode: {type(error).__name__} {error!s:.200}") from error


def turn_from(record: dict[str, Any]) -> Turn:
    """A reply and its verdict out of their record.

    Raises:
        TypeError, KeyError: something is missing or of the wrong kind.
    """
    verdict = record["verdict"]
    seat = _is(int, record["seat"])
    if seat not in (0, 1):
        raise TypeError(f"seat {seat}")
    ruling = verdict.get("ruling")
    return Turn(
        seat,
        reply_from(record["reply"]),
        Verdict(
            _is(str, verdict["kind"]),
            _is(int, verdict["action"]),
            _is(str, verdict["reason"]),
            _is(float, verdict.get("progress", 0.0)),
            _is(str, verdict.get("said", "")),
            None if ruling is None else _words(Ruling, ruling),
            tuple(_words(Claim, claim) for claim in _list(verdict.get("claims", ()))),
            _is(str, verdict.get("zh", "")),
        ),
    )


def reply_from(record: object) -> Reply:
    """A reply out of its record, in which what says nothing may be missing.

    Raises:
        TypeError: it holds something that a reply has not, or something of the wrong kind.
    """
    found: dict[str, Any] = {"text": ""}
    for name, value in _is(dict, record).items():
        if name not in _LISTS and name not in _PLAIN:
            raise TypeError(f"a reply has no {name!r}")
        if name == "value" and value is None:
            continue
        found[name] = _tuple(_LISTS[name], value) if name in _LISTS else _is(_PLAIN[name], value)
    return Reply(**found)


def _words(kind: type[K], record: object) -> K:
    """A ruling or a claim, whose fields are texts, lists of texts, and lists of pairs of texts."""
    given = _is(dict, record)
    found: dict[str, Any] = {}
    lists = {field.name for field in fields(kind) if field.default == ()}  # type: ignore[arg-type]
    for name, value in given.items():
        if name not in lists:
            found[name] = _is(str, value)
        elif name == "candidates":
            found[name] = tuple(_two(_tuple(str, pair)) for pair in _list(value))
        else:
            found[name] = _tuple(str, value)
    return kind(**found)


def _is(kind: type[K], value: object) -> K:
    """`value`, if it is of this kind; whole numbers are also taken for floats."""
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise TypeError(f"{brief(value)} where a {kind.__name__} is expected")
    return value


def _tuple(kind: type[K], values: object) -> tuple[K, ...]:
    return tuple(_is(kind, value) for value in _list(values))


def _list(values: object) -> Sequence[Any]:
    if not isinstance(values, list | tuple):
        raise TypeError(f"{brief(values)} where a list is expected")
    return values


def _two(values: tuple[K, ...]) -> tuple[K, K]:
    if len(values) != 2:
        raise TypeError(f"{len(values)} where there are two seats")
    return values[0], values[1]
