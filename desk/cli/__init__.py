"""The command line. Modules that cost start-up time are imported by the commands that need them."""

from __future__ import annotations

from typing import Annotated

import typer

from desk import __version__, i18n

app = typer.Typer(name="desk", add_completion=True, no_args_is_help=False, rich_markup_mode=None)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"desk {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def desk(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    lang: Annotated[str | None, typer.Option(help="Language of the interface: zh or en.")] = None,
) -> None:
    """The front-desk console of a residential estate."""
    if lang:
        i18n.install(lang)


def main() -> None:
    """The ``desk`` command."""
    i18n.install()
    app()
