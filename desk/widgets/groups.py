"""Rows under headings: the mark never stands on a heading, and a long text may take several lines.

What has not changed is not drawn anew: a board that is read each minute stays where it was scrolled to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.coordinate import Coordinate
from textual.geometry import Region
from textual.widgets.data_table import RowKey

from desk.breaking import broken
from desk.text import clean
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import cell, cut, fill

#: what a heading's row carries instead of a record
_HEADING = object()


def heading(key: str, title: str) -> TableRow:
    """A line that says what the rows under it have in common; ``title`` is translated."""
    return TableRow(f"={key}", (title,), "bold", _HEADING)


def is_heading(row: TableRow) -> bool:
    """Whether ``row`` was made by :func:`heading`."""
    return row.data is _HEADING


class GroupedTable(RecordTable):
    """A :class:`RecordTable` whose rows may stand under headings. ``lines`` lets one column take several lines."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"grouped--heading"}
    DEFAULT_CSS = """
    GroupedTable { overflow-x: hidden; }
    GroupedTable > .datatable--header { background: $background; color: $text-muted; text-style: none; }
    GroupedTable > .grouped--heading { text-style: bold; background: $panel; color: $accent; }
    """

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        lines: int = 1,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """``lines`` is how many lines the text of the columns without a width of their own may take."""
        super().__init__(columns, id=id)
        self._lines = lines

    # -- what is shown ---------------------------------------------------------------------------------------

    @property
    def marked(self) -> TableRow | None:
        """The row under the mark; where that has just been put on a heading, the row it is about to come to."""
        from_mark = self.rows_shown[max(self.cursor_row, 0) :]
        return next((row for row in from_mark if not is_heading(row)), None)

    def _row_of(self, key: str) -> TableRow | None:
        row = super()._row_of(key)
        return self.marked if row is not None and is_heading(row) else row

    def fill(self, rows: Sequence[TableRow], *, more: bool = False) -> None:
        if self._same(rows):
            self._draw_changes(rows)
            self.rows_shown, self.more, self._asked_after = list(rows), more, None
            return
        top = self.scroll_y
        super().fill(rows, more=more)
        if top:
            self.call_after_refresh(self._back_to, top)

    def _same(self, rows: Sequence[TableRow]) -> bool:
        """Whether nothing but the words in some cells has changed."""
        return (
            bool(self._widths)
            and len(rows) == len(self.rows_shown) == self.row_count
            and all(a.key == b.key and a.style == b.style for a, b in zip(rows, self.rows_shown, strict=True))
            and (self._lines == 1 or all(a.cells == b.cells for a, b in zip(rows, self.rows_shown, strict=True)))
        )

    def _draw_changes(self, rows: Sequence[TableRow]) -> None:
        shown = [at for at, width in enumerate(self._widths) if width >= 0]
        for line, (row, former) in enumerate(zip(rows, self.rows_shown, strict=True)):
            if is_heading(row):
                continue
            for place, at in enumerate(shown):
                if row.cells[at] != former.cells[at]:
                    text = cell(row.cells[at], row.style, width=self._widths[at])
                    self.update_cell_at(Coordinate(line, place), text)

    def _back_to(self, top: float) -> None:
        self.scroll_to(y=top, animate=False, force=True)
        self._scroll_cursor_into_view()

    # -- drawing ---------------------------------------------------------------------------------------------

    def _add(self, row: TableRow) -> None:
        if not self._widths:
            return
        if is_heading(row):
            self.add_row(key=row.key)
        elif self._lines == 1:
            super()._add(row)
        else:
            texts, height = [], 1
            for content, width, column in zip(row.cells, self._widths, self.columns_wanted, strict=True):
                if width < 0:
                    continue
                lines = self._wrapped(content, row.style, width) if not column.width else None
                texts.append(lines if lines is not None else cell(content, row.style, width=width))
                height = max(height, lines.plain.count("\n") + 1 if lines is not None else 1)
            self.add_row(*texts, key=row.key, height=height)

    def _wrapped(self, content: object, style: str, width: int) -> Text:
        """``content`` in as many lines as it needs, at most so many; what is missing is shown."""
        text = clean(str(content), width * self._lines * 2, lines=True)
        lines = [part for line in text.split("\n") for part in broken(line, width) or [""]]
        if len(lines) > self._lines:
            lines = [*lines[: self._lines - 1], cut(" ".join(lines[self._lines - 1 :]), width)]
        return Text("\n".join(lines), style=style, end="")

    def _render_line_in_row(
        self, row_key: RowKey, line_no: int, base_style: Style, cursor_location: Coordinate, hover_location: Coordinate
    ) -> tuple[list[list[Segment]], list[list[Segment]]]:
        """A heading's words run over all columns."""
        at = self._row_locations.get(row_key)
        if at is None or not self._heading_at(at):
            return super()._render_line_in_row(row_key, line_no, base_style, cursor_location, hover_location)
        style = self.get_component_rich_style("grouped--heading")
        return [], [[Segment(fill(clean(str(self.rows_shown[at].cells[0])), self.size.width), style)]]

    # -- the mark --------------------------------------------------------------------------------------------

    def _heading_at(self, line: int) -> bool:
        return 0 <= line < len(self.rows_shown) and is_heading(self.rows_shown[line])

    def validate_cursor_coordinate(self, value: Coordinate) -> Coordinate:
        value = super().validate_cursor_coordinate(value)
        step = -1 if value.row < self.cursor_row else 1
        for way in (step, -step):
            line = value.row
            while 0 <= line < self.row_count and self._heading_at(line):
                line += way
            if 0 <= line < self.row_count:
                return Coordinate(line, value.column)
        return value

    def _scroll_cursor_into_view(self, animate: bool = False) -> None:
        above = self.cursor_row - 1
        if self._heading_at(above):
            _x, y, width, height = self._get_row_region(above)
            spacing = self._get_fixed_offset()
            self.scroll_to_region(
                Region(int(self.scroll_x), y, width, height), animate=animate, spacing=spacing, force=True
            )
        super()._scroll_cursor_into_view(animate)
