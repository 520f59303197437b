"""Small centres made at random, with deliberately few distinct times: ties are the normal case.

`choose` picks one of several things: `random.Random(seed).choice`, or a draw of hypothesis, which
then shrinks towards the first of them. Hours in which contacts arrive are open for three minutes
at most, so that a centre has some dozens of contacts.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import ContactLog
from simkcc.model.journey import JourneyStep
from simkcc.model.journey_checks import lonely, third_agent
from simkcc.model.scenario import Scenario

Choose = Callable[[Sequence[Any]], Any]

SHORT = (["00:00-00:03"], ["00:00-00:01", "00:02-00:04"], ["00:01-00:03"], ["00:01-00:02"])
OPEN = (["00:00-24:00"], ["00:00-24:00"], ["00:00-00:04"], ["00:00-00:02", "00:03-00:06"])
SECONDS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)
ARRIVALS = (0.0, 10.0, 20.0, 60.0, 61.0, 120.0)
STARTS = ("2024-01-02", "2024-01-01", "2024-03-08", "2024-03-10", "2024-12-24")
"""A Tuesday, New Year's Day, a Friday, a Sunday, and the day before Christmas."""


def duration(choose: Choose, *, zero: bool = True) -> Any:
    """Return a duration of any kind, mostly short."""
    value = choose(SECONDS if zero else SECONDS[1:])
    mean = choose((1.0, 5.0, 20.0))
    simple = choose(("number", "number", "exponential", "uniform", "empirical", "lognormal"))
    made: Any = {
        "number": value,
        "exponential": {"kind": "exponential", "mean": mean, "cap": 90.0},
        "uniform": {"kind": "uniform", "low": 0.0 if zero else 1.0, "high": 2 * mean},
        "empirical": {"kind": "empirical", "values": [0.0, 1.0, 1.0, 2.0, 10.0][not zero :]},
        "lognormal": {"kind": "lognormal", "mean": mean, "cv": 1.0, "zero": 0.2, "shift": 1.0},
    }[simple]
    if choose((False,) * 9 + (True,)):
        return {
            "kind": "by_time",
            "windows": [{"hours": "short", "then": value}],
            "otherwise": made,
        }
    return made


def some(
    choose: Choose, often: Sequence[bool] = (False, True), **makers: Callable[[], Any]
) -> dict[str, Any]:
    """Return a table with some of the keys."""
    return {key: make() for key, make in makers.items() if choose(often)}


SELDOM = (False, False, False, True)


def roster(choose: Choose) -> dict[str, Any]:
    """Return agents, or a roster by the minute."""
    kind = choose(("agents", "roster", "hours"))
    if kind == "agents":
        return {"agents": choose((1, 1, 3))}
    if kind == "hours":
        return {"agents": choose((1, 2)), "hours": "short"}
    levels = [choose((0, 1, 2, 3)) for _ in range(choose((3, 6)))]
    made: dict[str, Any] = {"start": "00:00", "minutes": 1, "weekdays": [*levels, choose((0, 1))]}
    made |= some(choose, sat=lambda: [1, 0, 2], on_holidays=lambda: True)
    return {"roster": made}


def group(choose: Choose) -> dict[str, Any]:
    """Return a group."""
    return {
        "choice": choose(("longest_idle", "uniform", "priority")),
        "pick": choose(("longest_wait", "priority", "weighted")),
        "absence": choose((0.0, 0.0, 0.3)),
        "speed": choose((1.0, 1.0, 2.0)),
        "switching": choose((0.0, 0.0, 5.0)),
        **roster(choose),
    }


