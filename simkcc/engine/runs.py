"""Runs: the kernel from start to end, replications over threads, and what comes out."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from itertools import islice
from typing import TypeVar

import numpy as np

from simkcc.engine import kernel
from simkcc.engine.given import starting_from
from simkcc.engine.plan import Plan
from simkcc.engine.state import Presence, State, Status, spare_log, spare_rows, start_state
from simkcc.engine.statistics import Sum, bucket_of, column_of, shapes
from simkcc.errors import BrokenEngineError
from simkcc.model.contact_log import (
    FOREVER,
    NONE,
    ContactLog,
    How,
    LegKind,
    leg_dtype,
    session_dtype,
)

Found = TypeVar("Found")


def start(plan: Plan, *, logging: bool = True) -> State:
    """Return the state of a kernel before its first event."""
    dims = shapes(len(plan.queues), max(len(plan.topics), 1), len(plan.groups))
    state = start_state(plan, logging, dims if not logging else ((1, 1, 1),) * 3)
    kernel.start(*plan.arrays, *state.arrays)
    if plan.resumes:
        _restore(plan, state)
    return state


def _restore(plan: Plan, state: State) -> None:
    from simkcc.engine.restore import restore

    restore(
        plan.steps, plan.exits, plan.dists, plan.atoms, plan.tables, plan.selectors, plan.queues,
        plan.routes, plan.groups, plan.hours, plan.spans, plan.changes, plan.settings, state.clock,
        state.open_now, state.live, state.visits, state.waiting, state.ready, state.teams,
        state.idle, state.idle_since, state.agents, state.opens, state.deadlines, state.heap,
        state.contacts, state.counts, plan.given, plan.present,
    )  # fmt: skip


def advance(plan: Plan, state: State, until: int | None = None) -> Status:
    """Let everything happen that falls due before `until` (microseconds), or to the end."""
    if until is None:
        until = FOREVER if plan.settings[0]["run_out"] else int(plan.settings[0]["until"])
    spares = spare_rows(plan), spare_log(plan)
    while True:
        status = kernel.play(*plan.arrays, *state.arrays, max(len(plan.topics), 1), until, *spares)
        if status != Status.FULL:
            return Status(status)
        state.grow(plan)


def contact_log(plan: Plan, state: State) -> ContactLog:
    """Return what a logging kernel wrote so far; what is not finished is open."""
    log = last_log(plan, state)
    return ContactLog(log.contacts.copy(), log.legs.copy(), log.sessions)


def last_log(plan: Plan, state: State) -> ContactLog:
    """Return the same of a kernel that will not go on: its own tables, which spares a copy."""
    clock = state.clock[0]
    if not clock["logging"]:
        raise BrokenEngineError("this run kept no log; start it with logging")
    legs = _followed_by(state.legs, clock["legs"], open_legs(plan, state))
    sessions = np.concatenate([state.sessions[: clock["sessions"]], open_sessions(state)])
    return ContactLog(state.contacts[: clock["born"]], legs, sessions)


def _followed_by(table: np.ndarray, used: int, rows: np.ndarray) -> np.ndarray:
    """Return table[:used] and some rows behind it, which are written there if there is room."""
    end = used + len(rows)
    if end > len(table):
        return np.concatenate([table[:used], rows])
    table[used:end] = rows
    return table[:end]


def sums_at(plan: Plan, state: State, now: int) -> np.ndarray:
    """Return the sums of a run without a log, with the time of agents in what is open at `now`.

    That is: what agents are doing, and how long they have been there. Waits and menus that are not
    over count nowhere, as in the counts.
    """
    sums, warm_up = state.sums.copy(), plan.settings[0]["warm_up"]
    first_date, day = plan.settings[0]["first_date"], plan.settings[0]["day"]
    group_of = plan.group_of()
    groups_from = len(plan.queues) + max(len(plan.topics), 1)
    contacts = {int(row["serial"]): row for row in state.live}
    contacts |= {int(row["contact"]): row for row in state.agents}
    for leg in open_legs(plan, state):
        contact = contacts[int(leg["contact"])]
        if leg["kind"] in (LegKind.MENU, LegKind.QUEUE, LegKind.DELAY) or contact["born"] < warm_up:
            continue
        column, length = column_of(leg["kind"]), now - leg["start"]
        bucket = bucket_of(leg["start"], first_date, day)
        if leg["agent"] != NONE:
            sums[groups_from + group_of[leg["agent"]], bucket, column] += length
            sums[len(plan.queues) + contact["topic"], bucket, column] += length
        if leg["second"] != NONE:
            sums[groups_from + group_of[leg["second"]], bucket, Sum.SECOND] += length
    for session in open_sessions(state):
        bucket = bucket_of(session["start"], first_date, day)
        there = now - max(session["start"], min(now, warm_up))
        sums[groups_from + session["group"], bucket, Sum.THERE] += there
    return sums


def open_legs(plan: Plan, state: State) -> np.ndarray:
    """Return the legs that contacts and agents are in now, (L,) leg_dtype."""
    here = state.live[(state.live["serial"] != NONE)]
    here = here[here["leg_kind"] != NONE]
    wrapping = np.flatnonzero(state.agents["contact"] != NONE)
    legs = np.zeros(len(here) + len(wrapping), leg_dtype)
    legs["how"] = How.OPEN
    legs["end"] = legs["place"] = legs["second"] = NONE
    of_contacts, of_agents = legs[: len(here)], legs[len(here) :]
    waits = here["leg_kind"] == LegKind.QUEUE
    consults = here["leg_kind"] == LegKind.CONSULT
    of_contacts["contact"], of_contacts["leg"] = here["serial"], here["leg"]
    of_contacts["kind"], of_contacts["start"] = here["leg_kind"], here["since"]
    of_contacts["agent"] = np.where(waits, NONE, here["agent"])
    of_contacts["second"] = np.where(waits, here["agent"], here["second"])
    targets = plan.steps["target"][here["step"]]
    of_contacts["place"] = np.where(waits, here["queue"], np.where(consults, targets, NONE))
    of_agents["contact"] = state.agents["contact"][wrapping]
    of_agents["leg"] = state.agents["leg"][wrapping]
    of_agents["kind"] = LegKind.WRAP
    of_agents["agent"] = wrapping
    of_agents["start"] = state.agents["start"][wrapping]
    return legs


def open_sessions(state: State) -> np.ndarray:
    """Return since when the agents are there who are there now, (S,) session_dtype."""
    there = np.flatnonzero(state.agents["presence"] != Presence.OFF)
    sessions = np.zeros(len(there), session_dtype)
    sessions["agent"] = there
    sessions["group"] = state.agents["group"][there]
    sessions["start"] = state.agents["session"][there]
    sessions["end"] = NONE
    return sessions


def play(plan: Plan) -> ContactLog:
    """Play a plan on the kernel, to its end."""
    state = start(plan)
    advance(plan, state)
    return last_log(plan, state)


def forecast(
    plan: Plan, log: ContactLog, now: int, until: int, number: int, jobs: int = 1
) -> list[ContactLog]:
    """Return what may happen from `now` until `until` (microseconds), in `number` replications.

    log: what happened so far, as the ledger of a wallboard or either engine tells it. Each log that
    comes back begins with the contacts that are there now, in the order of the log. Raises
    SettingError if the plan has no place for somebody.
    """
    begun = starting_from(plan, log, now)
    seed = int(plan.settings[0]["seed"])
    tasks = (partial(_play_until, begun.seeded(seed, each), until) for each in range(number))
    found = dict(replications(tasks, jobs))
    return [found[each] for each in range(number)]


def _play_until(plan: Plan, until: int) -> ContactLog:
    state = start(plan)
    advance(plan, state, until)
    return last_log(plan, state)


def replications(
    tasks: Iterable[Callable[[], Found]], jobs: int
) -> Generator[tuple[int, Found], None, None]:
    """Run independent tasks over threads and yield (index, result) as they finish.

    The kernel lets go of the interpreter while it plays, so threads are enough. Only a few tasks
    are handed out ahead: who closes the generator early (Ctrl-C, a precision that is met) waits
    for those alone.
    """
    ahead = 2 * max(1, jobs)
    following = iter(enumerate(tasks))
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        waiting: dict[Future[Found], int] = {}
        try:
            while True:
                for index, task in islice(following, ahead - len(waiting)):
                    waiting[pool.submit(task)] = index
                if not waiting:
                    return
                finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in sorted(finished, key=waiting.__getitem__):
                    yield waiting.pop(future), future.result()
        finally:
            for future in waiting:
                future.cancel()
