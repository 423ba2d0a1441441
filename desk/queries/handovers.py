"""Handovers: the sheet before it is signed, past ones as they were signed, the one that waits, a sheet to print.

Times are aware UTC. Source: S0-29.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from rich.cells import cell_len
from sqlmodel import Session, col, func, select

from desk.errors import Refusal
from desk.i18n import _, pick
from desk.ledger import Ledger, chain
from desk.models import Event, Handover, Shift
from desk.queries.naming import names_of
from desk.queries.page import Key, Page
from desk.queries.sheet_visits import SECTIONS, VisitLine, said_of
from desk.queries.sheets import Sheet, sheet, thaw
from desk.queries.slips import wrapped
from desk.queries.then import texts_then
from desk.vocabulary import EVENTS, STATUSES, STEPS
from desk.when import ending

__all__ = ["Comment", "HandoverRow", "HandoverView", "Sheet", "one", "past", "sheet", "sheet_text", "since", "waiting"]

_LONGEST = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """A handover in a list."""

    id: UUID
    outgoing_id: UUID
    outgoing: str
    incoming_id: UUID | None
    incoming: str
    since: datetime
    signed_out_at: datetime
    signed_in_at: datetime | None
    reviewed_at: datetime | None
    notes: str
    differences: str
    totals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Comment:
    """What a supervisor wrote about a handover."""

    at: datetime
    by: str
    text: str | None


@dataclass(frozen=True, slots=True)
class HandoverView:
    """One handover: its row, the sheet as it was signed, what supervisors wrote."""

    row: HandoverRow
    sheet: Sheet
    comments: tuple[Comment, ...]
    #: whether the snapshot is the one whose digest was signed
    intact: bool


def since(ledger: Ledger, session: Session, staff_id: UUID, now: datetime) -> datetime:
    """When the person came: their shift's arrival, else where the sheet they took over ended, else the day's beginning;
    a second sheet begins where one ended."""
    came = session.exec(
        select(func.max(Shift.arrived_at)).where(
            Shift.estate_id == ledger.estate_id,
            Shift.staff_id == staff_id,
            col(Shift.starts_at).between(now - _LONGEST, now + _LONGEST),
            col(Shift.arrived_at) <= now,
            col(Shift.left_at).is_(None),
        )
    ).first()
    signed = session.exec(
        select(func.max(Handover.signed_out_at)).where(
            Handover.estate_id == ledger.estate_id, Handover.outgoing == staff_id, col(Handover.signed_out_at) <= now
        )
    ).first()
    # whoever came without a turn on the roster took over a sheet: theirs goes on where that one ended
    took = session.exec(
        select(func.max(Handover.signed_out_at)).where(
            Handover.estate_id == ledger.estate_id,
            Handover.incoming == staff_id,
            col(Handover.signed_in_at).between(now - _LONGEST, now),
        )
    ).first()
    start = came or datetime.combine(now.astimezone(ledger.zone).date(), time(), ledger.zone).astimezone(UTC)
    if came is None and took is not None:
        start = max(start, took)
    return max(start, signed) if signed is not None else start


def past(ledger: Ledger, session: Session, *, limit: int = 50, after: Key | None = None) -> Page[HandoverRow]:
    """Handovers, the latest first."""
    query = select(Handover).where(Handover.estate_id == ledger.estate_id)
    if after is not None:
        at, ident = after
        signed = col(Handover.signed_out_at)
        query = query.where((signed < at) | ((signed == at) & (col(Handover.id) < ident)))
    query = query.order_by(col(Handover.signed_out_at).desc(), col(Handover.id).desc()).limit(limit + 1)
    found = session.exec(query).all()
    rows = _handover_rows(ledger, session, found[:limit])
    last = found[limit - 1] if len(found) > limit else None
    return Page(tuple(rows), (last.signed_out_at, last.id) if last is not None else None)


def waiting(ledger: Ledger, session: Session) -> HandoverRow | None:
    """The latest handover, if nobody has signed for it yet: the next person does, if need be next morning."""
    query = select(Handover).where(Handover.estate_id == ledger.estate_id)
    found = session.exec(query.order_by(col(Handover.signed_out_at).desc()).limit(1)).first()
    if found is None or found.signed_in_at is not None:
        return None
    return _handover_rows(ledger, session, [found])[0]


def one(ledger: Ledger, session: Session, handover_id: UUID) -> HandoverView:
    """A handover as it was signed. Raises :class:`Refusal` ``subject.unknown``."""
    found = session.get(Handover, (ledger.estate_id, handover_id))
    if found is None:
        raise Refusal("subject.unknown", type="handover", id=str(handover_id))
    reviews = session.exec(
        select(Event)
        .where(Event.estate_id == ledger.estate_id, Event.subject_id == handover_id, Event.name == "handover.reviewed")
        .order_by(col(Event.happened_at))
    ).all()
    texts = texts_then(session, ledger.estate_id, [event.id for event in reviews], None, "comment")
    names = names_of(session, ledger.estate_id, [event.done_by for event in reviews])
    comments = tuple(
        Comment(event.happened_at, names.get(event.done_by, "") if event.done_by else "", texts.get(str(event.id)))
        for event in reviews
    )
    signed = session.exec(
        select(Event.sets).where(
            Event.estate_id == ledger.estate_id, Event.subject_id == handover_id, Event.name == "handover.signed_out"
        )
    ).one()
    return HandoverView(
        row=_handover_rows(ledger, session, [found])[0],
        sheet=thaw(ledger, session, found.snapshot),
        comments=comments,
        intact=signed.get("snapshot_digest") == chain.digest(found.snapshot),
    )


def _handover_rows(ledger: Ledger, session: Session, found: Sequence[Handover]) -> list[HandoverRow]:
    names = names_of(session, ledger.estate_id, [ident for row in found for ident in (row.outgoing, row.incoming)])
    return [
        HandoverRow(
            id=row.id,
            outgoing_id=row.outgoing,
            outgoing=names.get(row.outgoing, ""),
            incoming_id=row.incoming,
            incoming=names.get(row.incoming, "") if row.incoming else "",
            since=row.since,
            signed_out_at=row.signed_out_at,
            signed_in_at=row.signed_in_at,
            reviewed_at=row.reviewed_at,
            notes=row.notes or "",
            differences=row.differences or "",
            totals=row.snapshot.get("totals", {}),
        )
        for row in found
    ]


# -- on paper -----------------------------------------------------------------------------------------------


def sheet_text(
    ledger: Ledger,
    sheet: Sheet,
    row: HandoverRow | None = None,
    *,
    notes: str | None = None,
    width: int | None = None,
) -> str:
    """The sheet as plain text in the language in force, for screen or printer.

    ``row`` adds notes and signatures; before it is signed, ``notes`` are those written so far. ``width`` breaks lines
    to so many cells, what follows a break set in.
    """
    lines = _lines(ledger, sheet, row, notes)
    if width is not None:
        lines = (part for line in lines for part in _broken(line, width))
    return "\n".join(lines) + "\n"


def _broken(line: str, width: int) -> Iterator[str]:
    if cell_len(line) <= width:
        yield line
        return
    indent = len(line) - len(line.lstrip(" "))
    for n, part in enumerate(wrapped(line, width - indent - 2)):
        yield " " * (indent + (2 if n else 0)) + part


def _lines(ledger: Ledger, sheet: Sheet, row: HandoverRow | None, notes: str | None) -> Iterator[str]:
    def at(moment: datetime | None) -> str:
        return f"{moment.astimezone(ledger.zone):%Y-%m-%d %H:%M}" if moment is not None else ""

    def until(moment: datetime | None) -> str:
        return "{} {}".format(*ending(moment.astimezone(ledger.zone))) if moment is not None else ""

    def section(title: str, name: str, shown: int, lines: Iterator[str]) -> Iterator[str]:
        total = sheet.totals.get(name, shown)
        yield ""
        yield f"{title} ({total})"
        yield from lines
        if total > shown:
            yield "  " + _("… and {count} more").format(count=total - shown)

    yield _("Shift handover") + " · " + sheet.estate
    yield _("{name}, from {since} to {at}").format(name=sheet.staff, since=at(sheet.since), at=at(sheet.at))
    done = [f"{_(EVENTS[name].title)} {count}" for name, count in sheet.done.items()]
    if done:
        yield " · ".join(done)
    guests: dict[str, tuple[VisitLine, ...]] = {"visits": sheet.visits, "messages": sheet.messages}
    for name, title in SECTIONS.items():
        if name in sheet.totals:
            lines = (
                _joined(line.number, at(line.came_at), *(words.replace("\n", " ") for words in said_of(line)), line.who)
                for line in guests[name]
            )
            yield from section(_(title), name, len(guests[name]), lines)
    kinds = ledger.book.kinds
    yield from section(
        _("Open matters"),
        "open",
        len(sheet.open),
        (
            _joined(
                line.number,
                _("Emergency") if line.emergency else _("Urgent") if line.urgent else "",
                pick(kinds[line.kind].title) if line.kind in kinds else line.kind,
                line.room,
                line.what,
                _("Paused") if line.paused else _(STATUSES[line.status]),
                _("Carried over") if line.carried else "",
                line.who,
            )
            for line in sheet.open
        ),
    )
    yield from section(
        _("Overdue"),
        "overdue",
        len(sheet.overdue),
        (
            _joined(
                until(line.due_at), line.number, _(STEPS[line.then][0]) if line.then else "", pick(line.title), line.who
            )
            for line in sheet.overdue
        ),
    )
    sorts = {"promised": _("Promised finish"), "reply": _("Agreed reply time"), "appointment": _("Appointment")}
    yield from section(
        _("Promised"),
        "promised",
        len(sheet.promised),
        (_joined(at(line.at), line.number, sorts[line.sort], line.room, line.what) for line in sheet.promised),
    )
    yield from section(
        _("Callbacks"),
        "callbacks",
        len(sheet.callbacks),
        (_joined(line.number, at(line.opened_at), line.room, line.what) for line in sheet.callbacks),
    )
    yield from section(
        _("Drafts"),
        "drafts",
        len(sheet.drafts),
        (_joined(at(line.updated_at), line.who, _begun(line.form)) for line in sheet.drafts),
    )
    forgotten = _("(forgotten)")
    yield from section(
        _("Log notes"),
        "notes",
        len(sheet.notes),
        (
            _joined(at(line.at), line.by, forgotten if line.text is None else line.text.replace("\n", " "))
            for line in sheet.notes
        ),
    )
    yield ""
    if row is not None:
        yield _("Notes: {text}").format(text=row.notes or _("none"))
        yield _("Differences: {text}").format(text=row.differences or _("none"))
    elif notes:
        yield _("Notes: {text}").format(text=notes)
    gone = f"{row.outgoing} {at(row.signed_out_at)}" if row is not None else "______________"
    came = f"{row.incoming} {at(row.signed_in_at)}" if row is not None and row.signed_in_at else "______________"
    yield _("Handed over by: {name}").format(name=gone) + "    " + _("Taken over by: {name}").format(name=came)
    # a copy on paper can be held against the ledger
    yield _("Ledger entry {seq}, {hash}").format(seq=sheet.head_seq, hash=sheet.head_hash[:12])


def _begun(form: str) -> str:
    """What a draft was to become, as far as its form's name says so: ``intake``, ``ticket:complete:<id>`` …"""
    subject, _colon, rest = form.partition(":")
    if subject == "intake":
        return _("Intake")
    verb = rest.partition(":")[0]
    return next((_(word.title) for word in EVENTS.values() if verb and word.verb == verb), "")


def _joined(*parts: str | None) -> str:
    return "  " + "  ".join(part for part in parts if part)
