"""Pictures of the console, to look at: python tools/shots.py OUT [--screen due] [--lang zh] [--size 80x24] …

Makes a desk in a temporary folder (or opens ``--db``), presses ``--keys``, saves SVG and, where rsvg-convert is found,
PNG. Without ``--size`` and ``--lang`` all four combinations are made.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from desk import i18n, memory
from desk.app import DeskApp

#: the picture's font must draw Chinese two cells wide
FONT = "Noto Sans Mono CJK SC"


async def shot(
    out: Path,
    place: Path,
    *,
    who: str | None,
    mode: str,
    keys: list[str],
    lang: str,
    size: tuple[int, int],
    now: datetime,
    theme: str,
) -> Path:
    """Save one picture; answers its file."""
    i18n.install(lang)
    app = DeskApp(place, clock=lambda: now, who=who, mode=mode, remember=memory.Memory(theme=theme), tick=0)
    async with app.run_test(size=size, notifications=True) as pilot:
        for _ in range(400):
            await asyncio.sleep(0.01)
            if app.current_mode == mode or who is None:
                break
        await asyncio.sleep(0.6)
        for key in keys:
            if key.startswith("="):
                insert = getattr(app.focused, "insert_text_at_cursor", None) or getattr(app.focused, "insert", None)
                if insert is not None:
                    insert(key[1:])
            elif key.startswith("~"):
                await asyncio.sleep(float(key[1:]))
            else:
                await pilot.press(key)
            await asyncio.sleep(0.15)
        await asyncio.sleep(0.3)
        svg = app.export_screenshot()
        for bug in app.bugs:
            print(f"bug: {bug!r}", file=sys.stderr)
    file = out / f"{mode}-{'-'.join(k for k in keys if k.isalnum()) or 'start'}-{lang}-{size[0]}x{size[1]}.svg"
    file.write_text(svg.replace("Fira Code", FONT).replace("font-size: 20px", "font-size: 24.4px"), encoding="utf-8")
    if shutil.which("rsvg-convert"):
        subprocess.run(["rsvg-convert", "-o", str(file.with_suffix(".png")), str(file)], check=True)
        return file.with_suffix(".png")
    return file


def _sample(folder: Path) -> Path:
    """The demonstration estate, or the tests' desk while there is none."""
    from tests.desks import make_desk

    desk = make_desk(folder, "residential")
    desk.open(
        "repair", what="厨房水管漏水", room="3-2-501", person_name="马俊", phone="13812342211", at="2026-03-02 9:30"
    )
    desk.open("repair", what="主卧空调不制冷,孩子发烧", room="3-2-502", at="2026-03-02 9:50")
    desk.at("2026-03-02 10:24")
    return folder / "desk.db"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--db", type=Path)
    parser.add_argument("--who", default="agent", help="name; empty: sign-in is shown")
    parser.add_argument("--screen", default="intake")
    parser.add_argument("--keys", default="", help="keys with blanks between; =text types text, ~0.5 waits")
    parser.add_argument("--lang")
    parser.add_argument("--size")
    parser.add_argument("--theme", default="")
    parser.add_argument("--now", default="2026-03-02T10:24+08:00")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    sizes = [given.size] if given.size else ["80x24", "140x40"]
    langs = [given.lang] if given.lang else ["zh", "en"]
    with tempfile.TemporaryDirectory() as folder:
        place = given.db or _sample(Path(folder))
        for lang in langs:
            for size in sizes:
                width, height = map(int, size.split("x"))
                now = datetime.fromisoformat(given.now).astimezone(UTC)
                made = asyncio.run(
                    shot(
                        given.out,
                        place,
                        who=given.who or None,
                        mode=given.screen,
                        keys=given.keys.split(),
                        lang=lang,
                        size=(width, height),
                        now=now,
                        theme=given.theme,
                    )
                )
                print(made)


if __name__ == "__main__":
    main()
