"""Which rule carries which paragraph of a manual: writes docs/rules.md from the rulebooks we ship.

python tools/rule_table.py           # write it
python tools/rule_table.py --check   # exit code 1 where it is out of date
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from desk import resources
from desk.rulebook import Guard, Rule, Rulebook, Target, Text, load

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rules.md"

_TOP = """# From the manual's paragraphs to rules · 规程条文与规则对照

Made by `tools/rule_table.py` from `data/rulebooks/`; a test holds it current. A figure beginning with `$` stands under
`[figures]` in the rulebook: it is a word of the manual without a number, and its default is named.

本表由 `tools/rule_table.py` 根据 `data/rulebooks/` 生成。以 `$` 开头的时限取自规程文件的 `[figures]`：
原文只有“及时”一类的说法，没有数字，括号里是默认值。
"""
_HEAD = ("id", "rule", "中文", "English", "within", "missed")
_FIGURES = ("figure", "default · 默认值", "the manual's word · 原文")
# a figure's line, with what its comment says of the manual's word
_FIGURE = re.compile(r'(?P<name>\w+) = "[^"]*"\s*#\s*(?P<word>.+)')


def page() -> str:
    """The whole page."""
    parts = [_TOP]
    for name in resources.names("rulebooks"):
        book = load(resources.path(f"rulebooks/{name}.toml"))
        rows = sorted(_rows(book), key=lambda row: (_order(row[0]), row[1]))
        parts.append(f"\n## {book.title['zh']} · {book.title['en']} (`{name}`)\n")
        parts.extend(_table(_HEAD, rows))
        parts.append("\n### 没有数字的说法 · Words without a number\n")
        parts.extend(_table(_FIGURES, _figures(name, book)))
    parts.append("\n## 不是前台规则的条目 · No desk's rule\n")
    parts.append("`desk rules coverage` 逐条列出编号、规则和测试。 · `desk rules coverage` lists id, rule and test.\n")
    parts.extend(_table(("id", "原因", "reason"), _not_here()))
    return "\n".join(parts) + "\n"


def _not_here() -> Iterator[tuple[str, ...]]:
    """What data/catalogue.toml says is no desk's rule, with the reason."""
    said = tomllib.loads(resources.path("catalogue.toml").read_text("utf-8"))["not_here"]
    yield from ((ident, why["zh"], why["en"]) for ident, why in said.items())


def _figures(name: str, book: Rulebook) -> Iterator[tuple[str, ...]]:
    """The figures of a manual with the word each stands for, as the comment beside it has it."""
    text = resources.path(f"rulebooks/{name}.toml").read_text("utf-8")
    words = {found["name"]: found["word"].strip() for found in _FIGURE.finditer(text)}
    for figure, limit in book.figures.items():
        yield f"`{figure}`", limit or "—", words.get(figure, "")


def _rows(book: Rulebook) -> Iterator[tuple[str, ...]]:
    """One row for each paragraph a rule, a guard or a target carries."""
    for rule in book.rules.values():
        for source in rule.source:
            yield source, f"`{rule.id}`", *_both(rule.title), _within(rule, book), _missed(rule)
    for guard in book.guards:
        for source in guard.source:
            yield source, f"`{guard.id}`", *_both(guard.text), _guarded(guard), ""
    for target in book.targets:
        for source in target.source:
            yield source, f"`{target.id}`", *_both(target.title), _aimed(target), ""


def _both(text: Text) -> tuple[str, str]:
    return text["zh"], text["en"]


def _within(rule: Rule, book: Rulebook) -> str:
    """The limit as the rulebook writes it, a figure with what stands for it; recurring rules with how often."""
    limit = rule.within.words()
    for figure in sorted(rule.within.figures()):
        limit += f" ({book.figures[figure] or '—'})"
    return f"{rule.every}: {limit}" if rule.every else limit


def _missed(rule: Rule) -> str:
    return " → ".join(f"{step.then} {step.who}" for step in rule.missed)


def _guarded(guard: Guard) -> str:
    return f"{guard.do} before {', '.join(guard.before)}"


def _aimed(target: Target) -> str:
    figure = f"≥ {target.at_least}" if target.at_least is not None else f"< {target.below}"
    return f"{target.measure} {figure}" + (f" per {target.per}" if target.per else "")


def _order(source: str) -> tuple[str, int]:
    """``D-9`` before ``D-10``, deadlines and duties before paragraphs."""
    letters, number = re.fullmatch(r"([A-Z]\d?)-(\d+)", source).groups()  # type: ignore[union-attr]
    return letters, int(number)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for cells in (head, ("---",) * len(head), *rows):
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    text = page()
    if "--check" in sys.argv[1:]:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != text)
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
