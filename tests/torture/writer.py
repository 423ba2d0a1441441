"""Counters that write without a pause and say what they were told is saved: ``python -m tests.torture.writer SOCKET``.

One process loads everything once, makes a first act in a store of its own, and then forks a writer for whoever asks
(:mod:`tests.torture.nest`): a writer that is killed costs no new start of the program.

Every line a writer gives out is one acknowledgement, written after the store said so: ``event ID``, ``draft FORM
NUMBER`` (its content is :func:`content` of both), ``bulk NAME COUNT``; with a seed that begins with ``mixed``, ``verb
NAME EVENT SUBJECT``. It ends with ``done``, or with
``refused CODE`` and the sentence a receptionist would read.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlmodel import col, select

from desk import resources, wording
from desk.errors import Refusal
from desk.ledger import Act, Doing, Entry, Ledger
from desk.ledger.bulk import Bulk
from desk.models import Appointment, Callback, Staff, Ticket, new_id
from desk.procedures import VERBS, drafts
from desk.procedures.estate import open_estate
from desk.procedures.people import StaffData
from desk.procedures.verbs import Param, act
from desk.store import Store
from desk.vocabulary import DUTIES, FACTS
from tests.torture.nest import may_be_traced

#: the forms whose drafts are kept on the way: every verb's, named as the console names them, and those of whole screens
FORMS = (
    *("intake", "handover", "day:sweep", "log:note", "people:new", "roster:week", "visit"),
    *(f"{subject}:{name}" for (subject, name), verb in VERBS.items() if verb.params),
)


def found_estate(path: Path) -> None:
    """A new store with an estate and some people in it."""
    with Store.open(path, create=True) as store:
        book = resources.path("rulebooks/work-orders.toml")
        people = [StaffData(each, tuple(DUTIES)) for each in ("李静", "王强", "赵工")]
        open_estate(store, "阳光花园", book, None, "zh_CN", people, datetime.now(UTC))


def ticket(entry: Entry, now: datetime, words: str) -> UUID:
    """Take a matter down; returns its event's id."""
    row = _row(entry.estate_id, entry.number("R", now), now)
    return entry.open(
        row, "ticket.opened", Act("ticket.opened", ("ticket", row.id), sets=_sets(row), words={"what": words})
    ).id


def _row(estate_id: UUID, number: str, now: datetime) -> Ticket:
    return Ticket(estate_id=estate_id, id=new_id(), number=number, kind="repair", opened_at=now, status="open")


def _sets(row: Ticket) -> dict[str, object]:
    return {
        "number": row.number,
        "opened_at": row.opened_at,
        "kind": "repair",
        "status": "open",
        "dispatch": "pool",
    }


def many(ledger: Ledger, name: str, count: int) -> None:
    """So many matters in one act, as an import writes them; each one's number says how many there must be."""
    now = datetime.now(UTC)
    doing = Doing(now)
    with ledger.store.write() as session:
        bulk = Bulk(ledger, session, doing)
        for each in range(count):
            row = _row(ledger.estate_id, f"B-{name}-{each}/{count}", now)
            history = bulk.history(row)
            history.record("ticket.opened", now, sets=_sets(row), words={"what": "漏水" * (each % 30 + 1)})
            history.settle()
        bulk.close()


def content(form: str, number: int) -> dict[str, object]:
    """What the ``number``-th draft of a form holds: something for each of its fields, and long words in one of them."""
    subject, _colon, name = form.partition("~")[0].partition(":")
    verb = VERBS.get((subject, name))
    fields = [param.name for param in verb.params] if verb is not None else ["who", "what"]
    return {"n": number, "note": "写到一半" * (number % 200), **{field: f"{field} {number}" for field in fields}}


def say(line: str) -> None:
    # past every buffer: what is killed next must have been heard
    os.write(1, f"{line}\n".encode())


