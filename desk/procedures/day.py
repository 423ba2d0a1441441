"""The desk's day: what is carried over to the next, taken up again, and the report upward at its end.

Sources: S0-17, S0-25, S0-26, S0-28.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.ledger import Entry, Ledger
from desk.models import Room, Subject, Ticket
from desk.procedures.verbs import MEANS, NOTE, WHY, Param, Values, Verb, day_id, present, unfinished
from desk.rulebook import Rulebook
from desk.vocabulary import UNFINISHED

# -- carried over --------------------------------------------------------------------------------------------


def _carry_over(entry: Entry, ticket: Ticket, values: Values) -> None:
    """It can't be dealt with today: why, and all the circumstances for whoever is on duty tomorrow (S0-25, S0-28)."""
    entry.on(
        ticket,
        "ticket.carried_over",
        sets={"carried": True},
        words={"reason": values["reason"], "note": values["note"]},
    )


def _may_carry(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if ticket.facts.get("carried"):
        return Refusal("carry.already", number=ticket.number)
    return unfinished(book, ticket)


def _pick_up(entry: Entry, ticket: Ticket, values: Values) -> None:
    """The next day's desk writes the order or record it still lacks and tells the department (S0-26)."""
    entry.on(ticket, "ticket.picked_up", sets={"carried": None}, words={"note": values.get("note")})
    to, department = values.get("to"), values.get("department")
    if to is None and department is None:
        return
    sets = {"department": department or ticket.department}
    if ticket.status == "open":
        sets["status"] = "assigned"
    if to is not None:
        sets["assignee"] = entry.staff(to).id
    entry.on(ticket, "ticket.told", sets=sets, facts={"to": to, "told_to": department, "means": values.get("means")})


def _may_pick_up(book: Rulebook, ticket: Ticket) -> Refusal | None:
    if not ticket.facts.get("carried"):
        return Refusal("carry.not", number=ticket.number)
    return unfinished(book, ticket)


# -- the report upward ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReportLine:
    number: str
    room: str
    what: str
    status: str
    grade: str | None


@dataclass(frozen=True, slots=True)
class DayReport:
    """The day's major complaints and its repairs, and how many matters of each kind came in (S0-17)."""

    day: str
    #: kind, opened today, of them finished
    counts: Sequence[tuple[str, int, int]]
    major: Sequence[ReportLine]
    repairs: Sequence[ReportLine]
    carried: int


def day_report(ledger: Ledger, session: Session, now: datetime) -> DayReport:
    """The report of the local day of ``now``, up to ``now``."""
    local = now.astimezone(ledger.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    query = select(Ticket).where(
        Ticket.estate_id == ledger.estate_id,
        Ticket.opened_at >= midnight.astimezone(UTC),
        Ticket.opened_at < (midnight + timedelta(days=1)).astimezone(UTC),
        Ticket.opened_at <= now,
        Ticket.status != "cancelled",
    )
    today = list(session.exec(query.order_by(col(Ticket.opened_at), col(Ticket.number))))
    rooms = _rooms(session, ledger.estate_id, {each.room_id for each in today if each.room_id})
    repair = ledger.book.settings.get("repair_kind", "repair")
    return DayReport(
        day=f"{local:%Y-%m-%d}",
        counts=[
            (kind, len(of), sum(1 for each in of if each.status not in UNFINISHED))
            for kind in ledger.book.kinds
            if (of := [each for each in today if each.kind == kind])
        ],
        major=[_line(each, rooms) for each in today if each.facts.get("grade") == "major"],
        repairs=[_line(each, rooms) for each in today if each.kind == repair],
        carried=sum(1 for each in today if each.facts.get("carried")),
    )


def _rooms(session: Session, estate_id: UUID, ids: set[UUID]) -> dict[UUID, str]:
    query = select(Room).where(Room.estate_id == estate_id, col(Room.id).in_(ids))
    return {room.id: room.code for room in session.exec(query)}


def _line(ticket: Ticket, rooms: dict[UUID, str]) -> ReportLine:
    room = rooms.get(ticket.room_id, "") if ticket.room_id else ticket.room_text or ""
    what = (ticket.what or "").replace("\n", " ")
    return ReportLine(ticket.number, room or ticket.place or "", what, ticket.status, ticket.facts.get("grade"))


def report_text(ledger: Ledger, report: DayReport) -> str:
    """The report to print or send, without residents' names and numbers."""
    lines = [_("{estate} · daily report {day}").format(estate=ledger.name, day=report.day)]
    for kind, opened, finished in report.counts:
        title = pick(ledger.book.kinds[kind].title)
        lines.append(
            _("{kind}: {opened} received, {finished} finished").format(kind=title, opened=opened, finished=finished)
        )
    lines.append(_("Carried over: {count}").format(count=report.carried))
    for title, rows in ((_("Major complaints"), report.major), (_("Repairs"), report.repairs)):
        lines += ["", f"{title} ({len(rows)})"]
        lines += [_report_line(place, row) for place, row in enumerate(rows, 1)] or [_("nothing")]
    return "\n".join(lines)


def _report_line(place: int, row: ReportLine) -> str:
    state = _("unfinished") if row.status in UNFINISHED else _("finished")
    return f"{place}. " + " ".join(part for part in (row.number, row.room, row.what, state) if part)


def _report_day(entry: Entry, day: Subject, values: Values) -> None:
    """Sent to the superior; the text stays as it was sent."""
    if values.get("whom") is not None:
        entry.staff(values["whom"])
    report = day_report(entry.ledger, entry.session, entry.doing.happened_at)
    entry.on(
        day,
        "day.reported",
        facts={"whom": values.get("whom"), "listed": len(report.major) + len(report.repairs)},
        words={"report": report_text(entry.ledger, report), "note": values.get("note")},
    )


VERBS = (
    Verb(
        "carry-over",
        "ticket.carried_over",
        N_("Carry over to the next day"),
        _carry_over,
        params=(WHY, Param("note", "prose", N_("All circumstances"), required=True)),
        may=_may_carry,
    ),
    Verb(
        "pick-up",
        "ticket.picked_up",
        N_("Take up what was carried over"),
        _pick_up,
        params=(
            Param("department", "text", N_("Department told"), start=present("department")),
            Param("to", "staff", N_("Who was told"), start=present("assignee")),
            MEANS,
            NOTE,
        ),
        may=_may_pick_up,
    ),
    Verb(
        "report-day",
        "day.reported",
        N_("Report the day upward"),
        _report_day,
        params=(Param("whom", "staff", N_("Reported to"), duty="manager"), NOTE),
        subject="day",
        of=day_id,
    ),
)
