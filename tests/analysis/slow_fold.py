"""Some figures counted call by call from the rows of a log, as slowly and plainly as they are said."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from simkcc.analysis.folding import counting
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import (
    DAY,
    NONE,
    SECOND,
    ContactKind,
    ContactLog,
    How,
    LegKind,
    Origin,
    Outcome,
)
from simkcc.model.scenario import Scenario

DIMENSIONS = ("topic", "queue", "half_hour", "weekday")


@dataclass
class Call:
    """One call with its legs, in order."""

    row: dict[str, Any]
    legs: list[dict[str, Any]]
    visits: list[dict[str, Any]] = field(default_factory=list)

    @property
    def dialled(self) -> int:
        """Return when the citizen dialled; a redial or repeat does so after its delay."""
        again = self.row["origin"] in (Origin.REDIAL, Origin.REPEAT)
        first = self.legs[0] if self.legs and self.legs[0]["leg"] == 0 else None
        delayed = again and first is not None and first["kind"] == LegKind.DELAY
        return int(first["end"] if delayed and first else self.row["born"])

    def join_visits(self) -> None:
        """Join what follows a held place to one visit."""
        goes_on = False
        for leg in self.legs:
            if leg["kind"] != LegKind.QUEUE:
                continue
            if not goes_on:
                self.visits.append(dict(leg, joined=leg["start"], held=False))
            else:
                self.visits[-1] |= {name: leg[name] for name in ("how", "end", "agent")}
                self.visits[-1]["held"] = True
            goes_on = leg["how"] == How.HELD_PLACE
        for visit in self.visits:
            missed = visit["held"] and self.row["outcome"] == Outcome.NOT_REACHED
            visit["answered"] = visit["how"] == How.ANSWERED and not missed
            visit["wait"] = (visit["end"] - visit["joined"]) / SECOND

    def seconds(self, *kinds: LegKind) -> float:
        """Return the seconds in legs of some kinds that are over."""
        return sum(
            (leg["end"] - leg["start"]) / SECOND
            for leg in self.legs
            if leg["kind"] in kinds and leg["end"] != NONE
        )


def rows_of(table: Any) -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries."""
    return [dict(zip(table.dtype.names, row, strict=True)) for row in table.tolist()]


def calls_of(log: ContactLog, plan: Plan, scenario: Scenario) -> list[Call]:
    """Return the calls that count."""
    window, _ = counting(scenario, plan)
    legs = defaultdict(list)
    for leg in sorted(rows_of(log.legs), key=lambda leg: int(leg["leg"])):
        legs[leg["contact"]].append(leg)
    found = []
    for serial, row in enumerate(rows_of(log.contacts)):
        call = Call(row, legs[serial])
        counts = row["kind"] == ContactKind.CALL and window.counted[row["topic"]]
        if counts and window.start <= call.dialled < window.end:
            call.join_visits()
            found.append(call)
    return found


def figures_of(call: Call, threshold: float) -> dict[str, tuple[float, float]]:
    """Return what one call adds to numerators and denominators; of weeks nothing."""
    first = call.visits[0] if call.visits else None
    offered = first is not None and first["how"] not in (How.OPEN, How.VANISHED)
    answered = first is not None and first["answered"]
    wait = first["wait"] if first and offered else 0.0
    left = first is not None and first["how"] in (How.ABANDONED, How.BALKED)
    human = next((visit["end"] for visit in call.visits if visit["answered"]), None)
    over = answered and call.row["outcome"] != Outcome.OPEN
    heard = any(leg["kind"] == LegKind.MENU and leg["how"] != How.OPEN for leg in call.legs)
    return {
        "dialled": (1, 0),
        "offered": (offered, 0),
        "answered": (answered, 0),
        "sl2": (answered and wait <= threshold, offered),
        "abandonment": (left, offered),
        "asa": (wait if answered else 0.0, answered),
        "closed": (call.row["outcome"] == Outcome.CLOSED, 1),
        "menu_time": (call.seconds(LegKind.MENU), heard),
        "time_to_human": (
            0.0 if human is None else (human - call.dialled) / SECOND,
            human is not None,
        ),
        "hold_time": (call.seconds(LegKind.HOLD) if over else 0.0, over),
        "transferred": (over and call.row["outcome"] == Outcome.TRANSFERRED, over),
        "citizen_hours_talk": (call.seconds(LegKind.TALK, LegKind.HANDOVER) / 3600, 0),
    }


def values_of(call: Call, plan: Plan) -> tuple[int, ...]:
    """Return the values of a call in each of DIMENSIONS; its queue is NONE if it joined none."""
    return (
        call.row["topic"],
        call.visits[0]["place"] if call.visits else NONE,
        call.dialled % DAY // (1800 * SECOND),
        (int(plan.settings[0]["first_date"]) - 1 + call.dialled // DAY) % 7,
    )


def slow_fold(
    log: ContactLog, plan: Plan, scenario: Scenario
) -> tuple[dict[str, list[float]], Counter[tuple[str, int, str, int]]]:
    """Return numerator and denominator by figure, and by dimension, value, figure and which of both."""
    whole: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    parts: Counter[tuple[str, int, str, int]] = Counter()
    for call in calls_of(log, plan, scenario):
        values = values_of(call, plan)
        for name, pair in figures_of(call, scenario.norms.threshold).items():
            for which, number in enumerate(pair):
                whole[name][which] += number
                for dimension, value in zip(DIMENSIONS, values, strict=True):
                    parts[dimension, value, name, which] += number  # type: ignore[assignment]
    return dict(whole), parts


def busy_seconds(log: ContactLog, plan: Plan, scenario: Scenario) -> list[float]:
    """Return the seconds agents of each group could take no one else, whoever called."""
    window, _ = counting(scenario, plan)
    group_of, found = plan.group_of(), [0.0] * len(plan.groups)
    for leg in rows_of(log.legs):
        end = window.end if leg["end"] == NONE else min(leg["end"], window.end)
        length = max(end - max(leg["start"], window.start), 0) / SECOND
        who = (leg["second"],) if leg["kind"] == LegKind.QUEUE else (leg["agent"], leg["second"])
        for agent in who:
            if agent != NONE and leg["kind"] not in (LegKind.MENU, LegKind.DELAY):
                found[group_of[agent]] += length
    return found
