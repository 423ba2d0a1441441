"""Reading a table somebody else made: CSV in the encodings and delimiters of the trade, or a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

from desk import files
from desk.errors import Refusal
from desk.importing.rejects import Reject, unmarked

#: bytes a list or register may have: a million lines are a fifth of it
MOST: Final = 512_000_000
#: characters a cell may have; what is longer is no entry but a mishap or an attack
CELL: Final = 10_000
#: cells of a line
_WIDTH: Final = 200
#: characters of an overlong cell that a list of rejects repeats
_SHOWN: Final = 200
#: lines a quoted cell may run over, before its quotation mark is taken for a slip of the pen
_QUOTED: Final = 200
#: lines looked at in vain for the end of quoted cells, in all
_WASTED: Final = 20_000
_DELIMITERS: Final = (",", "\t", ";", "|", "\uff0c")
_PACKED: Final = b"PK\x03\x04"
_SPREADSHEET: Final = (_PACKED, b"\xd0\xcf\x11\xe0")
# what a spreadsheet writes so that a number stays a text
_AS_TEXT: Final = re.compile(r'="(.*)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table, by its number in the file (the first line is 1). Cells are trimmed texts."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as read: its lines, those that can't be read, and what it was taken for."""

    name: str
    lines: tuple[Line, ...]
    rejects: tuple[Reject, ...]
    #: ``utf-8`` | ``gb18030`` | ``utf-16`` | ``xlsx`` …, and the delimiter or sheet
    encoding: str
    form: str


def read_table(path: Path) -> Table:
    """The table in a CSV or spreadsheet file, told apart by what is in it, not by its name.

    Raises :class:`Refusal` ``import.no_file``, ``import.unreadable``, ``import.encoding``, ``import.empty``.
    """
    try:
        raw = files.read_bytes(path, MOST)
    except FileNotFoundError:
        raise Refusal("import.no_file", file=str(path)) from None
    except OSError as error:
        raise Refusal("import.unreadable", file=str(path), error=error.strerror or str(error)) from None
    except files.Malformed as error:
        raise Refusal("import.unreadable", file=str(path), error=str(error)) from None
    table = _spreadsheet(path, raw) if raw.startswith(_SPREADSHEET) else _text(path, raw)
    if not table.lines and not table.rejects:
        raise Refusal("import.empty", file=str(path))
    return table


# -- CSV -----------------------------------------------------------------------------------------------------


def _text(path: Path, raw: bytes) -> Table:
    text, encoding = _decoded(path, raw)
    delimiter = _delimiter(text)
    lines: list[Line] = []
    rejects: list[Reject] = []
    for number, found in _records(text, delimiter):
        if isinstance(found, str):
            rejects.append(Reject(number, "quotes", {}, (found[:_SHOWN],)))
            continue
        cells = tuple(_cell(each) for each in found)
        if any(cells):
            _take(lines, rejects, number, cells)
    return Table(path.name, tuple(lines), tuple(rejects), encoding, {"\t": "tab"}.get(delimiter, delimiter))


def _decoded(path: Path, raw: bytes) -> tuple[str, str]:
    # what is valid UTF-8 is hardly ever GB 18030 by chance; the reverse often holds
    encodings = ["utf-16"] if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.count("\x00") * 20 <= len(text):
            return text, encoding.removesuffix("-sig")
    raise Refusal("import.encoding", file=str(path))


