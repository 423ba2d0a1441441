"""A rulebook from its file, with all it extends laid beneath."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

from desk import files as bounded
from desk import vocabulary as words
from desk.errors import Refusal
from desk.rulebook.building import build
from desk.rulebook.parts import ROWS, Raw, Rulebook

#: what an entry of ``extends`` may say: whose rules, and by id (``repair.*`` stands for many) which of them
_EXTENDS = ("from", "only", "without")


def load(path: Path, find: Callable[[str], Path | None] | None = None) -> Rulebook:
    """Read a rulebook and all it extends.

    ``find`` gives the path of a rulebook by name (default: a neighbour of ``path``).
    Raises :class:`Refusal` ``rulebook.*`` with ``file``, and ``rule``, ``key``, ``word``, ``nearest`` where they apply.
    """
    return build(read(path, find), name=path.stem, file=str(path))


def read(path: Path, find: Callable[[str], Path | None] | None = None, _seen: tuple[str, ...] = ()) -> Raw:
    """The rulebook as one plain dictionary, with what it extends laid beneath."""
    try:
        text = bounded.read_text(path)
    except FileNotFoundError:
        raise Refusal("rulebook.no_file", file=str(path)) from None
    except (OSError, ValueError) as error:
        raise Refusal("rulebook.unreadable", file=str(path), error=str(error)) from None
    try:
        raw = bounded.toml(text)
    except bounded.Malformed as error:
        raise Refusal("rulebook.toml", file=str(path), error=str(error)) from None
    bases = _bases(raw.pop("extends", None), path)
    if not bases:
        return raw
    merged: Raw = {}
    for name, only, without in bases:
        if name in _seen or name == path.stem:
            raise Refusal("rulebook.circle", file=str(path), word=name)
        found = find(name) if find else path.with_name(f"{name}.toml")
        if found is None or not bounded.there(found):
            raise Refusal("rulebook.no_base", file=str(path), word=name)
        base = read(found, find, (*_seen, path.stem))
        merged = _laid(merged, _part(base, only, without, str(path)), path)
    return _laid(merged, raw, path)


def _bases(extends: object, path: Path) -> list[tuple[str, list[str], list[str]]]:
    """What ``extends`` names: rulebooks, each with the ids of which alone, and without which, it is taken."""
    found = []
    for each in extends if isinstance(extends, list) else [extends] if extends is not None else []:
        entry = {"from": each} if isinstance(each, str) else each
        if not isinstance(entry, dict) or not isinstance(entry.get("from"), str):
            raise Refusal("rulebook.bad_shape", file=str(path), rule=None, key="extends", word=str(each))
        for key in entry:
            if key not in _EXTENDS:
                nearest = words.nearest(key, _EXTENDS)
                raise Refusal(
                    "rulebook.unknown_key", file=str(path), rule=None, key="extends", word=key, nearest=nearest
                )
        lists = [entry.get(key, []) for key in _EXTENDS[1:]]
        if not all(isinstance(ids, list) and all(isinstance(ident, str) for ident in ids) for ids in lists):
            raise Refusal("rulebook.bad_shape", file=str(path), rule=None, key="extends", word=str(each))
        found.append((entry["from"], *lists))
    return found


def _part(base: Raw, only: list[str], without: list[str], file: str) -> Raw:
    """The rules, guards, targets and kinds of ``base`` whose ids fit, with the figures they ask for; no settings.

    Raises :class:`Refusal` ``rulebook.part_unknown`` for a pattern that nothing fits.
    """
    if not only and not without:
        return base
    known = {row.get("id", "") for key in ROWS for row in base.get(key, [])} | set(base.get("kind", {}))
    for pattern in (*only, *without):
        if not any(fnmatchcase(ident, pattern) for ident in known):
            nearest = words.nearest(pattern, known)
            raise Refusal("rulebook.part_unknown", file=file, word=pattern, nearest=nearest)
    taken = {
        ident
        for ident in known
        if (not only or any(fnmatchcase(ident, pattern) for pattern in only))
        and not any(fnmatchcase(ident, pattern) for pattern in without)
    }
    out: Raw = {key: [row for row in base.get(key, []) if row.get("id", "") in taken] for key in ROWS}
    asked = set(re.findall(r"\$(\w+)", str(out)))
    out["figures"] = {name: limit for name, limit in base.get("figures", {}).items() if name in asked}
    out["table"] = base.get("table", {})
    out["kind"] = {name: body for name, body in base.get("kind", {}).items() if name in taken}
    return out


def files(path: Path, find: Callable[[str], Path | None] | None = None) -> list[Path]:
    """The rulebook's file and those it extends, each before what it is laid on. Raises as :func:`read`."""
    found, waiting = [path], [path]
    while waiting:
        now = waiting.pop(0)
        bases = _bases(bounded.toml(bounded.read_text(now)).get("extends"), now)
        # of several, the later is laid on the earlier
        for name, _only, _without in reversed(bases):
            file = find(name) if find else now.with_name(f"{name}.toml")
            if file is not None and file not in found:
                found.append(file)
                waiting.append(file)
    return found


def _laid(base: Raw, over: Raw, path: Path) -> Raw:
    try:
        return extend(base, over, str(path))
    except (AttributeError, TypeError, ValueError) as error:
        raise Refusal("rulebook.bad_shape", file=str(path), rule=None, key="", word=str(error)) from None


def extend(base: Raw, over: Raw, file: str) -> Raw:
    """``over`` laid on ``base``: tables key by key, lists of rules by id; ``off`` takes ids away."""
    out = dict(base)
    for key, value in over.items():
        if key in ROWS:
            rows = {row.get("id", f"?{i}"): dict(row) for i, row in enumerate(base.get(key, []))}
            for i, row in enumerate(value):
                ident = row.get("id", f"+{i}")
                rows[ident] = {**rows.get(ident, {}), **row}
            out[key] = list(rows.values())
        elif key in ("kind", "table"):
            out[key] = {**base.get(key, {})}
            for name, body in value.items():
                out[key][name] = {**out[key].get(name, {}), **body}
        elif key in ("settings", "figures"):
            out[key] = {**base.get(key, {}), **value}
        elif key != "off":
            out[key] = value
    gone = set(over.get("off", ()))
    known = {row.get("id") for key in ROWS for row in out.get(key, [])} | set(out.get("kind", {}))
    for ident in sorted(gone - known):
        raise Refusal("rulebook.off_unknown", file=file, word=ident, nearest=words.nearest(ident, filter(None, known)))
    for key in ROWS:
        if key in out:
            out[key] = [row for row in out[key] if row.get("id") not in gone]
    if gone & set(out.get("kind", {})):
        out["kind"] = {name: body for name, body in out["kind"].items() if name not in gone}
    return out
