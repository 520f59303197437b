"""Rows of steps and exits, as they are collected from the end of a journey backwards."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simkcc.engine.chance import Purpose
from simkcc.engine.plan import exit_dtype, step_dtype
from simkcc.model.contact_log import NONE
from simkcc.model.steps import StepKind

Exits = list[tuple[float, int]]
"""(share, step) of each way on."""


@dataclass
class Rows:
    """Steps and exits as they are collected."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    exits: list[tuple[float, int]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def reserve(self, label: str) -> int:
        """Return the index of a step that is said later: for circles."""
        self.steps.append({})
        self.labels.append(label)
        return len(self.steps) - 1

    def fill(self, index: int, kind: StepKind, **columns: Any) -> int:
        """Say what a reserved step is."""
        exits = {
            name: columns.pop(name)
            for name in ("done", "other", "third", "fourth")
            if name in columns
        }
        row: dict[str, Any] = dict.fromkeys(step_dtype.names or (), NONE)
        row |= {"kind": kind, "share": 1.0, "factor": 1.0, "number": 0, "mode": 0, "hours": 0}
        row |= {"purpose": Purpose.BRANCH, "rival_purpose": Purpose.BRANCH}
        row |= {"exit_purpose": Purpose.BRANCH} | columns
        row |= {name: self.lead_to(ways) for name, ways in exits.items()}
        self.steps[index] = row
        return index

    def add(self, label: str, kind: StepKind, **columns: Any) -> int:
        """Add a step; return its index. Exits are a step, or a list of (share, step)."""
        return self.fill(self.reserve(label), kind, **columns)

    def lead_to(self, ways: int | Exits) -> int:
        """Add exits; return the first row. Ways of share zero are left out."""
        if isinstance(ways, int):
            ways = [(1.0, ways)]
        ways = [(share, step) for share, step in ways if share > 1e-15]
        first, below = len(self.exits), 0.0
        for share, step in ways:
            below += share
            self.exits.append((below, step))
        self.exits[-1] = (1.0, self.exits[-1][1])
        return first

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the tables of the plan."""
        steps = np.zeros(len(self.steps), step_dtype)
        for index, row in enumerate(self.steps):
            for name, value in row.items():
                steps[index][name] = value
        return {"steps": steps, "exits": np.array(self.exits, exit_dtype)}
