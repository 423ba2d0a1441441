"""One counter that writes without a pause and says what it was told is saved: ``python -m tests.torture.writer STORE SEED``.

Every line on the standard output is one acknowledgement, written after the store said so: ``event ID`` or
``draft FORM NUMBER``; with a seed that begins with ``mixed``, ``verb NAME EVENT SUBJECT``. A refusal ends it with ``refused CODE``, and the sentence a receptionist would read.
"""

from __future__ import annotations

import os
import random
import sys
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from desk import wording
from desk.errors import Refusal
from desk.ledger import Act, Doing, Entry, Ledger
from desk.models import Appointment, Callback, Staff, Ticket, new_id
from desk.procedures import VERBS, drafts
from desk.procedures.verbs import Param, act
from desk.store import Store
from desk.vocabulary import FACTS

#: forms whose drafts are kept on the way
FORMS = ("intake", "handover-out", "visit", "callback", "complete", "assign")


def ticket(entry: Entry, now: datetime, words: str) -> UUID:
    """Take a matter down; returns its event's id."""
    row = Ticket(
        estate_id=entry.estate_id,
        id=new_id(),
        number=entry.number("R", now),
        kind="repair",
        opened_at=now,
        status="open",
    )
    sets = {"number": row.number, "opened_at": now, "kind": "repair", "status": "open", "dispatch": "pool"}
    return entry.open(
        row, "ticket.opened", Act("ticket.opened", ("ticket", row.id), sets=sets, words={"what": words})
    ).id


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
    chance = random.Random(seed)
    store = Store.open(place, wait=20)
    ledger = Ledger.only(store)
    say("begun")
    kept = {form: drafts.save(ledger, f"{form}-{seed}", {"n": 0}, datetime.now(UTC)) for form in FORMS}
    for number in range(1, most + 1):
        with ledger.write(Doing(datetime.now(UTC))) as entry:
            ids = [
                ticket(entry, entry.doing.now, "漏水" * chance.randrange(1, 300)) for _ in range(chance.randrange(1, 3))
            ]
        for ident in ids:
            say(f"event {ident.hex}")
        if number % 5 == 0:
            form = chance.choice(FORMS)
            drafts.save(ledger, f"{form}-{seed}", {"n": number}, datetime.now(UTC), draft_id=kept[form])
            say(f"draft {form}-{seed} {number}")
    store.close()


if __name__ == "__main__":
    try:
        how = mixed if sys.argv[2].startswith("mixed") else main
        how(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 10**9)
    except Refusal as refusal:
        say(f"refused {refusal.code} {wording.sentence(refusal)}")
