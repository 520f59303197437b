"""`simkcc wallboard`: a live board of a simulated, recorded or real day."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simkcc.commands.options import Seed, Settings
from simkcc.errors import SettingError

if TYPE_CHECKING:
    from simkcc.dashboard.figures import Centre
    from simkcc.dashboard.server import Accept
    from simkcc.model.controls import Clock
    from simkcc.model.directory import Directory
    from simkcc.model.events import Event
    from simkcc.streams.ingest import Reader
    from simkcc.streams.store import Store

ANTWERP = "scenarios/antwerp.toml"


@dataclass
class Source:
    """Where the events of a board come from."""

    origin: str
    name: str
    """What people call it."""
    urn: str
    directory: "Directory"
    clock: "Clock"
    events: "AsyncIterator[Event] | None"
    reader: "Reader | None" = None
    simrun: str = ""


def wallboard(
    address: Annotated[
        str, typer.Argument(help="FILE.toml or FILE.toml:VARIANT; for real calls, its names and norms")
    ] = ANTWERP,
    speed: Annotated[float, typer.Option(help="Times as fast as our clock, 1 to 600")] = 60.0,
    at: Annotated[
        str, typer.Option(help="Time of day at which the clock starts; earlier calls are told at once")
    ] = "09:30",
    day: Annotated[
        str | None, typer.Option("--date", help="Day that is simulated; the scenario's first if absent")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(help="A recorded day: JSON lines of CloudEvents")
    ] = None,
    listen: Annotated[
        str | None, typer.Option(help="Show real calls: CloudEvents of this source, by POST /events")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="File with the token that senders of events show")
    ] = None,
    store: Annotated[
        str | None, typer.Option(help="Event store: a file for SQLite, or postgresql://…")
    ] = None,
    keep_days: Annotated[int, typer.Option(min=1, help="Days the store keeps")] = 31,
    export: Annotated[
        Path | None, typer.Option(help="Write what the store keeps as .jsonl or .parquet, and stop")
    ] = None,
    boards: Annotated[Path | None, typer.Option(help="Boards, tiles and norms: a TOML file")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port")] = 5006,
    bind: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    hosts: Annotated[
        list[str] | None, typer.Option("--host", help="Name by which viewers call the server")
    ] = None,
    without_login: Annotated[
        bool, typer.Option("--without-login", help="Let everybody on the network see the board")
    ] = False,
    zone: Annotated[str, typer.Option(help="Time zone of the centre")] = "Europe/Brussels",
    settings: Settings = None,
    seed: Seed = None,
) -> None:  # fmt: skip
    """Show a centre live at http://127.0.0.1:5006/tv; by default a simulated day in Antwerp."""
    from simkcc.dashboard.server import LOOPBACK, Access
    from simkcc.dashboard.settings import read_settings

    if bind not in LOOPBACK and not without_login:
        raise SettingError(
            f"--bind {bind}: everybody who reaches that address would see the board without logging "
            "in; put a proxy with a login before 127.0.0.1, or say --without-login"
        )
    if replay is not None and listen is not None:
        raise SettingError("--replay and --listen: give one of them; a board has one source")
    chosen = read_settings(boards)
    extra = [f"horizon.start={day}"] if day else []
    centre, scale_seed = _centre(address, [*(settings or []), *extra], seed)
    opened: Store | None = None
    if listen is not None:
        source = _live(centre, listen, zone)
        store = store or _default_store(centre)
    elif replay is not None:
        source = _replayed(centre, replay, speed, at, zone)
    else:
        source = _simulated(centre, address, scale_seed, speed, at, zone)
    if store is not None:
        opened = _store(store, source)
        if export is not None:
            typer.echo(f"{opened.export(export)} events written to {export}")
            return
    access = Access((*LOOPBACK, bind, *(hosts or [])), _token(token_file, listen))
    asyncio.run(_serve(centre, source, opened, keep_days, chosen, access, port, bind))


def _centre(address: str, settings: list[str], seed: int | None) -> "tuple[Centre, int]":
    """Return the centre of a scenario file, and the seed of its chance."""
    from simkcc.analysis.results import deflation
    from simkcc.dashboard.figures import Centre
    from simkcc.engine.compile import compile_plan
    from simkcc.model.files import load_scenario, parse_address
    from simkcc.screen import PROGRESS

    path, variant = parse_address(address)
    scenario = load_scenario(path, variant, settings).scenario
    seed = scenario.seed if seed is None else seed
    with PROGRESS.shown():
        plan = compile_plan(scenario, deflation(scenario, seed)).seeded(seed, 0)
    return Centre(scenario, plan), seed


