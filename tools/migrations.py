"""Write a migration from what the tables in ``desk/models.py`` have that the migrations so far do not make.

    python tools/migrations.py "why the schema changes"     the next version; SCHEMA in desk/models.py follows
    python tools/migrations.py --rewrite-last               the last one anew, while no store anywhere has it

Read what it wrote: it knows tables, columns and indexes, but neither triggers (a rebuilt ``event`` table
loses its own; a test says so) nor what becomes of the rows.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from pprint import pformat
from typing import Any

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from desk import models
from desk.store import sqlite
from desk.store.schema import APPEND_ONLY, OURS

#: a store of each version that was released
KEPT = Path(__file__).parent.parent / "tests" / "stores"
#: The first version also makes what is not a table.
_FIRST = """
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA application_id = {mark}")
{sqlite}
    else:
{postgresql}
"""


def _render(kind: str, item: Any, context: AutogenContext) -> str | bool:
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


def _literal(text: str) -> str:
    return pformat(" ".join(text.split()), width=90).strip("()")


def _statements(dialect: str) -> str:
    return "\n".join(f"        op.execute({_literal(text)})" for text in APPEND_ONLY[dialect])


def _files() -> list[Path]:
    return sorted((OURS.scripts / "versions").glob("[0-9]*.py"))


def main(argument: str) -> None:
    message = argument
    if argument == "--rewrite-last" and _files():
        last = _files()[-1]
        kept = KEPT / f"{last.name.partition('_')[0]}.db.gz"
        if kept.exists():
            sys.exit(f"{last.name} has been released ({kept}): stores have it. Write the next one.")
        message = last.read_text(encoding="utf-8").splitlines()[0].strip('"')
        last.unlink()
    version = f"{len(_files()) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scratch.db"
        sqlite.touch(path)
        engine = sqlite.changing(path, wait=5)
        config = Config()
        config.set_main_option("script_location", str(OURS.scripts))
        config.attributes.update(tables=OURS.tables, render_item=_render)
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            script: Any = command.revision(config, message, autogenerate=True, rev_id=version)
    written = Path(script.path)
    lines = written.read_text(encoding="utf-8").splitlines(keepends=True)
    text = "".join(line for line in lines if "# ###" not in line)
    if version == "0001":
        extra = _FIRST.format(
            mark=hex(sqlite.APPLICATION_ID),
            sqlite=_statements("sqlite"),
            postgresql=_statements("postgresql"),
        )
        head, mark, tail = text.partition("\n\n\n# There is no way down")
        text = head.rstrip() + extra.rstrip() + mark + tail
    written.write_text(text, encoding="utf-8")
    for step in (["format", "--quiet"], ["check", "--fix", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *step, str(written)], check=True)
    print(f"{written}; SCHEMA is {models.SCHEMA}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
