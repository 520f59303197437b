"""The tables of the report: differences, scorecards, assumptions, expectations, costs.

Each returns plain words for one language; the template only sets them. A cell that shows a figure
carries its address, so that it can be held against the JSON document.
"""

import math
from collections.abc import Sequence
from typing import Any

from simkcc.analysis.compare import DEPENDS, NO_DIFFERENCE, Comparison
from simkcc.analysis.expected import Met, expectations_met
from simkcc.analysis.figures import (
    better_way,
    difference_text,
    figure_text,
    interval_text,
    of_interest,
    paired_texts,
    title_of,
)
from simkcc.analysis.intervals import Interval
from simkcc.analysis.language import NONE, decimal, euros
from simkcc.analysis.metrics import LETTERS as LETTERS_EN
from simkcc.analysis.money.claim import meaning
from simkcc.analysis.money.costs import components, figures
from simkcc.analysis.phrases import assumption_name
from simkcc.analysis.report.words import FORMULAS, LETTERS, plain, said
from simkcc.analysis.results import Result
from simkcc.analysis.scorecards import WORDS as STATUS_WORDS
from simkcc.analysis.scorecards import scorecard_documents
from simkcc.analysis.verdict import called
from simkcc.model.files import Loaded, unmarked
from simkcc.model.keys import value_of
from simkcc.model.marks import Mark, converted, numeric_paths

Table = dict[str, Any]

AT_ONCE = 3
"""Arms beside the baseline in one table; more go into a next one, so that paper holds them."""
SYMBOLS = {
    "better": "▲", "worse": "▼", "higher": "↑", "lower": "↓", "same": "=", "exactly": "=",
    "depends": "~", "diverges": "∞", "none": "-",
}  # fmt: skip
STATUS_SYMBOLS = {"met": "✓", "not met": "✗", "too close": "≈", "no norm": "-", "no data": "-"}
BASES = ("predicted", "fitted", "input")


def short(result: Result, lang: str) -> str:
    """Return what an arm is called in a picture or at the head of a column."""
    title = result.scenario.title.in_(lang) if result.variant else ""
    return title or result.label


def chunks(arms: Sequence[Result], size: int = AT_ONCE) -> list[Sequence[Result]]:
    """Return the arms beside the baseline, so many at once."""
    others = arms[1:]
    return [others[start : start + size] for start in range(0, len(others), size)]


# ---------------------------------------------------------------------------------------------
# differences


def differences(comparison: Comparison, lang: str) -> list[Table]:
    """Return the tables of differences: the figures it is about first."""
    arms, main = comparison.arms, comparison.headlines
    equal = equal_everywhere(comparison)
    interest = [each for each in of_interest(arms, main) if each not in equal]
    names = [each for each in main if each in interest]
    names += [each for each in interest if each not in main]
    return [
        {
            "head": [short(arm, lang) for arm in (arms[0], *some)],
            "rows": [_row(comparison, name, some, lang) for name in names],
        }
        for some in chunks(arms)
    ]


def equal_everywhere(comparison: Comparison) -> list[str]:
    """Return the figures in which no arm differs from the baseline at all, whatever is drawn."""
    found = []
    for name in of_interest(comparison.arms, comparison.headlines):
        every = [comparison.find(arm.label, name) for arm in comparison.arms[1:]]
        ends = [(each.difference.low, each.difference.high) for each in every]
        bands = [each.inputs.band for each in every if each.inputs is not None]
        if all(each == (0.0, 0.0) for each in [*ends, *bands]):
            found.append(name)
    return found


def equals(comparison: Comparison, lang: str) -> list[Table]:
    """Return the figures that are the same in every arm."""
    first = comparison.arms[0]
    threshold = first.scenario.norms.threshold
    return [
        {"title": title_of(name, lang, threshold), **level(first, name, lang)}
        for name in equal_everywhere(comparison)
    ]


def _row(comparison: Comparison, metric: str, arms: Sequence[Result], lang: str) -> Table:
    baseline = comparison.arms[0]
    return {
        "metric": metric,
        "title": title_of(metric, lang, baseline.scenario.norms.threshold),
        "main": metric in comparison.headlines,
        "baseline": level(baseline, metric, lang),
        "cells": [_cell(comparison, arm, metric, lang) for arm in arms],
    }


def level(result: Result, metric: str, lang: str) -> Table:
    """Return a figure of an arm."""
    words = interval_text(metric, result.interval(metric), lang)
    if result.diverges(metric):
        words = said("diverges", lang)
    elif result.without_price(metric):
        words = said("unpriced", lang)
    return {"address": f"{result.label}|{metric}", "text": words}


