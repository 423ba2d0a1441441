"""What is said where a command was used wrongly, or where desk itself is at fault."""

from __future__ import annotations

import os
import re
import traceback

import typer

from desk.cli.call import FAULT, USAGE
from desk.i18n import N_, _

#: Typer's complaints, by what they begin with; they come in English only
_SAID = (
    (
        (
            r"No such option: (?P<name>\S+?)\.?(?: Did you mean (?P<near>\S+?)\??)?"
            r"(?: \(Possible options: (?P<several>.*)\))?"
        ),
        N_("There is no option {name} here."),
    ),
    (r"No such command '(?P<name>.*?)'\.?(?: Did you mean (?P<near>.*)\?)?", N_("There is no command “{name}”.")),
    (r"Missing argument '(?P<name>.*?)'\.?.*", N_("{name} is missing.")),
    (r"Missing option '(?P<name>.*?)'\.?.*", N_("The option {name} is missing.")),
    (r"Missing command\.", N_("Say which command.")),
    (r"Option '(?P<name>.*?)' requires an argument\.", N_("The option {name} needs a value.")),
    (r"Option '(?P<name>.*?)' does not take a value\.", N_("The option {name} takes no value.")),
    (r"Got unexpected extra argument(?:\(s\)|s)? \((?P<name>.*)\)", N_("That is one word too many: {name}")),
    (
        r"Invalid value for '?(?P<name>.*?)'?: Input should be greater than or equal to (?P<least>\d+)",
        N_("{name} is at least {least}."),
    ),
    (
        r"Invalid value for '?(?P<name>.*?)'?: Input should be less than or equal to (?P<most>\d+)",
        N_("{name} is at most {most}."),
    ),
    (r"Invalid value for '?(?P<name>.*?)'?: Input should be a valid integer.*", N_("{name} is a whole number.")),
    (r"Invalid value for '?(?P<name>.*?)'?: .*", N_("The value for {name} is not one it can take.")),
)


def told(fault: Exception) -> int:
    """Say what is wrong and return the exit code: Typer's complaints in the user's language, our faults in short."""
    message = getattr(fault, "format_message", None)
    if message is not None and hasattr(fault, "exit_code"):
        context = getattr(fault, "ctx", None)
        if type(fault).__name__ == "NoArgsIsHelpError":
            typer.echo(str(message()))
            return USAGE
        typer.echo(_usage(str(message())), err=True)
        if context is not None:
            typer.echo(_("Help: {command} --help").format(command=context.command_path), err=True)
        return USAGE
    if os.environ.get("DESK_DEBUG"):
        traceback.print_exception(fault)
    kind, detail = type(fault).__name__, " ".join(str(fault).split())[:200]
    typer.echo(
        _(
            "A fault of desk itself ({kind}: {detail}). Nothing is half-written. Please report it; DESK_DEBUG=1 "
            "tells more."
        ).format(kind=kind, detail=detail),
        err=True,
    )
    return FAULT


def _usage(message: str) -> str:
    line = " ".join(message.split())
    for pattern, words in _SAID:
        found = re.fullmatch(pattern, line)
        if found is None:
            continue
        parts = found.groupdict()
        said = _(words).format(**parts)
        near = parts.get("near") or parts.get("several")
        if near:
            said = _("{sentence} Did you mean “{nearest}”?").format(sentence=said, nearest=near.replace("'", ""))
        return said
    return line
