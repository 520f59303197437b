"""What every part of a journey is lowered with: ends, durations, wrap-ups, giving up."""

from dataclasses import dataclass, field
from functools import cached_property

from simkcc.engine.chance import Purpose
from simkcc.engine.rows import Exits, Rows
from simkcc.engine.samplers import Samplers
from simkcc.model import distribution as parts
from simkcc.model.contact_log import NONE, Origin, Outcome
from simkcc.model.demand import Redial, Topic
from simkcc.model.handling import Handling
from simkcc.model.scenario import Scenario
from simkcc.model.steps import Release, StepKind


@dataclass
class Lowering:
    """The scenario that is lowered, and the rows it has become so far."""

    scenario: Scenario
    samplers: Samplers
    queues: dict[str, int]
    hours: dict[str, int]
    rows: Rows = field(default_factory=Rows)

    # ----------------------------------------------------------------- ends

    def end(self, outcome: Outcome) -> int:
        """Return the step at which a contact ends with an outcome."""
        return self._ends[outcome]

    @cached_property
    def _ends(self) -> dict[Outcome, int]:
        return {
            outcome: self.rows.add(outcome.name.lower(), StepKind.END, target=outcome)
            for outcome in Outcome
            if outcome != Outcome.OPEN
        }

    def dist(self, duration: parts.Duration | None) -> int:
        """Return the index of a distribution."""
        return self.samplers.add(duration)

    def hours_of(self, name: str) -> int:
        """Return the index of hours; `open` that is not defined is around the clock."""
        return self.hours.get(name, 0)

    def limit(self, duration: parts.Duration | None) -> int:
        """Return the index of a distribution that may be zero; NONE for what has no end."""
        return NONE if duration is None else self.samplers.add_always(duration)

    def handling_of(self, topic: Topic) -> Handling:
        """Return how calls about a topic are handled."""
        handling = topic.handling or self.scenario.handling
        assert handling is not None
        return handling

    def patience(self, topic: Topic) -> parts.Duration | None:
        """Return the patience of those who ask about a topic; mail and visitors have their own."""
        if topic.patience is None and topic.channel in ("phone", "chat"):
            return self.scenario.patience
        return topic.patience

    def redial_of(self, topic: Topic) -> Redial | None:
        """Return how those who gave up try again: only callers do."""
        return self.scenario.redial if topic.channel == "phone" else None

    def give_up(self, name: str, outcome: Outcome, again: int, share: float) -> int:
        """Lower the end of a call that failed, with the share that dials again."""
        end = self.end(outcome)
        redial = self.redial_of(self.scenario.topics[name])
        if redial is None or share == 0:
            return end
        child = self.rows.add(
            f"{name}: redial", StepKind.SPAWN, mode=Origin.REDIAL, target=again,
            number=redial.at_most, share=1.0 if redial.patience == "keep" else 0.0, done=end,
        )  # fmt: skip
        return self.rows.add(
            f"{name}: redial?", StepKind.BRANCH, exit_purpose=Purpose.REDIAL,
            done=[(share, child), (1 - share, end)],
        )  # fmt: skip

    def branch(self, label: str, purpose: Purpose, ways: Exits) -> int:
        """Return a step that chooses, or the only step there is to choose."""
        if len(ways) == 1:
            return ways[0][1]
        return self.rows.add(label, StepKind.BRANCH, exit_purpose=purpose, done=ways)

    def wrap_up(self, name: str, handling: Handling, done: int, release: Release) -> int:
        """Lower the end of an agent's part."""
        return self.rows.add(
            f"{name}: wrap-up", StepKind.WRAP, mode=release, dist=self.dist(handling.wrap_up),
            purpose=Purpose.WRAP_UP, done=done,
        )  # fmt: skip

    def explain(self, name: str, duration: parts.Duration, done: int) -> int:
        """Lower the first line's words after a failed transfer."""
        dist = self.dist(duration)
        if dist == NONE:
            return done
        return self.rows.add(
            f"{name}: explain", StepKind.TALK, dist=dist, purpose=Purpose.EXPLAIN, done=done
        )
