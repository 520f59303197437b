"""Which steps of a plan somebody may be in, told by what a contact log knows of the stays before."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from simkcc.engine.plan import Plan
from simkcc.errors import SettingError
from simkcc.model.contact_log import NONE, How, LegKind, Origin
from simkcc.model.steps import Phase, StepKind

STEPS = {
    LegKind.MENU: (StepKind.MENU, None),
    LegKind.QUEUE: (StepKind.QUEUE, None),
    LegKind.TALK: (StepKind.TALK, Phase.TALK),
    LegKind.HOLD: (StepKind.TALK, Phase.HOLD),
    LegKind.HANDOVER: (StepKind.TALK, Phase.HANDOVER),
    LegKind.RING: (StepKind.TALK, Phase.RING),
    LegKind.CONSULT: (StepKind.CONSULT, None),
    LegKind.WRAP: (StepKind.WRAP, None),
    LegKind.DELAY: (StepKind.DELAY, None),
}
"""Which steps a leg of a kind can be, and in which phase."""

LEAST = 1e-9
"""Share of a way through a journey below which it is not followed further."""

Fits = Callable[[Any], bool]
Places = dict[int, float]
"""Steps somebody may be in, and how likely each is."""


class Ways:
    """Which steps of a plan somebody may be in, told by the stays before."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.steps = plan.steps
        self.exits: list[tuple[float, int]] = []
        self.rows: dict[tuple, int] = {}
        self.known: dict[tuple, Places] = {}

    def row(self, places: Places) -> int:
        """Return the first row of exits that lead to the places in proportion."""
        key = tuple(sorted(places.items()))
        if key not in self.rows:
            self.rows[key] = len(self.plan.exits) + len(self.exits)
            below = np.cumsum([share for _, share in key])
            self.exits += [(b / below[-1], s) for b, (s, _) in zip(below, key, strict=True)]
            self.exits[-1] = (1.0, key[-1][0])
        return self.rows[key]

    def leads(self, exits: int) -> Iterator[tuple[int, float]]:
        """Yield the steps behind exits, and the share that takes each."""
        below = 0.0
        while exits != NONE:
            row = self.plan.exits[exits]
            yield int(row["step"]), float(row["below"] - below)
            below = row["below"]
            exits = exits + 1 if below < 1.0 else NONE

    def after(self, places: Places, *columns: str) -> Places:
        """Return where the named exits of steps lead."""
        found: Places = defaultdict(float)
        for step, share in places.items():
            for column in columns:
                for then, part in self.leads(int(self.steps[step][column])):
                    found[then] += share * part
        return found

    def walk(self, places: Places, fits: Fits) -> Places:
        """Return the first steps that fit, on every way from some places."""
        found: Places = defaultdict(float)
        for _ in range(len(self.steps)):
            for step, share in places.items():
                if fits(self.steps[step]):
                    found[step] += share
            on = {
                step: share
                for step, share in places.items()
                if share > LEAST and step not in found and self.steps[step]["kind"] != StepKind.END
            }
            if not on:
                break
            places = self.after(on, "done", "other", "third", "fourth")
        return found

    def entries(self, kind: int, origin: int, topic: int) -> Places:
        """Return where contacts of a kind, origin and topic start."""
        streams = self.plan.streams
        mine = streams[streams["topic"] == topic]
        if origin == Origin.FIRST or origin == Origin.BACKLOG:
            fitting = mine[(mine["kind"] == kind) & (mine["origin"] == origin)]
            if len(fitting):
                return dict.fromkeys(fitting["entry"].tolist(), 1.0)
        spawns = self.steps[self.steps["kind"] == StepKind.SPAWN]
        able = (spawns["child"] == kind) | (spawns["child"] == NONE)
        fitting = spawns[able & (spawns["mode"] == origin)]
        reached = set(fitting["target"].tolist()) & self.reachable(mine["entry"].tolist())
        if reached:
            return dict.fromkeys(reached, 1.0)
        return dict.fromkeys(mine["entry"].tolist(), 1.0)

    def reachable(self, places: list[int]) -> set[int]:
        """Return every step on the ways from some places, those of children included."""
        seen: set[int] = set()
        while places:
            step = places.pop()
            if step not in seen:
                seen.add(step)
                row = self.steps[step]
                columns = ("done", "other", "third", "fourth")
                places += [then for name in columns for then, _ in self.leads(int(row[name]))]
                if row["kind"] == StepKind.SPAWN:
                    places.append(int(row["target"]))
        return seen

    def past(
        self, kind: int, origin: int, topic: int, stays: tuple[tuple[int, int, int], ...]
    ) -> Places:
        """Return where a contact went on after some stays: (kind of leg, place, how) of each."""
        key = (kind, origin, topic, stays)
        if key not in self.known:
            self.known[key] = self._past(*key)
        return self.known[key]

    def _past(self, kind: int, origin: int, topic: int, stays: tuple) -> Places:
        if not stays:
            return self.entries(kind, origin, topic)
        before = self.past(kind, origin, topic, stays[:-1])
        leg, place, how = stays[-1]
        found = self.walk(before, fitting(leg, place))
        if not found:
            return before
        if how in (How.DONE, How.ANSWERED, How.REACHED):
            answered = ("done", "fourth") if leg == LegKind.QUEUE else ("done",)
            return self.after(found, *answered)
        if leg == LegKind.CONSULT:
            return found | self.after(found, "other")
        return self.after(found, "other", "third")

    def places(self, past: Places, kind: int, topic: int, leg: int, place: int) -> Places:
        """Return the steps that a leg may be, after some stays; else any that the plan has."""
        found = self.walk(past, fitting(leg, place))
        if not found:
            mine = self.plan.streams[self.plan.streams["topic"] == topic]
            near = self.reachable(mine["entry"].tolist())
            fits = fitting(leg, place)
            found = {step: 1.0 for step in sorted(near) if fits(self.steps[step])}
        if not found:
            name, queue = LegKind(leg).name.lower(), ""
            if leg in (LegKind.QUEUE, LegKind.CONSULT) and 0 <= place < len(self.plan.queue_names):
                queue = f" ({self.plan.queue_names[place]})"
            raise SettingError(
                f"a contact about {self.plan.topics[topic]} is in a {name}{queue}, but no step of "
                "the scenario's journeys about it is that; give a scenario that has it"
            )
        return found


def fitting(leg: int, place: int) -> Fits:
    """Return whether a step may be the leg of a kind at a place."""
    kind, phase = STEPS[LegKind(leg)]

    def fits(row: Any) -> bool:
        return (
            row["kind"] == kind
            and (phase is None or row["mode"] == phase)
            and (leg not in (LegKind.QUEUE, LegKind.CONSULT) or row["target"] == place)
            and (leg != LegKind.WRAP or row["dist"] != NONE)
        )

    return fits
