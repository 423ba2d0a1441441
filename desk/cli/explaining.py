"""``desk rules explain``: why a deadline is due when it is; of a rulebook, what a rule says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk import vocabulary, wording
from desk.cli.call import Call
from desk.cli.checking import CALENDAR, RULEBOOK, loaded
from desk.cli.show import as_json, out, plain, say
from desk.errors import Refusal
from desk.i18n import N_, _
from desk.wording.rules import rule_words

if TYPE_CHECKING:
    from sqlmodel import Session

    from desk.queries.due import DueRow


def explain(
    call: Call,
    what: Annotated[
        str,
        typer.Argument(
            metavar="NUMBER|DEADLINE|RULE",
            help=N_("A ticket's number, a deadline's id (desk due --json), or a rule's id: every open one of it."),
        ),
    ],
    rule: Annotated[str | None, typer.Argument(metavar="RULE", help=N_("Of the ticket, only this rule."))] = None,
    book: Annotated[str | None, RULEBOOK] = None,
    calendar: Annotated[str | None, CALENDAR] = None,
) -> None:
    """Explain."""
    if book is not None:
        found, _hours = loaded(book, calendar)
        if what not in found.rules:
            raise Refusal("cli.rule", name=what, nearest=vocabulary.nearest(what, found.rules))
        told = rule_words(found.rules[what], found)
        if call.json:
            as_json({"rule": what, "explain": told})
        else:
            out("\n".join(told))
        return
    from desk.queries.reasons import reasons

    records: list[dict[str, Any]] = []
    with call.reading() as session:
        for row in _rows(call, session, what, rule):
            why = reasons(call.ledger, session, row, call.now)
            if why is None:
                continue
            records.append(
                {
                    "number": row.number,
                    "rule": row.rule_id,
                    "step": row.step,
                    "starts_at": plain(row.starts_at, call.zone),
                    "due_at": plain(row.due_at, call.zone),
                    "provisional": row.provisional,
                    "stretches": [
                        {"from": plain(a, call.zone), "to": plain(b, call.zone), "kind": kind}
                        for a, b, kind, _name in why.result.spans
                    ],
                    "explain": wording.explain_deadline(why),
                }
            )
    if call.json:
        as_json(records)
        return
    if not records:
        say(_("Nothing here."))
    out("\n\n".join("\n".join(record["explain"]) for record in records))


def _rows(call: Call, session: Session, what: str, rule: str | None) -> list[DueRow]:
    """The deadlines meant: of a ticket its open ones, or every one of ``rule``."""
    from desk.queries.due import of_root
    from desk.queries.reasons import rows_of
    from desk.queries.tickets import by_number

    found = rows_of(call.ledger, session, what, call.now)
    if found is None:
        ticket = by_number(session, call.ledger.estate_id, what)
        found = of_root(call.ledger, session, ("ticket", ticket), call.now)
        if rule is None:
            found = [row for row in found if row.state not in ("met", "cancelled")]
    return [row for row in found if rule in (None, row.rule_id)]
