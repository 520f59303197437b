"""Which department next: the order in which departments join, each step the best with those there."""

from collections.abc import Sequence
from dataclasses import dataclass

from simkcc.analysis.rollout.calendar import Period, Stage
from simkcc.analysis.rollout.played import Study
from simkcc.errors import SettingError

JOINED = Stage(0.0, 1.0)
"""All its calls come in, and the first line answers its share."""


@dataclass(frozen=True)
class Candidate:
    """One department that could join next, once its number has faded and all is learned."""

    department: str
    gained: float
    """Share of all calls that the centre handles more."""
    needed: int
    """Fewest people with whom the norm holds with the chance of the rollout."""
    chance: float
    """Chance of the gate with those who are there."""
    chance_ill: float
    """The same with one fewer."""


@dataclass(frozen=True)
class Joining:
    """The order of joining from a moment on."""

    period: Period
    people: int
    share: float
    """Share handled in the centre before."""
    steps: tuple[tuple[Candidate, ...], ...]
    """Per step the departments not in yet, the best first; the first joins, then the next step."""

    @property
    def order(self) -> tuple[Candidate, ...]:
        """Return who joins, in order."""
        return tuple(candidates[0] for candidates in self.steps)


def joining(study: Study, period: Period, people: int | None = None, steps: int = 99) -> Joining:
    """Return the order of joining after a period; people: those there, as in the file if absent.

    Best is: the chance of the gate reaches that of the rollout, then the share that is gained;
    where no department's does, the highest chance. steps: how many to look ahead.
    """
    stages = dict(study.stages(period))
    open_ones = [name for name, at in stages.items() if at.direct > 0 or at.learned < 1]
    if not open_ones:
        raise SettingError(
            f"--next: every department is in by {period.label}; give an earlier --at"
        )
    there = study.rollout.people_at(period.start) if people is None else people
    there = study.needed(period, stages) if there is None else there
    first = share = _share(study, period, stages, there)
    found: list[tuple[Candidate, ...]] = []
    guess = there
    while open_ones and len(found) < steps:
        candidates = [
            _candidate(study, period, stages, name, there, share, guess) for name in open_ones
        ]
        sure = study.rollout.sure
        candidates.sort(key=lambda each: _rank(each, sure), reverse=True)
        best = candidates[0]
        found.append(tuple(candidates))
        stages[best.department] = JOINED
        open_ones.remove(best.department)
        share, guess = share + best.gained, best.needed
    return Joining(period, there, first, tuple(found))


def _rank(each: Candidate, sure: float) -> tuple[float, ...]:
    if each.chance >= sure:
        return (1.0, each.gained, each.chance)
    return (0.0, each.chance, each.gained)


def _share(study: Study, period: Period, stages: dict[str, Stage], people: int) -> float:
    observed = study.observe(study.scenario(period, people, stages), ("share_in_kcc",))
    return observed.interval("share_in_kcc").mean


def _candidate(
    study: Study, period: Period, stages: dict[str, Stage], name: str, people: int, share: float,
    guess: int,
) -> Candidate:  # fmt: skip
    joined = stages | {name: JOINED}
    gained = _share(study, period, joined, people) - share
    chances: Sequence[float] = [
        study.chance_at(period, joined, each, name) for each in (people, max(people - 1, 0))
    ]
    return Candidate(name, gained, study.needed(period, joined, guess), *chances)
