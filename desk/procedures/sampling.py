"""The manager's check of callbacks, drawn at random, every callback of the month equally likely (S2-28; R-11).

The draw puts the month's callbacks in the order of a digest of a random seed and each one's id, and takes the first:
whoever has the seed can draw again and gets the same ones. The seed is made here, never given, and stands in the event,
as does every further draw of the same month with its reason. ``settings.sample_size``: how many are drawn (5).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from sqlmodel import Session, col, select

from desk.errors import Refusal
from desk.i18n import N_, _, ngettext
from desk.ledger import Doing, Entry, Ledger, Row
from desk.models import Callback, Subject
from desk.procedures.verbs import NOTE, Param, Values, Verb
from desk.queries.naming import matters_of
from desk.queries.reports import month_of

SIZE = 5


def draw(population: Iterable[UUID], size: int, seed: str) -> list[UUID]:
    """``size`` of ``population`` by ``seed``: the same ones whatever order they come in."""
    return sorted(population, key=lambda ident: hashlib.sha256(f"{seed}:{ident}".encode()).digest())[:size]


def callbacks_of(ledger: Ledger, session: Session, month: str) -> list[UUID]:
    """The callbacks made in a local month (``2026-10``): whoever was called, with whatever outcome."""
    since, until = _bounds(ledger, month)
    query = select(Callback.id).where(
        Callback.estate_id == ledger.estate_id,
        col(Callback.outcome).is_not(None),
        col(Callback.done_at) >= since,
        col(Callback.done_at) < until,
    )
    return sorted(session.exec(query))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A callback of the sample."""

    callback_id: UUID
    ticket_id: UUID
    number: str
    room: str
    what: str
    outcome: str | None
    done_at: datetime | None
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A draw, to be checked."""

    month: str
    seed: str
    #: callbacks of the month when it was drawn, and now
    population: int
    now: int
    #: whether drawing again with the seed gives the same ones
    agrees: bool
    lines: tuple[Drawn, ...]


def latest_sample(ledger: Ledger, session: Session, month: str | None = None) -> Sample | None:
    """The latest draw, or that of a month, drawn again to see that it agrees. Raises ``sample.month``."""
    draws = _draws(ledger, session, _month(month) if month else None)
    if not draws:
        return None
    facts = draws[-1].facts
    chosen = [UUID(ident) for ident in facts["chosen"]]
    population = callbacks_of(ledger, session, facts["month"])
    query = select(Callback).where(Callback.estate_id == ledger.estate_id, col(Callback.id).in_(chosen))
    rows = {row.id: row for row in session.exec(query)}
    matters = matters_of(session, ledger.estate_id, {row.ticket_id for row in rows.values()})
    lines = []
    for row in (rows[ident] for ident in chosen):
        matter = matters[row.ticket_id]
        lines.append(
            Drawn(
                row.id,
                row.ticket_id,
                matter.number,
                matter.room,
                matter.what,
                row.outcome,
                row.done_at,
                row.reviewed_at,
            )
        )
    return Sample(
        month=facts["month"],
        seed=facts["seed"],
        population=facts["of"],
        now=len(population),
        agrees=draw(population, len(chosen), facts["seed"]) == chosen,
        lines=tuple(lines),
    )


def _draw(entry: Entry, sample: Subject, values: Values) -> None:
    ledger, at = entry.ledger, entry.doing.happened_at
    month = _month(values["month"]) if values.get("month") else former_month(ledger, at)
    if _bounds(ledger, month)[1] > at:
        raise Refusal("sample.not_over", month=month)
    if not values.get("reason") and _draws(ledger, entry.session, month):
        raise Refusal("sample.again", month=month)
    size = values.get("size", ledger.book.settings.get("sample_size", SIZE))
    if size < 1 or int(size) != size:
        raise Refusal("sample.size", value=size)
    population = callbacks_of(ledger, entry.session, month)
    seed = secrets.token_hex(8)
    chosen = draw(population, int(size), seed)
    known = {"month": month, "seed": seed}
    ids = [str(ident) for ident in chosen]
    entry.on(
        sample,
        "sample.drawn",
        sets={**known, "status": "done", "drawn_at": at, "of": len(population), "chosen": ids},
        facts={**known, "population": len(population), "drawn": len(chosen)},
        words={"reason": values.get("reason"), "note": values.get("note")},
    )
    for ident in chosen:
        # drawn is drawn: one that was read before is read again
        entry.on(entry.row("callback", ident), "callback.drawn", sets={"sample": sample.id, "reviewed_at": None})


def _draws(ledger: Ledger, session: Session, month: str | None) -> list[Subject]:
    query = select(Subject).where(
        Subject.estate_id == ledger.estate_id, Subject.type == "sample", Subject.status == "done"
    )
    found = [row for row in session.exec(query) if row.facts.get("seed")]
    of_month = [row for row in found if month in (None, row.facts["month"])]
    return sorted(of_month, key=lambda row: (row.facts["month"], row.facts["drawn_at"]))


def former_month(ledger: Ledger, at: datetime) -> str:
    """The local month before the one ``at`` lies in."""
    first = at.astimezone(ledger.zone).date().replace(day=1)
    return f"{first - timedelta(days=1):%Y-%m}"


def _month(text: str) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise Refusal("sample.month", text=text)
    return text


def _bounds(ledger: Ledger, month: str) -> Sequence[datetime]:
    year, number = month.split("-")
    return month_of(ledger, date(int(year), int(number), 1))


def _former(ledger: Ledger, row: Row | None, doing: Doing) -> str:
    month = former_month(ledger, doing.happened_at)
    with ledger.store.read() as session:
        n = len(callbacks_of(ledger, session, month))
        lines = [ngettext("{month}: {n} callback", "{month}: {n} callbacks", n).format(month=month, n=n)]
        if _draws(ledger, session, month):
            lines.append(_("Drawn already: say why you draw again."))
    return "\n".join(lines)


def _fresh(ledger: Ledger, doing: Doing) -> UUID:
    return uuid5(ledger.estate_id, f"sample@{doing.happened_at.astimezone(UTC).isoformat()}")


VERBS = (
    Verb(
        "draw-sample",
        "sample.drawn",
        N_("Draw callbacks to check"),
        _draw,
        params=(
            Param("month", "text", N_("Month, like 2026-10; else the one before")),
            Param("size", "number", N_("How many")),
            Param("reason", "text", N_("Why drawn again")),
            NOTE,
        ),
        subject="sample",
        of=_fresh,
        shows=_former,
    ),
)
