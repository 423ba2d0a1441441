"""``desk import``: people and rooms from a list, tickets from a register."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.cli.call import Call
from desk.cli.progress import Progress
from desk.cli.shape import PLAIN, command, group
from desk.cli.show import as_json, out, say, table
from desk.i18n import N_, _

if TYPE_CHECKING:
    from desk.importing.rejects import Reject

app = group(N_("Bring in people and rooms, or a register of tickets."))

_SHARES = "db estate as_ at lang json_ yes".split()
#: lines and rejects shown on the terminal; the file of rejects has all
_SHOWN = 10

_FIELDS: Mapping[str, str] = {
    "room": N_("Room"),
    "building": N_("Building"),
    "unit": N_("Unit"),
    "number": N_("Door"),
    "name": N_("Name"),
    "phone": N_("Telephone"),
    "role": N_("Role"),
    "handed_over_on": N_("Handed over"),
    "kind": N_("Kind of room"),
    "project": N_("Project"),
    "note": N_("Note"),
}
_ROLES = {"owner": N_("owner"), "tenant": N_("tenant"), "family": N_("family")}

_Source = Annotated[Path, typer.Argument(metavar="FILE", help=N_("CSV (UTF-8, GB 18030) or a spreadsheet."))]
_Map = Annotated[Path, typer.Option("--map", metavar="FILE", help=N_("The mapping: which column is what (TOML)."))]
_DryRun = Annotated[bool, typer.Option("--dry-run", help=N_("Say what it would bring; write nothing."))]
_Rejects = Annotated[
    Path | None, typer.Option("--rejects", metavar="FILE", help=N_("Where rejected lines go, with the reason."))
]


@command(app, "people", N_("People and rooms from a list with Chinese or English headings."), shares=_SHARES)
def people(
    call: Call,
    file: _Source,
    dry_run: _DryRun = False,
    rejects: _Rejects = None,
    accept_rejects: Annotated[
        bool, typer.Option("--accept-rejects", help=N_("Bring in the others though lines are rejected."))
    ] = False,
) -> None:
    """Understand, show, and unless it is a trial write: all of it or nothing."""
    from desk.importing.people import bring_people, compare, file_digest, read_people
    from desk.importing.rejects import write_rejects

    if not dry_run:
        call.allowed("import")
    with Progress(_("Reading {file}").format(file=file.name)):
        found = read_people(file)
    if rejects is not None and found.rejects:
        write_rejects(rejects, found.headings, found.rejects)
    with call.reading() as session:
        changes = compare(session, call.ledger.estate_id, found)
    if not call.json:
        _say_people(found.columns, found.unused, found.lines)
        _say_rejects(found.rejects, rejects)
        _say_changes(asdict(changes), dry_run)
    if not dry_run:
        accept = accept_rejects or call.yes or (bool(found.rejects and found.lines) and _confirmed())
        with Progress(_("Bringing in {file}").format(file=file.name)):
            changes = bring_people(call.ledger, found, call.doing(), digest=file_digest(file), accept=accept)
        if not call.json:
            out(_("Brought in."))
    if call.json:
        as_json(
            {
                "file": found.name,
                "columns": found.columns,
                "unused": found.unused,
                "rejects": [{"line": each.line, "reason": each.reason} for each in found.rejects],
                **asdict(changes),
                "written": not dry_run,
            }
        )


@command(app, "tickets", N_("Tickets from another register, as its mapping says."), shares=_SHARES)
def tickets(
    call: Call,
    file: _Source,
    map_: _Map,
    dry_run: _DryRun = False,
    rejects: _Rejects = None,
) -> None:
    """Bring a register in; lines that can't be read go to a file, the others are brought in."""
    from desk.importing.mapping import read_mapping
    from desk.importing.people import file_digest
    from desk.importing.register import understand
    from desk.importing.rejects import write_rejects
    from desk.importing.table import read_table
    from desk.importing.tickets import bring_tickets, compare

    if not dry_run:
        call.allowed("import")
    mapping = read_mapping(map_)
    with Progress(_("Reading {file}").format(file=file.name)):
        found = understand(read_table(file), mapping)
    if found.rejects:
        rejects = rejects or Path(f"{file.stem}-rejects.csv")
        write_rejects(rejects, found.headings, found.rejects)
    if dry_run:
        with call.reading() as session:
            brought = compare(session, call.ledger.estate_id, found, mapping)
    else:
        doing, digest = call.doing(), file_digest(file)
        with Progress(_("Bringing in {file}").format(file=file.name)) as progress:
            brought = bring_tickets(
                call.ledger, found, mapping, doing, accept=True, digest=digest, progress=progress.at
            )
    if call.json:
        told = [{"line": each.line, "reason": each.reason} for each in found.rejects]
        doubts = [{"line": each.line, "reason": each.reason} for each in found.doubts]
        as_json({"file": found.name, "rejects": told, "doubts": doubts, **asdict(brought), "written": not dry_run})
        return
    _say_rejects(found.rejects, rejects)
    if found.doubts:
        say(_("Taken over though the times can't be right; the end counts as not known:"))
        _say_lines(found.doubts)
    _say_changes(asdict(brought), dry_run)
    if not dry_run:
        out(_("Brought in."))


