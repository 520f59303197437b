"""The board: events in, one snapshot out. It keeps a ledger and derives all else from it."""

from collections import Counter, deque
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import numpy as np

from simkcc.analysis.ledger import Ledger
from simkcc.dashboard import now as live
from simkcc.dashboard.figures import Centre, day_figures
from simkcc.dashboard.notes import Notebook
from simkcc.dashboard.settings import METRIC_OF, Settings
from simkcc.dashboard.told import as_told
from simkcc.model.contact_log import DAY, SECOND, ContactLog, LegKind
from simkcc.model.controls import Clock
from simkcc.model.directory import Directory
from simkcc.model.events import Event, Happening
from simkcc.model.interventions import CLOCK, PERMANENCES, Lever

MINUTE = 60 * SECOND

LEVERS = frozenset(Lever)

PERMANENCE_WORDS = ("constant", "urgent only", "always a form", "no rule")
"""In the order of PERMANENCES."""

DIFFERS = "differs by department"

RECENT = 1000
"""Events kept to be read one by one."""

ALIVE = (Happening.HEARTBEAT, Happening.SNAPSHOT)
"""What says only that the source is there."""


class Board:
    """What a centre's day looks like, as far as events tell."""

    def __init__(
        self, centre: Centre, directory: Directory, clock: Clock, settings: Settings,
        refused: Counter[str] | None = None,
    ) -> None:  # fmt: skip
        """refused: how many events the source could not read, by reason; it goes on counting."""
        self.centre, self.directory, self.clock = centre, directory, clock
        self.settings = settings
        self.events = 0
        self.recent: deque[Event] = deque(maxlen=RECENT)
        self.notes = Notebook()
        self.changes: dict[Event, None] = {}
        self._ledger = Ledger()
        self.gap = False
        """Whether the source has lost its exchange."""
        self.gaps = 0
        self.forecast: dict[str, Any] | None = None
        """What the next half hour may bring, if somebody works it out."""
        self.told = 0
        """When the last thing the source told happened, in microseconds."""
        self._last = 0
        self._today = 0
        self._opened = 0
        self._out_of_range: Counter[str] = Counter()
        self._refused = Counter() if refused is None else refused

    def apply(self, events: Iterable[Event]) -> None:
        """Take events into account; what cannot be is counted."""
        topics, queues = len(self.directory.topics), len(self.directory.queues)
        for event in events:
            self.events += 1
            lost = event.family == "stream" and event.what is Happening.GAP
            self.gap, self.gaps = lost, self.gaps + lost
            self.told = max(self.told, event.at)
            if event.family == "stream" and event.what in ALIVE:
                continue
            self.recent.append(event)
            if event.type == "scenario.changed" and event.code in LEVERS:
                self.changes[event] = None
                continue
            limit = len(self.directory.groups) if event.family == "agent" else queues
            if event.topic >= topics or event.place >= limit:
                self._out_of_range["unknown name"] += 1
                continue
            if self.notes.apply(event):
                continue
            self._ledger.apply(event)
            self._last = max(self._last, event.at)
            if event.at // DAY > self._opened // DAY or not self._opened:
                self._opened = event.at

    @property
    def now(self) -> int:
        """Return the time at the source: by its clock, but not before its last event."""
        return max(self.clock.now, self._last)

    def log(self) -> ContactLog:
        """Return the contact log so far."""
        return self._ledger.log()

    def serials(self) -> np.ndarray:
        """Return what a source calls each contact of the log."""
        return self._ledger.serials()

    @property
    def rejected(self) -> Counter[str]:
        """Return how many events are not on the board, by reason."""
        ledger = {str(reason): number for reason, number in self._ledger.rejected.items()}
        return Counter(ledger) + self._out_of_range + self._refused

    def snapshot(self) -> dict[str, Any]:
        """Return everything the tiles show, in words of JSON and no language."""
        now = self.now
        if now // DAY > self._today:
            self._today = now // DAY
            self._ledger.retire(self._today * DAY)
        log = self._ledger.log()
        names = self.directory
        found = day_figures(log, self.centre, now, len(names.topics), len(names.queues))
        waits = live.waiting(log, len(self.directory.queues))
        groups = live.agents(log, len(self.directory.groups))
        day = self.directory.first_date + timedelta(days=now // DAY)
        frame = {
            "now": now % DAY,
            "day": now // DAY,
            "date": day.isoformat(),
            "speed": self.clock.speed,
            "events": self.events,
            "told": {"at": self.told % DAY, "day": self.told // DAY},
            "rejected": {"n": sum(self.rejected.values()), "by": dict(self.rejected)},
            "waiting": self._waiting(waits, now),
            **self._agents(log, groups),
            "desk": self._desk(log, now),
            "permanence": self._permanence(),
            "gap": self.gap,
            "unknown": self._unknown(found["unknown"]),
            "left_unknown": found["left_unknown"],
            "provider": self._provider(groups),
            "lines": self._lines(waits, found, now),
            "chart": self._chart(log, found, now),
            "changes": self._changed(now),
            "notes": self.notes.today(now),
            "forecast": self.forecast,
            **self._figures(found, now),
        }
        return as_told(frame, names, now)

    def _unknown(self, tiles: list[str]) -> list[str]:
        """Return the tiles about which nothing is told, or nothing can be told by this source."""
        cannot = {"reasons": ["abandoned_queue"], "calls": ["asa"]}
        never = [tile for part in self.directory.partial for tile in cannot.get(part, [])]
        silent = [] if self.centre.described or self.notes.any else ["desk"]
        return sorted({*tiles, *never, *silent})

    def _figures(self, found: dict[str, Any], now: int) -> dict[str, Any]:
        today, lately = found["today"], found["lately"]
        for name, figure in METRIC_OF.items():
            today[figure]["status"] = self.settings.status(name, today[figure]["v"])
        today["sl"]["status"] = self.settings.status("service_level", today["sl"]["v"])
        lately["sl"]["status"] = self.settings.status("service_level", lately["sl"]["v"])
        callbacks = found["callbacks"]
        callbacks["status"] = self.settings.status("callbacks", callbacks["overdue"])
        callbacks["oldest"] = _ago(callbacks["oldest"], now)
        return {
            "today": today, "lately": lately, "missed": found["missed"], "callbacks": callbacks,
            "in_conversation": found["in_conversation"], "cases": found["cases"],
        }  # fmt: skip

    def _waiting(self, waits: dict[str, Any], now: int) -> dict[str, Any]:
        oldest = _ago(waits["oldest"], now)
        status = self.settings.status("longest_wait", 0.0 if oldest is None else oldest)
        return {"n": waits["n"], "menu": waits["menu"], "oldest": oldest, "status": status}

    def _desk(self, log: ContactLog, now: int) -> dict[str, Any]:
        found = live.desk(log, self.centre.plan)
        return found | {"oldest": _ago(found["oldest"], now)}

    def _permanence(self) -> str | None:
        """Return how the second line can be reached now; nothing if there is none."""
        lines = self.centre.scenario.second_lines.values()
        kinds = [PERMANENCES.index(line.permanence) for line in lines]
        for event in self.changes:
            if event.code == Lever.PERMANENCE and event.place < len(kinds):
                kinds[event.place] = event.leg
        words = {PERMANENCE_WORDS[kind] for kind in kinds}
        return DIFFERS if len(words) > 1 else next(iter(words), None)

    def _agents(self, log: ContactLog, groups: list[dict[str, int]]) -> dict[str, Any]:
        """Return what agents do, and which of these numbers are only about right.

        Whose telephone rings is among the free for the exchange. Where nobody tells of after-call
        work, it is inferred or not known, and who is free is not sure either.
        """
        total: Counter[str] = Counter()
        for group in groups:
            total.update(group)
        busy = total["there"] - total["free"]
        rings = min(len(self.directory.ringing), total["free"])
        reasons = Counter(
            state.removeprefix("paused").strip()
            for state in self.directory.states.values()
            if state.startswith("paused")
        )
        total["free"] -= rings
        more = {"offered": rings, "paused": reasons.total(), "reasons": dict(reasons)}
        found: dict[str, Any] = {**total, **more, "busy": busy, "groups": groups}
        if self.directory.wrap_up_told:
            return {"agents": found, "about": []}
        if LegKind.WRAP not in log.legs["kind"]:
            found["wrap"] = None
        return {"agents": found, "about": ["agents.free", "agents.wrap"]}

    def _provider(self, groups: list[dict[str, int]]) -> dict[str, int]:
        """Return what the agents of providers do: in use, free, there."""
        parts = self.centre.scenario.groups.values()
        outside = [found for part, found in zip(parts, groups, strict=False) if part.provider]
        there, free = (sum(found[key] for found in outside) for key in ("there", "free"))
        return {"there": there, "free": free, "busy": there - free}

    def _lines(
        self, waits: dict[str, Any], found: dict[str, Any], now: int
    ) -> list[dict[str, Any]]:
        lines = []
        for number, name in enumerate(self.directory.queues):
            line: dict[str, Any] = dict(waits["queues"][number], name=name)
            line["oldest"] = _ago(line["oldest"], now)
            line["status"] = self.settings.status(
                "longest_wait", 0.0 if line["oldest"] is None else line["oldest"]
            )
            if number < len(found["queues"]):
                line.update(found["queues"][number])
                line["sl"]["status"] = (
                    self.settings.status("service_level", line["sl"]["v"])
                    if self.centre.of_parts == self.centre.headline
                    else "none"
                )
            lines.append(line)
        return lines

    def _chart(self, log: Any, found: dict[str, Any], now: int) -> dict[str, Any]:
        """Return the columns of the charts: per half hour, and per minute so far."""
        first, last = self.hours(now)
        parts = found["half_hours"][first // 30 : -(-last // 30)]
        midnight = now // DAY * DAY
        minutes = np.arange(first, min(last, (now - midnight) // MINUTE) + 1)
        waits = live.waiting_over(log, midnight + minutes * MINUTE)
        return {
            "first": first, "last": last,
            "offered": [part["offered"]["num"] for part in parts],
            "answered": [part["answered"]["num"] for part in parts],
            "abandoned": [part["abandonment"]["num"] for part in parts],
            "sl": [part["sl"]["v"] for part in parts],
            "waiting": waits.tolist(),
        }  # fmt: skip

    def _changed(self, now: int) -> list[dict[str, Any]]:
        """Return what was changed in the centre today, and when, in minutes since midnight."""
        midnight = now // DAY * DAY
        return [
            {"at": (event.at - midnight) / MINUTE, "change": [event.code, event.place, event.leg]}
            for event in self.changes
            if event.at >= midnight and event.code not in CLOCK
        ]

    def hours(self, now: int) -> tuple[int, int]:
        """Return from when to when the charts of the day of `now` reach, in minutes."""
        plan, midnight = self.centre.plan, now // DAY * DAY
        if not self.centre.described:
            first = max(self._opened, midnight) - midnight
            first, last = first // (30 * MINUTE), max(now - midnight, first) // (30 * MINUTE) + 1
            return 30 * max(0, min(first, 44)), 30 * max(last, min(first + 4, 48))
        if "open" in plan.hours_names:
            hours = plan.hours[plan.hours_names.index("open")]
            spans = plan.spans[hours["first"] : hours["last"]]
            spans = spans[(spans["start"] >= midnight) & (spans["start"] < midnight + DAY)]
            if len(spans):
                opens, closes = int(spans["start"].min()), int(spans["end"].max())
                first = (opens - midnight) // (30 * MINUTE) * 30
                return first, -(-(closes - midnight) // (30 * MINUTE)) * 30
        return 0, 1440


def _ago(at: int | None, now: int) -> float | None:
    """Return how many seconds ago something began."""
    return None if at is None else max(now - at, 0) / SECOND
