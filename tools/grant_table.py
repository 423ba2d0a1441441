"""Which duty may do what: writes docs/grants.md from desk/grants.py.

python tools/grant_table.py           # write it
python tools/grant_table.py --check   # exit code 1 where it is out of date
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from desk import i18n
from desk.grants import RIGHTS, Right
from desk.i18n import _
from desk.procedures import VERBS
from desk.vocabulary import DUTIES, EVENTS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "grants.md"

_TOP = """# Who may do what · 岗位权限表

Made by `tools/grant_table.py` from `desk/grants.py`; a test holds it current. What stands in no row is everybody's.
Where nobody who works here has any of a row's duties, the row is everybody's too: a small estate has no director. The
rights are held where events are recorded, so at the console and on the command line alike; what is refused is itself
recorded, without a word of what was written. Who does it is whoever is signed in, not whom they name with “done by”.

本表由 `tools/grant_table.py` 根据 `desk/grants.py` 生成，测试保证与程序一致。表中没有的事项人人可做。某一行的岗位在本处
一个人也没有时，该行人人可做（小项目没有主任，不能把自己锁在门外）。权限在写入记录时检查，控制台和命令行都一样；被拒绝的
操作也会留下记录（谁、什么操作、对哪张单），但不留所写的内容。看的是登录的人，不是“由谁完成”里填的人。
"""


def page() -> str:
    """The whole page."""
    kept = i18n.language()
    try:
        parts = [_TOP, *_wide(), "", "## 逐项说明 · In detail", "", *_rows()]
    finally:
        i18n.install(kept)
    return "\n".join(parts) + "\n"


def _wide() -> Iterator[str]:
    """Duties down, rights across."""
    yield "| | " + " | ".join(f"`{name}`" for name in RIGHTS) + " |"
    yield "|---|" + ":-:|" * len(RIGHTS)
    for duty, title in DUTIES.items():
        marks = " | ".join("●" if duty in right.duties else "" for right in RIGHTS.values())
        yield f"| {' · '.join(_both(title))} `{duty}` | {marks} |"


def _rows() -> Iterator[str]:
    yield "| right | 事项 | what it lets one do | verbs · 操作 |"
    yield "|---|---|---|---|"
    for right in RIGHTS.values():
        zh, en = _both(right.title)
        yield f"| `{right.name}` | {zh} | {en} | {', '.join(_verbs(right)) or '—'} |"


def _verbs(right: Right) -> Iterator[str]:
    """The verbs that record its events; of an event without one, what records it."""
    for event in right.events:
        names = [verb.name for verb in VERBS.values() if verb.event == event] or [EVENTS[event].verb]
        yield from (f"`{name}`" for name in names)


def _both(title: str) -> tuple[str, str]:
    found = []
    for language in ("zh_CN", "en"):
        i18n.install(language)
        found.append(_(title))
    return found[0], found[1]


def main() -> int:
    text = page()
    if "--check" in sys.argv[1:]:
        return int(not PAGE.exists() or PAGE.read_text("utf-8") != text)
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
