"""The command line. Modules that cost start-up time are imported by the commands that need them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer

from desk import __version__, i18n
from desk.cli.shape import SHARED, Group, group
from desk.errors import Refusal
from desk.i18n import N_, _

#: command: the module that holds it (as ``app`` for a group, ``add`` for single commands), and its help
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("founding", N_("Set up an estate: its name, manual, calendar, and who works here.")),
    "demo": ("founding", N_("Load the demonstration estate.")),
    "import": ("imports", N_("Bring in people and rooms, or a register of tickets.")),
    "ticket": ("tickets", N_("Open, show, list tickets, and everything that is done to them.")),
    "visit": ("visits", N_("Visitors and callers: the waiting board, and everything that is done for them.")),
    "due": ("boards", N_("What must be done, in order.")),
    "callback": ("boards", N_("The callback queue; with a number, call back.")),
    "log": ("boards", N_("The duty log; with --note, write in it.")),
    "handover": ("shifts", N_("Hand the shift over, take it over, look at past handovers.")),
    "roster": ("shifts", N_("Who is on duty when; come, read the briefing, leave.")),
    "pin": ("pins", N_("PINs: your own, first ones for others, whether everybody needs one.")),
    "oncall": ("oncall", N_("Who is to be rung for an emergency, in what order.")),
    "day": ("day", N_("What is done for the whole day: the sweep, the report, the publication.")),
    "duty": ("day", N_("Recurring duties: done, or skipped with a reason.")),
    "workload": ("day", N_("The workload is full, or free again.")),
    "step": ("day", N_("Acknowledge a step that came up because something was missed.")),
    "tick": ("day", N_("Record what has come up since (the console does so by itself).")),
    "rules": ("rules", N_("Rulebooks: check one, what it makes due, why, and its words.")),
    "calendar": ("calendars", N_("Opening hours, and due times through them.")),
    "export": ("export", N_("Write tickets, events or people to a file.")),
    "forget": ("privacy", N_("Forget a person: what they said goes, what happened stays.")),
    "retention": ("privacy", N_("How long words are kept, by kind, and what would go; with --do it goes.")),
    "backup": ("backup", N_("Copy the records while everybody goes on working; the copy is checked.")),
    "restore": ("backup", N_("Put a backup back: says what would be lost, keeps the present file, asks.")),
    "encrypt": ("encrypt", N_("Put the records under a passphrase: compares every row, keeps the former file, asks.")),
    "decrypt": ("encrypt", N_("Take the encryption away again; the encrypted file is kept.")),
    "check": ("check", N_("Check the records: the file, the chain of entries, the deadlines reckoned again.")),
    "access": ("access", N_("On a PostgreSQL server: what the counters' users may do; they can't rewrite the ledger.")),
    "move": ("move", N_("Carry all records from a file to a server, or back; counted and checked there.")),
    "report": ("reports", N_("Registers, the day's report, the targets.")),
}
#: those that are a group of commands
GROUPS = frozenset("pin import ticket visit handover roster day duty workload rules calendar report".split())

_EPILOG = N_(
    "Exit codes: 0 done; 1 refused, the sentence says why; 2 used wrongly; 3 the rules ask first: repeat with --yes or "
    "--approved-by; 4 the store cannot be used; 70 a fault of desk itself."
)


def _start(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help=N_("Print the version and exit."))] = False,
    db: Annotated[str | None, SHARED["db"][1]] = None,
    estate: Annotated[str | None, SHARED["estate"][1]] = None,
    as_: Annotated[str | None, SHARED["as_"][1]] = None,
    at: Annotated[str | None, SHARED["at"][1]] = None,
    lang: Annotated[str | None, SHARED["lang"][1]] = None,
    json_: Annotated[bool, SHARED["json_"][1]] = False,
) -> None:
    """What is said before the command holds for it too."""
    ctx.obj = {"db": db, "estate": estate, "as_": as_, "at": at, "json_": json_}
    if ctx.invoked_subcommand is None:
        console(db, lang, as_, estate)


@cache
def build(asked: frozenset[str]) -> Any:
    """The command as far as it is ``asked`` for: only what is named is loaded. Kept, for whoever runs several."""
    app = typer.Typer(
        name="desk", cls=Group, add_completion=True, rich_markup_mode=None, no_args_is_help=False, epilog=_EPILOG
    )

    app.callback(invoke_without_command=True, help=N_("The front-desk console of a residential estate."))(_start)
    for name, (module, about) in COMMANDS.items():
        if name in asked:
            found = import_module(f"desk.cli.{module}")
            if name in GROUPS:
                app.add_typer(getattr(found, f"{name}_app", None) or found.app, name=name, help=about)
            else:
                found.add(app, name, about)
        else:
            # listed, not loaded
            stub = group(about)
            stub.callback(invoke_without_command=True)(lambda: None)
            app.add_typer(stub, name=name, help=about)
    return typer.main.get_command(app)


def console(db: str | None, lang: str | None, as_: str | None = None, estate: str | None = None) -> None:
    """Open the console; without a terminal, say so."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        typer.echo(_("The console needs a terminal. For scripts there are commands: desk --help"), err=True)
        raise typer.Exit(2)
    from desk.app import run

    raise typer.Exit(run(db, estate=estate, who=as_, lang=lang))


def run_cli(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing escapes as a traceback."""
    from desk import wording

    try:
        i18n.install(_language(arguments))
    except Refusal as refusal:
        typer.echo(wording.sentence(refusal), err=True)
        return 2
    if "--version" in arguments and not COMMANDS.keys() & set(arguments):
        # asked by scripts and at every start of some shells: not worth loading anything for
        typer.echo(f"desk {__version__}")
        return 0
    completing = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
    try:
        asked = COMMANDS.keys() & {*arguments, *completing.split()}
        found: Any = build(frozenset(asked))(list(arguments), standalone_mode=False, prog_name="desk")
        return found if isinstance(found, int) else 0
    except typer.Exit as left:
        return left.exit_code
    except (typer.Abort, KeyboardInterrupt, EOFError):
        typer.echo(_("Stopped: nothing was recorded."), err=True)
        return 130
    except BrokenPipeError:
        # whoever read us has had enough; the interpreter must not complain at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as fault:
        from desk.cli.usage import told

        return told(fault)


def _language(arguments: Sequence[str]) -> str | None:
    """``--lang`` wherever it stands: help is made before options are read."""
    for word, after in zip(arguments, [*arguments[1:], ""], strict=False):
        if word == "--lang" and after:
            return after
        if word.startswith("--lang="):
            return word.partition("=")[2]
        if word == "--":
            break
    return None


def main() -> None:
    """The ``desk`` command."""
    raise SystemExit(run_cli(sys.argv[1:]))
