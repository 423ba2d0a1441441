"""One call: the prompt card, the questions with their answers, the outcome. Good answers cost no key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from desk.actions import LEAVE, SAVE
from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.screens.base import DeskScreen
from desk.screens.callbacks import done_words, due_words, history_words
from desk.screens.drafts import DraftKeeper
from desk.text import clean, narrow, short_number
from desk.widgets.fields import Changed, Choice, Entered, Line, Prose, TimeLine
from desk.widgets.form import Row, Sentence
from desk.widgets.keys import bindings
from desk.widgets.pick import Picker
from desk.widgets.text import dot, fill, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.queries.callbacks import CallbackRow

#: questions have the first digits, outcomes the last ones
QUESTION_KEYS = "12345"
OUTCOME_KEYS = "67890"
OUTCOMES = ("satisfied", "unsatisfied", "unanswered", "hung_up", "refused")
#: outcomes in which the resident spoke about the work
ANSWERED = OUTCOMES[:2]
#: columns from which the card stands beside the form
WIDE = 110


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a call needs, read in a thread."""

    row: CallbackRow
    card: tuple[str, ...]
    #: unanswered calls in a row after which nobody calls again
    attempts: int


class Questions(Widget, can_focus=True):
    """What is asked, each answer good until its digit (or the blank on the marked line) flips it."""

    DEFAULT_CSS = """
    Questions { width: 1fr; height: auto; }
    Questions:focus { background: $boost; }
    """
    ABOUT = N_("The questions. Every answer is good until you flip it: its digit, or the arrows and the space bar.")

    @dataclass
    class Flipped(Message):
        questions: Questions

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        """``texts``: (id, question in the user's language)."""
        super().__init__()
        self.texts = tuple(texts)
        self.answers = {ident: True for ident, _text in texts}
        self.at = 0

    def flip(self, place: int) -> bool:
        """Turn the answer at ``place``; False where there is none."""
        if not 0 <= place < len(self.texts):
            return False
        ident = self.texts[place][0]
        self.answers[ident] = not self.answers[ident]
        self.at = place
        self.refresh()
        self.post_message(self.Flipped(self))
        return True

    def put(self, answers: Mapping[str, bool]) -> None:
        """Show these answers."""
        self.answers |= {ident: bool(good) for ident, good in answers.items() if ident in self.answers}
        self.refresh()

    @property
    def all_good(self) -> bool:
        return all(self.answers.values())

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.texts)

    def render(self) -> RenderResult:
        lines = []
        width = self.content_size.width
        yes, no = _("Yes"), _("No")
        for place, (ident, text) in enumerate(self.texts):
            key = QUESTION_KEYS[place] if place < len(QUESTION_KEYS) else " "
            good = self.answers[ident]
            mark = ">" if self.has_focus and place == self.at else " "
            words = fill(f"{mark}{key} {clean(text, 120)}", max(10, min(44, width - 8)))
            answer = Content.styled(f"[{yes}]" if good else f"[{no}]", "" if good else "bold reverse")
            lines.append(plain("").append(words).append(answer))
        return Content("\n").join(lines)

    def on_key(self, event: events.Key) -> None:
        if event.key in ("up", "down"):
            to = self.at + (1 if event.key == "down" else -1)
            if not 0 <= to < len(self.texts):
                return
            self.at = to
            self.refresh()
        elif event.key == "space":
            self.flip(self.at)
        elif event.key == "enter":
            self.post_message(Entered(self))
        else:
            return
        event.stop()
        event.prevent_default()

    def on_click(self, event: events.Click) -> None:
        self.flip(event.y)


