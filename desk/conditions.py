"""``where``: the conditions a rule, a guard or a target puts on facts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Where:
    """All of its tests must hold. A literal, a list (any of), or ``{min, max, not}``; a missing fact never matches."""

    tests: tuple[tuple[str, Any], ...] = field(default=())

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Where:
        return cls(tuple((name, tuple(t) if isinstance(t, list) else t) for name, t in raw.items()))

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """Whether ``facts`` satisfy every test."""
        return all(_holds(facts.get(name), test) for name, test in self.tests)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.tests)


def _holds(value: Any, test: Any) -> bool:
    if value is None:
        return False
    if isinstance(test, tuple):
        return any(_same(value, item) for item in test)
    if isinstance(test, Mapping):
        if "min" in test and not value >= test["min"]:
            return False
        if "max" in test and not value <= test["max"]:
            return False
        if "not" in test:
            no = test["not"]
            return not any(_same(value, item) for item in (no if isinstance(no, list | tuple) else [no]))
        return True
    return _same(value, test)


def _same(value: Any, literal: Any) -> bool:
    # TOML tells true from 1; so do we, though Python does not
    return (type(value) is type(literal) and value == literal) or (
        isinstance(value, int | float)
        and isinstance(literal, int | float)
        and not isinstance(value, bool)
        and not isinstance(literal, bool)
        and value == literal
    )
