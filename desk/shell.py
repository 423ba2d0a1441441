"""What the app offers to screens; :class:`desk.screens.base.Shell` is its face.

Records read and written by threads, guards put to people, drafts, colleagues, sentences, and bugs that do not end the
console.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import weakref
from collections.abc import Callable, Mapping, MutableSet
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from textual import events
from textual.app import App
from textual.screen import Screen

from desk import grants, hangup, i18n, memory
from desk.actions import PLACES
from desk.errors import Refusal
from desk.i18n import _
from desk.privacy import TOLD, Sight
from desk.screens.base import Asking, Working
from desk.session import Colleague, DeskSession
from desk.text import fold
from desk.typeahead import TypeAhead
from desk.widgets import text as drawing
from desk.widgets.dialog import Confirm, Pick
from desk.widgets.form import Clock
from desk.widgets.pick import Find, Item
from desk.widgets.status import Status

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.screens.drafts import DraftKeeper

T = TypeVar("T")
log = logging.getLogger("desk")


def utc_now() -> datetime:
    """The one clock of the console."""
    return datetime.now(UTC)


class ShellApp(Working, App[int]):
    """The services; what is on the screen is :class:`desk.app.DeskApp`'s."""

    def __init__(
        self,
        place: str | Path | None,
        estate: str | None,
        clock: Callable[[], datetime],
        remember: memory.Memory | None,
    ) -> None:
        super().__init__()
        self.session = DeskSession(place, estate)
        self.memory = remember if remember is not None else memory.load()
        self.revision = 0
        self.who: Colleague | None = None
        #: bugs met in jobs, for tests and the log; none of them ends the console
        self.bugs: list[BaseException] = []
        self.typeahead = TypeAhead(self, super().on_event, lambda text: self.say(_(text), "warning"))
        self.keepers: MutableSet[DraftKeeper] = weakref.WeakSet()
        self._now = clock
        self._opened, self._signed_in = asyncio.Event(), asyncio.Event()
        self._status = Status(note=_("Opening the records…"))
        self._begin_end: Callable[[], None] | None = None

    # -- keys ------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self.typeahead.put(event)
        else:
            await super().on_event(event)

    async def push_screen_wait(self, screen: Screen[T] | str, *, mode: str | None = None) -> T | Any:
        with self.typeahead.asking():
            return await super().push_screen_wait(screen, mode=mode)

    # -- what screens are offered ----------------------------------------------------------------------------

    def now(self) -> datetime:
        return self._now()

    @property
    def zone(self) -> ZoneInfo | None:
        return self.session.ledger.zone if self.session.ledger is not None else None

    @property
    def status(self) -> Status:
        return self._status

    @property
    def places(self) -> list[str]:
        return [mode for mode in PLACES if self.offers(mode)]

    def offers(self, mode: str) -> bool:
        """No key leads to a place that stays empty: the board of visitors, and the queue of callbacks."""
        ledger = self.session.ledger
        if mode not in ("waiting", "callbacks") or ledger is None:
            return mode != "waiting"
        return ledger.book.visitors if mode == "waiting" else ledger.book.callbacks

    async def ready(self) -> Ledger:
        await self._opened.wait()
        await self._signed_in.wait()
        assert self.session.ledger is not None
        return self.session.ledger

    async def opened(self) -> None:
        """Wait until the records are open, before anybody has signed in."""
        await self._opened.wait()

    async def reading(self, read: Callable[[Ledger, Session], T]) -> T:
        await self.ready()
        return await self.session.read(lambda: self.session.read_with(read))

    async def looking(self, read: Callable[[Ledger, Session], T], *, reveal: bool = False) -> T:
        await self.ready()
        sight = self.sight(reveal=reveal)
        found: T = await self.session.read(lambda: sight.over(self.session.read_with(read)))
        return found

    def sight(self, *, reveal: bool = False) -> Sight:
        return Sight(self.may("names"), reveal)

    async def writing(
        self,
        write: Callable[[Ledger, Doing], T],
        *,
        at: datetime | None = None,
        by: UUID | None = None,
        asking: Asking | None = None,
        seen: int | None = None,
    ) -> T | None:
        ledger = await self.ready()
        who, now = self.who, self.now()
        assert who is not None
        more: dict[str, Any] = {"seen": seen}
        while True:
            doing = self.session.doing(now, who, at, by, **more)
            try:
                result = await self.session.write(lambda doing=doing: write(ledger, doing))  # type: ignore[misc]
            except Refusal as refusal:
                answer = await self._ask_guard(refusal, asking or self)
                if answer is None:
                    raise
                if not answer or self.who is not who:
                    return None  # or somebody else sits here by now: what they answer is not what another did
                more |= answer
                continue
            self._written(result)
            if doing.noticed:
                self.say(_(TOLD), "warning")
            return result

    async def _ask_guard(self, refusal: Refusal, asking: Asking) -> dict[str, Any] | None:
        """Put a guard's question: what to add to the act; {} where the answer is no; None for any other refusal."""
        text = refusal.params.get("text")
        if refusal.code == "act.meanwhile":
            # what is asked is what has changed; who has read it has seen it
            return {"seen": refusal.params["head"]} if await asking.ask_yes(self.meanwhile(refusal)) else {}
        if refusal.code == "guard.ask" and isinstance(text, Mapping):
            return {"confirmed": True} if await asking.ask_yes(i18n.pick(text)) else {}
        if refusal.code == "guard.approve" and isinstance(text, Mapping):
            question = _("{text} Who approves it?").format(text=i18n.pick(text))
            duties = cast("list[str]", refusal.params.get("duties", []))
            item = await asking.ask_person(question, self.colleagues(*duties, only=True))
            approved = item is not None and await self.prove(item.data, question)
            return {"approved_by": item.data.id} if item is not None and approved else {}
        return None

    def meanwhile(self, refusal: Refusal) -> str:
        """What others did while a form was open, and whether to go on, as a question of several lines."""
        from desk.when import show_time

        now, zone = self.now(), self.zone
        lines = [_("Meanwhile something was done here:")]
        for title, name, at in cast("list[tuple[str, str, datetime]]", refusal.params["events"]):
            lines.append(" ".join((show_time(at, zone, now) if zone else "", name, _(title))).strip())
        return "\n".join([*lines, _("Nothing of it is overwritten. Record yours as well?")])

    # -- who somebody is -------------------------------------------------------------------------------------

    async def prove(self, person: Colleague, about: str = "") -> bool:
        """Whether ``person`` is who they say: by PIN, where they have one. A first one is changed before it counts.

        Run it in a job. Raises :class:`Refusal` ``pin.none``.
        """
        if not await self.session.read(lambda: self.session.pin_asked_of(person)):
            return True
        from desk.screens.pin import NewPinScreen, PinScreen

        screen = PinScreen(person, about)
        pin = await self.push_screen_wait(screen)
        if pin is None:
            return False
        if not screen.first:
            return True
        why = _("The first PIN was given to you. Choose one only you know.")
        chosen: bool | None = await self.push_screen_wait(NewPinScreen(person, pin, why))
        return bool(chosen)

    async def check_pin(self, person: Colleague, pin: str) -> bool:
        """Whether it is a first PIN. Raises :class:`Refusal` ``pin.*`` for a wrong one."""
        now = self.now()
        return await self.session.read(lambda: self.session.check_pin(person, pin, now))

    async def choose_pin(self, person: Colleague, old: str, new: str) -> None:
        """Change a PIN. Raises :class:`Refusal` ``pin.*``."""
        now = self.now()
        await self.session.write(lambda: self.session.choose_pin(person, old, new, now))
        await self.session.read(self.session.refresh_staff)

    def may(self, right: str) -> bool:
        """Whether whoever is signed in has a right of :mod:`desk.grants`; nothing is said or recorded."""
        who = self.colleague(self.who.id) if self.who is not None else None
        held = {duty for person in self.session.staff for duty in person.duties}
        return who is not None and grants.allows(right, who.duties, held)

    async def allowed(self, right: str) -> bool:
        """Whether whoever is signed in has a right of :mod:`desk.grants`; if not, they are told, and it is recorded."""
        await self.ready()
        who, now = self.who, self.now()
        assert who is not None
        try:
            await self.session.read(lambda: self.session.require(right, who, now))
        except Refusal as refusal:
            self.fault(refusal)
            return False
        return True

    async def revealed(self, subject_type: str, ident: UUID) -> bool:
        await self.ready()
        who, now = self.who, self.now()
        assert who is not None
        try:
            # in the writing thread: it may be recorded
            await self.session.write(lambda: self.session.reveal((subject_type, ident), who, now))
        except Refusal as refusal:
            self.fault(refusal)
            return False
        return True

    async def ask_yes(self, question: str) -> bool:
        dialog: Screen[Any] = Confirm(question)
        return bool(await self.push_screen_wait(dialog))

    async def ask_person(self, question: str, find: Find) -> Item | None:
        answer: Item | None = await self.push_screen_wait(Pick(question, find))
        return answer

    def _written(self, result: object) -> None:
        for guard in getattr(result, "said", ()):
            self.say(i18n.pick(guard.text), "warning")
        self.stale()

    def stale(self, *, by_itself: bool = False) -> None:
        """Somebody wrote, or a minute has passed: what is in sight is read anew, the rest when it comes back.

        ``by_itself``: nothing that was pressed here has led to it.
        """
        self.revision += 1

    def colleagues(self, *duties: str | None, only: bool = False) -> Find:
        wanted_duties = {duty for duty in duties if duty}

        async def find(typed: str) -> list[Item]:
            wanted = fold(typed)
            pinyin = await self.session.read(self.session.pinyin) if wanted.isascii() and wanted else {}
            ranked = []
            for place, person in enumerate(self.session.staff):
                names = [fold(person.name), person.number.lower(), *pinyin.get(person.name, ())]
                if wanted and not any(name.startswith(wanted) for name in names if name) and wanted not in names[0]:
                    continue
                fits = bool(wanted_duties & set(person.duties))
                if fits or not (only and wanted_duties):
                    ranked.append((not fits if wanted_duties else False, place, person))
            return [self._item(person) for _rank, _place, person in sorted(ranked, key=lambda r: r[:2])]

        return find

    def colleague(self, ident: object) -> Colleague | None:
        return next((person for person in self.session.staff if str(person.id) == str(ident)), None)

    @staticmethod
    def _item(person: Colleague) -> Item:
        from desk.vocabulary import DUTIES

        hint = " ".join(filter(None, (person.department, *(_(DUTIES[d]) for d in person.duties if d in DUTIES))))
        return Item(str(person.id), person.name, hint, person)

    @property
    def clock(self) -> Clock:
        def parse(text: str) -> datetime:
            from desk.when import parse_time

            return parse_time(text, self.now(), self.zone or ZoneInfo("UTC"))

        def show(at: datetime) -> str:
            from desk.when import show_time

            return show_time(at, self.zone or ZoneInfo("UTC"), self.now())

        return Clock(parse, show, self.sentence)

    def sentence(self, refusal: Refusal) -> str:
        from desk import wording

        return wording.sentence(refusal, zone=self.zone or UTC, name_of=self._name_of, now=self.now())

    def _name_of(self, ident: UUID) -> str:
        person = self.colleague(ident)
        return person.name if person is not None else _("somebody else")

    def say(self, text: str, severity: str = "information") -> None:
        self.notify(drawing.plain(text, limit=600).plain, severity=cast(Any, severity), markup=False)

    def fault(self, error: BaseException) -> None:
        if isinstance(error, Refusal):
            self.say(self.sentence(error), "error")
        else:
            self.note_bug(error)
            self.say(self.bug_words(), "error")

    def refused(self, error: Exception) -> None:
        self.fault(error)

    async def keep_draft(self, form: str, content: Mapping[str, Any], draft_id: UUID | None) -> UUID | None:
        if self.session.ledger is None:
            return None
        who, now = self.who.id if self.who else None, self.now()
        return await self.session.write(lambda: self.session.keep_draft(form, content, draft_id, who, now))

    async def kept_draft(self, form: str) -> tuple[UUID, Mapping[str, Any]] | None:
        await self.ready()
        who = self.who.id if self.who else None
        return await self.session.read(lambda: self.session.kept_draft(form, who))

    def keep_drafts_at_once(self) -> None:
        """Write down every draft here and now, without the loop."""
        who, now = self.who.id if self.who else None, self.now()
        self.session.finish_writing()  # what it holds of a draft is older
        for keeper in list(self.keepers):
            try:
                if (content := keeper.unkept()) is not None:
                    self.session.keep_draft(keeper.form, content, keeper.draft_id, who, now)
            except Exception as error:
                self.note_bug(error)
        self.session.close(patient=False)

    async def keep_drafts(self) -> bool:
        """Write down every draft; whether all of them are on the disk."""
        return all([await keeper.flush() for keeper in list(self.keepers)])

    def open_ticket(self, ticket_id: UUID) -> None:
        from desk.screens.ticket import TicketScreen

        self.push_screen(TicketScreen(ticket_id))

    def open_visit(self, visit_id: UUID) -> None:
        from desk.screens.visit import VisitScreen

        self.push_screen(VisitScreen(visit_id))

    # -- bugs ------------------------------------------------------------------------------------------------

    def note_bug(self, error: BaseException) -> None:
        """Keep a bug for the log."""
        self.bugs.append(error)
        log.error("bug", exc_info=error)

    @staticmethod
    def bug_words() -> str:
        """What people are told of a bug."""
        return _("Something went wrong in desk itself; it is noted in {file}. What was saved is safe.").format(
            file=memory.log_path()
        )

    def _fatal_error(self) -> None:
        # Textual would print a traceback over the terminal; people get a sentence, the log gets the rest.
        error = sys.exc_info()[1] or self._exception
        if error is not None:
            self.note_bug(error)
        self.bell()
        self.panic(self.bug_words())

    def panic(self, *renderables: Any) -> None:
        # Textual's reader of keys calls this with a traceback when the terminal goes: it is no bug, and the drafts
        # are kept before anything is taken down.
        if self._begin_end is not None and not hangup.terminal_there():
            self._begin_end()
            return
        super().panic(*renderables)
