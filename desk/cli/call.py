"""One call of the command line: which store, who, when, and how refusals leave."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from desk import i18n
from desk.cli.show import say
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.privacy import TOLD, Sight

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.queries.staff import StaffRow
    from desk.store import Store

T = TypeVar("T")
#: exit codes, documented in the help
REFUSED, USAGE, ASKED, NO_STORE, FAULT = 1, 2, 3, 4, 70

_ASKS = (
    "guard.ask",
    "guard.approve",
    "cli.grave",
    "adopt.ask",
    "restore.ask",
    "move.ask",
    "encrypt.ask",
    "forget.ask",
    "retention.ask",
)
#: how a command goes on where the rules ask first
_HINTS = {
    "guard.ask": N_("Repeat the command with --yes to do it."),
    "guard.approve": N_("Repeat the command with --approved-by and the name of who approved it."),
}
_USAGE = ("language.unknown", "cli.usage", "cases.unreadable")


def exit_code(refusal: Refusal) -> int:
    """What a refusal leaves the command with."""
    if refusal.code in _ASKS:
        return ASKED
    if refusal.code in _USAGE:
        return USAGE
    return NO_STORE if refusal.code.startswith("store.") else REFUSED


@dataclass
class Call:
    """What the shared options say; the store is opened when first asked for, and closed at the end."""

    db: str | None = None
    estate: str | None = None
    as_: str | None = None
    by: str | None = None
    at: str | None = None
    json: bool = False
    yes: bool = False
    full: bool = False
    approved_by: str | None = None
    clock: datetime = field(default_factory=lambda: datetime.now(UTC))
    #: the PIN that was given, once ``me`` is known
    pin: str | None = None
    #: for the commands that change it
    first_pin_will_do: bool = False
    #: identity numbers that were written and not stored in full
    noticed: list[str] = field(default_factory=list)
    #: what of people this call shows; numbers in full only after :meth:`sight`, names only to whom they are for
    seen: Sight = field(default_factory=lambda: Sight(names=False))
    _open: Store | None = None

    @classmethod
    @contextmanager
    def of(cls, ctx: typer.Context, given: Mapping[str, Any]) -> Iterator[Call]:
        """The call of a command: its own options, else those before the command. Refusals become exit codes."""
        before: Mapping[str, Any] = ctx.obj or {}
        values: dict[str, Any] = {
            name: given.get(name) or before.get(name) for name in ("db", "estate", "as_", "by", "at", "approved_by")
        }
        call = cls(
            clock=datetime.now(UTC),
            **values,
            json=bool(given.get("json_") or before.get("json_")),
            yes=bool(given.get("yes")),
            full=bool(given.get("full")),
        )
        try:
            if lang := given.get("lang"):
                i18n.install(lang)
            yield call
            if call.noticed:
                say(_(TOLD))
        except Refusal as refusal:
            say(call.sentence(refusal))
            if hint := _HINTS.get(refusal.code):
                say(_(hint))
            raise typer.Exit(exit_code(refusal)) from refusal
        finally:
            if call._open is not None:
                call._open.close()

    # -- where -----------------------------------------------------------------------------------------------

    @property
    def place(self) -> Any:
        """The store named, or the user's own."""
        from desk.store import default_place

        return self.db or default_place()

    @cached_property
    def store(self) -> Store:
        """The open store. Raises :class:`Refusal` ``store.*``."""
        from desk.store import Store

        self.unlock(self.place)
        try:
            self._open = Store.open(self.place)
        except Refusal as refusal:
            if refusal.code != "store.read_only":
                raise
            # what cannot be written can still be looked at; writing then says so
            self._open = Store.open(self.place, read_only=True)
        return self._open

    def unlock(self, place: Any) -> None:
        """Ask for the passphrase of an encrypted file, three times at most; what is none needs none.

        Raises :class:`Refusal` ``store.encrypted``, ``store.passphrase``, ``store.cipher``.
        """
        from desk.store import cipher, sqlite

        if "://" in str(place):
            return
        path = sqlite.absolute(place)
        for tries in range(4):
            try:
                if os.access(path, os.R_OK):
                    cipher.recognised(path)
                return
            except Refusal as refusal:
                asked = refusal.code in ("store.encrypted", "store.passphrase") and tries < 3
                if asked and tries:
                    say(self.sentence(refusal))
                given = self.secret(_("Passphrase of {file}").format(file=path)) if asked else None
                if given is None:
                    raise
                cipher.give(given)

    @cached_property
    def ledger(self) -> Ledger:
        """The estate's ledger. Raises :class:`Refusal` ``estate.*``, ``store.*``."""
        from desk.ledger import Ledger

        return Ledger.only(self.store, self.estate)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A short session for queries."""
        with self.ledger.store.read() as session:
            yield session

    # -- when ------------------------------------------------------------------------------------------------

    @property
    def zone(self) -> ZoneInfo:
        return self.ledger.zone

    @cached_property
    def now(self) -> datetime:
        """``--at``, else the machine's clock. A list's moment; an act's time."""
        return self.time(self.at) if self.at else self.clock

    def time(self, text: str, zone: ZoneInfo | None = None) -> datetime:
        """A time as people type it, without a zone the estate's. Raises :class:`Refusal` ``time.unclear``."""
        from desk.when import parse_time

        zone = zone or self.zone
        return parse_time(text, self.clock if text == self.at else self.now, zone)

    def day(self, text: str) -> date:
        """A local date as people type it. Raises :class:`Refusal` ``time.unclear``."""
        from desk.when import parse_day

        return parse_day(text, self.now, self.zone)

    def since(self, text: str) -> datetime:
        """A time; a date alone is that local day's beginning. Raises :class:`Refusal` ``time.unclear``."""
        return self._bound(text, 0)

    def until(self, text: str) -> datetime:
        """A time not included; a date alone is that local day's end. Raises :class:`Refusal` ``time.unclear``."""
        return self._bound(text, 1)

    def _bound(self, text: str, end: int) -> datetime:
        from desk.queries.reports import day_of

        try:
            return day_of(self.ledger, self.day(text))[end]
        except Refusal:
            return self.time(text)

    # -- who -------------------------------------------------------------------------------------------------

    def person(self, text: str) -> StaffRow:
        """A member of staff by name or number. Raises :class:`Refusal` ``staff.no_such``."""
        from desk.queries.staff import staff_named

        with self.reading() as session:
            return staff_named(session, self.ledger.estate_id, text)

    @cached_property
    def me(self) -> StaffRow:
        """Who records: ``--as``, ``DESK_AS``, or the only one who works here; their PIN given, where they have one.

        Raises :class:`Refusal` ``cli.who``, ``pin.*``.
        """
        from desk.queries.staff import staff_list

        if named := self.as_ or os.environ.get("DESK_AS"):
            me = self.person(named)
        else:
            with self.reading() as session:
                people = staff_list(session, self.ledger.estate_id)
            if len(people) != 1:
                raise Refusal("cli.who", known=[person.name for person in people])
            me = people[0]
        self.pin = self._prove(me, "DESK_PIN")
        self.ledger.who = me.id
        return me

    def _prove(self, person: StaffRow, variable: str) -> str | None:
        """The PIN of ``person``, asked for or from the environment, and found right; None where none is asked for.

        Raises :class:`Refusal` ``pin.*``.
        """
        from desk.procedures import pins

        if not pins.asked_of(self.ledger, person.id):
            return None
        pin = os.environ.get(variable) or self.secret(_("PIN of {name}").format(name=person.name))
        if pin is None:
            raise Refusal("pin.asked", name=person.name, variable=variable)
        # the machine's clock, never --at: that would be a way round the lock
        if pins.check(self.ledger, person.id, pin, self.clock) and not self.first_pin_will_do:
            raise Refusal("pin.first", name=person.name)
        return pin

    @staticmethod
    def secret(question: str) -> str | None:
        """Ask for something nobody is to see; None where there is no terminal to ask at."""
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return None
        return str(typer.prompt(question, hide_input=True, err=True))

    def allowed(self, right: str) -> None:
        """Hold what records no event (an export, a backup) to a right of :mod:`desk.grants`.

        Where nobody is named and nobody has a PIN it is let through, as scripts had it before there were any.
        Raises :class:`Refusal` ``grant.denied``, ``cli.who``, ``pin.*``; what is denied is recorded.
        """
        from desk.ledger import permits
        from desk.queries import pins

        if not self.named and not pins.settings(self.ledger).used:
            return
        permits.require(self.ledger, self.doing(), right)

    def allowed_whole(self, right: str) -> None:
        """As :meth:`allowed`, for what is done to all records, whichever estates they are of, and needs them closed.

        Where they can't be opened there is nobody to ask about: whoever has the file may do it.
        """
        from desk.ledger import permits

        try:
            if self.named or permits.pins_used(self.store):
                self.allowed(right)
        except Refusal as refusal:
            if not refusal.code.startswith("store.") and refusal.code != "estate.none":
                raise

    def let_go(self) -> None:
        """Close the store again, for what puts another in its place."""
        if self._open is not None:
            self._open.close()
        self._open = None
        for name in ("store", "ledger", "me"):
            self.__dict__.pop(name, None)

    @property
    def named(self) -> bool:
        """Whether somebody is named as the one who acts."""
        return bool(self.as_ or os.environ.get("DESK_AS"))

    def sight(self, full: bool = False, *, files: bool = False) -> Sight:
        """What of people is shown: numbers masked unless ``full`` is asked for and the duty allows it.

        Names are masked for those whose duty does not need them, and in ``files`` for everybody who has not asked for
        all in full. Who asks for it must say who they are.
        Raises :class:`Refusal` ``grant.denied``, ``cli.who``, ``pin.*``; what is denied is recorded.
        """
        from desk.ledger import permits

        if full:
            for right in ("telephone", "names"):
                permits.require(self.ledger, self.doing(), right)
            self.seen = Sight(names=True, phones=True)
        elif files:
            self.seen = Sight(names=False)
        else:
            who = self.person(self.as_ or os.environ["DESK_AS"]).id if self.named else None
            with self.reading() as session:
                may = permits.why_not(session, self.ledger.estate_id, "names", who) is None
            self.seen = Sight(names=may and (self.named or not permits.pins_used(self.store)))
        return self.seen

    def shown(self, rows: T, about: tuple[str, UUID] | None = None) -> T:
        """``rows`` of a query as they are shown, in full where ``--full`` asks for it and the duty allows it.

        That is recorded, of the person or matter ``about``, or of the whole list. Raises as :meth:`sight`.
        """
        sight = self.sight(self.full)
        if self.full:
            from desk.procedures import privacy

            privacy.reveal(self.ledger, about or ("estate", self.ledger.estate_id), self.doing())
        found: T = sight.over(rows)
        return found

    @cached_property
    def approver(self) -> UUID | None:
        """Who approved it, their PIN given where they have one. Raises ``Refusal`` ``staff.no_such``, ``pin.*``."""
        if not self.approved_by:
            return None
        person = self.person(self.approved_by)
        self._prove(person, "DESK_APPROVER_PIN")
        return person.id

    def doing(self) -> Doing:
        """Who acts and when."""
        from desk.ledger import Doing

        by = self.person(self.by).id if self.by else self.me.id
        return Doing(
            now=self.clock,
            by=by,
            recorded_by=self.me.id,
            at=self.now if self.at else None,
            confirmed=self.yes,
            approved_by=self.approver,
            noticed=self.noticed,
        )

    # -- words -----------------------------------------------------------------------------------------------

    def sentence(self, refusal: Refusal) -> str:
        """A refusal in words, with the estate's clock and names where there is an estate."""
        from desk import wording

        if self._open is None or "ledger" not in self.__dict__:
            return wording.sentence(refusal)
        return wording.sentence(refusal, zone=self.zone, name_of=self.name_of, now=self.clock)

    def name_of(self, ident: UUID) -> str:
        """The name of a member of staff."""
        from desk.queries.naming import names_of

        with self.reading() as session:
            return names_of(session, self.ledger.estate_id, [ident]).get(ident) or _("somebody else")

    def moment(self, at: datetime | None, *, seconds: bool = False, until: bool = False) -> str:
        """A time as short as it is clear; nothing for None. ``until``: the end of a limit."""
        from desk.wording import moment

        return moment(at, self.zone, self.now, seconds=seconds, until=until) if at is not None else ""
