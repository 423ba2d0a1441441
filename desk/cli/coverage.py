"""``desk rules coverage``: from the catalogue's ids to the rules and their tests."""

from __future__ import annotations

from typing import Annotated

import typer

from desk import resources, rulebook
from desk.cli.call import Call
from desk.cli.show import as_json, out, say, table
from desk.i18n import N_, _, pick
from desk.rulebook.coverage import Row


def rows() -> list[Row]:
    """The coverage of the rulebooks we ship; tests are looked through where they are beside the data."""
    from desk.rulebook.coverage import coverage

    tests = resources.root().parent / "tests"
    books = {name: rulebook.load(resources.path(f"rulebooks/{name}.toml")) for name in resources.names("rulebooks")}
    return coverage(books, resources.path("catalogue.toml"), tests if tests.is_dir() else None)


def coverage(
    call: Call,
    gaps: Annotated[bool, typer.Option("--gaps", help=N_("Only what is missing."))] = False,
) -> None:
    """Print id, rule and test; exit code 1 on a gap."""
    found = rows()
    missing = [row for row in found if row.gap]
    shown = missing if gaps else found
    if call.json:
        as_json(
            [
                {
                    "id": row.id,
                    "rules": [f"{each.rulebook}:{each.id}" for each in row.carriers],
                    "tests": None if row.tests is None else list(row.tests),
                    "not_here": pick(row.why) if row.why is not None else None,
                    "word": row.word or None,
                    "gap": row.gap or None,
                }
                for row in shown
            ]
        )
    elif shown:
        table([_("Id"), _("Word"), _("Rule"), _("Test")], (_cells(row) for row in shown))
    if found[0].tests is None:
        say(_("There are no tests beside this installation; in a source checkout each rule's test is named too."))
    if not call.json:
        out(_("{n} ids, {gaps} gaps.").format(n=len(found), gaps=len(missing)))
    if missing:
        raise typer.Exit(1)


def _cells(row: Row) -> tuple[str, str, str, str]:
    rules = _first([f"{each.rulebook}:{each.id}" for each in row.carriers])
    if not rules:
        rules = _("no rule: {why}").format(why=pick(row.why)) if row.why is not None else _("MISSING")
    tests = _first(list(row.tests or ())) or (_("MISSING") if row.gap == "test" else "")
    return row.id, row.word, rules, tests


def _first(names: list[str]) -> str:
    """The first, and how many more: a line a screen wide for each id; ``--json`` has all."""
    more = len(names) - 1
    return _("{name} (+{n})").format(name=names[0], n=more) if more > 0 else "".join(names)
