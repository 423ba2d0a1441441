"""What every screen has: the status line, the places, the keys at the foot, and the way to the records.

A screen imports nothing of procedures, queries, ledger or store at its top: the shell is painted and takes keys
before they are loaded. It imports them inside the functions it hands to :meth:`Shell.reading` and
:meth:`Shell.writing`, which run in threads and bring plain data back.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, MutableSet, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from textual import events
from textual.app import ComposeResult
from textual.css.query import NoMatches
from textual.screen import ModalScreen, Screen
from textual.worker import Worker, WorkerError

from desk.errors import Refusal
from desk.session import Colleague
from desk.typeahead import HELD, READ
from desk.widgets.form import Clock
from desk.widgets.keys import HintBar, KeyBar
from desk.widgets.leaving import Leaving
from desk.widgets.pick import Find, Item
from desk.widgets.status import Status, StatusLine
from desk.widgets.wide import install

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.privacy import Sight
    from desk.screens.drafts import DraftKeeper
    from desk.widgets.palette import Command

install()

T = TypeVar("T")
#: something to be done beside the interface
Job = Coroutine[Any, Any, object] | Callable[[], Coroutine[Any, Any, object]]
Result = TypeVar("Result")


class Asking(Protocol):
    """Whoever puts a guard's question to the person."""

    async def ask_yes(self, question: str) -> bool:
        """Whether the answer is yes."""

    async def ask_person(self, question: str, find: Find) -> Item | None:
        """The person picked, or None."""


class Shell(Protocol):
    """What the app offers to screens; :class:`desk.app.DeskApp` is it."""

    #: grows whenever somebody, here or elsewhere, has written
    revision: int
    #: who is signed in
    who: Colleague | None

    def now(self) -> datetime:
        """The present, aware, UTC; tests bring their own."""

    @property
    def zone(self) -> ZoneInfo | None:
        """The estate's zone; None until the records are open."""

    @property
    def status(self) -> Status:
        """What the status line shows."""

    @property
    def places(self) -> Sequence[str]:
        """The places the manual in force has something for, in the order of their keys."""

    async def ready(self) -> Ledger:
        """The ledger, as soon as the records are open and somebody is signed in."""

    async def reading(self, read: Callable[[Ledger, Session], T]) -> T:
        """Run ``read`` in a thread in a short session; plain data out. Raises :class:`Refusal`."""

    async def looking(self, read: Callable[[Ledger, Session], T], *, reveal: bool = False) -> T:
        """As :meth:`reading`, for what is only shown: numbers masked unless ``reveal``, names where the duty says."""

    def sight(self, *, reveal: bool = False) -> Sight:
        """What whoever is signed in sees of people."""

    async def revealed(self, subject_type: str, ident: UUID) -> bool:
        """Whether a number may be shown in full to whoever is signed in; that they see it is recorded."""

    async def writing(
        self,
        write: Callable[[Ledger, Doing], T],
        *,
        at: datetime | None = None,
        by: UUID | None = None,
        asking: Asking | None = None,
        seen: int | None = None,
    ) -> T | None:
        """Run ``write`` in a thread. Guards that ask or want approval are put to the person and the act repeated.

        None when the person answered no. What guards say is shown. Raises :class:`Refusal` for anything else.
        ``at`` is when it happened, if earlier; ``by`` who did it, if another; ``asking`` puts the guards' questions
        where the person is looking, if not in a dialog. ``seen`` is the ledger's head as of what they looked at: what
        another has done to the same thing since is shown before anything is written.
        """

    def colleagues(self, *duties: str | None, only: bool = False) -> Find:
        """Finds staff as one types, those with one of ``duties`` first (``only`` those).

        Keys are ids as text, data a :class:`Colleague`.
        """

    def colleague(self, ident: object) -> Colleague | None:
        """The member of staff with this id (a UUID or its text), if they work here."""

    def may(self, right: str) -> bool:
        """Whether whoever is signed in has a right of :mod:`desk.grants`; nothing is said or recorded."""

    async def allowed(self, right: str) -> bool:
        """Whether whoever is signed in has a right of :mod:`desk.grants`; if not, they are told, and it is recorded."""

    @property
    def clock(self) -> Clock:
        """How forms read and show times."""

    def sentence(self, refusal: Refusal) -> str:
        """A refusal as one sentence in the user's language."""

    def say(self, text: str, severity: str = "information") -> None:
        """A short notice; never markup."""

    def fault(self, error: BaseException) -> None:
        """Tell of an error without ending the console: a refusal as its sentence, a bug as a notice and in the log."""

    @property
    def keepers(self) -> MutableSet[DraftKeeper]:
        """Drafts being kept; written down before the console ends."""

    async def keep_draft(self, form: str, content: Mapping[str, Any], draft_id: UUID | None) -> UUID | None:
        """Write a draft down, or take it away when ``content`` is empty; answers its id."""

    async def ask_yes(self, question: str) -> bool:
        """Whether the answer is yes."""

    async def kept_draft(self, form: str) -> tuple[UUID, Mapping[str, Any]] | None:
        """The draft last kept for ``form`` by whoever is signed in."""

    def open_ticket(self, ticket_id: UUID) -> None:
        """Show a ticket's own page."""

    def open_visit(self, visit_id: UUID) -> None:
        """Show a visit's own page."""


