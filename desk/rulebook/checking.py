"""A rulebook's file looked through for everything that is wrong in it, not only for the first thing.

``build`` stops at the first fault, because nothing half-right may open a desk. Whoever writes a rulebook wants all of
them at once, each with its file and line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from desk.calendars import Calendar
from desk.errors import Refusal
from desk.rulebook.building import Builder, T
from desk.rulebook.findings import Finding, findings
from desk.rulebook.parts import Raw, Rulebook
from desk.rulebook.places import Places
from desk.rulebook.reading import files, read

#: a value that passes, put where one did not, to find out what else is wrong with the row
_PASSES: Raw = {
    "title": "?",
    "on": "ticket.opened",
    "until": ["ticket.closed"],
    "within": "1 min",
    "by": "agent",
    "before": "ticket.closed",
    "do": "say",
    "text": "?",
    "number": "X",
    "key": "0",
    "measure": "on_duty",
}
#: faults looked for in one row
_MOST = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of it: the rulebook and its calendar, None where they cannot be read, and what was found."""

    book: Rulebook | None
    calendar: Calendar | None
    findings: tuple[Finding, ...]

    @property
    def wrong(self) -> bool:
        """Whether something in it can't be right."""
        return any(each.error for each in self.findings)


def check(
    path: Path,
    find: Callable[[str], Path | None] | None,
    calendar_of: Callable[[str], Calendar],
) -> Checked:
    """Everything found in the rulebook at ``path`` and all it extends.

    ``find`` is as in :func:`desk.rulebook.load`; ``calendar_of`` gives the calendar the rulebook names, and may raise
    :class:`Refusal` ``calendar.*``, ``cli.*``, which is then one of the findings.
    """
    try:
        raw = read(path, find)
    except Refusal as refusal:
        # the TOML reader says its line in words
        line = re.search(r"line (\d+)", str(refusal.params.get("error", "")))
        about = Refusal(refusal.code, **{**refusal.params, "line": int(line[1]) if line else 0})
        return Checked(None, None, (Finding(True, about),))
    places = Places(files(path, find))
    collector = Collector(raw, path.stem, str(path))
    found: list[Finding] = []
    book = collector.whole()
    found += [Finding(True, fault) for fault in collector.faults]
    calendar = None
    try:
        calendar = calendar_of(book.calendar) if book is not None else None
    except Refusal as refusal:
        found.append(Finding(True, refusal))
    if calendar is not None and book is not None:
        found += findings(book, calendar)
    placed = tuple(_placed(each, places) for each in found)
    return Checked(None if collector.faults else book, calendar, placed)


def _placed(finding: Finding, places: Places) -> Finding:
    """The finding with its file and line."""
    about = finding.about
    if not about.code.startswith(("rulebook.", "limit.")):
        return finding
    key = str(about.params.get("key") or "")
    if about.code == "rulebook.unknown_key":
        # the key itself is the word; what is given as key is the table it stands in
        key = ".".join(filter(None, (key, str(about.params.get("word")))))
    place = places.of(finding.rule, key)
    return replace(finding, about=Refusal(about.code, **{**about.params, "file": place.file, "line": place.line}))


class Collector(Builder):
    """Goes on after a fault: the value at fault is replaced by one that passes, the row is left out in the end."""

    def __init__(self, raw: Raw, name: str, file: str) -> None:
        super().__init__(raw, name, file)
        self.faults: list[Refusal] = []

    def whole(self) -> Rulebook | None:
        """What is sound in it; None where its tables have not even the form to be looked through."""
        try:
            return self.rulebook()
        except (AttributeError, LookupError, TypeError, ValueError, Refusal):
            if not self.faults:
                raise
            return None

    def complain(self, refusal: Refusal) -> None:
        self.faults.append(refusal)

    def each(self, read: Callable[[Any], T], row: Any) -> T | None:
        before = len(self.faults)
        for _try in range(_MOST):
            try:
                found = super().each(read, row)
            except Refusal as refusal:
                self.faults.append(refusal)
                mended = _mended(row, refusal)
                if mended is None:
                    break
                row = mended
            else:
                return found if len(self.faults) == before else None
        self.rule = None
        return None


def _mended(row: Any, refusal: Refusal) -> Any:
    """The row without its fault; None where that cannot be told."""
    if not isinstance(row, dict):
        return None
    key, word = str(refusal.params.get("key") or "").partition(".")[0], refusal.params.get("word")
    if refusal.code == "rulebook.unknown_key" and word in row:
        return {name: value for name, value in row.items() if name != word}
    if refusal.code == "rulebook.on_and_every":
        return {name: value for name, value in row.items() if name != "every"}
    if key not in row and key not in _PASSES:
        return None
    if key in _PASSES and row.get(key) != _PASSES[key]:
        return {**row, key: _PASSES[key]}
    return {name: value for name, value in row.items() if name != key} if key in row else None
