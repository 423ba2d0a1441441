"""``desk handover`` and ``desk roster``."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from desk.cli.call import Call
from desk.cli.shape import ACT, LOOK, command, group
from desk.cli.show import as_json, out, plain, say, table
from desk.cli.verbs import told
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext
from desk.procedures import find_verb
from desk.procedures.handover import sign_out
from desk.procedures.shifts import come, plan_on_call, plan_roster, plan_shift
from desk.procedures.verbs import act
from desk.queries import handovers, shifts
from desk.queries.reports import day_of

handover_app = group(N_("Hand the shift over, take it over, look at past handovers."))
roster_app = group(N_("Who is on duty when; come, read the briefing, leave."))

_NOTES = Annotated[str | None, typer.Option("--notes", metavar="TEXT", help=N_("For whoever comes next."))]
_WHICH = Annotated[
    str | None, typer.Argument(metavar="ID", help=N_("End of its id as the list shows it; else the latest."))
]


@command(
    handover_app,
    "sheet",
    N_("What would be signed now: open, overdue, promised, callbacks, drafts, notes."),
    shares=ACT,
)
def sheet(call: Call) -> None:
    """The sheet of whoever leaves."""
    with call.reading() as session:
        me = call.person(call.by).id if call.by else call.me.id
        since = handovers.since(call.ledger, session, me, call.now)
        found = handovers.sheet(call.ledger, session, me, since, call.now)
        if call.json:
            as_json(plain(found, call.zone))
        else:
            out(handovers.sheet_text(call.ledger, found))


@command(handover_app, "sign-out", N_("Sign the handover on leaving."), shares=ACT)
def leave(call: Call, notes: _NOTES = None) -> None:
    """Sign out."""
    doing = call.doing()
    assert doing.by is not None
    at = doing.happened_at
    with call.reading() as session:
        since = handovers.since(call.ledger, session, doing.by, at)
        found = handovers.sheet(call.ledger, session, doing.by, since, at)
    ident = sign_out(call.ledger, found.snapshot, doing, notes)
    if call.json:
        as_json({"id": str(ident), "signed_out_at": plain(at, call.zone), "totals": dict(found.totals)})
        return
    out(_("Handed over. {id} waits to be signed by whoever comes.").format(id=_short(ident)))


@command(handover_app, "sign-in", N_("Sign the handover on coming, with what differs."), shares=ACT)
def take(
    call: Call,
    which: _WHICH = None,
    differences: Annotated[
        str | None, typer.Option("--differences", metavar="TEXT", help=N_("What is not as the sheet says."))
    ] = None,
) -> None:
    """Sign in."""
    ident = _handover(call, which, waiting=True)
    verb = find_verb("sign-in", "handover")
    told(call, verb, act(call.ledger, verb, ident, {"differences": differences} if differences else {}, call.doing()))


@command(handover_app, "review", N_("A supervisor's comment on a handover."), shares=ACT)
def review(
    call: Call,
    comment: Annotated[str, typer.Option("--comment", metavar="TEXT", help=N_("The comment."))],
    which: _WHICH = None,
) -> None:
    """Review."""
    verb = find_verb("review-handover", "handover")
    told(call, verb, act(call.ledger, verb, _handover(call, which), {"comment": comment}, call.doing()))


@command(handover_app, "list", N_("Past handovers, the latest first."), shares=LOOK)
def past(
    call: Call, limit: Annotated[int, typer.Option(metavar="NUMBER", help=N_("At most so many."), min=1, max=1000)] = 50
) -> None:
    """Past handovers."""
    with call.reading() as session:
        page = handovers.past(call.ledger, session, limit=limit)
    page = call.shown(page)
    if call.json:
        as_json(plain(page.rows, call.zone))
        return
    table(
        [
            _("Id"),
            _("Signed out"),
            _("Handed over by"),
            _("Signed in"),
            _("Taken over by"),
            _("Notes"),
            _("Differences"),
        ],
        (
            (
                _short(row.id),
                call.moment(row.signed_out_at),
                row.outgoing,
                call.moment(row.signed_in_at),
                row.incoming,
                row.notes,
                row.differences,
            )
            for row in page.rows
        ),
    )


@command(handover_app, "show", N_("A handover as it was signed."), shares=LOOK)
def show(call: Call, which: _WHICH = None) -> None:
    """One handover."""
    ident = _handover(call, which)
    with call.reading() as session:
        view = call.shown(handovers.one(call.ledger, session, ident))
        if call.json:
            as_json(plain(view, call.zone))
            return
        out(handovers.sheet_text(call.ledger, view.sheet, view.row))
        for comment in view.comments:
            out(f"{call.moment(comment.at)}  {comment.by}  {comment.text or _('(forgotten)')}")


def _handover(call: Call, which: str | None, *, waiting: bool = False) -> UUID:
    with call.reading() as session:
        if which is None and waiting:
            row = handovers.waiting(call.ledger, session)
            if row is None:
                raise Refusal("handover.none_waiting")
            return row.id
        page = handovers.past(call.ledger, session, limit=500)
    found = [row.id for row in page.rows if which is None or str(row.id).endswith(which) or _short(row.id) == which]
    if not found or (which is not None and len(found) > 1):
        raise Refusal("handover.no_such", id=which or "")
    return found[0]


def _short(ident: UUID) -> str:
    """The end of an id: what differs between two."""
    return str(ident)[-8:]


# -- the roster ----------------------------------------------------------------------------------------------


@command(roster_app, "show", N_("The roster, with open hours nobody is on duty."), shares=LOOK)
def roster(
    call: Call,
    day: Annotated[str | None, typer.Option("--from", metavar="2026-11-22", help=N_("First day; else today."))] = None,
    days: Annotated[int, typer.Option(metavar="NUMBER", help=N_("How many days."), min=1, max=366)] = 7,
) -> None:
    """The roster."""
    first = _date(call, day)
    start, _next = day_of(call.ledger, first)
    end, _next = day_of(call.ledger, first + timedelta(days=days))
    with call.reading() as session:
        rows = shifts.roster(call.ledger, session, start, end)
        gaps = shifts.gaps(call.ledger, session, start, end)
    if call.json:
        as_json({"shifts": plain(rows, call.zone), "gaps": plain(gaps, call.zone)})
        return
    table(
        [
            _("Id"),
            _("Who"),
            _("Shift"),
            _("From"),
            _("Until"),
            _("Arrived for duty"),
            _("Briefing"),
            _("Left duty"),
        ],
        (
            (
                _short(row.id),
                row.staff,
                _turn(row),
                call.moment(row.starts_at),
                call.moment(row.ends_at),
                call.moment(row.arrived_at),
                call.moment(row.briefed_at),
                call.moment(row.left_at),
            )
            for row in rows
        ),
    )
    for gap in gaps:
        say(_("Nobody on duty: {start} to {end}").format(start=call.moment(gap.start), end=call.moment(gap.end)))


def _turn(row: shifts.ShiftRow) -> str:
    on_call = _("on call, place {n}").format(n=row.rank) if row.on_call else ""
    return " ".join(filter(None, (row.name, on_call)))


@command(roster_app, "plan", N_("Put people on the roster: by turns over days, or one shift."), shares=ACT)
def plan(
    call: Call,
    who: Annotated[list[str], typer.Option("--who", metavar="NAME", help=N_("Who, once for each; they take turns."))],
    day: Annotated[str | None, typer.Option("--from", metavar="2026-11-22", help=N_("First day; else today."))] = None,
    days: Annotated[int, typer.Option(metavar="NUMBER", help=N_("How many days."), min=1, max=366)] = 7,
    everyone: Annotated[bool, typer.Option("--everyone", help=N_("All of them each time."))] = False,
    on_call: Annotated[
        bool,
        typer.Option(
            "--on-call",
            help=N_(
                "On call instead, to be rung in this order; the first of one day is the last of the next, unless "
                "--everyone."
            ),
        ),
    ] = False,
    starts: Annotated[
        str | None, typer.Option("--starts", metavar="TIME", help=N_("One shift: its beginning."))
    ] = None,
    ends: Annotated[str | None, typer.Option("--ends", metavar="TIME", help=N_("One shift: its end."))] = None,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help=N_("One shift: what it is called."))] = "",
) -> None:
    """Plan."""
    people = [call.person(each).id for each in who]
    if starts and ends:
        begin, end = call.time(starts), call.time(ends)
        made = [
            plan_shift(call.ledger, each, begin, end, call.doing(), name, place if on_call else 0)
            for place, each in enumerate(people, 1)
        ]
    elif on_call:
        made = plan_on_call(call.ledger, people, _date(call, day), days, call.doing(), rotate=not everyone)
    else:
        made = plan_roster(call.ledger, people, _date(call, day), days, call.doing(), everyone=everyone)
    if call.json:
        as_json([str(each) for each in made])
        return
    out(ngettext("{count} shift planned.", "{count} shifts planned.", len(made)).format(count=len(made)))


@command(roster_app, "arrive", N_("Come on duty."), shares=ACT)
def arrive(call: Call) -> None:
    """Arrive."""
    ident = come(call.ledger, call.doing())
    if call.json:
        as_json({"id": str(ident)})
        return
    out(_("On duty."))


@command(roster_app, "briefing", N_("What whoever comes on duty must know; --read notes that it was read."), shares=ACT)
def briefing(
    call: Call, read: Annotated[bool, typer.Option("--read", help=N_("Note that it was read."))] = False
) -> None:
    """The briefing."""
    me = call.doing().by
    assert me is not None
    with call.reading() as session:
        found = shifts.briefing(call.ledger, session, me, call.now)
        now_on = shifts.current(call.ledger, session, me, call.now)
    if read:
        if now_on is None:
            raise Refusal("shift.none")
        verb = find_verb("brief", "shift")
        told(call, verb, act(call.ledger, verb, now_on.id, {}, call.doing()))
        return
    if call.json:
        as_json(plain(found, call.zone))
        return
    from desk.i18n import pick

    out(_("Carried over"))
    table(["", "", ""], ((line.number, line.room, line.what) for line in (*found.emergencies, *found.carried)))
    out(_("Due today"))
    table(["", "", ""], ((call.moment(row.due_at, until=True), row.number or "", pick(row.title)) for row in found.due))
    out(_("Notes"))
    table(["", "", ""], ((call.moment(note.at), note.by, note.text or "") for note in found.notes))


@command(roster_app, "leave", N_("Leave duty."), shares=ACT)
def go(call: Call) -> None:
    """Leave."""
    me = call.doing().by
    assert me is not None
    with call.reading() as session:
        now_on = shifts.current(call.ledger, session, me, call.now)
    if now_on is None:
        raise Refusal("shift.none")
    verb = find_verb("leave-shift", "shift")
    told(call, verb, act(call.ledger, verb, now_on.id, {}, call.doing()))


@command(roster_app, "cancel", N_("Take a shift off the roster."), shares=ACT)
def cancel(
    call: Call,
    shift: Annotated[str, typer.Argument(metavar="ID", help=N_("As the roster shows it."))],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=N_("Why."))],
) -> None:
    """Cancel."""
    start = call.now - timedelta(days=60)
    with call.reading() as session:
        rows = shifts.roster(call.ledger, session, start, call.now + timedelta(days=400))
    found = [row.id for row in rows if _short(row.id) == shift or str(row.id) == shift]
    if not found:
        raise Refusal("subject.unknown", type="shift", id=shift)
    verb = find_verb("cancel-shift", "shift")
    told(call, verb, act(call.ledger, verb, found[0], {"reason": reason}, call.doing()))


def _date(call: Call, text: str | None) -> date:
    return call.day(text) if text is not None else call.now.astimezone(call.zone).date()


#: the groups by name, for whoever builds the application
APPS: dict[str, Any] = {"handover": handover_app, "roster": roster_app}
