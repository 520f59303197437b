"""The pictures of the report: lines with labels at their ends, stacked bars, bridges, tornados."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simkcc.analysis.report.svg import (
    DASHES,
    GRID,
    INK,
    LETTER,
    PALETTE,
    QUIET,
    block,
    picture,
    spread,
    tag,
    text,
    ticks,
    wrapped,
)

WIDTH = 820
Written = Callable[[float], str]
"""How a number is written."""


@dataclass(frozen=True)
class Line:
    """One line of a chart: what it is called, and its points, nan where there are none."""

    name: str
    points: Sequence[tuple[float, float]]
    place: int = 0
    """Which of the arms it is: that gives its colour and dashes."""
    band: Sequence[tuple[float, float, float]] = ()
    """(x, low, high) of what surrounds it: its noise."""


@dataclass(frozen=True)
class Axis:
    """One axis: its ends, round places on it, how they are written, and what it measures."""

    low: float
    high: float
    ticks: Sequence[float]
    written: Written
    name: str = ""


@dataclass(frozen=True)
class Rule:
    """A straight line across a chart: a norm."""

    at: float
    name: str
    upright: bool = False


@dataclass(frozen=True)
class Bar:
    """One bar: its ends, colour, and the words at its left and right."""

    name: str
    start: float
    end: float
    words: str
    colour: str
    low: str = ""
    """What stands at its left end."""
    high: str = ""
    """What stands at its right end."""


def colour_of(place: int) -> str:
    """Return the colour of an arm by its place."""
    return PALETTE[place % len(PALETTE)]


def lines(
    title: str, desc: str, drawn: Sequence[Line], across: Axis, up: Axis, rules: Sequence[Rule] = ()
) -> str:  # fmt: skip
    """Return a line chart whose lines are labelled at their right end; empty without a point."""
    if not any(math.isfinite(y) for line in drawn for _, y in line.points):
        return ""
    left, right, top, bottom = 52, WIDTH - 190, 16, 292

    def at_x(value: float) -> float:
        return left + (value - across.low) / (across.high - across.low) * (right - left)

    def at_y(value: float) -> float:
        return bottom - (value - up.low) / (up.high - up.low) * (bottom - top)

    body = []
    for value in up.ticks:
        y = at_y(value)
        body.append(tag("line", x1=left, x2=right, y1=y, y2=y, stroke=GRID))
        body.append(text(left - 8, y + 4, up.written(value), anchor="end", size=12, fill=QUIET))
    for value in across.ticks:
        body.append(text(at_x(value), bottom + 18, across.written(value), anchor="middle", size=12, fill=QUIET))  # fmt: skip
    body.append(text(right, bottom + 36, across.name, anchor="end", size=12, fill=QUIET))
    body += [_band(line, at_x, at_y) for line in drawn if line.band]
    body += [_path(line, line.place, at_x, at_y) for line in drawn]
    body += [_rule(rule, at_x, at_y, (left, right, top, bottom)) for rule in rules]
    body += _labels(drawn, at_y, right)
    return picture(WIDTH, bottom + 46, title, desc, body)


def _rule(rule: Rule, at_x: Written | Callable[[float], float], at_y: Callable[[float], float],
          box: tuple[float, float, float, float]) -> str:  # fmt: skip
    left, right, top, bottom = box
    style = {"stroke": QUIET, "stroke_dasharray": "3 3"}
    if rule.upright:
        x = float(at_x(rule.at))
        mark = tag("line", x1=x, x2=x, y1=top, y2=bottom, **style)
        return mark + text(x + 5, bottom - 6, rule.name, size=12, fill=QUIET, halo=True)
    y = at_y(rule.at)
    return tag("line", x1=left, x2=right, y1=y, y2=y, **style) + text(
        left + 6, y - 5, rule.name, size=12, fill=QUIET, halo=True
    )


def _band(line: Line, at_x: Callable[[float], float], at_y: Callable[[float], float]) -> str:
    """Return what surrounds a line; where there is no number it is left out."""
    known = [each for each in line.band if all(map(math.isfinite, each))]
    there = [(x, high) for x, _, high in known] + [(x, low) for x, low, _ in reversed(known)]
    corners = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in there)
    return tag("polygon", points=corners, fill=colour_of(line.place), fill_opacity=0.16)


def _path(
    line: Line, place: int, at_x: Callable[[float], float], at_y: Callable[[float], float]
) -> str:
    """Return a line, broken where there is no number; a lone point as a dot."""
    moves, previous = [], False
    known = [math.isfinite(y) for _, y in line.points]
    dots = []
    for index, (x, y) in enumerate(line.points):
        if known[index]:
            moves.append(f"{'L' if previous else 'M'}{at_x(x):.1f} {at_y(y):.1f}")
            alone = not previous and not (index + 1 < len(known) and known[index + 1])
            dots += [tag("circle", cx=at_x(x), cy=at_y(y), r=3, fill=colour_of(place))] * alone
        previous = known[index]
    return tag(
        "path", d=" ".join(moves), fill="none", stroke=colour_of(place), stroke_width=2.5,
        stroke_dasharray=DASHES[place % len(DASHES)], stroke_linejoin="round",
    ) + "".join(dots)  # fmt: skip


def _labels(drawn: Sequence[Line], at_y: Callable[[float], float], right: float) -> list[str]:
    """Return the names of lines beside their ends, moved apart where they would overlap."""
    ends, there = [], []
    for line in drawn:
        known = [y for _, y in line.points if math.isfinite(y)]
        if known:
            ends.append(at_y(known[-1]))
            there.append(line)
    letters = 22
    heights = [14.4 * len(wrapped(line.name, letters)) + 5 for line in there]
    places = spread(ends, heights)
    found = []
    for line, end, y in zip(there, ends, places, strict=True):
        colour = colour_of(line.place)
        found.append(tag("path", d=f"M{right + 3} {end:.1f}L{right + 12} {y:.1f}", stroke=colour, fill="none"))  # fmt: skip
        found.append(block(right + 16, y, line.name, letters, size=12, fill=colour, weight="600"))  # fmt: skip
    return found


PARTS = (("#e69f00", INK), ("#0072b2", "#ffffff"), ("#a3568a", "#ffffff"), ("#56b4e9", INK), ("#d9dee4", INK))  # fmt: skip
"""Colours of the parts of a stacked bar, and of the number in each."""


def stacked(
    title: str, desc: str, rows: Sequence[tuple[str, Sequence[float]]], parts: Sequence[str],
    written: Written,
) -> str:  # fmt: skip
    """Return bars made of parts, with a legend above; empty if there is nothing to stack."""
    totals = [sum(each for each in row if math.isfinite(each)) for _, row in rows]
    longest = max(totals, default=0.0)
    if longest <= 0:
        return ""
    left, right, height = 214, WIDTH - 74, 30
    gap = max(16, 16 * max(len(wrapped(name, 23)) for name, _ in rows) - height + 8)
    shown = [i for i in range(len(parts)) if any(row[i] > 0 for _, row in rows)]
    body, x = [], float(left)
    for i in shown:
        body.append(tag("rect", x=x, y=4, width=13, height=13, fill=PARTS[i][0]))
        body.append(text(x + 19, 15, parts[i], size=13, fill=QUIET))
        x += 46 + len(parts[i]) * 13 * LETTER
    for place, ((name, row), total) in enumerate(zip(rows, totals, strict=True)):
        y, x = 34.0 + place * (height + gap), float(left)
        body.append(block(left - 12, y + height / 2, name, 23, anchor="end", weight="600"))
        for i in shown:
            size = row[i] / longest * (right - left) if math.isfinite(row[i]) else 0.0
            body.append(tag("rect", x=x, y=y, width=size, height=height, fill=PARTS[i][0]))
            if size > len(written(row[i])) * 13 * LETTER + 8:
                body.append(text(x + size / 2, y + height / 2 + 5, written(row[i]), anchor="middle", fill=PARTS[i][1]))  # fmt: skip
            x += size
        body.append(text(x + 8, y + height / 2 + 5, written(total), weight="700"))
    return picture(WIDTH, 34.0 + len(rows) * (height + gap), title, desc, body)


def bars(
    title: str, desc: str, drawn: Sequence[Bar], written: Written, *, zero: bool, linked: bool = False
) -> str:  # fmt: skip
    """Return bars on one axis; empty if there are none.

    zero: whether the axis must show zero. linked: whether each bar starts where the last one ends.
    """
    ends = [each for bar in drawn for each in (bar.start, bar.end)]
    if not ends or not all(map(math.isfinite, ends)):
        return ""
    low, high = min([*ends, *([0.0] if zero else [])]), max([*ends, *([0.0] if zero else [])])
    left, right, height, gap, top = 270, WIDTH - 118, 22, 16, 26
    aside = 80 if any(bar.low or bar.high for bar in drawn) else 8
    room = (high - low or 1.0) * aside / (right - left - 2 * aside)
    low, high = low - room * (low < 0 or aside > 8), high + room

    def at(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    bottom = top + len(drawn) * (height + gap)
    body = []
    for value in ticks(low, high, 4):
        stroke = INK if value == 0 and zero else GRID
        body.append(tag("line", x1=at(value), x2=at(value), y1=top - 6, y2=bottom - 6, stroke=stroke))  # fmt: skip
        body.append(text(at(value), top - 12, written(value), anchor="middle", size=12, fill=QUIET))
    for place, bar in enumerate(drawn):
        y = top + place * (height + gap)
        body += _bar(bar, at, y, height, (left, right))
        if linked and place + 1 < len(drawn):
            body.append(tag("line", x1=at(bar.end), x2=at(bar.end), y1=y + height, y2=y + height + gap, stroke=QUIET, stroke_dasharray="2 2"))  # fmt: skip
    return picture(WIDTH, bottom, title, desc, body)


def _bar(
    bar: Bar, at: Callable[[float], float], y: float, height: float, sides: tuple[float, float]
) -> list[str]:
    first, last = sorted((at(bar.start), at(bar.end)))
    found = [
        block(sides[0] - 14, y + height / 2, bar.name, 32, anchor="end"),
        tag("rect", x=first, y=y, width=max(last - first, 1.5), height=height, fill=bar.colour),
        block(sides[1] + 6, y + height / 2, bar.words, 16, weight="600", size=12),
    ]
    for x, words, anchor in ((first - 5, bar.low, "end"), (last + 5, bar.high, "start")):
        if words:
            found.append(
                text(x, y + height / 2 + 4, words, size=12, anchor=anchor, fill=QUIET, halo=True)
            )
    return found
