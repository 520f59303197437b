"""What was fitted, as JSON with stable keys and as rows of a table."""

import math
from typing import Any

from simkcc.analysis.document import SCHEMA, number
from simkcc.calibration.agreement import Agreement, judge, shown
from simkcc.calibration.measure import Figures
from simkcc.calibration.said import Estimate, Findings, Said
from simkcc.model.files import Loaded
from simkcc.model.keys import value_of


def fit_document(
    figures: Figures | None,
    found: Findings,
    loaded: Loaded,
    source: str,
    agreement: Agreement | None,
) -> dict[str, Any]:
    """Return everything that was estimated, with old values, and how the model agrees."""
    return {
        "schema": SCHEMA,
        "scenario": loaded.scenario.name,
        "variant": loaded.variant,
        "source": source,
        "contacts": None if figures is None else figures.n,
        "first": None if figures is None else str(figures.first),
        "last": None if figures is None else str(figures.last),
        "estimates": [_estimate(each, loaded) for each in found.estimates],
        "said": [each._asdict() for each in found.said],
        "agreement": None if agreement is None else agreement_document(agreement),
    }


def _estimate(each: Estimate, loaded: Loaded) -> dict[str, Any]:
    old, mark = old_value(each.path, loaded)
    return {
        "path": each.path, "value": each.value, "ci": [_number(each.low), _number(each.high)],
        "half_widths": [number(float(half)) for half in each.half_widths], "unit": each.unit,
        "n": each.n, "mark": each.mark if each.is_written else None,
        "method": each.method._asdict(), "old": old, "old_mark": mark or None,
    }  # fmt: skip


def _number(value: float | None) -> float | None:
    return None if value is None else number(float(value))


def old_value(path: str, loaded: Loaded) -> tuple[Any, str]:
    """Return what the scenario said before, and its mark; None if it said nothing."""
    try:
        here = value_of(loaded.data, path)
    except LookupError:
        return None, ""
    mark = loaded.marks.get(path)
    return (None if isinstance(here, dict) else here), mark.mark if mark is not None else ""


def agreement_document(agreement: Agreement) -> dict[str, Any]:
    """Return data and model per half hour, and the sentences that judge them."""
    return {
        "half_hours": [
            {
                "figure": cell.figure, "start": cell.start, "agrees": cell.agrees,
                "data": _interval(cell.data), "model": _interval(cell.model),
            }
            for cell in agreement.cells
        ],
        "verdict": [each._asdict() for each in judge(agreement)],
    }  # fmt: skip


def _interval(interval: Any) -> dict[str, Any]:
    return {
        "mean": number(interval.mean),
        "ci": [number(interval.low), number(interval.high)],
        "n": interval.n,
    }


HEADS = {
    "en": ("parameter", "was", "is", "95 %", "n", "method"),
    "nl": ("parameter", "was", "is", "95 %", "n", "methode"),
}


def estimate_rows(found: Findings, loaded: Loaded, lang: str) -> list[tuple[str, ...]]:
    """Return the rows of the table of estimates."""
    return [_row(each, loaded, lang) for each in found.estimates]


def _row(each: Estimate, loaded: Loaded, lang: str) -> tuple[str, ...]:
    old, mark = old_value(each.path, loaded)
    was = "-" if old is None else _text(old) + (f" ({mark})" if mark else "")
    now = _text(each.value) + (f" ({each.mark})" if each.is_written else "")
    if each.half_widths:
        band = "± " + _text([round(float(h), 4) for h in each.half_widths])
    elif each.low is None or each.high is None or not math.isfinite(each.high - each.low):
        band = "-"
    else:
        band = f"{_text(each.low)} to {_text(each.high)}"
    return each.path.removeprefix("seen."), was, now, band, f"{each.n:,}", each.method.by(lang)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        shown_values = [_text(each) for each in value[:20]]
        return " ".join(shown_values) + (" …" if len(value) > 20 else "")
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def agreement_rows(agreement: Agreement) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows: per half hour, data and model of every figure; * marks a difference."""
    figures = list(dict.fromkeys(cell.figure for cell in agreement.cells))
    starts = list(dict.fromkeys(cell.start for cell in agreement.cells))
    by_place = {(cell.start, cell.figure): cell for cell in agreement.cells}
    rows = []
    for start in starts:
        row = [start]
        for figure in figures:
            cell = by_place[start, figure]
            star = "" if cell.agrees or not math.isfinite(cell.difference) else " *"
            row.append(f"{shown(figure, cell.data.mean)} | {shown(figure, cell.model.mean)}{star}")
        rows.append(row)
    return ["", *figures], rows


def verdict(agreement: Agreement) -> list[Said]:
    """Return the sentences that judge the agreement."""
    return judge(agreement)
