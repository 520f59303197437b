"""A rollout as JSON and as rows: periods, gates, the joining order, and what all of it rests on."""

from collections.abc import Sequence
from typing import Any

from simkcc.analysis.document import SCHEMA, figure_document
from simkcc.analysis.metrics.money import OF_MONEY
from simkcc.analysis.rollout.calendar import OLD
from simkcc.analysis.rollout.joining import Candidate, Joining
from simkcc.analysis.rollout.played import Gate, Row, Study
from simkcc.analysis.rollout.words import (
    gate_sentence,
    joining_sentences,
    load_sentence,
    short_sentences,
)
from simkcc.analysis.staffing import queues_of
from simkcc.analysis.status import NO_PRICE
from simkcc.model.rollout import Rollout
from simkcc.model.scenario import Scenario

LANGS = ("nl", "en")


def rollout_document(
    study: Study, rows: Sequence[Row], gates: Sequence[Gate], measured: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the calendar, period by period, and the gates."""
    rollout = study.rollout
    periods = [_row(study, row) for row in rows]
    last = periods[-1]
    totals = [sum(d[key] for d in last["departments"].values()) for key in ("before", "staying")]
    share = last["figures"]["share_in_kcc"]["mean"]
    return _head(study, measured) | {
        "periods": periods,
        "gates": [_gate(rollout, each) for each in gates],
        "sentences": {
            lang: [gate_sentence(rollout, each, lang) for each in gates]
            + short_sentences(rows, lang)
            + [load_sentence(share, totals[0], totals[1], last["label"], lang)]
            for lang in LANGS
        },
    }


def joining_document(study: Study, found: Joining, measured: Sequence[str] = ()) -> dict[str, Any]:
    """Return the order of joining, with every department that could have been next at each step."""
    return _head(study, measured) | {
        "at": found.period.label,
        "people": found.people,
        "share_in_kcc": found.share,
        "order": [_candidate(each) for each in found.order],
        "steps": [[_candidate(each) for each in step] for step in found.steps],
        "sentences": {lang: joining_sentences(study.rollout, found, lang) for lang in LANGS},
    }


def _head(study: Study, measured: Sequence[str]) -> dict[str, Any]:
    base = study.base
    return {
        "schema": SCHEMA,
        "scenario": base.scenario.name or base.path.stem,
        "variant": base.variant,
        "seed": study.seed,
        "replications": study.replications,
        "draws": study.draws,
        "sure": study.rollout.sure,
        "postponed": dict(study.shift),
        "measured": list(measured),
        "drawn": [each.key for each in study.varied],
    }


def _candidate(each: Candidate) -> dict[str, Any]:
    return {
        "department": each.department, "gained": each.gained, "needed": each.needed,
        "chance": each.chance, "chance_with_one_fewer": each.chance_ill,
    }  # fmt: skip


def _row(study: Study, row: Row) -> dict[str, Any]:
    scenario, rollout = row.observed.scenario, study.rollout
    inside = queues_of(scenario, rollout.group)
    own = (scenario.norms.service_level, "abandonment", "offered")
    figures = {
        name: figure_document(
            name, row.observed.interval(name, inside if name in own else None),
            missing="" if scenario.is_priced or name not in OF_MONEY else NO_PRICE,
        )
        for name in study.figures()
    }  # fmt: skip
    return {
        "label": row.period.label,
        "from": row.period.start.isoformat(),
        "until": row.period.end.isoformat(),
        "phase": row.period.phase,
        "begins": list(row.period.begins),
        "people": {
            "available": row.available,
            "needed": row.needed,
            "chance_of_norm": row.chance,
            "simulated": row.people,
            "fte_needed": fte(scenario, rollout.group, row.needed),
        },
        "figures": figures,
        "departments": _departments(rollout, row),
    }


def _departments(rollout: Rollout, row: Row) -> dict[str, Any]:
    """Return hours a week of the departments: before, leaving, staying; and of what they are."""
    found = {}
    for name in rollout.departments:
        own = rollout.topics_of(name)
        old = tuple(f"{topic}{OLD}"[:60] for topic in own)
        at = row.stages[name]
        inside = row.observed.hours(own, "calls")
        parts = {
            "old_number": row.observed.hours(old, "calls") + (inside if at.direct >= 1 else 0.0),
            "put_through": 0.0 if at.direct >= 1 else inside,
            "callbacks": row.observed.hours((*own, *old), "callbacks"),
        }
        staying = sum(parts.values())
        was = row.before.hours(own, "calls") + row.before.hours(own, "callbacks")
        found[name] = {
            "old_number_share": at.direct, "learned": at.learned, "before": was,
            "staying": staying, "leaving": was - staying, **parts,
        }  # fmt: skip
    return found


def fte(scenario: Scenario, group: str, people: int) -> float:
    """Return the full-time equivalents that keep so many people there all opening hours."""
    hours = scenario.hours.get(scenario.groups[group].hours or "")
    spans = [span for day in range(7) for span in hours.spans(day)] if hours else []
    week = sum(end - start for start, end in spans) / 3600 if hours else 168.0
    return people * week * 52 / scenario.costs.hours_per_fte


def _gate(rollout: Rollout, gate: Gate) -> dict[str, Any]:
    return {
        "phase": gate.phase,
        "starts": gate.starts.isoformat(),
        "open": gate.enough is not None
        and (gate.available is None or gate.available >= gate.enough),
        "enough": gate.enough,
        "available": gate.available,
        "conditions": [each.model_dump(exclude_none=True) for each in gate.conditions],
        "chances": [
            {"people": people, "all": chance, "each": list(gate.each[people])}
            for people, chance in gate.chances.items()
        ],
    }


def period_rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the periods as rows of plain columns; hours of the departments added up."""
    found = []
    for each in document["periods"]:
        row = {key: each[key] for key in ("label", "from", "until", "phase")}
        row |= {f"people_{key}": value for key, value in each["people"].items()}
        for name, figure in each["figures"].items():
            row |= {name: figure["mean"], f"{name}_low": figure["ci"][0],
                    f"{name}_high": figure["ci"][1]}  # fmt: skip
        for key in ("before", "leaving", "staying"):
            hours = [one[key] for one in each["departments"].values()]
            row[f"department_hours_{key}"] = sum(hours)
        found.append(row)
    return found
