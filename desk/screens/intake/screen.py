"""The place where callers and visitors are taken down."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content

from desk import i18n
from desk.actions import SAVE, SLIP, Action
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext
from desk.screens.drafts import DraftKeeper
from desk.screens.intake import reading, visitor
from desk.screens.intake.beside import Beside
from desk.screens.intake.details import Finds
from desk.screens.intake.form import Given, IntakeForm
from desk.screens.intake.question import Question
from desk.screens.intake.reading import Put
from desk.screens.intake.side import Card, OpenTicket, Section, Side, Stopwatch
from desk.widgets.keys import bindings
from desk.widgets.pick import Item
from desk.widgets.text import cut, dot, flow, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.app import DeskApp
    from desk.ledger import Ledger
    from desk.procedures.intake import Opened
    from desk.queries.waiting import VisitRow
    from desk.widgets.palette import Command

FORM = "intake"

ASIDE = Action("put_aside", "escape", N_("Put aside"), N_("Put the half-filled intake aside; nothing is lost."))
JOIN = Action(
    "join", "ctrl+g", N_("Join"), N_("A second caller about the same thing: join an open ticket; it counts as an urge.")
)
DRAFTS = Action("drafts", "ctrl+b", N_("Drafts"), N_("Take up an intake that was put aside."))
OTHER = Action("other", "ctrl+o", N_("Late entry"), N_("Who took it down, if not you; when it happened, if earlier."))
TOLD = Action("told", "ctrl+r", N_("Code read out"), N_("The verification code has been read out to the customer."))

_THROW = N_("Throw this intake away")

#: refusals that are about one field
_OF_A_FIELD = ("value", "time", "room", "person", "kind")


class IntakeDraft(DraftKeeper):
    """The draft of what is in the form now; others lie aside."""

    async def put_aside(self) -> bool:
        """Keep what is there and begin a new one; False where it could not be kept, which is told."""
        if not await self.flush():
            return False
        self.draft_id, self._kept = None, {}
        return True

    def take_up(self, draft: Put) -> None:
        """Go on with one that was kept."""
        self.draft_id, self._kept = draft.id, draft.content


def _typed(draft: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a person has put into the form; who that is on record may be found out meanwhile."""
    return {name: value for name, value in draft.items() if name != "caller"}