def _simulated(centre: "Centre", address: str, seed: int, speed: float, at: str, zone: str) -> Source:
    from simkcc.streams.simulated import Simulated

    simulated = Simulated(centre.plan, zone, _moment(at), speed)
    name = centre.scenario.name or Path(address.partition(":")[0]).stem
    variant = address.partition(".toml:")[2] or "base"
    date = simulated.directory.first_date.isoformat()
    return Source(
        "sim", f"{name}:{variant}, {date}", f"urn:simkcc:{name}", simulated.directory, simulated,
        simulated.events(), simrun=f"{variant}-{seed}-{date}",
    )  # fmt: skip


def _replayed(centre: "Centre", path: Path, speed: float, at: str, zone: str) -> Source:
    from simkcc.streams.replay import Replay

    directory = _names(centre, zone)
    replayed = Replay(path, directory, speed, _moment(at))
    return Source(
        "replay", path.name, f"urn:simkcc:replay:{path.name}", directory, replayed,
        replayed.events(), replayed.reader,
    )  # fmt: skip


def _live(centre: "Centre", urn: str, zone: str) -> Source:
    from datetime import datetime

    from simkcc.streams.ingest import Reader
    from simkcc.streams.pace import WallClock

    directory = _names(centre, zone)
    directory.first_date = datetime.now(directory.zone).date()
    clock = WallClock(directory)
    return Source("live", urn, urn, directory, clock, None, Reader(urn, simulated=False))


def _names(centre: "Centre", zone: str) -> "Directory":
    """Return the names a scenario gives to the numbers of events."""
    from datetime import date
    from zoneinfo import ZoneInfo

    from simkcc.model.directory import Directory

    plan = centre.plan
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise SettingError(f"--zone {zone}: no such zone; give one like Europe/Brussels") from None
    first = date.fromordinal(int(plan.settings[0]["first_date"]))
    return Directory(first, place, list(plan.queue_names), list(plan.topics), list(plan.group_names))


def _store(url: str, source: Source) -> "Store":
    """Return the store of a source; a simulation goes on where the store ends."""
    from simkcc.streams.simulated import Simulated
    from simkcc.streams.store import Store

    opened = Store(url, source.urn, source.origin, source.directory, source.simrun)  # type: ignore[arg-type]
    if isinstance(source.clock, Simulated) and opened.last > source.clock.now:
        source.clock.move_to(opened.last)
    return opened


def _default_store(centre: "Centre") -> str:
    """Return the file in which real events are kept unless another is given."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "simkcc"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{home}: {error.strerror}; give --store") from None
    return str(home / f"{centre.scenario.name or 'events'}.db")


def _moment(at: str) -> int:
    """Return a time of day in microseconds."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", at)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise SettingError(f"--at {at}: give a time of day like 09:30")
    return (int(match[1]) * 3600 + int(match[2]) * 60) * 1_000_000


def _token(path: Path | None, listen: str | None) -> str:
    if path is None:
        if listen is not None:
            raise SettingError("--listen: give --token-file, a file with the token of the sender")
        return ""
    try:
        token = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"--token-file {path}: cannot be read ({error})") from None
    if len(token) < 16:
        raise SettingError(f"--token-file {path}: the token is shorter than 16 characters")
    return token


async def _serve(
    centre: "Centre", source: Source, store: "Store | None", keep_days: int, chosen: object,
    access: object, port: int, bind: str,
) -> None:  # fmt: skip
    from collections import Counter

    from simkcc.dashboard.board import Board
    from simkcc.dashboard.hub import LOG, Feed, Hub
    from simkcc.dashboard.logs import start_logs
    from simkcc.dashboard.serve import serve
    from simkcc.dashboard.server import application, listen

    start_logs()
    reader = source.reader
    board = Board(
        centre, source.directory, source.clock, chosen,  # type: ignore[arg-type]
        (lambda: reader.malformed) if reader else Counter,
    )  # fmt: skip
    hub = Hub(board, Feed(source.origin, source.name), store.append if store else None)
    if store is not None and source.origin == "live":
        for events in store.read():
            hub.restore(events)
    accept = _accept(hub.take, source) if source.origin == "live" else None
    server = listen(application(hub, access, accept), port, bind)  # type: ignore[arg-type]
    ports = [each.getsockname()[1] for each in server._sockets.values()]
    LOG.info("board ready", extra={"address": f"http://{bind}:{ports[0]}/tv", "source": source.name})
    hourly: Callable[[], None] = lambda: None  # noqa: E731
    if store is not None:
        hourly = lambda: store.forget(source.clock.now, keep_days)  # noqa: E731
    await serve(hub, server, source.events, hourly)
    if store is not None:
        store.close()


def _accept(take: "Callable[[list[Event]], object]", source: Source) -> "Accept":
    """Return what takes an HTTP body of events."""
    reader, directory = source.reader, source.directory
    assert reader is not None

    async def accept(body: bytes, kind: str) -> tuple[int, list[str]]:
        events, refused = reader.body(body, kind)
        shifted = [reader.since(event, directory.first_date) for event in events]
        if shifted:
            await take(shifted)  # type: ignore[misc]
        return len(events), refused

    return accept
