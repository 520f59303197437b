"""How figures are written: with their unit, as many digits as they deserve, in a language."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simkcc.analysis.intervals import Difference, Interval
from simkcc.analysis.language import GAP, NONE, decimal, euros, percent, spoken_euros
from simkcc.analysis.metrics import METRICS, PERCENTILES

if TYPE_CHECKING:
    from simkcc.analysis.results import Result

POINTS = {"nl": "pt", "en": "pt"}
"""Percentage points, in a table."""
HOURS = {"nl": "u", "en": "h"}
DAYS = {"nl": "dagen", "en": "days"}

TABLE = (
    "dialled", "offered", "blocked", "menu_time", "menu_abandonment", "wrong_menu", "sl2", "sl6",
    "asa", "wait_p90", "time_to_human", "abandonment", "accessibility_r1", "direct",
    "transfer_success", "aht", "occupancy", "rostered_hours", "cost", "cost_per_call",
    "citizen_hours", "desk_wait", "desk_within_5", "desk_left", "desk_because_of_phone",
    "desk_sent_on", "mail_answer_time", "mail_1wd", "chat_wait", "chat_left", "cases_in_time",
    "cases_lead_time", "cases_feedback",
)  # fmt: skip
"""Figures of tables; all are in the JSON."""


def of_interest(arms: "Sequence[Result]", headlines: Sequence[str] = ()) -> list[str]:
    """Return the figures of a table: the usual ones, those of the norms, those it is about.

    Figures that no arm has are left out.
    """
    norms = arms[0].scenario.norms
    own = [norms.service_level, f"accessibility_{norms.accessibility}"]
    names = dict.fromkeys([*TABLE[:6], *own, *TABLE[6:], *headlines])
    return [
        name
        for name in names
        if (name in METRICS or name in PERCENTILES) and any(_is_told(arm, name) for arm in arms)
    ]


def _is_told(arm: "Result", name: str) -> bool:
    """Return whether a table says something of a figure: that it grows, or has no price, too."""
    known = arm.diverges(name) or (name == "cost" and arm.without_price(name))
    return known or not math.isnan(arm.interval(name).mean)


def unit_of(metric: str) -> str:
    """Return the unit of a metric."""
    return "s" if metric in PERCENTILES else METRICS[metric].unit


def title_of(metric: str, lang: str, threshold: float | None = None) -> str:
    """Return what a figure is called, a service level with its threshold in seconds."""
    if metric in PERCENTILES:
        return PERCENTILES[metric].nl if lang == "nl" else PERCENTILES[metric].en
    name = METRICS[metric].nl if lang == "nl" else METRICS[metric].en
    is_level = metric.startswith("sl") and metric[2:].isdecimal()
    return f"{name}, {threshold:g}{GAP}s" if threshold is not None and is_level else name


def better_way(metric: str) -> str:
    """Return which way is better for who calls or pays: `higher`, `lower`, or empty."""
    return "lower" if metric in PERCENTILES else METRICS[metric].better


def figure_text(metric: str, value: float, lang: str = "en") -> str:
    """Return a figure with its unit."""
    if unit_of(metric) == "share":
        return percent(value, 1, lang)
    return difference_text(metric, value, lang=lang)


def difference_text(
    metric: str, value: float, *, signed: bool = False, digits: int = 1, lang: str = "en"
) -> str:
    """Return a difference with its unit; shares in points. digits: of points and seconds."""
    if not math.isfinite(value):
        return NONE[lang]
    unit = unit_of(metric)
    if unit == "share":
        return f"{decimal(100 * value, digits, lang, signed=signed)}{GAP}{POINTS[lang]}"
    if unit == "s":
        return f"{decimal(value, digits, lang, signed=signed)}{GAP}s"
    if unit.startswith("EUR"):
        return euros(value, 2 if unit == "EUR" else 0, lang, signed=signed)
    if unit == "h" or unit.startswith("h per"):
        return f"{decimal(value, 1, lang, signed=signed)}{GAP}{HOURS[lang]}"
    if unit == "days":
        return f"{decimal(value, 1, lang, signed=signed)}{GAP}{DAYS[lang]}"
    return decimal(value, 0 if unit == "per week" else 2, lang, signed=signed)


def interval_text(metric: str, interval: Interval, lang: str = "en") -> str:
    """Return a figure with its half-width."""
    found = figure_text(metric, interval.mean, lang)
    if math.isnan(interval.low):
        return found
    return f"{found} ± {difference_text(metric, interval.half_width, lang=lang)}"


def paired_texts(metric: str, found: Difference, lang: str = "en") -> tuple[str, str]:
    """Return a difference and its half-width, with enough digits to tell them from zero."""
    half = (found.high - found.low) / 2
    scaled = 100 * half if unit_of(metric) == "share" else half
    digits = 2 if 0 < scaled < 0.1 else 1
    return (
        difference_text(metric, found.mean, signed=True, digits=digits, lang=lang),
        difference_text(metric, half, digits=digits, lang=lang),
    )


def spoken(metric: str, value: float, lang: str = "en") -> str:
    """Return the size of a difference as one says it, without a sign.

    >>> [spoken(*each).replace(GAP, " ") for each in (("sl2", -0.0689, "nl"), ("cost", 1_230_400))]
    ['6,9 procentpunt', '€1.23 million a year']
    """
    size, unit = abs(value), unit_of(metric)
    nl = lang == "nl"
    if unit == "share":
        return f"{decimal(100 * size, 1, lang)}{GAP}{'procentpunt' if nl else 'points'}"
    if unit == "s":
        return _counted(size, ("seconde", "seconden") if nl else ("second", "seconds"), lang)
    if unit == "EUR per year":
        return f"{spoken_euros(size, lang)} {'per jaar' if nl else 'a year'}"
    if unit == "EUR":
        return euros(size, 2, lang)
    if unit.startswith("h"):
        per = unit.removeprefix("h per ") if unit != "h" else ""
        period = {"week": "per week" if nl else "a week", "day": "per dag" if nl else "a day"}
        hours = _counted(size, ("uur", "uur") if nl else ("hour", "hours"), lang)
        return f"{hours} {period.get(per, '')}".rstrip()
    if unit in ("per week", "per day"):
        word = "week" if unit == "per week" else ("dag" if nl else "day")
        number = decimal(size, 0 if size >= 100 else 1, lang)
        return f"{number} {'per' if nl else 'a'} {word}"
    if unit == "days":
        return _counted(size, ("dag", "dagen") if nl else ("day", "days"), lang)
    return decimal(size, 2, lang)


def _counted(size: float, words: tuple[str, str], lang: str) -> str:
    """Return a number with its word: whole from ten on, and where nothing follows the comma.

    words: for one and for more.
    """
    number = decimal(size, 0 if size >= 10 or abs(size - round(size)) < 0.05 else 1, lang)
    return f"{number}{GAP}{words[number != '1']}"
