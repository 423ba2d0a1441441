"""On a server too nothing that is read often walks through a table, and every index is entered by the estate.

So estates can be spread over servers by it. Walking through is made dear: with few rows the server would choose it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from desk.store.plain import Plain
from tests.desks import DeskForTest
from tests.engines import Databases, stores, use
from tests.test_queries_plans import ACTS, READS, filled

pytestmark = pytest.mark.postgres

TABLES = ("deadline", "event", "ticket", "callback", "eventword", "visit", "appointment")


@pytest.fixture(scope="module")
def desk(socket_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskForTest]:
    before, databases = stores(), Databases(socket_folder)
    use(databases)
    made = filled(tmp_path_factory.mktemp("desk"))
    use(before)
    yield made
    databases.tidy()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a plan."""
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def test_what_is_read_often_enters_an_index_by_the_estate(desk: DeskForTest, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[tuple[str, dict[str, Any], str]] = []
    name = ""

    def explained(connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            own = cursor.connection.cursor()
            own.execute("SET LOCAL enable_seqscan = off")
            own.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
            plans.append((name, own.fetchone()[0][0]["Plan"], statement))

    for name in READS:
        with desk.store.read() as session:
            engine = session.get_bind()
            event.listen(engine, "before_cursor_execute", explained)
            try:
                READS[name](desk, desk.ledger, session)
            finally:
                event.remove(engine, "before_cursor_execute", explained)
    asked: list[tuple[str, str, Any]] = []
    run = Plain.run

    def noted(statement: Plain, driver: Any, given: Any) -> Any:
        if statement.sql.startswith("SELECT"):
            asked.append((name, statement.sql, statement.values(given)))
        return run(statement, driver, given)

    monkeypatch.setattr(Plain, "run", noted)
    for name in ACTS:
        ACTS[name](desk)
    with desk.store.read() as session:
        driver: Any = session.connection().connection.driver_connection
        driver.execute("SET LOCAL enable_seqscan = off")
        for name, statement, values in asked:
            found = driver.execute(f"EXPLAIN (FORMAT JSON) {statement}", values).fetchone()
            plans.append((name, found[0][0]["Plan"], statement))
    assert {each for each, _plan, _statement in plans} == {*READS, *ACTS}
    wrong = []
    for each, plan, statement in plans:
        for node in nodes(plan):
            walks = node["Node Type"] == "Seq Scan" and node["Relation Name"] in TABLES
            # the schema's version, one row for all estates, is no estate's
            index = node.get("Index Name", "alembic_version_pkc")
            elsewhere = index != "alembic_version_pkc" and "estate_id" not in node.get("Index Cond", "")
            if walks or elsewhere:
                wrong.append((each, node, statement))
    assert not wrong
