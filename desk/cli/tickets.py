"""``desk ticket``: open, show, list, and every verb of the procedures."""

from __future__ import annotations

import inspect
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlmodel import Session

from desk.cli.call import Call
from desk.cli.shape import ACT, PEOPLE, add_function, command, group
from desk.cli.show import as_json, out, plain, say, table
from desk.cli.typing import pairs, typed
from desk.cli.verbs import add_verb, option, values
from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.procedures import VERBS, verbs_of
from desk.procedures.complaints import complaint_kinds
from desk.procedures.intake import WORDS, Intake, open_ticket
from desk.procedures.verbs import Param
from desk.queries.callbacks import open_for
from desk.queries.due import of_root
from desk.queries.finding import find_people, find_rooms
from desk.queries.ownership import chain
from desk.queries.slips import forms_of, slip_text
from desk.queries.tickets import TicketRow, TicketView, by_number, ticket_page, ticket_view
from desk.text import fold, phone_digits, room_code
from desk.vocabulary import FACTS, FIELDS, LIVE, STATUSES
from desk.wording import field, left, sentence, summary, value

app = group(N_("Open, show, list tickets, and everything that is done to them."))


def numbered(call: Call, text: str) -> UUID:
    """The ticket meant by a number."""
    with call.reading() as session:
        return by_number(session, call.ledger.estate_id, text)


def _subject(kind: str, event: str) -> Any:
    """The callback or appointment of a ticket: what ``event`` is due of, else the open one, else the latest."""

    def find(call: Call, text: str) -> UUID:
        ticket = numbered(call, text)
        with call.reading() as session:
            view = ticket_view(call.ledger, session, ticket, call.now)
            found = view.callbacks if kind == "callback" else view.appointments
            if not found:
                if kind == "callback":
                    return open_for(session, call.ledger.estate_id, ticket)
                raise Refusal("appointment.none", number=view.row.number)
            due = [row for row in view.deadlines if event in row.until and row.met_at is None and not row.cancelled_at]
            for row in due:
                if row.subject_type == kind:
                    return row.subject_id
            still = [each for each in found if each.status in ("open", "made", "confirmed")]
            return (still or list(found))[-1].id

    return find


# -- opening -------------------------------------------------------------------------------------------------


def _fields() -> list[inspect.Parameter]:
    """What intake may ask of any kind, as options."""
    found = []
    for name in dict.fromkeys([*FIELDS, *WORDS]):
        if name in ("room", "person", "room_text", "person_name"):
            continue
        word = FACTS.get(name)
        kind = "text" if word is None or name in WORDS else word.type
        found.append(option(Param(name, kind, field_title(name))))
    return found


def field_title(name: str) -> str:
    """Message id of a field's title."""
    from desk.wording.values import FIELDS as TITLES

    return TITLES.get(name) or (FACTS[name].title if name in FACTS else name)


def _open(
    call: Call,
    kind: str | None = None,
    kind_option: str | None = None,
    room: str | None = None,
    person: str | None = None,
    set_: list[str] | None = None,
    **given: Any,
) -> None:
    wanted = kind or kind_option
    if wanted is None:
        raise Refusal("cli.kind", known=list(call.ledger.book.kinds))
    params = tuple(Param(name, _type(name), name) for name in given)
    taken = values(call, params, given)
    for name, text in pairs(set_).items():
        taken[name] = text if name in WORDS else typed(name, text, call.time)
    with call.reading() as session:
        room_id, person_id, who = _who(session, call, room, person, taken)
    taken.update(who)
    opened = open_ticket(call.ledger, Intake(_kind(call, wanted), taken, room_id, person_id), call.doing())
    for guard in opened.said:
        say(pick(guard.text))
    with call.reading() as session:
        due = [row for row in of_root(call.ledger, session, ("ticket", opened.id), call.now) if row.due_at]
    if call.json:
        as_json(
            {
                "number": opened.number,
                "id": str(opened.id),
                "kind": _kind(call, wanted),
                "code": opened.code,
                "due": [{"rule": row.rule_id, "due_at": plain(row.due_at, call.zone)} for row in due],
            }
        )
        return
    out(opened.number)
    if opened.code:
        say(_("Verification code to be read out: {code}").format(code=opened.code))
    for row in due:
        say(f"  {call.moment(row.due_at, until=True)}  {pick(row.title)}  {row.who}")


def _type(name: str) -> str:
    word = FACTS.get(name)
    return "text" if word is None or name in WORDS else word.type


def _kind(call: Call, text: str) -> str:
    """A kind by its id or either title."""
    for kind in call.ledger.book.kinds.values():
        if fold(text) in (fold(kind.id), *(fold(title) for title in kind.title.values())):
            return kind.id
    return text