def _cell(comparison: Comparison, arm: Result, metric: str, lang: str) -> Table:
    """Return an arm's figure, its difference from the baseline, and what becomes of it."""
    found = comparison.find(arm.label, metric)
    kind = _kind(metric, found.verdict)
    drawn = found.inputs
    if math.isnan(found.difference.mean):
        kind = "diverges" if found.diverges else "none"
    elif found.difference.low == found.difference.high == 0:
        kind = "exactly"
    change, half = paired_texts(metric, found.difference, lang)
    known = kind not in ("diverges", "none", "exactly")
    band = ""
    if drawn is not None:
        low, high = (difference_text(metric, end, signed=True, lang=lang) for end in drawn.band)
        band = f"[{low} … {high}]"
    return {
        **level(arm, metric, lang),
        "kind": kind,
        "symbol": SYMBOLS[kind],
        "word": said(kind, lang),
        "change": f"{change} ± {half}" if known else "",
        "band": band,
    }


def _kind(metric: str, verdict: str) -> str:
    if verdict in (NO_DIFFERENCE, DEPENDS):
        return "same" if verdict == NO_DIFFERENCE else "depends"
    if verdict == "diverges" or not better_way(metric):
        return verdict
    return "better" if verdict == better_way(metric) else "worse"


# ---------------------------------------------------------------------------------------------
# scorecards


def scorecards(comparison: Comparison, lang: str) -> list[Table]:
    """Return every scorecard, each figure with its definition, n and status per arm."""
    documents = {arm.label: scorecard_documents(arm) for arm in comparison.arms}
    cards = {each["name"]: each for found in documents.values() for each in found}
    return [
        {
            "title": card["title"][lang] or name,
            "source": card["source"],
            "by_hand": [words[lang] or words["en"] for words in card["by_hand"]],
            "tables": [
                _card(card, [comparison.arms[0], *some], documents, lang)
                for some in chunks(comparison.arms, 2)
            ],
        }
        for name, card in cards.items()
    ]


def norms(comparison: Comparison, lang: str) -> list[Table]:
    """Return the figures of every scorecard that have a norm, all arms in one table."""
    documents = {arm.label: scorecard_documents(arm) for arm in comparison.arms}
    cards = {each["name"]: each for found in documents.values() for each in found}
    found = []
    for name, card in cards.items():
        table = _card(card, comparison.arms, documents, lang)
        judged = [
            item["at_least"] is not None or item["at_most"] is not None for item in card["items"]
        ]
        rows = [row for row, kept in zip(table["rows"], judged, strict=True) if kept]
        if rows:
            found.append(
                {"title": card["title"][lang] or name, "head": table["head"], "rows": rows}
            )
    return found


def _card(
    card: Table, arms: Sequence[Result], documents: dict[str, list[Table]], lang: str
) -> Table:
    """Return a scorecard for some arms; an arm that is not judged by it has empty cells."""
    rows = []
    for place, item in enumerate(card["items"]):
        cells = []
        for arm in arms:
            own = [each for each in documents[arm.label] if each["name"] == card["name"]]
            cells.append(_judged(arm, own[0]["items"][place], lang) if own else None)
        rows.append({
            "label": item["label"][lang],
            "definition": definition(item["metric"], item["definition"], lang),
            "norm": _norm(item, lang),
            "action": item["action"][lang] or item["action"]["en"],
            "cells": cells,
        })  # fmt: skip
    return {"head": [short(arm, lang) for arm in arms], "rows": rows}


def definition(metric: str, formula: str, lang: str) -> str:
    """Return the formula of a figure, in Dutch where it holds English words."""
    return FORMULAS.get(metric, formula) if lang == "nl" else formula


def letters(lang: str) -> str:
    """Return what the letters of formulas mean."""
    known = LETTERS if lang == "nl" else LETTERS_EN
    return "; ".join(f"{letter} = {meaning}" for letter, meaning in known.items())


def _norm(item: dict[str, Any], lang: str) -> list[str]:
    metric, found = item["metric"], []
    for name in ("at_least", "at_most", "reference"):
        if item[name] is not None:
            found.append(said(name, lang, value=figure_text(metric, item[name], lang)))
    if item["measured"] is not None:
        n = "" if item["measured_n"] is None else f", n = {decimal(item['measured_n'], 0, lang)}"
        value = figure_text(metric, item["measured"], lang)
        found.append(said("measured", lang, value=value, n=n))
    return found


def _of_topic(arm: Result, item: dict[str, Any], lang: str) -> Table:
    """Return a figure of one topic of an arm; sliders do not move it."""
    mean, low, high = (
        math.nan if each is None else each for each in (item["mean"], *item["ci"])
    )  # fmt: skip
    words = interval_text(item["metric"], Interval(mean, low, high, 0.95, len(arm.sums)), lang)
    return {"address": f"{arm.label}|{item['metric']}|{item['topic']}", "text": words}


def _judged(arm: Result, item: dict[str, Any], lang: str) -> Table:
    status = item["status"]
    countless = item["n"] is None or item["unit"].startswith(("per ", "h per", "EUR"))
    n = "" if countless else decimal(item["n"], 0, lang)
    found = (
        level(arm, item["metric"], lang) if item["topic"] is None else _of_topic(arm, item, lang)
    )
    return {
        **found,
        "n": said("n", lang, n=n) if n else "",
        "status": status.replace(" ", "-"),
        "symbol": STATUS_SYMBOLS[status],
        "word": STATUS_WORDS[status][lang],
    }


