"""Room kept back for a disk that fills up, so that a shift can still be closed.

A file of :data:`SIZE` bytes lies beside the store. When SQLite says the disk is full it has already rolled back; then
the file is given up and the act may be tried once more, here, by whoever catches the refusal. It is laid down again
when there is room. It cannot help where something else takes the room as fast as it is freed, and says so: the next
refusal is ``store.full`` as before.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

#: bytes kept back: some thousand acts, with the log
SIZE = 8 * 1024 * 1024
#: with less than this left (bytes) the disk is called nearly full
LITTLE = 64 * 1024 * 1024
#: with less than this left besides it the reserve is not laid down: it would bring about what it is meant for
_EASY = 4 * SIZE


def file(path: Path) -> Path:
    """Where the reserve of the store at ``path`` lies."""
    return path.with_name(f"{path.name}.reserve")


def left(path: Path) -> int | None:
    """Bytes left on the disk of the store; None where nobody can say."""
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return None


def lay_down(path: Path) -> bool:
    """See that the reserve is there; False where there is no room for it, or no right to make it."""
    there, room = file(path), left(path)
    with suppress(OSError):
        if there.exists() and there.stat().st_size >= SIZE:
            return True
        if room is None or room < _EASY:
            return False
        handle = os.open(there, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            # written, not merely promised: a hole takes no room
            for _ in range(SIZE // 65536):
                os.write(handle, b"\0" * 65536)
            os.fsync(handle)
        except OSError:
            there.unlink()
            raise
        finally:
            os.close(handle)
        return True
    return False


def give_up(path: Path) -> bool:
    """Free the reserve; False where there is none left."""
    try:
        file(path).unlink()
    except OSError:
        return False
    return True
