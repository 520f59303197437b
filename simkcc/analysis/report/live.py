"""What the sliders of the report know: components of costs, and verdicts at other values.

The page computes conclusions on cost anew from the components of both arms, by the general rule of
`analysis/money/costs.py`; nothing else is computed there.
"""

from typing import Any

from simkcc.analysis.compare import Comparison
from simkcc.analysis.document import number
from simkcc.analysis.figures import figure_text, paired_texts, title_of
from simkcc.analysis.intervals import student_quantile
from simkcc.analysis.money import claim
from simkcc.analysis.money.breakeven import BreakEven
from simkcc.analysis.money.breakeven_document import end_document
from simkcc.analysis.money.costs import components_document
from simkcc.analysis.phrases import assumption_name
from simkcc.analysis.report.material import Grid, Material, Pair
from simkcc.analysis.report.paper import LANGUAGES
from simkcc.analysis.report.pictures import names_of, worth
from simkcc.analysis.report.tables import short
from simkcc.analysis.report.words import TEXTS, plain, said
from simkcc.analysis.verdict import paragraphs

WORDS = ("cheaper", "dearer", "no detectable difference", "net_more", "net_less")


def document(material: Material) -> dict[str, Any]:
    """Return what the page needs to answer its sliders, as JSON can hold it."""
    comparison = material.comparison
    return {
        "t": student_quantile(0.95, len(comparison.arms[0].sums)),
        "words": {
            lang: {name: TEXTS[name][lang != "nl"] for name in WORDS}
            | {f"claim {name}": words[lang] for name, words in claim.WORDS.items()}
            for lang in LANGUAGES
        },
        "pairs": [_pair(pair, comparison) for pair in material.pairs],
        "grids": [_grid(grid) for grid in material.grids],
    }


def is_claim(comparison: Comparison, label: str) -> bool:
    """Return whether an arm is about outsourcing, so that its claim is to be judged."""
    groups = comparison.result(label).scenario.groups.values()
    return any(group.provider is not None for group in groups)


def _pair(pair: Pair, comparison: Comparison) -> dict[str, Any]:
    return {
        "first": components_document(pair.first),
        "second": components_document(pair.second),
        "service": {"low": number(pair.service.low), "high": number(pair.service.high)},
        "names": {lang: names_of(pair, comparison, lang) for lang in LANGUAGES},
        "claim": is_claim(comparison, pair.second.label),
        "assumptions": [_assumption(each) for each in pair.break_evens],
    }


def kind_of(key: str) -> str:
    """Return how a value of an assumption on cost is written."""
    if key in claim.SHARES:
        return "share"
    return "seconds" if key == "costs.resumption" else "euro"


def _assumption(each: BreakEven) -> dict[str, Any]:
    known = each.assumption
    return {
        "key": known.key, "value": known.value, "low": known.low, "high": known.high,
        "arms": list(known.arms), "kind": kind_of(known.key), "break_even": number(each.value),
        "at_low": end_document(each.at_low), "at_high": end_document(each.at_high),
    }  # fmt: skip


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "key": grid.key,
        "values": [position.value for position in grid.positions],
        "texts": {lang: [value_text(p.value, p.stated, lang) for p in grid.positions] for lang in LANGUAGES},
        "verdicts": {
            lang: [paragraphs(position.comparison, lang) for position in grid.positions]
            for lang in LANGUAGES
        },
    }  # fmt: skip


def value_text(value: float, stated: bool, lang: str) -> str:
    """Return the value of a position of a slider."""
    words = plain(value, lang)
    return f"{words} ({said('as_stated', lang)})" if stated else words


# ---------------------------------------------------------------------------------------------
# what stands in the page beside it


def panels(material: Material, lang: str) -> list[dict[str, Any]]:
    """Return the sliders over costs, a panel per arm that has any."""
    found = []
    for place, pair in enumerate(material.pairs):
        if pair.break_evens:
            title = said("tornado", lang, **names_of(pair, material.comparison, lang))
            sliders = [_slider(each, lang) for each in pair.break_evens]
            found.append({
                "place": place, "title": title,
                "turning": [each for each in sliders if each["tick"]],
                "others": [each for each in sliders if not each["tick"]],
            })  # fmt: skip
    return found


def _slider(each: BreakEven, lang: str) -> dict[str, Any]:
    known = each.assumption
    words = claim.meaning(known.key, lang)
    turns = said(each.status, lang) if each.value is None else ""
    if each.value is not None:
        turns = worth(known.key, each.value, each.half_width, lang)
    tick = None if each.value is None else (each.value - known.low) / (known.high - known.low)
    return {
        "key": known.key, "name": words[0].upper() + words[1:],
        "value": known.value, "low": known.low, "high": known.high, "source": known.source,
        "text": "" if known.value is None else worth(known.key, known.value, None, lang),
        "low_text": worth(known.key, known.low, None, lang),
        "high_text": worth(known.key, known.high, None, lang),
        "turns": turns, "tick": None if tick is None else f"{100 * tick:.2f}",
    }  # fmt: skip


def grids(material: Material, lang: str) -> list[dict[str, Any]]:
    """Return the sliders over what was simulated, with a table of what each position brought."""
    found = []
    for place, grid in enumerate(material.grids):
        level = material.comparison.arms[0].scenario.norms.service_level
        name = assumption_name(grid.key, lang)
        stated = next(i for i, position in enumerate(grid.positions) if position.stated)
        found.append({
            "place": place, "caption": title_of(level, lang, material.comparison.arms[0].scenario.norms.threshold), "name": name[0].upper() + name[1:],
            "last": len(grid.positions) - 1, "stated": stated,
            "head": [short(arm, lang) for arm in material.comparison.arms],
            "rows": [
                {"value": value_text(p.value, p.stated, lang), "stated": p.stated,
                 "cells": _levels(p.comparison, level, lang)}
                for p in grid.positions
            ],
        })  # fmt: skip
    return found


def _levels(comparison: Comparison, metric: str, lang: str) -> list[str]:
    """Return a figure of the baseline, and of each arm with its difference."""
    cells = []
    for place, arm in enumerate(comparison.arms):
        words = figure_text(metric, arm.interval(metric).mean, lang)
        if place:
            change, half = paired_texts(metric, comparison.find(arm.label, metric).difference, lang)
            words += f" ({change} ± {half})"
        cells.append(words)
    return cells
