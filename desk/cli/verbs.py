"""Commands made from the procedures' verbs: what a verb asks for becomes options, what it answers a record."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

import typer

from desk import wording
from desk.cli.call import Call
from desk.cli.shape import ACT, add_function
from desk.cli.show import as_json, out, plain, say
from desk.cli.typing import answers
from desk.errors import Refusal
from desk.i18n import N_, _, pick
from desk.procedures.verbs import Done, Param, Verb, act
from desk.vocabulary import FACTS

#: options of ours that a verb's value must not hide
_TAKEN = {"db", "as", "by", "at", "lang", "json", "yes", "estate", "approved_by", "subject", "help"}

#: finds what the verb is done to from what was typed
Find = Callable[[Call, str], UUID]


def add_verb(app: typer.Typer, verb: Verb, find: Find | None, noun: str, *, name: str | None = None) -> None:
    """Add ``verb`` as a command; ``find`` turns its argument, called ``noun``, into the subject's id."""
    own = []
    if find is not None:
        keyword = inspect.Parameter.KEYWORD_ONLY
        own.append(inspect.Parameter("subject", keyword, annotation=Annotated[str, typer.Argument(metavar=noun)]))
    own += [option(param) for param in verb.params]

    def work(call: Call, subject: str | None = None, **given: Any) -> None:
        if verb.grave and not call.yes:
            raise Refusal("cli.grave", title=verb.title)
        ident = find(call, subject) if find is not None and subject is not None else None
        done = act(call.ledger, verb, ident, values(call, verb.params, given), call.doing())
        told(call, verb, done)

    add_function(app, name or verb.name, verb.title, work, own, ACT)


def option(param: Param) -> inspect.Parameter:
    """A value a verb asks for, as an option."""
    flag = param.name.replace("_", "-")
    flag = f"--{flag}-value" if param.name in _TAKEN else f"--{flag}"
    names = [flag, flag.replace("--", "--no-", 1)] if param.type == "flag" else [flag]
    kinds: Mapping[str, Any] = {"flag": bool | None, "number": float | None, "answers": list[str] | None}
    about = typer.Option(*("/".join(names),), help=param.title, show_default=False, metavar=_metavar(param))
    return inspect.Parameter(
        param.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kinds.get(param.type, str | None), about],
    )


def _metavar(param: Param) -> str | None:
    if param.type == "flag":
        return None
    if param.type == "choice":
        fact = FACTS.get(param.name)
        return "|".join(param.choices or (fact.values if fact else ())) or "WORD"
    metavars = {"kind": "KIND", "time": "TIME", "staff": "NAME", "number": "NUMBER", "answers": "QUESTION=yes|no"}
    return metavars.get(param.type, "TEXT")


def values(call: Call, params: tuple[Param, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as the verb takes it: people and times found out. Raises :class:`Refusal`."""
    found: dict[str, Any] = {}
    for param in params:
        value = given.get(param.name)
        if value is None or value == []:
            continue
        found[param.name] = _value(call, param, value)
    return found


def _value(call: Call, param: Param, value: Any) -> Any:
    if param.type == "staff":
        return call.person(value).id
    if param.type == "time":
        return call.time(value)
    if param.type == "answers":
        return answers(value)
    if param.type == "number" and float(value).is_integer():
        return int(value)
    return value


def told(call: Call, verb: Verb, done: Done, number: str | None = None, what: str | None = None) -> None:
    """What an act brought: its record on the standard output, guards' sentences beside it.

    ``number`` is that of the ticket it belongs to; ``what`` says it better than the event's title.
    """
    for guard in done.said:
        say(pick(guard.text))
    if call.json:
        record = {
            "event": done.event,
            "subject": done.subject_type,
            "id": str(done.subject_id),
            "number": done.number or number,
            "at": plain(call.doing().happened_at, call.zone),
            "opened": list(done.opened),
        }
        as_json(record)
        return
    what = what or wording.title(done.event)
    out(_("{number} {title}").format(number=done.number or number or "", title=what).strip())
    for number in done.opened:
        out(_("Opened {number}.").format(number=number))


#: marked here for the catalogue: arguments of the commands made above
NOUNS = (N_("NUMBER"), N_("RULE"))
