"""How long visitors waited, in words: each figure with what it is a share of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from desk.i18n import _
from desk.wording.values import value

if TYPE_CHECKING:
    from desk.queries.waits import Waits


def wait_lines(found: Waits) -> Iterator[tuple[str, str, str]]:
    """Title, figure and, of a share, its per cent, a line each; what nobody asked for is left out."""
    yield _("At the counter"), str(found.visitors), ""
    yield _("By telephone"), str(found.callers), ""
    yield _("Served in time"), *_share(*found.in_time)
    yield _("Left without being served"), *_share(*found.unserved)
    yield _("Satisfied, if asked"), *_share(*found.satisfied)
    if found.median is not None and found.longest is not None:
        yield _("Median wait"), clock(found.median), ""
        yield _("Longest wait"), clock(found.longest), ""
    for matter, count in found.matters.items():
        yield value("matter", matter) if matter else _("Matter not taken down"), str(count), ""
    yield _("Service moved up"), str(found.upgraded), ""
    for cause, count in found.causes.items():
        yield value("cause", cause), str(count), ""


def clock(span: timedelta) -> str:
    """A length of time as minutes and seconds: ``3:05``."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return f"{minutes}:{seconds:02d}"


def _share(part: int, of: int) -> tuple[str, str]:
    """A share never without what it is a share of."""
    return (f"{part}/{of}", f"{part / of:.0%}") if of else ("0/0", "")
