"""What lies over other widgets keeps its Chinese characters.

Textual cuts every line where any widget begins or ends, even under one that lies over it; a character two cells wide
that such a cut goes through is drawn as blanks. Here only the cuts that can be seen are made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from rich._wrap import divide_line
from textual import content, screen
from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip

from desk.breaking import breaks


class WideCompositor(Compositor):
    """Textual's own (8.2, pinned), but for the cuts under what covers them."""

    @property
    def cuts(self) -> list[list[int]]:
        if self._cuts is None:
            width, height = self.size
            cuts = [{0, width} for _line in range(height)]
            covered: list[list[tuple[int, int]]] = [[] for _line in range(height)]
            # from front to back: what is before covers what comes after
            for region, clip in self.visible_widgets.values():
                x, y, region_width, region_height = region.intersection(clip)
                if not region_width or not region_height:
                    continue
                end = x + region_width
                for line in range(max(0, y), min(y + region_height, height)):
                    before = covered[line]
                    for cut in (x, end):
                        if not any(a < cut < b for a, b in before):
                            cuts[line].add(cut)
                    if not any(a <= x and end <= b for a, b in before):
                        before.append((x, end))
            self._cuts = [sorted(line) for line in cuts]
        return self._cuts

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]) -> Sequence[Mapping[int, Strip]]:
        cuts = self.cuts
        chops: list[dict[int, Strip | None]] = [dict.fromkeys(line[:-1]) for line in cuts]
        for region, clip, strips in self._get_renders(crop):
            seen = region.intersection(clip)
            first, last = seen.column_span
            for y, strip in zip(seen.line_range, strips, strict=False):
                if not is_rendered_line(y):
                    continue
                line, inside = chops[y], [cut for cut in cuts[y] if first <= cut <= last]
                # Where a widget begins or ends under another there is no cut: that part is not seen.
                hidden = bool(inside) and inside[0] > first
                parts = list(strip.divide([cut - seen.x for cut in (inside if hidden else inside[1:])]))
                for cut, part in zip(inside, parts[hidden:], strict=False):
                    if line.get(cut, part) is None:
                        line[cut] = part
        return cast("Sequence[Mapping[int, Strip]]", chops)


def install() -> None:
    """Every screen made from now on is drawn so, and its lines are broken as Chinese is (:mod:`desk.breaking`)."""
    screen.Compositor = WideCompositor  # type: ignore[attr-defined]
    content.divide_line = _divide_line  # type: ignore[attr-defined]


def _divide_line(text: str, width: int, fold: bool = True) -> list[int]:
    return divide_line(text, width, fold) if text.isascii() or not fold or width < 2 else breaks(text, width)
