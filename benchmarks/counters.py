"""Eight counters on one PostgreSQL server claim and close orders, against pgbench sending the same statements.

    python -m benchmarks.counters [--counters 8] [--orders 60] [--runs 3]

One estate, a server that syncs what it acknowledges. First one counter claims and completes an order (which closes it)
while every statement it sends is written down; out of those a script for pgbench is made: the same transactions, SELECTs
included, with the order, the ids of its rows and the new ids put in, and sent together where the program sends them
together. The orders' ids it reads from a table of its own, one statement more. Then pgbench with eight clients works
through its orders, and eight processes through as many, in turns, each on a copy of the same database. What is said are
the medians of the runs. Goal: at least half of pgbench's throughput.

Whoever writes in an estate holds that estate's lock from the first statement to the commit: so the chain's head is held, and
acts follow each other. What an act costs the program in that time is what every other counter of the estate waits for.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlmodel import col, select

from desk import resources
from desk.ledger import Doing, Ledger
from desk.models import Staff, Ticket
from desk.procedures import VERBS
from desk.procedures.estate import open_estate
from desk.procedures.intake import Intake, open_ticket
from desk.procedures.people import RoomData, StaffData, room_in
from desk.procedures.verbs import act
from desk.store import Store
from desk.store import postgres as locks
from desk.store.plain import Plain
from tests import postgres

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
GOAL = 0.5
#: orders a counter works through before anything is timed: statements are put into SQL once
WARM = 3
#: seconds a counter waits for the others before it gives up
PATIENCE = 60
_ID = re.compile(r"'([0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})'")


def found(url: str, orders: int) -> None:
    """An estate with so many open orders for a public area, which want no code."""
    with Store.open(url, create=True) as store:
        staff = [StaffData(name="李静", duties=("agent", "supervisor")), StaffData(name="王强", duties=("technician",))]
        book = resources.path("rulebooks/work-orders.toml")
        ledger = open_estate(store, "阳光花园", book, None, "zh_CN", staff, NOW - timedelta(days=1))
        agent = people(ledger)[0]
        with ledger.write(Doing(NOW)) as entry:
            room = room_in(entry, RoomData("3-2-501")).id
        wants = {"what": "楼道灯不亮", "phone": "13812342211", "area": "public", "place": "楼道", "person_name": "张伟"}
        for number in range(orders):
            at = NOW + timedelta(seconds=number)
            open_ticket(ledger, Intake("repair", wants, room_id=room), Doing(at, by=agent, confirmed=True))


def people(ledger: Ledger) -> tuple[UUID, UUID]:
    """The agent and the technician."""
    with ledger.store.read() as session:
        agent, technician = session.exec(select(Staff).order_by(col(Staff.number))).all()
    return (agent.id, technician.id) if "agent" in agent.duties else (technician.id, agent.id)


def numbered(ledger: Ledger) -> list[UUID]:
    """The orders by their number."""
    with ledger.store.read() as session:
        return list(session.exec(select(Ticket.id).order_by(col(Ticket.number))))


def one(ledger: Ledger, order: UUID, agent: UUID, technician: UUID) -> None:
    """Claim an order and complete it, which closes it: two acts, each saved before the next."""
    doing = Doing(NOW + timedelta(hours=1), by=technician, recorded_by=agent, confirmed=True)
    for name in ("claim", "complete"):
        act(ledger, VERBS["ticket", name], order, {}, doing)


def counter(url: str, number: int, orders: int) -> None:
    """One counter: works through its orders when told to, and says how long each took."""
    with Store.open(url, wait=PATIENCE) as store:
        ledger = Ledger.only(store)
        agent, technician = people(ledger)
        mine = numbered(ledger)[2 + number * (orders + WARM) :][: orders + WARM]
        for order in mine[:WARM]:
            one(ledger, order, agent, technician)
        busy = time.process_time()
        print("ready", flush=True)
        sys.stdin.readline()
        taken = []
        for order in mine[WARM:]:
            began = time.perf_counter()
            one(ledger, order, agent, technician)
            taken.append(time.perf_counter() - began)
        print(json.dumps({"taken": taken, "busy": time.process_time() - busy}), flush=True)


def desk(url: str, counters: int, orders: int) -> tuple[float, list[float], float]:
    """Acts a second, seconds of each order, and processor seconds an act."""
    me = [sys.executable, "-m", "benchmarks.counters", "--url", url, "--orders", str(orders), "--counter"]
    running = [
        subprocess.Popen([*me, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(counters)
    ]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    began = time.perf_counter()
    for each in running:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    said = [json.loads(each.communicate()[0]) for each in running]
    wall = time.perf_counter() - began
    taken = sorted(itertools.chain.from_iterable(each["taken"] for each in said))
    return 2 * len(taken) / wall, taken, sum(each["busy"] for each in said) / (2 * len(taken))


# -- the same statements for pgbench ---------------------------------------------------------------------------


#: how the question for the chain's head begins
_HEAD = "SELECT (SELECT version_num FROM alembic_version)"
#: a statement, its values, and whether it is sent together with those beside it
Sent = tuple[str, Any, bool]


def written_down(url: str) -> tuple[list[Sent], list[UUID]]:
    """Every statement of one order, in order, after a first one that fills what is kept in memory; and the orders."""
    from psycopg.pq import PipelineStatus

    sent: list[Sent] = []
    with Store.open(url) as store:
        ledger = Ledger.only(store)
        agent, technician = people(ledger)
        orders = numbered(ledger)
        one(ledger, orders[0], agent, technician)

        run, run_all = Plain.run, Plain.run_all

        def note(statement: Plain, driver: Any, given: Any) -> Any:
            # What is asked for with the lock is asked by itself here: pgbench keeps no answer it gets among others.
            together = driver.info.pipeline_status != PipelineStatus.OFF and not statement.sql.startswith(_HEAD)
            sent.append((statement.sql, statement.values(given), together))
            return run(statement, driver, given)

        def note_all(statement: Plain, driver: Any, given: Any) -> None:
            if len(given) > 1:
                sent.extend((statement.sql, statement.values(each), True) for each in given)
            run_all(statement, driver, given)

        def began(_c: Any) -> None:
            lock = locks.LOCK % locks.place_in_line(ledger.estate_id)
            sent.extend((sql, None, False) for sql in ("BEGIN", lock))

        def otherwise(_c: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: bool) -> None:
            sent.extend((sql, each, False) for each in (values if many else [values]))

        def kept(_c: Any) -> None:
            sent.extend(((locks.TELL, None, True), ("COMMIT", None, True)))

        event.listen(store.engine, "before_cursor_execute", otherwise)
        event.listen(store.engine, "begin", began)
        event.listen(store.engine, "commit", kept)
        Plain.run, Plain.run_all = note, note_all  # type: ignore[method-assign, assignment]
        one(ledger, orders[1], agent, technician)
        Plain.run, Plain.run_all = run, run_all  # type: ignore[method-assign]
    return sent, orders


def script(url: str, sent: list[Sent], orders: list[UUID], each: int) -> str:
    """pgbench's script, and in the database the table of what each order's rows are called."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        model = orders[1]
        theirs = _columns(connection, model)
        names = ["t", *(f"o{place}" for place in range(len(theirs)))]
        connection.execute(f"CREATE TABLE bench (n int PRIMARY KEY, {', '.join(f'{name} text' for name in names)})")
        for number, order in enumerate(orders[2:], 1):
            its = _columns(connection, order)
            assert its.keys() == theirs.keys(), (its, theirs)
            values = [str(order), *(its[key] for key in theirs)]
            put = ", ".join(["%s"] * (len(values) + 1))
            connection.execute(f"INSERT INTO bench VALUES ({put})", [number, *values])
        connection.execute("ANALYZE")
        known = {ident: f"o{place}" for place, ident in enumerate(theirs.values())}
        known[str(model)] = "t"
        fixed = set(_existing(connection))
        lines = ["\\set k :k + 1", f"\\set n :client_id * {each} + :k"]
        body = list(_lines(connection, sent, known, fixed))
        new = len(set(re.findall(r":(new\d+)", "\n".join(body))))
        lines += [f"\\set new{place} random(1, 9000000000000000000)" for place in range(new)]
        lines.append("SELECT * FROM bench WHERE n = :n \\gset")
        return "\n".join([*lines, *body]) + "\n"