def _who(
    session: Session, call: Call, room: str | None, person: str | None, taken: dict[str, Any]
) -> tuple[UUID | None, UUID | None, dict[str, str]]:
    """Room and person as far as they are known; what is not known is kept as it was said."""
    estate_id = call.ledger.estate_id
    who: dict[str, str] = {}
    room_id = person_id = None
    if room:
        wanted = fold(room_code(room))
        room_id = next((r.room_id for r in find_rooms(session, estate_id, room) if fold(r.code) == wanted), None)
        if room_id is None:
            who["room_text"] = room
    if person:
        hits = [hit for hit in find_people(session, estate_id, person) if room_id in (None, hit.room_id)]
        exact = [hit for hit in hits if fold(hit.name) == fold(person)] or hits
        people = {hit.person_id for hit in exact}
        who["person_name"] = person
        if len(people) > 1:
            fit = [f"{hit.name} {hit.room}".strip() for hit in exact[:8]]
            raise Refusal("cli.person", name=person, known=fit)
        if len(people) == 1:
            person_id, who["person_name"] = exact[0].person_id, exact[0].name
            if room is None and len(exact) == 1:
                room_id = exact[0].room_id
            if exact[0].phone and "phone" not in taken:
                who["phone"] = exact[0].phone
    elif taken.get("phone") and room is None:
        hits = find_people(session, estate_id, phone_digits(str(taken["phone"])))
        if len({hit.person_id for hit in hits}) == 1:
            person_id, who["person_name"] = hits[0].person_id, hits[0].name
            room_id = hits[0].room_id if len(hits) == 1 else None
    return room_id, person_id, who


def _parameter(name: str, annotation: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


_KIND = Annotated[
    str | None, typer.Argument(metavar="KIND", help=N_("Kind: repair, complaint … as the manual names it."))
]
_OPENING = [
    _parameter("kind", _KIND),
    _parameter(
        "kind_option", Annotated[str | None, typer.Option("--kind", metavar="KIND", help=N_("The same as an option."))]
    ),
    _parameter(
        "room", Annotated[str | None, typer.Option("--room", metavar="ROOM", help=N_("Room, as people say it."))]
    ),
    _parameter(
        "person",
        Annotated[str | None, typer.Option("--person", metavar="NAME", help=N_("Name, pinyin or telephone tail."))],
    ),
    *_fields(),
    _parameter(
        "set_",
        Annotated[
            list[str] | None, typer.Option("--set", metavar="FACT=VALUE", help=N_("Any other fact: name=value."))
        ],
    ),
]
add_function(app, "open", N_("Take down a matter."), _open, _OPENING, ACT)


# -- looking -------------------------------------------------------------------------------------------------


@command(app, "list", N_("Tickets, the latest first."), shares=PEOPLE)
def list_(
    call: Call,
    status: Annotated[
        str | None, typer.Option(metavar="STATUS", help=N_("open, done … or live for all that still ask something."))
    ] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help=N_("Only this kind."))] = None,
    room: Annotated[str | None, typer.Option(metavar="ROOM", help=N_("Only of this room."))] = None,
    text: Annotated[str | None, typer.Option(metavar="TEXT", help=N_("Only with this text."))] = None,
    limit: Annotated[int, typer.Option(metavar="NUMBER", help=N_("At most so many."), min=1, max=10000)] = 200,
) -> None:
    """Tickets."""
    status = next((word for word, title in STATUSES.items() if status in (title, _(title))), status)
    if status is not None and status not in (*STATUSES, "live"):
        raise Refusal("value.choice", name="status", title="status", value=status, known=[*STATUSES, "live"])
    wanted = LIVE if status == "live" else [status] if status else None
    with call.reading() as session:
        page = ticket_page(
            call.ledger,
            session,
            status=wanted,
            kind=_kind(call, kind) if kind else None,
            room=room,
            text=text,
            limit=limit,
        )
    page = call.shown(page)
    if call.json:
        as_json([ticket_record(row, call) for row in page.rows])
        return
    heads = [_("Number"), _("Kind"), _("Status"), _("Opened at"), _("Room"), _("Assignee"), _("Due"), _("Matter")]
    table(
        heads,
        (
            (
                row.number,
                pick(row.kind_title),
                status_words(row),
                call.moment(row.opened_at),
                row.room,
                row.assignee,
                call.moment(row.due_at, until=True),
                row.what,
            )
            for row in page.rows
        ),
    )
    if page.next is not None:
        say(_("There are more: --limit shows them."))


def status_words(row: TicketRow) -> str:
    """A ticket's status in words; a pause says so."""
    return _("Paused") if row.paused else value("status", row.status)


def ticket_record(row: TicketRow, call: Call) -> dict[str, Any]:
    """A ticket as JSON."""
    record = plain(row, call.zone)
    record["kind_title"] = pick(row.kind_title)
    return dict(record)


