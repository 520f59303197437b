"""compile_plan: a scenario, in words, becomes a plan, in tables."""

from typing import Any

import numpy as np

from simkcc.engine.chance import identity
from simkcc.engine.journeys import Journeys
from simkcc.engine.plan import (
    AtClose,
    ChangeKind,
    Plan,
    balk_dtype,
    change_dtype,
    group_dtype,
    hours_dtype,
    piece_dtype,
    queue_dtype,
    settings_dtype,
    span_dtype,
    stream_dtype,
)
from simkcc.engine.samplers import Samplers
from simkcc.engine.schedules import (
    BEYOND,
    Almanac,
    Pieces,
    Volume,
    hour_changes,
    most_places,
    pieces_of_date,
    roster_changes,
)
from simkcc.model.contact_log import DAY, NONE, SECOND, ContactKind, Origin
from simkcc.model.scenario import Scenario
from simkcc.routing.tables import AgentChoice, QueuePick, pull_dtype, route_dtype


def compile_plan(scenario: Scenario, callers_per_attempt: float = 1.0) -> Plan:
    """Return the tables of a scenario.

    callers_per_attempt: what a published volume of attempts is multiplied by to count callers.
    """
    almanac = Almanac(scenario)
    volume = Volume(almanac, scenario.demand)
    hours = _hours_by_name(scenario)
    samplers = Samplers(max(round(scenario.tick * SECOND), 1) / SECOND, hours)
    queues = {name: index for index, name in enumerate(scenario.queues)}
    journeys = Journeys(scenario, samplers, queues, hours)
    streams = _Streams(scenario, almanac, volume, journeys, callers_per_attempt)
    streams.add_all()
    spans, changes = _calendar(scenario, almanac, volume, hours)
    tables: dict[str, np.ndarray] = {
        "queues": _queues(scenario, samplers),
        "balks": _balks(scenario),
        "routes": _routes(scenario, samplers, hours),
        "pulls": _pulls(scenario),
        "groups": _groups(scenario, almanac, volume),
        "settings": _settings(scenario),
        "changes": changes,
    }
    tables |= spans | streams.arrays() | journeys.rows.arrays() | samplers.arrays()
    return Plan(
        **tables,
        topics=tuple(scenario.topics),
        topic_queues=tuple(
            NONE if topic.journey else queues[scenario.queue_of(name)]
            for name, topic in scenario.topics.items()
        ),
        queue_names=tuple(scenario.queues),
        group_names=tuple(scenario.groups),
        hours_names=tuple(hours),
        stream_names=tuple(streams.names),
        labels=tuple(journeys.rows.labels),
    )


def _hours_by_name(scenario: Scenario) -> dict[str, int]:
    """Return the index of each hours; `open` is first, around the clock if it is not defined."""
    names = ["open", *(name for name in scenario.hours if name != "open")]
    return {name: index for index, name in enumerate(names)}


