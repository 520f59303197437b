"""The pictures of a comparison: what is drawn of it, and how it is said to who cannot see it."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from simkcc.analysis.compare import Comparison
from simkcc.analysis.figures import title_of
from simkcc.analysis.folding import BINS
from simkcc.analysis.language import GAP, decimal, percent, spoken_euros
from simkcc.analysis.money.breakeven import BreakEven
from simkcc.analysis.money.bridge import A_EURO, NAMES, bridge
from simkcc.analysis.money.claim import meaning, worded
from simkcc.analysis.phrases import seconds
from simkcc.analysis.report import charts
from simkcc.analysis.report.charts import Axis, Bar, Line, Rule
from simkcc.analysis.report.material import Pair
from simkcc.analysis.report.svg import ticks
from simkcc.analysis.report.tables import AT_ONCE, short
from simkcc.analysis.report.words import said
from simkcc.analysis.results import Result
from simkcc.analysis.verdict import called

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
PARTS = ("menu", "queue", "transfer", "hold", "talk")
"""Where a caller's time goes; the figures of citizens' hours by those parts, in the same order."""
HOURS = ("citizen_hours_menu", "citizen_hours_wait", "citizen_hours_transfer", "citizen_hours_hold",
         "citizen_hours_talk")  # fmt: skip
LONGEST = 900.0
"""Seconds beyond which waits are not drawn."""
COLOURS = {"whole": "#4d5763", "more": "#b34700", "less": "#00714f"}


def shares(lang: str) -> Axis:
    """Return an axis of shares."""
    return Axis(0.0, 1.0, SHARES, lambda share: percent(share, 0, lang))


def groups_of(comparison: Comparison) -> list[list[tuple[int, Result]]]:
    """Return the arms by what one picture of lines can hold, each with its place."""
    known = list(enumerate(comparison.arms))
    size = AT_ONCE + 1
    return [[known[0], *known[at : at + size]] for at in range(1, max(len(known), 2), size)]


def day(some: Sequence[tuple[int, Result]], lang: str) -> dict[str, str]:
    """Return the service level over the day, a line per arm."""
    norms = some[0][1].scenario.norms
    metric = norms.service_level
    drawn = [Line(short(arm, lang), _by_half_hour(arm, metric), place) for place, arm in some]
    known = [x for line in drawn for x, y in line.points if math.isfinite(y)]
    title = said("day", lang, level=title_of(metric, lang, norms.threshold))
    if not known:
        return {"title": title, "svg": ""}
    low, high = math.floor(min(known)), math.ceil(max(known) + 0.25)
    step = 1 if high - low <= 12 else 2
    across = Axis(low, high, range(low, high + 1, step), lambda hour: f"{hour:.0f}{GAP}{'u' if lang == 'nl' else 'h'}")  # fmt: skip
    goal = norms.goal
    rules = [] if goal is None else [Rule(goal, said("goal", lang, share=percent(goal, 0, lang)))]
    desc = "; ".join(_worst(line, lang) for line in drawn)
    svg = charts.lines(title, desc, drawn, across, shares(lang), rules)
    return {"title": title, "lead": said("day_lead", lang), "svg": svg}


def _by_half_hour(arm: Result, metric: str) -> list[tuple[float, float]]:
    """Return the middle of each half hour and the figure in it."""
    if metric not in arm.sums[0].parts.get("half_hour", {}) or arm.diverges(metric):
        return []
    found = arm.split(metric, "half_hour")
    return [(int(name[:2]) + int(name[3:]) / 60 + 0.25, each.mean) for name, each in found.items()]


def _worst(line: Line, lang: str) -> str:
    known = [(y, x) for x, y in line.points if math.isfinite(y)]
    if not known:
        return f"{line.name}: {said('none', lang)}"
    (low, at), (high, _) = min(known), max(known)
    clock = f"{int(at)}:{'30' if at % 1 > 0.5 else '00'}"
    return f"{line.name}: {percent(low, 0, lang)} ({clock}) … {percent(high, 0, lang)}"


def answered_within(arm: Result) -> tuple[np.ndarray, np.ndarray]:
    """Return seconds, and the share of the offered calls that are answered within each."""
    offered = arm.pairs("offered")[0].sum()
    counts = np.sum([sums.waits for sums in arm.sums], axis=0)
    if offered <= 0:
        return BINS, np.full(len(BINS), np.nan)
    return BINS, np.cumsum(counts) / offered


def waits(some: Sequence[tuple[int, Result]], lang: str) -> dict[str, str]:
    """Return how many are answered within how many seconds, a line per arm."""
    curves = [answered_within(arm) for _, arm in some]
    ends = [seen[np.searchsorted(share, 0.995 * share[-1])] for seen, share in curves
            if share[-1] > 0]  # fmt: skip
    title = said("waits", lang)
    if not ends:
        return {"title": title, "svg": ""}
    threshold = some[0][1].scenario.norms.threshold
    last = min(LONGEST, max(60.0, 60.0 * math.ceil(max(ends) / 60.0), threshold * 1.5))
    at = np.linspace(0.0, last, 121)
    drawn = []
    for (place, arm), (seen, share) in zip(some, curves, strict=True):
        places = np.searchsorted(seen, at, side="right") - 1
        heights = np.where(places >= 0, share[np.maximum(places, 0)], 0.0)
        points = list(zip(at.tolist(), heights.tolist(), strict=True))
        drawn.append(Line(short(arm, lang), points, place))
    name = said("threshold", lang, seconds=seconds(threshold, lang))
    across = Axis(0.0, last, ticks(0.0, last, 6), lambda at: decimal(at, 0, lang), said("seconds_waited", lang))  # fmt: skip
    desc = "; ".join(f"{line.name}: {percent(line.points[-1][1], 0, lang)}" for line in drawn)
    svg = charts.lines(title, desc, drawn, across, shares(lang), [Rule(threshold, name, True)])
    return {"title": title, "lead": said("waits_lead", lang), "svg": svg}


def seconds_of(arm: Result) -> list[float]:
    """Return the mean seconds per call in each of PARTS; nan where there are no calls."""
    calls = arm.interval("dialled").mean
    return [3600 * arm.interval(name).mean / calls if calls > 0 else math.nan for name in HOURS]


def time(comparison: Comparison, lang: str) -> dict[str, str]:
    """Return where a caller's time goes, a bar per arm."""
    rows = [(short(arm, lang), seconds_of(arm)) for arm in comparison.arms]
    parts = [said(part, lang) for part in PARTS]

    def written(value: float) -> str:
        return f"{decimal(value, 0, lang)}{GAP}s"

    desc = "; ".join(
        f"{name}: " + ", ".join(
            f"{part} {written(value)}" for part, value in zip(parts, row, strict=True) if value > 0
        )
        for name, row in rows
    )  # fmt: skip
    svg = charts.stacked(said("time", lang), desc, rows, parts, written)
    return {"title": said("time", lang), "lead": said("time_lead", lang), "svg": svg}


