"""A rulebook from its file, with all it extends laid beneath."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

from desk import vocabulary as words
from desk.errors import Refusal
from desk.rulebook.building import build
from desk.rulebook.parts import ROWS, Raw, Rulebook


def load(path: Path, find: Callable[[str], Path | None] | None = None) -> Rulebook:
    """Read a rulebook and all it extends.

    ``find`` gives the path of a rulebook by name (default: a neighbour of ``path``).
    Raises :class:`Refusal` ``rulebook.*`` with ``file``, and ``rule``, ``key``, ``word``, ``nearest`` where they apply.
    """
    return build(read(path, find), name=path.stem, file=str(path))


def read(path: Path, find: Callable[[str], Path | None] | None = None, _seen: tuple[str, ...] = ()) -> Raw:
    """The rulebook as one plain dictionary, with what it extends laid beneath."""
    try:
        raw = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise Refusal("rulebook.no_file", file=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal("rulebook.unreadable", file=str(path), error=str(error)) from None
    except tomllib.TOMLDecodeError as error:
        raise Refusal("rulebook.toml", file=str(path), error=str(error)) from None
    base = raw.pop("extends", None)
    bases = [base] if isinstance(base, str) else list(base or [])
    if not bases:
        return raw
    merged: Raw = {}
    for name in bases:
        if name in _seen or name == path.stem:
            raise Refusal("rulebook.circle", file=str(path), word=name)
        found = find(name) if find else path.with_name(f"{name}.toml")
        if found is None or not found.exists():
            raise Refusal("rulebook.no_base", file=str(path), word=name)
        merged = _laid(merged, read(found, find, (*_seen, path.stem)), path)
    return _laid(merged, raw, path)


def files(path: Path, find: Callable[[str], Path | None] | None = None) -> list[Path]:
    """The rulebook's file and those it extends, each before what it is laid on. Raises as :func:`read`."""
    found, waiting = [path], [path]
    while waiting:
        now = waiting.pop(0)
        base = tomllib.loads(now.read_bytes().decode("utf-8-sig")).get("extends", [])
        # of several, the later is laid on the earlier
        for name in reversed([base] if isinstance(base, str) else base):
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
