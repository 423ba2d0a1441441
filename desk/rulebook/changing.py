"""One thing changed in a rulebook an estate has adopted: a limit, a figure, a setting; a rule switched off or on.

Works on the plain tables that are kept with each version; what comes out is checked as a whole by whoever adopts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from desk import files
from desk import vocabulary as words
from desk.errors import Refusal
from desk.rulebook.parts import ROWS, Raw

#: keys that hold what people read, not what is reckoned: changed in the file
_TABLES = ("settings", "figures")
#: keys that hold a limit
_LIMITS = ("within", "warn", "not_before")
#: an amount as it is said in Chinese: 3分钟, 2 个工作日, 2小时（工作时间）, 到期前 30 分钟
_SAID = re.compile(
    r"(?P<before>到期前|提前)?\s*(?P<n>\d{1,9})\s*个?\s*(?P<working>工作)?\s*"
    r"(?P<unit>秒|分钟|分|小时|钟头|天|日|周|星期|月)\s*(?:[（(](?P<hours>工作时间)[）)])?\s*(?P<ahead>前)?"
)
_UNITS = {
    **dict.fromkeys(("分钟", "分"), "min"),
    **dict.fromkeys(("小时", "钟头"), "hours"),
    **dict.fromkeys(("天", "日"), "days"),
    **dict.fromkeys(("周", "星期"), "weeks"),
    "秒": "s",
    "月": "months",
}


def keys(raw: Mapping[str, Any]) -> Iterator[str]:
    """Everything that can be changed, as it is named: ``repair.claim.within``, ``figures.promptly`` …"""
    for table in ROWS:
        for row in raw.get(table, ()):
            yield from (f"{row['id']}.{key}" for key in row if key != "id" and "id" in row)
    for table in _TABLES:
        yield from (f"{table}.{name}" for name in raw.get(table, {}))
    for table in ("kind", "table"):
        yield from (f"{table}.{name}.{key}" for name, body in raw.get(table, {}).items() for key in body)


def with_value(raw: Mapping[str, Any], name: str, text: str) -> Raw:
    """The rulebook with ``name`` (see :func:`keys`) as ``text`` says; a key a rule has not got yet is added.

    ``text`` is written as in the file, without the quotes where it is a text: ``3 min``, ``2``, ``["agent"]``.
    Raises :class:`Refusal` ``rules.no_such_key`` with the nearest one.
    """
    place, _dot, key = name.rpartition(".")
    out: Raw = dict(raw)
    for table in ROWS:
        for number, row in enumerate(raw.get(table, ())):
            if row.get("id") == place and key != "id":
                rows = list(raw[table])
                text = as_written(text) if key in _LIMITS else text
                rows[number] = {**row, key: _value(text, row.get(key))}
                out[table] = rows
                return out
    table, _dot, inner = place.partition(".")
    if not inner and table in _TABLES and (table == "settings" or key in raw.get(table, {})):
        text = as_written(text) if table == "figures" else text
        out[table] = {**raw.get(table, {}), key: _value(text, raw.get(table, {}).get(key))}
        return out
    if inner and table in ("kind", "table") and inner in raw.get(table, {}):
        body = raw[table][inner]
        out[table] = {**raw[table], inner: {**body, key: _value(text, body.get(key))}}
        return out
    raise Refusal("rules.no_such_key", name=name, nearest=words.nearest(name, keys(raw)))


def without(raw: Mapping[str, Any], ident: str) -> Raw:
    """The rulebook without the rule, guard or target ``ident``. Raises :class:`Refusal` ``rules.no_such``."""
    found = {table: [row for row in raw.get(table, ()) if row.get("id") != ident] for table in ROWS if table in raw}
    if all(len(rows) == len(raw[table]) for table, rows in found.items()):
        known = [str(row.get("id")) for table in ROWS for row in raw.get(table, ())]
        raise Refusal("rules.no_such", name=ident, nearest=words.nearest(ident, known))
    return {**raw, **found}


def with_row_of(raw: Mapping[str, Any], ident: str, former: Mapping[str, Any]) -> Raw | None:
    """The rulebook with the rule, guard or target ``ident`` as ``former`` has it; None where that has not got it."""
    for table in ROWS:
        rows = former.get(table, ())
        row = next((row for row in rows if row.get("id") == ident), None)
        if row is None:
            continue
        after = [each.get("id") for each in rows[rows.index(row) + 1 :]]
        now = list(raw.get(table, ()))
        # where it stood: before the first of those that followed it and are still there
        place = next((n for n, each in enumerate(now) if each.get("id") in after), len(now))
        return {**raw, table: [*now[:place], dict(row), *now[place:]]}
    return None


def as_written(text: str) -> str:
    """An amount said in Chinese as the file writes it (``3分钟`` → ``3 min``); anything else as it is."""
    found = _SAID.fullmatch(text.strip())
    if found is None:
        return text
    working = "working " if found["working"] or found["hours"] else ""
    before = " before" if found["before"] or found["ahead"] else ""
    return f"{int(found['n'])} {working}{_UNITS[found['unit']]}{before}"


def _value(text: str, former: Any) -> Any:
    """What is typed as the value it stands for: a number, a list or a table as TOML has it, else a text."""
    try:
        found = files.toml(f"v = {text}")["v"]
    except (files.Malformed, KeyError):
        return text.strip()
    plain = isinstance(found, bool | int | float | str | list | dict)
    return found if plain and not (isinstance(former, str) and isinstance(found, bool | int | float)) else text.strip()