class CallScreen(DeskScreen[bool]):
    """A call to one resident. Dismisses with True when an outcome was recorded."""

    ABOUT = N_(
        "One call. The digits 1 to 5 flip an answer, 6 to 0 say how it ended, Ctrl+S records it. Where the rulebook "
        "wants whoever did the work heard first, that comes first."
    )
    BINDINGS = bindings(SAVE, LEAVE)

    def __init__(self, callback_id: UUID) -> None:
        super().__init__()
        self.callback_id = callback_id
        self.wanted: Wanted | None = None
        self._derived: str | None = "satisfied"
        self._opened = False
        self.keeper = DraftKeeper(self.desk, self, f"call:{callback_id}", self._content)

    def body(self) -> ComposeResult:
        with Vertical(id="call-head"):
            yield Static(id="call-title")
            yield Static(id="call-what")
        with Container(id="call-body"):
            yield Static(id="call-card")
            yield VerticalScroll(id="call-form")

    def on_unmount(self) -> None:
        self.keeper.let_go()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "-wide")

    # -- reading ---------------------------------------------------------------------------------------------

    async def reload(self) -> None:
        now, ident = self.desk.now(), self.callback_id
        await self.desk.ready()  # whose duty says what is shown
        # the number stands in full: it is about to be dialled
        sight = self.desk.sight(reveal=self.desk.may("telephone"))

        def read(ledger: Ledger, session: Session) -> Wanted:
            from desk.prompts import card
            from desk.queries.callbacks import one

            row: CallbackRow = sight.over(one(ledger, session, ident, now))
            return Wanted(
                row, card(ledger.book, "callback", row.kind), ledger.book.settings.get("callback_attempts", 2)
            )

        self.wanted = await self.desk.reading(read)
        self._show_head(self.wanted)
        if not self._opened:
            self._opened = True
            if self.wanted.row.phone and self.desk.may("telephone"):
                self.job(self.desk.revealed("ticket", self.wanted.row.ticket_id), group="revealed")
            self.job(self._open(self.wanted), group="open")

    def _show_head(self, wanted: Wanted) -> None:
        row, zone, now = wanted.row, self.desk.zone, self.desk.now()
        assert zone is not None
        parts = [short_number(row.number), pick(row.kind_title), row.room, row.person, row.phone or _("no number")]
        self.query_one("#call-title", Static).update(plain(dot().join(filter(None, parts)), "bold"))
        lines = [clean(row.what, 200) or _("(nothing noted)")]
        window = _("call by {time}").format(time=due_words(row, zone, now)) if row.due_at is not None else ""
        lines.append(dot().join(filter(None, (window, *done_words(row, zone, now)))))
        if row.history:
            lines.append(_("Calls: {calls}").format(calls=dot().join(history_words(row.history, zone, now))))
        if row.unanswered + 1 >= wanted.attempts:
            lines.append(
                _("No answer {n} so far. If nobody answers now, no more calls are made.").format(n=row.unanswered)
            )
        self.query_one("#call-what", Static).update(plain("\n".join(filter(None, lines)), limit=2000))
        card = self.query_one("#call-card", Static)
        card.update(plain("\n".join(wanted.card)))
        card.display = bool(wanted.card)

    async def _open(self, wanted: Wanted) -> None:
        row = wanted.row
        if row.handler_first and not row.handler_heard and row.status == "open":
            await self._hear_handler(row)
            if self.wanted is None or not self.wanted.row.handler_heard:
                self.dismiss(False)
                return
        await self._build(row)

    async def _hear_handler(self, row: CallbackRow) -> None:
        """Two steps: first the handler's own account, then the resident's (S4-40)."""
        from desk.screens.verb import VerbScreen

        said = _("First {name}, then {person}").format(
            name=row.handler or _("whoever did the work"), person=row.person or row.room or _("the resident")
        )
        about = dot().join((short_number(row.number), said))
        done = await self.app.push_screen_wait(VerbScreen("callback", "hear-handler", row.id, about))
        if done is not None:
            await self.reload()

    # -- the form --------------------------------------------------------------------------------------------

    async def _build(self, row: CallbackRow) -> None:
        from desk.wording import field, value

        form = self.query_one("#call-form", VerticalScroll)
        form.can_focus = False
        self.questions = Questions([(ident, pick(text)) for ident, text in row.questions])
        self.questions.display = bool(row.questions)
        outcomes = [(each, value("outcome", each)) for each in OUTCOMES]
        self.outcome = Choice(outcomes, "satisfied", keys=OUTCOME_KEYS)
        self.why, self.opinion, self.handling, self.note = Line(), Prose(), Prose(), Line()
        self.means = Choice([(each, value("means", each)) for each in ("phone", "visit")], "phone")
        self.by = Picker(self.desk.colleagues(), empty=True)
        self.at = TimeLine(self.desk.clock.parse, self.desk.clock.show, sentence=self.desk.clock.sentence)
        width = 22
        rows = [
            Row(field("outcome"), self.outcome, width),
            Row(f"{field('why')}*", self.why, width),
            Row(field("opinion"), self.opinion, width),
            Row(_("How it was handled"), self.handling, width),
            Row(field("means"), self.means, width),
            Row(_("Note"), self.note, width),
            Row(_("Called by, if not you"), self.by, width),
            Row(_("When, if earlier"), self.at, width),
        ]
        rows[1].display = False
        rows[3].display = row.handler_first
        await form.mount(self.questions, *rows, Sentence())
        self._rows = rows
        kept = await self.keeper.restore()
        if kept:
            self._restore(kept)
        self.outcome.focus()

    @property
    def _built(self) -> bool:
        return hasattr(self, "_rows")

    def on_key(self, event: events.Key) -> None:
        digit = narrow(event.character or "")
        if not self._built or isinstance(self.focused, Line | Prose):
            return
        if digit and digit in QUESTION_KEYS and self.focused is not self.means:
            event.stop()
            self.questions.flip(int(digit) - 1)
        elif digit and digit in OUTCOME_KEYS:
            event.stop()
            self.outcome.chosen = OUTCOMES[OUTCOME_KEYS.index(digit)]
            self.outcome.post_message(Entered(self.outcome))

    def on_questions_flipped(self, event: Questions.Flipped) -> None:
        event.stop()
        # a bad answer leaves open whether they are satisfied all the same: that must be said
        derived = "satisfied" if self.questions.all_good else None
        if self.outcome.given == self._derived:
            self.outcome.put(derived)
        self._derived = derived
        self._edited()

    def on_changed(self, event: Changed) -> None:
        event.stop()
        if event.field is self.outcome:
            unsatisfied = self.outcome.given == "unsatisfied"
            self._rows[1].display = unsatisfied
        self._edited()

    def on_picker_picked(self, event: Picker.Picked) -> None:
        event.stop()
        self._edited()

    def _edited(self) -> None:
        self.query_one(Sentence).say("")
        self.keeper.changed()

    def on_entered(self, event: Entered) -> None:
        """On to the next field in sight."""
        event.stop()
        if event.field is self.outcome and self.outcome.given == "unsatisfied":
            self._rows[1].display = True
            self.why.focus()
            return
        if event.field is self.outcome and self.outcome.given not in ANSWERED:
            return  # nothing more is asked; Ctrl+S records
        fields = [self.questions, *(row.field for row in self._rows if row.display)]
        place = fields.index(event.field) if event.field in fields else -1
        if place + 1 < len(fields):
            fields[place + 1].focus()
        else:
            self.action_save()

    # -- drafts ----------------------------------------------------------------------------------------------

    def _content(self) -> Mapping[str, Any]:
        if not self._built:
            return {}
        kept = {name: field.given for name, field in self._texts().items() if field.given}
        bad = [ident for ident, good in self.questions.answers.items() if not good]
        if bad:
            kept["bad"] = bad
        if self.outcome.given != self._derived:
            kept["outcome"] = self.outcome.given
        return kept

    def _texts(self) -> dict[str, Any]:
        return {"why": self.why, "opinion": self.opinion, "handling": self.handling, "note": self.note}

    def _restore(self, kept: Mapping[str, Any]) -> None:
        self.questions.put(dict.fromkeys(kept.get("bad", ()), False))
        self._derived = "satisfied" if self.questions.all_good else None
        self.outcome.put(kept.get("outcome", self._derived))
        for name, field in self._texts().items():
            field.put(kept.get(name))

    # -- saving ----------------------------------------------------------------------------------------------

    def action_save(self) -> None:
        if self._built:
            self.once(self._save, group="save")

    async def _save(self) -> None:
        outcome = self.outcome.given
        if outcome is None:
            self._refuse(_("How did it end? {keys}").format(keys=f"{OUTCOME_KEYS[0]}–{OUTCOME_KEYS[-1]}"), self.outcome)
            return
        if outcome == "unsatisfied" and not self.why.given:
            self._refuse(_("Why are they not satisfied? It must be written down."), self.why)
            return
        values: dict[str, Any] = {"outcome": outcome, "means": self.means.given or "phone"}
        values |= {name: field.given for name, field in self._texts().items() if field.given}
        if outcome in ANSWERED and self.questions.texts:
            values["answers"] = dict(self.questions.answers)
        if outcome != "unsatisfied":
            values.pop("why", None)
        ident, now = self.callback_id, self.desk.now()

        def write(ledger: Ledger, doing: Doing) -> CallbackRow:
            from desk.procedures import find_verb
            from desk.procedures.verbs import act
            from desk.queries.callbacks import one

            act(ledger, find_verb("callback", "callback"), ident, values, doing)
            with ledger.store.read() as session:
                return one(ledger, session, ident, now)

        by = self.by.given
        row = await self.desk.writing(write, at=self.at.given, by=UUID(by) if by else None)
        if row is None:
            return
        await self.keeper.drop()
        self._tell(row, outcome)
        self.dismiss(True)

    def _tell(self, row: CallbackRow, outcome: str) -> None:
        from desk.wording import moment, value

        number, zone = short_number(row.number), self.desk.zone
        assert zone is not None
        if row.status == "open":
            again = ""
            if row.due_at is not None:
                again = _("call again by {time}").format(time=moment(row.due_at, zone, self.desk.now(), until=True))
            parts = [_("{number}: nobody answered").format(number=number), again]
            self.desk.say(dot().join(filter(None, parts)))
        elif outcome == "unanswered":
            words = _("{number}: nobody answered {n} times in a row; no more calls are made.")
            self.desk.say(words.format(number=number, n=row.unanswered), "warning")
        elif outcome == "unsatisfied":
            self.desk.say(_("{number}: not satisfied; the matter is taken up again.").format(number=number), "warning")
        else:
            self.desk.say(_("{number}: {outcome}.").format(number=number, outcome=value("outcome", outcome)))

    def _refuse(self, text: str, field: Widget | None = None) -> None:
        self.query_one(Sentence).say(text, error=True)
        if field is not None:
            field.focus()

    def refused(self, error: Exception) -> None:
        if isinstance(error, Refusal) and self._built:
            self._refuse(self.desk.sentence(error))
        else:
            super().refused(error)

    def action_leave_form(self) -> None:
        self.once(self._leave, group="leave")

    async def _leave(self) -> None:
        if await self.keeper.may_go():
            self.dismiss(False)