def queue(choose: Choose, groups: list[str], pooled: bool) -> dict[str, Any]:
    """Return a queue over some of the groups."""
    chosen = [name for name in groups if choose((True, True, False))] or [choose(groups)]
    if choose((False, True)):
        chosen.reverse()
    routes = [
        {
            "group": name,
            "after": choose((0.0, 0.0, 5.0)) if rank == 0 else duration(choose),
            "speed": choose((1.0, 0.5)),
            "weight": choose((1.0, 3.0)),
            **({"order": 0} if pooled else {}),
        }
        for rank, name in enumerate(chosen)
    ]
    if choose((False, False, True)):
        routes[-1]["hours"] = "short"
    return {
        "routes": routes,
        "at_close": choose(("run_out", "clear", "keep")),
        **some(
            choose,
            SELDOM,
            hours=lambda: "short",
            capacity=lambda: choose((0, 1, 3)),
            limit=lambda: duration(choose),
            balk=lambda: [{"waiting": 1, "share": 0.3}, {"waiting": 3, "share": 1.0}],
            offer=lambda: {
                "after": duration(choose), "accept": choose((0.5, 1.0)),
                "reach": choose((0.5, 1.0)), "ring": duration(choose),
            },
        ),
    }  # fmt: skip


def second_line(choose: Choose) -> dict[str, Any]:
    """Return a second line of any kind."""
    via = choose(("consult", "consult", "blind", "conference"))
    made = {
        "permanence": choose(("constant", "urgent", "form", "none")),
        "via": via,
        "available": choose((0.5, 1.0)),
        "pick_up": duration(choose),
        "take_back": duration(choose),
        "ring_out": choose((True, False)),
        "layers": choose((1, 2)),
        "attempts": choose((1, 2)),
        "handover": duration(choose),
        "talk": duration(choose),
        "wrap_up": duration(choose),
        "explain": duration(choose),
        "callback": "note",
        "failed": choose(("callback", "end")),
    }
    if via != "consult" or choose((False, True)):
        made |= {"queue": "second", "failed": choose(("callback", "queue", "end"))}
    return made | some(choose, patience=lambda: duration(choose))


def callback(choose: Choose) -> dict[str, Any]:
    """Return a callback with or without owners."""
    made = {
        "kind": choose(("callback", "form")),
        "due_working_days": choose((0, 1, 2)),
        "register": duration(choose),
        "forgotten": choose((0.0, 0.3)),
        "start_after": duration(choose),
        "reach": choose((0.4, 1.0)),
        "effort": duration(choose),
        "failed_effort": duration(choose),
        "attempts": choose((1, 3)),
        "retry_after": duration(choose),
        "returned": choose((0.5, 1.0)),
        "delay": duration(choose),
        "backlog": choose((0, 2)),
    }
    if choose((False, True)):
        made["queue"] = "second"
    if choose((False, False, True)):
        made = {key: value for key, value in made.items() if key not in RHYTHM}
        made["handed_out"] = "short"
    return made


RHYTHM = ("start_after", "retry_after")
"""What handing out once a day takes the place of."""


def volume(choose: Choose) -> dict[str, Any]:
    """Return how many contacts of a topic arrive, and when: stated or random."""
    way = choose(("arrivals", "arrivals", "per_hour", "rates", "per_year"))
    if way == "arrivals":
        return {"arrivals": sorted(choose(ARRIVALS) for _ in range(12))}
    steps = [{"at": "00:00", "per_hour": 0.0}, {"at": "00:01", "per_hour": 180.0}]
    rates = {"per_hour": choose((60.0, 180.0)), "rates": steps, "per_year": 2000.0}
    return {way: rates[way], "hours": "short"}


def topic(choose: Choose, queues: Sequence[str]) -> dict[str, Any]:
    """Return a topic."""
    made = {
        "priority": choose((0, 0, 1)),
        "resolved": choose((1.0, 0.5)),
        "uses_menu": choose((True, True, False)),
        "handling": {
            "talk": choose((duration(choose), 20.0, 60.0)), "wrap_up": duration(choose),
            "hold_at_pick_up": choose((0.0, 0.3)), "hold_during": choose((0.0, 0.3)),
            "hold": duration(choose),
        },
        "queue": choose(queues),
        "channel": choose(("phone", "phone", "phone", "desk", "mail", "chat")),
    } | volume(choose)  # fmt: skip
    if choose((False, False, False, True)):
        talk = choose((10.0, {"kind": "exponential", "mean": 20.0}))
        made["handling"]["talk"] = talk
        made["limit"] = {"after": choose((5.0, 10.0, 20.0)), "queue": choose(("second", *queues)),
                         "talk": duration(choose), "wrap_up": duration(choose)}  # fmt: skip
    if choose((False, True)):
        made["second_line"] = {"name": "experts", "share": choose((0.3, 1.0)), "urgent": 0.5}
    if choose((False, False, True)):
        made["callback"] = {"name": "note", "share": 0.5}
    return made


