"""What changes by itself in the kernel: hours, rosters, queues that close."""

import numpy as np

from simkcc.engine.agents import leave_idle, log_off, log_on
from simkcc.engine.chance import Purpose, date_key, uniform
from simkcc.engine.clock import schedule
from simkcc.engine.plan import ChangeKind
from simkcc.engine.state import Presence
from simkcc.model.contact_log import NONE
from simkcc.model.events import Due
from simkcc.routing.compiled import compiled, this


@compiled
def is_present(groups, settings, agent, group, level, now):
    """Return whether an agent is on the roster now and not absent today."""
    number = agent - groups[this(group)]["first_agent"]
    if number >= level:
        return False
    if groups[this(group)]["absence"] == 0.0:
        return True
    date = settings[0]["first_date"] + now // settings[0]["day"]
    key = date_key(
        settings[0]["seed"], settings[0]["replication"], groups[this(group)]["key"], date
    )
    return uniform(key, Purpose.ABSENCE, number) >= groups[this(group)]["absence"]


@compiled
def change_roster(groups, settings, clock, teams, idle, idle_since, agents, sessions, sums, row, group, level, now):  # fmt: skip
    """The roster of a group changes: call back who is finishing, log on, send home."""
    clock[0]["shut"] += np.int64(level == 0) - np.int64(teams[this(group)]["level"] == 0)
    teams[this(group)]["level"] = level
    first = groups[this(group)]["first_agent"]
    for agent in range(first, first + groups[this(group)]["n_agents"]):
        wanted = is_present(groups, settings, agent, group, level, now)
        agents[this(agent)]["wanted"] = wanted
        if wanted and agents[this(agent)]["presence"] == Presence.OFF:
            log_on(groups, clock, teams, idle, idle_since, agents, agent, now)
        elif not wanted and agents[this(agent)]["presence"] == Presence.IDLE:
            leave_idle(teams, idle, idle_since, agents, agent)
            log_off(settings, clock, agents, sessions, sums, row, agent, now)


@compiled
def on_change(groups, changes, settings, clock, open_now, live, waiting, teams, idle, idle_since, agents, heap, sessions, sums, row, index, now):  # fmt: skip
    """Hours, a roster or a queue changes; return a contact to send away, or NONE."""
    change = changes[this(index)]
    subject = change["subject"]
    if change["kind"] == ChangeKind.CLEAR:
        slot = waiting[this(subject)]["head"]
        if slot != NONE:
            schedule(clock, heap, now, Due.CHANGE, index, NONE)
            return slot
    elif change["kind"] == ChangeKind.HOURS:
        open_now[this(subject)] = change["level"]
    else:
        change_roster(
            groups, settings, clock, teams, idle, idle_since, agents, sessions, sums, row, subject,
            change["level"], now,
        )  # fmt: skip
    following = index + 1
    if following < changes.shape[0]:
        schedule(clock, heap, changes[this(following)]["at"], Due.CHANGE, following, NONE)
    return np.int64(NONE)
