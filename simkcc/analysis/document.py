"""Results as JSON: stable keys, NaN as null."""

import math
from typing import Any

from simkcc.analysis.compare import Comparison, Met, expectations_met
from simkcc.analysis.figures import unit_of
from simkcc.analysis.intervals import Interval
from simkcc.analysis.metrics import METRICS, PERCENTILES
from simkcc.analysis.results import Result

SCHEMA = "simkcc/1"
"""Version of these documents; it changes when a key changes its meaning or goes."""


def number(value: float | None) -> float | None:
    """Return a number, or None for what is not finite."""
    return None if value is None or not math.isfinite(value) else float(value)


def figure_document(metric: str, interval: Interval, *, refused: bool = False) -> dict[str, Any]:
    """Return one figure: mean, interval, unit, n and status."""
    status = "ok"
    if refused:
        status = "needs a contact log"
    elif math.isnan(interval.mean):
        status = "no data"
    elif interval.n < 2:
        status = "single replication"
    return {
        "mean": number(interval.mean),
        "ci": [number(interval.low), number(interval.high)],
        "unit": unit_of(metric),
        "n": interval.n,
        "status": status,
    }


def run_document(result: Result, *, split: bool = True) -> dict[str, Any]:
    """Return one scenario's figures."""
    metrics: dict[str, Any] = {}
    for name in [*METRICS, *PERCENTILES]:
        refused = name in result.refused
        metrics[name] = figure_document(name, result.interval(name), refused=refused)
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
        "metrics": metrics,
        "scorecards": [],
        "expectations": [
            met_document(met) for met in expectations_met(result.scenario.expectations, [result])
        ],
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
        "arms": [run_document(arm, split=split) for arm in comparison.arms],
        "differences": [
            {
                "a": each.baseline,
                "b": each.arm,
                "metric": each.metric,
                "by": None,
                "mean": number(each.difference.mean),
                "ci": [number(each.difference.low), number(each.difference.high)],
                "p": number(each.difference.p),
                "p_holm": number(each.p_holm),
                "inputs": None,
                "verdict": each.verdict,
            }
            for each in comparison.differences
        ],
        "costs": {
            arm.label: figure_document("cost", arm.interval("cost")) for arm in comparison.arms
        },
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
