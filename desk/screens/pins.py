"""PINs of everybody (F7, or the palette): first ones given, required of all, and when a console locks itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual.app import ComposeResult
from textual.widgets import Static

from desk.actions import CLOSE, GIVE_PIN, IDLE_LOCK, REMOVE_PIN, REQUIRE_PINS
from desk.i18n import N_, _, ngettext
from desk.screens.base import DeskScreen
from desk.widgets.dialog import Choose, Confirm, Notice
from desk.widgets.keys import bindings
from desk.widgets.table import Column, RecordTable, TableRow
from desk.widgets.text import plain

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Doing, Ledger
    from desk.queries.pins import Settings, Standing

#: minutes offered for the lock
_MINUTES = (2, 5, 10, 15, 30, 60, 0)


class PinsTable(RecordTable):
    """Enter gives a PIN instead of opening anything."""

    BINDINGS = bindings(GIVE_PIN)


class PinsScreen(DeskScreen[None]):
    """Who has one, and what the estate wants."""

    ABOUT = N_(
        "Who has a PIN. Enter gives the marked person a first one (or a new one, if theirs is forgotten); they choose "
        "their own when they sign in. Ctrl+T lets nobody work without one."
    )
    BINDINGS = bindings(REMOVE_PIN, REQUIRE_PINS, IDLE_LOCK, CLOSE)

    def body(self) -> ComposeResult:
        yield Static(plain(_("PINs"), "bold"), id="pins-title")
        yield PinsTable(
            [
                Column("number", _("Staff number"), 8),
                Column("name", _("Name"), 16),
                Column("pin", _("PIN"), 24),
                Column("locked", _("Locked until")),
            ]
        )
        yield Static(plain(" "), id="pins-says")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(RecordTable).focus()

    async def reload(self) -> None:
        def read(ledger: Ledger, session: Session) -> tuple[list[Standing], Settings]:
            from desk.queries import pins

            return pins.standings(ledger), pins.settings_in(session, ledger.estate_id)

        rows, said = await self.desk.reading(read)
        self.said = said
        now = self.desk.now()
        shown = [
            TableRow(
                str(row.staff_id),
                (
                    row.number,
                    row.name,
                    (_("first one, to be changed") if row.first else _("chosen")) if row.has else _("none"),
                    self.desk.clock.show(row.locked_until) if row.locked_until and row.locked_until > now else "",
                ),
                data=row,
            )
            for row in rows
        ]
        self.query_one(RecordTable).fill(shown)
        words = [_("Everybody needs a PIN.") if said.required else _("Who has no PIN signs in without one.")]
        words.append(
            ngettext(
                "A console locks itself after {n} minute without a key.",
                "A console locks itself after {n} minutes without a key.",
                said.idle_minutes,
            ).format(n=said.idle_minutes)
            if said.idle_minutes
            else _("No console locks itself.")
        )
        self.query_one("#pins-says", Static).update(plain("\n".join(words)))

    @property
    def _marked(self) -> Any:
        row = self.query_one(RecordTable).marked
        return row.data if row is not None else None

    def on_record_table_chosen(self, event: RecordTable.Chosen) -> None:
        event.stop()
        self.once(self._give, group="give")

    async def _give(self) -> None:
        row = self._marked
        if row is None:
            return
        question = _("Give {name} a first PIN? A former one is worth nothing any more.").format(name=row.name)
        if not await self.app.push_screen_wait(Confirm(question)):
            return

        def write(ledger: Ledger, doing: Doing) -> str:
            from desk.procedures import pins

            return pins.give(ledger, row.staff_id, doing)

        made = await self.desk.writing(write)
        if made is not None:
            told = _("First PIN of {name}: {pin}. It is shown this once; they choose their own when they sign in.")
            await self.app.push_screen_wait(Notice(told.format(name=row.name, pin=made)))

    def action_remove_pin(self) -> None:
        self.once(self._remove, group="remove")

    async def _remove(self) -> None:
        row = self._marked
        if row is None or not row.has:
            return
        if not await self.app.push_screen_wait(Confirm(_("Take the PIN of {name} away?").format(name=row.name))):
            return
        ident: UUID = row.staff_id

        def write(ledger: Ledger, doing: Doing) -> None:
            from desk.procedures import pins

            pins.remove(ledger, ident, doing)

        await self.desk.writing(write)

    def action_require_pins(self) -> None:
        self.once(self._require, group="require")

    async def _require(self) -> None:
        on = not self.said.required

        def write(ledger: Ledger, doing: Doing) -> None:
            from desk.procedures import pins

            pins.require(ledger, on, doing)

        await self.desk.writing(write)
        self.desk.say(_("Everybody needs a PIN from now on.") if on else _("Who has no PIN signs in without one."))

    def action_idle_lock(self) -> None:
        self.once(self._idle, group="idle")

    async def _idle(self) -> None:
        # with their word: a bare 2 beside the digit that chooses it would be taken for that digit
        options = [
            (str(n), ngettext("{n} minute", "{n} minutes", n).format(n=n) if n else _("never")) for n in _MINUTES
        ]
        question = _("Minutes without a key after which a console locks itself")
        chosen = await self.app.push_screen_wait(Choose(question, options, str(self.said.idle_minutes)))
        if chosen is None:
            return

        def write(ledger: Ledger, doing: Doing) -> None:
            from desk.procedures import pins

            pins.lock_after(ledger, int(chosen), doing)

        await self.desk.writing(write)

    def action_close(self) -> None:
        self.dismiss(None)
