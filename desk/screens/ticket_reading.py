"""What a ticket's page reads, in a thread: plain data, texts ready for the eye."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from desk.errors import Refusal
from desk.i18n import _, ngettext, pick
from desk.privacy import Sight
from desk.text import clean, short_number
from desk.vocabulary import LIVE, STATUSES
from desk.widgets.text import dot

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.ledger import Ledger
    from desk.queries.due import DueRow
    from desk.queries.log import EventRow
    from desk.queries.ownership import Link
    from desk.queries.tickets import AppointmentRow, CallbackState, TicketRow, TicketView
    from desk.screens.ways import Way

#: facts worth a word in the head, and the values that say nothing
_WORTH = (
    "grade large_effect beyond_department liability repair_class warranty area source source_department "
    "code_state named_worker harm agitated lift trapped rescue specialist official host carried "
    "complained_department problem_code leader project missed_appointments reopened reply_at resident_limit due_by "
    "offered_to slip charge meeting customer building told_at parts price_shown visit"
).split()
_PLAIN = {
    "repair_class": "other",
    "warranty": "unknown",
    "area": "in_home",
    "source": "resident",
    "slip": "none",
    "customer": "outside",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the record: ``group`` names its heading, ``data`` is what it stands for."""

    key: str
    group: str
    at: datetime | None
    text: str
    state: str
    data: Any
    style: str = ""


