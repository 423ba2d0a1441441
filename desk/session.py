"""One console's hold on the records: opened behind the first paint, used from threads, plain data out.

Nothing of the store is imported at the top: loading it costs more than painting the shell. The threads are two for
reading and one for writing, so that writes keep their order and a read never waits for a slow one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from desk import i18n
from desk.i18n import _
from desk.text import short_number
from desk.widgets.status import Next, Status

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.store import Store

T = TypeVar("T")
log = logging.getLogger(__name__)

#: between two looks whether a copy of the records is due
_COPY_LOOK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works here, as screens need to know them."""

    id: UUID
    name: str
    number: str = ""
    department: str = ""
    duties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Founding:
    """What the set-up screen asks: a new estate, or the demonstration one."""

    name: str = ""
    #: name of a rulebook in data/rulebooks
    manual: str = "residential"
    language: str = "zh_CN"
    #: name and duties of those who work here
    staff: Sequence[tuple[str, tuple[str, ...]]] = ()
    demo: bool = False
    #: whether nobody is to work without a PIN
    pins: bool = False


@dataclass(frozen=True, slots=True)
class CameUp:
    """What the clock's hand brought: how many, and the first of them in words."""

    count: int = 0
    first: tuple[str, ...] = ()


@dataclass
class DeskSession:
    """The store, the estate's ledger and its staff; ``place`` None is the user's own file."""

    place: str | Path | None = None
    #: name of the estate, where the store holds several
    estate: str | None = None
    store: Store | None = None
    ledger: Ledger | None = None
    staff: tuple[Colleague, ...] = ()
    #: who has a PIN, whether everybody needs one, and minutes without a key until the console locks itself (0: never)
    with_pin: frozenset[UUID] = frozenset()
    pins_required: bool = False
    idle_minutes: int = 0
    _mark: int | None = None
    _pinyin: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _readers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "desk-read"))
    #: the copy being made, and when to look again whether one is due
    _copying: Future[Any] | None = None
    _copy_looked: datetime | None = None
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "desk-write"))

    @property
    def where(self) -> str:
        """The store as people see it named; empty until it is open."""
        return self.store.place if self.store is not None else ""

    # -- threads ---------------------------------------------------------------------------------------------

    async def read(self, work: Callable[[], T]) -> T:
        """Run ``work`` in a reading thread."""
        return await self._begin(self._readers, work)

    async def write(self, work: Callable[[], T]) -> T:
        """Run ``work`` in the writing thread. Once begun it is carried to its end, whoever stops waiting."""
        return await asyncio.shield(self._begin(self._writer, work))

    @staticmethod
    def _begin(threads: ThreadPoolExecutor, work: Callable[[], T]) -> asyncio.Future[T]:
        try:
            return asyncio.get_running_loop().run_in_executor(threads, work)
        except RuntimeError:
            # the console has closed: nothing has been begun, and whoever asked is not there to be told
            raise asyncio.CancelledError from None

    def finish_writing(self) -> None:
        """Let what is being written come to its end; nothing is begun any more."""
        self._writer.shutdown(wait=True)

    def close(self, *, patient: bool = True) -> None:
        """Let what is being written come to its end, then let go of the store."""
        self.finish_writing()
        self._readers.shutdown(wait=patient, cancel_futures=True)
        if patient and self.store is not None:
            self.store.close()
            self.store = None

    # -- opening (all of this runs in a thread) --------------------------------------------------------------

    def open(self) -> bool:
        """Open the records. False: there are none yet. Raises :class:`Refusal` for whatever is wrong with them."""
        from desk.errors import Refusal
        from desk.ledger import Ledger
        from desk.store import Store, default_place

        if self.store is None:
            try:
                self.store = Store.open(self.place or default_place())
            except Refusal as refusal:
                if refusal.code in ("store.missing", "store.no_folder") and self._ours(refusal):
                    return False
                raise
        try:
            self.ledger = Ledger.only(self.store, self.estate)
        except Refusal as refusal:
            if refusal.code == "estate.none":
                return False
            raise
        self.refresh_staff()
        self._mark = self.store.change_mark()
        return True

    def _ours(self, refusal: Any) -> bool:
        """Whether a missing folder is ours to make: the user's own, not one somebody named."""
        return refusal.code == "store.missing" or self.place is None

    def found(self, asked: Founding, now: datetime) -> tuple[str, str] | None:
        """Make the records and the estate in them. Raises :class:`Refusal`; nothing half-made stays.

        Where PINs are wanted: whose first one was made, and that PIN.
        """
        from desk import resources
        from desk.ledger import Ledger
        from desk.procedures.estate import open_estate
        from desk.procedures.people import StaffData
        from desk.store import Store, default_place

        if self.store is None:
            self.store = Store.open(self.place or default_place(), create=True)
        if asked.demo:
            from desk import demo

            demo.load(self.store, now, language=asked.language, manual=asked.manual)
        else:
            open_estate(
                self.store,
                asked.name,
                resources.path(f"rulebooks/{asked.manual}.toml"),
                None,
                asked.language,
                [StaffData(name, duties) for name, duties in asked.staff],
                now,
            )
        self.ledger = Ledger.only(self.store, None if asked.demo else asked.name)
        made = None
        if asked.pins and not asked.demo:
            from desk.ledger import Doing
            from desk.procedures import pins

            made = pins.want_from_the_start(self.ledger, Doing(now))
        self.refresh_staff()
        return made

    def refresh_staff(self) -> None:
        """Read anew who works here."""
        from sqlmodel import col, select

        from desk.models import Pin, Staff
        from desk.queries.pins import settings_in

        assert self.store is not None
        assert self.ledger is not None
        query = (
            select(Staff)
            .where(Staff.estate_id == self.ledger.estate_id, col(Staff.active).is_(True))
            .order_by(col(Staff.number), col(Staff.id))  # without numbers as they were taken on
        )
        with self.store.read() as session:
            self.staff = tuple(
                Colleague(s.id, s.name, s.number, s.department, tuple(s.duties)) for s in session.exec(query)
            )
            pinned = session.exec(select(Pin.staff_id).where(Pin.estate_id == self.ledger.estate_id))
            self.with_pin = frozenset(pinned)
            said = settings_in(session, self.ledger.estate_id)
            self.pins_required, self.idle_minutes = said.required, said.idle_minutes

    def pinyin(self) -> dict[str, tuple[str, ...]]:
        """Pinyin and initials by name of everybody who works here; made when first asked for, it costs to load."""
        from desk.pinyin import person_keys

        for person in self.staff:
            if person.name not in self._pinyin:
                self._pinyin[person.name] = tuple(sorted(person_keys(person.name)))
        return self._pinyin

    # -- the clock's hand (in a thread) ----------------------------------------------------------------------

    def changed(self) -> bool:
        """Whether anybody has written since this was asked last."""
        if self.store is None or self.ledger is None:
            return False
        mark = self.store.change_mark()
        before, self._mark = self._mark, mark
        if mark == before:
            return False
        self.refresh_staff()
        return True

    def tick(self, now: datetime) -> CameUp:
        """Let steps and recurring duties come up by ``now``."""
        from desk.ledger.tick import tick

        ledger = self.ledger
        assert ledger is not None
        ledger.refresh()
        up = tick(ledger, now)
        rules = ledger.book.rules
        names = [i18n.pick(rules[step.rule_id].title) for step in up.steps[:3] if step.rule_id in rules]
        names += [i18n.pick(rules[rule].title) for rule in up.duties[:3] if rule in rules]
        self._keep_copies(now)
        return CameUp(len(up.steps) + len(up.duties), tuple(names[:3]))

    def _keep_copies(self, now: datetime) -> None:
        """See that a copy of the records is made at the start and at each day's end, beside the work.

        Raises :class:`Refusal` when the last one could not be made, ``store.little`` when the disk fills up.
        """
        if self._copying is not None:
            if self._copying.done():
                done, self._copying = self._copying, None
                done.result()
            return
        if self._copy_looked is not None and timedelta() <= now - self._copy_looked < _COPY_LOOK:
            return
        first, self._copy_looked = self._copy_looked is None, now
        store, ledger = self.store, self.ledger
        assert ledger is not None
        if store is None or store.path is None or store.read_only:
            return
        from desk.errors import Refusal
        from desk.store import backups, reserve

        path = store.path
        reserve.lay_down(path)
        newest = next((copy.made_at for copy in backups.copies(path)), None)
        day_over = newest is not None and ledger.calendar.end_of_duty(newest) <= now
        if newest is None or day_over or (first and now - newest > backups.FRESH):
            why = "start" if first else "day"
            self._copying = self._readers.submit(backups.make, path, why, now, backups.also())
        left = reserve.left(path)
        if left is not None and left < reserve.LITTLE:
            raise Refusal("store.little", place=store.place, left=left // 1_000_000)

    # -- records that can't be opened (in a thread) ----------------------------------------------------------

    def unlock(self, place: str, passphrase: str) -> None:
        """Give the passphrase of the encrypted file at ``place``. Raises :class:`Refusal` ``store.passphrase``."""
        from desk.store import cipher

        cipher.give(passphrase)
        cipher.recognised(Path(place))

    def locked_backup(self) -> str | None:
        """The newest backup, where the records are damaged or gone and its passphrase is not known yet."""
        from desk.errors import Refusal
        from desk.store import Store, backups, cipher, default_place, sqlite

        place = self.place or default_place()
        try:
            with Store.open(place, read_only=True):
                return None
        except Refusal as refusal:
            if refusal.code not in ("store.corrupt", "store.gone", "store.not_a_database"):
                return None
        for copy in backups.copies(sqlite.absolute(place), backups.also())[:1]:
            try:
                cipher.recognised(copy.path)
            except Refusal as refusal:
                if refusal.code in ("store.encrypted", "store.passphrase"):
                    return str(copy.path)
        return None

    def backup_there(self) -> tuple[Any, Any] | None:
        """The newest whole backup and what putting it back would lose, where the records are damaged or gone."""
        from desk.errors import Refusal
        from desk.store import Store, backups, default_place, sqlite

        place = self.place or default_place()
        try:
            with Store.open(place, read_only=True) as store:
                if not store.check():
                    return None
        except Refusal as refusal:
            if refusal.code not in ("store.corrupt", "store.gone", "store.not_a_database"):
                return None
        path = sqlite.absolute(place)
        copy = backups.newest_good(path, backups.also())
        return (copy, backups.lost(path, copy.path)) if copy is not None else None

    def put_back(self, copy: Any, now: datetime) -> Path | None:
        """Put a backup in the place of the records; returns where what was there is kept. Raises :class:`Refusal`."""
        from desk.store import backups, default_place, sqlite

        if self.store is not None:
            self.store.close()
            self.store = None
        return backups.put_back(sqlite.absolute(self.place or default_place()), copy.path, now)

    def status(self, now: datetime, who: Colleague | None) -> Status:
        """What the status line says."""
        from desk import wording  # noqa: F401 - loaded here, so that the interface need not wait for it
        from desk.queries.status import status
        from desk.when import show_time

        ledger = self.ledger
        assert ledger is not None
        with ledger.store.read() as session:
            found = status(ledger, session, now, who.id if who else None)
        season = [i18n.pick(text) for text in (found.season, found.day_name) if text]
        if not found.open_now:
            season.append(_("desk closed"))
        row = found.due.next
        coming = None
        if row is not None and row.due_at is not None:
            words = " ".join(filter(None, (short_number(row.number), i18n.pick(row.title))))
            coming = Next(row.due_at, show_time(row.due_at, ledger.zone, now), words)
        return Status(
            found.estate,
            " ".join(season),
            found.shift,
            who.name if who else "",
            found.due.overdue,
            found.due.soon,
            coming,
        )

    # -- who acts (in a thread) ------------------------------------------------------------------------------

    def pin_asked_of(self, who: Colleague) -> bool:
        """Whether ``who`` must give a PIN. Raises :class:`Refusal` ``pin.none`` where they must and have none."""
        from desk.procedures import pins

        assert self.ledger is not None
        return pins.asked_of(self.ledger, who.id)

    def check_pin(self, who: Colleague, pin: str, now: datetime) -> bool:
        """Whether it is a first one. Raises :class:`Refusal` ``pin.*`` for a wrong one."""
        from desk.procedures import pins

        assert self.ledger is not None
        return pins.check(self.ledger, who.id, pin, now)

    def choose_pin(self, who: Colleague, old: str, new: str, now: datetime) -> None:
        """Change one's own. Raises :class:`Refusal` ``pin.*``."""
        from desk.procedures import pins

        assert self.ledger is not None
        pins.choose(self.ledger, old, new, self.doing(now, who, None, None))

    def require(self, right: str, who: Colleague, now: datetime) -> None:
        """Hold ``who`` to a right of :mod:`desk.grants`. Raises :class:`Refusal` ``grant.denied``, and records it."""
        from desk.ledger import permits

        assert self.ledger is not None
        permits.require(self.ledger, self.doing(now, who, None, None), right)

    def reveal(self, subject: tuple[str, UUID], who: Colleague, now: datetime) -> None:
        """Note that ``who`` sees a number in full, where anything can be written. Raises ``grant.denied``."""
        from desk.errors import Refusal
        from desk.procedures import privacy

        self.require("telephone", who, now)
        assert self.ledger is not None
        try:
            privacy.reveal(self.ledger, subject, self.doing(now, who, None, None))
        except Refusal as refusal:
            # the number is needed even where nothing can be recorded any more
            if not refusal.code.startswith("store."):
                raise

    # -- acts (in a thread) ----------------------------------------------------------------------------------

    def doing(self, now: datetime, who: Colleague, at: datetime | None, by: UUID | None, **more: Any) -> Doing:
        """Who does it and when, for the ledger."""
        from desk.ledger import Doing

        return Doing(now, by=by or who.id, recorded_by=who.id, at=at, **more)

    def read_with(self, read: Callable[[Ledger, Session], T]) -> T:
        """Run ``read`` in a short session."""
        assert self.ledger is not None
        with self.ledger.store.read() as session:
            return read(self.ledger, session)

    def keep_draft(
        self, form: str, content: Mapping[str, Any], draft_id: UUID | None, who: UUID | None, now: datetime
    ) -> UUID | None:
        """Write a draft down; an empty one is taken away."""
        from desk.procedures import drafts

        assert self.ledger is not None
        if content:
            return drafts.save(self.ledger, form, dict(content), now, staff_id=who, draft_id=draft_id)
        if draft_id is not None:
            drafts.drop(self.ledger, draft_id)
        return None

    def kept_draft(self, form: str, who: UUID | None) -> tuple[UUID, Mapping[str, Any]] | None:
        """The draft last kept."""
        from desk.procedures import drafts

        assert self.ledger is not None
        found = drafts.kept(self.ledger, form=form, staff_id=who)
        return (found[0].id, found[0].content) if found else None