def names_of(pair: Pair, comparison: Comparison, lang: str) -> dict[str, str]:
    """Return what the two arms of a pair are called in a sentence."""
    arms = {arm.label: called(arm, comparison, lang) for arm in comparison.arms}
    return {"first": arms[pair.first.label], "second": arms[pair.second.label]}


def bridge_of(pair: Pair, comparison: Comparison, lang: str) -> dict[str, str]:
    """Return the steps from the cost of the baseline to that of an arm."""
    arms = {arm.label: short(arm, lang) for arm in comparison.arms}
    found = bridge(pair.first, pair.second)
    at = found.start.mean
    bars = [Bar(arms[found.first], 0.0, at, spoken_euros(at, lang), COLOURS["whole"])]
    for name, step in found.steps.items():
        if abs(step.mean) > A_EURO:
            colour = COLOURS["more" if step.mean > 0 else "less"]
            sign = "+" if step.mean > 0 else ""
            bars.append(Bar(NAMES[name][lang], at, at + step.mean, sign + spoken_euros(step.mean, lang), colour))  # fmt: skip
            at += step.mean
    end = found.end.mean
    bars.append(Bar(arms[found.second], 0.0, end, spoken_euros(end, lang), COLOURS["whole"]))
    title = said("bridge", lang, **names_of(pair, comparison, lang))
    if len(bars) < 4:
        return {"title": title, "svg": ""}
    desc = "; ".join(f"{bar.name}: {bar.words}" for bar in bars)
    svg = charts.bars(title, desc, bars, _euro_axis(lang), zero=True, linked=True)
    return {"title": title, "lead": said("bridge_lead", lang), "svg": svg}


def tornado(pair: Pair, comparison: Comparison, lang: str) -> dict[str, Any]:
    """Return how far each assumption that only enters costs moves the difference in cost."""
    names = names_of(pair, comparison, lang)
    title = said("tornado", lang, **names)
    bars = [_swing(each, lang) for each in pair.break_evens]
    desc = "; ".join(f"{bar.name}: {bar.words}" for bar in bars)
    svg = charts.bars(title, desc, bars, _euro_axis(lang), zero=True)
    return {"title": title, "lead": said("tornado_lead", lang, **names), "svg": svg}


def worth(key: str, value: float, half_width: float | None, lang: str) -> str:
    """Return the value of an assumption on cost with its unit, and its half-width if there is one."""
    words = worded(key, value, half_width, lang).replace(" ", GAP)
    return f"{words}{GAP}s" if key == "costs.resumption" else words


def _swing(each: BreakEven, lang: str) -> Bar:
    key = each.assumption.key
    ends = [worth(key, end, None, lang) for end in (each.assumption.low, each.assumption.high)]
    at_low, at_high = each.at_low.mean, each.at_high.mean
    words = said(each.status, lang) if each.value is None else ""
    if each.value is not None:
        words = f"{said('turning_at', lang).lower()} {worth(key, each.value, None, lang)}"
    if at_low > at_high:
        ends.reverse()
    return Bar(_capital(meaning(key, lang)), at_low, at_high, words, charts.colour_of(1), *ends)


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _euro_axis(lang: str) -> charts.Written:
    return lambda value: spoken_euros(value, lang)
