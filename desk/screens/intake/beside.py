"""What stands beside the form is read as the form is filled in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from desk.errors import Refusal
from desk.i18n import _
from desk.screens.base import DeskScreen
from desk.screens.intake import reading
from desk.screens.intake.fields import Caller
from desk.screens.intake.form import IntakeForm
from desk.screens.intake.side import Card, Coming, Side
from desk.text import mask_phone
from desk.typeahead import READ
from desk.widgets.text import dot

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

    from desk.ledger import Ledger


class Beside(DeskScreen[None]):
    """Card, prompts and what follows, kept to what the form says."""

    form: IntakeForm
    side: Side

    # -- who calls -------------------------------------------------------------------------------------------

    def on_intake_form_called(self, event: IntakeForm.Called) -> None:
        event.stop()
        caller = event.caller
        if caller.room_id or caller.person_id:
            # keys wait: the next one may be about what stands on it, a ticket to be joined
            self.job(partial(self._read_card, caller), group="card", exclusive=True, holds=READ)
        else:
            words = dot().join(filter(None, (caller.room, caller.name, mask_phone(caller.phone))))
            self._show_card(Card(words, (_("Not on record: taken as typed."),), known=False))
            if caller.room:
                self._locate(caller.room)
        self._refresh_coming()

    def on_intake_form_located(self, event: IntakeForm.Located) -> None:
        event.stop()
        self._locate(event.room)

    def _locate(self, room: str) -> None:
        async def look() -> None:
            found = await self.desk.reading(lambda ledger, session: reading.find_room(ledger, session, room))
            if found is not None:
                self.form.locate(found)

        self.job(look, group="locate", exclusive=True)

    async def _read_card(self, caller: Caller) -> None:
        now, sight = self.desk.now(), self.desk.sight()
        (card, known), bookable = await self.desk.reading(
            lambda ledger, session: (
                reading.read_card(ledger, session, caller, sight),
                reading.bookable(ledger, session, now, caller.room_id),
            )
        )
        if self.form.caller != caller:
            return  # somebody else by now
        self._show_card(card)
        self._tell_bookable(bookable)
        if known != caller:
            self.form.know(known)
            self._refresh_coming()

    def _tell_bookable(self, at: datetime | None) -> None:
        """From when visits may be booked, while the workload of the caller's project is full (S4-16)."""
        full = _("The workload is full: book from {at}.")
        self.form.details.tell_workload(full.format(at=self.desk.clock.show(at)) if at is not None else "")

    def _show_card(self, card: Card) -> None:
        self.side.show_card(card)
        self.refresh_bindings()

    # -- what kind, and what saving opens --------------------------------------------------------------------

    def on_intake_form_chosen(self, event: IntakeForm.Chosen) -> None:
        event.stop()
        self.job(partial(self._prompt, event.kind), group="prompts", exclusive=True)
        self._refresh_coming()

    async def _prompt(self, kind: str) -> None:
        def read(ledger: Ledger, session: Session) -> tuple[str, ...]:
            from desk.prompts import card

            return card(ledger.book, "intake", kind)

        lines = await self.desk.reading(read)
        if (chosen := self.form.chosen) is not None and chosen.id == kind:  # and not another by now, or none
            self.side.show_prompts(lines)

    def _refresh_coming(self) -> None:
        self.job(self._read_coming, group="coming", exclusive=True)

    async def _read_coming(self) -> None:
        kind, caller, now = self.form.chosen, self.form.caller, self.desk.now()
        if kind is None:
            self.side.show_ring(())
            self.side.show_coming(())
            return
        try:
            facts = self.form.facts()
        except Refusal:
            return  # a half-typed time: what stood there stands until it can be read
        emergency = any(facts.get(name) for name in ("emergency", "trapped", "harm"))

        def read(ledger: Ledger, session: Session) -> tuple[tuple[str, ...], list[Coming]]:
            ring = reading.to_ring(ledger, session, now) if emergency else ()
            return ring, reading.preview(ledger, kind.id, facts, caller, now)

        ring, coming = await self.desk.reading(read)
        if self.form.chosen is not kind or self.form.caller != caller:
            return  # it was read for what stood there before
        self.side.show_ring(ring)
        self.side.show_coming(coming)
