"""One counter that writes without a pause and says what it was told is saved: ``python -m tests.torture.writer STORE SEED``.

Every line on the standard output is one acknowledgement, written after the store said so: ``event ID`` or
``draft FORM NUMBER``. A refusal ends it with ``refused CODE``, and the sentence a receptionist would read.
"""

from __future__ import annotations

import os
import random
import sys
from datetime import UTC, datetime
from uuid import UUID

from desk import wording
from desk.errors import Refusal
from desk.ledger import Act, Doing, Entry, Ledger
from desk.models import Ticket, new_id
from desk.procedures import drafts
from desk.store import Store

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
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 10**9)
    except Refusal as refusal:
        say(f"refused {refusal.code} {wording.sentence(refusal)}")
