"""Results as JSON and as rows: stable keys, NaN as null. docs/json.md describes them."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from simkcc.analysis.compare import Compared, Comparison
from simkcc.analysis.expected import Met, expectations_met
from simkcc.analysis.figures import better_way, unit_of
from simkcc.analysis.inputs import Drawn, Evidence, InputStudy
from simkcc.analysis.intervals import Interval
from simkcc.analysis.metrics import METRICS, PERCENTILES
from simkcc.analysis.precision import Reached
from simkcc.analysis.results import Result
from simkcc.analysis.scorecards import scorecard_documents
from simkcc.analysis.status import NO_PRICE, Status
from simkcc.analysis.verdict import verdict

SCHEMA = "simkcc/1"
"""Version of these documents; it changes when a key changes its meaning or goes."""


def number(value: float | None) -> float | None:
    """Return a number, or None for what is not finite."""
    return None if value is None or not math.isfinite(value) else float(value)


def whole_figure(result: Result, metric: str) -> dict[str, Any]:
    """Return one figure of a run, not split: mean, interval, unit, n and what is known of it."""
    missing = "needs a contact log" if metric in result.refused else ""
    if result.without_price(metric):
        missing = NO_PRICE
    known = result.statuses.get(metric)
    return figure_document(metric, result.interval(metric), known, missing=missing)


def figure_document(
    metric: str, interval: Interval, status: Status | None = None, *, missing: str = ""
) -> dict[str, Any]:
    """Return one figure: mean, interval, unit, n and status. missing: why there is none."""
    name = "ok"
    if status is not None:
        name = status.name
    elif missing:
        name = missing
    elif math.isnan(interval.mean):
        name = "no data"
    elif interval.n < 2:
        name = "single replication"
    document: dict[str, Any] = {
        "mean": number(interval.mean),
        "ci": [number(interval.low), number(interval.high)],
        "unit": unit_of(metric),
        "n": interval.n,
        "status": name,
    }
    if status is not None:
        document["sentence"] = {"nl": status.nl, "en": status.en}
    return document


def run_document(
    result: Result, *, split: bool = True, evidence: Evidence | None = None,
    precision: Sequence[Reached] = (),
) -> dict[str, Any]:  # fmt: skip
    """Return one scenario's figures."""
    metrics: dict[str, Any] = {}
    for name in [*METRICS, *PERCENTILES]:
        metrics[name] = whole_figure(result, name)
        dimensions = result.dimensions_of(name) if split else ()
        if dimensions:
            metrics[name]["by"] = {
                dimension: {
                    value: figure_document(name, interval)
                    for value, interval in result.split(name, dimension).items()
                }
                for dimension in dimensions
            }
    return {
        "schema": SCHEMA,
        "scenario": result.name,
        "variant": result.variant,
        "seed": result.seed,
        "replications": len(result.sums),
        "callers_per_attempt": number(result.callers_per_attempt),
        "applied": {key: _plain(value) for key, value in result.applied.items()},
        "evidence": evidence_document(evidence),
        "precision": [reached_document(each) for each in precision],
        "metrics": metrics,
        "scorecards": scorecard_documents(result),
        "expectations": [
            met_document(met) for met in expectations_met(result.scenario.expectations, [result])
        ],
    }


def evidence_document(evidence: Evidence | None) -> dict[str, Any] | None:
    """Return how many of the numbers that went in are given, derived, assumed and so on."""
    return None if evidence is None else {**asdict(evidence), "total": evidence.total}


def reached_document(reached: Reached) -> dict[str, Any]:
    """Return how sure a figure is that was to be made sure."""
    return {
        "metric": reached.target.metric,
        "asked": reached.target.half_width,
        "reached": number(reached.half_width),
        "arm": reached.arm,
        "replications": reached.replications,
        "needed": reached.needed,
        "met": reached.met,
    }


