"""Callbacks: whom to call and by when, and the call itself, from the first word to the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from desk.actions import CALL, KIND, REVEAL, REVIEWS, TICKET
from desk.i18n import N_, _, ngettext, pick
from desk.screens.base import DeskScreen
from desk.text import clean, short_number
from desk.widgets.dialog import Choose
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import bindings
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger
    from desk.queries.callbacks import Attempt, CallbackRow

GROUPS = {"overdue": N_("Overdue"), "soon": N_("Within the hour"), "later": N_("Later"), "over": N_("To be reviewed")}


@dataclass(frozen=True, slots=True)
class Queue:
    """A stretch of the queue as read."""

    rows: tuple[CallbackRow, ...]
    next: Any
    kinds: tuple[tuple[str, str], ...]
    #: unanswered calls in a row after which nobody calls again
    attempts: int


class CallTable(GroupedTable):
    """The queue."""

    BINDINGS = bindings(CALL)
    ABOUT = N_("Whom to call, the one whose window ends first on top. Enter opens the call.")


class CallbacksScreen(DeskScreen[None]):
    """The queue of residents to be called back, and what the supervisor has yet to review."""

    ABOUT = N_("Residents to be called back: Enter makes the call. Ctrl+T shows the calls made, for the supervisor.")
    BINDINGS = bindings(TICKET, REVEAL, KIND, REVIEWS)

    def __init__(self) -> None:
        super().__init__()
        self.kind: str | None = None
        self.reviewing = False
        #: whose number is shown in full
        self.revealed: CallbackRow | None = None
        self.read: Queue | None = None
        self.rows: list[CallbackRow] = []

    def body(self) -> ComposeResult:
        yield Static(id="filter-words")
        yield CallTable(self._columns())
        with Vertical(id="marked"):
            yield Static(id="marked-title")
            yield Static(id="marked-done")
            yield Static(id="marked-history")

    def _columns(self) -> list[Column]:
        """When to call and how often it was tried; of calls made, who made them and with what outcome."""
        return [
            Column("due", _("Called") if self.reviewing else _("Call by"), 20),
            Column("number", _("Number"), 10),
            Column("kind", _("Kind"), 8, from_width=90),
            Column("who", _("Room and person"), 18),
            Column("what", _("Matter")),
            Column("tries", _("Outcome") if self.reviewing else _("Calls"), 12),
        ]

    def on_mount(self) -> None:
        self.table.focus()

    @property
    def table(self) -> CallTable:
        return self.query_one(CallTable)

    @property
    def marked(self) -> CallbackRow | None:
        """The callback under the mark."""
        row = self.table.marked
        return row.data if row is not None else None

    # -- reading ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        limit = max(200, len(self.rows))
        found = await self._read(limit)
        if len(self.rows) > limit:  # the next page has come meanwhile, and the mark may stand on it
            return await self.reload()
        self.read, self.rows = found, list(found.rows)
        shown = self._table_rows(self.rows)
        if not shown:
            words = _("Nothing waits for review.") if self.reviewing else _("Nobody is waiting for a call.")
            shown = [heading("none", words)]
        self.table.head(self._columns())
        self.table.fill(shown, more=self.read.next is not None)
        self._show_filters()
        self._show_marked(self.marked)

    async def _read(self, limit: int, after: Any = None) -> Queue:
        now, kind, reviewing = self.desk.now(), self.kind, self.reviewing

        def read(ledger: Ledger, session: Session) -> Queue:
            from desk.queries.callbacks import queue, to_review

            if reviewing:
                page = to_review(ledger, session, now)
            else:
                page = queue(ledger, session, now, kind=kind, limit=limit, after=after)
            kinds = tuple((each.id, pick(each.title)) for each in ledger.book.kinds.values())
            return Queue(page.rows, page.next, kinds, ledger.book.settings.get("callback_attempts", 2))

        return await self.desk.looking(read)

    def on_record_table_more(self, event: RecordTable.More) -> None:
        event.stop()
        self.job(self._next_page(), group="more")

    async def _next_page(self) -> None:
        before = self.read
        if before is None or before.next is None:
            return
        page = await self._read(200, before.next)
        if self.read is not before:
            return  # read anew meanwhile
        last = self.rows[-1] if self.rows else None
        self.read, self.rows = page, [*self.rows, *page.rows]
        self.table.extend(self._table_rows(page.rows, after=last), more=page.next is not None)

    def _table_rows(self, rows: Sequence[CallbackRow], after: CallbackRow | None = None) -> list[TableRow]:
        zone, now = self.desk.zone, self.desk.now()
        assert zone is not None
        group = self._group(after) if after is not None else None
        found: list[TableRow] = []
        for row in rows:
            if self._group(row) != group:
                group = self._group(row)
                found.append(heading(group, _(GROUPS[group])))
            found.append(self._table_row(row, group, zone, now))
        return found

    @staticmethod
    def _group(row: CallbackRow) -> str:
        return row.state if row.status == "open" else "over"

    def _table_row(self, row: CallbackRow, group: str, zone: ZoneInfo, now: datetime) -> TableRow:
        from desk.wording import moment, value

        if row.status == "open":
            when = due_words(row, zone, now)
            tries = _("unanswered {n}").format(n=row.unanswered) if row.unanswered else _("first call")
        else:
            last = row.history[-1] if row.history else None
            when = " ".join((moment(last.at, zone, now), last.by)) if last is not None else ""
            tries = value("outcome", row.outcome)
        who = " ".join(filter(None, (row.room, row.person)))
        cells = (when, short_number(row.number), pick(row.kind_title), who, clean(row.what, 200), tries)
        style = {"overdue": f"bold {self.app.current_theme.error}", "soon": "bold"}.get(group, "")
        return TableRow(str(row.id), cells, style, row)

    # -- what is marked --------------------------------------------------------------------------------------

    def on_record_table_marked(self, event: RecordTable.Marked) -> None:
        event.stop()
        self._show_marked(self.marked)

    def _show_marked(self, row: CallbackRow | None) -> None:
        zone = self.desk.zone
        title, done, history = (self.query_one(f"#marked-{part}", Static) for part in ("title", "done", "history"))
        if row is None or zone is None:
            for part in (title, done, history):
                part.update("")
            return
        full = self.revealed if self.revealed is not None and self.revealed.id == row.id else None
        phone = full.phone if full is not None else row.phone
        parts = [" ".join(filter(None, (row.room, row.person))), phone or _("no number"), clean(row.what, 200)]
        title.update(plain(dot().join(filter(None, parts)), "bold"))
        done.update(plain(dot().join(done_words(row, zone, self.desk.now()))))
        history.update(plain(dot().join(history_words(row.history, zone, self.desk.now())[-3:]), "dim"))

    def _show_filters(self) -> None:
        words = [_("To be reviewed by the supervisor") if self.reviewing else _("Callback queue")]
        if not self.reviewing:
            kinds = dict(self.read.kinds) if self.read is not None else {}
            words += [kinds.get(self.kind, self.kind) if self.kind else _("all kinds")]
        late = sum(1 for row in self.rows if row.state == "overdue")
        count = f"{len(self.rows)}+" if self.read is not None and self.read.next is not None else str(len(self.rows))
        waiting = ngettext("{n} entry", "{n} entries", len(self.rows)) if self.reviewing else _("{n} waiting")
        words += [waiting.format(n=count), _("{n} overdue").format(n=late) if late else ""]
        style = "bold reverse" if self.kind or self.reviewing else "dim"
        self.query_one("#filter-words", Static).update(plain(f" {dot().join(filter(None, words))} ", style))

    # -- acts ------------------------------------------------------------------------------------------------

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        row: CallbackRow = event.row.data
        if row.status == "open":
            from desk.screens.call import CallScreen

            self.app.push_screen(CallScreen(row.id))
        else:
            from desk.screens.verb import VerbScreen

            zone, now = self.desk.zone, self.desk.now()
            assert zone is not None
            about = " ".join((short_number(row.number), row.room, clean(row.what, 60)))
            calls = "\n".join([dot().join(done_words(row, zone, now)), *history_words(row.history, zone, now)])
            self.app.push_screen(VerbScreen("callback", "review-callback", row.id, about, ready=True, shown=calls))

    def action_ticket(self) -> None:
        if self.marked is not None:
            self.desk.open_ticket(self.marked.ticket_id)

    async def action_reveal(self) -> None:
        row, now = self.marked, self.desk.now()
        if row is None:
            return
        if self.revealed is not None and self.revealed.id == row.id:
            self.revealed = None
        elif await self.desk.revealed("ticket", row.ticket_id):
            self.revealed = await self.desk.reading(lambda ledger, session: _one(ledger, session, row.id, now))
        self._show_marked(self.marked)

    def action_reviews(self) -> None:
        self.reviewing = not self.reviewing
        self.rows = []
        self.freshen()

    def action_kind(self) -> None:
        self.job(self._ask_kind(), group="kind", exclusive=True)

    async def _ask_kind(self) -> None:
        kinds = self.read.kinds if self.read is not None else ()
        chosen = await self.app.push_screen_wait(
            Choose(_("Which kind?"), [("", _("All kinds")), *kinds], self.kind or "")
        )
        if chosen is not None:
            self.kind, self.reviewing = chosen or None, False
            self.freshen()


def _one(ledger: Ledger, session: Session, ident: UUID, now: datetime) -> CallbackRow:
    from desk.queries.callbacks import one

    return one(ledger, session, ident, now)


# -- words ---------------------------------------------------------------------------------------------------


def due_words(row: CallbackRow, zone: ZoneInfo, now: datetime) -> str:
    """Until when to call, and how long that is from now."""
    from desk.wording import duration, moment

    if row.due_at is None:
        return _("no window")
    away = abs(row.due_at - now)
    # the nearer, the finer
    away -= away % (timedelta(minutes=1) if away < timedelta(hours=1) else timedelta(hours=1))
    if away >= timedelta(days=1):
        away = timedelta(days=away.days)
    words = (_("{time} overdue") if row.due_at < now else _("{time} left")).format(time=duration(away))
    return f"{moment(row.due_at, zone, now, until=True)} {words}"


def done_words(row: CallbackRow, zone: ZoneInfo, now: datetime) -> list[str]:
    """Who did the work, when, and with what result."""
    from desk.wording import moment, value

    words = [_("done {time}").format(time=moment(row.completed_at, zone, now)) if row.completed_at else ""]
    words += [_("by {name}").format(name=row.handler) if row.handler else ""]
    words += [value("grade", row.grade) if row.grade else ""]
    words += [_("result: {text}").format(text=clean(row.result, 200)) if row.result else ""]
    words += [_("handler: {text}").format(text=clean(row.heard, 200)) if row.heard else ""]
    if row.handler_first and not row.handler_heard:
        words.append(_("hear the handler first"))
    return [word for word in words if word]


def history_words(history: Sequence[Attempt], zone: ZoneInfo, now: datetime) -> list[str]:
    """The calls made: when, who, what came of it."""
    from desk.wording import moment, value

    if not history:
        return [_("not called yet")]
    lines = []
    for attempt in history:
        line = " ".join(filter(None, (moment(attempt.at, zone, now), attempt.by, value("outcome", attempt.outcome))))
        note = clean(attempt.note, 120)
        lines.append(_("{title}: {details}").format(title=line, details=note) if note else line)
    return lines