def menu(choose: Choose) -> dict[str, Any]:
    """Return a menu of any kind."""
    made: dict[str, Any] = {
        "complete": {"wrong": choose((0.0, 0.5))},
        "wrong_talk": duration(choose),
        "wrong_wrap_up": duration(choose),
    }
    if choose((False, True)):
        made["hang_up"] = 0.05
    elif choose((False, True)):
        made["hang_up_after"] = duration(choose)
    if choose((False, True)):
        made["length"] = choose(SECONDS)
    else:
        made["prompts"] = [{"seconds": 2.0}, {"seconds": 5.0, "topic": "a"}, {"seconds": 1.0}]
        made["early"] = {"share": 0.4, "wrong": 0.3, "when": choose(("uniform", "own_prompt"))}
    return made | some(choose, late=lambda: {"share": 0.3, "wrong": 0.5, "after": duration(choose)})


ENDS = ("direct", "transferred", "callback", "not_reached", "returned", "unknown")
KINDS = ("queue", "talk", "wrap", "consult", "enter", "menu", "spawn", "delay", "branch")


def journey(choose: Choose) -> dict[str, Any]:
    """Return a journey written by hand: steps of any kind lead on to later ones, some back."""
    names = [f"step {number}" for number in range(choose((3, 5, 8)))]
    made = {
        name: _step(choose, choose(KINDS), names[number + 1 :], names[: number + 1])
        for number, name in enumerate(names[:-1])
    }
    made |= {names[-1]: {"step": "end", "outcome": choose(ENDS)}}
    while (wrong := _wrong_step(made)) is not None:
        made[wrong] = {"step": "wrap", "done": names[-1]}
    return made


def _wrong_step(made: dict[str, Any]) -> str | None:
    """Return a step that brings a third agent, or that needs one where nobody may be there."""
    steps = {name: JourneyStep(**step) for name, step in made.items()}
    return third_agent(steps) or next(iter(lonely(steps)), None)


def _step(choose: Choose, kind: str, later: list[str], earlier: list[str]) -> dict[str, Any]:
    """Return a step of a journey; only a delay of some length leads back, and not always."""

    def ways() -> Any:
        one, two = choose(later), choose(later)
        return one if one == two else {one: 0.5, two: 0.5}

    exits = {"enter": 3, "menu": 2, "queue": 4, "consult": 2}.get(kind, 1)
    if kind == "branch" and choose((False, True)):
        exits = 2
    made = {"step": kind} | {name: ways() for name in ("done", "other", "third", "fourth")[:exits]}
    if kind == "branch" and exits == 2:
        made["asks"] = "parent_open"
    if kind in ("menu", "queue", "talk", "consult", "wrap", "delay"):
        made |= some(choose, duration=lambda: duration(choose))
    if kind in ("menu", "consult"):
        made["cut_short"] = duration(choose)
    if kind in ("queue", "consult"):
        made |= {"queue": choose(("one", "two", "second")), "priority": choose((0, 1, -1))}
    if kind in ("consult", "spawn"):
        made |= {"times": choose((1, 2)), "share": choose((1.0, 0.5))}
    if kind == "talk":
        made |= {
            "phase": choose(("talk", "hold", "handover", "ring")),
            "factor": choose((1.0, 0.5)),
        }
    elif kind == "wrap":
        made["release"] = choose(("first", "last"))
    elif kind == "delay":
        made["pause"] = choose(("plain", "working", "later_today", "next_day"))
        if choose((False, True)):
            back = {choose(earlier): 0.3, choose(later): 0.7}
            made |= {"pause": "plain", "duration": choose((1.0, 10.0)), "done": back}
    elif kind == "spawn":
        made |= {
            "child": choose(("redial", "repeat", "callback", "form", "case", "call", "citizen"))
        }
        made |= some(choose, due_working_days=lambda: choose((0, 1)), hours=lambda: "short")
        born_again = made["child"] in ("redial", "repeat")
        made["child_starts"] = choose(earlier if born_again else later)
    return made


