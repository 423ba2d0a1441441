"""Text from people on the screen: never read as markup, never able to reach the terminal raw.

Textual's widgets take a ``str`` for markup (``[/b]`` in a name would end the program), so every text that is not a
literal of ours goes through :func:`plain` (widgets) or :func:`cell` (tables).
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual.content import Content

from desk.text import clean

#: drawn between the parts of a line, and at the end of a text cut off; :func:`draw_plainly` changes both
_marks = {"dot": " · ", "cut": "…"}


def draw_plainly(plainly: bool) -> None:
    """Use only characters of one certain width (code page 936 draws ``·`` and ``…`` two cells wide)."""
    _marks.update({"dot": " | ", "cut": ".."} if plainly else {"dot": " · ", "cut": "…"})


def dot() -> str:
    """What stands between two parts of a line."""
    return _marks["dot"]


def plain(text: object, style: str = "", *, limit: int | None = None) -> Content:
    """``text`` as content for a widget: no markup, no control characters."""
    return Content.styled(clean(str(text), limit, lines=True), style)


def cell(text: object, style: str = "", *, width: int | None = None) -> Text:
    """``text`` as one line for a table's cell, cut to ``width`` cells."""
    line = clean(str(text), 4 * width if width else None)
    return Text(line if width is None else cut(line, width), style=style, no_wrap=True, end="")


def cut(text: str, width: int) -> str:
    """``text`` cut to ``width`` cells, Chinese characters counting two; what is missing is shown."""
    if cell_len(text) <= width:
        return text
    mark = _marks["cut"]
    room = max(0, width - cell_len(mark))
    kept, used = [], 0
    for character in text:
        used += cell_len(character)
        if used > room:
            break
        kept.append(character)
    return "".join(kept) + mark


def cut_content(content: Content, width: int) -> Content:
    """``content`` cut to ``width`` cells; what is missing is shown."""
    if content.cell_length <= width:
        return content
    return content.truncate(max(0, width - cell_len(_marks["cut"]))) + _marks["cut"]


def fill(text: str, width: int) -> str:
    """``text`` cut or filled with blanks to exactly ``width`` cells."""
    text = cut(text, width)
    return text + " " * (width - cell_len(text))


def keyed(titles: Sequence[str], width: int) -> Content:
    """What can be done with Enter and the digits, as much as fits ``width`` cells: no word is cut in two."""
    line = Content("")
    for n, title in enumerate(titles[:9]):
        part = Content.assemble("  " if n else "", (str(n + 1) if n else "Enter", "bold"), f" {title}")
        room = width if n == len(titles[:9]) - 1 else width - 1 - cell_len(_marks["cut"])
        if n and line.cell_length + part.cell_length > room:
            return line + f" {_marks['cut']}"
        line += part
    return cut_content(line, width)


def flow(parts: Sequence[Content], width: int) -> Content:
    """``parts`` one after another, in as many lines of ``width`` cells as they need; none is broken."""
    lines: list[list[Content]] = [[]]
    used = 0
    for part in parts:
        length = part.cell_length
        if lines[-1] and used + 1 + length > width:
            lines.append([])
            used = 0
        used += length + bool(lines[-1])
        lines[-1].append(part)
    return Content("\n").join([Content(" ").join(line) for line in lines])