class Working:
    """Jobs of a screen: workers whose refusals are told instead of ending the console."""

    @property
    def desk(self) -> Shell:
        """The shell: records, clock, who is signed in."""
        return cast(Shell, cast(Any, self).app)

    def job(
        self, work: Job, *, group: str = "job", exclusive: bool = False, holds: float | None = None
    ) -> Worker[None]:
        """Run ``work`` beside the interface. Reads may be ``exclusive`` (the last one wins); a write never is.

        What ``holds`` the keys (so many seconds at most; 0: not at all) is over, or asks somebody, before the next key
        is handed on; unless said otherwise, that is all but what is exclusive. What is asked for often is given as a
        function: a coroutine that is overtaken before it began would complain.
        """
        node = cast(Any, self)
        seconds = (0.0 if exclusive else HELD) if holds is None else holds
        holding = node.app.typeahead.hold(seconds) if seconds else nullcontext()
        worker: Worker[None] = node.run_worker(
            partial(self._watched, work, holding), group=group, exclusive=exclusive, exit_on_error=False
        )
        return worker

    def once(
        self, work: Callable[[], Coroutine[Any, Any, object]], *, group: str, holds: float | None = None
    ) -> Worker[None] | None:
        """As :meth:`job`, unless one of ``group`` is still under way: what is pressed twice is done once."""
        begun = vars(self).setdefault("_begun", {})
        if (before := begun.get(group)) is not None and not before.is_finished:
            return None
        begun[group] = worker = self.job(work, group=group, holds=holds)
        return worker

    def let_keys_go(self) -> None:
        """Within a job that holds the keys: the rest of it may take long, and a key may be what stops it."""
        cast(Any, self).app.typeahead.let_go()

    async def _watched(self, work: Job, holding: AbstractContextManager[None]) -> None:
        try:
            with holding:
                await (work() if callable(work) else work)
        except NoMatches as error:
            # whoever left while a job was reading took the widgets along: nothing is wrong
            if cast(Any, self)._pruning or not cast(Any, self).is_attached:
                return
            self.refused(error)
        except Exception as error:
            self.refused(error)

    def refused(self, error: Exception) -> None:
        """What to do with a refusal or a bug in a job; a form overrides it to show the sentence at its foot."""
        self.desk.fault(error)


class DeskScreen(Working, Leaving, Screen[Result]):
    """A place of the console. Subclasses give :meth:`body`, and :meth:`reload` where they show records."""

    #: one or two sentences for F1: what this screen is for
    ABOUT = ""
    #: whether one can go elsewhere from here; not before somebody has signed in
    PLACE = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Styles are up to date with the theme when a screen is made; Textual would read them all again for each mode.
        self._css_update_count = self.app._css_update_count
        # So is its size: a class for it that came later would have everything styled twice.
        size = self.app.size
        for cells, marks in ((size.width, self.HORIZONTAL_BREAKPOINTS), (size.height, self.VERTICAL_BREAKPOINTS)):
            fitting = [name for least, name in sorted(marks or ()) if cells >= least]
            self.add_class(*fitting[-1:], update=False)

    def compose(self) -> ComposeResult:
        yield StatusLine()
        if self.PLACE:
            yield KeyBar()
        yield from self.body()
        yield HintBar()

    def body(self) -> ComposeResult:
        """The screen's own widgets."""
        yield from ()

    async def reload(self) -> None:
        """Read and show the records anew. Called when the screen is shown first, comes back after somebody wrote,
        while it is in sight whenever somebody writes, and each minute."""

    def commands(self) -> Sequence[Command]:
        """Commands for the palette beside those that have a key; those that can't be done now say why."""
        return ()

    # -- kept up to date by the shell ------------------------------------------------------------------------

    _seen_revision = -1
    _reading: Worker[None] | None = None
    #: nothing that was pressed here has led to what is read now, or was read last
    by_itself = False

    def on_mount(self) -> None:
        self.show_status()
        self.freshen()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        # Nothing was restyled meanwhile: a change of theme is counted, and then taken up by the app.
        event.refresh_styles = False
        self.show_status()
        self.query(KeyBar).refresh()
        if self._seen_revision != self.desk.revision:
            self.freshen()

    def freshen(self, *, by_itself: bool = False) -> None:
        """Reload beside the interface; of several at once the last one wins.

        The next key waits for it, as it may be about what is read now; not where it is read ``by_itself`` (a minute has
        passed, another counter wrote), nor before anybody has signed in.
        """
        self._seen_revision = self.desk.revision
        self.read_anew(self.reload, by_itself=by_itself)

    def read_anew(self, read: Callable[[], Coroutine[Any, Any, object]], *, by_itself: bool = False) -> None:
        """Begin ``read`` in the place of what was being read. If keys wait for that, they wait for this instead."""
        waited_for = self._reading is not None and not self._reading.is_finished and not self.by_itself
        self.by_itself = by_itself and not waited_for
        holds = 0.0 if self.by_itself or self.desk.who is None else READ
        self._reading = self.job(read, group="reload", exclusive=True, holds=holds)

    async def has_read(self) -> None:
        """Wait until what is being read stands there."""
        while self._reading is not None and not self._reading.is_finished:
            with suppress(WorkerError):  # the next one took its place
                await self._reading.wait()

    def show_status(self) -> None:
        """Draw the status line as things stand."""
        now = self.desk.now().astimezone(self.desk.zone)
        for line in self.query(StatusLine):
            line.show(self.desk.status, now)


class DeskModal(Working, Leaving, ModalScreen[Result]):
    """A form or list over another screen."""

    ABOUT = ""
