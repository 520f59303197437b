"""A plan's rows of steps, for people: what `simkcc check --plan` prints."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from simkcc.engine.plan import Plan
from simkcc.model.contact_log import NONE, SECOND, Outcome
from simkcc.model.steps import StepKind


def plan_rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield number, label, kind, exits with their shares, duration and place of each step."""
    for index, row in enumerate(plan.steps):
        kind = StepKind(row["kind"])
        exits = [
            f"{name} {ways}" if name != "done" else ways
            for name in ("done", "other", "third", "fourth")
            if row[name] != NONE and (ways := _ways(plan, int(row[name])))
        ]
        yield (
            str(index),
            plan.labels[index],
            kind.name.lower(),
            "; ".join(exits),
            _takes(plan, row),
            _place(plan, kind, row),
        )


def _ways(plan: Plan, exits: int) -> str:
    found, before = [], 0.0
    while True:
        below, step = plan.exits[exits]
        share = below - before
        found.append(f"{step}" if share > 0.999999 else f"{share:.3g} → {step}")
        if below >= 1:
            return ", ".join(found)
        before, exits = below, exits + 1


def _takes(plan: Plan, row: Any) -> str:
    if row["dist"] == NONE:
        return ""
    dist = plan.dists[row["dist"]]
    if dist["selector"] != NONE:
        return "by time"
    seconds = plan.settings[0]["tick"] / SECOND * row["factor"]
    last = dist["last_atom"] + 1 if dist["mass"] > 0 else dist["first_atom"]
    atoms = plan.atoms[dist["first_atom"] : last]
    if dist["table"] == NONE and len(atoms) == 1:
        return f"{atoms[0]['value'] * seconds:g} s"
    nodes = plan.tables[dist["table"]] if dist["table"] != NONE else None
    middle = f"median {nodes[len(nodes) // 2 - 1] * seconds:.4g} s" if nodes is not None else ""
    points = f"{len(atoms)} values" if len(atoms) > 1 else ""
    return ", ".join(part for part in (middle, points) if part) or f"{np.size(atoms)} values"


def _place(plan: Plan, kind: StepKind, row: Any) -> str:
    if kind in (StepKind.QUEUE, StepKind.CONSULT) and row["target"] != NONE:
        return str(plan.queue_names[row["target"]])
    if kind == StepKind.END:
        return Outcome(row["target"]).name.lower()
    return ""
