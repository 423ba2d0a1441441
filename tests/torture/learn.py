"""One parser under atheris: ``python -m tests.torture.learn PARSER [libFuzzer's options] [CORPUS]``.

Only our own code is watched for new paths; that must be said before it is imported.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

atheris: Any = importlib.import_module("atheris")


def main() -> None:
    name = sys.argv[1]
    with atheris.instrument_imports(include=["desk"]):
        from tests import hostile

    read: Callable[[Any], object] = {**hostile.TYPED, **hostile.FILES}[name]

    def one(data: bytes) -> None:
        hostile.fair(
            read,
            data
            if name in ("people", "register", "workbook", "people sheet", "register sheet")
            else data.decode("utf-8", "replace"),
        )

    atheris.Setup([sys.argv[0], *sys.argv[2:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
