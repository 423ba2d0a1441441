"""Plain tables written as TOML: rulebooks and calendars go out as they come in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
#: longer lists of tables have a line for each
_WIDE = 100


def written(raw: Mapping[str, Any]) -> str:
    """``raw`` as a file that reads back as the same."""
    return "\n".join(_lines(raw)).strip() + "\n"


def inline(value: Any) -> str:
    """A value as it stands behind ``key =``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        body = ", ".join(f"{_key(name)} = {inline(each)}" for name, each in value.items())
        return f"{{ {body} }}" if body else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(inline, value)) + "]"
    # JSON's escapes are TOML's; DEL alone may not stand as it is
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")


def _lines(raw: Mapping[str, Any]) -> Iterator[str]:
    tables = {}
    for name, value in raw.items():
        if _is_table(name, value) or _is_list_of_tables(value):
            tables[name] = value
        else:
            yield _pair(name, value)
    for name, value in tables.items():
        if isinstance(value, list):
            for row in value:
                yield from _table(f"[[{_key(name)}]]", row)
        elif value and all(isinstance(body, Mapping) for body in value.values()):
            for each, body in value.items():
                yield from _table(f"[{_key(name)}.{_key(each)}]", body)
        else:
            yield from _table(f"[{_key(name)}]", value)


def _table(head: str, body: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield head
    yield from (_pair(name, value) for name, value in body.items())


def _pair(name: str, value: Any) -> str:
    line = f"{_key(name)} = {inline(value)}"
    if len(line) > _WIDE and _is_list_of_tables(value):
        return "\n".join([f"{_key(name)} = [", *(f"  {inline(row)}," for row in value), "]"])
    return line


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else inline(name)


def _is_table(name: str, value: Any) -> bool:
    # a title is a text in two languages
    return isinstance(value, Mapping) and name != "title"


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)
