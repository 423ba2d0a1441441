"""``desk rules set | off | on | recompute``: one thing changed in the rules in force, and what that does meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.adopted import adopt_tables, say_changes
from desk.cli.call import Call
from desk.cli.progress import Progress
from desk.cli.show import as_json, confirmed, out, plain
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext
from desk.rulebook import changing

if TYPE_CHECKING:
    from desk.queries.adopted import AdoptedRow
    from desk.rulebook import Raw

_RULE = Annotated[str, typer.Argument(metavar="RULE", help=N_("A rule's id: repair.claim."))]
_REASON = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help=N_("Why."))]
RECOMPUTE = Annotated[
    bool, typer.Option("--recompute", help=N_("Reckon what is open anew; else it keeps the rules it was opened under."))
]


def set_(
    call: Call,
    name: Annotated[
        str, typer.Argument(metavar="RULE.KEY", help=N_("repair.claim.within, figures.promptly, settings.…"))
    ],
    value: Annotated[str, typer.Argument(metavar="VALUE", help=N_("As in the file, a text without quotes: 3 min."))],
    reason: _REASON = None,
    recompute: RECOMPUTE = False,
) -> None:
    """Change a limit, a figure, a setting."""
    now = _adopted(call)
    _amend(call, now, changing.with_value(now.rulebook, name, value), reason, recompute)


def off(call: Call, rule: _RULE, reason: _REASON = None, recompute: RECOMPUTE = False) -> None:
    """Switch a rule off."""
    now = _adopted(call)
    _amend(call, now, changing.without(now.rulebook, rule), reason, recompute)


def on(call: Call, rule: _RULE, reason: _REASON = None, recompute: RECOMPUTE = False) -> None:
    """Switch a rule on again, as it was in the newest version that had it."""
    from desk.queries.adopted import switched_on

    now = _adopted(call)
    with call.reading() as session:
        book = switched_on(call.ledger, session, now, rule)
    _amend(call, now, book, reason, recompute)


def recompute_(call: Call, reason: _REASON = None) -> None:
    """Let everything open go by the rules in force."""
    from desk.procedures.recompute import recompute
    from desk.queries.changed import changes

    with Progress(_("What would change")) as progress, call.reading() as session:
        moved = changes(call.ledger, session, call.ledger.book, call.ledger.calendar, call.now, progress=progress.at)
    if not call.json:
        say_changes(call, moved)
    if not (reason or "").strip():
        raise Refusal("adopt.no_reason")
    if not call.yes and not confirmed(_("Reckon them anew?")):
        raise Refusal("adopt.ask")
    with Progress(_("Reckoning anew")) as progress:
        done = recompute(call.ledger, call.doing(), reason or "", progress.at)
    if call.json:
        as_json(plain(done, call.zone))
        return
    out(
        ngettext(
            "{n} matter goes by version {version} from now on.",
            "{n} matters go by version {version} from now on.",
            done.matters,
        ).format(n=done.matters, version=done.version)
    )


def _adopted(call: Call) -> AdoptedRow:
    from desk.queries.adopted import adopted

    with call.reading() as session:
        return adopted(call.ledger, session)


def _amend(call: Call, now: AdoptedRow, book: Raw, reason: str | None, recompute: bool) -> None:
    """Show what differs and what that means for open work, ask, adopt."""

    adopt_tables(call, now, now.name, book, now.calendar_name, dict(now.calendar), reason, recompute=recompute)
