"""The briefing before a duty: the day before, what was carried over, what is due today; noted as read by one key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Static

from desk.actions import CLOSE, READ
from desk.i18n import N_, _, pick
from desk.screens.base import DeskScreen
from desk.screens.sheets import count_words, open_marked
from desk.text import clean, short_number
from desk.vocabulary import EVENTS, STATUSES
from desk.widgets.groups import GroupedTable, heading
from desk.widgets.keys import bindings
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.queries.sheets import OpenLine
    from desk.queries.shifts import Briefing, ShiftRow


@dataclass(frozen=True, slots=True)
class Wanted:
    briefing: Briefing
    shift: ShiftRow | None
    #: whether the rulebook asks for the reading to be noted
    briefs: bool


class BriefingTable(GroupedTable):
    """What to know."""

    ABOUT = N_("What to know before a duty. Enter opens the ticket of the marked row; Ctrl+S notes that you read it.")


class BriefingScreen(DeskScreen[None]):
    """What to read before a duty (S0-22)."""

    ABOUT = N_("Before a duty: yesterday, what was carried over, what is due today. Ctrl+S: I have read it.")
    BINDINGS = bindings(READ, CLOSE)

    def __init__(self) -> None:
        super().__init__()
        self.wanted: Wanted | None = None

    def body(self) -> ComposeResult:
        yield Static(id="briefing-head")
        columns = [Column("at", _("Time"), 13), Column("number", _("Number"), 10), Column("what", _("What"))]
        yield BriefingTable([*columns, Column("who", _("Who"), 14)], lines=3)

    def on_mount(self) -> None:
        self.query_one(BriefingTable).focus()

    async def reload(self) -> None:
        await self.desk.ready()
        now, who = self.desk.now(), self.desk.who
        assert who is not None

        def read(ledger: Ledger, session: Session) -> Wanted:
            from desk.queries.shifts import briefing, current

            told, shift = briefing(ledger, session, who.id, now), current(ledger, session, who.id, now)
            return Wanted(told, shift, "shift.briefed" in ledger.book.mentioned)

        self.wanted = await self.desk.looking(read)
        self._show(self.wanted)

    def _show(self, wanted: Wanted) -> None:
        from desk.wording import day, moment

        zone, now = self.desk.zone, self.desk.now()
        assert zone is not None
        told, shift = wanted.briefing, wanted.shift
        head = [_("Briefing {day}").format(day=day(told.day))]
        if shift is not None:
            span = f"{shift.starts_at.astimezone(zone):%H:%M}–{shift.ends_at.astimezone(zone):%H:%M}"
            head.append(" ".join(filter(None, (_("your duty"), shift.name, span))))
            if shift.briefed_at is not None:
                head.append(_("read {time}").format(time=moment(shift.briefed_at, zone, now)))
        else:
            head.append(_("you are not on the roster"))
        self.query_one("#briefing-head", Static).update(plain(dot().join(head), "bold"))

        def row(
            key: str, at: str, number: str | None, what: str, who: str, style: str = "", data: object = None
        ) -> TableRow:
            return TableRow(key, (at, short_number(number), what, who), style, data)

        def clock(instant: datetime | None, *, until: bool = False) -> str:
            return moment(instant, zone, now, until=until)[-11:] if instant is not None else ""

        rows: list[TableRow] = []
        if told.gaps:
            rows.append(heading("gaps", _("Nobody on the roster")))
            rows += [
                row(f"gap{n}", clock(gap.start), None, _("until {time}").format(time=clock(gap.end)), "", "bold")
                for n, gap in enumerate(told.gaps)
            ]
        if told.emergencies:
            rows.append(heading("emergencies", _("Emergencies not finished")))
            rows += [self._open(f"e{n}", line, clock(line.opened_at)) for n, line in enumerate(told.emergencies)]
        rows.append(heading("notes", f"{_('Notes')} ({len(told.notes)})"))
        for n, note in enumerate(told.notes):
            text = _("(forgotten)") if note.text is None else clean(note.text, 300)
            text = _("Know first: {text}").format(text=text) if note.urgent else text
            rows.append(row(f"n{n}", clock(note.at), None, text, note.by, "bold" if note.urgent else ""))
        rows.append(heading("carried", f"{_('Carried over')} ({len(told.carried)})"))
        rows += [self._open(f"c{n}", line, clock(line.opened_at)) for n, line in enumerate(told.carried)]
        rows.append(heading("due", f"{_('Due today')} ({len(told.due)})"))
        for n, due in enumerate(told.due):
            what = " ".join(filter(None, (pick(due.title), due.room, clean(due.what, 200))))
            style = f"bold {self.app.current_theme.error}" if due.due_at is not None and due.due_at < now else ""
            about = (due.root_type, due.root_id) if due.root_type in ("ticket", "visit") and due.gathered == 1 else None
            rows.append(row(f"d{n}", clock(due.due_at, until=True), due.number, what, due.who, style, about))
        if told.former_day is not None:
            rows.append(heading("former", _("The day before: {day}").format(day=day(told.former_day))))
            counts = dot().join(f"{_(EVENTS[name].title)} {n}" for name, n in told.former.items())
            rows.append(row("counts", "", None, counts or _("nothing recorded"), ""))
        if told.handover is not None:
            last = told.handover
            rows.append(heading("handover", _("The last handover")))
            who = _("{one} to {other}").format(one=last.outgoing, other=last.incoming or _("nobody so far"))
            said = (count_words(last.totals), clean(last.notes, 200), clean(last.differences, 200))
            what = dot().join(filter(None, said))
            rows.append(row("last", clock(last.signed_out_at), None, f"{who}{dot()}{what}", ""))
        rows.append(heading("roster", _("On duty today")))
        for n, each in enumerate(told.roster):
            state = _("is here") if each.arrived_at and not each.left_at else _("has left") if each.left_at else ""
            rows.append(row(f"r{n}", clock(each.starts_at), None, f"{each.staff} {each.name}".strip(), state))
        self.query_one(BriefingTable).fill(rows)

    def _open(self, key: str, line: OpenLine, at: str) -> TableRow:
        what = dot().join(filter(None, (_(STATUSES[line.status]), f"{line.room} {clean(line.what, 200)}".strip())))
        return TableRow(key, (at, short_number(line.number), what, line.who), "", ("ticket", line.ticket_id))

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        open_marked(self.desk, event.row.data)

    def action_read_it(self) -> None:
        self.once(self._note_read, group="read")

    async def _note_read(self) -> None:
        if self.wanted is None:
            return
        shift, briefs = self.wanted.shift, self.wanted.briefs

        def write(ledger: Ledger, doing: Doing) -> object:
            from desk.procedures import find_verb
            from desk.procedures.shifts import come
            from desk.procedures.verbs import act

            ident = come(ledger, doing) if shift is None or not briefs else shift.id
            if not briefs:
                return ident
            return act(ledger, find_verb("brief", "shift"), ident, {}, doing)

        if await self.desk.writing(write) is not None:
            self.desk.say(_("Noted: you are here and have read the briefing."))
            self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)
