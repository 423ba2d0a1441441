"""Keep a store as this version makes it, so that every later version is tested upon it.

python tools/stores.py            tests/stores/0001.db.gz, before a release with a new schema
python tools/stores.py --again    the same anew, while that version has not been released
"""

from __future__ import annotations

import gzip
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk import resources
from desk.ledger import Doing
from desk.ledger.tick import tick
from desk.models import SCHEMA
from desk.procedures import drafts
from desk.procedures.estate import open_estate
from desk.procedures.intake import Intake, open_ticket
from desk.procedures.people import PersonData, RoomData, StaffData, person_in, room_in
from desk.store import Store

KEPT = Path(__file__).parent.parent / "tests" / "stores"
#: a Monday at ten in Shanghai
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def make() -> bytes:
    """A small store, gzipped: an estate, a resident, matters open and overdue, a step that came up, a draft."""
    with tempfile.TemporaryDirectory(prefix="desk-") as folder:
        path = Path(folder) / "desk.db"
        with Store.open(path, create=True) as store:
            staff = [StaffData("李静", ("agent", "supervisor")), StaffData("王强", ("technician",))]
            book = resources.path("rulebooks/work-orders.toml")
            ledger = open_estate(store, "阳光花园", book, None, "zh_CN", staff, NOW)
            with ledger.write(Doing(NOW)) as entry:
                room = room_in(entry, RoomData("3-2-501", "home"))
                person_in(entry, PersonData("业主1", ("13800000000",), ((room.id, "owner"),)))
            for number, what in enumerate(("厨房漏水", "楼道灯不亮")):
                now = NOW + timedelta(minutes=20 * number)
                open_ticket(ledger, Intake("repair", {"what": what}, room_id=room.id), Doing(now))
            tick(ledger, NOW + timedelta(hours=2))
            drafts.save(ledger, "intake", {"what": "主卧空调"}, NOW)
            store.backup(Path(folder) / "copy.db")
        return gzip.compress((Path(folder) / "copy.db").read_bytes(), mtime=0)


def main(arguments: list[str]) -> int:
    to = KEPT / f"{SCHEMA}.db.gz"
    if to.exists() and "--again" not in arguments:
        print(f"{to} is there already: what was released is not made anew (--again, if it was not).")
        return 1
    to.write_bytes(make())
    print(to, to.stat().st_size)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
