"""A shift handed over: who leaves signs what they have read, who comes reads it, notes what differs, and signs.

What is signed is the very sheet that was on the screen (:func:`desk.queries.handovers.sheet`): had anything been
written since it was read, signing is refused and it must be read again. From then on the snapshot never changes; its
digest stands in the signed event. Sources: S0-25, S0-26, S0-28, S0-29.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from desk.errors import Refusal
from desk.i18n import N_
from desk.ledger import Doing, Entry, Ledger, chain
from desk.models import Handover, Ticket, new_id
from desk.procedures.verbs import LONG, Param, Values, Verb
from desk.rulebook import Rulebook
from desk.text import clean
from desk.vocabulary import LIVE

#: a sheet read longer ago than this is read again: what has come due since must be on it
FRESH = timedelta(minutes=10)


def sign_out(ledger: Ledger, snapshot: Mapping[str, Any], doing: Doing, notes: str | None = None) -> UUID:
    """Sign a sheet (its ``snapshot``) on leaving, with notes for whoever comes. Returns the handover.

    The rulebook may stand before it: it is told whether an ``emergency`` is open, whether this is the ``last_duty`` of
    the day, and how many open matters are ``uncarried``, without a reason for staying open.
    Raises :class:`Refusal` ``handover.not_yours``, ``handover.changed``, ``guard.*``.
    """
    with ledger.write(doing) as entry:
        at = doing.happened_at
        if doing.by is None or snapshot["staff"] != str(doing.by):
            raise Refusal("handover.not_yours")
        read_at = datetime.fromisoformat(snapshot["at"])
        head = (entry.head.head_seq, entry.head.head_hash)
        if (snapshot["head_seq"], snapshot["head_hash"]) != head or not timedelta() <= at - read_at <= FRESH:
            raise Refusal("handover.changed")
        since = datetime.fromisoformat(snapshot["since"])
        kept = json.loads(json.dumps(snapshot))
        row = Handover(
            estate_id=entry.estate_id,
            id=new_id(),
            outgoing=doing.by,
            since=since,
            signed_out_at=at.astimezone(UTC),
            snapshot=kept,
        )
        entry.session.add(row)
        entry.session.flush()
        totals = snapshot["totals"]
        entry.on(
            row,
            "handover.signed_out",
            sets={"outgoing": doing.by, "since": since, "signed_out_at": at, "snapshot_digest": chain.digest(kept)},
            facts={
                "emergency": totals["emergencies"] > 0,
                "last_duty": _last_duty(ledger, at),
                "uncarried": totals["uncarried"],
            },
            words={"notes": clean(notes, LONG, lines=True) if notes else None},
        )
        return row.id


def _last_duty(ledger: Ledger, at: datetime) -> bool:
    """Whether the desk opens no more on this local day."""
    zone = ledger.zone
    return all(start <= at for start, _ in ledger.calendar.intervals(at.astimezone(zone).date()))


def _sign_in(entry: Entry, row: Handover, values: Values) -> None:
    by, at = entry.doing.by, entry.doing.happened_at
    zone = entry.ledger.zone
    # where one person keeps the desk, they take it over from themselves, on another day
    if by == row.outgoing and at.astimezone(zone).date() == row.signed_out_at.astimezone(zone).date():
        raise Refusal("handover.same_person")
    entry.on(
        row,
        "handover.signed_in",
        sets={"incoming": by, "signed_in_at": at},
        words={"differences": values.get("differences")},
    )
    if by is not None and by != row.outgoing:
        _pass_on(entry, row.outgoing, by)


def _pass_on(entry: Entry, leaving: UUID, coming: UUID) -> None:
    """What the one who leaves follows up passes to the one on duty, where the manual says so; who heard it first stays
    its first contact (S3-04, S3-09)."""
    kinds = [kind for kind, owner in entry.ledger.book.settings.get("owner", {}).items() if owner == "on_duty"]
    query = select(Ticket).where(
        Ticket.estate_id == entry.estate_id,
        Ticket.owner == leaving,
        col(Ticket.status).in_(LIVE),
        col(Ticket.kind).in_(kinds),
    )
    for ticket in entry.session.exec(query.order_by(col(Ticket.opened_at))).all() if kinds else ():
        chain = [*ticket.facts.get("chain", [str(leaving)]), str(coming)]
        sets = {"owner": coming, "chain": chain}
        entry.on(ticket, "ticket.followed_on", sets=sets, facts={"former_owner": leaving})


def _may_sign_in(book: Rulebook, row: Handover) -> Refusal | None:
    return Refusal("handover.signed_in", name=row.incoming) if row.signed_in_at else None


def _review(entry: Entry, row: Handover, values: Values) -> None:
    """A supervisor's comment; there may be several. Nobody reviews a handover of their own."""
    if entry.doing.by in (row.outgoing, row.incoming):
        raise Refusal("handover.own")
    sets = {"reviewed_at": entry.doing.happened_at}
    entry.on(row, "handover.reviewed", sets=sets, words={"comment": values["comment"]})


VERBS = (
    Verb(
        "sign-in",
        "handover.signed_in",
        N_("Sign on taking over"),
        _sign_in,
        subject="handover",
        may=_may_sign_in,
        params=(Param("differences", "prose", N_("Differences found")),),
    ),
    Verb(
        "review-handover",
        "handover.reviewed",
        N_("Review the handover"),
        _review,
        subject="handover",
        params=(Param("comment", "prose", N_("Comment"), required=True),),
    ),
)
