"""`simkcc wallboard`: a live board of a simulated, recorded or real day."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simkcc.commands.options import Seed, Settings
from simkcc.commands.sources import Source, live, moment, replayed, simulated
from simkcc.errors import SettingError

if TYPE_CHECKING:
    from simkcc.dashboard.board import Board
    from simkcc.dashboard.figures import Centre
    from simkcc.dashboard.hub import Hub
    from simkcc.dashboard.server import Accept, Access
    from simkcc.streams.store import Store

File = Annotated[
    str, typer.Argument(help="FILE.toml or FILE.toml:VARIANT; for real calls, its names and norms")
]
Speed = Annotated[float, typer.Option(help="Times as fast as our clock, 1 to 600")]
At = Annotated[
    str, typer.Option(help="Time of day at which the clock starts; earlier calls are told at once")
]
Day = Annotated[
    str | None, typer.Option("--date", help="Day that is simulated; the scenario's first if absent")
]
Replay = Annotated[Path | None, typer.Option(help="A recorded day: JSON lines of CloudEvents")]
Listen = Annotated[
    str | None, typer.Option(help="Show real calls: CloudEvents of this source, by POST /events")
]
TokenFile = Annotated[
    Path | None, typer.Option(help="File with the token that senders of events show")
]
StoreUrl = Annotated[
    str | None, typer.Option("--store", help="Event store: a file for SQLite, or postgresql://…")
]
KeepDays = Annotated[int, typer.Option(min=1, help="Days the store keeps")]
Export = Annotated[
    Path | None, typer.Option(help="Write what the store keeps as .jsonl or .parquet, and stop")
]
Boards = Annotated[Path | None, typer.Option(help="Boards, tiles and norms: a TOML file")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port")]
Bind = Annotated[str, typer.Option(help="Address to listen on")]
Hosts = Annotated[
    list[str] | None, typer.Option("--host", help="Name by which viewers call the server")
]
WithoutLogin = Annotated[
    bool, typer.Option("--without-login", help="Let everybody on the network see the board")
]
Zone = Annotated[str, typer.Option(help="Time zone of the centre")]


def wallboard(
    address: File = "scenarios/antwerp.toml",
    speed: Speed = 60.0,
    at: At = "09:30",
    day: Day = None,
    replay: Replay = None,
    listen: Listen = None,
    token_file: TokenFile = None,
    store: StoreUrl = None,
    keep_days: KeepDays = 31,
    export: Export = None,
    boards: Boards = None,
    port: Port = 5006,
    bind: Bind = "127.0.0.1",
    hosts: Hosts = None,
    without_login: WithoutLogin = False,
    zone: Zone = "Europe/Brussels",
    settings: Settings = None,
    seed: Seed = None,
) -> None:
    """Show a centre live at http://127.0.0.1:5006/tv; by default a simulated day in Antwerp."""
    from simkcc.dashboard.server import LOOPBACK, Access
    from simkcc.dashboard.settings import read_settings, settings_of

    if bind not in LOOPBACK and not without_login:
        raise SettingError(
            f"--bind {bind}: everybody who reaches that address would see the board without logging "
            "in; put a proxy with a login before 127.0.0.1, or say --without-login"
        )
    if replay is not None and listen is not None:
        raise SettingError("--replay and --listen: give one of them; a board has one source")
    if export is not None and store is None:
        raise SettingError("--export: give --store, the event store to write from")
    start = moment(at)
    read_settings(boards)
    access = Access((*LOOPBACK, bind, *(hosts or [])), _token(token_file, listen))
    days = [] if day is None else [f"horizon.start={day}"]
    centre, name = _centre(address, [*(settings or []), *days], seed)
    chosen = settings_of(centre.scenario, boards)
    if listen is not None:
        source = live(centre, listen, zone)
        store = store or _default_store(centre)
    elif replay is not None:
        source = replayed(centre, replay, speed, start, zone)
    else:
        source = simulated(centre, name, speed, start, zone)
    opened = None if store is None else _store(store, source)
    if opened is not None and export is not None:
        typer.echo(f"{opened.export(export)} events written to {export}")
        return

    async def serve() -> None:
        from simkcc.dashboard.board import Board

        refused = source.reader.malformed if source.reader else None
        board = Board(centre, source.directory, source.clock, chosen, refused)
        await _serve(board, source, opened, keep_days, access, (bind, port))

    asyncio.run(serve())


def _centre(address: str, settings: list[str], seed: int | None) -> "tuple[Centre, str]":
    """Return the centre of a scenario file, and the name of its run."""
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
    name = scenario.name or path.stem
    return Centre(scenario, plan), f"{name}:{variant}" if variant else name


def _store(url: str, source: Source) -> "Store":
    """Return the store of a source; a simulation goes on where the store ends."""
    from simkcc.streams.simulated import Simulated
    from simkcc.streams.store import Store

    opened = Store(url, source.urn, source.origin, source.directory, source.simrun)
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
    board: "Board", source: Source, store: "Store | None", keep_days: int, access: "Access",
    where: tuple[str, int],
) -> None:  # fmt: skip
    from simkcc.dashboard.hub import LOG, Feed, Hub
    from simkcc.dashboard.logs import start_logs
    from simkcc.dashboard.serve import serve
    from simkcc.dashboard.server import application, listen, port_of

    start_logs()
    hub = Hub(board, Feed(source.origin, source.name), store.append if store else None)
    if store is not None and source.origin == "live":
        for events in store.read():
            board.apply(events)
    accept = _accept(hub, source) if source.origin == "live" else None
    server = listen(application(hub, access, accept), where[1], where[0])
    address = f"http://{where[0]}:{port_of(server)}/tv"
    LOG.info("board ready", extra={"address": address, "source": source.name})

    def forget() -> None:
        if store is not None:
            store.forget(source.clock.now, keep_days)

    await serve(hub, server, source.events, forget)
    if store is not None:
        store.close()


def _accept(hub: "Hub", source: Source) -> "Accept":
    """Return what takes an HTTP body of events."""
    reader, directory = source.reader, source.directory
    assert reader is not None

    async def accept(body: bytes, kind: str) -> tuple[int, list[str]]:
        events, refused = reader.body(body, kind)
        if events:
            await hub.take([reader.since(event, directory.first_date) for event in events])
        return len(events), refused

    return accept
