"""Policies of the second line and of waiting: permanence, transfers, time windows, virtual queues."""

from typing import Any

import numpy as np

from simkcc.analysis.policies.centre import Centre, Table
from simkcc.analysis.policies.terms import Policy, Values
from simkcc.engine.schedules import pieces_of_date
from simkcc.errors import SettingError
from simkcc.model.calendar import WEEKDAYS, span_of_day
from simkcc.model.complaints import hint, shown
from simkcc.model.contact_log import SECOND
from simkcc.model.overlay import ABSENT
from simkcc.model.referral import SecondLine

FORM = "policy_form"
"""Name of a form that a policy adds where the second line has no callback."""


def _in_use(centre: Centre) -> dict[str, SecondLine]:
    """Return the second lines that topics use; raises SettingError if there are none."""
    used = {t.second_line.name for t in centre.scenario.topics.values() if t.second_line}
    found = {name: line for name, line in centre.scenario.second_lines.items() if name in used}
    if not found:
        raise SettingError("no topic needs a second line; give topics.NAME.second_line")
    return found


def _with_promise(centre: Centre, line: SecondLine, over: Table) -> Table:
    """Return an overlay of a second line that has a callback or form to fall back on."""
    if line.callback is None:
        over["callback"] = next(iter(centre.scenario.callbacks), FORM)
    return over


def _new_form(centre: Centre, lines: dict[str, Table]) -> Table:
    if all(each.get("callback") != FORM for each in lines.values()):
        return {"second_lines": lines}
    return {"second_lines": lines, "callbacks": {FORM: {"kind": "form"}}}


def permanence() -> tuple[Policy, ...]:
    """Return R6 and its three kinds: no rule, constant, urgent only, form only."""
    words = (
        ("R6", "none", "tweede lijn zonder regel", "second line without a rule"),
        ("R6a", "constant", "vaste permanentie van de tweede lijn",
         "constant permanence of the second line"),
        ("R6b", "urgent", "permanentie voor dringende vragen", "permanence for urgent matters"),
        ("R6c", "form", "standaardformulier, de tweede lijn belt terug",
         "a standard form, the second line calls back"),
    )  # fmt: skip
    rota = {"available": 0.98, "pick_up": 20.0, "take_back": 60.0}
    defaults: dict[str, dict[str, Any]] = {
        "R6": {}, "R6a": rota, "R6b": rota | {"explain": 120.0}, "R6c": {"explain": 120.0},
    }  # fmt: skip
    return tuple(
        Policy(name, nl, en, _permanence(kind), defaults[name], neutral=False)
        if name in ("R6a", "R6b")
        else Policy(name, nl, en, _permanence(kind), defaults[name])
        for name, kind, nl, en in words
    )


def _permanence(kind: str) -> Any:
    def overlay(centre: Centre, values: Values) -> Table:
        lines: dict[str, Table] = {}
        for name, line in _in_use(centre).items():
            over: Table = {"permanence": kind}
            if kind == "form" and line.via != "consult":
                over["via"] = "consult"
            if line.queue is None and "available" in values:  # described: somebody is on rota
                over |= {
                    "available": values["available"],
                    "pick_up": {"kind": "lognormal", "mean": values["pick_up"], "cv": 0.8},
                    "take_back": {"kind": "deterministic", "value": values["take_back"]},
                }
            if "explain" in values:
                over["explain"] = {"kind": "deterministic", "value": values["explain"]}
            if kind in ("urgent", "form"):
                over = _with_promise(centre, line, over)
            lines[name] = over
        return _new_form(centre, lines)

    return overlay


def transfers() -> Policy:
    """Return R7: attempts, an early take-back, a callback when unreachable, shared agendas."""

    def overlay(centre: Centre, values: Values) -> Table:
        lines: dict[str, Table] = {}
        for name, line in _in_use(centre).items():
            if line.via != "consult":
                raise SettingError(
                    f"second_lines.{name} is reached {line.via}: attempts and take-back go with consult"
                )
            over: Table = {
                "layers": 1, "attempts": values["attempts"], "ring_out": not values["agenda"],
                "take_back": {"kind": "deterministic", "value": values["take_back"]},
                "failed": "callback",
            }  # fmt: skip
            lines[name] = _with_promise(centre, line, over)
        return _new_form(centre, lines)

    return Policy(
        "R7", "doorverbinden: {attempts} pogingen, terugname na {take_back:g} s",
        "transfers: {attempts} attempts, take-back after {take_back:g} s", overlay,
        {"attempts": 2, "take_back": 30.0, "agenda": 1},
    )  # fmt: skip


