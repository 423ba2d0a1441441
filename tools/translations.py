"""The catalogues of the interface: bring them up to date with the code, and check that they are complete.

    python tools/translations.py update [--merge DIR]   code → .po → .mo; DIR holds {"English": "中文"} files
    python tools/translations.py check                  fails and says what to do where anything is missing

English is the language of the message ids, so only Chinese has a catalogue. The catalogue names files, not
lines: a moved line is no change to translate.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import re
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
LANGUAGE = "zh_CN"
ADVICE = "Put the Chinese in its place in the .po file, then run `make translations`."


def catalogue_path(root: Path) -> Path:
    """Where the Chinese catalogue of the checkout at ``root`` stands; the compiled one is beside it."""
    return root / "desk" / "locale" / LANGUAGE / "LC_MESSAGES" / "desk.po"


def extract(root: Path) -> Catalog:
    """Every text that the code under ``root``/desk marks, with the files it stands in."""
    found = Catalog(project="desk", fuzzy=False)
    for name, _line, message, comments, context in extract_from_dir(
        root / "desk", [("**.py", "python")], keywords=KEYWORDS, comment_tags=("Translators:",)
    ):
        found.add(message, None, [(f"desk/{name}", 0)], auto_comments=comments, context=context)
    return found


def read(path: Path) -> Catalog:
    """The catalogue in ``path``; an empty one where there is none yet."""
    if not path.exists():
        return Catalog(locale=LANGUAGE, project="desk", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def merged(old: Catalog, code: Catalog, additions: dict[str, str]) -> Catalog:
    """The texts of ``code`` with the Chinese that ``old`` or, first, ``additions`` has for them.

    Nothing is guessed from a similar text (no fuzzy entries) and nothing obsolete is kept.
    """
    new = Catalog(locale=LANGUAGE, project="desk", fuzzy=False)
    for message in sorted((m for m in code if m.id), key=lambda m: _key(m.id)):
        key, before = _key(message.id), old.get(message.id)
        chinese = additions.get(key) or (_key(before.string) if before and not before.fuzzy else "")
        places = sorted(set(message.locations))
        # Chinese has one plural form.
        text = (chinese,) if message.pluralizable else chinese
        new.add(message.id, text, places, auto_comments=message.auto_comments)
    return new


def po_bytes(catalogue: Catalog) -> bytes:
    """``catalogue`` as a .po file, the same bytes for the same texts: no dates, no line numbers."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=110, include_lineno=False, omit_header=True, ignore_obsolete=True)
    header = (
        "# Chinese texts of the desk console. Written by hand; `make translations` adds what is new.\n"
        'msgid ""\nmsgstr ""\n"Language: zh_CN\\n"\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    return header.encode() + buffer.getvalue()


def mo_bytes(po: bytes) -> bytes:
    """The compiled form of the .po file ``po``."""
    buffer = io.BytesIO()
    catalogue = read_po(io.BytesIO(po), locale=LANGUAGE)
    # Babel would write the moment of compiling into it; the same texts shall give the same bytes.
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def _stale(po: Path, mo: Path) -> bool:
    """Whether ``mo`` says something else than ``po``; headers aside, which differ by Babel's version."""
    if not mo.exists():
        return True
    with mo.open("rb") as file:
        compiled = {_key(m.id): _key(m.string) for m in read_mo(file) if m.id}
    return compiled != {_key(m.id): _key(m.string) for m in read(po) if m.id and _key(m.string)}


def _key(text: object) -> str:
    """A message id or translation as one string: of a plural the first form."""
    return str(text[0] if isinstance(text, (tuple, list)) else text) if text else ""


def placeholders(text: str) -> set[str]:
    """The ``{names}`` and ``%(names)s`` that a text wants filled in."""
    try:
        braces = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:  # a lone brace: not a format string
        braces = set()
    return braces | set(re.findall(r"%\((\w+)\)[sd]", text))


def not_literal(root: Path) -> Iterator[str]:
    """Places where ``_`` or ``ngettext`` is given an f-string or a joined text: no catalogue can hold it."""
    for file in sorted((root / "desk").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in KEYWORDS
                and node.args
                and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
            ):
                place = f"{file.relative_to(root)}:{node.lineno}"
                yield f"{place}: {node.func.id}(…) wants a plain text with {{names}}; fill it with .format()."


def problems(root: Path) -> list[str]:
    """What keeps the Chinese catalogue of the checkout at ``root`` from being complete, a sentence each."""
    path = catalogue_path(root)
    if not path.exists():
        return [f"{path.relative_to(root)} is missing. Run `make translations`."]
    found = list(not_literal(root))
    catalogue, code = read(path), extract(root)
    for message in code:
        if not message.id:
            continue
        key, have = _key(message.id), catalogue.get(message.id)
        place = message.locations[0][0]
        if have is None or not _key(have.string):
            found.append(f"{place}: no Chinese for {key!r}. {ADVICE}")
        elif have.fuzzy:
            found.append(f"{place}: the Chinese for {key!r} is only a guess (fuzzy). {ADVICE}")
        elif (wants := _wanted(message.id)) != (has := placeholders(_key(have.string))):
            found.append(f"{place}: {key!r} fills in {_listed(wants)}, its Chinese {_listed(has)}.")
    ids = {_key(m.id) for m in code}
    obsolete = [_key(m.id) for m in catalogue if m.id and _key(m.id) not in ids]
    obsolete += [_key(name) for name in catalogue.obsolete]
    found += [f"No code shows {name!r} any more. Run `make translations`." for name in obsolete]
    mo = path.with_suffix(".mo")
    if _stale(path, mo):
        found.append(f"{mo.relative_to(root)} does not match its .po file. Run `make translations`.")
    return found


def _wanted(message_id: object) -> set[str]:
    forms = message_id if isinstance(message_id, (tuple, list)) else (message_id,)
    return set().union(*(placeholders(str(form)) for form in forms))


def _listed(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "nothing"


def update(root: Path, merge: Path | None = None) -> list[str]:
    """Write the catalogue of the checkout at ``root`` anew and compile it; answers what is left to do."""
    todo: list[str] = []
    additions: dict[str, str] = {}
    code = extract(root)
    ids = {_key(message.id) for message in code}
    for file in sorted(merge.glob("*.json")) if merge else ():
        for text, chinese in json.loads(file.read_text(encoding="utf-8")).items():
            if text not in ids:
                todo.append(f"{file.name}: no code shows {text!r}")
            elif additions.setdefault(text, chinese) != chinese:
                todo.append(f"{file.name}: {text!r} is {additions[text]!r} elsewhere, {chinese!r} here")
    path = catalogue_path(root)
    catalogue = merged(read(path), code, additions)
    path.parent.mkdir(parents=True, exist_ok=True)
    po = po_bytes(catalogue)
    path.write_bytes(po)
    path.with_suffix(".mo").write_bytes(mo_bytes(po))
    return todo + [f"no Chinese for {_key(m.id)!r}" for m in catalogue if m.id and not _key(m.string)]


def main(argv: list[str] | None = None) -> int:
    """Run one of the commands above; the exit code is 1 where ``check`` found something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check")
    updating = commands.add_parser("update")
    updating.add_argument("--merge", type=Path, metavar="DIR", help='folder of {"English": "中文"} JSON files')
    given = parser.parse_args(argv)
    if given.command == "check":
        found = problems(ROOT)
        print("\n".join(found) if found else "Translations: complete.")
        return 1 if found else 0
    for line in update(ROOT, given.merge) or ["Translations: up to date and complete."]:
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
