"""Small centres made at random, with deliberately few distinct times: ties are the normal case."""

from collections.abc import Callable, Sequence
from typing import Any

from simkcc.model.scenario import Scenario

Choose = Callable[[Sequence[Any]], Any]

HOURS = (["00:00-00:03"], ["00:00-00:01", "00:02-00:04"], ["00:01-00:05"], ["00:00-24:00"])
SECONDS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)


def duration(choose: Choose, *, zero: bool = True) -> Any:
    """Return a duration of any kind, mostly short."""
    value = choose(SECONDS if zero else SECONDS[1:])
    mean = choose((1.0, 5.0, 20.0))
    simple = choose(("number", "number", "exponential", "uniform", "empirical", "lognormal"))
    made: Any = {
        "number": value,
        "exponential": {"kind": "exponential", "mean": mean, "cap": 90.0},
        "uniform": {"kind": "uniform", "low": 0.0, "high": 2 * mean},
        "empirical": {"kind": "empirical", "values": [0.0, 1.0, 1.0, 2.0, 10.0]},
        "lognormal": {"kind": "lognormal", "mean": mean, "cv": 1.0, "zero": 0.2, "shift": 1.0},
    }[simple]
    if choose((False,) * 9 + (True,)):
        return {"kind": "by_time", "windows": [{"hours": "short", "then": value}], "otherwise": made}
    return made


def some(choose: Choose, **makers: Callable[[], Any]) -> dict[str, Any]:
    """Return a table with some of the keys."""
    return {key: make() for key, make in makers.items() if choose((False, True))}


def roster(choose: Choose) -> dict[str, Any]:
    """Return agents or a roster by the minute."""
    kind = choose(("agents", "roster", "hours"))
    if kind == "agents":
        return {"agents": choose((1, 2, 3))}
    if kind == "hours":
        return {"agents": choose((1, 2)), "hours": "short"}
    levels = [choose((0, 1, 2, 3)) for _ in range(choose((3, 6)))]
    return {"roster": {"start": "00:00", "minutes": 1, "weekdays": [*levels, choose((0, 1))]}}


def group(choose: Choose) -> dict[str, Any]:
    """Return a group."""
    return {
        "choice": choose(("longest_idle", "uniform", "priority")),
        "pick": choose(("longest_wait", "priority", "weighted")),
        "absence": choose((0.0, 0.0, 0.3)),
        "speed": choose((1.0, 1.0, 2.0)),
        **roster(choose),
    }


def queue(choose: Choose, groups: list[str]) -> dict[str, Any]:
    """Return a queue over some of the groups."""
    chosen = [name for name in groups if choose((False, True))] or [choose(groups)]
    pooled = choose((False, True))
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
    return made


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
    return made


def topic(choose: Choose) -> dict[str, Any]:
    """Return a topic with stated or random arrivals."""
    made = {
        "priority": choose((0, 0, 1)),
        "resolved": choose((1.0, 0.5)),
        "handling": {
            "talk": duration(choose), "wrap_up": duration(choose),
            "hold_at_pick_up": choose((0.0, 0.3)), "hold_during": choose((0.0, 0.3)),
            "hold": duration(choose),
        },
        "queue": choose(("one", "two")),
    }  # fmt: skip
    if choose((False, True)):
        made["arrivals"] = sorted(choose((0.0, 10.0, 20.0, 60.0, 61.0)) for _ in range(8))
    else:
        made |= {"per_hour": choose((60.0, 360.0)), "hours": "short"}
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
        "hang_up": choose((0.0, 0.05)),
    }
    if choose((False, True)):
        made["length"] = choose(SECONDS)
    else:
        made["prompts"] = [{"seconds": 2.0}, {"seconds": 5.0, "topic": "a"}, {"seconds": 1.0}]
        made["early"] = {"share": 0.4, "wrong": 0.3, "when": choose(("uniform", "own_prompt"))}
    return made | some(choose, late=lambda: {"share": 0.3, "wrong": 0.5, "after": duration(choose)})


def scenario(choose: Choose) -> Scenario:
    """Return a small centre that may use every step kind."""
    groups = {name: group(choose) for name in ("left", "right", "experts")}
    for made in groups.values():
        made["choice"] = groups["left"]["choice"]
    queues = {name: queue(choose, ["left", "right"]) for name in ("one", "two")}
    queues["second"] = queue(choose, ["experts", "right"])
    table = {
        "seed": choose(range(1000)),
        "tick": choose((1.0, 1.0, 5.0, 1e-6)),
        "horizon": {
            "days": choose((1, 1, 2)), "end": choose(("run_out", "clear")),
            "start": choose(("2024-01-01", "2024-03-08")),
        },
        "hours": {"short": {"daily": choose(HOURS)}},
        "demand": {"busyness_cv": choose((0.0, 0.5))},
        "topics": {name: topic(choose) for name in ("a", "b")},
        "groups": groups,
        "queues": queues,
        "second_lines": {"experts": second_line(choose)},
        "callbacks": {"note": callback(choose)},
    }  # fmt: skip
    table |= some(
        choose,
        lines=lambda: choose((1, 2, 5)),
        menu=lambda: menu(choose),
        patience=lambda: duration(choose),
        redial=lambda: {
            "share": choose((0.5, 1.0)), "after_menu": 0.5, "after_blocked": 0.5,
            "after_closed": 0.5, "patience": choose(("keep", "redraw")), "at_most": choose((1, 3)),
        },
        repeat=lambda: {"share": 0.5, "after": duration(choose), "at_most": 2},
        probes=lambda: {"probe": {"topic": "a", "per_hour": 120.0, "hours": "short"}},
    )  # fmt: skip
    if choose((False, True)):
        table["hours"]["open"] = {"weekdays": choose(HOURS)}
    else:
        table["hours"]["open"] = {"daily": ["00:00-24:00"]}
    return Scenario.model_validate(table)
