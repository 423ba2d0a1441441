"""What a store must live through. Each trial counts what was acknowledged, what of it is lost, what is damaged.

``lost``: acknowledged and not there. ``damaged``: half-written, or anything else :func:`desk.ledger.check.check` finds.
``unclear``: a fault that was not told in a sentence.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from desk import wording
from desk.errors import Refusal
from desk.ledger import Doing, Ledger
from desk.ledger.check import check
from desk.ledger.tick import tick
from desk.store import Store, backups, sqlite
from tests.torture import nest, writer
from tests.torture.nest import Writer
from tests.torture.writer import ticket

STRACE = shutil.which("strace")
_SECTOR = 512


@dataclass
class Tally:
    """The outcome of one trial."""

    name: str
    acknowledged: int = 0
    lost: int = 0
    damaged: int = 0
    unclear: int = 0
    #: times it was tried, and refusals heard, by code
    times: int = 0
    heard: dict[str, int] = field(default_factory=dict)
    skipped: str = ""

    @property
    def held(self) -> bool:
        return not (self.lost or self.damaged or self.unclear)

    def hear(self, code: str, sentence: str) -> None:
        self.heard[code] = self.heard.get(code, 0) + 1
        if not sentence or sentence.startswith("This can't be done") or "Traceback" in sentence:
            self.unclear += 1

    def __str__(self) -> str:
        if self.skipped:
            return f"{self.name:34} left out: {self.skipped}"
        heard = " ".join(f"{code}×{count}" for code, count in sorted(self.heard.items()))
        return (
            f"{self.name:34} {self.times:5} times  acknowledged {self.acknowledged:6}  lost {self.lost}  "
            f"damaged {self.damaged}  unclear {self.unclear}  {heard}"
        )


@contextmanager
def founded() -> Iterator[Path]:
    """A new store with an estate in it, closed, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="desk-torture-") as folder:
        path = Path(folder) / "desk.db"
        writer.found_estate(path)
        yield path


def listen(tally: Tally, heard: list[str]) -> None:
    """Take in what a writer was refused, and anything it said that is no sentence: that is told whole."""
    for number, line in enumerate(heard):
        if line.startswith("refused "):
            _, code, sentence = line.split(" ", 2)
            tally.hear(code, sentence)
        elif line.startswith(("Traceback", "Error")):
            tally.unclear += 1
            print(tally.name, "".join(heard[number:])[-2000:], sep="\n", flush=True)  # noqa: T201 - a fault is told


def judge(tally: Tally, path: Path, heard: list[str], *, quick: bool = False) -> int:
    """Compare what was acknowledged (lines of writers) with what the store at ``path`` holds; how much it was.

    ``quick`` samples the deadlines; everything acknowledged is looked for all the same.
    """
    events = {line.split()[1] for line in heard if line.startswith("event ")}
    saved = {line for line in heard if line.startswith("draft ")}
    latest: dict[str, int] = {}
    for _, form, number in map(str.split, saved):
        latest[form] = max(latest.get(form, 0), int(number))
    lists = {line.split()[1]: int(line.split()[2]) for line in heard if line.startswith("bulk ")}
    with Store.open(path) as store:
        found = check(store, quick=quick)
        with store.engine.connect() as connection:
            there = {row[0] for row in connection.exec_driver_sql("SELECT id FROM event")}
            kept = dict(map(tuple, connection.exec_driver_sql("SELECT form, content FROM draft")))
            numbers = connection.exec_driver_sql("SELECT number FROM ticket WHERE number LIKE 'B-%'").scalars()
            brought_in = Counter(_LISTED.fullmatch(number).groups() for number in numbers)  # type: ignore[union-attr]
    tally.times += 1
    tally.lost += len(events - there)
    tally.lost += sum(json.loads(kept.get(form, '{"n": -1}'))["n"] < number for form, number in latest.items())
    tally.lost += sum(count - brought_in[name, str(count)] for name, count in lists.items())
    tally.damaged += sum(found.counts.values())
    # half-written: a list of which a part is there, a draft that is neither this one nor that
    tally.damaged += sum(said != int(count) for (_, count), said in brought_in.items())
    tally.damaged += sum((said := json.loads(text)) != writer.content(form, said["n"]) for form, text in kept.items())
    return len(events) + len(saved) + sum(lists.values())