def _delimiter(text: str) -> str:
    """The delimiter that divides most of the first lines into equally many cells."""
    head = [line for line in text[:20_000].splitlines()[:20] if line.strip()]
    best, score = ",", (0, 0)
    for delimiter in _DELIMITERS:
        widths = Counter(line.count(delimiter) for line in head if delimiter in line)
        if widths:
            width, lines = widths.most_common(1)[0]
            if (lines, width) > score:
                best, score = delimiter, (lines, width)
    return best


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Records with the number of their first line; a line whose quotation marks don't match comes as it is.

    A quotation mark that never closes must cost its own line, not the rest of the file.
    """
    csv.field_size_limit(max(len(text), 131_072))  # of the whole process: never below the usual
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = wasted = 0
    while at < len(lines):
        end, open_ = at + 1, _open_after(lines[at], delimiter, False)
        # each slip of the pen may cost a look at the lines that follow, a file of nothing else may not
        last = min(at + _QUOTED, len(lines)) if wasted < _WASTED else at
        while open_ and end < last:
            open_ = _open_after(lines[end], delimiter, True)
            end += 1
        found = None if open_ else _parsed("\n".join(lines[at:end]), delimiter)
        if found is None:
            wasted += end - at - 1
            end = at + 1
        yield at + 1, lines[at] if found is None else found
        at = end


def _open_after(line: str, delimiter: str, inside: bool) -> bool:
    """Whether a quotation mark is open at the line's end; ``inside``: one was at its beginning."""
    if '"' not in line:
        return inside
    place = 0
    while True:
        if inside:
            place = line.find('"', place) + 1
            if not place:
                return True
            if line.startswith('"', place):
                place += 1  # two are one that is meant
                continue
        # only at a cell's very beginning does one open
        elif line.startswith('"', place):
            inside, place = True, place + 1
            continue
        place = line.find(delimiter, place) + 1
        if not place:
            return False
        inside = False


def _parsed(record: str, delimiter: str) -> list[str] | None:
    """The cells of a record; None where its quotation marks don't match."""
    if '"' not in record:
        return record.split(delimiter)
    try:
        return next(csv.reader([record], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


# -- spreadsheets --------------------------------------------------------------------------------------------


def _spreadsheet(path: Path, raw: bytes) -> Table:
    from python_calamine import CalamineError, CalamineWorkbook

    from desk.importing.workbook import check_size, look_through

    try:
        if raw.startswith(_PACKED):
            look_through(path)
        book = CalamineWorkbook.from_path(str(path))
        # the first sheet with anything on it: an empty one often stands before
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            check_size(sheet.total_height, sheet.total_width)
            rows = sheet.to_python(skip_empty_area=False)
            if any(any(cell not in ("", None) for cell in row) for row in rows):
                break
        else:
            raise Refusal("import.empty", file=str(path))
    except (CalamineError, files.Malformed, OSError, ValueError) as error:
        raise Refusal("import.unreadable", file=str(path), error=str(error)) from None
    _fill(rows, sheet.merged_cell_ranges)
    lines: list[Line] = []
    rejects: list[Reject] = []
    for number, row in enumerate(rows, 1):
        cells = tuple(_cell(_plain(value)) for value in row)
        if any(cells):
            _take(lines, rejects, number, cells)
    return Table(path.name, tuple(lines), tuple(rejects), path.suffix.lstrip(".").lower() or "xlsx", name)


def _fill(rows: list[list[Any]], merged: Iterable[tuple[tuple[int, int], tuple[int, int]]] | None) -> None:
    """A room merged over the lines of its family belongs to each of them."""
    for (top, left), (bottom, _right) in merged or ():
        for row in range(top + 1, min(bottom + 1, len(rows))):
            rows[row][left] = rows[top][left]


def _plain(value: Any) -> str:
    """A spreadsheet's value as one would type it: a telephone number kept as a number has no decimals."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime():
            whole = value.time() == time()
            return value.date().isoformat() if whole else value.isoformat(sep=" ", timespec="seconds")
        case date() | time():
            return value.isoformat()
    return str(value)


# -- both ----------------------------------------------------------------------------------------------------


def _cell(text: str) -> str:
    text = text.strip("\ufeff \t\r\n\u3000\xa0")
    as_text = _AS_TEXT.fullmatch(text)
    return as_text[1].strip() if as_text else unmarked(text)


def _take(lines: list[Line], rejects: list[Reject], number: int, cells: tuple[str, ...]) -> None:
    if len(cells) > _WIDTH or max(map(len, cells)) > CELL:
        rejects.append(Reject(number, "too_long", {"most": CELL}, tuple(cell[:_SHOWN] for cell in cells[:_WIDTH])))
    else:
        lines.append(Line(number, cells))
