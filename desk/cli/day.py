"""``desk day``, ``desk duty``, ``desk workload``, ``desk step``, ``desk tick``: what belongs to no one ticket."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated
from uuid import UUID

import typer
from sqlmodel import Session

from desk.cli.call import Call
from desk.cli.shape import ACT, LOOK, command, group
from desk.cli.show import as_json, out, plain, say, table
from desk.cli.verbs import add_verb
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.ledger.tick import tick as bring_up
from desk.procedures import verbs_of
from desk.procedures.day import day_report, report_text
from desk.procedures.duties import acknowledge
from desk.procedures.sampling import latest_sample
from desk.procedures.unfinished import group_text, publish_sheet, sweep_sheet
from desk.procedures.weekly import week_before, week_report, week_text
from desk.queries.due import DueRow, due_page
from desk.queries.tickets import by_number
from desk.queries.waiting import visit_numbered
from desk.wording import value

day_app = group(N_("What is done for the whole day: the sweep, the report, the publication."))
duty_app = group(N_("Recurring duties: done, or skipped with a reason."))
workload_app = group(N_("The workload is full, or free again."))

#: what the words of a command would say twice
_SHORT = {"publish-day": "publish", "report-day": "report", "duty-done": "done", "duty-skip": "skip"}


def add(app: typer.Typer, name: str, about: str) -> None:
    """Add the single command asked for."""
    shares = LOOK if name == "tick" else ACT
    command(app, name, about, shares=shares)(tick if name == "tick" else step)


def _duty(call: Call, text: str) -> UUID:
    """The open occurrence of a recurring duty, opened now if the clock's hand has not done so yet."""
    bring_up(call.ledger, call.now)
    with call.reading() as session:
        rows = [row for row in due_page(call.ledger, session, call.now, limit=1000).rows if row.root_type == "duty"]
    found = [row for row in rows if row.rule_id == text and row.step == 0]
    if not found:
        raise Refusal("duty.none", rule=text, known=sorted({row.rule_id for row in rows}))
    return found[0].root_id


for _verb in (*verbs_of("day"), *verbs_of("box"), *verbs_of("sample"), *verbs_of("workload")):
    add_verb(workload_app if _verb.subject == "workload" else day_app, _verb, None, "", name=_SHORT.get(_verb.name))
for _verb in verbs_of("duty"):
    add_verb(duty_app, _verb, _duty, "RULE", name=_SHORT.get(_verb.name))


@command(
    day_app,
    "sheet",
    N_("Texts to read, send or paste: the day's report, last week's complaints, the sweep, the publication."),
    shares=ACT,
)
def sheet(
    call: Call,
    which: Annotated[str, typer.Argument(metavar="report|week|sweep|publish", help=N_("Which text."))] = "report",
) -> None:
    """The day's texts."""
    with call.reading() as session:
        if which == "report":
            report = call.shown(day_report(call.ledger, session, call.now))
            if call.json:
                as_json(plain(report, call.zone))
            else:
                out(report_text(call.ledger, report))
            return
        if which == "week":
            week = call.shown(week_report(call.ledger, session, week_before(call.ledger, call.now), call.now))
            if call.json:
                as_json(plain(week, call.zone))
            else:
                out(week_text(call.ledger, week))
            return
        sheets = {"sweep": sweep_sheet, "publish": publish_sheet}
        if which not in sheets:
            known = ["report", "week", *sheets]
            raise Refusal("value.choice", name="sheet", title=N_("Text"), value=which, known=known)
        rows = call.shown(sheets[which](call.ledger, session, call.now))
    if call.json:
        as_json(plain(rows, call.zone))
    else:
        out(group_text(call.ledger, rows, call.now, published=which == "publish"))


@command(day_app, "sample", N_("The callbacks drawn for the manager's check, and whether the draw agrees."), shares=ACT)
def sample(
    call: Call,
    month: Annotated[str | None, typer.Argument(metavar="2026-10", help=N_("Of which month; else the latest."))] = None,
) -> None:
    """The sample."""
    with call.reading() as session:
        found = call.shown(latest_sample(call.ledger, session, month))
    if found is None:
        raise Refusal("sample.none")
    if call.json:
        as_json(plain(found, call.zone))
        return
    said = _("{month}: {drawn} of {population} callbacks drawn, seed {seed}.")
    out(said.format(month=found.month, drawn=len(found.lines), population=found.population, seed=found.seed))
    table(
        [_("Number"), _("Room"), _("Matter"), _("Called back"), _("Outcome"), _("Reviewed")],
        (
            (
                line.number,
                line.room,
                line.what,
                call.moment(line.done_at),
                value("outcome", line.outcome),
                call.moment(line.reviewed_at),
            )
            for line in found.lines
        ),
    )
    if found.agrees:
        say(_("Drawn again with the same seed, they are the same."))
    else:
        say(_("The month's callbacks have changed since: there are {n} now.").format(n=found.now))


def step(
    call: Call,
    rule: Annotated[str, typer.Argument(metavar="RULE", help=N_("Id of the rule that was missed."))],
    number: Annotated[
        str | None, typer.Option("--number", metavar="NUMBER", help=N_("Of the ticket or visit it is about."))
    ] = None,
    which: Annotated[
        int | None,
        typer.Option("--step", metavar="NUMBER", help=N_("Which step, 1 the first; else the one that is open.")),
    ] = None,
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help=N_("Note"))] = None,
) -> None:
    """Acknowledge a step."""
    row = _open_step(call, rule, number, which)
    acknowledge(
        call.ledger, (row.root_type, row.root_id), rule, row.step, call.doing(), subject=row.subject_id, note=note
    )
    if call.json:
        as_json({"rule": rule, "step": row.step, "number": row.number})
        return
    out(_("Acknowledged."))


def _open_step(call: Call, rule: str, number: str | None, which: int | None) -> DueRow:
    with call.reading() as session:
        root = _root(call, session, number) if number else None
        rows = due_page(call.ledger, session, call.now, limit=10_000).rows
    for row in rows:
        if row.rule_id == rule and row.step > 0 and which in (None, row.step) and root in (None, row.root_id):
            return row
    raise Refusal("step.none", rule=rule, step=which)


def _root(call: Call, session: Session, number: str) -> UUID:
    """The ticket meant by a number, or the visit where it is one's."""
    try:
        return by_number(session, call.ledger.estate_id, number)
    except Refusal as refusal:
        with suppress(Refusal):
            return visit_numbered(call.ledger, session, number, call.now)
        raise refusal


def tick(call: Call) -> None:
    """Bring everything up to now."""
    came = bring_up(call.ledger, call.now)
    if call.json:
        as_json({"steps": len(came.steps), "duties": came.duties})
        return
    out(_("{steps} steps and {duties} duties have come up.").format(steps=len(came.steps), duties=len(came.duties)))
