"""Which rule carries which id of the catalogue, which test holds it, and what is no desk's rule.

``data/catalogue.toml`` says how many ids there are, which words of the manuals have no figure, and what is no desk's
rule. A gap is an id that no rulebook carries and no reason excuses, or a rule no test speaks of.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from desk.rulebook.parts import Rulebook, Text

_ID = re.compile(r"\b[A-Z]\d?-\d{2,3}\b")
_QUOTED = re.compile(r"[\"'`]([a-z_]+\.[a-z_]+|[a-z_]{4,})[\"'`]")


@dataclass(frozen=True, slots=True)
class Carrier:
    """A rule, guard or target: ``rulebook`` and ``id``."""

    rulebook: str
    id: str


@dataclass(frozen=True, slots=True)
class Row:
    """One id. ``word`` is the manual's where it is a paragraph without a figure; ``why`` says that it is no rule."""

    id: str
    carriers: tuple[Carrier, ...]
    #: ``tests/test_x.py:12``; None where there are no tests to look through
    tests: tuple[str, ...] | None
    why: Text | None = None
    word: str = ""

    @property
    def gap(self) -> str:
        """``""`` | ``rule`` (nothing carries it) | ``test`` (a rule does, no test speaks of it)."""
        if not self.carriers:
            return "" if self.why is not None else "rule"
        return "test" if self.tests == () else ""


def coverage(books: Mapping[str, Rulebook], catalogue: Path, tests: Path | None) -> list[Row]:
    """A row for every id of the catalogue, in its order; ``tests`` is the folder that holds them, if there is one."""
    said = tomllib.loads(catalogue.read_text("utf-8"))
    numbers = [f"{letter}-{n:02d}" for letter, most in said["count"].items() for n in range(1, most + 1)]
    carriers = _carriers(books)
    spoken = _spoken(tests) if tests is not None else None
    rows = []
    for ident in [*numbers, *said.get("words", {})]:
        held = tuple(carriers.get(ident, ()))
        found = None
        if spoken is not None:
            # a test names the id itself, else the rule
            names = [ident, *(carrier.id for carrier in held)]
            found = tuple(dict.fromkeys(place for name in names for place in spoken.get(name, ())[:1]))[:2]
        why = said.get("not_here", {}).get(ident)
        rows.append(Row(ident, held, found, why, said.get("words", {}).get(ident, "")))
    return rows


def _carriers(books: Mapping[str, Rulebook]) -> dict[str, list[Carrier]]:
    found: dict[str, list[Carrier]] = {}
    for name, book in books.items():
        parts: Iterable[tuple[str, tuple[str, ...]]] = [
            *((rule.id, rule.source) for rule in book.rules.values()),
            *((guard.id, guard.source) for guard in book.guards),
            *((target.id, target.source) for target in book.targets),
            *((row.id, row.source) for row in book.responsible),
        ]
        for ident, sources in parts:
            for source in sources:
                found.setdefault(source, []).append(Carrier(name, ident))
    return found


def _spoken(folder: Path) -> dict[str, list[str]]:
    """Where the tests speak of an id of the catalogue, or of a rule by its own."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.glob("test_*.py")):
        if file.name == "test_coverage.py":
            continue  # it lists ids; it tries no rule
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            for name in {*_ID.findall(line), *_QUOTED.findall(line)}:
                found.setdefault(name, []).append(f"{folder.name}/{file.name}:{number}")
    return found