_LISTED = re.compile(r"B-(.+)-\d+/(\d+)")


def killed(acknowledged: int, seed: int = 1) -> Tally:
    """Two processes write; one is killed at a random moment while the other goes on, again and again, at last both.

    After every few kills all that was ever acknowledged is looked for, and at the end everything is checked.
    """
    tally, chance = Tally("killed while two write"), random.Random(seed)
    longest = min(80, acknowledged // 3)  # acts between two kills
    with founded() as path:
        every: list[str] = []
        kills = 0
        while tally.acknowledged < acknowledged:
            two = [Writer(path, f"{seed}{kills}{each}") for each in "ab"]
            for _ in range(chance.randrange(1, 6)):
                victim = chance.choice(two)
                enough, end = len(victim.heard) + chance.randrange(1, longest), time.monotonic() + 60
                while len(victim.heard) < enough and time.monotonic() < end:
                    for ended in nest.listen(two, 0.01):
                        end = 0  # it was refused: that is told
                        victim = ended
                time.sleep(chance.random() / 50)
                kills += 1
                victim.kill()
                every += victim.wait()
                two = [Writer(path, f"{seed}{kills}a") if each is victim else each for each in two]
            for each in two:
                each.kill()
            kills += 2
            every += [line for each in two for line in each.wait()]
            tally.acknowledged = judge(tally, path, every, quick=True)
        tally.acknowledged = judge(tally, path, every)
        listen(tally, every)
    acts = sum(line.startswith(("event", "draft", "bulk")) for line in every)
    tally.heard |= {"kills": kills, "acts": acts}
    return tally


def at_every_write(
    times: int,
    what: str = "signal=KILL",
    name: str = "killed at the write no. N",
    step: int = 1,
    first: int = 1,
) -> Tally:
    """The N-th write to the file kills the writer, or fails (``error=ENOSPC``, ``error=EIO``): at every N of a dozen
    acts, ``times`` at most."""
    tally = Tally(name)
    if STRACE is None:
        tally.skipped = "needs strace"
        return tally
    call = "fsync,fdatasync" if "fsync" in name else "pwrite64"
    with founded() as path:
        whole = path.read_bytes()
        for number in range(first, first + times * step, step):
            sqlite.remove(path)
            path.write_bytes(whole)
            when = f"{number}" + ("" if "KILL" in what else "+")
            inject = [f"--trace={call}", f"--inject={call}:{what}:when={when}"]
            heard = Writer(path, "w", 12, under=[STRACE, "-f", "-qq", "-o", "/dev/null", *inject]).wait()
            listen(tally, heard)
            tally.acknowledged += judge(tally, path, heard)
            if heard and heard[-1] == "done\n":
                break  # it came through before its N-th write
    return tally


# -- the power goes ------------------------------------------------------------------------------------------

_CALL = re.compile(r"(?:\d+ +)?(pwrite64|fdatasync|fsync|ftruncate|unlink|write)\((.*)\) += (-?\d+)")
_HEX = re.compile(r"\\x([0-9a-f]{2})")


@dataclass
class _Disk:
    """Files as they lie on the disk for certain, and what has been written to them since without being synced."""

    sure: dict[str, bytearray] = field(default_factory=dict)
    loose: list[tuple[str, int, bytes | None]] = field(default_factory=list)

    def put(self, name: str, at: int, data: bytes | None) -> None:
        """Write ``data``; None cuts the file off at ``at``."""
        file = self.sure.setdefault(name, bytearray())
        if data is None:
            del file[at:]
            file.extend(b"\0" * (at - len(file)))
            return
        if len(file) < at:
            file.extend(b"\0" * (at - len(file)))
        file[at : at + len(data)] = data

    def sync(self, name: str) -> None:
        for write in [each for each in self.loose if each[0] == name]:
            self.put(*write)
        self.loose = [each for each in self.loose if each[0] != name]

    def cut(self, chance: random.Random) -> _Disk:
        """As it is found after the power went: of what was not synced any part, in sectors, in any order."""
        found = _Disk({name: bytearray(file) for name, file in self.sure.items()})
        for name, at, data in self.loose:
            if data is None:
                if chance.random() < 0.5:
                    found.put(name, at, None)
                continue
            fate = chance.random()
            for start in range(0, len(data), _SECTOR):
                if fate < 0.3 or (fate < 0.7 and chance.random() < 0.5):
                    found.put(name, at + start, data[start : start + _SECTOR])
        return found


def power_cut(times: int, acts: int = 12, seed: int = 2) -> Tally:
    """Everything a writer did to its files is recorded once; then the power goes at so many moments of it."""
    tally, chance = Tally("power cut, sectors dropped and torn"), random.Random(seed)
    if STRACE is None:
        tally.skipped = "needs strace"
        return tally
    with founded() as path:
        log = path.with_name("strace")
        disk = _Disk({path.name: bytearray(path.read_bytes())})
        calls = "--trace=pwrite64,fdatasync,fsync,ftruncate,unlink,write"
        options = ["-f", "-qq", "-y", "-xx", "-s", "1000000", "-o", str(log), calls]
        Writer(path, "p", acts, under=[STRACE, *options]).wait()
        script = [found for line in log.read_text("ascii").splitlines() if (found := _CALL.match(line))]
        moments = sorted(chance.sample(range(len(script)), min(times, len(script))))
        heard: list[str] = []
        for index, call in enumerate(script):
            _play(disk, path, call, heard)
            if index in moments:
                _open_after(tally, disk.cut(chance), heard)
    return tally


def _play(disk: _Disk, path: Path, call: re.Match[str], heard: list[str]) -> None:
    what, said, result = call.groups()
    if int(result) < 0:
        return
    names = [_bytes(each).decode("utf-8", "replace") for each in re.findall(r"<((?:\\x[0-9a-f]{2})+)>", said)]
    data = re.search(r'"((?:\\x[0-9a-f]{2})*)"', said)
    if what == "write":
        if said.startswith("1<") and data is not None:
            heard += _bytes(data[1]).decode().splitlines(keepends=True)
        return
    if what == "unlink" and data is not None:
        disk.sure.pop(Path(_bytes(data[1]).decode()).name, None)
        return
    name = Path(names[0]).name if names else ""
    if not name.startswith(path.name) or name.endswith("-shm"):
        return
    numbers = re.findall(r", (\d+)", said)
    if what == "pwrite64" and data is not None:
        disk.loose.append((name, int(numbers[-1]), _bytes(data[1])[: int(result)]))
    elif what == "ftruncate":
        disk.loose.append((name, int(numbers[-1]), None))
    elif what in ("fdatasync", "fsync"):
        disk.sync(name)


def _bytes(hexed: str) -> bytes:
    return bytes.fromhex("".join(_HEX.findall(hexed)))


def _open_after(tally: Tally, disk: _Disk, heard: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="desk-torture-") as folder:
        for name, content in disk.sure.items():
            (Path(folder) / name).write_bytes(content)
        try:
            tally.acknowledged = max(tally.acknowledged, judge(tally, Path(folder) / "desk.db", heard))
        except Refusal as refusal:
            tally.damaged += 1
            tally.hear(refusal.code, wording.sentence(refusal))


# -- the medium, the clock -----------------------------------------------------------------------------------


def random_bytes(times: int, seed: int = 3) -> Tally:
    """Sixty-four random bytes anywhere in the file. Found, or harmless; and the backup brings everything back."""
    tally, chance = Tally("random bytes in the file"), random.Random(seed)
    with founded() as path:
        with Store.open(path) as store:
            ledger = Ledger.only(store)
            for number in range(60):
                with ledger.write(Doing(datetime.now(UTC))) as entry:
                    ticket(entry, entry.doing.now, "漏水" * number)
        with Store.open(path):
            pass
        copy = backups.make(path, "asked", datetime.now(UTC)).copy
        assert copy is not None
        whole, truth = path.read_bytes(), _everything(path)
        for _ in range(times):
            hit = bytearray(whole)
            at = chance.randrange(len(hit) - 64)
            hit[at : at + 64] = chance.randbytes(64)
            sqlite.remove(path)
            path.write_bytes(hit)
            tally.times += 1
            tally.acknowledged += len(truth)
            noticed = False
            try:
                with Store.open(path) as store:
                    noticed = not check(store).sound
            except Refusal as refusal:
                noticed = True
                tally.hear(refusal.code, wording.sentence(refusal))
            if noticed:
                backups.put_back(path, copy.path, datetime.now(UTC))
            # not noticed: then nothing that was acknowledged may be other than it was
            tally.damaged += _everything(path) != truth
            for left in path.parent.glob("*before-restore*"):
                left.unlink()
    return tally


def _everything(path: Path) -> list[object]:
    with closing(sqlite.connect(path, mode="ro", wait=1)) as raw:
        return [
            *raw.execute("SELECT * FROM event ORDER BY seq").fetchall(),
            *raw.execute("SELECT * FROM eventword ORDER BY event_id, name").fetchall(),
        ]


def clock(times: int, seed: int = 4) -> Tally:
    """The machine's clock is set back three hours, and forward a day, between acts."""
    tally, chance = Tally("clock set back and forward"), random.Random(seed)
    with founded() as path, Store.open(path) as store:
        ledger, now = Ledger.only(store), datetime.now(UTC)
        ids: set[str] = set()
        for _ in range(times):
            now += chance.choice((timedelta(minutes=3), timedelta(minutes=3), timedelta(hours=-3), timedelta(days=1)))
            with ledger.write(Doing(now)) as entry:
                ids.add(ticket(entry, now, "漏水").hex)
            tick(ledger, now)
        found = check(store)
        with store.engine.connect() as connection:
            there = {row[0] for row in connection.exec_driver_sql("SELECT id FROM event")}
        tally.times, tally.acknowledged = times, len(ids)
        tally.lost, tally.damaged = len(ids - there), sum(found.counts.values())
    return tally


def together(processes: int, acts: int) -> Tally:
    """So many counters write at once, none is killed: everything is there, once, in one chain."""
    tally = Tally(f"{processes} processes, any verb")
    with founded() as path:
        writers = [Writer(path, f"mixed{number}", acts) for number in range(processes)]
        heard = [line for each in writers for line in each.wait()]
        listen(tally, heard)
        tally.acknowledged = judge(tally, path, heard)
        done = Counter((line.split()[2], line.split()[3]) for line in heard if line.startswith("verb "))
        with Store.open(path) as store, store.engine.connect() as connection:
            # an appointment made on a ticket is an event of its own subject, and the ticket its root
            asked = (
                "SELECT name, {0}, count(*) FROM event WHERE {0} = subject_id OR subject_id <> root_id GROUP BY 1, 2"
            )
            there = Counter[tuple[str, str]]()
            for which in ("subject_id", "root_id"):
                for name, subject, count in connection.exec_driver_sql(asked.format(which)):
                    there[name, subject] += count
        tally.acknowledged += done.total()
        tally.lost += sum(max(0, count - there.get(each, 0)) for each, count in done.items())
        tally.name += f" ({len({event for event, _ in done})} sorts)"
    return tally
