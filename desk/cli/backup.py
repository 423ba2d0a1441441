"""``desk backup`` and ``desk restore``: checked copies of the records, and one of them put back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desk.cli.call import Call
from desk.cli.shape import LOOK, command
from desk.cli.show import as_json, out, say, table
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from desk.store.backups import Copy

WHY = {"start": N_("at the start"), "day": N_("at the day's end"), "asked": N_("asked for")}
#: numbers of matters named before a copy is put back
_NAMED = 12


def add(app: typer.Typer, name: str, about: str) -> None:
    """Add the command: ``backup`` or ``restore``."""
    if name == "restore":
        command(app, name, about, shares=[*LOOK, "yes"])(restore)
    else:
        command(app, name, about, shares=LOOK)(backup)


def backup(
    call: Call,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FILE|FOLDER",
            help=N_(
                "Where the copy goes; else into the folder of backups beside the store, and those of DESK_BACKUPS."
            ),
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help=N_("List the backups there are instead."))] = False,
) -> None:
    """Copy and check; or list."""
    from desk.store import backups

    lying: list[Path] = []
    if listed:
        _list(call, backups.copies(path_of(call), backups.also()))
        return
    store = call.store
    if store.path is None:
        raise Refusal("store.server", place=store.place)
    call.allowed_whole("backup")
    if to is None:
        with working(_("Copying and checking")):
            made = backups.make(store.path, "asked", call.clock, backups.also())
        copy = made.copy.path if made.copy else backups.copies(store.path)[0].path
        lying = [place for place in backups.also() if place not in made.unreached]
        for place in made.unreached:
            say(_("{folder} could not be reached: there is no copy there.").format(folder=place))
    else:
        copy = _named(call, store.path, to)
        with working(_("Copying and checking")):
            store.backup(copy)
    if call.json:
        as_json({"file": str(copy), "bytes": copy.stat().st_size})
        return
    out(_("The records are copied to {file}; the copy has been checked.").format(file=copy))
    for place in lying:
        out(_("The same copy lies in {folder}, too.").format(folder=place / copy.parent.name))


def restore(
    call: Call,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help=N_("The backup; without one the backups are listed."))
    ] = None,
    newest: Annotated[bool, typer.Option("--newest", help=N_("Take the newest backup that is whole."))] = False,
) -> None:
    """Say what would be lost, ask, put the backup in place; the present file is kept."""
    from desk.cli.show import confirmed
    from desk.store import backups, cipher

    path = path_of(call)
    if file is None and not newest:
        _list(call, backups.copies(path, backups.also()))
        return
    call.allowed_whole("restore")
    call.let_go()
    if file is None:
        for copy in backups.copies(path, backups.also())[:1]:
            call.unlock(copy.path)
        found = backups.newest_good(path, backups.also())
        if found is None:
            raise Refusal("restore.none", place=str(path))
        file = found.path
    elif not file.exists():
        raise Refusal("restore.no_file", file=str(file))
    call.unlock(file)
    with working(_("Checking the backup")):
        what = backups.look(file)
    _tell(call, file, what.last, backups.lost(path, file) if path.exists() else backups.Lost(0))
    if not call.yes and not confirmed(_("Put this backup in the place of the records?")):
        raise Refusal("restore.ask")
    with working(_("Putting it in place")):
        kept = backups.put_back(path, file, call.clock)
    if call.json:
        as_json({"file": str(path), "from": str(file), "kept": str(kept) if kept else None})
        return
    out(_("The records are those of {file} now.").format(file=file))
    if kept is not None:
        out(_("What was there before is kept as {file}.").format(file=kept))
        if cipher.encrypted(kept) and not cipher.encrypted(path):
            out(_("These records are not encrypted: “desk encrypt” does that."))


@contextmanager
def working(what: str) -> Iterator[None]:
    """That something is going on, where somebody is looking: a large file takes seconds."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def _tell(call: Call, file: Path, last: datetime | None, lost: object) -> None:
    from desk.store.backups import Lost

    assert isinstance(lost, Lost)
    say(_("{file} is whole. Its last entry was made on {at}.").format(file=file, at=_moment(last)))
    if lost.entries is None:
        say(_("The present file can't be read: whatever was written since is not in the backup."))
    elif lost.entries:
        since, until = _moment(lost.since), _moment(lost.until)
        if since == until:
            said = ngettext(
                "{n} entry made since, at {until}, would be lost.",
                "{n} entries made since, at {until}, would be lost.",
                lost.entries,
            )
        else:
            said = _("{n} entries made since, from {since} to {until}, would be lost.")
        say(said.format(n=lost.entries, since=since, until=until))
        if lost.numbers:
            more = " …" if len(lost.numbers) > _NAMED else ""
            say(_("Matters taken down since: {numbers}").format(numbers=" ".join(lost.numbers[:_NAMED]) + more))
    else:
        say(_("Nothing was written since: nothing would be lost."))


def _list(call: Call, copies: list[Copy]) -> None:
    if call.json:
        as_json([{"file": str(c.path), "made_at": c.made_at.isoformat(), "why": c.why} for c in copies])
        return
    table(
        [_("Copied on"), _("Occasion"), _("File")],
        ((_moment(copy.made_at), _(WHY.get(copy.why, copy.why)), copy.path) for copy in copies),
    )


def _moment(at: datetime | None) -> str:
    """On this machine's clock: the estate's is in the file that may be damaged."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at is not None else "—"


def path_of(call: Call) -> Path:
    """The store's file, whether it can be opened or not. Raises :class:`Refusal` ``store.server``."""
    from desk.store import sqlite

    if "://" in str(call.place):
        raise Refusal("store.server", place=str(call.place).partition("://")[0] + "://…")
    return sqlite.absolute(call.place)


def _named(call: Call, path: Path, to: str) -> Path:
    """The new file: as it is called, or in the folder it is to stand in with this machine's date and time."""
    dated = f"{path.stem}-{call.clock.astimezone():%Y%m%d-%H%M%S}{path.suffix}"
    where = Path(to).expanduser()
    return where / dated if where.is_dir() or to.endswith(("/", os.sep)) else where
