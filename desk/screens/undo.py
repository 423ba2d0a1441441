"""Taking back the last entry: what it was is said first, and asked once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from desk.i18n import _
from desk.widgets.dialog import Confirm

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.app import DeskApp
    from desk.ledger import Doing, Ledger
    from desk.procedures.corrections import LastAct


async def take_back(app: DeskApp, root: UUID | None = None) -> None:
    """Take back what the person signed in recorded last, on ``root`` (a ticket) or anywhere.

    Raises :class:`Refusal` ``undo.*`` where it can't be.
    """
    who = app.who
    if who is None:
        return

    def read(ledger: Ledger, session: Session) -> LastAct | None:
        from desk.procedures.corrections import last_act

        return last_act(ledger, who.id, root)

    last = await app.reading(read)
    if last is None:
        app.say(_("There is nothing of yours to take back."))
        return
    if last.refusal is not None:
        raise last.refusal
    from desk import wording

    what = " ".join(filter(None, (wording.title(last.names[0]), last.number)))
    assert app.zone is not None
    when = wording.moment(last.happened_at, app.zone, app.now())
    question = Confirm(_("Take back “{what}” of {when}?").format(what=what, when=when))
    if not await app.push_screen_wait(question) or app.who is not who:
        return  # or somebody else sits here by now

    def write(ledger: Ledger, doing: Doing) -> bool:
        from desk.procedures.corrections import undo

        undo(ledger, last.batch, doing)
        return True

    if await app.writing(write):
        app.say(_("Taken back: {what}.").format(what=what))
