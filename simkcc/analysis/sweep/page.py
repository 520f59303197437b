"""A sweep as tables and as a page of the house: a picture and a table per figure."""

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

from simkcc.analysis.figures import figure_text, interval_text, paired_texts
from simkcc.analysis.language import percent
from simkcc.analysis.phrases import assumption_name
from simkcc.analysis.report import charts
from simkcc.analysis.report.charts import Axis, Line, Rule, colour_of
from simkcc.analysis.report.paper import View, head, rendered
from simkcc.analysis.report.svg import ticks
from simkcc.analysis.report.words import said
from simkcc.analysis.sweep.document import arm_name, how_made, sentences, text, value_text
from simkcc.analysis.sweep.played import Point, Sweep


def heads(sweep: Sweep, lang: str) -> list[str]:
    """Return the heads of a table: every variant, then each minus the first."""
    names = [arm_name(sweep, arm, lang) for arm in range(len(sweep.arms))]
    return names + [text("minus", lang, arm=each, first=names[0]) for each in names[1:]]


def cells(sweep: Sweep, point: Point, metric: str, lang: str) -> list[str]:
    """Return a row of a table: the value, every variant, each minus the first."""
    value = value_text(point.value, lang)
    if point.value in sweep.stated:
        value += f" ({text('as_it_stands', lang)})"
    levels = [
        text("diverges", lang)
        if arm.diverges(metric)
        else interval_text(metric, arm.interval(metric), lang)
        for arm in point.arms
    ]
    found = [point.minus_first(arm, metric) for arm in range(1, len(point.arms))]
    return [value, *levels, *(" ± ".join(paired_texts(metric, each, lang)) for each in found)]


def sweep_page(sweep: Sweep, command: str, lang: str = "en", made: date | None = None) -> str:
    """Return the page of a sweep; lang: the language it opens in."""
    day = made or date.today()
    return rendered("sweep.html", lang, lambda each: _view(sweep, command, day, each))


def _view(sweep: Sweep, command: str, made: date, lang: str) -> View:
    scenario = sweep.arms[0].scenario
    return {
        **head(lang, "sweep", sweep.question.in_(lang) or sweep.arms[0].name, made),
        "moves": said("sweep_lead", lang, what=assumption_name(sweep.key, lang)),
        "arms": [
            {
                "name": arm_name(sweep, arm, lang), "label": result.label,
                "role": said("baseline" if arm == 0 else "variant", lang),
                "colour": colour_of(arm),
            }
            for arm, result in enumerate(sweep.arms)
        ],
        "said": sentences(sweep, lang),
        "how": how_made(sweep, lang),
        "key": sweep.key,
        "heads": heads(sweep, lang),
        "figures": [_figure(sweep, metric, lang) for metric in sweep.metrics],
        "source": scenario.source,
        "command": command,
    }  # fmt: skip


def _figure(sweep: Sweep, metric: str, lang: str) -> dict[str, Any]:
    rows = [
        {"cells": cells(sweep, point, metric, lang), "stated": point.value in sweep.stated}
        for point in sweep.points
    ]
    return {
        "title": sweep.title(metric, lang), "lead": said("sweep_band", lang),
        "svg": _drawn(sweep, metric, lang), "rows": rows,
    }  # fmt: skip


def _drawn(sweep: Sweep, metric: str, lang: str) -> str:
    """Return the picture of a figure: a line per variant in the band of its noise."""
    lines = []
    for arm in range(len(sweep.arms)):
        found = [(point.value, point.interval(arm, metric)) for point in sweep.points]
        points = [(value, each.mean) for value, each in found]
        band = [(value, each.low, each.high) for value, each in found]
        lines.append(Line(arm_name(sweep, arm, lang), points, arm, band))
    ends = [each for line in lines for _, *sides in line.band for each in sides]
    up = _axis([each for each in ends if math.isfinite(each)], metric, lang)
    values = [point.value for point in sweep.points]
    across = Axis(
        values[0], values[-1], ticks(values[0], values[-1], 6),
        lambda value: value_text(value, lang), sweep.key,
    )  # fmt: skip
    title = sweep.title(metric, lang)
    return charts.lines(title, " ".join(sentences(sweep, lang)), lines, across, up, _rules(sweep, metric, lang))  # fmt: skip


def _axis(ends: Sequence[float], metric: str, lang: str) -> Axis:
    """Return the upright axis: from zero if that is near, to a round number above all there is."""
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    if low > 0 and low < 0.6 * high:
        low = 0.0
    room = 0.06 * (high - low or abs(high) or 1.0)
    low, high = low - (room if low else 0.0), high + room
    return Axis(low, high, ticks(low, high), lambda value: figure_text(metric, value, lang))


def _rules(sweep: Sweep, metric: str, lang: str) -> list[Rule]:
    """Return where the number stands, and the norm."""
    values = [point.value for point in sweep.points]
    stated = {each for each in sweep.stated if each is not None}
    rules = [
        Rule(each, text("as_it_stands", lang), upright=True)
        for each in sorted(stated)
        if values[0] <= each <= values[-1]
    ]
    norms = sweep.arms[0].scenario.norms
    if norms.goal is not None and metric == norms.service_level:
        rules.append(Rule(norms.goal, said("goal", lang, share=percent(norms.goal, 0, lang))))
    return rules
