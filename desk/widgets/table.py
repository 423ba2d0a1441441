"""Rows of records, read by pages: arrows mark, Enter opens, the next page is asked for near the end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import DataTable

from desk.actions import OPEN
from desk.i18n import N_, _
from desk.widgets.keys import bindings
from desk.widgets.text import cell

#: seconds within which a key is still about what stood there before the rows moved by themselves
GLIMPSE = 1.0
#: cells from which there is room for long words in every column
WIDE = 130


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title (translated), and its width in cells; 0 takes what is left."""

    name: str
    title: str
    width: int = 0
    #: hidden where the table is narrower than this
    from_width: int = 0
    #: where given, it is as wide as what stands in it wants: up to ``width``, in a table of :data:`WIDE` cells and more
    #: up to this
    wide: int = 0


@dataclass(frozen=True, slots=True)
class TableRow:
    """A record as shown: ``key`` finds it again, ``cells`` by column, ``data`` is handed back when it is chosen."""

    key: str
    cells: Sequence[object]
    style: str = ""
    data: Any = None


class RecordTable(DataTable[Text]):
    """Pages of 200 rows or so. Cells are plain text, never markup.

    ``fill`` shows a first page and keeps the mark on the same record; ``extend`` adds the next one.
    """

    DEFAULT_CSS = "RecordTable { height: 1fr; scrollbar-size-vertical: 1; }"
    BINDINGS = bindings(OPEN)
    ABOUT = N_("A list: arrows, PgUp and PgDn move the mark, Enter opens the marked row. More is read as you go down.")

    #: rows from the end at which the next page is asked for
    NEAR = 40

    @dataclass
    class Chosen(Message):
        """Enter (or a click) on a row."""

        table: RecordTable
        row: TableRow

        @property
        def control(self) -> RecordTable:
            return self.table

    @dataclass
    class Marked(Message):
        """The mark stands on another row now."""

        table: RecordTable
        row: TableRow

        @property
        def control(self) -> RecordTable:
            return self.table

    @dataclass
    class More(Message):
        """Please :meth:`extend`: the mark comes near the end of what has been read."""

        table: RecordTable
        last: TableRow

        @property
        def control(self) -> RecordTable:
            return self.table

    def __init__(self, columns: Sequence[Column], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(cursor_type="row", zebra_stripes=False, id=id, cell_padding=0)
        self.columns_wanted = tuple(columns)
        self.rows_shown: list[TableRow] = []
        self.more = False
        self._asked_after: str | None = None
        self._widths: tuple[int, ...] = ()
        self._filled = False
        self._slid_at = -GLIMPSE

    # -- what is shown ---------------------------------------------------------------------------------------

    def fill(self, rows: Sequence[TableRow], *, more: bool = False) -> None:
        """Show ``rows`` instead of what stood there; the mark stays on its record, else on its line."""
        kept, line = self.marked, self.cursor_row
        self.rows_shown, self.more, self._asked_after, self._filled = list(rows), more, None, True
        self._lay_out(force=True)
        if kept is not None and rows:
            self.mark(kept.key, otherwise=line)
            if getattr(self.screen, "by_itself", False) and (self.marked is None or self.marked.key != kept.key):
                self.slid()

    def slid(self) -> None:
        """Without a key another record has come under the mark, or what is next for it is something else."""
        self._slid_at = time.monotonic()

    def has_slid(self) -> bool:
        """Whether that was a moment ago: the key that comes now is about what stood there before, and is not obeyed.

        That is told, and the next key is obeyed.
        """
        if time.monotonic() - self._slid_at >= GLIMPSE:
            return False
        self._slid_at = -GLIMPSE
        self.app.bell()
        said = _("It has just changed by itself: look what stands there now, then press again.")
        self.app.notify(said, severity="warning", markup=False)
        return True

    def head(self, columns: Sequence[Column]) -> None:
        """Other titles, or columns, from the next :meth:`fill` on."""
        if self.columns_wanted != tuple(columns):
            self.columns_wanted, self._widths = tuple(columns), ()

    def extend(self, rows: Sequence[TableRow], *, more: bool = False) -> None:
        """Add the next page."""
        self.rows_shown.extend(rows)
        self.more, self._asked_after = more, None
        for row in rows:
            self._add(row)

    def mark(self, key: str, otherwise: int = 0) -> None:
        """Move the mark to the row with this key, or to a line."""
        at = next((i for i, row in enumerate(self.rows_shown) if row.key == key), None)
        self.move_cursor(row=min(otherwise, len(self.rows_shown) - 1) if at is None else at)

    @property
    def marked(self) -> TableRow | None:
        """The row under the mark."""
        return self.rows_shown[self.cursor_row] if 0 <= self.cursor_row < len(self.rows_shown) else None

    def _row_of(self, key: str) -> TableRow | None:
        """The row a key was about, if it still stands there."""
        return next((row for row in self.rows_shown if row.key == key), None)

    # -- drawing ---------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()

    def _lay_out(self, *, force: bool = False) -> None:
        room = self.size.width - self.scrollbar_size_vertical
        if room <= 0:
            return
        shown = [c for c in self.columns_wanted if c.from_width <= room]
        own = {c.name: self._wanted(c, c.wide if room >= WIDE else c.width) if c.wide else c.width for c in shown}
        free = sum(1 for width in own.values() if not width)
        left = max(0, room - sum(width + 1 for width in own.values()))
        widths = tuple(own[c.name] or max(4, left // free) if c in shown else -1 for c in self.columns_wanted)
        if widths == self._widths and not force:
            return
        line = self.cursor_row
        self._widths = widths
        self.clear(columns=True)
        for column, width in zip(self.columns_wanted, widths, strict=True):
            if width >= 0:
                self.add_column(cell(column.title, "bold", width=width), width=width + 1, key=column.name)
        for row in self.rows_shown:
            self._add(row)
        if line and self.rows_shown:
            self.move_cursor(row=min(line, len(self.rows_shown) - 1), animate=False)

    def _wanted(self, column: Column, most: int) -> int:
        """How wide a column must be for what has been read; what it doesn't need is the others'."""
        place = self.columns_wanted.index(column)
        # a group's heading has no cells of its own
        stands = [str(row.cells[place]) for row in self.rows_shown if place < len(row.cells)]
        return min(most, max(map(cell_len, (column.title, *stands))))

    def _add(self, row: TableRow) -> None:
        if not self._widths:
            return
        texts = [
            content if isinstance(content, Text) else cell(content, row.style, width=width)
            for content, width in zip(row.cells, self._widths, strict=True)
            if width >= 0
        ]
        self.add_row(*texts, key=row.key)

    # -- messages --------------------------------------------------------------------------------------------

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        row = self._row_of(str(event.row_key.value))
        if row is not None and not self.has_slid():
            self.post_message(self.Chosen(self, row))

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        if (row := self.marked) is None:
            return
        self.post_message(self.Marked(self, row))
        last = self.rows_shown[-1]
        if self.more and self._asked_after != last.key and self.cursor_row >= len(self.rows_shown) - self.NEAR:
            self._asked_after = last.key
            self.post_message(self.More(self, last))
