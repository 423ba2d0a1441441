"""Understanding a list of people and rooms: one line a person at a room, Chinese or English headings in any order.

Nothing here knows the store.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, Final

from desk import resources
from desk.errors import Refusal
from desk.importing.rejects import Reject
from desk.importing.table import Line, Table
from desk.privacy import without_identities
from desk.procedures.people import PHONES, checked_phones
from desk.text import LINE, PROSE, clean, digits, fold, narrow, room_code

#: lines at the top in which the headings are looked for: a title often stands above them
_TOP: Final = 10
#: characters of a name and of a room's code
NAME: Final = 60
CODE: Final = 60

_DATE: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+[\d:.]+)?|(\d{4})(\d\d)(\d\d)"
)
_DOOR: Final = re.compile(r"[\d-]+.*$")
_BRACKETS: Final = re.compile(r"[(\[].*?[)\]]")
_NOISE: Final = re.compile(r"[\s*:._#-]+|\d+$")
_BETWEEN: Final = re.compile(r"[,;/|\\\n或和及与]+")


@dataclass(frozen=True, slots=True)
class Words:
    """The words lists are written with, and what each means."""

    headings: Mapping[str, str]
    roles: Mapping[str, str]
    kinds: Mapping[str, str]
    #: what stands in a cell that says nothing
    nothing: frozenset[str]

    @classmethod
    @cache
    def known(cls) -> Words:
        """As ``data/imports/people.toml`` has them."""
        raw = tomllib.loads(resources.path("imports/people.toml").read_text("utf-8"))

        def words(table: str, norm: Callable[[str], str]) -> Mapping[str, str]:
            return {norm(word): name for name, listed in raw[table].items() for word in listed}

        return cls(words("headings", _heading), words("roles", fold), words("kinds", fold), frozenset(raw["nothing"]))


def _heading(text: str) -> str:
    # no heading is longer, and a thousand opening brackets would cost the square of their number
    return _NOISE.sub("", _BRACKETS.sub("", narrow(text[:NAME]).casefold()))


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One line as understood. ``name`` is empty for a room nobody lives in."""

    line: int
    room: str
    name: str = ""
    phones: tuple[str, ...] = ()
    #: empty where the list does not say
    role: str = ""
    kind: str = ""
    building: str = ""
    unit: str = ""
    number: str = ""
    project: str = ""
    handed_over_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """A list as understood, before the store is asked."""

    name: str
    headings: tuple[str, ...]
    #: the headings taken for each field, and those nothing was made of
    columns: Mapping[str, tuple[str, ...]]
    unused: tuple[str, ...]
    lines: tuple[PersonLine, ...]
    rejects: tuple[Reject, ...]
    #: identity numbers that stood in it and are not taken over in full
    identities: int = 0


def understand(table: Table) -> People:
    """What a list says, line by line. Raises :class:`Refusal` ``import.no_headings``, ``import.no_lines``."""
    head, columns = _headings(table)
    reader = _Reader(columns, Words.known())
    lines: list[PersonLine] = []
    rejects = [reject for reject in table.rejects if reject.line > head.number]
    for line in table.lines:
        if line.number <= head.number:
            continue
        try:
            lines.append(reader.read(line))
        except _RejectedError as rejected:
            rejects.append(Reject(line.number, rejected.code, rejected.params, line.cells))
    if not lines and not rejects:
        raise Refusal("import.no_lines", file=table.name)
    rejects.sort(key=lambda reject: reject.line)
    lines, identities = _without_identities(lines)
    taken = {place for places in columns.values() for place in places}
    return People(
        name=table.name,
        headings=head.cells,
        columns={name: tuple(head.cells[place] for place in places) for name, places in columns.items()},
        unused=tuple(cell for place, cell in enumerate(head.cells) if cell and place not in taken),
        lines=tuple(lines),
        rejects=tuple(rejects),
        identities=identities,
    )


def _without_identities(lines: list[PersonLine]) -> tuple[list[PersonLine], int]:
    """The lines as they may be stored, and how many identity numbers stood in them."""
    found, count = [], 0
    for line in lines:
        kept = {name: without_identities(getattr(line, name)) for name in ("name", "note", "project")}
        here = sum(number for _text, number in kept.values())
        texts: dict[str, Any] = {name: text for name, (text, _number) in kept.items()}
        found.append(replace(line, **texts) if here else line)
        count += here
    return found, count


