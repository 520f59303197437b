"""Break-evens, bridge, costs and components as JSON and in sentences."""

from collections.abc import Sequence
from typing import Any

from simkcc.analysis import compare
from simkcc.analysis.document import SCHEMA, number
from simkcc.analysis.intervals import Difference, Interval
from simkcc.analysis.money import claim
from simkcc.analysis.money.breakeven import COST, BreakEven, Study
from simkcc.analysis.money.bridge import Bridge, bridge, explain_bridge
from simkcc.analysis.money.costs import Components, components_document, conclude, figures


def breakeven_document(
    study: Study, found: Sequence[BreakEven], lang: str = "en"
) -> dict[str, Any]:
    """Return everything `simkcc breakeven` knows of two arms; keys are stable."""
    first, second = study.arms()
    service = _service(study)
    conclusion = conclude(first, second)
    whole = bridge(first, second)
    return {
        "schema": SCHEMA,
        "scenario": study.first.scenario.name,
        "a": first.label,
        "b": second.label,
        "metric": study.metric,
        "title": f"{study.metric}: {second.label} - {first.label}",
        "replications": study.replications,
        "seed": study.seed,
        "difference": end_document(_stated(study)),
        "cost": {"word": conclusion.word, **end_document(conclusion.difference)},
        "service_level": {"metric": _norm(study), **end_document(service)},
        "claim": claim.judge(service, conclusion),
        "assumptions": [break_even_document(each) for each in found],
        "bridge": bridge_document(whole),
        "costs": {arm.label: costs_document(arm) for arm in (first, second)},
        "components": [components_document(arm) for arm in (first, second)],
        "sentences": sentences(study, found, lang),
    }


def _norm(study: Study) -> str:
    return study.first.scenario.norms.service_level


def _service(study: Study) -> Difference:
    return compare.difference(study.result(False), study.result(True), _norm(study))


def _stated(study: Study) -> Difference:
    """Return the difference in the metric as both arms are stated."""
    if study.metric == COST:
        return conclude(*study.arms()).difference
    return compare.difference(study.result(False), study.result(True), study.metric)


def sentences(study: Study, found: Sequence[BreakEven], lang: str = "en") -> list[str]:
    """Return what two arms mean for the claim of a higher service level at lower cost."""
    first, second = study.arms()
    if study.metric != COST:
        return []
    service, conclusion = _service(study), conclude(first, second)
    noise = (conclusion.difference.high - conclusion.difference.low) / 2
    said = [f"{claim.verdict(first, second, service, lang=lang).capitalize()}."]
    said += explain_bridge(bridge(first, second), noise, lang)
    if conclusion.word == "cheaper":
        said.append(claim.refutation(first.label, second.label, found, lang))
    levels = [study.result(arm).interval(_norm(study)).mean for arm in (False, True)]
    warning = claim.asymmetry(first.label, second.label, levels[0], levels[1], lang)
    said += [warning] if warning else []
    return said + claim.counter_evidence(study.second.scenario.counter_evidence, lang)


def end_document(found: Difference) -> dict[str, Any]:
    """Return a difference with its interval."""
    return {"mean": number(found.mean), "ci": [number(found.low), number(found.high)]}


def break_even_document(found: BreakEven) -> dict[str, Any]:
    """Return one assumption: its range, what it does, where it turns."""
    each = found.assumption
    return {
        "key": each.key,
        "meaning": {lang: claim.meaning(each.key, lang) for lang in ("nl", "en")},
        "value": number(each.value),
        "range": [each.low, each.high],
        "source": each.source,
        "needs_simulation": not each.only_costs,
        "arms": list(each.arms),
        "at_low": end_document(found.at_low),
        "at_high": end_document(found.at_high),
        "swing": number(found.swing),
        "status": found.status,
        "break_even": number(found.value),
        "half_width": number(found.half_width),
        "beyond": number(found.beyond),
    }


def bridge_document(found: Bridge) -> dict[str, Any]:
    """Return a bridge: start, steps, end, and the part of the saving that is price."""
    return {
        "a": found.first,
        "b": found.second,
        "start": _interval(found.start),
        "steps": [{"step": name, **_interval(each)} for name, each in found.steps.items()],
        "end": _interval(found.end),
        "price_share": number(found.price_share),
    }


def costs_document(arm: Components) -> dict[str, Any]:
    """Return the table of costs of an arm."""
    return {name: _interval(each) for name, each in figures(arm).items()}


def _interval(found: Interval) -> dict[str, Any]:
    return {"mean": number(found.mean), "ci": [number(found.low), number(found.high)]}
