"""docs/rules.md says what the rulebooks say."""

from __future__ import annotations

from desk import resources
from desk.rulebook import load
from tools import rule_table


def test_the_page_is_current() -> None:
    made = rule_table.page()
    assert rule_table.PAGE.read_text("utf-8") == made, "run: python tools/rule_table.py"


def test_every_paragraph_a_rulebook_names_stands_in_it() -> None:
    page = rule_table.page()
    for name in resources.names("rulebooks"):
        book = load(resources.path(f"rulebooks/{name}.toml"))
        for rule in book.rules.values():
            assert all(f"| {source} | `{rule.id}` |" in page for source in rule.source)
