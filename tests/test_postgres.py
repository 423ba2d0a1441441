"""Several counters on one PostgreSQL: they see each other, do not do things twice, and outlive the server."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from desk.errors import Refusal
from desk.store import Store, postgres
from tests import postgres as servers
from tests.desks import DeskForTest, make_desk
from tests.engines import Databases, stores, use

pytestmark = pytest.mark.postgres


@pytest.fixture
def desk(socket_folder: Path, tmp_path: Path) -> Iterator[DeskForTest]:
    """A desk on a server, whatever the rest of the suite stands on."""
    before, databases = stores(), Databases(socket_folder)
    use(databases)
    yield make_desk(tmp_path)
    use(before)
    databases.tidy()


# -- they see each other -------------------------------------------------------------------------------------

_LOOKS_ON = """
import sys, time
from desk.store import Store
with Store.open(sys.argv[1]) as store:
    mark = store.change_mark()
    print("looking", flush=True)
    for _ in range(3):
        while store.change_mark() == mark:
            time.sleep(0.05)
        mark = store.change_mark()
        print(time.time(), flush=True)
"""


def test_another_process_sees_a_write_within_a_second(desk: DeskForTest) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", _LOOKS_ON, desk.store.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    with other:
        assert other.stdout.readline() == "looking\n"
        for _ in range(3):
            desk.open("repair", what="漏水", room="3-2-501")
            saved = time.time()
            assert float(other.stdout.readline()) - saved < 1
    assert other.returncode == 0


def test_looking_asks_the_server_nothing(desk: DeskForTest) -> None:
    mark = desk.store.change_mark()
    asked = _queries_of_the_listener(desk.store)
    for _ in range(20):
        assert desk.store.change_mark() == mark
    assert _queries_of_the_listener(desk.store) == asked


def _queries_of_the_listener(store: Store) -> list[object]:
    with store.read() as session:
        query = (
            "SELECT query, query_start FROM pg_stat_activity WHERE query LIKE 'LISTEN%%' AND datname=current_database()"
        )
        return [tuple(row) for row in session.connection().exec_driver_sql(query)]


# -- towards another machine nothing goes in the clear -------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "mode"),
    [
        ("postgresql://u@db.example/desk", "require"),
        ("postgresql://u@192.0.2.7/desk?sslmode=verify-full", "verify-full"),
        ("postgresql://u@/desk?host=db.example", "require"),
        ("postgresql://u@/desk?host=localhost,db.example", "require"),
        ("postgresql://u@localhost/desk", None),
        ("postgresql://u@127.0.0.1/desk", None),
        ("postgresql://u@[::1]/desk?sslmode=disable", "disable"),
        ("postgresql://u@/desk?host=/run/postgresql", None),
    ],
)
def test_an_address_demands_encryption_towards_another_machine(address: str, mode: str | None) -> None:
    assert postgres.secured(make_url(address), "place").query.get("sslmode") == mode


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_an_address_that_allows_the_clear_is_refused(mode: str) -> None:
    with pytest.raises(Refusal, match=r"store\.plain"):
        postgres.secured(make_url(f"postgresql://u@db.example/desk?sslmode={mode}"), "place")


def test_a_server_is_named_by_its_driver_as_well(desk: DeskForTest, socket_folder: Path) -> None:
    assert desk.store.url.startswith("postgresql+psycopg://")
    with Store.open(desk.store.url) as again, pytest.raises(Refusal, match=r"store\.server"):
        again.backup(socket_folder / "copy.db")
    assert servers.database(socket_folder) != desk.store.url
