"""A sweep as JSON, as rows and in sentences."""

from typing import Any

from simkcc.analysis.document import SCHEMA, number, whole_figure
from simkcc.analysis.figures import figure_text
from simkcc.analysis.language import percent, significant
from simkcc.analysis.phrases import quoted
from simkcc.analysis.sweep.played import Point, Sweep

TEXTS: dict[str, dict[str, str]] = {
    "ends": {
        "en": "{arm}: {figure} goes from {first} at {low} to {last} at {high}.",
        "nl": "{arm}: {figure} gaat van {first} bij {low} naar {last} bij {high}.",
    },
    "reached": {
        "en": "{arm}: the norm of {goal} is met from {value} on.",
        "nl": "{arm}: de norm van {goal} wordt gehaald vanaf {value}.",
    },
    "always": {
        "en": "{arm}: the norm of {goal} is met at every value.",
        "nl": "{arm}: de norm van {goal} wordt bij elke waarde gehaald.",
    },
    "until": {
        "en": "{arm}: the norm of {goal} is surely met up to {value}, not beyond.",
        "nl": "{arm}: de norm van {goal} wordt met zekerheid gehaald tot en met {value}, daarboven niet.",
    },
    "missed": {
        "en": "{arm}: the norm of {goal} is not surely met at the end of the range.",
        "nl": "{arm}: de norm van {goal} wordt aan het eind van het bereik niet met zekerheid gehaald.",
    },
    "how": {
        "en": "{runs} replications, seed {seed}, the same callers at every value; ± is the 95 % "
        "interval of simulation noise, value by value.",
        "nl": "{runs} herhalingen, startgetal {seed}, dezelfde bellers bij elke waarde; ± is het "
        "95 %-interval van de simulatieruis, waarde per waarde.",
    },
    "as_it_stands": {"en": "as it stands", "nl": "zoals het is"},
    "minus": {"en": "{arm} minus {first}", "nl": "{arm} min {first}"},
    "diverges": {"en": "diverges", "nl": "loopt op"},
}  # fmt: skip


def text(name: str, lang: str, **values: Any) -> str:
    """Return a sentence or word about a sweep."""
    return TEXTS[name][lang].format(**values)


def arm_name(sweep: Sweep, arm: int, lang: str) -> str:
    """Return what a variant is called: its title, else its name."""
    result = sweep.arms[arm]
    title = result.scenario.title.in_(lang) if result.variant else ""
    return title or result.label


def sentences(sweep: Sweep, lang: str) -> list[str]:
    """Return what a sweep brings out, figure by figure, and from where on the norm is met."""
    found = []
    for metric in sweep.metrics:
        for arm in range(len(sweep.arms)):
            first, last = sweep.points[0], sweep.points[-1]
            ends = (first.interval(arm, metric).mean, last.interval(arm, metric).mean)
            name = quoted(arm_name(sweep, arm, lang), lang)
            found.append(
                text(
                    "ends", lang, arm=name, figure=_lower(sweep.title(metric, lang)),
                    first=figure_text(metric, ends[0], lang),
                    last=figure_text(metric, ends[1], lang),
                    low=value_text(first.value, lang), high=value_text(last.value, lang),
                )
            )  # fmt: skip
            goal = sweep.arms[arm].scenario.norms.goal
            if goal is not None and metric == sweep.arms[arm].scenario.norms.service_level:
                words = {"arm": name, "goal": percent(goal, 0, lang)}
                found.append(_norm(sweep, arm, metric, lang, words))
    return found


def _norm(sweep: Sweep, arm: int, metric: str, lang: str, words: dict[str, Any]) -> str:
    """Return at which values the norm is met: all, from one on, up to one, or not at the end."""
    value, until = sweep.reached_from(arm, metric), sweep.reached_until(arm, metric)
    if value == sweep.points[0].value:
        return text("always", lang, **words)
    if value is not None:
        return text("reached", lang, value=value_text(value, lang), **words)
    if until is not None:
        return text("until", lang, value=value_text(until, lang), **words)
    return text("missed", lang, **words)


def how_made(sweep: Sweep, lang: str) -> str:
    """Return how a sweep was made."""
    first = sweep.arms[0]
    return text("how", lang, runs=len(first.sums), seed=first.seed)


def value_text(value: float, lang: str) -> str:
    """Return a value of the number that moves."""
    return significant(value, 4 if abs(value) < 10_000 else 7, lang)


def _lower(title: str) -> str:
    """Return a title within a sentence."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def sweep_document(sweep: Sweep) -> dict[str, Any]:
    """Return a sweep as JSON."""
    first = sweep.arms[0]
    return {
        "schema": SCHEMA,
        "scenario": first.name,
        "key": sweep.key,
        "variants": [arm.variant_name for arm in sweep.arms],
        "stated": list(sweep.stated),
        "seed": first.seed,
        "replications": len(first.sums),
        "callers_per_attempt": number(first.callers_per_attempt),
        "sentences": {lang: sentences(sweep, lang) for lang in ("nl", "en")},
        "points": [_point(point, sweep) for point in sweep.points],
    }


def _point(point: Point, sweep: Sweep) -> dict[str, Any]:
    return {
        "value": point.value,
        "variants": {
            arm.variant_name: {
                metric: whole_figure(arm, metric)
                for metric in sweep.metrics
            }
            for arm in point.arms
        },
        "differences": [
            {
                "a": point.arms[0].variant_name, "b": arm.variant_name, "metric": metric,
                "mean": number(found.mean), "ci": [number(found.low), number(found.high)],
            }
            for place, arm in enumerate(point.arms[1:], 1)
            for metric in sweep.metrics
            for found in [point.minus_first(place, metric)]
        ],
    }  # fmt: skip


def sweep_rows(sweep: Sweep) -> list[dict[str, Any]]:
    """Return a sweep as rows, one per value, variant and figure."""
    return [
        {
            "key": sweep.key, "value": point.value, "variant": arm.variant_name, "metric": metric,
            "mean": number(found.mean), "low": number(found.low), "high": number(found.high),
            "status": whole_figure(arm, metric)["status"],
        }
        for point in sweep.points
        for arm in point.arms
        for metric in sweep.metrics
        for found in [arm.interval(metric)]
    ]  # fmt: skip