def _calendar(
    scenario: Scenario, almanac: Almanac, volume: Volume, hours: dict[str, int]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    days = almanac.n_days + (BEYOND if scenario.horizon.end == "run_out" else 0)
    spans: list[tuple[int, int]] = []
    bounds = []
    changes: list[tuple[int, int, int, int]] = []
    for name, index in hours.items():
        own = almanac.all_spans(almanac.hours(name))
        bounds.append((len(spans), len(spans) + len(own)))
        spans += own
        changes += hour_changes(index, own)
    for index, queue in enumerate(scenario.queues.values()):
        if queue.at_close == "clear":
            first, last = bounds[hours[queue.hours or "open"]]
            changes += [
                (at, ChangeKind.CLEAR, index, 0)
                for at, _, _, opens in hour_changes(0, spans[first:last])
                if not opens
            ]
    for index, group in enumerate(scenario.groups.values()):
        changes += roster_changes(almanac, volume, group, index, days)
    kept = sorted(change for change in changes if change[0] <= days * DAY)
    tables = {"spans": np.array(spans, span_dtype), "hours": np.array(bounds, hours_dtype)}
    return tables, np.array(kept, change_dtype)


# ---------------------------------------------------------------------------------------------
# queues and groups


def _queues(scenario: Scenario, samplers: Samplers) -> np.ndarray:
    rows = []
    balks = 0
    for queue in scenario.queues.values():
        offer = queue.offer
        rows.append(
            (
                AtClose[queue.at_close.upper()],
                NONE if queue.capacity is None else queue.capacity,
                NONE if queue.limit is None else samplers.add_always(queue.limit),
                NONE if offer is None else samplers.add_always(offer.after),
                0.0 if offer is None else offer.accept,
                balks,
                balks + len(queue.balk),
            )
        )
        balks += len(queue.balk)
    return np.array(rows, queue_dtype)


def _balks(scenario: Scenario) -> np.ndarray:
    rows = [(b.waiting, b.share) for queue in scenario.queues.values() for b in queue.balk]
    return np.array(rows, balk_dtype)


def _routes(scenario: Scenario, samplers: Samplers, hours: dict[str, int]) -> np.ndarray:
    groups = {name: index for index, name in enumerate(scenario.groups)}
    width = max(len(queue.routes) for queue in scenario.queues.values())
    routes = np.zeros((len(scenario.queues), width), route_dtype)
    routes["group"] = routes["after"] = routes["hours"] = NONE
    for row, queue in zip(routes, scenario.queues.values(), strict=True):
        for rank, route in enumerate(queue.routes):
            row[rank]["group"] = groups[route.group]
            row[rank]["after"] = samplers.add(route.after)
            row[rank]["order"] = rank if route.order is None else route.order
            row[rank]["hours"] = NONE if route.hours is None else hours[route.hours]
            row[rank]["speed"] = route.speed
            row[rank]["weight"] = route.weight
    return routes


def _pulls(scenario: Scenario) -> np.ndarray:
    queues = list(scenario.queues)
    found = []
    for name, group in scenario.groups.items():
        served = [
            (queues.index(queue), rank)
            for queue, part in scenario.queues.items()
            for rank, route in enumerate(part.routes)
            if route.group == name
        ]
        order = [queues.index(queue) for queue in group.pulls or ()]
        found.append(
            sorted(
                served, key=lambda pull: order.index(pull[0]) if pull[0] in order else len(order)
            )
        )
    pulls = np.zeros((len(found), max(1, *(len(row) for row in found))), pull_dtype)
    pulls["queue"] = NONE
    for row, served in zip(pulls, found, strict=True):
        for place, (queue, rank) in enumerate(served):
            row[place] = (queue, rank)
    return pulls


def _groups(scenario: Scenario, almanac: Almanac, volume: Volume) -> np.ndarray:
    rows = []
    first = 0
    for name, group in scenario.groups.items():
        number = most_places(almanac, volume, group)
        rows.append(
            (
                first, number, AgentChoice[group.choice.upper()], QueuePick[group.pick.upper()],
                group.speed, round(group.switching * SECOND), group.absence,
                identity(group.stream or f"group {name}"),
            )
        )  # fmt: skip
        first += number
    return np.array(rows, group_dtype)


def _settings(scenario: Scenario) -> np.ndarray:
    settings = np.zeros(1, settings_dtype)
    settings["seed"] = scenario.seed
    settings["first_date"] = scenario.horizon.start.toordinal()
    settings["n_days"] = scenario.horizon.length
    settings["tick"] = max(round(scenario.tick * SECOND), 1)
    settings["day"] = DAY
    settings["until"] = scenario.horizon.length * DAY
    settings["run_out"] = scenario.horizon.end == "run_out"
    settings["lines"] = NONE if scenario.lines is None else scenario.lines
    settings["warm_up"] = scenario.horizon.warm_up_days * DAY
    threshold = scenario.norms.threshold
    marks = (threshold, scenario.norms.short_abandon, 20.0, 2 * threshold)
    settings["thresholds"] = np.array([round(mark * SECOND) for mark in marks])
    return settings


# ---------------------------------------------------------------------------------------------
# streams

KINDS = {
    "phone": ContactKind.CALL,
    "desk": ContactKind.VISIT,
    "mail": ContactKind.MAIL,
    "chat": ContactKind.CHAT,
    "case": ContactKind.CASE,
}
"""The kind of contact that comes by a channel."""


class _Streams:
    """Collects the streams of a scenario: topics, probes and backlogs."""

    def __init__(
        self, scenario: Scenario, almanac: Almanac, volume: Volume, journeys: Journeys, scale: float
    ) -> None:
        self.scenario, self.almanac, self.volume = scenario, almanac, volume
        self.journeys, self.scale = journeys, scale
        self.names: list[str] = []
        self.rows: list[tuple] = []
        self.days: list[list[int]] = []
        self.pieces: list[tuple[int, float]] = []
        self.moments: list[int] = []
        self.known: dict[tuple, int] = {}

    def add_all(self) -> None:
        """Add every stream, topics first, in the order of the file."""
        probes: dict[str, int] = {}
        for index, (name, topic) in enumerate(self.scenario.topics.items()):
            entry, probes[name] = self.journeys.call(name)
            stream = topic.stream or f"topic {name}"
            busy = self.scenario.demand.busyness_cv if topic.busyness else 0.0
            self._add(stream, entry, KINDS[topic.channel], index, busy)
            if topic.arrivals is not None:
                self._at_moments([round(at * SECOND) for at in topic.arrivals])
            else:
                self._by_rate(topic)
        for name, probe in self.scenario.probes.items():
            index = list(self.scenario.topics).index(probe.topic)
            self._add(f"probe {name}", probes[probe.topic], ContactKind.PROBE, index, 0.0)
            self._by_rate(probe)
        for name, callback in self.scenario.callbacks.items():
            if callback.backlog:
                kind = ContactKind.FORM if callback.kind == "form" else ContactKind.CALLBACK
                self._add(
                    f"backlog {name}", self.journeys.task(name), kind, 0, 0.0, Origin.BACKLOG,
                    callback.due_working_days, self.journeys.hours_of(callback.hours),
                )  # fmt: skip
                self._at_moments([0] * callback.backlog)

    def _add(
        self, name: str, entry: int, kind: ContactKind, topic: int, busyness_cv: float,
        origin: Origin = Origin.FIRST, due_days: int = NONE, hours: int = 0,
    ) -> None:  # fmt: skip
        self.names.append(name)
        self.rows.append(
            (
                identity(name), entry, kind, origin, topic,
                self.journeys.samplers.busyness(busyness_cv), identity("busyness"), NONE, NONE,
                due_days, hours,
            )
        )  # fmt: skip

    def _at_moments(self, moments: list[int]) -> None:
        first = len(self.moments)
        self.moments += moments
        row = list(self.rows[-1])
        row[7:9] = [first, len(self.moments)]
        self.rows[-1] = tuple(row)
        self.days.append([NONE] * self.almanac.n_days)

    def _by_rate(self, part: Any) -> None:
        rates: Any = part
        if not hasattr(part, "share"):
            rates = _ProbeRate(part.per_hour, part.hours)
        self.days.append(
            [
                self._piece_rows(
                    pieces_of_date(
                        self.almanac, self.volume, rates, self.scale, self.almanac.date(day)
                    )
                )
                for day in range(self.almanac.n_days)
            ]
        )

    def _piece_rows(self, pieces: Pieces) -> int:
        """Return the first row of a date's pieces; equal dates share them."""
        if not pieces:
            return NONE
        key = tuple(pieces)
        if key not in self.known:
            self.known[key] = len(self.pieces)
            self.pieces += [*pieces, (NONE, 0.0)]
        return self.known[key]

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the tables of the plan."""
        return {
            "streams": np.array(self.rows, stream_dtype),
            "days": np.array(self.days, np.int64).reshape(len(self.rows), self.almanac.n_days),
            "pieces": np.array(self.pieces or [(NONE, 0.0)], piece_dtype),
            "moments": np.array(self.moments, np.int64),
        }


class _ProbeRate:
    """A constant rate within hours, seen as a topic's volume."""

    share = per_year = rates = None

    def __init__(self, per_hour: float, hours: str) -> None:
        self.per_hour, self.hours = per_hour, hours