class IntakeScreen(Beside):
    """Who, what kind, what, when; beside it the caller's card, the prompts and the deadlines that saving will open."""

    ABOUT = N_(
        "Take down what a caller or visitor brings. Who first: part of the room, name, initials or telephone; then the"
        " kind by its digit; then what. Ctrl+S saves. Beside it: what is known of the room, what to ask, what follows."
    )
    BINDINGS = bindings(SAVE, TOLD, JOIN, SLIP, DRAFTS, ASIDE, OTHER)
    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (118, "-beside")]  # noqa: RUF012 - so Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-low"), (29, "-tall")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        #: the ticket last saved or joined; its code, while that has not been read out
        self.last: tuple[UUID, str] | None = None
        self.untold: str | None = None
        self._drafts: Sequence[Put] = ()
        #: what stood in the form when a question was put
        self._asked: Mapping[str, Any] = {}
        self._aside_now = self._saving = False
        self._first = True
        self._composed, self._loaded = asyncio.Event(), asyncio.Event()
        #: the visit it is taken down for: plain data, empty where it is for none
        self.visit: Mapping[str, Any] = {}
        clock = self.desk.clock
        self.headline, self.done = Section(), Section(id="intake-done")
        self.stopwatch = Stopwatch(self.desk.now)
        self.form = IntakeForm(Finds(self._callers, self.desk.colleagues(), self._workers), clock)
        self.side = Side(clock.show)
        self.question = Question(id="intake-question")
        self.keeper = IntakeDraft(self.desk, self, FORM, self._content)

    def body(self) -> ComposeResult:
        with Container(id="intake"):
            with Vertical(id="intake-form"):
                with Horizontal(id="intake-head"):
                    yield self.headline
                    yield self.stopwatch
                yield self.done
                yield self.form
                yield self.question
            yield self.side

    def on_mount(self) -> None:
        self.done.display = False
        self.headline.flat = True
        self._show_headline()
        self.call_after_refresh(self._composed.set)

    def on_resize(self) -> None:
        # the classes of the breakpoints are set after this event
        self.call_after_refresh(lambda: self.side.stack(self.has_class("-stacked")))

    # -- whom and what one can find --------------------------------------------------------------------------

    async def _callers(self, typed: str) -> Sequence[Item]:
        await self.desk.ready()  # whose duty says what is shown
        sight = self.desk.sight()
        return await self.desk.reading(lambda ledger, session: reading.find_callers(ledger, session, typed, sight))

    async def _workers(self, typed: str) -> Sequence[Item]:
        kind = self.form.chosen
        return await self.desk.colleagues(kind.duty if kind is not None else None)(typed)

    def commands(self) -> Sequence[Command]:
        from desk.widgets.palette import Command

        why_not = "" if self._content() else _("Nothing has been written.")
        return [Command(_(_THROW), lambda: self.job(self._throw_away()), "", why_not=why_not, keys=(_THROW,))]

    # -- kept up to date -------------------------------------------------------------------------------------

    async def reload(self) -> None:
        ledger = await self.desk.ready()
        await self._composed.wait()
        self.form.offer([kind for kind in ledger.book.kinds.values() if kind.key])
        self.stopwatch.goal = int(ledger.book.settings.get("intake_seconds", 60))
        now, room = self.desk.now(), self.form.caller.room_id

        def read(ledger: Ledger, session: Session) -> tuple[list[Put], datetime | None]:
            return reading.put_aside(ledger, FORM), reading.bookable(ledger, session, now, room)

        self._drafts, bookable = await self.desk.reading(read)
        if self._first:
            self._first = False
            # a job of its own: half a draft taken up, because reading is begun anew meanwhile, would be kept as that
            self.job(self._take_up_last(), group="take-up")
        await self._loaded.wait()
        self._show_headline()
        self._tell_bookable(bookable)
        if self.form.caller.room_id or self.form.caller.person_id:
            await self._read_card(self.form.caller)
        self._refresh_coming()

    # -- edits and drafts ------------------------------------------------------------------------------------

    def on_intake_form_edited(self, event: IntakeForm.Edited) -> None:
        event.stop()
        if self.stopwatch.started_at is None:
            if self.form.empty:
                return
            self.stopwatch.start()
            if self.untold is None:
                self._say_done()
        self.keeper.changed()
        if self.question.asking and self.form.draft() != self._asked:
            self.question.drop()  # it was about something else
        if event.fact:
            self._refresh_coming()

    def _content(self) -> dict[str, Any]:
        kept = self.form.draft()
        if kept and self._aside_now:
            kept["aside"] = True
        if kept:
            kept["seconds"] = self.stopwatch.seconds
            if self.visit:
                kept["visit"] = dict(self.visit)
        return kept

    @property
    def aside(self) -> list[Put]:
        """Drafts but the one in the form."""
        return [draft for draft in self._drafts if draft.id != self.keeper.draft_id]

    def _show_headline(self) -> None:
        n = len(self.aside)
        words = ngettext("{n} draft: Ctrl+B", "{n} drafts: Ctrl+B", n).format(n=n)
        title = _("Intake")
        if self.visit:
            title = dot().join((title, _("visit {number}").format(number=reading.short_number(self.visit["number"]))))
        self.headline.show(title, [plain(words, "$text-warning")] if n else [])
        self.refresh_bindings()

    async def _read_drafts(self) -> None:
        self._drafts = await self.desk.reading(lambda ledger, session: reading.put_aside(ledger, FORM))
        self._show_headline()

    async def _take_up_last(self) -> None:
        """After a crash: what was in the form and had not been put aside is in it again."""
        try:
            mine = str(self.desk.who.id) if self.desk.who else ""
            left = [draft for draft in self._drafts if draft.who == mine and not draft.content.get("aside")]
            if left and self.form.empty:
                await self._take_up(left[0])
                self.desk.say(_("The intake you were at is here again."))
        finally:
            self._loaded.set()

    def action_put_aside(self) -> None:
        if self.question.asking:
            self.question.drop()
        elif self._saving:
            self.app.bell()  # it is a ticket in a moment
        else:
            self.once(self._put_aside, group="aside")

    async def _make_room(self) -> bool:
        """Keep what stands in the form, to take up something else; False where it could not be kept: it stays."""
        self._aside_now = True
        try:
            return self.form.empty or await self.keeper.put_aside()
        finally:
            self._aside_now = False

    async def _put_aside(self) -> None:
        if self.form.empty:
            self._say_done()
        if not await self._make_room():
            return
        came_of_visit = bool(self.visit)
        await self._clean()
        await self._read_drafts()
        if came_of_visit:
            await self._to_board()

    def action_drafts(self) -> None:
        self.once(self._choose_draft, group="drafts")

    async def _choose_draft(self) -> None:
        await self._read_drafts()
        shown = self.aside[:9]
        chosen = str(shown[0].id) if len(shown) == 1 else None
        if len(shown) > 1:
            options = [(str(draft.id), self._draft_words(draft.content, draft.updated_at)) for draft in shown]
            chosen = await self.question.ask_one(_("Which one is taken up?"), options)
        for draft in shown:
            if str(draft.id) == chosen:
                if not await self._make_room():
                    return
                await self._clean()
                await self._take_up(draft)
                await self._read_drafts()

    def _draft_words(self, content: Mapping[str, Any], at: datetime) -> str:
        words = [str(content[name]) for name in ("who", "what") if content.get(name)]
        return cut(" ".join([self.desk.clock.show(at), *words]), 36)

    async def _take_up(self, draft: Put) -> None:
        self._say_done()
        self.keeper.take_up(draft)
        self.stopwatch.stop()
        # it goes on where it stood: the time it lay aside is nobody's
        self.stopwatch.start(self.desk.now() - timedelta(seconds=int(draft.content.get("seconds") or 0)))
        self.visit = dict(draft.content.get("visit") or {})
        await self.form.restore(draft.content)

    # -- for a visitor ---------------------------------------------------------------------------------------

    async def begin_for(self, row: VisitRow) -> None:
        """Take down what a visitor brings: what is known of them is filled in, what stood here is put aside."""
        await self._loaded.wait()
        if self.visit.get("id") == str(row.id):
            return  # it is here already
        await self._read_drafts()
        begun = next((each for each in self.aside if visitor.is_of(each.content, row)), None)
        if not await self._make_room():
            return
        await self._clean()
        if begun is not None:
            await self._take_up(begun)
            await self._read_drafts()
            return
        self.visit, content = visitor.of_visit(row), visitor.filled(row, self.form.kinds)
        self._say_done()
        self.stopwatch.start()
        await self.form.restore(content)
        if "who" not in content:
            self.form.who.focus()  # that is asked first
        self.keeper.changed()
        await self._read_drafts()

    async def _to_board(self) -> None:
        await cast("DeskApp", self.app).action_mode("waiting")

    async def _throw_away(self) -> None:
        await self.keeper.drop()
        await self._clean()

    async def _clean(self) -> None:
        """An idle form."""
        self.visit = {}
        await self.form.restore({})
        self.stopwatch.stop()
        self._show_card(Card())
        self.side.show_prompts(())
        self.side.show_coming(())

    # -- saving ----------------------------------------------------------------------------------------------

    def action_save(self) -> None:
        if self.last is not None and not self.form.draft():
            return  # pressed once more for what has just been saved
        if not self.question.asking and not self._saving:
            self._saving = True
            self.job(self._save(), group="save")  # a write that has begun is carried to its end

    async def _save(self) -> None:
        try:
            self.form.say("")
            await self.form.details.settled.wait()
            given, draft = self._given(), self.keeper.draft_id
            self._asked = self.form.draft()
            kind = i18n.pick(self.form.kinds[given.kind].title)
            visit = UUID(self.visit["id"]) if self.visit else None
            try:
                opened = await self.desk.writing(
                    lambda ledger, doing: reading.save(ledger, doing, given, draft, visit),
                    at=given.at,
                    by=given.by,
                    asking=self.question,
                )
            except Refusal as refusal:
                if refusal.code == "visit.over":  # told once; saved again it is nobody's who is here
                    self.visit = {}
                    self._show_headline()
                raise
            if opened is not None:
                await self._begin_anew(opened.id, opened.number, opened.code)
                await self._tell_saved(opened, kind)
                if visit is not None:
                    self.desk.say(_("Saved: {number}").format(number=reading.short_number(opened.number)))
                    await self._to_board()
        finally:
            self._saving = False

    def _given(self) -> Given:
        """What was taken down; where the manual limits the entering, it came in with the first key (S3-16)."""
        given, began = self.form.given(), self.stopwatch.started_at
        wanted = self.form.kinds[given.kind].fields
        if "received_at" in wanted and "received_at" not in given.values and given.at is None and began is not None:
            given = replace(given, values={**given.values, "received_at": began})
        if self.visit:
            given = replace(given, values=visitor.as_taken(self.visit, wanted, given.values))
        return given

    async def _begin_anew(self, ticket_id: UUID, number: str, code: str | None = None) -> None:
        typed = _typed(self.form.draft()) != _typed(self._asked)
        await self.keeper.drop()
        if typed:
            # after the key that saved: it is in no ticket, and is not swept away with what is
            self.keeper.changed(anyway=True)
            if not await self._make_room():
                return
            self.desk.say(_("What was typed while it was being saved is kept as a draft: Ctrl+B."), "warning")
        self.last, self.untold = (ticket_id, reading.short_number(number)), code
        await self._clean()
        await self._read_drafts()

    async def _tell_saved(self, opened: Opened, kind: str) -> None:
        now, show = self.desk.now(), self.desk.clock.show
        found = await self.desk.reading(lambda ledger, session: reading.opened(ledger, session, opened.id, now))
        number = reading.short_number(opened.number)
        text = [plain(dot().join((_("Saved: {number}").format(number=number), kind)), "bold $text-success")]
        if opened.code:
            words = _("Verification code {code}: read it out, then Ctrl+R.").format(code=opened.code)
            text.append(plain(words, "bold $text-warning"))
        times = [
            Content.assemble((show(each.due_at), "bold"), " ", plain(each.title), " ") for each in found if each.due_at
        ]
        self._say_done(*text, flow(times, self.headline.size.width + self.stopwatch.size.width - 2))

    def _say_done(self, *lines: Content) -> None:
        self.done.show("", lines)
        if self.done.display != bool(lines):  # to say so again would lay out the screen
            self.done.display = bool(lines)
        if not lines:
            self.last, self.untold = None, None
        self.refresh_bindings()

    def refused(self, error: Exception) -> None:
        if not isinstance(error, Refusal):
            super().refused(error)
            return
        area = error.code.partition(".")[0]
        name = str(error.params.get("name", area)) if area in _OF_A_FIELD else ""
        self.form.say(self.desk.sentence(error), name, error=True)

    # -- a second caller -------------------------------------------------------------------------------------

    def action_join(self) -> None:
        self.once(self._join, group="join")

    async def _join(self) -> None:
        self._asked = self.form.draft()
        ticket = await self._which()
        if ticket is None:
            return
        form, draft = self.form, self.keeper.draft_id
        by, at = form.late()
        given = {
            "caller": form.person.given or form.room.given or form.who.text,
            "phone": form.phone.given,
            "note": form.what.given,
        }
        values = {name: value for name, value in given.items() if value}
        done = await self.desk.writing(
            lambda ledger, doing: reading.do(ledger, doing, "join", ticket.id, values, draft),
            at=at,
            by=by,
            asking=self.question,
        )
        if done is not None:
            await self._begin_anew(ticket.id, ticket.number)
            said = _("Joined {number} {what}: noted as an urge.").format(number=ticket.number, what=ticket.what)
            self._say_done(plain(said, "bold $text-success"))

    async def _which(self) -> OpenTicket | None:
        """The ticket that the caller's matter is, as confirmed."""
        tickets = self.side.card.tickets[:9]
        if len(tickets) == 1:
            question = _("Join {number} {what}: another caller about the same thing?")
            words = question.format(number=tickets[0].number, what=tickets[0].what)
            return tickets[0] if await self.question.ask_yes(words) else None
        options = [(str(each.id), cut(f"{each.number} {each.what}", 34)) for each in tickets]
        chosen = await self.question.ask_one(_("Which one is it about?"), options) if options else None
        return next((each for each in tickets if str(each.id) == chosen), None)

    # -- the other keys --------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        needs = {
            "join": lambda: bool(self.side.card.tickets),
            "drafts": lambda: bool(self.aside),
            "told": lambda: self.untold is not None,
            "slip": lambda: self.last is not None,
        }
        return needs[action]() if action in needs else super().check_action(action, parameters)

    def action_other(self) -> None:
        self.form.show_other()

    def action_told(self) -> None:
        self.once(self._told, group="told")

    async def _told(self) -> None:
        if self.last is None or self.untold is None:
            return
        ticket_id, number = self.last
        values = {"means": "phone"}
        done = await self.desk.writing(
            lambda ledger, doing: reading.do(ledger, doing, "tell-code", ticket_id, values), asking=self.question
        )
        if done is None:
            return
        self.untold = None
        said = _("{number}: noted that the code was read out.").format(number=number)
        self._say_done(plain(said, "bold $text-success"))

    def action_slip(self) -> None:
        from desk.screens.slip import SlipScreen

        if self.last is not None:
            self.app.push_screen(SlipScreen(self.last[0]))
