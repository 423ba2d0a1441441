"""What a start may cost: each test starts a Python of its own and looks at what got imported."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

HEAVY = ("textual", "sqlmodel", "sqlalchemy", "alembic", "pydantic", "pypinyin", "rapidfuzz", "xlsxwriter")

PROBE = """
import contextlib, io, json, sys
sys.argv[:] = ["desk", *{arguments!r}]
try:
    with contextlib.redirect_stdout(io.StringIO()):
        {code}
except SystemExit as left:
    assert not left.code, left.code
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def imported(code: str, *arguments: str) -> set[str]:
    """The top-level modules in a fresh Python after ``code``."""
    probe = PROBE.format(arguments=arguments, code=code)
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(json.loads(ran.stdout.splitlines()[-1]))


#: rooms that must start light, from the bottom up
PURE = ("errors", "resources", "i18n", "limits", "calendars", "vocabulary", "rulebook", "rules", "wording")
BELOW = ("store", "models", "ledger", "queries", "procedures")


def test_help_and_version_start_light() -> None:
    """One Python for all of them: what none of them has loaded at the end, none loads."""
    asked = [[*lang, option] for lang in ([], ["--lang", "en"], ["--lang", "zh"]) for option in ("--help", "--version")]
    found = imported(
        f"""from desk.cli import main
        for asked in {asked!r}:
            sys.argv[1:] = asked
            try:
                main()
            except SystemExit as left:
                assert not left.code, (asked, left.code)"""
    )
    assert "desk" in found
    assert found.isdisjoint(HEAVY), found & set(HEAVY)


def test_the_pure_rooms_need_neither_interface_nor_store() -> None:
    assert after_each(PURE, HEAVY) == {room: [] for room in PURE}


def test_nothing_below_the_screens_imports_textual() -> None:
    assert after_each(BELOW, ("textual",)) == {room: [] for room in BELOW}


def after_each(rooms: Sequence[str], heavy: Sequence[str]) -> dict[str, list[str]]:
    """Which of ``heavy`` have been loaded when a room has been, one after the other in one Python: who began it is first."""
    code = f"""
import importlib, json, sys
print(json.dumps({{
    room: [name for name in {tuple(heavy)!r} if name in sys.modules]
    for room in {tuple(rooms)!r} if importlib.import_module("desk." + room)
}}))
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(ran.stdout)
    return found


def test_the_console_paints_before_the_store_is_loaded() -> None:
    found = imported("import desk.app")
    assert "textual" in found
    assert found.isdisjoint({"sqlmodel", "sqlalchemy", "alembic"})
