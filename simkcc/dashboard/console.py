"""The console: what a team lead sees of the day, and what a trainer changes in a simulated one."""

import asyncio
from typing import Any

import numpy as np

from simkcc.dashboard import now as live
from simkcc.dashboard.alerts import Alerts
from simkcc.dashboard.board import Board
from simkcc.dashboard.hub import Hub
from simkcc.dashboard.notes import OWN
from simkcc.model.contact_log import (
    DAY,
    NONE,
    SECOND,
    ContactKind,
    ContactLog,
    How,
    LegKind,
    Outcome,
)
from simkcc.model.controls import Levers
from simkcc.model.events import Event
from simkcc.model.interventions import Change, Lever, levers_of, names_of

UNTOLD = "-"
"""Topic of all calls, where a source tells none: not worth a word."""

LISTED = 60
"""Rows of a list."""

LOST = (Outcome.ABANDONED_QUEUE, Outcome.ABANDONED_MENU, Outcome.TURNED_AWAY)

COMPARED = ("offered", "answered", "accessibility_r1", "sl", "time_to_human", "abandonment",
            "transfer_success", "callbacks")  # fmt: skip
"""Figures that stand side by side."""


class Console:
    """What the console shows; it is worked out when somebody looks."""

    def __init__(self, hub: Hub, levers: Levers | None = None) -> None:
        """levers: what changes the source, if it can be changed."""
        self.hub, self.board, self.levers = hub, hub.board, levers
        self.alerts = Alerts()
        self._twin: Board | None = None
        self._playing = asyncio.Lock()
        hub.watchers.append(self._watch)

    def _watch(self, frame: dict[str, Any]) -> None:
        self.alerts.update(frame, self.board.now / SECOND)

    def state(self, last: int) -> dict[str, Any]:
        """Return everything the page shows. last: so many events of the log."""
        board, now = self.board, self.board.now
        log, midnight = board.log(), self.board.now // DAY * DAY
        return {
            "frame": self.hub.shown,
            "queues": self._queues(log, now),
            "groups": self._groups(log, now),
            "lost": self._lost(log, midnight),
            "callbacks": self._callbacks(log, now),
            "alerts": self._alerts(now),
            "events": [self._event(event) for event in list(board.recent)[-last:][::-1]],
            "levers": self._levers(),
        }

    async def twin(self) -> dict[str, Any]:
        """Return the frame of the same day without changes, at the time it is here."""
        levers = self.levers
        assert levers is not None
        async with self._playing:
            board = self.board
            if self._twin is None:
                self._twin = Board(board.centre, board.directory, _Same(board), board.settings)
            self._twin.apply(await asyncio.to_thread(levers.undisturbed, board.now))
            return side_by_side(self._twin.snapshot())

    def _queues(self, log: ContactLog, now: int) -> list[dict[str, Any]]:
        """Return who waits in each queue, the longest first."""
        legs = live.open_legs(log)
        legs = legs[legs["kind"] == LegKind.QUEUE]
        kinds = log.contacts["kind"][legs["contact"]]
        found = []
        for number, name in enumerate(self.board.directory.queues):
            mine = legs[(legs["place"] == number)]
            calls = mine[kinds[legs["place"] == number] == ContactKind.CALL]
            calls = calls[np.argsort(calls["start"])][:LISTED]
            waiting = [
                {"id": int(leg["contact"]), "topic": self._topic(log, int(leg["contact"])),
                 "since": (now - int(leg["start"])) / SECOND}
                for leg in calls
            ]  # fmt: skip
            found.append({"name": name, "waiting": waiting, "tasks": len(mine) - len(calls)})
        return found

    def _groups(self, log: ContactLog, now: int) -> list[dict[str, Any]]:
        """Return who is there, and what each does since when."""
        doing = live.doing(log)
        answered: dict[int, int] = {}
        legs = log.legs[(log.legs["kind"] == LegKind.QUEUE) & (log.legs["how"] == How.ANSWERED)]
        legs = legs[legs["end"] >= now // DAY * DAY]
        for number, times in zip(*np.unique(legs["agent"], return_counts=True), strict=True):
            answered[int(number)] = int(times)
        names = self.board.directory.groups
        found: list[dict[str, Any]] = [{"name": name, "agents": []} for name in names]
        for session in log.sessions[log.sessions["end"] == NONE]:
            number, group = int(session["agent"]), int(session["group"])
            if 0 <= group < len(found):
                free = ("free", int(session["start"]))
                state, since = doing.get(number, free)
                if state == "free":
                    state = self._told(number)
                found[group]["agents"].append(
                    {"name": self._agent(number, group), "state": state,
                     "since": (now - since) / SECOND if number in doing else None,
                     "answered": answered.get(number, 0)}
                )  # fmt: skip
        return found

    def _told(self, number: int) -> str:
        """Return what only an exchange tells of an agent who is free: rings, is on a break."""
        directory = self.board.directory
        if number in directory.ringing:
            return "offered"
        return "paused" if directory.states.get(number, "").startswith("paused") else "free"

    def _lost(self, log: ContactLog, midnight: int) -> list[dict[str, Any]]:
        """Return the calls that were given up today, the last first."""
        calls = log.contacts
        chosen = (calls["kind"] == ContactKind.CALL) & np.isin(calls["outcome"], LOST)
        serials = np.flatnonzero(chosen & (calls["ended"] >= midnight))
        again = set(calls["parent"][calls["kind"] == ContactKind.CALL].tolist())
        serials = serials[np.argsort(calls["ended"][serials])][::-1][:LISTED]
        return [
            {"id": int(serial), "at": int(calls["ended"][serial]),
             "topic": self._topic(log, int(serial)),
             "menu": bool(calls["outcome"][serial] == Outcome.ABANDONED_MENU),
             "lasted": int(calls["ended"][serial] - calls["born"][serial]) / SECOND,
             "again": int(serial) in again}
            for serial in serials
        ]  # fmt: skip

    def _callbacks(self, log: ContactLog, now: int) -> list[dict[str, Any]]:
        """Return the callbacks and forms that are open, the most urgent first."""
        tasks = log.contacts
        kinds = (ContactKind.CALLBACK, ContactKind.FORM)
        found = np.flatnonzero(np.isin(tasks["kind"], kinds) & (tasks["outcome"] == Outcome.OPEN))
        due = np.where(tasks["due"][found] == NONE, 2**62, tasks["due"][found])
        own = sorted(self.board.notes.open)
        born = len(log.contacts) - np.count_nonzero(self.board.serials() >= OWN)
        serials = self.board.serials()
        rows = []
        for serial in found[np.lexsort((found, due))][:LISTED]:
            known = int(serials[serial]) if serial >= born else NONE
            rows.append(
                {"id": str(known) if known in own else "", "topic": self._topic(log, int(serial)),
                 "form": bool(tasks["kind"][serial] == ContactKind.FORM),
                 "born": int(tasks["born"][serial]),
                 "due": None if tasks["due"][serial] == NONE else int(tasks["due"][serial]),
                 "overdue": bool(NONE < tasks["due"][serial] < now)}
            )  # fmt: skip
        return rows

    def _alerts(self, now: int) -> dict[str, Any]:
        return {
            "open": [
                {"name": name, "since": now / SECOND - since}
                for name, since in self.alerts.open.items()
            ],
            "log": [
                {"at": int(at * SECOND), "name": name, "raised": raised}
                for at, name, raised in self.alerts.log
            ],
        }

    def _event(self, event: Event) -> dict[str, Any]:
        directory = self.board.directory
        found: dict[str, Any] = {"at": event.at, "type": event.type}
        if event.family == "scenario":
            return found | {"change": [event.code, event.place, event.leg]}
        if event.contact != NONE and event.contact < OWN:
            found["contact"] = event.contact
        if 0 <= event.topic < len(directory.topics) and directory.topics[event.topic] != UNTOLD:
            found["topic"] = directory.topics[event.topic]
        places = directory.groups if event.family == "agent" else directory.queues
        if 0 <= event.place < len(places):
            found["place"] = places[event.place]
        return found

    def _levers(self) -> list[dict[str, Any]]:
        """Return what can be changed, about what, and what was said of it last."""
        if self.levers is None:
            return []
        scenario = self.board.centre.scenario
        said = {(change.lever, change.place): change.amount for _, change in self.levers.changes}
        found = []
        for lever in levers_of(scenario):
            names = names_of(scenario, lever) if lever not in (Lever.SPEED, Lever.STEP) else [""]
            places = range(len(names)) if names != [""] else [NONE]
            found.append(
                {"lever": int(lever), "name": lever.name.lower(), "places": names,
                 "said": [said.get((lever, place)) for place in places]}
            )  # fmt: skip
        menu = scenario.menu
        for row in found:
            row["file"] = menu.length if row["name"] == "menu" and menu is not None else None
        return found

    async def change(self, change: Change) -> None:
        """Change something; a SettingError says why it cannot be."""
        assert self.levers is not None
        await asyncio.to_thread(self.levers.change, change)

    def _topic(self, log: ContactLog, serial: int) -> str:
        topic = int(log.contacts["topic"][serial])
        names = self.board.directory.topics
        return names[topic] if 0 <= topic < len(names) and names[topic] != UNTOLD else ""

    def _agent(self, number: int, group: int) -> str:
        """Return what an agent is called: by the exchange, by the source, or by number."""
        directory = self.board.directory
        if number in directory.people:
            return directory.people[number]
        if number < len(directory.agents):
            return directory.agents[number]
        groups = self.board.centre.plan.groups
        first = int(groups["first_agent"][group]) if group < len(groups) else 0
        return f"{directory.groups[group]} {number - first + 1}"


class _Same:
    """The clock of the undisturbed day: it shows the time of the day as it is."""

    def __init__(self, board: Board) -> None:
        self._board = board

    @property
    def now(self) -> int:
        """Return the time."""
        return self._board.now

    @property
    def speed(self) -> float:
        """Return the speed."""
        return self._board.clock.speed


def side_by_side(frame: dict[str, Any]) -> dict[str, Any]:
    """Return of a frame what stands beside that of another run."""
    figures = {name: frame["today"][name] for name in COMPARED if name in frame["today"]}
    return {
        "now": frame["now"], "today": figures, "callbacks": frame["callbacks"],
        "waiting": frame["waiting"], "chart": frame["chart"],
    }  # fmt: skip
