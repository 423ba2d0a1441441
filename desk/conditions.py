"""``where``: the conditions a rule, a guard or a target puts on facts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Where:
    """All of its tests must hold. A literal, a list (any of), or ``{min, max, not}``; a missing fact never matches."""

    tests: tuple[tuple[str, Any], ...] = field(default=())
    #: the facts it asks for
    names: frozenset[str] = field(init=False, repr=False, compare=False)
    # asked for every rule at every event: words are compared at once, other tests are made into functions
    _words: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)
    _checks: tuple[tuple[str, Check], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(name for name, _ in self.tests))
        words = tuple((name, test) for name, test in self.tests if type(test) is str)
        checks = tuple((name, _check(test)) for name, test in self.tests if type(test) is not str)
        object.__setattr__(self, "_words", words)
        object.__setattr__(self, "_checks", checks)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Where:
        return cls(tuple((name, tuple(t) if isinstance(t, list) else t) for name, t in raw.items()))

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """Whether ``facts`` satisfy every test."""
        for name, word in self._words:
            if facts.get(name) != word:
                return False
        for name, holds in self._checks:
            value = facts.get(name)
            if value is None or not holds(value):
                return False
        return True


def _check(test: Any) -> Check:
    """What a known value must satisfy."""
    if isinstance(test, tuple | list):
        return _any(test)
    if not isinstance(test, Mapping):
        return _same(test)
    parts: list[Check] = []
    if "min" in test:
        parts.append(lambda value: bool(value >= test["min"]))
    if "max" in test:
        parts.append(lambda value: bool(value <= test["max"]))
    if "not" in test:
        no = test["not"]
        found = _any(no if isinstance(no, list | tuple) else [no])
        parts.append(lambda value: not found(value))
    return parts[0] if len(parts) == 1 else lambda value: all(part(value) for part in parts)


def _any(literals: Iterable[Any]) -> Check:
    several = tuple(literals)
    if all(type(each) is str for each in several):
        words = frozenset(several)
        return lambda value: type(value) is str and value in words
    checks = [_same(each) for each in several]
    return lambda value: any(check(value) for check in checks)


def _same(literal: Any) -> Check:
    # TOML tells true from 1; so do we, though Python does not
    if isinstance(literal, bool):
        return lambda value: value is literal
    if isinstance(literal, int | float):
        return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value == literal
    kind = type(literal)
    return lambda value: type(value) is kind and bool(value == literal)
