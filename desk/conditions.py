"""``where``: the conditions a rule, a guard or a target puts on facts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Where:
    """All of its tests must hold. A literal, a list (any of), or ``{min, max, not}``; a missing fact never matches."""

    tests: tuple[tuple[str, Any], ...] = field(default=())
    #: the facts it asks for
    names: frozenset[str] = field(init=False, repr=False, compare=False)
    # asked for every rule at every event: the tests are made into functions once
    _checks: tuple[tuple[str, Check], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(name for name, _ in self.tests))
        object.__setattr__(self, "_checks", tuple((name, _check(test)) for name, test in self.tests))

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Where:
        return cls(tuple((name, tuple(t) if isinstance(t, list) else t) for name, t in raw.items()))

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """Whether ``facts`` satisfy every test."""
        for name, holds in self._checks:
            value = facts.get(name)
            if value is None or not holds(value):
                return False
        return True


def _check(test: Any) -> Check:
    """What a known value must satisfy."""
    if isinstance(test, tuple | list):
        return _any([_same(item) for item in test])
    if not isinstance(test, Mapping):
        return _same(test)
    parts: list[Check] = []
    if "min" in test:
        parts.append(lambda value: bool(value >= test["min"]))
    if "max" in test:
        parts.append(lambda value: bool(value <= test["max"]))
    if "not" in test:
        no = test["not"]
        found = _any([_same(item) for item in (no if isinstance(no, list | tuple) else [no])])
        parts.append(lambda value: not found(value))
    return lambda value: all(part(value) for part in parts)


def _any(checks: list[Check]) -> Check:
    return lambda value: any(check(value) for check in checks)


def _same(literal: Any) -> Check:
    # TOML tells true from 1; so do we, though Python does not
    if isinstance(literal, bool):
        return lambda value: value is literal
    if isinstance(literal, int | float):
        return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value == literal
    kind = type(literal)
    return lambda value: type(value) is kind and bool(value == literal)
