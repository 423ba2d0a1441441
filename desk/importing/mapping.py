"""How a register of tickets is read: which column is what, in which zone, and what its words mean.

A mapping is a TOML file, so that the next register needs no programmer; ``data/imports/stlouis-csb-2012.toml`` is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from desk import files
from desk.errors import Refusal
from desk.procedures.estate import read_manual
from desk.vocabulary import FACTS, STATUSES, nearest

_TOP: Final = (
    "title",
    "zone",
    "rulebook",
    "calendar",
    "kind",
    "prefix",
    "columns",
    "status",
    "channel",
    "working_days",
)
#: what a column may be
COLUMNS: Final = (
    "number opened_at closed_at cancelled_at completed_at due_by promised status channel problem_code what place"
    " department person_name phone"
).split()
_NEEDED: Final = ("number", "opened_at", "what")


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """A mapping as read and checked."""

    name: str
    zone: ZoneInfo
    kind: str
    #: stands before the register's number
    prefix: str
    columns: Mapping[str, tuple[str, ...]]
    #: the register's words, in lower case, and ours
    statuses: Mapping[str, str]
    channels: Mapping[str, str]
    #: working days promised, by problem code
    days: Mapping[str, int]
    #: the rulebook and calendar it brings, as plain tables with their names; None: the estate's own
    manual: tuple[str, dict[str, Any], str, dict[str, Any]] | None


def read_mapping(path: Path) -> RegisterMap:
    """A mapping file.

    Raises :class:`Refusal` ``import.map_no_file``, ``import.map_toml``, ``import.map_key``, ``import.map_missing``,
    ``import.map_value``, and ``rulebook.*``, ``calendar.*`` for the rules it names.
    """
    try:
        raw = files.toml(files.read_text(path))
    except FileNotFoundError:
        raise Refusal("import.map_no_file", file=str(path)) from None
    except (OSError, ValueError) as error:
        raise Refusal("import.map_toml", file=str(path), error=str(error)) from None
    return _Mapping(path, raw).read()


class _Mapping:
    """Walks the tables; every complaint names file and key."""

    def __init__(self, path: Path, raw: dict[str, Any]) -> None:
        self.path, self.raw = path, raw

    def read(self) -> RegisterMap:
        self.known(self.raw, _TOP, "")
        columns = self.table("columns")
        self.known(columns, COLUMNS, "columns")
        for need in _NEEDED:
            if need not in columns:
                raise Refusal("import.map_missing", file=str(self.path), key=f"columns.{need}")
        days = {code: self.days(code, value) for code, value in self.table("working_days").items()}
        return RegisterMap(
            name=self.path.stem,
            zone=self.zone(),
            kind=self.text("kind"),
            prefix=self.text("prefix", ""),
            columns={name: self.strings(f"columns.{name}", value) for name, value in columns.items()},
            statuses=self.words("status", STATUSES),
            channels=self.words("channel", FACTS["channel"].values),
            days=days,
            manual=self.manual(days),
        )

    def bad(self, key: str, value: object, known: Iterable[str] = ()) -> Refusal:
        options = list(known)
        near = nearest(str(value), options)
        return Refusal("import.map_value", file=str(self.path), key=key, value=str(value), known=options, nearest=near)

    def known(self, table: Mapping[str, Any], allowed: Iterable[str], where: str) -> None:
        options = list(allowed)
        for key in table:
            if key not in options:
                place = f"{where}.{key}".lstrip(".")
                raise Refusal("import.map_key", file=str(self.path), key=place, nearest=nearest(key, options))

    def table(self, key: str) -> dict[str, Any]:
        value = self.raw.get(key, {})
        if not isinstance(value, dict):
            raise self.bad(key, value)
        return value

    def text(self, key: str, otherwise: str | None = None) -> str:
        value = self.raw.get(key, otherwise)
        if value is None:
            raise Refusal("import.map_missing", file=str(self.path), key=key)
        if not isinstance(value, str):
            raise self.bad(key, value)
        return value

    def strings(self, key: str, value: object) -> tuple[str, ...]:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not items or not all(isinstance(item, str) for item in items):
            raise self.bad(key, value)
        return tuple(items)

    def words(self, key: str, ours: Iterable[str]) -> dict[str, str]:
        """The register's words in lower case, and ours."""
        options = list(ours)
        found = {}
        for theirs, word in self.table(key).items():
            if word not in options:
                raise self.bad(f"{key}.{theirs}", word, options)
            found[theirs.strip().casefold()] = str(word)
        return found

    def days(self, code: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.bad(f"working_days.{code}", value)
        return value

    def zone(self) -> ZoneInfo:
        name = self.text("zone")
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise self.bad("zone", name) from None

    def manual(self, days: Mapping[str, int]) -> tuple[str, dict[str, Any], str, dict[str, Any]] | None:
        """The rulebook it brings, the days by problem code filled in, and its calendar."""
        if "rulebook" not in self.raw:
            return None
        path = self.path.parent / self.text("rulebook")
        beside = self.path.parent / f"{self.text('calendar', '')}.toml"
        book, calendar, calendar_name = read_manual(path, beside if files.there(beside) else None)
        if days:
            filled = {code: f"{number} working days" for code, number in days.items()}
            book = {**book, "table": {**book.get("table", {}), "working_days": filled}}
        return path.stem if path.stem != "rulebook" else path.parent.name, book, calendar_name, calendar
