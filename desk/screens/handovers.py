"""Handovers as they were signed, for the supervisor: each beside the one before it, and what was written about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Static

from desk.actions import CLOSE, COMMENT, PAPER
from desk.i18n import N_, _
from desk.screens.base import DeskScreen
from desk.screens.sheets import SheetTable, count_words, kinds_of, open_marked, sheet_rows, show_paper, span_words
from desk.text import clean
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import bindings
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger
    from desk.queries.handovers import HandoverRow, HandoverView

#: columns from which two sheets stand side by side
WIDE = 110


@dataclass(frozen=True, slots=True)
class Pair:
    """A handover and the one before it."""

    view: HandoverView
    former: HandoverView | None
    kinds: Mapping[str, str]


class HandoversScreen(DeskScreen[None]):
    """Past handovers."""

    ABOUT = N_("Handovers as they were signed. The mark chooses one; it stands beside the one before. Ctrl+N comments.")
    BINDINGS = bindings(COMMENT, PAPER, CLOSE)

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[HandoverRow] = []
        self.next: Any = None
        self.pair: Pair | None = None

    def body(self) -> ComposeResult:
        columns = [Column("signed", _("Signed"), 12), Column("from", _("Handed over by"), 14)]
        columns += [Column("to", _("Taken over by"), 20), Column("counts", _("Left standing"), 0)]
        yield GroupedTable([*columns, Column("state", _("State"), 12)], id="past")
        with Container(id="pair"):
            with Vertical(id="this"):
                yield Static(id="this-head")
                yield SheetTable(id="this-sheet")
            with Vertical(id="former"):
                yield Static(id="former-head")
                yield SheetTable(id="former-sheet")

    def on_mount(self) -> None:
        self.query_one("#past").focus()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "-wide")
        self._draw()

    # -- reading ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        limit = max(50, len(self.rows))

        def read(ledger: Ledger, session: Session) -> Any:
            from desk.queries.handovers import past

            return past(ledger, session, limit=limit)

        page = await self.desk.looking(read)
        if len(self.rows) > limit:  # the next page has come meanwhile, and the mark may stand on it
            return await self.reload()
        self.rows, self.next = list(page.rows), page.next
        table = self.query_one("#past", GroupedTable)
        table.fill([self._row(row) for row in self.rows], more=self.next is not None)
        if not self.rows:
            self.query_one("#this-head", Static).update(plain(_("Nothing has been handed over yet.")))
        elif table.marked is not None:
            await self._read_pair(table.marked.data)

    def _row(self, row: HandoverRow) -> TableRow:
        from desk.wording import moment

        zone, now = self.desk.zone, self.desk.now()
        assert zone is not None
        came = _("nobody has signed yet")
        if row.signed_in_at is not None:
            came = f"{row.incoming} {moment(row.signed_in_at, zone, now)}"
        state = _("reviewed") if row.reviewed_at else _("to review") if row.signed_in_at else _("waiting")
        counts = dot().join(filter(None, (_("differs") if row.differences else "", count_words(row.totals))))
        when = moment(row.signed_out_at, zone, now)
        return TableRow(str(row.id), (when, row.outgoing, came, counts, state), "", row)

    def on_record_table_more(self, event: RecordTable.More) -> None:
        event.stop()
        if event.table.id == "past":
            self.job(self._next_page(), group="more")

    async def _next_page(self) -> None:
        after = self.next
        if after is None:
            return

        def read(ledger: Ledger, session: Session) -> Any:
            from desk.queries.handovers import past

            return past(ledger, session, after=after)

        page = await self.desk.looking(read)
        if after != self.next:
            return
        self.rows += page.rows
        self.next = page.next
        self.query_one("#past", GroupedTable).extend([self._row(row) for row in page.rows], more=page.next is not None)

    def on_record_table_marked(self, event: RecordTable.Marked) -> None:
        event.stop()
        if event.table.id == "past":
            self.job(partial(self._read_pair, event.row.data), group="pair", exclusive=True)

    async def _read_pair(self, row: HandoverRow) -> None:
        place = next((n for n, each in enumerate(self.rows) if each.id == row.id), None)
        before = self.rows[place + 1].id if place is not None and place + 1 < len(self.rows) else None

        def read(ledger: Ledger, session: Session) -> Pair:
            from desk.queries.handovers import one

            former = one(ledger, session, before) if before is not None else None
            return Pair(one(ledger, session, row.id), former, kinds_of(ledger))

        pair = await self.desk.looking(read)
        if (marked := self.query_one("#past", GroupedTable).marked) is not None and marked.data.id == row.id:
            self.pair = pair
            self._draw()

    # -- drawing ---------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        pair, zone, now = self.pair, self.desk.zone, self.desk.now()
        if pair is None or zone is None:
            return
        wide = self.has_class("-wide")
        rows = sheet_rows(pair.view.sheet, pair.kinds, zone, now)
        self.query_one("#this-head", Static).update(plain(self._head(pair.view, zone), limit=4000))
        self.query_one("#former").display = wide and pair.former is not None
        if pair.former is not None and wide:
            self.query_one("#former-head", Static).update(plain(self._head(pair.former, zone), limit=4000))
            former = sheet_rows(pair.former.sheet, pair.kinds, zone, now)
            self.query_one("#former-sheet", SheetTable).fill(former)
        elif pair.former is not None:
            # one after the other where there is no room beside it
            before = self._head(pair.former, zone).split("\n")[0]
            rows.append(heading("former", _("Before it: {head}").format(head=before)))
            rows += sheet_rows(pair.former.sheet, pair.kinds, zone, now, prefix="former.")
        self.query_one("#this-sheet", SheetTable).fill(rows)

    def _head(self, view: HandoverView, zone: ZoneInfo) -> str:
        from desk.wording import moment

        row, now = view.row, self.desk.now()
        lines = [span_words(row.outgoing, row.since, row.signed_out_at, zone, now)]
        lines[0] += dot() + (_("to {name}").format(name=row.incoming) if row.incoming else _("nobody has signed yet"))
        if not view.intact:
            lines.append(_("This sheet is not the one that was signed!"))
        if row.notes:
            lines.append(_("Notes: {text}").format(text=clean(row.notes, 300)))
        if row.differences:
            lines.append(_("Differences: {text}").format(text=clean(row.differences, 300)))
        for comment in view.comments:
            text = _("(forgotten)") if comment.text is None else clean(comment.text, 300)
            lines.append(f"{moment(comment.at, zone, now)} {comment.by}{dot()}{text}")
        return "\n".join(lines)

    # -- acts ------------------------------------------------------------------------------------------------

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        if event.table.id == "past":
            self.query_one("#this-sheet").focus()
        else:
            open_marked(self.desk, event.row.data)

    def action_comment(self) -> None:
        self.once(self._comment, group="comment")

    async def _pair_marked(self) -> Pair | None:
        """The pair under the mark; the one in sight may still be the former's."""
        marked = self.query_one("#past", GroupedTable).marked
        if marked is not None and (self.pair is None or self.pair.view.row.id != marked.data.id):
            await self._read_pair(marked.data)
        return self.pair

    async def _comment(self) -> None:
        if await self._pair_marked() is not None and self.pair is not None:
            from desk.screens.verb import VerbScreen

            about = self._head(self.pair.view, self.desk.zone or ZoneInfo("UTC")).split("\n")[0]
            self.app.push_screen(VerbScreen("handover", "review-handover", self.pair.view.row.id, about))

    def action_paper(self) -> None:
        self.once(self._paper, group="paper")

    async def _paper(self) -> None:
        if (pair := await self._pair_marked()) is not None:
            await show_paper(self.desk, self.app, pair.view.sheet, pair.view.row)

    def action_close(self) -> None:
        self.dismiss(None)
