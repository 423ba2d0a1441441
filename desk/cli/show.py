"""Records on the standard output: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, tzinfo
from typing import Any
from uuid import UUID

import typer
from rich.cells import cell_len

from desk.errors import Refusal
from desk.i18n import _
from desk.text import clean

#: between two columns
_GAP = "  "
#: no column but the last is wider than so many cells on a terminal
_WIDEST = 40


def out(text: str = "") -> None:
    """A line of the result."""
    typer.echo(text)


def say(text: str) -> None:
    """Talk, beside the result."""
    typer.echo(text, err=True)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows in columns as wide as what they hold, wide characters counted as two; nothing where there are no rows."""
    lines = [[clean("" if cell is None else str(cell), None) for cell in row] for row in rows]
    if not lines:
        say(_("Nothing here."))
        return
    every = [list(heads), *lines] if any(heads) else lines
    last = len(heads) - 1
    # a program that reads us gets every word
    widest = _WIDEST if sys.stdout.isatty() else 10**6
    widths = [min(widest, max(cell_len(line[column]) for line in every)) for column in range(last)]
    for line in every:
        cells = [filled(text, width) for text, width in zip(line[:last], widths, strict=True)]
        out(_GAP.join([*cells, line[last]]).rstrip())


def filled(text: str, width: int) -> str:
    """``text`` cut or filled with blanks to so many cells."""
    if cell_len(text) > width:
        while cell_len(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - cell_len(text))


def as_json(value: object) -> None:
    """One JSON document."""
    out(json.dumps(value, ensure_ascii=False, indent=2))


def plain(value: Any, zone: tzinfo) -> Any:
    """Anything a query hands out as JSON has it: times in the estate's zone, ids as text."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, Refusal):
        return {"code": value.code, **{name: plain(each, zone) for name, each in value.params.items()}}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name), zone) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(each, zone) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each, zone) for each in value]
    return value


def confirmed(question: str) -> bool:
    """Ask at a terminal; elsewhere nobody can be asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    if not typer.confirm(question, default=False, err=True):
        say(_("Nothing was changed."))
        raise typer.Exit(1)
    return True
