"""A workbook looked through before it is read: one kilobyte of it can ask for terabytes.

The reader lays a sheet out whole, from its first cell to its last: one cell in the farthest corner makes seventeen
thousand million of them, and the program ends without a word. So the packed files are unpacked here within bounds,
and cells and texts counted, before the reader gets the file.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from desk.files import Malformed
from desk.i18n import _

#: bytes of all files of a workbook, unpacked
UNPACKED: Final = 256_000_000
#: cells from the first to the last one of a sheet, the empty ones too
CELLS: Final = 8_000_000
#: characters of all texts, each counted as often as it stands in a cell
TEXTS: Final = 400_000_000
#: files in the archive
_FILES: Final = 5_000
_CELL: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


def look_through(path: Path) -> None:
    """Raises :class:`desk.files.Malformed` for a workbook that is none, or far larger than any list."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > _FILES:
                raise _too_large()
            if any(entry.filename.lower().endswith("workbook.bin") for entry in entries):
                raise Malformed(_("it is a binary workbook; save it as .xlsx or CSV"))
            _look(archive, entries)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OverflowError) as error:
        raise Malformed(str(error)) from None
    except expat.ExpatError as error:
        raise Malformed(str(error)) from None


def check_size(height: int, width: int) -> None:
    """Raises :class:`desk.files.Malformed` for a sheet that would be too many cells once laid out."""
    if height * width > CELLS:
        raise _too_large()


def _too_large() -> Malformed:
    return Malformed(_("it is far larger than any list; save the part you need as CSV"))


def _look(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    left = UNPACKED
    sheets, lengths = [], []
    for entry in entries:
        # what the archive says of the size may be a lie: read to the end, or to the bound
        entry.file_size = left + 2
        with archive.open(entry) as file:
            data = file.read(left + 1)
        left -= len(data)
        if left < 0:
            raise _too_large()
        if b"sheetData" in data:
            sheets.append(data)
        if b"sst" in data[:2000]:
            lengths = _Strings().read(data)
        if b"table-cell" in data:
            _OpenDocument().read(data)
    for data in sheets:
        sheet = _Sheet().read(data)
        if lengths and sheet.shared * max(lengths) > TEXTS:
            used = _Sheet(count=True).read(data).used
            if sum(lengths[n] * times for n, times in used.items() if n < len(lengths)) > TEXTS:
                raise _too_large()


class _Reader:
    """Walks the elements of one file, by their names without prefix."""

    def parse(self, data: bytes, *, texts: bool = True) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        if texts:
            parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = self.doctype
        parser.Parse(data, True)

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...

    def doctype(self, *_of: Any) -> None:
        # no workbook has one; entities within entities grow without end
        raise Malformed(_("it declares its own document type, as no spreadsheet does"))


class _Strings(_Reader):
    """How long each text is that cells point to."""

    def read(self, data: bytes) -> list[int]:
        self.lengths: list[int] = []
        self.parse(data)
        return self.lengths

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "si":
            self.lengths.append(0)

    def text(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


class _Sheet(_Reader):
    """How far the cells of a sheet reach that hold something, and which texts they point to."""

    def __init__(self, *, count: bool = False) -> None:
        self.row = self.column = self.height = self.width = self.shared = 0
        self.used: Counter[int] = Counter()
        self.counting, self.points, self.at = count, False, ""

    def read(self, data: bytes) -> _Sheet:
        self.parse(data, texts=self.counting)
        return self

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "c":
                self._cell(attributes)
            case "v" | "is":
                self.height, self.width = max(self.height, self.row), max(self.width, self.column)
                check_size(self.height, self.width)
                self.shared += self.points
                self.at = ""
            case "row":
                self.row = _number(attributes["r"]) if "r" in attributes else self.row + 1
                self.column = 0

    def _cell(self, attributes: dict[str, str]) -> None:
        self.points = attributes.get("t") == "s"
        if "r" not in attributes:
            self.column += 1
            return
        found = _CELL.fullmatch(attributes["r"])
        if found is None:
            raise Malformed(_("a cell stands nowhere ({place})").format(place=attributes["r"][:20]))
        self.column = 0
        for letter in found[1].upper():
            self.column = self.column * 26 + ord(letter) - 64
        self.row = int(found[2])

    def text(self, text: str) -> None:
        if self.points:
            self.at += text

    def end(self, name: str) -> None:
        if self.counting and self.points and _local(name) == "v":
            self.used[_number(self.at)] += 1


class _OpenDocument(_Reader):
    """The same of a sheet that says how often a row or a cell is repeated."""

    def __init__(self) -> None:
        self.rows = self.columns = self.height = self.width = self.texts = 0
        self.times = self.repeat = self.length = 0

    def read(self, data: bytes) -> None:
        self.parse(data)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "table":
                self.rows = self.height = self.width = 0
            case "table-row":
                self.times = _number(attributes.get("table:number-rows-repeated", "1"))
                self.columns = 0
            case "table-cell" | "covered-table-cell":
                self.repeat = _number(attributes.get("table:number-columns-repeated", "1"))
                self.length = 1 if any(_local(key) == "value-type" for key in attributes) else 0
            case "s":
                self.length += _number(attributes.get("text:c", "1"))
            case "p":
                self.length += 1

    def text(self, text: str) -> None:
        self.length += len(text.strip())

    def end(self, name: str) -> None:
        match _local(name):
            case "table-cell" | "covered-table-cell":
                self.columns += self.repeat
                if self.length:
                    self.width = max(self.width, self.columns)
                    self.height = self.rows + self.times
                    self.texts += self.length * self.repeat * self.times
                    check_size(self.height, self.width)
                    if self.texts > TEXTS:
                        raise _too_large()
                self.length = 0
            case "table-row":
                self.rows += self.times


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _number(text: str) -> int:
    if not re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
        raise Malformed(_("a number in it is none ({text})").format(text=text[:20]))
    return int(text)
