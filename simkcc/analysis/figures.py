"""How figures are written: with their unit, as many digits as they deserve."""

import math

from simkcc.analysis.intervals import Difference, Interval
from simkcc.analysis.metrics import METRICS, PERCENTILES


def unit_of(metric: str) -> str:
    """Return the unit of a metric."""
    return "s" if metric in PERCENTILES else METRICS[metric].unit


def figure_text(metric: str, value: float) -> str:
    """Return a figure with its unit."""
    if unit_of(metric) == "share" and not math.isnan(value):
        return f"{value:.1%}"
    return difference_text(metric, value)


def difference_text(metric: str, value: float, *, signed: bool = False, digits: int = 1) -> str:
    """Return a difference with its unit; shares in points. digits: of points and seconds."""
    if math.isnan(value):
        return "n/a"
    unit, sign = unit_of(metric), "+" if signed else ""
    if unit == "share":
        return f"{100 * value:{sign}.{digits}f} pt"
    if unit == "s":
        return f"{value:{sign}.{digits}f} s"
    if unit == "h per week":
        return f"{value:{sign},.1f} h"
    if unit in ("per call", "per question"):
        return f"{value:{sign}.{digits + 1}f}"
    if unit == "EUR per week":
        return f"EUR {value:{sign},.0f}"
    if unit == "EUR per year":
        return f"EUR {value:{sign},.0f}"
    if unit == "EUR":
        return f"EUR {value:{sign}.2f}"
    return f"{value:{sign},.0f}"


def interval_text(metric: str, interval: Interval) -> str:
    """Return a figure with its half-width."""
    if math.isnan(interval.low):
        return figure_text(metric, interval.mean)
    return f"{figure_text(metric, interval.mean)} ± {difference_text(metric, interval.half_width)}"


def paired_texts(metric: str, found: Difference) -> tuple[str, str]:
    """Return a difference and its half-width, with enough digits to tell them from zero."""
    half = (found.high - found.low) / 2
    scaled = 100 * half if unit_of(metric) == "share" else half
    digits = 2 if 0 < scaled < 0.1 else 1
    return (
        difference_text(metric, found.mean, signed=True, digits=digits),
        difference_text(metric, half, digits=digits),
    )
