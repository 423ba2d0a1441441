"""A visitor on the console: what is counted, what comes next, and doing it. The board and a visit's page share it.

Limits are the rulebook's; nothing here knows one. Sources: S1-02…S1-10, S1-52…S1-60.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from desk.i18n import N_, _
from desk.screens.ways import AcknowledgeScreen, Way, named, ways_of
from desk.text import clean, mask_phone, short_number
from desk.widgets.dialog import Choose, Pick
from desk.widgets.pick import Find, Item
from desk.widgets.text import dot

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.app import DeskApp
    from desk.ledger import Doing, Ledger
    from desk.procedures.verbs import Done
    from desk.queries.due import DueRow
    from desk.queries.waiting import VisitRow
    from desk.screens.base import DeskScreen

#: what one does next, by what is going on with the visitor (``VisitRow.doing``), the most natural first
NEXT: Mapping[str, tuple[str, ...]] = {
    "waiting": ("serve", "call-colleague", "urgent", "gone"),
    "urgent": ("serve", "call-colleague", "gone"),
    "hold": ("back",),
    "explaining": ("clear-answer", "upgrade", "pass-question"),
    "director": ("clear-answer", "upgrade"),
    "office_director": ("clear-answer", "send-off"),
    "upgraded": ("send-off",),
    "question": ("explain-start", "pass-question"),
    "answered": ("send-off", "explain-start"),
    "business": ("host-in", "host-out", "host-busy", "take-message"),
    "host_in": ("send-off",),
    "host_out": ("take-message", "send-off", "host-in"),
    "host_phone": ("phone-host", "take-message", "host-in"),
    "host_busy": ("host-in", "tea", "take-message", "host-out"),
    "call": ("hold", "open-ticket", "explain-start", "send-off"),
    "leaving": ("pass-message",),
}
#: what comes next at any matter, once somebody is with the visitor
SERVED = ("open-ticket", "explain-start", "send-off", "upgrade", "hold", "pass-question", "call-colleague")

#: after these one sees them out, unless something else is going on
SETTLES = ("visit.answered", "visit.ticket_opened", "visit.message_taken")
_BEFORE = ("waiting", "urgent", "hold", "explaining", "host_in", "host_busy", "leaving")

#: acts that ask for nothing: done with the key itself, and taken back with Ctrl+Z
AT_ONCE: Mapping[str, Mapping[str, Any]] = {
    **{name: {} for name in ("serve", "hold", "back", "explain-start", "clear-answer", "tea")},
    "urgent": {"urgent": True},
}
URGENT = N_("It is urgent")

#: what is going on, in a word or two
STATES: Mapping[str, str] = {
    "urgent": N_("Waiting"),
    "waiting": N_("Waiting"),
    "hold": N_("On hold"),
    "explaining": N_("Explaining"),
    "director": N_("Director"),
    "office_director": N_("Office head"),
    "upgraded": N_("Moved up"),
    "host_in": N_("With the host"),
    "host_busy": N_("Host busy"),
    "host_out": N_("Host is out"),
    "host_phone": N_("Host is out"),
    "leaving": N_("Gone"),
}
#: a limit longer than this is told by the clock and not counted
_COUNTED = timedelta(hours=1)


# -- what is counted -----------------------------------------------------------------------------------------


def running(row: VisitRow) -> DueRow | None:
    """The limit that runs: of several the one that ends first; steps of it apart."""
    timed = [
        each
        for each in row.due
        if not each.step and each.due_at is not None and not each.paused and each.due_at - each.starts_at <= _COUNTED
    ]
    return min(timed, key=lambda each: each.due_at or each.starts_at, default=None)


def clock(span: timedelta) -> str:
    """``2:41``, ``1:02:41``; never negative."""
    minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def counted(row: VisitRow, now: datetime) -> str:
    """How long it has run against its limit, ``2:41/3:00``, with a word when it is over; else how long they waited."""
    from desk.screens.ticket_reading import left_words

    limit = running(row)
    if row.status == "left" and row.next is not None and row.next.due_at is not None:
        return left_words(row.next.due_at, now)  # their message, or what else was promised
    if limit is not None and limit.due_at is not None:
        text = f"{clock(now - limit.starts_at)}/{clock(limit.due_at - limit.starts_at)}"
        # the word comes besides the colour
        return _("{count} over").format(count=text) if over(row, now) else text
    waited = clock(row.waited(now))
    return waited if row.served_at is None and row.ended_at is None else _("waited {time}").format(time=waited)


def over(row: VisitRow, now: datetime) -> bool:
    """Whether the limit that runs has passed."""
    limit = row.next if row.status == "left" else running(row)
    return limit is not None and limit.due_at is not None and limit.due_at < now


def warned(row: VisitRow, now: datetime) -> bool:
    """Whether the limit that runs is near its end."""
    limit = running(row)
    return limit is not None and limit.warn_at is not None and limit.warn_at <= now


def state_words(row: VisitRow) -> str:
    """What is going on, in a word or two."""
    if row.doing in STATES:
        return _(STATES[row.doing])
    return _("On the line") if row.channel == "phone" else _("Being served")


# -- in words ------------------------------------------------------------------------------------------------


def visit_number(row: VisitRow, zone: ZoneInfo, now: datetime) -> str:
    """``W-003`` of today, with month and day where it is of another day."""
    short = short_number(row.number)
    today = row.came_at.astimezone(zone).date() == now.astimezone(zone).date()
    return f"{short[:1]}-{short.rpartition('-')[2]}" if today else short


def who_words(row: VisitRow) -> str:
    """Who they are and what they want, in a line."""
    return dot().join(filter(None, (" ".join(filter(None, (row.name, row.room))), clean(row.what, 120))))


def title_words(row: VisitRow, *, reveal: bool = False) -> str:
    """Number, what is special, who, telephone (masked unless ``reveal``), matter."""
    from desk.wording import value

    phone = row.phone if reveal else mask_phone(row.phone)
    marks = [_("urgent") if row.urgent else "", value("channel", row.channel) if row.channel == "phone" else ""]
    who = " ".join(filter(None, (row.name or _("a visitor"), row.room, phone)))
    return dot().join(filter(None, (short_number(row.number), *marks, who, value("matter", row.matter))))


def about_words(row: VisitRow, now: datetime, at: Any) -> list[str]:
    """What else is known; ``at`` shows a time."""
    from desk.wording import value

    host = " ".join(filter(None, (row.host, value("host_state", row.host_state)))) if row.host_state else row.host
    found = [
        clean(row.what, 300),
        _("here since {time}").format(time=at(row.came_at)),
        # of who still waits the board counts
        _("waited {time}").format(time=clock(row.waited(now))) if row.served_at or row.ended_at else "",
        _("with {name}").format(name=row.served_by) if row.served_by else "",
        value("level", row.level) if row.level else "",
        _("host: {state}").format(state=host) if host else "",
        _("message: {state}").format(state=value("message", row.message)) if row.message else "",
        row.ticket and short_number(row.ticket),
        _("gone {time}").format(time=at(row.ended_at)) if row.ended_at else "",
    ]
    if row.satisfied is not None:
        found.append(value("outcome", "satisfied" if row.satisfied else "unsatisfied"))
    return [words for words in found if words]


# -- what comes next -----------------------------------------------------------------------------------------


def next_ways(ledger: Ledger, session: Session, row: VisitRow, now: datetime) -> list[Way]:
    """What can be done now for a visitor: what is due first, then what is natural. Runs in a thread."""
    from desk.ledger.rows import fetch
    from desk.procedures import find_verb

    due = ways_of(ledger, session, row.next, now) if row.next is not None else []
    able = {way.verb: way for way in due if way.why_not is None and way.subject == "visit"}
    steps = [way for way in due if way.subject == "step"]
    visit = fetch(session, ledger.estate_id, "visit", row.id)
    found = dict(list(able.items())[:1])
    names = NEXT.get(row.doing, ())
    if row.doing not in _BEFORE and _settled(ledger, session, row):
        names = ("send-off", *names)
        if "pass-message" in found:  # which is done once they have gone
            found = {}
    if row.doing not in ("waiting", "urgent", "leaving"):
        names = (*names, *SERVED)
        names = (*names[:1], *(("hold",) if row.channel == "phone" else ()), *names[1:])
    for name in names:
        verb = find_verb("change-visit" if name == "urgent" else name, "visit")
        if name not in found and verb.applies(ledger.book, visit) and verb.may(ledger.book, visit) is None:
            found[name] = Way("visit", name, row.id, URGENT if name == "urgent" else verb.title)
    rest = [way for name, way in able.items() if name not in found]
    # a step that wants only to be told comes before what is merely natural
    return [*steps, *found.values()] if steps and not able else [*found.values(), *steps, *rest]


def _settled(ledger: Ledger, session: Session, row: VisitRow) -> bool:
    """Whether what they came for has been dealt with, and they have not been sent up since."""
    from sqlmodel import col, select

    from desk.models import Event

    query = select(Event.name).where(
        Event.estate_id == ledger.estate_id, Event.root_id == row.id, col(Event.name).in_((*SETTLES, "visit.upgraded"))
    )
    return session.exec(query.order_by(col(Event.seq).desc()).limit(1)).first() in SETTLES


def why_not(ledger: Ledger, session: Session, row: VisitRow, verb: str) -> Any:
    """The refusal of a verb for this visit now, or None. Runs in a thread."""
    from desk.ledger.rows import fetch
    from desk.procedures import find_verb

    visit = fetch(session, ledger.estate_id, "visit", row.id)
    return named(session, ledger, find_verb(verb, "visit").may(ledger.book, visit))


# -- doing it ------------------------------------------------------------------------------------------------


async def do_way(screen: DeskScreen[Any], row: VisitRow, way: Way, busy: Mapping[UUID, str] | None = None) -> None:
    """Do ``way``: at once where nothing is asked, else by the shortest question. Run it in a job of ``screen``.

    ``busy`` says who of the staff is with whom.
    """
    from desk.screens.verb import VerbScreen

    if way.subject == "step" and row.next is not None:
        await screen.app.push_screen(AcknowledgeScreen(row.next))
    elif way.verb in AT_ONCE:
        await record(screen, row.id, "change-visit" if way.verb == "urgent" else way.verb, AT_ONCE[way.verb])
    elif way.verb == "send-off":
        await _send_off(screen, row)
    elif way.verb == "call-colleague":
        await _call_colleague(screen, row, busy or {})
    elif way.verb == "open-ticket":
        await to_intake(screen, row)
    else:
        await screen.app.push_screen(VerbScreen("visit", way.verb, row.id, about(row), ready=True))


def about(row: VisitRow) -> str:
    """A visit in a few words, for the title of a form."""
    return " ".join(filter(None, (short_number(row.number), row.name, row.room, clean(row.what, 60))))


async def record(screen: DeskScreen[Any], visit_id: UUID, verb: str, values: Mapping[str, Any]) -> Done | None:
    """Do a verb of the visit; None where the person answered a guard's question with no."""

    def write(ledger: Ledger, doing: Doing) -> Done:
        from desk.procedures import find_verb
        from desk.procedures.verbs import act

        return act(ledger, find_verb(verb, "visit"), visit_id, values, doing)

    return await screen.desk.writing(write)


