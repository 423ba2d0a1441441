"""The console's entrance: the records opened or founded, who is here, the lock while nobody touches a key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.screen import Screen

from desk import i18n
from desk.errors import Refusal
from desk.i18n import _
from desk.pulse import Pulse
from desk.session import Colleague, Founding
from desk.widgets.dialog import Notice
from desk.widgets.status import Status

if TYPE_CHECKING:
    from desk.screens.sign_in import SignInScreen

#: modes in which nothing of the records is done
SHUT = ("front", "start", "locked")


class Entrance(Pulse):
    """Nobody stands in one of the console's places before the records are open and it is known who acts."""

    #: who signs in by name or number without being asked, and the place one then stands in
    _asked_who: str | None
    _first_mode: str
    #: when a key was pressed last, and where the console was when it locked itself
    _touched_at: datetime
    _locked_in: str

    async def open_records(self) -> None:
        """Load the store behind the first paint; then ask who is here, or set up, or tell what is wrong."""
        while True:
            try:
                there = await self.session.write(self.session.open)
                break
            except Exception as error:
                if not await self._unlocked(error):
                    await self._tell_fault(error)
                    return
        if not there:
            from desk.screens.setup import SetupScreen
            from desk.widgets.pick import Picker

            self._set_status(Status())
            for who in self.screen.query(Picker):
                who.put("")  # typed before anybody could know that there is nobody to sign in yet
            await self._front(SetupScreen())
            return
        await self.records_opened()

    async def found(self, asked: Founding, refused: Callable[[Exception], None]) -> None:
        """Make the records, for the set-up screen; it is told why they can't be."""
        now = self.now()
        try:
            made = await self.session.write(lambda: self.session.found(asked, now))
        except Exception as error:
            refused(error)
            return
        if asked.language != i18n.language():
            i18n.install(asked.language)
            self.memory.language = asked.language
            self.memory.save()
            await self._to_start()
            await cast("SignInScreen", self.screen).relabel()
        if made is not None:
            told = _("First PIN of {name}: {pin}. It is shown this once; they choose their own when they sign in.")
            more = _("They give the others theirs: F7, PINs.")
            await self.push_screen_wait(Notice(f"{told.format(name=made[0], pin=made[1])}\n{more}"))
        await self.records_opened()

    async def records_opened(self) -> None:
        """The ledger is there: sign in whoever was named, else let them choose."""
        assert self.session.ledger is not None
        self._set_status(Status(estate=self.session.ledger.name))
        self._opened.set()
        if self._asked_who is not None:
            person = self._colleague(self._asked_who)
            if person is not None:
                if person.id in self.session.with_pin or self.session.pins_required:
                    await self._to_start()
                    self.job(self.sign_in(person), group="sign-in")
                else:
                    # That no PIN is asked has just been read with the staff: to ask anew would load the verbs first.
                    await self._begin_work(person)
                return
            self.say(_("Nobody called {name} works here.").format(name=self._asked_who), "warning")
        await self._to_start()

    def _colleague(self, name: str) -> Colleague | None:
        fits = [c for c in self.session.staff if name in (c.name, c.number, str(c.id))]
        return fits[0] if len(fits) == 1 else None

    async def _front(self, screen: Screen[Any]) -> None:
        """Show ``screen`` in front of the console's places."""
        await self._to_start()
        await self.push_screen(screen)

    async def _to_start(self) -> None:
        """Back to the sign-in, which stands under everything in front of the places."""
        await self.switch_mode("start")
        while len(self.screen_stack) > 1:
            await self.pop_screen()

    async def _unlocked(self, error: Exception) -> bool:
        """Whether the records were only encrypted, and somebody knew the passphrase."""
        if not isinstance(error, Refusal) or error.code not in ("store.encrypted", "store.passphrase"):
            return False
        from desk.screens.passphrase import PassphraseScreen

        self._set_status(Status())
        await self._to_start()
        says = self.sentence(error) if error.code == "store.passphrase" else ""
        right: bool = await self.push_screen_wait(PassphraseScreen(str(error.params["place"]), says))
        return right

    async def _tell_fault(self, error: Exception) -> None:
        from desk.screens.fault import FaultScreen

        if not isinstance(error, Refusal):
            self.note_bug(error)
        text = self.sentence(error) if isinstance(error, Refusal) else self.bug_words()
        self._set_status(Status())
        await self._front(FaultScreen(text))

    async def sign_in(self, person: Colleague) -> None:
        """``person`` works at this console from now on, if they are who they say. Run it in a job."""
        if await self.prove(person):
            await self._begin_work(person)

    async def _begin_work(self, person: Colleague) -> None:
        """``person`` has proved who they are, or nobody asks them to."""
        another = self.who is not None and self.who.id != person.id
        if another:
            await self.keep_drafts()  # as the drafts of whoever wrote them
        self.who = person
        assert self.session.ledger is not None
        self.session.ledger.who = person.id
        self._touched_at = self.now()
        if another:
            self._mask()
        self.memory.people[self.session.where] = str(person.id)
        self.memory.save()
        first = not self._signed_in.is_set()
        self._signed_in.set()
        if self.current_mode == "start":
            await self.switch_mode(self._first_mode)
        elif self.current_mode == "locked":
            await self.switch_mode(self._locked_in)
        if not first:
            self.stale()
        else:
            self._set_status(Status(estate=self._status.estate, who=person.name))
            # The place one stands in is read first: the counts and the clock's hand would only be in its way.
            self.set_timer(0.2, self._first_counts)
            if self._tick_every:
                self.set_timer(1, self._look)

    def _first_counts(self, more: int = 20) -> None:
        """The counts, when what is in sight has been read and painted; so many looks later in any case."""
        if not self.screen_stack:
            return  # the console is being closed
        reading = getattr(self.screen, "_reading", None)
        if more and reading is not None and not reading.is_finished:
            self.set_timer(0.1, partial(self._first_counts, more - 1))
        else:
            self.screen.call_after_refresh(self.refresh_status)

    def _mask(self) -> None:
        """What one person may see stands open for nobody else."""
        for stack in self._screen_stacks.values():
            for screen in stack:
                if getattr(screen, "reveal", False):
                    screen.reveal = False  # type: ignore[attr-defined]

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste | events.MouseDown):
            self._touched_at = self.now()
        await super().on_event(event)

    def _second(self) -> None:
        super()._second()
        self._lock_if_idle(self.now())

    def _lock_if_idle(self, now: datetime) -> None:
        minutes, who = self.session.idle_minutes, self.who
        if minutes and who is not None and (now - self._touched_at).total_seconds() >= minutes * 60:
            self.action_lock(asked=False)

    def action_lock(self, *, asked: bool = True) -> None:
        """Nobody gets on without the PIN of whoever sat here; who has none is not locked out."""
        if self.who is None or self.current_mode in SHUT:
            return
        if self.who.id in self.session.with_pin:
            self.once(self._lock, group="lock")
        elif asked:
            self.say(_("You have no PIN: nothing would open it again. A supervisor gives you one."))

    async def _lock(self) -> None:
        # At once: nobody gets on while a slow disk is written to.
        if self.current_mode not in SHUT:
            self._locked_in = self.current_mode
            await self.switch_mode("locked")
            self.clear_notifications()
        self.job(self.keep_drafts(), group="keep", holds=0)

    async def unlock(self, who: Colleague, pin: str) -> None:
        """Back to where it was locked. Raises :class:`Refusal` ``pin.*``."""
        if await self.check_pin(who, pin):
            from desk.screens.pin import NewPinScreen

            why = _("The first PIN was given to you. Choose one only you know.")
            if not await self.push_screen_wait(NewPinScreen(who, pin, why)):
                return
        self._touched_at = self.now()
        await self.switch_mode(self._locked_in)

    async def action_own_pin(self) -> None:
        """Another PIN for whoever is signed in."""
        from desk.screens.pin import NewPinScreen, PinScreen

        who = self.who
        if who is None:
            return
        if who.id not in self.session.with_pin:
            self.say(_("You have no PIN yet. A supervisor gives you a first one."))
            return
        pin = await self.push_screen_wait(PinScreen(who))
        if pin is not None and await self.push_screen_wait(NewPinScreen(who, pin)):
            self.say(_("Your PIN is changed."))
