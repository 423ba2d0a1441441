"""The week's complaints counted and summed up (S2-31; R-12; F-16): the week that is over, Monday to Sunday.

The text stays as it was recorded; it names no residents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, or_, select

from desk.errors import Refusal
from desk.i18n import N_, _
from desk.ledger import Doing, Entry, Ledger, Row
from desk.models import Deadline, Subject, Ticket
from desk.privacy import mask_numbers
from desk.procedures.verbs import NOTE, Param, Values, Verb, day_id
from desk.queries.reports import RegisterRow, register
from desk.vocabulary import CHANNELS, UNFINISHED

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WeekReport:
    """The complaints that came in one week, and what has become of them up to ``now``."""

    monday: date
    received: int
    #: how many came the week before
    former: int
    finished: int
    unfinished: int
    #: with a deadline missed, met late or not at all
    late: int
    satisfied: int
    unsatisfied: int
    #: how they came, and against whom: word and number, the most frequent first
    channels: Sequence[tuple[str, int]]
    departments: Sequence[tuple[str, int]]
    lines: Sequence[RegisterRow]


def week_before(ledger: Ledger, at: datetime) -> date:
    """The Monday of the local week before the one ``at`` lies in."""
    today = at.astimezone(ledger.zone).date()
    return today - timedelta(days=today.weekday() + 7)


def week_report(ledger: Ledger, session: Session, monday: date, now: datetime) -> WeekReport:
    """The report of the week that began on ``monday`` (a local date), as it stands at ``now``."""
    since, until = _midnight(ledger, monday), _midnight(ledger, monday + _WEEK)
    said = ledger.book.settings.get("complaints", ("complaint",))
    kinds = [said] if isinstance(said, str) else list(said)
    rows = [each for each in _all(ledger, session, kinds, since, until) if each.opened_at <= now]
    outcomes = Counter(row.outcome for row in rows)
    return WeekReport(
        monday=monday,
        received=len(rows),
        former=len(_all(ledger, session, kinds, _midnight(ledger, monday - _WEEK), since)),
        finished=sum(1 for row in rows if row.status not in UNFINISHED),
        unfinished=sum(1 for row in rows if row.status in UNFINISHED),
        late=_late(ledger, session, rows, now),
        satisfied=outcomes["satisfied"],
        unsatisfied=outcomes["unsatisfied"],
        channels=_channels(ledger, session, rows),
        departments=Counter(row.department for row in rows if row.department).most_common(),
        lines=rows,
    )


def _all(ledger: Ledger, session: Session, kinds: Sequence[str], since: datetime, until: datetime) -> list[RegisterRow]:
    page = register(ledger, session, kinds, since, until, limit=100_000)
    return [row for row in page.rows if row.status != "cancelled"]


def _late(ledger: Ledger, session: Session, rows: Sequence[RegisterRow], now: datetime) -> int:
    ids = [row.ticket_id for row in rows]
    missed = or_(
        col(Deadline.met_at) > col(Deadline.due_at), col(Deadline.open).is_(True) & (col(Deadline.due_at) < now)
    )
    query = select(Deadline.root_id).where(
        Deadline.estate_id == ledger.estate_id, col(Deadline.root_id).in_(ids), Deadline.step == 0, missed
    )
    return len(set(session.exec(query)))


def _channels(ledger: Ledger, session: Session, rows: Sequence[RegisterRow]) -> list[tuple[str, int]]:
    query = select(Ticket).where(
        Ticket.estate_id == ledger.estate_id, col(Ticket.id).in_([row.ticket_id for row in rows])
    )
    return Counter(str(ticket.facts.get("channel", "")) for ticket in session.exec(query)).most_common()


def week_text(ledger: Ledger, report: WeekReport, summary: str = "") -> str:
    """The report to read, print or send, without residents' names and numbers."""
    sunday = report.monday + timedelta(days=6)
    head = _("{estate} · complaints of the week {first} to {last}")
    lines = [
        head.format(estate=ledger.name, first=f"{report.monday:%Y-%m-%d}", last=f"{sunday:%m-%d}"),
        _("Received {n}, the week before {former}").format(n=report.received, former=report.former),
        _("Finished {finished}, unfinished {unfinished}, with a deadline missed {late}").format(
            finished=report.finished, unfinished=report.unfinished, late=report.late
        ),
        _("At the callback: satisfied {good}, not satisfied {bad}").format(
            good=report.satisfied, bad=report.unsatisfied
        ),
    ]
    for title, counts in ((_("How they came"), report.channels), (_("Against"), report.departments)):
        if counts:
            lines.append(
                _("{label}: ").format(label=title)
                + _(", ").join(f"{_(CHANNELS.get(word, word))} {n}" for word, n in counts)
            )
    lines.append("")
    for place, row in enumerate(report.lines, 1):
        state = _("unfinished") if row.status in UNFINISHED else row.result or _("finished")
        what = mask_numbers(" ".join((row.what or "").split()))
        lines.append(f"{place}. " + " ".join(filter(None, (row.number, row.room, what, f"[{mask_numbers(state)}]"))))
    if not report.lines:
        lines.append(_("nothing"))
    if summary:
        lines += ["", _("Summary: {text}").format(text=summary)]
    return "\n".join(lines)


def _count(entry: Entry, day: Subject, values: Values) -> None:
    """The week is summed up; the figures are facts, the text stays as it was."""
    ledger, at = entry.ledger, entry.doing.happened_at
    monday = week_before(ledger, at)
    if values.get("week") is not None:
        local = values["week"].astimezone(ledger.zone).date()
        monday = local - timedelta(days=local.weekday())
        if monday > at.astimezone(ledger.zone).date():
            raise Refusal("week.to_come", day=local)
    report = week_report(ledger, entry.session, monday, at)
    entry.on(
        day,
        "day.week_counted",
        facts={"complaints": report.received, "unfinished_complaints": report.unfinished},
        words={
            "report": week_text(ledger, report, values["summary"]),
            "summary": values["summary"],
            "note": values.get("note"),
        },
    )


def _figures(ledger: Ledger, row: Row | None, doing: Doing) -> str:
    at = doing.happened_at
    with ledger.store.read() as session:
        return week_text(ledger, week_report(ledger, session, week_before(ledger, at), at))


def _midnight(ledger: Ledger, day: date) -> datetime:
    return datetime.combine(day, time(), ledger.zone).astimezone(UTC)


VERBS = (
    Verb(
        "count-week",
        "day.week_counted",
        N_("Weekly complaint statistics"),
        _count,
        params=(
            Param("summary", "prose", N_("Summary of the week"), required=True),
            Param("week", "time", N_("A day of the week meant; else the week before")),
            NOTE,
        ),
        subject="day",
        of=day_id,
        shows=_figures,
    ),
)
