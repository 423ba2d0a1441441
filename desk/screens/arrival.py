"""Somebody came: the short form, over whatever one is at. A digit says what for and puts them on the board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from desk.actions import GIVE_UP_VISITOR, ON_BOARD, Action
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.screens.base import DeskModal
from desk.text import clean, narrow, short_number
from desk.vocabulary import FACTS
from desk.widgets.fields import Choice, Entered, Line
from desk.widgets.form import Row, Sentence
from desk.widgets.keys import HintBar, bindings
from desk.widgets.text import dot, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.procedures.verbs import Done
    from desk.queries.waiting import VisitRow

#: what a digit marks before the one that records: (digit, value's name, title)
MARKS = (("9", "urgent", N_("Urgent")), ("0", "phone", N_("On the telephone")))

_DOWN = Action("app.focus_next", "down", N_("Next field"), N_("To the next field."), show=False)
_UP = Action("app.focus_previous", "up", N_("Field before"), N_("To the field before."), show=False)


class ArrivalScreen(DeskModal["UUID | None"]):
    """Two keys: the one that opens it, and the matter's digit. Dismisses with the visit, or None."""

    ABOUT = N_(
        "Somebody came. The digit of the matter puts them on the board at once; Enter does, while the matter is not "
        "clear. 9 says it is urgent, 0 that they are on the telephone. Letters begin the name; all else can wait."
    )
    BINDINGS = bindings(ON_BOARD, GIVE_UP_VISITOR, _DOWN, _UP)

    def __init__(self) -> None:
        super().__init__()
        self.marked = {"urgent": False, "phone": False}
        self._saving = False

    def compose(self) -> ComposeResult:
        from desk.wording import value

        matters = [(each, value("matter", each)) for each in FACTS["matter"].values]
        self.matter = Choice(matters, keys="1234567")
        self.fields = {"person_name": Line(), "room": Line(limit=60), "phone": Line(limit=40), "note": Line()}
        with Vertical(classes="dialog", id="arrival"):
            yield Static(plain(_("Somebody came: what for?"), "bold"))
            yield self.matter
            yield Static(id="arrival-marks")
            yield Row(_("Name"), self.fields["person_name"], 8)
            with Horizontal(classes="line"):
                yield Row(_("Room"), self.fields["room"], 8)
                yield Row(_("Telephone"), self.fields["phone"], 11)
            yield Row(_("What"), self.fields["note"], 8)
            yield Sentence()
            yield Static(plain(_("The digit puts them on the board. Enter: not clear yet what for."), "dim"))
            yield Static(id="arrival-card")
        yield HintBar()

    def on_mount(self) -> None:
        self.matter.focus()
        self._draw_marks()
        self.job(self._read_card, group="card", exclusive=True)

    async def _read_card(self) -> None:
        def read(ledger: Ledger, session: Session) -> tuple[str, ...]:
            from desk.prompts import card

            return card(ledger.book, "visit", "greeting")

        lines = await self.desk.reading(read)
        self.query_one("#arrival-card", Static).update(plain("\n".join(lines), "dim"))

    def _draw_marks(self) -> None:
        parts = []
        for digit, name, title in MARKS:
            text = clean(f"{digit} {_(title)}")
            on = self.marked[name]
            parts.append(Content.styled(f"[{text}]" if on else f" {text} ", "bold reverse" if on else ""))
        self.query_one("#arrival-marks", Static).update(Content(" ").join(parts))

    # -- keys ------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """While no field is written in, 9 and 0 mark, and letters begin the name."""
        if self.focused is not self.matter or not event.is_printable or not event.character:
            return
        event.stop()
        digit = narrow(event.character)
        for key, name, _title in MARKS:
            if digit == key:
                self.marked[name] = not self.marked[name]
                self._draw_marks()
                return
        if not digit.isspace() and not digit.isdigit():
            self._begin_name(event.character)

    def on_paste(self, event: events.Paste) -> None:
        if self.focused is self.matter:
            event.stop()
            self._begin_name(event.text)

    def _begin_name(self, text: str) -> None:
        name = self.fields["person_name"]
        name.focus()
        name.cursor_position = len(name.value)
        name.insert_text_at_cursor(clean(text))

    def on_entered(self, event: Entered) -> None:
        event.stop()
        lines = list(self.fields.values())
        if event.field is self.matter:
            self.action_put_on_board()
        elif event.field is lines[0] or event.field is lines[-1]:
            self.matter.focus()  # the digit is all that is missing
        else:
            lines[lines.index(event.field) + 1].focus()  # type: ignore[arg-type]

    # -- on the board ----------------------------------------------------------------------------------------

    def action_put_on_board(self) -> None:
        if not self._saving:
            self._saving = True
            self.job(self._save(), group="save")

    def _values(self) -> Mapping[str, Any]:
        given = {name: line.given for name, line in self.fields.items()}
        given |= {"matter": self.matter.given, "urgent": self.marked["urgent"] or None}
        given["channel"] = "phone" if self.marked["phone"] else "visit"
        return {name: value for name, value in given.items() if value is not None}

    async def _save(self) -> None:
        values = self._values()

        def write(ledger: Ledger, doing: Doing) -> Done:
            from desk.procedures import find_verb
            from desk.procedures.verbs import act

            return act(ledger, find_verb("arrive-visitor", "visit"), None, values, doing)

        try:
            done = await self.desk.writing(write)
        finally:
            self._saving = False
        if done is None:
            return
        # the board shows it by itself
        if self.app.current_mode != "waiting":
            await self._tell(done.subject_id)
        self.dismiss(done.subject_id)

    async def _tell(self, visit_id: UUID) -> None:
        now = self.desk.now()

        def read(ledger: Ledger, session: Session) -> VisitRow:
            from desk.queries.waiting import visit_row

            return visit_row(ledger, session, visit_id, now)

        from desk.wording import value

        row = await self.desk.reading(read)
        words = [short_number(row.number), value("matter", row.matter), row.name]
        if row.next is not None and row.next.due_at is not None:
            words.append(_("serve by {time}").format(time=self.desk.clock.show(row.next.due_at)))
        self.desk.say(_("On the board: {visitor}").format(visitor=dot().join(filter(None, words))))

    def refused(self, error: Exception) -> None:
        if isinstance(error, Refusal):
            self.query_one(Sentence).say(self.desk.sentence(error), error=True)
        else:
            super().refused(error)

    def action_no(self) -> None:
        self.dismiss(None)