def virtual_queue() -> Policy:
    """Return R10: who waits longer than a threshold may keep the place and hang up."""

    def overlay(centre: Centre, values: Values) -> Table:
        offer = {
            "after": values["after"], "accept": values["accept"], "reach": values["reach"],
            "ring": values["ring"],
        }  # fmt: skip
        centre.team()
        return {"queues": {name: {"offer": offer} for name in centre.queues()}}

    return Policy(
        "R10", "virtuele wachtrij na {after:g} s", "virtual queue after {after:g} s", overlay,
        {"after": 60.0, "accept": 0.5, "reach": 0.9, "ring": 10.0},
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------
# time windows

WINDOW, REST = "policy_window", "policy_rest"
"""Hours in which a department answers itself, and the others."""
BY_ITSELF = " in window"
"""Added to the name of a topic for its calls within the window."""


def time_window() -> Policy:
    """Return R8: one department answers its own calls in a window, as Huis van het Kind does."""
    return Policy(
        "R8", "permanentie van {topic} van {hours}", "permanence of {topic} from {hours}",
        _time_window,
        {"topic": "", "hours": "08:00-09:00", "days": "mon+tue+wed+thu", "agents": 1},
        neutral=False,
    )  # fmt: skip


def _time_window(centre: Centre, values: Values) -> Table:
    scenario = centre.scenario
    needing = {
        name: scenario.topics[name].second_line.share  # type: ignore[union-attr]
        for name in centre.topics()
        if scenario.topics[name].second_line is not None
    }
    name = str(values["topic"]) or max(needing, key=lambda each: needing[each], default="")
    if not needing:
        raise SettingError("no topic of the telephone needs a second line to answer by itself")
    if name not in needing:
        raise SettingError(f"topic '{shown(name)}' needs no second line{hint(name, needing)}")
    try:
        span = span_of_day(str(values["hours"]))
    except ValueError as error:
        raise SettingError(str(error)) from None
    inside, outside = _windows(centre, name, span, str(values["days"]).split("+"))
    topic = scenario.topics[name]
    dumped = topic.model_dump(mode="python", exclude_unset=True)
    part = _part_inside(centre, name, inside)
    if not 0 < part < 1:
        raise SettingError(
            f"topic {name} has no calls within {values['hours']}, or none outside it"
        )
    team = "policy permanence"
    old = {key: each for key, each in dumped.items() if key != "second_line"}
    stream = (topic.stream or name)[: 60 - len(BY_ITSELF)] + BY_ITSELF
    own = old | {"queue": team, "hours": WINDOW, "uses_menu": False, "stream": stream}
    volumes = {"share", "per_year"} & {key for key in dumped if dumped[key] is not None}
    return {
        "hours": {WINDOW: inside, REST: outside},
        "topics": {
            name: {"hours": REST, "queue": scenario.queue_of(name)}
            | {key: dumped[key] * (1 - part) for key in volumes},
            f"{name}{BY_ITSELF}"[:60]: own | {key: dumped[key] * part for key in volumes},
        },
        "queues": {team: {"routes": [{"group": team}], "hours": WINDOW}},
        "groups": {team: {"agents": values["agents"], "hours": WINDOW, "line": 2}},
        "rollout": ABSENT,
    }


def _windows(
    centre: Centre, name: str, span: tuple[int, int], days: list[str]
) -> tuple[Table, Table]:
    """Return the hours of a topic within the window and outside it, by weekday."""
    wrong = [day for day in days if day not in WEEKDAYS]
    if wrong:
        raise SettingError(f"day '{wrong[0]}': give some of {'+'.join(WEEKDAYS)}")
    topic = centre.scenario.topics[name]
    hours = centre.almanac.hours(topic.hours or centre.scenario.demand.hours)
    inside, outside = {}, {}
    for number, day in enumerate(WEEKDAYS):
        spans = ((0, 86_400),) if hours is None else hours.spans(number)
        low, high = span if day in days else (0, 0)
        within = [(max(a, low), min(b, high)) for a, b in spans]
        rest = [(a, min(b, low)) for a, b in spans] + [(max(a, high), b) for a, b in spans]
        inside[day] = _texts(within)
        outside[day] = _texts(rest if high else list(spans))
    return inside, outside


def _texts(spans: list[tuple[int, int]]) -> list[str]:
    return [
        f"{low // 3600:02d}:{low % 3600 // 60:02d}-{high // 3600:02d}:{high % 3600 // 60:02d}"
        for low, high in sorted(spans)
        if high > low
    ]


def _part_inside(centre: Centre, name: str, inside: Table) -> float:
    """Return the share of a topic's calls that fall within the window, over the horizon."""
    topic, almanac = centre.scenario.topics[name], centre.almanac
    within = total = 0.0
    for index in range(almanac.n_days):
        date = almanac.date(index)
        pieces = pieces_of_date(almanac, centre.volume, topic, 1.0, date)
        if not pieces:
            continue
        total += pieces[-1][1]
        spans = [span_of_day(text) for text in inside[WEEKDAYS[date.weekday()]]]
        within += sum(_upto(pieces, high) - _upto(pieces, low) for low, high in spans)
    return within / total if total else 0.0


def _upto(pieces: list[tuple[int, float]], second: int) -> float:
    """Return the expected calls of a day until a second of it."""
    times, counts = zip(*pieces, strict=True)
    return float(np.interp(second * SECOND, times, counts))
