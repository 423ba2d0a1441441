"""The place where callers and visitors are taken down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content

from desk.actions import SAVE, Action
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext
from desk.screens.base import DeskScreen
from desk.screens.drafts import DraftKeeper
from desk.screens.intake import reading
from desk.screens.intake.fields import Caller
from desk.screens.intake.form import Finds, Given, IntakeForm
from desk.screens.intake.question import Question
from desk.screens.intake.reading import Coming, Put
from desk.screens.intake.side import Card, Section, Stopwatch, card_lines
from desk.widgets.keys import bindings
from desk.widgets.pick import Item
from desk.widgets.text import cut, dot, flow, plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger
    from desk.widgets.palette import Command

FORM = "intake"

ASIDE = Action("put_aside", "escape", N_("Put aside"), N_("Put the half-filled intake aside; nothing is lost."))
JOIN = Action(
    "join", "ctrl+g", N_("Join"), N_("A second caller about the same thing: join an open ticket; it counts as an urge.")
)
DRAFTS = Action("drafts", "ctrl+b", N_("Drafts"), N_("Take up an intake that was put aside."))
OTHER = Action(
    "other", "ctrl+o", N_("Late entry"), N_("Who took it down, if not you; when it happened, if earlier.")
)
TOLD = Action("told", "ctrl+r", N_("Code read out"), N_("The verification code has been read out to the customer."))
SLIP = Action("slip", "ctrl+l", N_("Slip"), N_("The slip of the ticket just saved, to read, to file or to print."))

_THROW = N_("Throw this intake away")


class IntakeDraft(DraftKeeper):
    """The draft of what is in the form now; others lie aside."""

    async def put_aside(self) -> None:
        """Keep what is there and begin a new one."""
        await self.flush()
        self.draft_id, self._kept = None, {}

    def take_up(self, draft_id: UUID, content: Mapping[str, Any]) -> None:
        """Go on with a draft that was kept."""
        self.draft_id, self._kept = draft_id, content


class IntakeScreen(DeskScreen[None]):
    """Who, what kind, what, when; beside it the caller's card, the prompts and the deadlines that saving will open."""

    ABOUT = N_(
        "Take down what a caller or visitor brings. Who first: part of the room, name, initials or telephone; then the"
        " kind by its digit; then what. Ctrl+S saves. Beside it: what is known of the room, what to ask, what follows."
    )
    BINDINGS = bindings(SAVE, TOLD, JOIN, SLIP, DRAFTS, ASIDE, OTHER)
    HORIZONTAL_BREAKPOINTS = [(0, "-stacked"), (118, "-beside")]  # noqa: RUF012 - so Textual declares it

    def __init__(self) -> None:
        super().__init__()
        self.card = Card("")
        self._drafts: Sequence[Put] = ()
        #: the ticket last saved, and its code while it has not been read out
        self.last: tuple[UUID, str] | None = None
        self.untold: str | None = None
        self._bookable: datetime | None = None
        self._coming: Sequence[Coming] = ()
        self._aside_now = False
        self._saving = False
        self._first = True
        self.form = IntakeForm(Finds(self._find, self._staff, self._workers), self.desk.clock)
        self.watch_ = Stopwatch(self.desk.now)
        self.question = Question(id="intake-question")
        self.keeper = IntakeDraft(self.desk, self, FORM, self._content)

    def body(self) -> ComposeResult:
        with Container(id="intake"):
            with Vertical(id="intake-form"):
                with Horizontal(id="intake-head"):
                    yield Section(id="intake-title")
                    yield self.watch_
                yield Section(id="intake-done")
                yield self.form
                yield self.question
            with Container(id="intake-side"):
                yield Section(id="intake-card")
                yield Section(id="intake-prompts")
                yield Section(id="intake-coming")

    def on_mount(self) -> None:
        self._show_title()
        self._show_card()
        self._show_coming()
        self.form.who.focus()

    def on_resize(self) -> None:
        # classes of the breakpoints are set after this event
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        stacked = self.has_class("-stacked")
        self.query_one("#intake-coming", Section).flat = stacked
        for section in self.query("#intake-card, #intake-prompts").results(Section):
            section.barred = stacked
        self._show_card()
        self._show_coming()

    # -- what others can see and find ------------------------------------------------------------------------

    async def _find(self, typed: str) -> Sequence[Item]:
        return await self.desk.reading(lambda ledger, session: reading.find_callers(ledger, session, typed))

    async def _staff(self, typed: str) -> Sequence[Item]:
        return await self.desk.colleagues()(typed)

    async def _workers(self, typed: str) -> Sequence[Item]:
        kind = self.form.chosen
        return await self.desk.colleagues(kind.duty if kind is not None else None)(typed)

    def commands(self) -> Sequence[Command]:
        from desk.widgets.palette import Command

        why_not = "" if self._content() else _("Nothing has been written.")
        return [Command(_(_THROW), self._throw_away, "", why_not=why_not, keys=(_THROW,))]

    # -- kept up to date -------------------------------------------------------------------------------------

    async def reload(self) -> None:
        ledger = await self.desk.ready()
        self.form.offer([kind for kind in ledger.book.kinds.values() if kind.key])
        self.watch_.goal = int(ledger.book.settings.get("intake_seconds", 60))
        now = self.desk.now()

        def read(ledger: Ledger, session: Session) -> tuple[list[Put], datetime | None]:
            return reading.put_aside(ledger, FORM), reading.bookable(ledger, session, now)

        drafts, self._bookable = await self.desk.reading(read)
        if self._first:
            self._first = False
            await self._take_up_last(drafts)
        self._show_drafts(drafts)
        self._tell_workload()
        if self.form.caller.room_id or self.form.caller.person_id:
            await self._read_card(self.form.caller)
        if self.form.chosen is not None:
            await self._read_coming()

    async def _take_up_last(self, drafts: Sequence[Put]) -> None:
        """After a crash: what was in the form and had not been put aside is in it again."""
        mine = str(self.desk.who.id) if self.desk.who else ""
        for draft in drafts:
            if draft.who == mine and not draft.content.get("aside") and self.form.empty:
                await self._take_up(draft)
                self.desk.say(_("The intake you were at is here again."))
                return

    def _show_drafts(self, drafts: Sequence[Put] | None = None) -> None:
        if drafts is not None:
            self._drafts = drafts
        self._show_title()
        self.refresh_bindings()

    @property
    def aside(self) -> list[Put]:
        """Drafts but the one in the form."""
        return [draft for draft in self._drafts if draft.id != self.keeper.draft_id]

    def _show_title(self) -> None:
        title = self.query_one("#intake-title", Section)
        n = len(self.aside)
        words = ngettext("{n} draft: Ctrl+B", "{n} drafts: Ctrl+B", n).format(n=n)
        title.flat = True
        title.show(_("Intake"), [plain(words, "$text-warning")] if n else [])

    # -- who calls -------------------------------------------------------------------------------------------

    def on_intake_form_called(self, event: IntakeForm.Called) -> None:
        event.stop()
        caller = event.caller
        if caller.room_id is None and caller.person_id is None:
            words = dot().join(filter(None, (caller.room, caller.name, caller.phone)))
            self.card = Card(words, (_("Not on record: taken as typed."),), known=False)
            self._show_card()
            if caller.room:
                self._locate(caller.room)
        else:
            self.job(self._read_card(caller), group="card", exclusive=True)
        self._refresh_coming()

    def on_intake_form_located(self, event: IntakeForm.Located) -> None:
        event.stop()
        self._locate(event.room)

    def _locate(self, room: str) -> None:
        async def look() -> None:
            found = await self.desk.reading(lambda ledger, session: reading.find_room(ledger, session, room))
            if found is not None:
                self.form.locate(found)

        self.job(look(), group="locate", exclusive=True)

    async def _read_card(self, caller: Caller) -> None:
        card, known = await self.desk.reading(lambda ledger, session: reading.read_card(ledger, session, caller))
        if (caller.room_id, caller.person_id) != (self.form.caller.room_id, self.form.caller.person_id):
            return
        self.card = card
        self._show_card()
        if (known.room_kind, known.project) != (caller.room_kind, caller.project):
            self.form.know(known)
            self._refresh_coming()

    def _show_card(self) -> None:
        section = self.query_one("#intake-card", Section)
        if not self.card.title:
            section.show(_("Caller"), [plain(line, "dim") for line in _idle()])
        else:
            show = self.desk.clock.show
            n = len(self.card.tickets)
            words = [self.card.title, _("{n} open").format(n=n) if n else ""]
            section.show(dot().join(filter(None, words)), card_lines(self.card, show, section.size.width or 36))
        self.refresh_bindings()

    # -- what kind, and what saving opens --------------------------------------------------------------------

    def on_intake_form_chosen(self, event: IntakeForm.Chosen) -> None:
        event.stop()
        self._tell_workload()
        self.job(self._prompt(event.kind), group="prompts", exclusive=True)
        self._refresh_coming()

    async def _prompt(self, kind: str) -> None:
        def read(ledger: Ledger, session: Session) -> tuple[str, ...]:
            from desk.prompts import card

            return card(ledger.book, "intake", kind)

        lines = await self.desk.reading(read)
        section = self.query_one("#intake-prompts", Section)
        section.show(_("Ask and say"), [plain(line) for line in lines])

    def _refresh_coming(self) -> None:
        self.job(self._read_coming(), group="coming", exclusive=True)

    async def _read_coming(self) -> None:
        kind, caller, now = self.form.chosen, self.form.caller, self.desk.now()
        try:
            facts = self.form.facts()
        except Refusal:
            return  # half-typed times: what stood there stands until they can be read
        found: list[Coming] = []
        if kind is not None:
            found = await self.desk.reading(
                lambda ledger, session: reading.preview(ledger, kind.id, facts, caller, now)
            )
        self._coming = found
        self._show_coming()

    def _show_coming(self) -> None:
        section = self.query_one("#intake-coming", Section)
        if not self._coming:
            section.show("", [])
            return
        section.show(_("After saving"), [self._deadline(each) for each in self._coming])

    def _deadline(self, coming: Coming) -> Content:
        at = self.desk.clock.show(coming.due_at) if coming.due_at else _("time open")
        if self.has_class("-stacked"):
            return Content.assemble((at, "bold"), " ", plain(coming.title))
        return Content.assemble((at, "bold"), " ", plain(coming.title), plain(f" ({coming.by})", "dim"))

    def _tell_workload(self) -> None:
        at = self._bookable
        text = _("The workload is full: book from {at}.").format(at=self.desk.clock.show(at)) if at else ""
        self.form.tell_workload(text)

    # -- edits and drafts ------------------------------------------------------------------------------------

    def _content(self) -> dict[str, Any]:
        kept = self.form.draft()
        if not kept:
            return {}
        if self._aside_now:
            kept["aside"] = True
        if self.watch_.started_at is not None:
            kept["since"] = self.watch_.started_at.astimezone(UTC).isoformat()
        return kept

    def on_intake_form_edited(self, event: IntakeForm.Edited) -> None:
        event.stop()
        if self.watch_.started_at is None:
            if self.form.empty:
                return
            self.watch_.start()
            if self.untold is None:
                self._say_done("")
        self.keeper.changed()
        if event.fact:
            self.question.drop()
            self._refresh_coming()

    async def action_put_aside(self) -> None:
        if self.question.asking:
            self.question.drop()
        elif self.form.empty:
            await self._clean()
            self._say_done("")
        else:
            await self._put_aside()

    async def _put_aside(self) -> None:
        self._aside_now = True
        try:
            await self.keeper.put_aside()
        finally:
            self._aside_now = False
        await self._clean()
        await self._read_drafts()

    async def _read_drafts(self) -> None:
        self._show_drafts(await self.desk.reading(lambda ledger, session: reading.put_aside(ledger, FORM)))

    def action_drafts(self) -> None:
        self.job(self._choose_draft(), group="drafts")

    async def _choose_draft(self) -> None:
        await self._read_drafts()
        shown = self.aside[:9]
        if not shown:
            return
        chosen: str | None = str(shown[0].id)
        if len(shown) > 1 or not self.form.empty:
            options = [(str(draft.id), self._draft_words(draft)) for draft in shown]
            chosen = await self.question.ask_one(_("Which one is taken up?"), options)
        for draft in shown:
            if str(draft.id) == chosen:
                if not self.form.empty:
                    await self._put_aside()
                await self._take_up(draft)
                await self._read_drafts()

    def _draft_words(self, draft: Put) -> str:
        content = draft.content
        words = [self.desk.clock.show(draft.updated_at)]
        words += [str(content[name]) for name in ("who", "room", "what") if content.get(name)][:2]
        return cut(" ".join(words), 36)

    async def _take_up(self, draft: Put) -> None:
        self.keeper.take_up(draft.id, draft.content)
        self.watch_.stop()
        since = draft.content.get("since")
        self.watch_.start(datetime.fromisoformat(since) if isinstance(since, str) else None)
        await self.form.restore(draft.content)

    def _throw_away(self) -> None:
        async def throw() -> None:
            await self.keeper.drop()
            await self._clean()

        self.job(throw())

    async def _clean(self) -> None:
        """An idle form."""
        self.watch_.stop()
        await self.form.clear()
        self.card, self._coming = Card(""), ()
        self.query_one("#intake-prompts", Section).show("", [])
        self._show_card()
        self._show_coming()
        self.form.who.focus()

    # -- saving ----------------------------------------------------------------------------------------------

    def action_save(self) -> None:
        if self.question.asking or self._saving:
            return
        self._saving = True
        self.job(self._save(), group="save")  # a write that has begun is carried to its end

    async def _save(self) -> None:
        try:
            self.form.say("")
            given = self.form.given()
            kind = self.form.kinds[given.kind]
            draft = self.keeper.draft_id
            opened = await self.desk.writing(
                lambda ledger, doing: reading.save(ledger, doing, given, draft),
                at=given.at,
                by=given.by,
                asking=self.question,
            )
            if opened is None:
                return
            await self.keeper.drop()
            self.last, self.untold = (opened.id, opened.number), opened.code
            await self._clean()
            await self._tell_saved(given, _kind_words(kind), opened)
        finally:
            self._saving = False

    async def _tell_saved(self, given: Given, kind: str, opened: Any) -> None:
        now = self.desk.now()
        found = await self.desk.reading(lambda ledger, session: reading.opened(ledger, session, opened.id, now))
        first = [_("Saved: {number}").format(number=reading.short_number(opened.number)), kind]
        text = [plain(dot().join(first), "bold $text-success")]
        if opened.code:
            words = _("Verification code {code}: read it out, then Ctrl+R.").format(code=opened.code)
            text.append(plain(words, "bold $text-warning"))
        show = self.desk.clock.show
        times = [
            Content.assemble((show(each.due_at), "bold"), " ", plain(each.title), " ") for each in found if each.due_at
        ]
        self._say_done(*text, flow(times, self.query_one("#intake-head").size.width - 2))

    def _say_done(self, *lines: Content | str) -> None:
        section = self.query_one("#intake-done", Section)
        shown = [line if isinstance(line, Content) else plain(line) for line in lines if line]
        section.display = bool(shown)
        section.show("", shown)
        if not shown:
            self.last, self.untold = None, None
        self.refresh_bindings()

    def refused(self, error: Exception) -> None:
        if isinstance(error, Refusal) and error.code.startswith(("value.", "time.", "room.", "person.", "kind.")):
            name = str(error.params.get("name", "")) or error.code.partition(".")[0]
            self.form.say(self.desk.sentence(error), name, error=True)
        elif isinstance(error, Refusal):
            self.form.say(self.desk.sentence(error), error=True)
        else:
            super().refused(error)

    # -- the other keys --------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "join":
            return bool(self.card.tickets)
        if action == "drafts":
            return bool(self.aside)
        if action == "told":
            return self.untold is not None
        if action == "slip":
            return self.last is not None
        return super().check_action(action, parameters)

    def action_join(self) -> None:
        self.job(self._join(), group="join")

    async def _join(self) -> None:
        tickets = self.card.tickets[:9]
        if not tickets:
            return
        if len(tickets) == 1:
            question = _("Join {number} {what}: another caller about the same thing?")
            if not await self.question.ask_yes(question.format(number=tickets[0].number, what=tickets[0].what)):
                return
            ticket = tickets[0]
        else:
            options = [(str(each.id), cut(f"{each.number} {each.what}", 34)) for each in tickets]
            chosen = await self.question.ask_one(_("Which one is it about?"), options)
            found = [each for each in tickets if str(each.id) == chosen]
            if not found:
                return
            ticket = found[0]
        form = self.form
        caller = form.person.given or form.room.given or form.who.text
        values = {"caller": caller, "phone": form.phone.given, "note": form.what.given}
        values = {name: value for name, value in values.items() if value}
        at, by = form.at.given, form.by.given
        draft = self.keeper.draft_id
        done = await self.desk.writing(
            lambda ledger, doing: reading.do(ledger, doing, "join", ticket.id, values, draft),
            at=at,
            by=UUID(by) if by else None,
            asking=self.question,
        )
        if done is None:
            return
        await self.keeper.drop()
        await self._clean()
        self.last, self.untold = (ticket.id, ticket.number), None
        said = _("Joined {number} {what}: noted as an urge.").format(number=ticket.number, what=ticket.what)
        self._say_done(plain(said, "bold $text-success"))

    def action_other(self) -> None:
        self.form.show_other()

    def action_told(self) -> None:
        self.job(self._told(), group="told")

    async def _told(self) -> None:
        if self.last is None or self.untold is None:
            return
        ticket_id, number = self.last
        code, self.untold = self.untold, None
        try:
            await self.desk.writing(
                lambda ledger, doing: reading.do(ledger, doing, "tell-code", ticket_id, {"means": "phone"}),
                asking=self.question,
            )
        except Exception:
            self.untold = code
            raise
        self._say_done(_("{number}: noted that the code was read out.").format(number=reading.short_number(number)))

    def action_slip(self) -> None:
        if self.last is not None:
            self.desk.open_ticket(self.last[0])


def _idle() -> list[str]:
    return [
        _("Nobody yet. Type part of who it is, in any order:"),
        _("room, name, pinyin initials, the last digits of the telephone."),
        _("Whoever is not on record is taken as typed."),
    ]


def _kind_words(kind: Any) -> str:
    from desk import i18n

    return i18n.pick(kind.title)
