"""Small pictures as SVG: elements, text that wraps, axes with round ticks."""

import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise

INK, QUIET, GRID = "#1a1f26", "#56606c", "#d9dee4"
PALETTE = ("#4d5763", "#0072b2", "#d55e00", "#009e73", "#a3568a", "#8a6d00", "#56b4e9", "#000000")
"""The baseline in grey, then the colours of Okabe and Ito, the light ones darkened for text."""
DASHES = ("", "", "7 4", "2 3", "9 3 2 3", "4 2", "1 4", "12 4")
"""So that lines differ without colour too."""
LETTER = 0.6
"""Mean width of a letter, in font sizes."""


def tag(name: str, *inside: str, **attributes: object) -> str:
    """Return an element; `_` in the name of an attribute stands for `-`, one at its end is dropped.

    >>> tag("line", x1=1, stroke_width=2.0)
    '<line x1="1" stroke-width="2"/>'
    """
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value not in (None, "")
    )
    return f"<{name}{words}>{''.join(inside)}</{name}>" if inside else f"<{name}{words}/>"


def _value(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def text(
    x: float, y: float, words: str, *, size: int = 13, anchor: str = "start", fill: str = INK,
    weight: str = "", halo: bool = False,
) -> str:  # fmt: skip
    """Return a line of text with its base at y; halo: with white around it, over lines."""
    around = {"stroke": "#ffffff", "stroke_width": 4, "paint_order": "stroke"} if halo else {}
    return tag(
        "text", escape(words), x=x, y=y, font_size=size, text_anchor=anchor, fill=fill,
        font_weight=weight, **around,
    )  # fmt: skip


def wrapped(words: str, letters: int) -> list[str]:
    """Return words in lines of at most so many letters, a longer word on a line of its own.

    >>> wrapped("menu van 13 s, zelfde rooster", 14)
    ['menu van 13 s,', 'zelfde rooster']
    """
    lines: list[str] = []
    for word in words.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def block(
    x: float, y: float, words: str, letters: int, *, size: int = 13, anchor: str = "start",
    fill: str = INK, weight: str = "",
) -> str:  # fmt: skip
    """Return wrapped text whose middle lies at y."""
    lines = wrapped(words, letters)
    top = y - (len(lines) - 1) * size * 0.6 + size * 0.35
    return "".join(
        text(x, top + i * size * 1.2, line, size=size, anchor=anchor, fill=fill, weight=weight)
        for i, line in enumerate(lines)
    )


def picture(width: int, height: float, title: str, desc: str, body: Sequence[str]) -> str:
    """Return a whole picture that says what it shows to who cannot see it."""
    return tag(
        "svg", tag("title", escape(title)), tag("desc", escape(desc)), *body,
        viewBox=f"0 0 {width} {height:.0f}", role="img", aria_label=f"{title}. {desc}",
    )  # fmt: skip


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return round numbers within [low, high], about so many.

    >>> ticks(-130.0, 420.0)
    [-100.0, 0.0, 100.0, 200.0, 300.0, 400.0]
    """
    if not high > low:
        return [low]
    rough = (high - low) / wanted
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= rough * 0.9)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def spread(places: Sequence[float], heights: Sequence[float], top: float = 0.0) -> list[float]:
    """Return places of labels moved apart to not overlap, none reaching above the top.

    places: middles; heights: of the labels.
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    found = list(places)
    for _ in range(60):
        for upper, lower in pairwise(order):
            needed = (heights[upper] + heights[lower]) / 2
            lack = needed - (found[lower] - found[upper])
            if lack > 0:
                found[upper] -= lack / 2
                found[lower] += lack / 2
        for place, height in enumerate(heights):
            found[place] = max(found[place], top + height / 2)
    return found
