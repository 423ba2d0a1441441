"""``desk rules adopt | show | export``: the rulebook and the opening hours an estate works by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.cli.call import Call
from desk.cli.files import calendar_file, rulebook_file, write_whole
from desk.cli.progress import Progress
from desk.cli.show import as_json, confirmed, out, plain, table
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext, pick
from desk.wording.toml import written

if TYPE_CHECKING:
    from desk.queries.adopted import AdoptedRow
    from desk.queries.changed import Change

_VERSION = Annotated[
    int | None, typer.Option("--version", metavar="NUMBER", help=N_("A version adopted before; else the one in force."))
]


def adopt(
    call: Call,
    file: Annotated[str, typer.Argument(metavar="FILE", help=N_("The rulebook: a file, or one of ours by name."))],
    calendar: Annotated[
        str | None,
        typer.Option(
            "--calendar", metavar="NAME|FILE", help=N_("One of ours by name, or a file; else the rulebook's.")
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help=N_("Why."))] = None,
    recompute: Annotated[
        bool,
        typer.Option("--recompute", help=N_("Reckon what is open anew; else it keeps the rules it was opened under.")),
    ] = False,
) -> None:
    """Show what differs, ask, adopt."""
    from desk.ledger.adopted import years_in
    from desk.procedures import estate
    from desk.queries.adopted import adopted

    path = rulebook_file(file)
    book, hours, hours_name = estate.read_manual(path, calendar_file(calendar, beside=path) if calendar else None)
    call.allowed("rules")
    with call.reading() as session:
        now = adopted(call.ledger, session)
    hours |= years_in(now.calendar, hours)
    adopt_tables(call, now, path.stem, book, hours_name, hours, reason, recompute=recompute)


def adopt_tables(
    call: Call,
    now: AdoptedRow,
    name: str,
    book: Mapping[str, Any],
    hours_name: str,
    hours: Mapping[str, Any],
    reason: str | None,
    *,
    recompute: bool,
) -> None:
    """Say what differs from ``now`` and what that does to open work; ask; adopt; reckon anew if so wanted."""
    from desk.procedures import estate
    from desk.procedures.recompute import recompute as reckon_anew
    from desk.queries.adopted import differences
    from desk.queries.changed import foresee

    found = differences((now.rulebook, now.calendar), (book, hours))
    if not found:
        raise Refusal("adopt.same", name=now.name)
    with Progress(_("What would change")) as progress, call.reading() as session:
        moved = foresee(call.ledger, session, name, book, hours_name, hours, call.now, progress.at)
    if not call.json:
        from desk.wording.differences import sentences

        for line in sentences(found, now.rulebook, book):
            out(line)
        if moved:
            out()
            say_changes(call, moved)
    if not (reason or "").strip():
        raise Refusal("adopt.no_reason")
    if not call.yes and not confirmed(_("Adopt this from now on?")):
        raise Refusal("adopt.ask")
    version = estate.adopt(call.ledger, name, book, hours_name, hours, call.doing(), reason or "")
    matters = 0
    if recompute:
        with suppress_none(), Progress(_("Reckoning anew")) as progress:
            matters = reckon_anew(call.ledger, call.doing(), reason or "", progress.at).matters
    if call.json:
        told = {"version": version, "rulebook": name, "calendar": hours_name, "recomputed": matters}
        parts = [plain(each, call.zone) for each in found]
        as_json({**told, "differences": parts, "open": changes_record(call, moved)})
        return
    kept = _("What is open keeps the rules it was opened under.")
    if recompute:
        kept = ngettext("{n} open matter was reckoned anew.", "{n} open matters were reckoned anew.", matters).format(
            n=matters
        )
    out(_("{name} is in force as version {version}. {kept}").format(name=name, version=version, kept=kept))


def show(
    call: Call,
    calendar: Annotated[bool, typer.Option("--hours", help=N_("The opening hours instead of the rules."))] = False,
    version: _VERSION = None,
) -> None:
    """The adopted files as they would be written."""
    row = _adopted(call, version)
    if call.json:
        as_json(plain(row, call.zone))
        return
    out(_text(call, row, row.calendar if calendar else row.rulebook).rstrip())


def export(
    call: Call,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help=N_("Where the rulebook goes."))],
    calendar_to: Annotated[
        Path | None, typer.Option("--hours-to", metavar="FILE", help=N_("Where the opening hours go, if anywhere."))
    ] = None,
    version: _VERSION = None,
    force: Annotated[bool, typer.Option("--force", help=N_("Write over a file that is there."))] = False,
) -> None:
    """Write the adopted files, to change them and bring them in again."""
    row = _adopted(call, version)
    files = {to: row.rulebook}
    if calendar_to is not None:
        files[calendar_to] = row.calendar
    for path in files:
        if path.exists() and not force:
            raise Refusal("export.exists", file=str(path))
    for path, raw in files.items():
        write_whole(path, partial(_write, _text(call, row, raw)))
    if call.json:
        as_json({"version": row.version, "files": [str(path) for path in files]})
        return
    for path in files:
        out(_("Version {version} is written to {file}.").format(version=row.version, file=path))


def _adopted(call: Call, version: int | None) -> AdoptedRow:
    from desk.queries.adopted import adopted

    with call.reading() as session:
        return adopted(call.ledger, session, version)


def _write(text: str, path: Path) -> int:
    return path.write_text(text, "utf-8")


def _text(call: Call, row: AdoptedRow, raw: Any) -> str:
    """The file, with where it comes from above it."""
    at = f"{row.adopted_at.astimezone(call.zone):%Y-%m-%d %H:%M}"
    said = " ".join(filter(None, (call.ledger.name, f"#{row.version}", row.name, at, row.adopted_by, row.reason)))
    return f"# {said}\n\n{written(raw)}"


@contextmanager
def suppress_none() -> Iterator[None]:
    """Nothing open to reckon anew is no fault after an adoption."""
    try:
        yield
    except Refusal as refusal:
        if refusal.code != "recompute.none":
            raise


def say_changes(call: Call, moved: Sequence[Change]) -> None:
    """What would become of open deadlines."""
    words = {"moved": _("moved"), "opened": _("new"), "withdrawn": _("withdrawn")}
    if not moved:
        out(_("No open deadline would change."))
        return
    out(_("Of what is open, if it is reckoned anew:"))
    table(
        [_("Change"), _("Number"), _("What"), _("Due"), _("Would be due")],
        (
            (
                words[each.what],
                each.number or "",
                pick(each.title),
                call.moment(each.was, seconds=True),
                call.moment(each.now, seconds=True),
            )
            for each in moved
        ),
    )


def changes_record(call: Call, moved: Sequence[Change]) -> list[dict[str, Any]]:
    """The same for scripts."""
    names = ("what", "number", "rule_id", "was", "now")
    return [{name: plain(getattr(each, name), call.zone) for name in names} for each in moved]
