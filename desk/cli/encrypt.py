"""``desk encrypt`` and ``desk decrypt``: the records under a passphrase, and opened up again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from desk.cli.backup import path_of, working
from desk.cli.call import Call
from desk.cli.shape import LOOK, command
from desk.cli.show import as_json, out, say
from desk.errors import Refusal
from desk.i18n import N_, _, ngettext


def add(app: typer.Typer, name: str, about: str) -> None:
    """Add the command: ``encrypt`` or ``decrypt``."""
    command(app, name, about, shares=[*LOOK, "yes"])(encrypt if name == "encrypt" else decrypt)


def encrypt(
    call: Call,
    again: Annotated[
        bool, typer.Option("--again", help=N_("Give records that are encrypted already another passphrase."))
    ] = False,
    remove: Annotated[
        bool | None,
        typer.Option(
            "--remove-plain/--keep-plain",
            help=N_("Remove the unencrypted file and backups that are left, or keep them. Else it is asked."),
        ),
    ] = None,
) -> None:
    """Ask for a passphrase, put the encrypted file in place, make a backup of it; then remove what is not encrypted."""
    from desk.cli.show import confirmed
    from desk.store import backups, cipher, sealing

    path = _closed(call)
    key = cipher.key_of(path)
    if key is not None and not again:
        raise Refusal("encrypt.already", place=str(path))
    if key is None and again:
        raise Refusal("encrypt.not", place=str(path))
    cipher.driver(str(path))
    passphrase = _new(call)
    say(_("Whoever loses the passphrase loses the records: nobody can get round it. Keep it on paper, under lock."))
    if not call.yes and not confirmed(_("Encrypt {file} and every backup from now on?").format(file=path)):
        raise Refusal("encrypt.ask")
    with working(_("Encrypting and comparing")):
        kept = sealing.seal(path, cipher.Key.made(passphrase), call.clock)
        made = backups.make(path, "asked", call.clock, backups.also())
    left = sealing.plain_left(path, backups.also())
    gone = _removed(call, left, remove)
    stays = [file for file in left if file not in gone]
    if call.json:
        named = {"plain": stays, "removed": gone}
        as_json(
            {"file": str(path), "kept": str(kept), **{name: [str(file) for file in of] for name, of in named.items()}}
        )
        return
    out(_("The records at {file} are encrypted; every row has been compared.").format(file=path))
    if made.copy is not None:
        out(_("Their first encrypted backup is {file}.").format(file=made.copy.path))
    if gone:
        out(
            ngettext("{n} unencrypted file is removed.", "{n} unencrypted files are removed.", len(gone)).format(
                n=len(gone)
            )
        )
    if kept not in gone:
        out(_("What was there before is kept as {file}.").format(file=kept))
    if stays:
        out(_("Not encrypted are still, for whoever gets at them:"))
        for file in stays:
            out(f"  {file}")
        out(_("Remove them once you have opened the records with the passphrase; copies elsewhere too."))


def decrypt(call: Call) -> None:
    """Ask, put a file that is not encrypted in place; the encrypted one is kept."""
    from desk.cli.show import confirmed
    from desk.store import cipher, sealing

    path = _closed(call)
    if cipher.key_of(path) is None:
        raise Refusal("encrypt.not", place=str(path))
    say(_("Whoever gets at the file or a backup of it will be able to read everything."))
    if not call.yes and not confirmed(_("Take the encryption of {file} away?").format(file=path)):
        raise Refusal("encrypt.ask")
    with working(_("Opening up and comparing")):
        kept = sealing.seal(path, None, call.clock)
    if call.json:
        as_json({"file": str(path), "kept": str(kept)})
        return
    out(_("The records at {file} are not encrypted any more; every row has been compared.").format(file=path))
    out(_("What was there before is kept as {file}.").format(file=kept))


def _closed(call: Call) -> Path:
    """The store's file, its passphrase given and the right held, with nothing of it open here."""
    path = path_of(call)
    store = call.store  # what can't be opened is not encrypted either
    call.allowed_whole("encrypt")
    if store.read_only:
        raise Refusal("store.read_only", place=store.place)
    call.let_go()
    return path


def _new(call: Call) -> str:
    """The new passphrase, typed twice or from the environment."""
    from desk.store import cipher

    given = os.environ.get(cipher.NEW_VARIABLE)
    new = call.secret(_("New passphrase")) if given is None else given
    if new is None:
        raise Refusal("encrypt.asked", variable=cipher.NEW_VARIABLE)
    if len(new.strip()) < cipher.SHORTEST:
        raise Refusal("encrypt.short", least=cipher.SHORTEST)
    if given is None and call.secret(_("Once more")) != new:
        raise Refusal("encrypt.twice")
    return new


def _removed(call: Call, left: list[Path], remove: bool | None) -> list[Path]:
    """What of the unencrypted files is gone: only what somebody said yes to, ``--yes`` does not say so much."""
    import sys

    from desk.store import sealing

    if not left or remove is False:
        return []
    if remove is None:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return []
        say(_("These files are not encrypted:"))
        for file in left:
            say(f"  {file}")
        if not typer.confirm(_("Remove them for good?"), default=False, err=True):
            return []
    stays = sealing.remove(left)
    return [file for file in left if file not in stays]