# ---------------------------------------------------------------------------------------------
# costs


def costs(comparison: Comparison, lang: str) -> list[Table]:
    """Return what each arm costs the budget, the second line and citizens; none without prices."""
    arms = comparison.arms
    if any(s.usage is None for a in arms for s in a.sums) or all(
        a.without_price("cost") for a in arms
    ):
        return []
    rows = []
    for arm in arms:
        found, known = figures(components(arm)), not arm.without_price("cost")
        paid = {"budget": 0, "back_office": 0, "budget_per_call": 2, "cost_per_question": 2}
        cells = {
            name: euros(found[name].mean, digits, lang)
            if known or name == "back_office"
            else NONE[lang]
            for name, digits in paid.items()
        }
        rows.append({
            "name": short(arm, lang),
            "cells": [
                cells["budget"], cells["back_office"],
                said("hours", lang, value=decimal(found["citizen_hours"].mean, 0, lang)),
                decimal(found["fte"].mean, 1, lang), cells["budget_per_call"], cells["cost_per_question"],
            ],
        })  # fmt: skip
    return rows


# ---------------------------------------------------------------------------------------------
# what went in


def assumptions(comparison: Comparison, loaded: Sequence[Loaded], lang: str) -> list[Table]:
    """Return every number that went in, once: what is assumed first, then by origin and key."""
    seen: dict[tuple[str, str], tuple[Mark | None, Any]] = {}
    makers: dict[tuple[str, str], list[str]] = {}
    for arm, each in zip(comparison.arms, loaded, strict=True):
        bare = set(unmarked(each))
        for key in numeric_paths(each.data):
            value = value_of(each.data, key)
            place = key, str(value)
            seen[place] = (None if key in bare else each.marks[key], value)
            makers.setdefault(place, []).append(arm.label)
    rows = []
    for (key, shown), (mark, value) in seen.items():
        arms = makers[key, shown]
        name, _, _ = assumption_name(key, lang).partition(f" ({key})")
        name = meaning(key, lang) if name == key else name
        rows.append({
            **_marked(mark, value, lang),
            "key": key,
            "name": name if name != key else "",
            "arms": "" if len(arms) == len(comparison.arms)
            else said("only_in", lang, arms=", ".join(arms)),
        })  # fmt: skip
    return sorted(rows, key=lambda row: "AMDG-".index(row["mark"]))


def _marked(mark: Mark | None, value: Any, lang: str) -> Table:
    """Return a number as the file writes it; in the model's unit if the file says nothing of it."""
    if mark is None:
        return {"mark": "-", "value": plain(value, lang), "range": "", "source": ""}
    unit = f" {mark.unit}" if mark.unit else ""
    ends = mark.range
    agrees = converted(mark.value, mark.factor) == value
    return {
        "mark": mark.mark,
        "value": plain(mark.value if agrees else value, lang) + (unit if agrees else ""),
        "range": "" if ends is None else " … ".join(plain(end, lang) for end in ends) + unit,
        "source": "; ".join(each for each in (mark.source, mark.note) if each),
    }


# ---------------------------------------------------------------------------------------------
# expectations


def expectations(comparison: Comparison, lang: str) -> list[Table]:
    """Return what was expected and what came out, what was predicted first."""
    judged = expectations_met(comparison.arms[0].scenario.expectations, comparison.arms)
    order = sorted(judged, key=lambda met: BASES.index(met.expectation.basis))
    return [_expected(met, comparison, lang) for met in order]


def _expected(met: Met, comparison: Comparison, lang: str) -> Table:
    each = met.expectation

    def name(variant: str | None) -> str:
        if variant is None:
            return said("every", lang)
        return called(comparison.result(variant), comparison, lang)

    metric = title_of(each.metric, lang, comparison.arms[0].scenario.norms.threshold)
    if each.part is not None:
        metric = f"{metric} ({each.part[1]})"
    if each.absent:
        what = said("expect_absent", lang, metric=metric, variant=name(each.variant))
        found = figure_text(each.metric, met.found, lang)
    elif each.sign is None:
        assert each.value is not None
        what = said(
            "expect_value", lang, metric=metric, variant=name(each.variant),
            value=figure_text(each.metric, each.value, lang),
            tolerance=difference_text(each.metric, each.tolerance or 0.0, lang=lang),
        )  # fmt: skip
        found = figure_text(each.metric, met.found, lang)
    else:
        arms = {"variant": name(each.variant), "versus": name(each.versus)}
        what = said(f"expect_{each.sign}", lang, metric=metric, **arms)
        found = difference_text(each.metric, met.found, signed=True, lang=lang)
    return {
        "what": what,
        "basis": each.basis,
        "basis_word": said(each.basis, lang),
        "found": NONE[lang] if math.isnan(met.found) else found,
        "met": met.met,
        "symbol": "✓" if met.met else "✗",
        "word": said("came_out" if met.met else "missed", lang),
        "source": each.source,
    }