def _columns(connection: Any, order: UUID) -> dict[str, str]:
    """The ids of an order's rows as it was taken down, by what they are: alike for every order."""
    query = (
        "SELECT 'd/' || rule_id || '/' || step, id::text FROM deadline WHERE root_id = %(o)s AND opened_by IN"
        " (SELECT id FROM event WHERE root_id = %(o)s AND name = 'ticket.opened')"
        " UNION ALL SELECT 'e/' || name, id::text FROM event WHERE root_id = %(o)s AND name = 'ticket.opened' ORDER BY 1"
    )
    return dict(connection.execute(query, {"o": order}).fetchall())


def _existing(connection: Any) -> Iterator[str]:
    """Ids that are the same for every order."""
    for table, column in (("estate", "estate_id"), ("staff", "id"), ("room", "id")):
        for (ident,) in connection.execute(f"SELECT {column}::text FROM {table}"):
            yield ident


def _lines(connection: Any, sent: list[Sent], known: dict[str, str], fixed: set[str]) -> Iterator[str]:
    from psycopg import sql as composing

    fresh: dict[str, str] = {}
    head = 0

    def called(found: re.Match[str]) -> str:
        ident = str(UUID(found[1]))
        if ident in fixed:
            return found[0]
        if ident in known:
            return f":{known[ident]}"
        name = fresh.setdefault(ident, f":new{len(fresh)}")
        return f"lpad(to_hex({name}::bigint), 32, '0')"

    piped = False
    for sql, values, together in sent:
        if together != piped:
            piped = together
            yield "\\startpipeline" if piped else "\\endpipeline"
        if values is None:
            yield f"{sql};"
            continue
        texts = {name: composing.Literal(value).as_string(connection) for name, value in values.items()}
        texts = {name: _ID.sub(called, text) for name, text in texts.items()}
        for name, value in values.items():
            if re.fullmatch(r"(head_)?seq(__\d+)?", name):
                head = head or int(value) - 1
                texts[name] = f":head_seq + {int(value) - head}"
        line = re.sub(r"%\((\w+)\)s", partial(_put, texts), sql).replace("%%", "%")
        line = " ".join(line.split())
        if sql.startswith(_HEAD):
            head = 0
            yield f"{line} \\gset"
        else:
            yield f"{line};"
    yield "\\endpipeline"  # the commit went with what was written