def mixed(place: str, seed: str, most: int) -> None:
    """Any verb that may be done to any matter, with any values it takes; the rules of the desk decide."""
    chance, done = random.Random(seed), 0
    store = Store.open(place, wait=60)
    ledger = Ledger.only(store)
    with store.read() as session:
        people = [staff.id for staff in session.exec(select(Staff))]
    verbs = [verb for verb in VERBS.values() if verb.subject in ("ticket", "appointment", "callback")]
    say("begun")
    while done < most:
        now = datetime.now(UTC)
        doing = Doing(now, by=chance.choice(people), confirmed=True, approved_by=chance.choice(people))
        with store.read() as session:
            rows = {
                "ticket": list(session.exec(select(Ticket.id).order_by(col(Ticket.id).desc()).limit(20))),
                "appointment": list(session.exec(select(Appointment.id).limit(20))),
                "callback": list(session.exec(select(Callback.id).limit(20))),
            }
        if not rows["ticket"] or chance.random() < 0.1:
            with ledger.write(doing) as entry:
                ident = ticket(entry, now, "漏水")
            say(f"event {ident.hex}")
            done += 1
            continue
        verb = chance.choice(verbs)
        if not rows[verb.subject]:
            continue
        values = {param.name: _any(param, chance, people, now) for param in verb.params if param.type != "answers"}
        subject = chance.choice(rows[verb.subject])
        try:
            act(ledger, verb, subject, values, doing)
        except Refusal as refusal:
            if refusal.code.startswith("store."):
                raise
            continue  # not now, not by this person, not with these values: as at the counter
        done += 1
        say(f"verb {verb.name} {verb.event} {subject.hex}")
    store.close()


def _any(param: Param, chance: random.Random, people: list[UUID], now: datetime) -> object:
    match param.type:
        case "staff":
            return chance.choice(people)
        case "time":
            return now + timedelta(minutes=chance.randrange(1, 3000))
        case "choice":
            return chance.choice(param.choices or tuple(FACTS[param.name].values))
        case "flag":
            return chance.random() < 0.5
        case "number":
            return chance.randrange(1, 5)
    return "字" * chance.randrange(1, 50)


def main(place: str, seed: str, most: int) -> None:
    """Acts of every size: a matter or two, the next state of a half-filled form, a list brought in."""
    chance = random.Random(seed)
    store = Store.open(place, wait=60)
    ledger = Ledger.only(store)
    say("begun")
    kept: dict[str, UUID] = {}
    for number in range(1, most + 1):
        if number > 1 and chance.random() < 0.4:
            form = f"{chance.choice(FORMS)}~{seed}"
            now = datetime.now(UTC)
            kept[form] = drafts.save(ledger, form, content(form, number), now, draft_id=kept.get(form))
            say(f"draft {form} {number}")
        elif number > 12 and chance.random() < 0.06:
            count = chance.randrange(20, 200)
            many(ledger, f"{seed}-{number}", count)
            say(f"bulk {seed}-{number} {count}")
        else:
            with ledger.write(Doing(datetime.now(UTC))) as entry:
                words = "漏水" * chance.randrange(1, 300)
                ids = [ticket(entry, entry.doing.now, words) for _ in range(chance.randrange(1, 3))]
            for ident in ids:
                say(f"event {ident.hex}")
    store.close()


def write(place: str, seed: str, most: int) -> None:
    """Write until killed, refused, or ``most`` acts are done."""
    try:
        (mixed if seed.startswith("mixed") else main)(place, seed, most)
        say("done")
    except Refusal as refusal:
        say(f"refused {refusal.code} {wording.sentence(refusal)}")
    except BaseException:
        say(traceback.format_exc())


# -- the nest ------------------------------------------------------------------------------------------------


def hatch(asked: socket.socket) -> None:
    """Fork a writer for each request: ``PLACE SEED MOST`` by lines, its output, and what it waits for before it begins."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    for words, handles in _requests(asked):
        pid = os.fork()
        if pid == 0:
            asked.close()
            may_be_traced()
            output, go = handles
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.read(go, 1)
            write(words[0], words[1], int(words[2]))
            os._exit(0)
        for handle in handles:
            os.close(handle)
        asked.sendall(pid.to_bytes(4, "big"))


def _requests(asked: socket.socket) -> Iterator[tuple[list[str], list[int]]]:
    while True:
        request, handles, _flags, _address = socket.recv_fds(asked, 4096, 2)
        if not request:
            return
        yield request.decode().splitlines(), handles


def _once() -> None:
    """What costs at the first time is done before anything is forked: modules loaded late, statements put into SQL."""
    with tempfile.TemporaryDirectory(prefix="desk-torture-") as folder:
        path = Path(folder) / "desk.db"
        found_estate(path)
        said, ours = os.dup(1), os.open(os.devnull, os.O_WRONLY)
        os.dup2(ours, 1)
        main(str(path), "first", 14)
        os.dup2(said, 1)
        os.close(said)
        os.close(ours)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        _once()
        hatch(asked)
