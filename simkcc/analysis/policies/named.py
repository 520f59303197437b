"""Routing policies by name, for any centre: R0 to R10, each a function from a centre to an overlay.

Policies that regroup people split the hours the centre has, and no more; where one adds people
(a provider's pool, a permanence) its `neutral` says no. Every default is an assumption.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from simkcc.analysis.policies.centre import Centre, Levels, Line, Table, most_teams, split
from simkcc.analysis.policies.second_line import (
    permanence,
    time_window,
    transfers,
    virtual_queue,
)
from simkcc.analysis.policies.terms import Policy, Values
from simkcc.errors import SettingError
from simkcc.model.complaints import dotted, hint, shown
from simkcc.model.files import Loaded
from simkcc.model.marks import Mark, numeric_paths
from simkcc.model.overlay import ABSENT, lay_over, leaves
from simkcc.model.scenario import Scenario

MORE = "policy_pool"
"""Name of a provider, and of its pool, that a policy adds."""
ONE = "one team"
"""Name of the team that answers everything."""


# ---------------------------------------------------------------------------------------------
# teams


def _single(centre: Centre) -> tuple[Table, str]:
    """Return all lines in one queue with one team, and the queue."""
    names = centre.team()
    queue = centre.queues()[0]
    over = centre.dismissed(names, (ONE,), centre.queues())
    queues = {name: {"routes": [{"group": ONE}]} for name in centre.queues()}
    return {
        "topics": {name: {"queue": queue, "priority": 0} for name in centre.topics()},
        "groups": over["groups"] | {ONE: centre.group_like(names, centre.levels(names))},
        "queues": over["queues"] | queues,
    }, queue  # fmt: skip


def single_queue(centre: Centre, values: Values) -> Table:
    """R1: one queue, the agent who is idle longest, first come first served."""
    return _single(centre)[0]


def _dedicated(centre: Centre, values: Values) -> tuple[Table, tuple[tuple[Line, str], ...]]:
    """Return each line with a queue and a team of its own, and the teams."""
    names = centre.team()
    levels = centre.levels(names)
    wanted = int(values["lines"]) or most_teams(levels)
    lines = centre.lines(min(wanted, most_teams(levels)))
    if len(lines) < 2:
        lacking = "topics or queues" if len(centre.lines()) < 2 else "people at every hour"
        raise SettingError(
            f"lines with teams of their own need two {lacking} or more; there is one"
        )
    shares = split(levels, [line.load for line in lines])
    teams = tuple((line, f"team {line.name}"[:60]) for line in lines)
    topics: Table = {}
    groups: Table = {}
    queues: Table = {}
    for (line, team), own in zip(teams, shares, strict=True):
        topics |= {topic: {"queue": line.name, "priority": 0} for topic in line.topics}
        groups[team] = centre.group_like(names, own)
        queues[line.name] = {"routes": [{"group": team}]}
    over = centre.dismissed(names, [team for _, team in teams], centre.queues())
    gone = {
        name: {"routes": [{"group": team} for _, team in teams]}
        for name in centre.queues()
        if name not in queues
    }  # nobody joins these any more, but a name must lead somewhere
    return {
        "topics": topics, "groups": over["groups"] | groups,
        "queues": over["queues"] | gone | queues,
    }, teams  # fmt: skip


def group_numbers(centre: Centre, values: Values) -> Table:
    """R0: callers dial the number of a group, past the menu; its own people answer, and know."""
    over, _ = _dedicated(centre, values)
    for topic in over["topics"].values():
        topic |= {"uses_menu": False, "second_line": ABSENT}
    return over


def dedicated_teams(centre: Centre, values: Values) -> Table:
    """R2: lines with teams of their own, and no help between them."""
    return _dedicated(centre, values)[0]


def overflowing_lines(centre: Centre, values: Values) -> Table:
    """R3: lines with teams of their own; after a while every other team may answer too."""
    over, teams = _dedicated(centre, values)
    for line, own in teams:
        others = [
            {"group": team, "after": values["after"], "order": 1}
            for _, team in teams
            if team != own
        ]
        over["queues"][line.name] = {"routes": [{"group": own, "order": 0}, *others]}
    return over


def overflow_to_pool(centre: Centre, values: Values) -> Table:
    """R4: one team, and after a while the pool of a provider, which is paid by the minute."""
    over, queue = _single(centre)
    hours = centre.levels(centre.team())
    pool = Levels(hours.start, hours.minutes, (hours.agents > 0) * int(values["agents"]))
    over["groups"][MORE] = {
        "roster": pool.roster(), "home": "provider", "provider": MORE,
    }  # fmt: skip
    over["providers"] = {MORE: {"per_minute": values["per_minute"]}}
    after = {"kind": "exponential", "mean": values["mean"], "shift": values["after"]}
    routes = [{"group": ONE}, {"group": MORE, "after": after}]
    over["queues"][queue] = {"routes": routes}
    return over


def outsourced(centre: Centre, values: Values) -> Table:
    """R5: the lines go to a provider, whole or some of them, with a warm hand-over to the city."""
    scenario = centre.scenario
    if not scenario.second_lines or not any(t.second_line for t in scenario.topics.values()):
        raise SettingError("there is no second line of the city to hand over to; give second_lines")
    chosen = [name for name in str(values["lines"]).split("+") if name]
    if chosen:
        over = _outsourced_lines(centre, values, chosen)
    else:
        over, _ = _single(centre)
        over["groups"][ONE] |= _bought()
    contract = {"per_hour": values["per_hour"], "management_per_year": values["management"]}
    over["providers"] = {MORE: contract}
    over["second_lines"] = {
        name: {"handover": values["handover"]} for name in scenario.second_lines
    }
    return over


def _bought() -> Table:
    return {"home": "provider", "provider": MORE, "per_hour": 0.0}


def _outsourced_lines(centre: Centre, values: Values, chosen: Sequence[str]) -> Table:
    over, teams = _dedicated(centre, {**values, "lines": 0})
    known = {line.name: team for line, team in teams}
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise SettingError(f"no line '{shown(unknown[0])}'{hint(unknown[0], known, 'it has')}")
    for name in chosen:
        over["groups"][known[name]] |= _bought()
    return over


# ---------------------------------------------------------------------------------------------
# desk and telephone

MODES = ("desk_first", "phone_first", "fifo", "separated", "help_out")


def desk_and_phone(centre: Centre, values: Values) -> Table:
    """R9: desk and telephone by the same people, or apart, or apart with help across."""
    mode = str(values["mode"])
    if mode not in MODES:
        raise SettingError(f"mode '{shown(mode)}': give one of {', '.join(MODES)}")
    if not centre.topics("desk"):
        raise SettingError('there is no desk; give a topic with channel = "desk"')
    sides = ("phone", "desk")
    names = tuple(dict.fromkeys((*centre.team("phone"), *centre.team("desk"))))
    levels = centre.levels(names)
    queues = {side: centre.queues(side) for side in sides}
    apart = mode in ("separated", "help_out")
    work = [sum(centre.work(topic) for topic in centre.topics(side)) for side in sides]
    parts = split(levels, work) if apart else (levels,)
    teams = ("kcc team", "desk team") if apart else ("desk and phone team",)
    extra: Table = {"switching": values["switching"]}
    groups = {
        team: centre.group_like(names, part) | extra
        for team, part in zip(teams, parts, strict=True)
    }
    if mode in ("desk_first", "phone_first"):
        first = sides if mode == "phone_first" else sides[::-1]
        pulls = [queue for side in first for queue in queues[side]]
        groups[teams[0]] |= {"pick": "priority", "pulls": list(dict.fromkeys(pulls))}
    routes = {}
    for place, side in enumerate(sides):
        own = teams[min(place, len(teams) - 1)]
        for queue in queues[side]:
            routes[queue] = {"routes": [{"group": own}]}
            if mode == "help_out":
                other = {"group": teams[1 - place], "after": values["after"]}
                routes[queue]["routes"].append(other)
    over = centre.dismissed(names, teams, tuple(routes))
    return {"groups": over["groups"] | groups, "queues": over["queues"] | routes}


# ---------------------------------------------------------------------------------------------
# by name

POLICIES: dict[str, Policy] = {
    each.name: each
    for each in (
        Policy("as_is", "zoals het bestand", "as the file has it", lambda centre, values: {}),
        Policy("R0", "eigen groepsnummers", "direct group numbers", group_numbers, {"lines": 0}),
        Policy("R1", "één wachtrij", "a single queue", single_queue),
        Policy("R2", "lijnen met eigen teams", "lines with dedicated teams", dedicated_teams,
               {"lines": 0}),
        Policy("R3", "lijnen met overloop na {after:g} s", "lines with overflow after {after:g} s",
               overflowing_lines, {"lines": 0, "after": 60.0}),
        Policy("R4", "één team, overloop naar een leverancier na {after:g} s",
               "one team, overflow to a provider after {after:g} s", overflow_to_pool,
               {"after": 100.0, "mean": 20.0, "agents": 10, "per_minute": 0.85}, neutral=False),
        Policy("R5", "uitbesteed, met warme doorverbinding", "outsourced, with warm transfer back",
               outsourced, {"lines": "", "per_hour": 36.0, "management": 50_000.0,
                            "handover": 25.0}),
        *permanence(),
        transfers(),
        time_window(),
        Policy("R9", "balie en telefoon: {mode}", "desk and telephone: {mode}", desk_and_phone,
               {"mode": "fifo", "after": 120.0, "switching": 0.0}),
        virtual_queue(),
    )
}  # fmt: skip
"""Every policy, in order."""


@dataclass(frozen=True)
class Chosen:
    """A policy as it was asked for, with its parameters."""

    text: str
    policy: Policy
    values: Values


def parse_policies(text: str) -> tuple[Chosen, ...]:
    """Return the policies of `R1,R3:after=60,R9:mode=separated`."""
    found = tuple(_parse(part.strip()) for part in text.split(","))
    texts = [each.text for each in found]
    twice = [each for each in texts if texts.count(each) > 1]
    if twice:
        raise SettingError(f"--policies: {twice[0]} is named twice; name each once")
    return found


def _parse(text: str) -> Chosen:
    name, _, rest = text.partition(":")
    settings = re.split(r":(?=\w+=)", rest) if rest else []
    near = {each.lower(): each for each in POLICIES}
    name = near.get(name.lower(), name)
    if name not in POLICIES:
        raise SettingError(f"--policies: no policy '{shown(name)}'{hint(name, POLICIES, 'known')}")
    policy = POLICIES[name]
    values: dict[str, Any] = dict(policy.defaults)
    for setting in settings:
        key, sign, value = setting.partition("=")
        if key not in values or not sign:
            known = ", ".join(f"{k}={v}" for k, v in policy.defaults.items()) or "none"
            raise SettingError(f"--policies {text}: parameters of {name}: {known}")
        values[key] = _value(text, key, value, values[key])
    return Chosen(":".join([name, *settings]), policy, values)


def _value(text: str, key: str, value: str, default: Any) -> Any:
    if isinstance(default, str):
        return value
    try:
        number = float(value)
    except ValueError:
        raise SettingError(f"--policies {text}: {key}: '{shown(value)}' is not a number") from None
    if isinstance(default, int):
        return int(number)
    return number


def with_policy(loaded: Loaded, chosen: Chosen) -> Loaded:
    """Return a file under a policy.

    Raises SettingError with a sentence naming what is missing where the policy does not apply.
    """
    policy = chosen.policy
    label = f"{loaded.path}" + (f":{loaded.variant}" if loaded.variant else "")
    try:
        over = policy.overlay(Centre(loaded.scenario), chosen.values)
    except SettingError as error:
        raise SettingError(f"{chosen.text} does not apply to {label}: {error}") from None
    title = {
        "nl": f"{policy.name}: {policy.nl.format(**chosen.values)}",
        "en": f"{policy.name}: {policy.en.format(**chosen.values)}",
    }
    apart = {"expectations": ABSENT, "turning_points": ABSENT, "rollout": ABSENT}
    data = lay_over(loaded.data, {"title": title} | apart)
    data = lay_over(data, over)
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        wrong = error.errors()[0]
        where = dotted(wrong["loc"])
        raise SettingError(f"{chosen.text} does not fit {label}: {where}: {wrong['msg']}") from None
    applied = loaded.applied | {dotted(path): value for path, value in leaves(over)}
    return replace(
        loaded, scenario=scenario, variant=chosen.text, data=data, applied=applied,
        marks=_marks(loaded, data, over, chosen.text),
    )  # fmt: skip


def _marks(loaded: Loaded, data: Table, over: Table, text: str) -> dict[str, Mark]:
    """Return the marks of a file under a policy: what the policy splits is derived, else assumed."""
    found = {key: each for key, each in loaded.marks.items() if _there(data, key)}
    for key in numeric_paths(over):
        if _there(data, key):
            kind = "D" if ".roster." in key or key.startswith("topics.") else "A"
            found[key] = Mark(value=None, mark=kind, note=text)
    return found


def _there(data: Any, key: str) -> bool:
    for part in key.split("."):
        try:
            data = data[int(part)] if isinstance(data, list) else data[part]
        except (LookupError, TypeError, ValueError):
            return False
    return True