def _plain(value: Any) -> Any:
    """Return a value from a file as JSON can hold it."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def met_document(met: Met) -> dict[str, Any]:
    """Return one expectation and what became of it."""
    stated = met.expectation.model_dump(exclude_none=True)
    return {**stated, "found": number(met.found), "met": met.met}


def comparison_document(comparison: Comparison, *, split: bool = True) -> dict[str, Any]:
    """Return a comparison: every arm, every difference (b minus a), what would turn them."""
    return {
        "schema": SCHEMA,
        "baseline": comparison.arms[0].label,
        "verdict": {lang: verdict(comparison, lang) for lang in ("nl", "en")},
        "headlines": list(comparison.headlines),
        "evidence": evidence_document(comparison.evidence),
        "precision": [reached_document(each) for each in comparison.precision],
        "arms": [run_document(arm, split=split) for arm in comparison.arms],
        "differences": [difference_document(each) for each in comparison.differences],
        "inputs": study_document(comparison.inputs, comparison),
        "costs": {arm.label: whole_figure(arm, "cost") for arm in comparison.arms},
        "turning_points": [
            {
                "metric": turn.point.metric,
                "a": turn.point.second,
                "b": turn.point.first,
                "key": turn.point.key,
                "range": [turn.point.low, turn.point.high],
                "differences_at_range": [number(turn.at_low), number(turn.at_high)],
                "value": number(turn.value),
                "half_width": number(turn.half_width),
            }
            for turn in comparison.turns
        ],
        "expectations": [
            met_document(met)
            for met in expectations_met(comparison.arms[0].scenario.expectations, comparison.arms)
        ],
    }


def difference_document(each: Compared) -> dict[str, Any]:
    """Return one difference with both bands."""
    return {
        "a": each.baseline,
        "b": each.arm,
        "metric": each.metric,
        "by": None,
        "mean": number(each.difference.mean),
        "ci": [number(each.difference.low), number(each.difference.high)],
        "p": number(each.difference.p),
        "p_holm": number(each.p_holm),
        "inputs": None if each.inputs is None else _drawn(each.metric, each.inputs),
        "verdict": each.verdict,
    }


def _drawn(metric: str, drawn: Drawn) -> dict[str, Any]:
    """Return a difference over the draws; nobody wins a figure that has no better way."""
    wins = {"higher": (drawn.below, drawn.above), "lower": (drawn.above, drawn.below)}
    a_wins, b_wins = wins.get(better_way(metric), (None, None))
    split = drawn.decided_by
    return {
        "share_of_draws_a_wins": a_wins,
        "share_of_draws_b_wins": b_wins,
        "band": [number(end) for end in drawn.band],
        "decided_by": None
        if split is None
        else {
            "key": split.key,
            "threshold": split.threshold,
            "b_is_higher": "above" if split.above else "below",
            "rank_correlation": split.correlation,
            "share_right": split.right,
        },
    }


def study_document(study: InputStudy | None, comparison: Comparison) -> dict[str, Any] | None:
    """Return what was drawn, and what was not."""
    if study is None:
        return None
    return {
        "draws": study.draws,
        "replications": study.replications,
        "redrawn": study.redrawn,
        "varied": [
            {
                "key": each.key,
                "value": each.value,
                "range": [each.low, each.high],
                "arms": [comparison.arms[place].label for place in each.arms],
            }
            for each in study.varied
        ],
        "not_varied": list(study.not_varied),
    }


def rows(arms: Sequence[Result], differences: Sequence[Compared] = ()) -> list[dict[str, Any]]:
    """Return one row per arm and figure, with its difference from the baseline if there is one."""
    found = {(each.arm, each.metric): each for each in differences}
    table = []
    for arm in arms:
        for metric in [*METRICS, *PERCENTILES]:
            figure = whole_figure(arm, metric)
            low, high = figure["ci"]
            row = {
                "arm": arm.label, "metric": metric, "unit": figure["unit"], "mean": figure["mean"],
                "low": low, "high": high, "n": figure["n"], "status": figure["status"],
            }  # fmt: skip
            if differences:
                row |= _difference_columns(found.get((arm.label, metric)))
            table.append(row)
    return table


def _difference_columns(found: Compared | None) -> dict[str, Any]:
    names = (
        "difference", "difference_low", "difference_high", "p", "p_holm", "inputs_low",
        "inputs_high", "verdict",
    )  # fmt: skip
    if found is None:
        return dict.fromkeys(names)
    gap = found.difference
    band = (math.nan, math.nan) if found.inputs is None else found.inputs.band
    numbers = (gap.mean, gap.low, gap.high, gap.p, found.p_holm, *band)
    return dict(zip(names, [*map(number, numbers), found.verdict], strict=True))
