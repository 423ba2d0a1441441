"""``desk rules replay``: what was recorded, run again under other rules."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.cli.call import Call
from desk.cli.checking import RULEBOOK, manual
from desk.cli.show import as_json, out, table
from desk.i18n import N_, _

if TYPE_CHECKING:
    from desk.ledger.replay import Replayed, Tally


def replay(
    call: Call,
    book: Annotated[str, RULEBOOK],
    calendar: Annotated[
        str | None,
        typer.Option("--calendar", metavar="NAME|FILE", help=N_("Other opening hours too; else those in force.")),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help=N_("What began on or after this; else 30 days back."))
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help=N_("What began up to this day; else up to now."))
    ] = None,
) -> None:
    """Say what would have been late, by rule and by hour of the day."""
    from desk.ledger.replay import replay as run_again
    from desk.wording import replay as wording

    other, hours = manual(call, book, calendar)
    begin = call.since(since) if since else call.now - timedelta(days=30)
    end = call.until(until) if until else call.now
    with _progress() as progress:
        found = run_again(call.ledger, other, hours, begin, end, call.now, progress)
    if call.json:
        as_json(_record(found))
        return
    out("\n".join(wording.lines(found, other)))
    if rows := wording.hours(found.rules):
        out()
        table(
            [_("Began at"), _("Opened"), _("Were late"), _("Would be late")],
            ((f"{row['hour']:02d}:00", row["opened"], row["was_late"], row["would_be_late"]) for row in rows),
        )
    if found.left_out:
        out(wording.left_out(found, other))
    out(
        _("{events} events of {roots} matters were run again; nothing was written.").format(
            events=found.events, roots=found.roots
        )
    )


def _record(found: Replayed) -> dict[str, Any]:
    from desk.wording.replay import hours

    return {
        "rules": [{"rule": each.id, "was": _tally(each.was), "would": _tally(each.would)} for each in found.rules],
        "hours": hours(found.rules),
        "left_out": list(found.left_out),
        "events": found.events,
        "matters": found.roots,
    }


def _tally(tally: Tally | None) -> dict[str, Any] | None:
    if tally is None:
        return None
    counts = {name: getattr(tally, name) for name in ("opened", "late", "waiting", "withdrawn")}
    return {**counts, "opened_by_hour": tally.opened_by_hour, "late_by_hour": tally.late_by_hour}


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar beside the result, where somebody is looking."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import Progress, TimeRemainingColumn

    with Progress(*Progress.get_default_columns()[:-1], TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(_("Running again"), total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
