"""The handbook says what is so: its examples are accepted, its keys and commands exist, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk import i18n, resources, rulebook, vocabulary
from desk.calendars import load_calendar
from desk.cli import COMMANDS, build
from desk.i18n import _
from desk.procedures import VERBS
from desk.rulebook import building
from desk.screens.more import ENTRIES

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
HANDBOOK = [page for page in PAGES if page.parent != ROOT / "docs"]

#: texts of the interface that are neither verbs nor facts
OTHERS = (
    "Take back the last entry",
    "Change my PIN",
    "Lock the console",
    "Who",
    "Done by, if not you",
    "When, if earlier",
)


def names(pages: list[Path]) -> list[str]:
    return [str(page.relative_to(ROOT)) for page in pages]


def blocks(page: Path, sort: str) -> Iterator[str]:
    """The page's fenced blocks marked ``toml <sort>``."""
    yield from re.findall(rf"```toml {sort}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def commands(page: Path) -> Iterator[str]:
    """Every ``desk …`` the page would have somebody type."""
    text = page.read_text("utf-8")
    yield from [*re.findall(r"^    (desk .*)$", text, re.MULTILINE), *re.findall(r"`(desk [^`]*)`", text)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_languages_have_every_page(language: str) -> None:
    other = {"zh": "en", "en": "zh"}[language]
    for page in (ROOT / "docs" / language).glob("*.md"):
        twin = ROOT / "docs" / other / page.name
        assert twin.exists()
        heads = [len(head) for head in re.findall(r"^(#+) ", page.read_text("utf-8"), re.MULTILINE)]
        assert heads == [len(head) for head in re.findall(r"^(#+) ", twin.read_text("utf-8"), re.MULTILINE)]


@pytest.mark.parametrize("page", HANDBOOK, ids=names(HANDBOOK))
def test_examples_are_accepted(page: Path, tmp_path: Path) -> None:
    for text in blocks(page, "rulebook"):
        file = tmp_path / "estate.toml"
        file.write_text(text, "utf-8")
        rulebook.load(file, lambda name: resources.path(f"rulebooks/{name}.toml"))
    for text in blocks(page, "calendar"):
        file = tmp_path / "hours.toml"
        file.write_text(text, "utf-8")
        load_calendar(file, resources.path("calendars"))
    for text in blocks(page, "prompts"):
        tomllib.loads(text)


@pytest.mark.parametrize("page", HANDBOOK, ids=names(HANDBOOK))
def test_commands_exist(page: Path) -> None:
    for line in commands(page):
        words = shlex.split(line, comments=True)[1:]
        command, options = build(frozenset(COMMANDS)), {word.partition("=")[0] for word in words if word[:2] == "--"}
        for word in words:
            if not hasattr(command, "commands"):
                break
            if re.fullmatch("[a-z-]+", word) and not word.startswith("-"):
                assert word in command.commands, line
                command = command.commands[word]
        known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
        assert options <= {*known, "--help", "--version", "--lang", "--db"}, line


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for to in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert to.startswith("http") or (page.parent / to).exists(), to
    heads = {anchor(head) for head in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    for to in re.findall(r"\]\(#([^)]*)\)", text):
        assert to in heads, to


def anchor(head: str) -> str:
    """A heading as links name it: lower case, blanks as dashes, without punctuation."""
    return re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_key_of_a_rulebook_is_explained(language: str) -> None:
    text = (ROOT / "docs" / language / "administrator.md").read_text("utf-8")
    explained = set(re.findall(r"`([^`\n]+)`", text))
    said = {word for each in explained for word in re.findall(r"[a-z0-9_]+", each)}
    keys = {
        *building._TOP,
        *building._KIND,
        *building._RULE,
        *building._STEP,
        *building._GUARD,
        *building._TARGET,
        *building._RESPONSIBLE,
    }
    assert keys - said == set()
    assert set(vocabulary.SETTINGS) - said == set()
    assert {*vocabulary.DUTIES, *vocabulary.STEPS, *vocabulary.COUNTS, *vocabulary.MEASURES} - said == set()


@pytest.mark.parametrize(
    ("language", "quoted"),
    [("zh_CN", r"选“([^”]+)”"), ("en", r"\"([A-Z][^\"…]+)\"")],
)
def test_what_the_receptionist_chooses_is_called_so(language: str, quoted: str) -> None:
    """Every act and field the page quotes bears that name in the interface."""
    i18n.install(language)
    try:
        titles = {_(verb.title) for verb in VERBS.values()}
        titles |= {_(param.title) for verb in VERBS.values() for param in verb.params}
        titles |= {_(fact.title) for fact in vocabulary.FACTS.values()}
        titles |= {_(text) for text in OTHERS}
    finally:
        i18n.install("en")
    page = (ROOT / "docs" / language[:2] / "receptionist.md").read_text("utf-8")
    found = {" ".join(text.split()) for text in re.findall(quoted, page)}
    assert {text for text in found if text not in titles} == set()


def test_the_digits_of_the_menu_are_those_the_handbook_says() -> None:
    titles = [entry.title for entry in ENTRIES]
    assert titles[:4] == ["People and rooms", "Tickets", "The day", "Roster"]
    assert titles[6] == "Take back the last entry"