def scenario(choose: Choose) -> Scenario:
    """Return a small centre that may use every step kind."""
    groups = {name: group(choose) for name in ("left", "right", "experts")}
    pooled = choose((False, True))
    if pooled:
        for made in groups.values():
            made["choice"] = groups["left"]["choice"]
    queues = {name: queue(choose, ["left", "right"], pooled) for name in ("one", "two")}
    queues["second"] = queue(choose, ["experts", "right"], pooled)
    days = choose((1, 1, 2, 3))
    table = {
        "seed": choose(range(1000)),
        "tick": choose((1.0, 1.0, 5.0, 1e-6)),
        "horizon": {
            "days": days, "end": choose(("run_out", "clear")), "start": choose(STARTS),
            "warm_up_days": choose((0, days - 1)),
        },
        "calendar": {"country": choose(("none", "BE", "NL"))},
        "hours": {
            "short": {"daily": choose(SHORT), "on_holidays": choose((True, False))},
            "open": {choose(("daily", "weekdays")): choose(OPEN)},
        },
        "demand": {"busyness_cv": choose((0.0, 0.5))},
        "topics": {"a": topic(choose, ("one", "one", "two")), "b": topic(choose, ("two", "one"))},
        "groups": groups,
        "queues": queues,
        "second_lines": {"experts": second_line(choose)},
        "callbacks": {"note": callback(choose)},
        "norms": {"threshold": choose((20.0, 5.0)), "short_abandon": choose((5.0, 1.0))},
    }  # fmt: skip
    _pulls(choose, groups, queues)
    table |= some(
        choose,
        lines=lambda: choose((2, 5, 10)),
        menu=lambda: menu(choose),
        patience=lambda: choose((duration(choose), 30.0, {"kind": "exponential", "mean": 60.0})),
        redial=lambda: {
            "share": choose((0.5, 1.0)), "after_menu": 0.5, "after_blocked": 0.5,
            "after_closed": 0.5, "patience": choose(("keep", "redraw")), "at_most": choose((1, 2)),
        },
        repeat=lambda: {"share": 0.5, "after": duration(choose), "at_most": 2},
        probes=lambda: {"probe": {"topic": "a", "per_hour": 120.0, "hours": "short"}},
        journeys=lambda: {"own": journey(choose)},
    )  # fmt: skip
    if "journeys" in table and choose((False, True)):
        table["topics"]["b"]["journey"] = "own"
    return Scenario.model_validate(table)


def _pulls(choose: Choose, groups: dict[str, Any], queues: dict[str, Any]) -> None:
    """Give some groups an order of their own among their queues."""
    for name, made in groups.items():
        served = [
            key for key, part in queues.items() if any(r["group"] == name for r in part["routes"])
        ]
        if served and choose((False, True)):
            made["pulls"] = served[::-1]


def seeded_scenario(seed: int) -> Scenario:
    """Return the small centre of a seed."""
    return scenario(random.Random(seed).choice)


@lru_cache(maxsize=400)
def seeded_plan(seed: int) -> Plan:
    """Return the plan of the small centre of a seed."""
    return compile_plan(seeded_scenario(seed))


@dataclass(frozen=True)
class Difference:
    """The first row in which two logs differ."""

    table: str
    row: int
    one: Any
    other: Any


def first_difference(one: ContactLog, other: ContactLog) -> Difference | None:
    """Return the first row in which two logs differ; None if they agree in every cell."""
    for table in ("contacts", "legs", "sessions"):
        left, right = getattr(one, table), getattr(other, table)
        if np.array_equal(left, right):
            continue
        shared = min(len(left), len(right))
        differing = np.flatnonzero(left[:shared] != right[:shared])
        row = int(differing[0]) if len(differing) else shared
        return Difference(table, row, left[row : row + 1], right[row : row + 1])
    return None
