"""``desk backup``: a checked copy of the records, made while everybody goes on working."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from desk.cli.call import Call
from desk.cli.shape import LOOK, command
from desk.cli.show import as_json, out
from desk.errors import Refusal
from desk.i18n import N_, _


def add(app: typer.Typer, name: str, about: str) -> None:
    """Add the command."""
    command(app, name, about, shares=LOOK)(backup)


def backup(
    call: Call,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="FILE|FOLDER", help=N_("Where the copy goes; else beside the store, with the date.")
        ),
    ] = None,
) -> None:
    """Copy and check."""
    store = call.store
    if store.path is None:
        raise Refusal("store.server", place=store.place)
    copy = _named(call, store.path, to)
    store.backup(copy)
    if call.json:
        as_json({"file": str(copy), "bytes": copy.stat().st_size})
        return
    out(_("The records are copied to {file}; the copy has been checked.").format(file=copy))


def _named(call: Call, path: Path, to: str | None) -> Path:
    """The new file: as it is called, or in the folder it is to stand in with this machine's date and time."""
    dated = f"{path.stem}-{call.clock.astimezone():%Y%m%d-%H%M%S}{path.suffix}"
    if to is None:
        return path.with_name(dated)
    where = Path(to).expanduser()
    return where / dated if where.is_dir() or to.endswith(("/", os.sep)) else where