async def _send_off(screen: DeskScreen[Any], row: VisitRow) -> None:
    """Seen out; how satisfied they leave is asked with the same key that records it (S1-03, S1-60)."""
    options = [("yes", _("Satisfied")), ("no", _("Not satisfied")), ("", _("Not asked"))]
    question = _("{who} leaves. Satisfied?").format(who=about(row))
    answer = await screen.app.push_screen_wait(Choose(question, options))
    if answer is not None:
        await record(screen, row.id, "send-off", {"satisfied": answer == "yes"} if answer else {})


async def _call_colleague(screen: DeskScreen[Any], row: VisitRow, busy: Mapping[UUID, str]) -> None:
    """Whoever is fetched takes the visitor over (S1-06, S1-08); those who are free stand first."""
    me = screen.desk.who
    find = free_first(screen.desk.colleagues("agent", "director"), busy, me.id if me is not None else None)
    item = await screen.app.push_screen_wait(Pick(_("Who takes {who} over?").format(who=about(row)), find))
    if item is not None:
        await record(screen, row.id, "call-colleague", {"whom": UUID(item.key)})


def free_first(find: Find, busy: Mapping[UUID, str], me: UUID | None) -> Find:
    """Colleagues without oneself, those who are with somebody last, and with whom."""

    async def found(typed: str) -> Sequence[Item]:
        items = [item for item in await find(typed) if item.key != str(me)]
        marked = []
        for item in items:
            number = busy.get(UUID(item.key))
            hint = dot().join(filter(None, (_("with {name}").format(name=number), item.hint))) if number else item.hint
            marked.append((bool(number), replace(item, hint=hint)))
        return [item for _busy, item in sorted(marked, key=lambda each: each[0])]

    return found


async def to_intake(screen: DeskScreen[Any], row: VisitRow) -> None:
    """To the intake with who and what filled in; saving, or putting aside, comes back to the board."""
    from desk.screens.intake import IntakeScreen

    app = cast("DeskApp", screen.app)
    await app.switch_mode("intake")
    intake = app.screen_stack[0]
    assert isinstance(intake, IntakeScreen)
    await intake.begin_for(row)
