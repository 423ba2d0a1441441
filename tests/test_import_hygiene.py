"""What a start may cost: each test starts a Python of its own and looks at what got imported."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

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


@pytest.mark.parametrize("option", ["--help", "--version"])
@pytest.mark.parametrize("lang", [(), ("--lang", "en"), ("--lang", "zh")])
def test_help_and_version_start_light(option: str, lang: tuple[str, ...]) -> None:
    found = imported("from desk.cli import main; main()", *lang, option)
    assert "desk" in found
    assert found.isdisjoint(HEAVY), found & set(HEAVY)


@pytest.mark.parametrize(
    "module",
    ["calendars", "limits", "rules", "rulebook", "vocabulary", "i18n", "resources", "errors", "wording"],
)
def test_the_pure_rooms_need_neither_interface_nor_store(module: str) -> None:
    found = imported(f"import desk.{module}")
    assert found.isdisjoint(HEAVY), found & set(HEAVY)


@pytest.mark.parametrize("module", ["store", "models", "ledger", "procedures", "queries"])
def test_nothing_below_the_screens_imports_textual(module: str) -> None:
    assert "textual" not in imported(f"import desk.{module}")


def test_the_console_paints_before_the_store_is_loaded() -> None:
    found = imported("import desk.app")
    assert "textual" in found
    assert found.isdisjoint({"sqlmodel", "sqlalchemy", "alembic"})