def _put(texts: dict[str, str], found: re.Match[str]) -> str:
    return texts[found[1]]


def pgbench(url: str, folder: Path, text: str, counters: int, orders: int) -> tuple[float, list[float]]:
    """Acts a second, and seconds of each order."""
    with tempfile.TemporaryDirectory(prefix="desk-pgbench-") as place:
        file = Path(place) / "orders.sql"
        file.write_text(text, "utf-8")
        name = url.partition("@/")[2].partition("?")[0]
        program = postgres._program("pgbench")
        words = [program, "-h", str(folder), "-U", "postgres", "-n", "-M", "prepared", "-D", "k=0", "-c", str(counters)]
        words += ["-j", str(min(counters, os.cpu_count() or 1)), "-t", str(orders), "-f", str(file), "-l", name]
        ran = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
        done = re.search(r"actually processed: (\d+)/(\d+)", ran.stdout)
        assert ran.returncode == 0, (ran.stdout[-1500:], ran.stderr[-3000:])
        assert done is not None
        assert done[1] == done[2], ran.stdout
        per_second = re.search(r"tps = ([\d.]+)", ran.stdout)
        assert per_second is not None
        logs = Path(place).glob("pgbench_log.*")
        taken = sorted(int(line.split()[2]) / 1e6 for log in logs for line in log.read_text().splitlines())
        return 2 * float(per_second[1]), taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counters", type=int, default=8)
    parser.add_argument("--orders", type=int, default=60)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--url")
    parser.add_argument("--counter", type=int)
    given = parser.parse_args()
    if given.url:
        counter(given.url, given.counter, given.orders)
        return
    with postgres.server(synced=True) as folder:
        first = postgres.database(folder)
        found(first, given.counters * (given.orders + WARM) + 2)
        scripted = postgres.database(folder, like=first)
        sent, orders = written_down(first)
        text = script(scripted, sent, orders, given.orders)
        runs = []
        for _ in range(given.runs):
            copy, other = postgres.database(folder, like=first), postgres.database(folder, like=scripted)
            floor, floors = pgbench(other, folder, text, given.counters, given.orders)
            ours, taken, busy = desk(copy, given.counters, given.orders)
            runs.append((ours / floor, floor, floors, ours, taken, busy))
    ratio, floor, floors, ours, taken, busy = sorted(runs)[len(runs) // 2]
    reads = sum(sql.startswith("SELECT") for sql, _values, _together in sent)
    print(f"{given.counters} counters, {given.orders} orders each, claimed and closed, {given.runs} runs")
    print(f"an order: {len(sent)} statements, {reads} of them read, {_journeys(sent)} journeys to the server")
    for name, rate, each in (("pgbench", floor, floors), ("desk", ours, taken)):
        middle, p99 = each[len(each) // 2] * 1000, each[int(len(each) * 0.99) - 1] * 1000
        print(f"{name:<8} {rate:7.1f} acts a second   an order: median {middle:7.1f} ms, p99 {p99:7.1f} ms")
    print(
        f"desk's processor time: {busy * 1000:.1f} ms an act; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    print("desk : pgbench of each run " + ", ".join(f"{run[0]:.2f}" for run in runs))
    print(f"desk : pgbench {ratio:.2f} x   goal {GOAL} x   {'met' if ratio >= GOAL else 'MISSED'}")


def _journeys(sent: list[Sent]) -> int:
    """How often the program waits for an answer: what is sent together, and what begins an act, waits once."""
    alone = sum(not together for _sql, _values, together in sent)
    # What is asked right behind the head goes with it.
    groups = sum(now[2] and not before[2] and not before[0].startswith(_HEAD) for before, now in pairwise(sent))
    return alone + groups - 2 * sum(sql == "BEGIN" for sql, _values, _together in sent)


if __name__ == "__main__":
    main()
