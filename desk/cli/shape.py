"""How every command is shaped: help in the user's language, the options all share, refusals as exit codes.

Texts given to Typer are message ids; they are looked up when the help is shown, so that ``--lang`` decides.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from desk.cli.call import Call
from desk.i18n import N_, _

#: what Typer itself says in a help text
_LABELS = (N_("Usage: "), N_("Options:"), N_("Commands:"), N_("Arguments:"), N_("[required]"), N_("[default: "))
_OWN = (
    N_("Show this message and exit."),
    N_("Install completion for the current shell."),
    N_("Show completion for the current shell, to copy it or customize the installation."),
)

#: the options that commands share; each names those it takes
SHARED: dict[str, Any] = {
    "db": (
        str | None,
        typer.Option(
            "--db", metavar="FILE", help=N_("The store: a file, or a server's address. Else DESK_DB, else your own.")
        ),
    ),
    "estate": (
        str | None,
        typer.Option("--estate", metavar="NAME", help=N_("Which estate, where the store holds several.")),
    ),
    "as_": (
        str | None,
        typer.Option("--as", metavar="NAME", help=N_("Who records it: name or staff number. Else DESK_AS.")),
    ),
    "by": (str | None, typer.Option("--by", metavar="NAME", help=N_("Who did it, if not the one who records it."))),
    "at": (
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help=N_("When it happened; of a list, its moment: 14:00, 昨天 9:30, 2026-11-24T10:00+08:00. Else now."),
        ),
    ),
    "lang": (str | None, typer.Option("--lang", metavar="zh|en", help=N_("Language of the interface: zh or en."))),
    "json_": (bool, typer.Option("--json", help=N_("Print records as JSON."))),
    "yes": (bool, typer.Option("--yes", "-y", help=N_("Go on where the rules ask before."))),
    "full": (
        bool,
        typer.Option("--full", help=N_("Telephone numbers in full, where your duty allows it; that is recorded.")),
    ),
    "approved_by": (
        str | None,
        typer.Option("--approved-by", metavar="NAME", help=N_("Who approved it, where the rules want that.")),
    ),
}
LOOK = "db estate as_ at lang json_".split()
#: what shows people
PEOPLE = [*LOOK, "full"]
#: what needs no store takes the same, so that a script may always give them
PLAIN = LOOK
ACT = "db estate as_ by at lang json_ yes approved_by".split()


class _InLanguage:
    """Looks its texts up at the moment they are shown."""

    def get_help(self, ctx: Any) -> str:
        with _translated(self, [*self.params, self.get_help_option(ctx)]):  # type: ignore[attr-defined]
            text = str(super().get_help(ctx))  # type: ignore[misc]
        for label in _LABELS:
            text = text.replace(label, _(label))
        return text

    def get_short_help_str(self, limit: int = 45) -> str:
        with _translated(self, []):
            return str(super().get_short_help_str(limit=200))  # type: ignore[misc]


class Command(_InLanguage, TyperCommand):
    """A command whose help is in the user's language."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        for param in self.params:
            if param.param_type_name == "argument":
                # an argument's name says what it is; “<str>” after it says nothing
                vars(param)["display_type_rich"] = lambda ctx: ""


class Group(_InLanguage, TyperGroup):
    """A group of commands whose help is in the user's language."""


@contextmanager
def _translated(command: Any, params: list[Any]) -> Iterator[None]:
    holders = [(command, name) for name in ("help", "short_help", "epilog")]
    holders += [(param, "help") for param in params if hasattr(param, "help")]
    kept = [(holder, name, getattr(holder, name, None)) for holder, name in holders]
    for holder, name, text in kept:
        if text:
            setattr(holder, name, _(text))
    try:
        yield
    finally:
        for holder, name, text in kept:
            setattr(holder, name, text)


def group(about: str, **more: Any) -> typer.Typer:
    """A group of commands."""
    return typer.Typer(cls=Group, help=about, rich_markup_mode=None, no_args_is_help=True, **more)


def command(
    app: typer.Typer,
    name: str,
    about: str,
    *,
    shares: list[str],
    **more: Any,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add a command: the function takes a :class:`Call` first, then its own parameters; the shared options are ours."""

    def add(work: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(work, eval_str=True).parameters.values())[1:]
        add_function(app, name, about, work, own, shares, **more)
        return work

    return add


def add_function(
    app: typer.Typer,
    name: str,
    about: str,
    work: Callable[..., None],
    own: list[inspect.Parameter],
    shares: list[str],
    **more: Any,
) -> None:
    """Add ``work`` as a command with parameters ``own`` and the shared options named."""

    def run(ctx: typer.Context, **given: Any) -> None:
        shared = {name: given.pop(name) for name in shares}
        with Call.of(ctx, shared) as call:
            work(call, **given)

    keyword = inspect.Parameter.KEYWORD_ONLY
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    options = []
    for shared in shares:
        kind, option = SHARED[shared]
        default = False if kind is bool else None
        options.append(inspect.Parameter(shared, keyword, default=default, annotation=Annotated[kind, option]))
    parameters = [context, *(each.replace(kind=keyword) for each in own), *options]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    run.__name__ = name.replace("-", "_")
    app.command(name, cls=Command, help=about, **more)(run)
