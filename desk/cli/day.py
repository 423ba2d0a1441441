"""``desk day``, ``desk duty``, ``desk workload``, ``desk step``, ``desk tick``: what belongs to no one ticket."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from desk.cli.call import Call
from desk.cli.shape import ACT, LOOK, command, group
from desk.cli.show import as_json, out, plain
from desk.cli.verbs import add_verb
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.ledger.tick import tick as bring_up
from desk.procedures import verbs_of
from desk.procedures.day import day_report, report_text
from desk.procedures.duties import acknowledge
from desk.procedures.unfinished import group_text, publish_sheet, sweep_sheet
from desk.queries.due import DueRow, due_page
from desk.queries.tickets import by_number

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


for _verb in (*verbs_of("day"), *verbs_of("workload")):
    add_verb({"day": day_app, "workload": workload_app}[_verb.subject], _verb, None, "", name=_SHORT.get(_verb.name))
for _verb in verbs_of("duty"):
    add_verb(duty_app, _verb, _duty, "RULE", name=_SHORT.get(_verb.name))


@command(
    day_app, "sheet", N_("Texts to read, send or paste: the day's report, the sweep, the publication."), shares=ACT
)
def sheet(
    call: Call,
    which: Annotated[str, typer.Argument(metavar="report|sweep|publish", help=N_("Which text."))] = "report",
) -> None:
    """The day's texts."""
    with call.reading() as session:
        if which == "report":
            report = day_report(call.ledger, session, call.now)
            if call.json:
                as_json(plain(report, call.zone))
            else:
                out(report_text(call.ledger, report))
            return
        sheets = {"sweep": sweep_sheet, "publish": publish_sheet}
        if which not in sheets:
            known = ["report", *sheets]
            raise Refusal("value.choice", name="sheet", title=N_("Text"), value=which, known=known)
        rows = sheets[which](call.ledger, session, call.now)
    if call.json:
        as_json(plain(rows, call.zone))
    else:
        out(group_text(call.ledger, rows, call.now, published=which == "publish"))


def step(
    call: Call,
    rule: Annotated[str, typer.Argument(metavar="RULE", help=N_("Id of the rule that was missed."))],
    number: Annotated[
        str | None, typer.Option("--number", metavar="NUMBER", help=N_("Of the ticket, where it is about one."))
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
        ticket = by_number(session, call.ledger.estate_id, number) if number else None
        rows = due_page(call.ledger, session, call.now, limit=10_000).rows
    for row in rows:
        if row.rule_id == rule and row.step > 0 and which in (None, row.step) and ticket in (None, row.ticket_id):
            return row
    raise Refusal("step.none", rule=rule, step=which)


def tick(call: Call) -> None:
    """Bring everything up to now."""
    came = bring_up(call.ledger, call.now)
    if call.json:
        as_json({"steps": len(came.steps), "duties": came.duties})
        return
    out(_("{steps} steps and {duties} duties have come up.").format(steps=len(came.steps), duties=len(came.duties)))