@dataclass(frozen=True, slots=True)
class Doing:
    """An act that makes sense here; ``due_at`` is that of the open deadline it meets."""

    subject: str
    verb: str
    subject_id: UUID | None
    title: str
    why_not: str
    #: pinyin of the title and the verb's own name, to find it by
    keys: tuple[str, ...]
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A ticket as its page shows it."""

    view: TicketView
    entries: Sequence[Entry]
    doings: Sequence[Doing]
    #: by deadline, how it can be done
    ways: Mapping[UUID, Sequence[Way]]


def read_page(
    ledger: Ledger,
    session: Session,
    ticket_id: UUID,
    now: datetime,
    sentence: Callable[[Refusal], str],
    *,
    sight: Sight = Sight(),  # noqa: B008 - frozen
) -> Page:
    """Everything about a ticket, as ``sight`` shows people; ``sentence`` makes words of a refusal.

    Raises :class:`Refusal` ``subject.unknown``.
    """
    from desk.procedures import VERBS
    from desk.queries.tickets import ticket_view
    from desk.screens.ways import named, ways_of

    view: TicketView = sight.over(ticket_view(ledger, session, ticket_id, now, VERBS.values()))
    opened = [row for row in view.deadlines if row.met_at is None and row.cancelled_at is None]
    ways = {row.deadline_id: ways_of(ledger, session, row, now) for row in opened}
    meets: dict[tuple[str, str], datetime] = {}
    for row in opened:
        for way in ways[row.deadline_id][:1]:
            if row.due_at is not None:
                meets.setdefault((way.subject, way.verb), row.due_at)
    doings = []
    for state in view.verbs:
        verb = state.verb
        refusal = named(session, ledger, state.refusal)
        why_not = sentence(refusal) if refusal is not None else ""
        title = _(verb.title)
        keys = (verb.name, verb.title, *initials(title))
        due_at = meets.get((verb.subject, verb.name))
        doings.append(Doing(verb.subject, verb.name, state.subject_id, title, why_not, keys, due_at))
    doings.sort(key=lambda doing: (doing.due_at is None, doing.due_at or now))
    calls = _calls(ledger, session, view, now)
    return Page(view, [*calls, *_entries(ledger, view, now)], doings, ways)


def initials(title: str) -> tuple[str, ...]:
    """Pinyin of a title, to find it by."""
    from desk.pinyin import person_keys

    return tuple(sorted(person_keys(title)))


# -- the record ----------------------------------------------------------------------------------------------


def _entries(ledger: Ledger, view: TicketView, now: datetime) -> list[Entry]:
    from desk.queries.ownership import chain

    zone = ledger.zone
    opened = [row for row in view.deadlines if row.met_at is None and row.cancelled_at is None]
    past = [row for row in view.deadlines if row.met_at is not None or row.cancelled_at is not None]
    past.sort(key=lambda row: row.met_at or row.cancelled_at or row.starts_at, reverse=True)
    found = [deadline_entry(row, "deadlines", now, zone) for row in opened]
    found += [_appointment(each) for each in reversed(view.appointments)]
    found += [_callback(each) for each in reversed(view.callbacks)]
    found += [_link(each) for each in chain(view)]
    found += [_linked(each) for each in view.links]
    found += [event_entry(ledger, each, zone, now) for each in reversed(view.events)]
    return found + [deadline_entry(row, "past", now, zone) for row in past]


def deadline_entry(row: DueRow, group: str, now: datetime, zone: ZoneInfo) -> Entry:
    """A deadline as a line of a record, of a ticket or a visit."""
    from desk.screens.ways import to_do
    from desk.wording import moment
    from desk.wording.reasons import missing_words

    text = dot().join(filter(None, (to_do(row), row.who)))
    if row.met_at is not None:
        state = _("met {time}").format(time=moment(row.met_at, zone, now, seconds=row.root_type == "visit"))
    elif row.cancelled_at is not None:
        state = _("withdrawn")
    elif row.paused:
        state = _("paused")
    elif row.due_at is None:
        state = _("to note") if row.step else _("no time yet")
        if row.missing:
            text = dot().join((text, missing_words(row.missing)))
    else:
        state = left_words(row.due_at, now)
    style = "bold" if row.state in ("overdue", "soon") and group == "deadlines" else ""
    style = "overdue" if row.state == "overdue" and group == "deadlines" else style
    return Entry(str(row.deadline_id), group, row.due_at or row.starts_at, text, state, row, style)


def left_words(due_at: datetime, now: datetime) -> str:
    """What is left or past: to the minute within a day, to the hour within four, else in days."""
    from desk.wording import duration

    away = abs(due_at - now)
    if away >= timedelta(days=1):
        away -= timedelta(seconds=away.seconds % 3600 if away < timedelta(days=4) else away.seconds)
    away -= timedelta(seconds=away.seconds % 60, microseconds=away.microseconds)
    if not away:
        return _("now")
    return (_("{time} overdue") if due_at < now else _("{time} left")).format(time=duration(away))


def _appointment(each: AppointmentRow) -> Entry:
    from desk.wording import value

    more = [_("agreed anew: {n}").format(n=each.rebooked) if each.rebooked else ""]
    more.append(_("missed: {n}").format(n=each.missed) if each.missed else "")
    text = dot().join(filter(None, (_("Visit"), *more)))
    return Entry(str(each.id), "appointments", each.at, text, value("status", each.status), each)


def _callback(each: CallbackState) -> Entry:
    from desk.wording import value

    said = filter(None, (each.opinion, each.why))
    outcome = value("outcome", each.outcome) if each.outcome else ""
    tries = _("calls: {n}").format(n=each.attempts) if each.attempts else _("not called yet")
    reviewed = _("read by the supervisor") if each.reviewed_at else ""
    text = dot().join(filter(None, (outcome, tries, *said, reviewed)))
    state = {"open": _("Due"), "done": _("Called back"), "stopped": _("Stopped")}.get(each.status, each.status)
    return Entry(str(each.id), "callbacks", each.done_at or each.opened_at, text, state, each)


def _link(each: Link) -> Entry:
    how = {"first": _("first contact"), "delegated": _("delegated"), "shift": _("with the shift")}[each.how]
    return Entry(
        f"{each.since.isoformat()}{each.name}",
        "chain",
        each.since,
        dot().join(filter(None, (each.name, each.node))),
        how,
        each,
    )


def _calls(ledger: Ledger, session: Session, view: TicketView, now: datetime) -> list[Entry]:
    """Whom to ring, while the matter is urgent and asks for something."""
    from desk.models import Ticket
    from desk.queries.responsible import call_list
    from desk.wording import moment, value

    row = view.row
    if not (row.urgent or row.emergency) or row.status not in LIVE or not ledger.book.responsible:
        return []
    ticket = session.get_one(Ticket, (ledger.estate_id, row.id))
    found = []
    for place, call in enumerate(call_list(ledger, session, ticket, now)):
        who = call.name or _("nobody has this duty: {duty}").format(duty=value("duty", call.duty))
        there = _("on duty") if call.on_duty else ""
        state = _("not rung yet")
        if call.answered_at is not None:
            state = _("answered {time}").format(time=moment(call.answered_at, ledger.zone, now, seconds=True))
        elif call.rung_at is not None:
            state = _("no answer {time}").format(time=moment(call.rung_at, ledger.zone, now, seconds=True))
        text = dot().join(filter(None, (value("role", call.role), f"{who} {call.phone}".strip(), there)))
        style = "dim" if call.answered_at is not None else "bold"
        found.append(Entry(str(place), "calls", call.rung_at, text, state, call, style))
    return found


def _linked(row: TicketRow) -> Entry:
    text = " ".join(filter(None, (short_number(row.number), pick(row.kind_title), row.room, clean(row.what, 120))))
    return Entry(str(row.id), "links", row.opened_at, text, _(STATUSES.get(row.status, row.status)), row)


def event_entry(ledger: Ledger, event: EventRow, zone: ZoneInfo, now: datetime) -> Entry:
    """An entry of the log as a line of a record."""
    from desk.wording import moment, summary

    text = summary(event, zone, ledger.book)
    if event.late:
        text = dot().join((text, _("written down {time}").format(time=moment(event.recorded_at, zone, now))))
    who = event.done_by or _("the clock")
    if event.recorded_by and event.recorded_by != event.done_by:
        who = _("{done} (by {written})").format(done=event.done_by or "?", written=event.recorded_by)
    return Entry(str(event.id), "log", event.happened_at, text, who, event, "dim" if event.undone else "")


# -- the head ------------------------------------------------------------------------------------------------


def title_of(page: Page) -> str:
    """Number, kind, status, room, person, telephone."""
    row = page.view.row
    who = " ".join(filter(None, (row.room, row.person, row.phone)))
    marks = [
        _("EMERGENCY") if row.emergency else "",
        _("urgent") if row.urgent else "",
        _("paused") if row.paused and row.status in LIVE else "",
        ngettext("urged once", "urged {n} times", row.urges).format(n=row.urges) if row.urges else "",
    ]
    parts = (row.number, pick(row.kind_title), _(STATUSES.get(row.status, row.status)), who, *marks)
    return dot().join(filter(None, parts))


def facts_of(page: Page, zone: ZoneInfo, now: datetime, *, reveal: bool) -> list[str]:
    """What else is known, each in a few words."""
    from desk.wording import moment
    from desk.wording.values import field, value

    view, row = page.view, page.view.row

    def titled(name: str, text: str) -> str:
        return _("{field} {value}").format(field=field(name), value=text) if text else ""

    def at(name: str, when: datetime | None) -> str:
        return titled(name, moment(when, zone, now)) if when else ""

    found = [
        titled("owner", row.owner),
        titled("assignee", row.assignee),
        titled("department", view.department),
        titled("first_contact", view.first_contact) if view.first_contact != row.owner else "",
        titled("place", row.place),
        at("appointment", view.appointment),
        at("promised_at", view.promised_at),
        titled("convenient_time", view.convenient_time),
        titled("pause_reason", value("pause_reason", view.pause_reason)) if row.paused else "",
        at("opened_at", row.opened_at),
        at("completed_at", view.completed_at),
        at("closed_at", view.closed_at),
    ]
    for name in _WORTH:
        given = view.facts.get(name)
        if given in (None, "", False, 0) or _PLAIN.get(name) == given:
            continue
        if name.endswith(("_at", "_by", "_limit")):
            found.append(at(name, _moment(given)))
        else:
            found.append(field(name) if given is True else titled(name, value(name, given)))
    if view.facts.get("valid") is False:
        found.append(_("judged invalid"))
    if reveal and view.facts.get("code") and view.facts.get("code_state") in ("made", "told"):
        found.append(_("Verification code {code}").format(code=view.facts["code"]))
    return [clean(part, 120) for part in found if part]


def _moment(given: Any) -> datetime | None:
    if isinstance(given, datetime):
        return given
    try:
        return datetime.fromisoformat(str(given))
    except ValueError:
        return None