@command(app, "show", N_("Everything about one ticket."), shares=PEOPLE)
def show(
    call: Call,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help=N_("R-261122-017, or without the year R-1122-017."))],
    slip: Annotated[bool, typer.Option("--slip", help=N_("As a slip to print."))] = False,
    form: Annotated[
        str | None, typer.Option(metavar="FORM", help=N_("Another of its slips: order, record, sheet, notice."))
    ] = None,
    width: Annotated[int, typer.Option(metavar="NUMBER", help=N_("Width of the slip."), min=24, max=120)] = 40,
) -> None:
    """One ticket."""
    with call.reading() as session:
        ident = by_number(session, call.ledger.estate_id, number)
        verbs = [*verbs_of("ticket"), *verbs_of("appointment"), *verbs_of("callback")]
        view = ticket_view(call.ledger, session, ident, call.now, verbs)
        if slip or form:
            forms = forms_of(view, complaint_kinds(call.ledger.book))
            if form is not None and form not in forms:
                raise Refusal("value.choice", name="form", title=N_("Slip"), value=form, known=forms)
            out(slip_text(call.ledger, view, call.now, form=form, width=width))
            return
    view = call.shown(view, ("ticket", ident))
    if call.json:
        as_json(_record(view, call))
    else:
        _print(view, call)


def _record(view: TicketView, call: Call) -> dict[str, Any]:
    record: dict[str, Any] = plain(view, call.zone)
    record["row"]["kind_title"] = pick(view.row.kind_title)
    record["deadlines"] = [
        {
            "rule": row.rule_id,
            "title": pick(row.title),
            "step": row.step,
            "then": row.then,
            "who": row.who,
            "source": list(row.source),
            "starts_at": plain(row.starts_at, call.zone),
            "due_at": plain(row.due_at, call.zone),
            "state": row.state,
            "level": row.level,
            "paused": row.paused,
            "missing": row.missing,
        }
        for row in view.deadlines
    ]
    record["verbs"] = [
        {"verb": state.verb.name, "title": _(state.verb.title), "refused": _said(state.refusal, call)}
        for state in view.verbs
    ]
    record["chain"] = plain(chain(view), call.zone)
    return {**record.pop("row"), **record}


def _said(refusal: Refusal | None, call: Call) -> str | None:
    return sentence(refusal, zone=call.zone, name_of=call.name_of, now=call.clock) if refusal is not None else None


def _print(view: TicketView, call: Call) -> None:
    row = view.row
    head = [row.number, pick(row.kind_title), status_words(row)]
    head += [field(name) for name in ("urgent", "emergency") if getattr(row, name)]
    out("  ".join(head))
    lines = {
        "what": row.what,
        "room": row.room,
        "place": row.place,
        "person": row.person,
        "phone": row.phone,
        "convenient_time": view.convenient_time,
        "first_contact": view.first_contact,
        "owner": row.owner,
        "assignee": row.assignee,
        "department": view.department,
        "appointment": call.moment(view.appointment),
        "promised_at": call.moment(view.promised_at),
        "opened_at": call.moment(row.opened_at),
        "completed_at": call.moment(view.completed_at),
        "closed_at": call.moment(view.closed_at),
    }
    table(["", ""], [(field(name), text) for name, text in lines.items() if text])
    links = chain(view)
    if links:
        out(_("Answered for by: {names}").format(names=" > ".join(link.name for link in links)))
    for linked in view.links:
        out(_("Linked: {number} {what}").format(number=linked.number, what=linked.what))
    if view.deadlines:
        out()
        table(
            [_("Due"), _("State"), _("What"), _("Who")],
            (
                (
                    call.moment(due.due_at, until=True) or "—",
                    _state(due.state, due.due_at, call),
                    pick(due.title) + (f" · {_step(due.then)}" if due.then else ""),
                    due.who,
                )
                for due in view.deadlines
            ),
        )
    out()
    for event in view.events:
        out(f"{call.moment(event.happened_at)}  {event.done_by or '—'}  {summary(event, call.zone, call.ledger.book)}")
    can = [(state.verb.name, _(state.verb.title)) for state in view.verbs if state.refusal is None]
    cannot = [(state.verb.name, _said(state.refusal, call)) for state in view.verbs if state.refusal is not None]
    out()
    if can:
        out(_("Can be done now:"))
        table(["", ""], can)
    if cannot:
        out(_("Not now:"))
        table(["", ""], cannot)


def _state(state: str, due: Any, call: Call) -> str:
    words = {"met": _("met"), "cancelled": _("cancelled"), "overdue": "", "soon": "", "later": ""}
    return words[state] or (left(due, call.now) if due is not None else "")


def _step(then: str | None) -> str:
    from desk.vocabulary import STEPS

    return _(STEPS[then][0]) if then in STEPS else then or ""


for (_subject_type, _name), _verb in VERBS.items():
    if _subject_type == "ticket":
        add_verb(app, _verb, numbered, "NUMBER")
    elif _subject_type in ("appointment", "callback"):
        add_verb(app, _verb, _subject(_subject_type, _verb.event), "NUMBER")
