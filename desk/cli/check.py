"""``desk check``: is everything as it was written?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.call import REFUSED, Call
from desk.cli.shape import LOOK, command
from desk.cli.show import as_json, out, plain
from desk.errors import Refusal
from desk.i18n import N_, _

if TYPE_CHECKING:
    from desk.ledger.check import Checked


def add(app: typer.Typer, name: str, about: str) -> None:
    """Add the command."""
    command(app, name, about, shares=LOOK)(check)


def check(
    call: Call,
    quick: Annotated[
        bool, typer.Option("--quick", help=N_("Reckon only some of the deadlines again; the chain is always checked."))
    ] = False,
) -> None:
    """Look through everything, say what is wrong and where; exit code 1 if anything is."""
    from desk.ledger.check import check as look_through

    with showing(_PARTS) as progress:
        found = look_through(call.store, quick=quick, progress=progress)
    zone = _zone(call)
    if call.json:
        as_json(
            {
                "sound": found.sound,
                "counts": found.counts,
                "troubles": [{"code": each.code, **plain(each.params, zone)} for each in found.troubles],
                "events": found.events,
                "words": found.words,
                "matters": found.matters,
                "deadlines": found.deadlines,
                "heads": {name: {"seq": seq, "hash": hash_} for name, (seq, hash_) in found.heads.items()},
            }
        )
    else:
        _say(found, zone)
    if not found.sound:
        raise typer.Exit(REFUSED)


def _say(found: Checked, zone: tzinfo) -> None:
    from desk.wording import troubles

    for each in found.troubles:
        out(troubles.line(each.code, each.params, zone=zone))
    if more := sum(found.counts.values()) - len(found.troubles):
        out(_("And {n} more of the same kind.").format(n=more))
    for name, (seq, hash_) in found.heads.items():
        out(_("{estate}: ledger entry {seq}, {hash}").format(estate=name, seq=seq, hash=hash_[:12]))
    out(
        _("{events} entries, {words} words beside them, {deadlines} deadlines of {matters} matters looked at.").format(
            events=found.events, words=found.words, deadlines=found.deadlines, matters=found.matters
        )
    )
    if found.sound and found.sampled:
        out(_("Nothing is wrong with what was looked at; without --quick all deadlines are reckoned again."))
    elif found.sound:
        out(_("Everything is as it was written."))
    else:
        out(_("Something is wrong. Keep the file as it is, make no more entries, and put back a backup that is whole."))


def _zone(call: Call) -> tzinfo:
    try:
        return call.zone
    except Refusal:  # several estates, or none that can be read
        return UTC


_PARTS = {
    "file": N_("The file"),
    "references": N_("What points where"),
    "chain": N_("The chain of entries"),
    "deadlines": N_("Deadlines reckoned again"),
}


@contextmanager
def showing(parts: Mapping[str, str]) -> Iterator[Callable[[str, int, int], None]]:
    """A bar beside the result, where somebody is looking; ``parts`` has the words for what is being done."""
    if not sys.stderr.isatty():
        yield lambda part, done, of: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda part, done, of: bar.update(task, description=_(parts.get(part, part)), completed=done, total=of)
