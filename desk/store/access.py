"""Who may do what on a PostgreSQL server: statements for whoever owns the database.

Three kinds of user: the owner, who makes and upgrades the tables and is nobody's counter; the counters, who add to the
ledger and never change it; the readers, for reports. A trigger keeps events as they were from the owner too.
"""

from __future__ import annotations

import re

from sqlmodel import SQLModel

from desk.errors import Refusal
from desk.store import Store

#: what is only ever added to: the ledger
_ADDED_TO = ("event", "eventword")
#: what is never removed
_KEPT = ("estate", "rulebookversion", "handover", "ticket", "staff")
#: what a reader has no business with
_SECRET = ("pin", "draft")
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def statements(counter: str, reader: str | None = None) -> list[str]:
    """The statements, in order; to run them again after an upgrade does no harm.

    Raises ``Refusal`` ``access.name`` for what is no plain name of a role.
    """
    roles = [counter, *([reader] if reader else [])]
    for role in roles:
        if not _NAME.fullmatch(role) or role == "public":
            raise Refusal("access.name", given=role)
    everybody = ", ".join(f'"{role}"' for role in roles)
    tables = sorted(SQLModel.metadata.tables)
    free = [name for name in tables if name not in (*_ADDED_TO, *_KEPT)]
    made = [
        f'DO $$ BEGIN CREATE ROLE "{role}" NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$' for role in roles
    ]
    found = [
        *made,
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {everybody}",
        f"GRANT USAGE ON SCHEMA public TO {everybody}",
        f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{counter}"',
        f'GRANT INSERT, UPDATE, DELETE ON {_listed(free)} TO "{counter}"',
        f'GRANT INSERT, UPDATE ON {_listed(_KEPT)} TO "{counter}"',
        f'GRANT INSERT ON {_listed(_ADDED_TO)} TO "{counter}"',
        # A person's words can be forgotten; that they were said cannot.
        f'GRANT UPDATE (salt, text) ON "eventword" TO "{counter}"',
    ]
    if reader:
        readable = [name for name in (*tables, "alembic_version") if name not in _SECRET]
        found.append(f'GRANT SELECT ON {_listed(readable)} TO "{reader}"')
    return found


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def grant(store: Store, counter: str, reader: str | None = None) -> None:
    """Run them, all or none. Raises ``Refusal``: ``access.file``, ``access.name``, ``store.no_access``."""
    if store.path is not None:
        raise Refusal("access.file", place=store.place)
    with store.write() as session:
        for statement in statements(counter, reader):
            session.connection().exec_driver_sql(statement)
