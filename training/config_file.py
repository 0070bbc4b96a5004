"""A config as JSON and back, exactly: every refusal names the field and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields, is_dataclass
from reprlib import repr as brief
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from envs.lookup import did_you_mean
from training.config import Config

T = TypeVar("T")

FREE = ("checkpoint_every", "measure.every", "measure.games", "measure.solved")
"""Fields that may change when a run goes on: they say what is looked at and kept, not what is learned. The number of
iterations is not among them, because the learning rate falls along it."""

_FORMER = {"policy_gradient.divide": False}
"""Fields that are no more, with the value that all of today's runs have: older runs that had it too can be read."""


def to_data(config: Config) -> dict[str, Any]:
    """The config as plain JSON data; `from_data` gives it back unchanged."""
    return asdict(config)


def from_data(data: object) -> Config:
    """Read a config back; a field that is not there keeps its default.

    Raises:
        ValueError: a field is unknown or of the wrong type.
    """
    return _read(Config, data, "")


def _read(kind: type[T], data: object, where: str) -> T:
    if not isinstance(data, dict):
        raise ValueError(f"config{where and ' field '}{where}: {brief(data)} where an object is expected")
    types = get_type_hints(kind)
    values: dict[str, Any] = {}
    for name, value in data.items():
        path = f"{where}.{name}" if where else str(name)
        if path in _FORMER and value == _FORMER[path]:
            continue
        if name not in types:
            raise ValueError(f"config has no field {path[:120]!r}{did_you_mean(name, types)}")
        wanted = types[name]
        if isinstance(wanted, type) and is_dataclass(wanted):
            values[name] = _read(wanted, value, path)
        elif get_origin(wanted) is dict and isinstance(value, dict):
            inner = get_args(wanted)[1]
            values[name] = {key: _plain(inner, part, f"{path}.{key}") for key, part in value.items()}
        else:
            values[name] = _plain(wanted, value, path)
    return kind(**values)


def _plain(wanted: Any, value: object, path: str) -> Any:
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise ValueError(f"config field {path[:120]}: {brief(value)} where {wanted.__name__} is expected")
    return value


def flat(config: object, where: str = "") -> Iterator[tuple[str, Any]]:
    """Every field with its dotted name."""
    for field in fields(config):  # type: ignore[arg-type]
        value = getattr(config, field.name)
        if is_dataclass(value):
            yield from flat(value, f"{where}{field.name}.")
        else:
            yield where + field.name, value


def check_same(stored: Config, given: Config) -> None:
    """A run goes on as it began.

    Raises:
        ValueError: a field differs that is not one of `FREE`; names it.
    """
    before = dict(flat(stored))
    for name, value in flat(given):
        if value != before[name] and name not in FREE:
            raise ValueError(
                f"this run began with {name} = {before[name]!r} and cannot go on with {value!r}: "
                "begin a new run for it, or resume without changing it"
            )