@command(app, "days", N_("Working days by problem code, as a register's own dates show them."), shares=PLAIN)
def days(
    call: Call,
    file: _Source,
    map_: _Map,
    calendar: Annotated[
        str | None,
        typer.Option("--calendar", metavar="NAME|FILE", help=N_("Opening hours: one of ours by name, or a file.")),
    ] = None,
) -> None:
    """Print the table ``[working_days]`` for a mapping."""
    import json

    from desk import resources
    from desk.calendars import Calendar, load_calendar, statutory_years
    from desk.cli.files import calendar_file
    from desk.importing.mapping import read_mapping
    from desk.importing.register import learn_days, understand
    from desk.importing.table import read_table

    mapping = read_mapping(map_)
    folder = resources.path("calendars")
    if calendar is None and mapping.manual is not None:
        _name, _book, name, raw = mapping.manual
        hours = Calendar.from_dict(raw, name=name, statutory=statutory_years(folder))
    else:
        hours = load_calendar(calendar_file(calendar or "residential"), folder)
    learnt = learn_days(understand(read_table(file), mapping), hours)
    if call.json:
        as_json([asdict(each) | {"reliable": each.reliable} for each in learnt])
        return
    out("[working_days]")
    for each in learnt:
        out(f"{json.dumps(each.code, ensure_ascii=False)} = {each.days}  # {each.agree} / {each.requests}")
    agree = sum(each.agree for each in learnt if each.reliable)
    total = sum(each.requests for each in learnt if each.reliable)
    if total:
        say(
            _("{agree} of {total} requests ({share:.1%}) of the codes with enough of them agree.").format(
                agree=agree, total=total, share=agree / total
            )
        )


# -- what is said --------------------------------------------------------------------------------------------


def _say_people(columns: Mapping[str, Sequence[str]], unused: Sequence[str], lines: Sequence[Any]) -> None:
    """The first lines as understood, and what was made of the headings."""
    for name, headings in columns.items():
        say(_("{heading} → {field}").format(heading=" + ".join(headings), field=_(_FIELDS[name])))
    if unused:
        say(_("Not used: {headings}").format(headings=_(", ").join(unused)))
    heads = [_("Line"), *(_(_FIELDS[name]) for name in ("room", "name", "phone", "role", "note"))]
    rows = [
        (line.line, line.room, line.name, " / ".join(line.phones), _(_ROLES[line.role]) if line.role else "", line.note)
        for line in lines[:_SHOWN]
    ]
    table(heads, rows)
    if len(lines) > _SHOWN:
        out(_("… {count} lines in all").format(count=len(lines)))


def _say_rejects(rejects: Sequence[Reject], path: Path | None) -> None:
    if not rejects:
        return
    say(_("Rejected lines: {count}").format(count=len(rejects)))
    _say_lines(rejects)
    if path is not None:
        say(_("All of them are in {file}.").format(file=path))
    elif len(rejects) > _SHOWN:
        say(_("See all of them with --rejects OUT.csv."))


def _say_lines(lines: Sequence[Reject]) -> None:
    for each in lines[:_SHOWN]:
        say(_("  line {line}: {reason}").format(line=each.line, reason=each.reason))
    if len(lines) > _SHOWN:
        say(_("  … and {count} more").format(count=len(lines) - _SHOWN))


_COUNTED: Mapping[str, str] = {
    "rooms_added": N_("rooms added"),
    "rooms_changed": N_("rooms changed"),
    "people_added": N_("people added"),
    "people_changed": N_("people changed"),
    "opened": N_("tickets opened"),
    "joined": N_("further callers joined"),
    "closed": N_("tickets closed"),
    "cancelled": N_("tickets cancelled"),
    "live": N_("tickets still open"),
    "unchanged": N_("unchanged"),
    "rejected": N_("rejected"),
    "doubtful": N_("doubtful"),
}


def _say_changes(counts: Mapping[str, int], dry_run: bool) -> None:
    parts: Iterable[str] = (f"{_(_COUNTED[name])} {count}" for name, count in counts.items() if count)
    text = _(", ").join(parts) or _("nothing new")
    out((_("Would bring: {counts}") if dry_run else _("Brings: {counts}")).format(counts=text))


def _confirmed() -> bool:
    """Ask at a terminal whether the others go in; elsewhere nobody can be asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return typer.confirm(_("Bring in the others all the same?"), default=False, err=True)
