"""Where the events of a board come from: a simulated day, a recording, or real calls."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simkcc.errors import SettingError

if TYPE_CHECKING:
    from collections import Counter
    from datetime import date
    from zoneinfo import ZoneInfo

    from simkcc.dashboard.figures import Centre
    from simkcc.model.cloudevents import EventOrigin
    from simkcc.model.controls import Clock
    from simkcc.model.directory import Directory
    from simkcc.model.events import Event
    from simkcc.streams.ingest import Reader
    from simkcc.streams.receipts import Receipts
    from simkcc.streams.source import Recording
    from simkcc.streams.source import Source as Heard
    from simkcc.streams.store import Store


@dataclass
class Source:
    """Where the events of a board come from."""

    origin: "EventOrigin"
    name: str
    """What people call it."""
    urn: str
    directory: "Directory"
    clock: "Clock"
    events: "AsyncIterator[Event] | None"
    reader: "Reader | None" = None
    simrun: str = ""
    refused: "Counter[str] | None" = None
    """What could not be read, counted by kind."""
    heard: "Heard | None" = None
    """The connection or recording behind it, if there is one."""


def with_levers(centre: "Centre") -> "Centre":
    """Return a centre with room for the agents that somebody may add while it runs."""
    from dataclasses import replace

    from simkcc.engine.live import with_room
    from simkcc.model.interventions import MOST_SPARE

    return replace(centre, plan=with_room(centre.plan, MOST_SPARE))


def simulated(centre: "Centre", run: str, speed: float, start: int, zone: str) -> Source:
    """Return a day of the reference engine. run: name of the scenario and variant."""
    from simkcc.streams.simulated import Simulated

    names = names_of(centre, zone)
    playing = Simulated(centre.plan, names, start, speed, centre.scenario)
    seed = int(centre.plan.settings[0]["seed"])
    return Source(
        "sim", run, f"urn:simkcc:{run}", names, playing, playing.events(),
        simrun=f"seed-{seed}-{names.first_date.isoformat()}",
    )  # fmt: skip


def replayed(centre: "Centre | None", recording: "Recording", name: str, speed: float,
             start: int | None) -> Source:  # fmt: skip
    """Return a recorded day. With a centre, queues and topics have the numbers of its scenario."""
    from simkcc.streams.replay import Replay

    directory = recording.directory
    if centre is not None:
        plan = centre.plan
        directory.queues[:] = plan.queue_names
        directory.topics[:] = plan.topics
        directory.groups[:] = plan.group_names
    recorded = Replay(recording, speed, start)
    return Source(
        "replay", name, f"urn:simkcc:replay:{name}", directory, recorded, recorded.events(),
        refused=recording.troubles, heard=recording,
    )  # fmt: skip


def live(centre: "Centre", urn: str, zone: str) -> Source:
    """Return real calls, told over HTTP."""
    from simkcc.streams.ingest import Reader
    from simkcc.streams.pace import WallClock

    directory = names_of(centre, zone)
    directory.first_date = _today(directory)
    clock, reader = WallClock(directory), Reader(directory, urn, simulated=False)
    return Source("live", urn, urn, directory, clock, None, reader, refused=reader.malformed)


def connected(source: "Heard", name: str) -> Source:
    """Return real calls, as an exchange tells of them."""
    from simkcc.streams.pace import WallClock

    source.directory.first_date = _today(source.directory)
    clock = WallClock(source.directory)
    return Source(
        "live", name, f"urn:simkcc:{name}", source.directory, clock, source.events(),
        refused=source.troubles, heard=source,
    )  # fmt: skip


def tells_again(source: Source) -> bool:
    """Return whether a source tells all of its past each time it is opened."""
    from simkcc.streams.queue_log_file import LogFollower

    return isinstance(source.heard, LogFollower)


def receipts_of(source: Source) -> "Receipts | None":
    """Return the receipts of what a source takes, to be settled when it is kept; None if it gives none."""
    found = source.reader or getattr(source.heard, "reading", None)
    receipts: Receipts | None = getattr(found, "receipts", None)
    if receipts is not None:
        assert found is not None
        receipts.wanted = found.numbering.names.wanted = True
    return receipts


def go_on(source: Source, store: "Store") -> "list[Event]":
    """Let a connection go on behind what is kept of it; return the ends of what cannot go on.

    Where a broker keeps for us what comes meanwhile, calls under way go on. Any other exchange is met
    anew: its calls get numbers of their own. Whoever hands events over by HTTP sends again what did not
    arrive, and may number the calls itself: what cannot go on is told once it is seen that it does not.
    """
    from simkcc.streams.endings import endings
    from simkcc.streams.resuming import resume

    reader, now = source.reader, source.clock.now
    if reader is not None:
        reader.before_named = lambda: resume(reader, store, now)
    if source.heard is None or tells_again(source):
        return []
    reading: Any = getattr(source.heard, "reading", None)
    if source.heard.resumes:
        return resume(reading, store, now)
    if reading is not None:
        reading.numbering.go_on(store.next_contact)
    return endings(event for events in store.read() for event in events)


def undescribed(settings: list[str], seed: int | None) -> "Centre":
    """Return a centre of which only its source tells, with the norms that settings give."""
    from importlib.resources import as_file, files

    from simkcc.dashboard.figures import Centre
    from simkcc.engine.compile import compile_plan
    from simkcc.model.files import load_scenario

    with as_file(files("simkcc.dashboard") / "boards" / "exchange.toml") as path:
        scenario = load_scenario(path, None, settings).scenario
    return Centre(scenario, compile_plan(scenario).seeded(seed or 0, 0), described=False)


def _today(directory: "Directory") -> "date":
    from datetime import datetime

    return datetime.now(directory.zone).date()


def names_of(centre: "Centre", zone: str) -> "Directory":
    """Return the names a scenario gives to the numbers of events."""
    from datetime import date

    from simkcc.model.directory import Directory

    plan, place = centre.plan, zone_of(zone)
    first = date.fromordinal(int(plan.settings[0]["first_date"]))
    return Directory(
        first, place, list(plan.queue_names), list(plan.topics), list(plan.group_names)
    )


def zone_of(name: str) -> "ZoneInfo":
    """Return a time zone by its name."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise SettingError(f"--zone {name}: no such zone; give one like Europe/Brussels") from None


def moment(at: str) -> int:
    """Return a time of day in microseconds."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", at)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise SettingError(f"--at {at}: give a time of day like 09:30")
    return (int(match[1]) * 3600 + int(match[2]) * 60) * 1_000_000