def _headings(table: Table) -> tuple[Line, dict[str, list[int]]]:
    """The line of the headings and the columns of each field."""
    for line in table.lines[:_TOP]:
        columns: dict[str, list[int]] = {}
        for place, cell in enumerate(line.cells):
            name = Words.known().headings.get(_heading(cell))
            if name is not None and (name in ("phone", "note") or name not in columns):
                columns.setdefault(name, []).append(place)
        if len(columns) > 1 and columns.keys() & {"room", "number", "building"} and _complete(columns):
            return line, columns
    first = table.lines[0].cells if table.lines else ()
    raise Refusal("import.no_headings", file=table.name, found=[cell[:30] for cell in first[:20] if cell])


def _complete(columns: Mapping[str, Any]) -> bool:
    return "room" in columns or {"building", "number"} <= columns.keys()


class _RejectedError(Exception):
    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes a person of a line, or says why it can't be one."""

    columns: Mapping[str, Sequence[int]]
    words: Words

    def cells(self, line: Line, name: str) -> list[str]:
        """The cells of a field that hold something."""
        found = (line.cells[place] for place in self.columns.get(name, ()) if place < len(line.cells))
        return [cell for cell in found if cell and narrow(cell).casefold() not in self.words.nothing]

    def cell(self, line: Line, name: str, limit: int = LINE) -> str:
        return clean(next(iter(self.cells(line, name)), ""), limit)

    def word(self, line: Line, name: str, words: Mapping[str, str], code: str) -> str:
        """A cell that must be one of ``words``; empty stays empty."""
        text = self.cell(line, name)
        if text and fold(text) not in words:
            raise _RejectedError(code, text=text)
        return words.get(fold(text), "")

    def read(self, line: Line) -> PersonLine:
        building, unit, number = (narrow(self.cell(line, name, 30)) for name in ("building", "unit", "number"))
        room = self.room(line, building, unit, number)
        name = self.name(line)
        phones = self.phones(line)
        if not name and phones:
            raise _RejectedError("no_name")
        kind = self.word(line, "kind", self.words.kinds, "kind")
        return PersonLine(
            line=line.number,
            room=room,
            name=name,
            phones=phones,
            role=self.word(line, "role", self.words.roles, "role"),
            kind=kind or ("shop" if self.named(room) else ""),
            building=building,
            unit=unit,
            number=number,
            project=self.cell(line, "project", NAME),
            handed_over_on=self.date(line),
            note=clean("; ".join(self.cells(line, "note")), PROSE, lines=True),
        )

    def room(self, line: Line, building: str, unit: str, number: str) -> str:
        """The room's code: as it stands, or put together from building, unit and number."""
        whole = room_code(clean(" ".join(self.cells(line, "room")[:1]), None))
        parts = [room_code(part).strip("-") for part in (building, unit)]
        if whole and "-" not in whole and any(parts) and not self.named(whole):
            whole = "-".join([*filter(None, parts), whole])
        elif not whole and number:
            whole = "-".join(filter(None, [*parts, room_code(number)]))
        if not whole.strip("-"):
            raise _RejectedError("no_room")
        if len(whole) > CODE:
            raise _RejectedError("room_long", most=CODE)
        if whole[0] in "=+@":
            raise _RejectedError("formula", text=whole[:LINE])
        return whole

    def named(self, room: str) -> bool:
        """Whether the room's name says it is a shop (``商铺12``)."""
        return self.words.kinds.get(fold(_DOOR.sub("", room))) == "shop"

    def name(self, line: Line) -> str:
        name = clean(" ".join(self.cells(line, "name")[:1]), None)
        if len(name) > NAME:
            raise _RejectedError("name_long", most=NAME)
        if name and narrow(name)[0] in "=+-@":
            raise _RejectedError("formula", text=name)
        if name and not fold(name):
            raise _RejectedError("no_name")
        return name

    def phones(self, line: Line) -> tuple[str, ...]:
        found: list[str] = []
        for piece in (part for cell in self.cells(line, "phone") for part in _BETWEEN.split(narrow(cell))):
            words = piece.split()
            # 138 1234 2211 is one number; blanks divide only what is long enough to be a number by itself
            found += words if all(len(digits(word)) >= 7 for word in words) else ["".join(words)]
        try:
            return tuple(checked_phones(number for number in found if number not in self.words.nothing))
        except Refusal as refusal:
            if refusal.code == "person.phones":
                raise _RejectedError("phones", most=PHONES) from None
            raise _RejectedError("phone", text=refusal.params["number"]) from None

    def date(self, line: Line) -> date | None:
        text = narrow(self.cell(line, "handed_over_on"))
        if not text:
            return None
        found = _DATE.fullmatch(text)
        try:
            if found is None:
                raise ValueError
            year, month, day = (int(part) for part in found.groups() if part)
            return date(year, month, day)
        except ValueError:
            raise _RejectedError("date", text=text) from None
