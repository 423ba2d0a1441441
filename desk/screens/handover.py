"""Handing a shift over: who leaves reads, writes notes and signs; who comes reads, writes differences and signs.

What is signed is the very sheet on the screen. Where nobody came, the sheet waits for whoever comes next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from desk.actions import BRIEFING, PAPER, PAST, SIDE, SIGN, WRITE
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.screens.base import DeskScreen
from desk.screens.drafts import DraftKeeper
from desk.screens.sheets import SheetTable, done_words, kinds_of, open_marked, sheet_rows, show_paper, span_words
from desk.widgets.dialog import Confirm
from desk.widgets.fields import Changed, Entered, Prose
from desk.widgets.form import Row, Sentence
from desk.widgets.keys import bindings, key_name
from desk.widgets.table import RecordTable
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.queries.handovers import HandoverView, Sheet
    from desk.queries.shifts import ShiftRow

#: what the draft of one's own notes is called; desk.queries.sheets.NOTES
OWN = "handover-out"


@dataclass(frozen=True, slots=True)
class Stand:
    """How things stand for the one who looks."""

    #: the sheet waiting for whoever comes, if one does
    waiting: HandoverView | None
    #: whether the one who looks may take it over
    mine_to_take: bool
    #: the looker's own sheet, on leaving
    own: Sheet
    shift: ShiftRow | None
    kinds: Mapping[str, str]
    card: tuple[str, ...]


class HandoverScreen(DeskScreen[None]):
    """The shift's handover, from both sides."""

    ABOUT = N_(
        "Leaving: read the sheet, write notes, sign. Coming: read the sheet that waits, write what differs, sign. "
        "A signed sheet never changes."
    )
    BINDINGS = bindings(SIGN, WRITE, SIDE, BRIEFING, PAPER, PAST)

    def __init__(self) -> None:
        super().__init__()
        self.stand: Stand | None = None
        #: ``in`` the waiting sheet, ``out`` one's own; None: the waiting one if there is one
        self.side: str | None = None
        self._shown = ""
        self.keeper: DraftKeeper | None = None

    def body(self) -> ComposeResult:
        with Vertical(id="sheet-head"):
            yield Static(id="sheet-title")
            yield Static(id="sheet-done")
            yield Static(id="sheet-card")
        yield SheetTable()
        with Vertical(id="sheet-foot"):
            yield Row("", Prose(id="words"), 14)
            yield Sentence()

    def on_mount(self) -> None:
        self.query_one(SheetTable).focus()

    @property
    def prose(self) -> Prose:
        return self.query_one(Prose)

    @property
    def taking(self) -> bool:
        """Whether the sheet shown is the one waiting to be taken over."""
        return self.stand is not None and self.stand.waiting is not None and self.side != "out"

    # -- reading ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        ledger = await self.desk.ready()
        now, who = self.desk.now(), self.desk.who
        assert who is not None

        def read(ledger: Ledger, session: Session) -> Stand:
            from desk.prompts import card
            from desk.queries.handovers import one, sheet, since, waiting
            from desk.queries.shifts import current

            row = waiting(ledger, session)
            view = one(ledger, session, row.id) if row is not None else None
            day = now.astimezone(ledger.zone).date()
            other_day = row is not None and row.signed_out_at.astimezone(ledger.zone).date() != day
            return Stand(
                view,
                row is not None and (row.outgoing_id != who.id or other_day),
                sheet(ledger, session, who.id, since(ledger, session, who.id, now), now),
                current(ledger, session, who.id, now),
                kinds_of(ledger),
                card(ledger.book, "screen", "handover"),
            )

        self.stand = await self.desk.looking(read)
        on_own = self._shown == OWN and (self.prose.given or self.prose.has_focus)
        if self.by_itself and self.taking and on_own:
            # Another counter has just signed: their sheet does not take the place of the one somebody writes on.
            self.side = "out"
            self.desk.say(_("A sheet is waiting to be taken over; {key} shows it.").format(key=key_name(SIDE.key)))
        await self._show(ledger.zone)

    async def _show(self, zone: Any) -> None:
        stand, now = self.stand, self.desk.now()
        if stand is None:
            return
        view = stand.waiting if self.taking else None
        sheet = view.sheet if view is not None else stand.own
        rows = sheet_rows(sheet, stand.kinds, zone, now)
        self.query_one(SheetTable).fill(rows)
        who = self.desk.who
        if view is not None:
            head = _("Waiting to be taken over") if stand.mine_to_take else _("Signed, waiting for whoever comes")
            lines = [_("Notes: {text}").format(text=view.row.notes or _("none"))]
            if not view.intact:
                lines.insert(0, _("This sheet is not the one that was signed!"))
        else:
            head = _("Your sheet on leaving")
            lines = [done_words(sheet) or _("nothing done yet since you came")]
        title = span_words(sheet.staff or (who.name if who else ""), sheet.since, sheet.at, zone, now)
        self.query_one("#sheet-title", Static).update(plain(f"{head}{dot()}{title}", "bold"))
        self.query_one("#sheet-done", Static).update(plain("\n".join(lines), limit=2000))
        self.query_one("#sheet-card", Static).update(plain("\n".join(stand.card)))
        await self._show_foot(self._form(stand))

    def _form(self, stand: Stand) -> str:
        """What the draft of the sheet shown is called."""
        return f"handover-in:{stand.waiting.row.id}" if self.taking and stand.waiting is not None else OWN

    async def _show_foot(self, form: str) -> None:
        """The field to write in is the sheet's own: another sheet, another draft."""
        assert self.stand is not None
        can = not self.taking or self.stand.mine_to_take
        self.query_one("#sheet-foot").display = can
        if form == self._shown:
            return
        while self.keeper is not None and self.keeper.unkept() is not None:  # some more may be typed meanwhile
            if not await self.keeper.flush():
                return
        if self.by_itself and self.prose.has_focus:
            self.query_one(SheetTable).focus()  # what is still being typed is not meant for this sheet
        self._shown = ""  # reading may be begun anew before this one stands
        row = self.query_one("#sheet-foot", Vertical).query_one(Row)
        title = row.query_one(".title", Row.Words)
        title.text = _("Differences") if self.taking else _("Notes")
        title.refresh()
        self.keeper = None
        self.prose.put(None)
        keeper = DraftKeeper(self.desk, self, form, self._content)
        kept = await keeper.restore()
        if kept and not self.prose.given:
            self.prose.put(kept.get("words"))
        self.keeper, self._shown = keeper, form

    def _content(self) -> Mapping[str, Any]:
        return {"words": self.prose.given} if self.prose.given else {}

    def on_changed(self, event: Changed) -> None:
        event.stop()
        if self.keeper is not None:
            self.query_one(Sentence).say("")
            self.keeper.changed()

    def on_entered(self, event: Entered) -> None:
        event.stop()
        self.query_one(SheetTable).focus()

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        open_marked(self.desk, event.row.data)

    # -- acts ------------------------------------------------------------------------------------------------

    def action_write(self) -> None:
        if self.focused is self.prose:
            self.query_one(SheetTable).focus()
        elif self.query_one("#sheet-foot").display:
            self.prose.focus()

    def action_side(self) -> None:
        if self.stand is None or self.stand.waiting is None:
            self.desk.say(_("No sheet is waiting to be taken over."))
            return
        self.side = "out" if self.taking else None
        self.freshen()

    def action_past(self) -> None:
        from desk.screens.handovers import HandoversScreen

        self.app.push_screen(HandoversScreen())

    def action_paper(self) -> None:
        stand = self.stand
        if stand is None:
            return
        if self.taking and stand.waiting is not None:
            self.job(show_paper(self.desk, self.app, stand.waiting.sheet, stand.waiting.row), group="paper")
        else:
            self.job(show_paper(self.desk, self.app, stand.own, notes=self.prose.given), group="paper")

    def action_briefing(self) -> None:
        from desk.screens.briefing import BriefingScreen

        self.app.push_screen(BriefingScreen())

    def action_sign(self) -> None:
        self.once(self._sign, group="sign")

    async def _sign(self) -> None:
        await self.has_read()
        stand = self.stand
        if stand is None:
            return
        if self._form(stand) != self._shown:  # what is written there could not be kept, and belongs to another sheet
            self.app.bell()
        elif self.taking:
            await self._sign_in(stand)
        else:
            await self._sign_out(stand)

    async def _sign_in(self, stand: Stand) -> None:
        view = stand.waiting
        assert view is not None
        if not stand.mine_to_take:
            self.desk.say(_("You signed this one on leaving; whoever comes signs it now."), "warning")
            return
        question = _("You have read it, and write down no difference?")
        differences = self.prose.given
        if not differences and not await self.app.push_screen_wait(Confirm(question)):
            self.prose.focus()
            return
        ident = view.row.id

        def write(ledger: Ledger, doing: Doing) -> object:
            from desk.procedures import find_verb
            from desk.procedures.verbs import act

            return act(ledger, find_verb("sign-in", "handover"), ident, {"differences": differences}, doing)

        if await self.desk.writing(write) is None:
            return
        await self._drop()
        self.side = None
        self.desk.say(_("Taken over from {name}.").format(name=view.row.outgoing))

    async def _sign_out(self, stand: Stand) -> None:
        notes, snapshot = self.prose.given, stand.own.snapshot
        question = _("Sign this sheet on leaving? It never changes afterwards.")
        if not await self.app.push_screen_wait(Confirm(question)):
            return

        def write(ledger: Ledger, doing: Doing) -> UUID:
            from desk.procedures.handover import sign_out

            return sign_out(ledger, snapshot, doing, notes)

        if await self.desk.writing(write) is None:
            return
        await self._drop()
        self.side = None
        self.desk.say(_("Signed. The sheet waits for whoever comes."))
        await self._leave_duty(stand.shift)

    async def _leave_duty(self, shift: ShiftRow | None) -> None:
        """Whoever has signed usually goes; one key says so."""
        if shift is None or shift.arrived_at is None or shift.left_at is not None:
            return
        if not await self.app.push_screen_wait(Confirm(_("Note that you leave duty now?"))):
            return
        ident = shift.id

        def write(ledger: Ledger, doing: Doing) -> object:
            from desk.procedures import find_verb
            from desk.procedures.verbs import act

            return act(ledger, find_verb("leave-shift", "shift"), ident, {}, doing)

        await self.desk.writing(write)

    async def _drop(self) -> None:
        if self.keeper is not None:
            await self.keeper.drop()
        self.keeper, self._shown = None, ""
        self.prose.put(None)
        self.query_one(SheetTable).focus()

    def refused(self, error: Exception) -> None:
        if isinstance(error, Refusal) and self.query_one("#sheet-foot").display:
            self.query_one(Sentence).say(self.desk.sentence(error), error=True)
            if error.code == "handover.changed":
                self.freshen()
        else:
            super().refused(error)
