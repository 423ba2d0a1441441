"""``desk forget`` and ``desk retention``, and the person's own export of ``desk export``."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desk.cli.call import Call
from desk.cli.files import harmless, write_whole
from desk.cli.shape import LOOK, command
from desk.cli.show import as_json, confirmed, out, plain, say, table
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext, pick
from desk.text import fold, narrow

if TYPE_CHECKING:
    from desk.queries.held import Held

_ACT = [*LOOK, "yes"]
_OTHERS = {
    "visitors": N_("Visits"),
    "notes": N_("Log notes"),
    "handovers": N_("Notes of handovers"),
    "people": N_("People who have moved out"),
}


def add(app: typer.Typer, name: str, about: str) -> None:
    """Add the command: ``forget`` or ``retention``."""
    works: dict[str, Callable[..., None]] = {"forget": forget, "retention": retention}
    command(app, name, about, shares=_ACT)(works[name])


# -- one person ----------------------------------------------------------------------------------------------


def _held(call: Call, text: str) -> Held:
    from desk.queries.held import held, person_meant

    with call.reading() as session:
        return held(session, call.ledger.estate_id, person_meant(session, call.ledger.estate_id, text))


def export_person(call: Call, who: str, to: Path) -> None:
    """Everything held about somebody: one JSON file, or a folder of CSV files."""
    from desk.procedures import privacy
    from desk.queries.held import told

    what = _held(call, who)
    with call.reading() as session:
        tables = {
            name: [plain(row, call.zone) for row in rows]
            for name, rows in told(session, call.ledger.estate_id, what).items()
        }
    count = sum(map(len, tables.values()))
    if to.suffix.lower() == ".json":
        content = {"estate": call.ledger.name, "at": call.clock.astimezone(call.zone).isoformat(), **tables}
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        write_whole(to, lambda path: path.write_text(text, encoding="utf-8"))
        to.chmod(0o600)
    else:
        _folder(to)
        for name, rows in tables.items():
            write_whole(to / f"{name}.csv", lambda path, rows=rows: _csv(path, rows))  # type: ignore[misc]
    privacy.exported(call.ledger, "person", count, call.doing(), full=True, person_id=what.person_id)
    if call.json:
        as_json({"file": str(to), "rows": count})
    else:
        out(
            ngettext(
                "All that is held about {name}: {count} row in {file}.",
                "All that is held about {name}: {count} rows in {file}.",
                count,
            ).format(name=what.name, count=count, file=to)
        )


def _folder(to: Path) -> None:
    try:
        to.mkdir(mode=0o700, exist_ok=True)
    except OSError as fault:
        raise Refusal("export.failed", file=str(to), error=fault.strerror or str(fault)) from fault


def _csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> int:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(list(rows[0]) if rows else [])
        writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return len(rows)


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return harmless(json.dumps(value, ensure_ascii=False))
    return "" if value is None else harmless(value)


def forget(
    call: Call,
    what: Annotated[str, typer.Argument(metavar="person", help=N_("What is forgotten: person."))],
    who: Annotated[str, typer.Argument(metavar="NAME|PHONE|ID", help=N_("Whole name, telephone number, or id."))],
) -> None:
    """Say what goes, ask, and take it away."""
    from desk.procedures import privacy

    if what != "person":
        raise Refusal("value.choice", name="what", title=N_("What is forgotten"), value=what, known=["person"])
    call.allowed("forget")
    doing = call.doing()
    found = _held(call, who)
    privacy.refuse_open(found)
    with call.reading() as session:
        gone = privacy.would_go(session, call.ledger.estate_id, found)
    if not call.json:
        for line in going(found, gone.words):
            say(line)
    if not call.yes and not confirmed(_("Forget this person for good?")):
        raise Refusal("forget.ask")
    gone = privacy.forget_person(call.ledger, found.person_id, doing)
    if call.json:
        as_json({"person": str(found.person_id), **asdict(gone)})
        return
    out(_("Forgotten. The chain of entries holds; backups made before still have the words."))


def going(found: Held, words: int) -> list[str]:
    """What goes with a person, in lines."""
    rooms = _(", ").join(code for code, _role in found.rooms)
    numbers = _(", ").join(each.number for each in found.matters)
    lines = [" ".join(filter(None, (found.name, rooms, _(", ").join(found.phones))))]
    lines.append(
        _("Their record, {words} words of {matters} matters and visits, {drafts} drafts go.").format(
            words=words, matters=len(found.matters), drafts=len(found.drafts)
        )
    )
    if numbers:
        lines.append(numbers)
    lines.append(_("That something happened and when stays, without a word of it. This can't be taken back."))
    return lines


# -- kept for so long ----------------------------------------------------------------------------------------


def retention(
    call: Call,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND=MONTHS", help=N_("Keep a kind's words so many months after it ended; 0: for good.")),
    ] = None,
    do: Annotated[bool, typer.Option("--do", help=N_("Take away what has been kept long enough; asks first."))] = False,
) -> None:
    """Show; set; do."""
    from desk.cli.check import showing
    from desk.procedures import privacy

    if keep:
        privacy.keep_for(call.ledger, dict(_months(call, each) for each in keep), call.doing())
    with call.reading() as session:
        lines = privacy.retention(call.ledger, session, call.clock)
    if not do:
        _show(call, lines)
        return
    call.allowed("forget")
    doing = call.doing()
    due = sum(line.due for line in lines)
    if not due:
        raise Refusal("retention.nothing")
    if not call.json:
        _show(call, [line for line in lines if line.due])
    if not call.yes and not confirmed(_("Take the words of these away for good?")):
        raise Refusal("retention.ask")
    with showing({"retention": N_("Taking away")}) as progress:
        gone = privacy.apply_retention(call.ledger, doing, progress)
    if call.json:
        as_json(asdict(gone))
        return
    out(
        _("{words} words of {roots} matters taken away, {people} people forgotten.").format(
            words=gone.words, roots=gone.roots, people=gone.people
        )
    )


def _titles(call: Call) -> dict[str, str]:
    """What is kept, by its word: as the list shows it."""
    titles = {kind.id: pick(kind.title) for kind in call.ledger.book.kinds.values()}
    return {name: _(title) for name, title in _OTHERS.items()} | titles


def _months(call: Call, text: str) -> tuple[str, int]:
    """A kind's word, or its title as the list shows it, and the months."""
    kind, _sign, months = narrow(text).partition("=")
    if not months.strip().isdecimal():
        raise Refusal("retention.form", text=text)
    named = {fold(title): name for name, title in _titles(call).items()}
    return named.get(fold(kind), kind.strip()), int(months)


def _show(call: Call, lines: Sequence[Any]) -> None:
    if call.json:
        as_json([plain(line, call.zone) for line in lines])
        return
    titles = _titles(call)
    table(
        [_("Kind"), _("What"), _("Kept for"), _("Ended before"), _("Would lose their words")],
        (
            (
                line.kind,
                titles.get(line.kind, line.kind),
                ngettext("{n} month", "{n} months", line.months).format(n=line.months)
                if line.months
                else _("for good"),
                line.before.astimezone(call.zone).date().isoformat() if line.before else "",
                line.due or "",
            )
            for line in lines
        ),
    )
