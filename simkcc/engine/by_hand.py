"""Journeys written step by step in the scenario file, lowered as they stand."""

from typing import Any

from simkcc.engine.chance import Purpose
from simkcc.engine.lowering import Lowering
from simkcc.model.contact_log import NONE, ContactKind, Origin, Outcome
from simkcc.model.journey import JourneyStep
from simkcc.model.steps import Asks, Pause, Phase, Release, StepKind

OUTCOMES = {outcome.name.lower(): outcome for outcome in Outcome}

HAND_PURPOSES = {
    StepKind.MENU: Purpose.MENU,
    StepKind.QUEUE: Purpose.PATIENCE,
    StepKind.TALK: Purpose.TALK,
    StepKind.CONSULT: Purpose.PICK_UP,
    StepKind.WRAP: Purpose.WRAP_UP,
    StepKind.DELAY: Purpose.DELAY,
}
HAND_RIVALS = {StepKind.MENU: Purpose.HANG_UP, StepKind.CONSULT: Purpose.TAKE_BACK}


class ByHand(Lowering):
    """Lowers journeys of the file's own steps."""

    # ----------------------------------------------------------------- by hand

    def by_hand(self, key: str) -> int:
        """Lower a journey written step by step; return its first step."""
        steps = self.scenario.journeys[key]
        places = {name: self.rows.reserve(f"{key}: {name}") for name in steps}
        for name, step in steps.items():
            self._by_hand(places[name], step, places)
        return next(iter(places.values()))

    def _by_hand(self, place: int, step: JourneyStep, places: dict[str, int]) -> None:
        kind = StepKind[step.step.upper()]
        columns: dict[str, Any] = {
            "purpose": HAND_PURPOSES.get(kind, Purpose.DELAY), "factor": step.factor,
            "rival_purpose": HAND_RIVALS.get(kind, Purpose.LIMIT), "number": step.times,
            "dist": self.limit(step.duration), "rival": self.limit(step.cut_short),
            "hours": self.hours_of(step.hours or "open"), "share": step.share,
        }  # fmt: skip
        if kind == StepKind.QUEUE:
            columns |= {"target": self.queues[step.queue or ""], "number": step.priority}
        elif kind == StepKind.CONSULT:
            columns["target"] = NONE if step.queue is None else self.queues[step.queue]
            columns["mode"] = 1
        elif kind == StepKind.TALK:
            columns["mode"] = Phase[step.phase.upper()]
        elif kind == StepKind.DELAY:
            columns["mode"] = Pause[step.pause.upper()]
        elif kind == StepKind.BRANCH:
            columns["mode"] = Asks.NOTHING if step.asks is None else Asks[step.asks.upper()]
        elif kind == StepKind.WRAP:
            columns["mode"] = Release[step.release.upper()]
        elif kind == StepKind.SPAWN:
            columns |= self._child(step, places)
        elif kind == StepKind.END:
            columns["target"] = OUTCOMES[step.outcome or "direct"]
        for name in ("done", "other", "third", "fourth"):
            ways = getattr(step, name)
            if ways is not None:
                ways = {ways: 1.0} if isinstance(ways, str) else ways
                columns[name] = [(share, places[to]) for to, share in ways.items()]
        self.rows.fill(place, kind, **columns)

    def _child(self, step: JourneyStep, places: dict[str, int]) -> dict[str, Any]:
        again = {"redial": Origin.REDIAL, "repeat": Origin.REPEAT}
        status = dict.fromkeys(("call", "visit", "mail"), Origin.STATUS)
        kinds = {kind.name.lower(): kind for kind in ContactKind}
        origins = again | status
        return {
            "mode": origins.get(step.child or "", Origin.TASK),
            "child": kinds.get(step.child or "", NONE),
            "target": places[step.child_starts or ""],
            "due_days": NONE if step.due_working_days is None else step.due_working_days,
        }
