"""`simkcc wallboard`: a live board of a simulated, recorded or real day."""

import os
import re
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simkcc.commands import options
from simkcc.commands.doors import AddUser, BoardKey, Header, Proxies, UsersFile, login_of
from simkcc.commands.listen import door_of
from simkcc.commands.options import LogForm
from simkcc.commands.sources import (
    Source,
    connected,
    go_on,
    live,
    moment,
    receipts_of,
    replayed,
    simulated,
    tells_again,
    undescribed,
    with_levers,
)
from simkcc.dashboard.logs import start_logs
from simkcc.errors import SettingError

if TYPE_CHECKING:
    from simkcc.dashboard.board import Board
    from simkcc.dashboard.figures import Centre
    from simkcc.dashboard.hub import Hub
    from simkcc.dashboard.server import Accept, Access
    from simkcc.streams.store import Store

File = Annotated[
    str | None,
    typer.Argument(help="FILE.toml or FILE.toml:VARIANT; for real calls, its names and norms"),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        help="Show what a source tells: asterisk://user:secret@host, queue_log:FILE, "
        "asterisk+file:FILE, an event file, a store, …",
    ),
]
Speed = Annotated[float, typer.Option(help="Times as fast as our clock, 1 to 600")]
At = Annotated[
    str | None,
    typer.Option(
        help="Time of day at which the clock starts, 09:30 of a simulation; earlier calls are "
        "told at once"
    ),
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
QueueLog = Annotated[
    Path | None, typer.Option("--queue-log", help="Asterisk's queue_log: why callers left")
]
Zone = Annotated[str, typer.Option(help="Time zone of the centre")]
Plain = Annotated[
    bool,
    typer.Option("--without-forecast", help="Do not work out what the next half hour may bring"),
]
LogAs = Annotated[LogForm, typer.Option("--log", help="auto: text on a terminal, else JSON")]


def wallboard(
    address: File = None,
    source: From = None,
    speed: Speed = 60.0,
    at: At = None,
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
    users: UsersFile = None,
    add_user: AddUser = None,
    board_key: BoardKey = None,
    header: Header = "",
    proxies: Proxies = None,
    zone: Zone = "Europe/Brussels",
    queue_log: QueueLog = None,
    log: LogAs = LogForm.AUTO,
    plain: Plain = False,
    settings: options.Settings = None,
    seed: options.Seed = None,
) -> None:
    """Show a centre live at http://127.0.0.1:5006/tv; by default a simulated day in Antwerp."""
    from simkcc.dashboard.board import Board
    from simkcc.dashboard.server import LOOPBACK, Access
    from simkcc.dashboard.settings import read_settings, settings_of

    login = login_of(users, add_user, board_key, header, proxies)
    if login is None:
        return
    _check(bind, without_login or login.needed, export, store, [replay, listen, source])
    start = None if at is None else moment(at)
    read_settings(boards)
    start_logs(log.value)
    access = Access((*LOOPBACK, bind, *(hosts or [])), _token(token_file, listen), login)
    chosen = [*(settings or []), *([f"horizon.start={day}"] if day is not None else [])]
    source = source or (str(replay) if replay is not None else None)
    centre, name = _centre(address, chosen, seed, source is not None, listen is None)
    shown = settings_of(centre.scenario, boards, centre.described)
    if listen is not None:
        feed = live(centre, listen, zone)
    elif source is not None:
        feed = _from(source, centre, speed, start, zone, queue_log)
    else:
        feed = simulated(centre, name, speed, moment("09:30") if start is None else start, zone)
    if feed.origin == "live" and not tells_again(feed):
        store = store or _default_store(re.sub(r"\W+", "-", feed.name if source else name))
    opened = None if store is None else _store(store, feed)
    if opened is not None and export is not None:
        typer.echo(f"{opened.export(export)} events written to {export}")
        return
    board = Board(centre, feed.directory, feed.clock, shown, feed.refused)
    _run(_serve(board, feed, opened, keep_days, access, (bind, port), not plain))


def _run(server: Coroutine[None, None, None]) -> None:
    """Run a server until it is stopped. Nobody else waits for what it needs to be imported."""
    import asyncio

    asyncio.run(server)


def _check(
    bind: str, guarded: bool, export: Path | None, store: str | None, given: list[object]
) -> None:
    """Refuse what cannot be, or should not."""
    from simkcc.dashboard.server import LOOPBACK

    if bind not in LOOPBACK and not guarded:
        raise SettingError(
            f"--bind {bind}: everybody who reaches that address would see the board without logging "
            "in; give --users, or --trusted-header with --proxy, or say --without-login"
        )
    if len([each for each in given if each is not None]) > 1:
        raise SettingError(
            "--from, --replay and --listen: give one of them; a board has one source"
        )
    if export is not None and store is None:
        raise SettingError("--export: give --store, the event store to write from")


def _from(
    address: str, centre: "Centre", speed: float, start: int | None, zone: str,
    queue_log: Path | None,
) -> Source:  # fmt: skip
    """Return what an address tells: as it happens, or as it was recorded."""
    from simkcc.commands.sources import zone_of
    from simkcc.streams.source import SECRET, Options, Recording, open_source

    opened = open_source(address, Options(zone=zone_of(zone), queue_log=queue_log))
    shown = SECRET.sub("//", address).partition("?")[0]
    name = Path(shown).name if isinstance(opened, Recording) else shown
    if isinstance(opened, Recording):
        return replayed(centre if centre.described else None, opened, name, speed, start)
    return connected(opened, name)


def _centre(
    address: str | None, settings: list[str], seed: int | None, told: bool, levers: bool
) -> "tuple[Centre, str]":
    """Return the centre of a scenario file, and the name of its run.

    told: whether a source tells what there is; then nobody need have described the centre.
    levers: whether agents may be added while it runs.
    """
    from simkcc.analysis.results import deflation
    from simkcc.commands.screen import COMPILING, must_compile
    from simkcc.dashboard.figures import Centre
    from simkcc.dashboard.hub import LOG
    from simkcc.engine.compile import compile_plan
    from simkcc.model.files import load_scenario, parse_address

    if told and address is None:
        return undescribed(settings, seed), ""
    path, variant = parse_address(address or "scenarios/antwerp.toml")
    scenario = load_scenario(path, variant, settings).scenario
    seed = scenario.seed if seed is None else seed
    if must_compile():
        LOG.info(COMPILING)
    plan = compile_plan(scenario, deflation(scenario, seed)).seeded(seed, 0)
    name = scenario.name or path.stem
    centre = Centre(scenario, plan)
    return with_levers(centre) if levers else centre, f"{name}:{variant}" if variant else name


def _store(url: str, source: Source) -> "Store":
    """Return the store of a source; a simulation goes on where the store ends."""
    from simkcc.model.events import Happening
    from simkcc.model.interventions import change_of
    from simkcc.streams.simulated import Simulated
    from simkcc.streams.store import Store

    opened = Store(url, source.urn, source.origin, source.directory, source.simrun)
    if isinstance(source.clock, Simulated) and opened.last > source.clock.now:
        source.clock.move_to(opened.last)
        kept = (event for events in opened.read() for event in events)
        told = (event for event in kept if event.what is Happening.CHANGED)
        source.clock.repeat([(event.at, change_of(event)) for event in told])
    return opened


def _default_store(name: str) -> str:
    """Return the file in which real events are kept unless another is given."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "simkcc"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{home}: {error.strerror}; give --store") from None
    return str(home / f"{name or 'events'}.db")


def _token(path: Path | None, listen: str | None) -> str:
    if path is None:
        if listen is not None:
            raise SettingError("--listen: give --token-file, a file with the token of the sender")
        return ""
    token = options.secret_in(path, "--token-file")
    if len(token) < 16:
        raise SettingError(f"--token-file {path}: the token is shorter than 16 characters")
    return token


async def _serve(
    board: "Board", source: Source, store: "Store | None", keep_days: int, access: "Access",
    where: tuple[str, int], forecast: bool,
) -> None:  # fmt: skip
    from simkcc.dashboard.console_pages import console_handlers
    from simkcc.dashboard.forecast import Forecaster
    from simkcc.dashboard.hub import LOG, Feed, Hub
    from simkcc.dashboard.lab_pages import lab_handlers
    from simkcc.dashboard.serve import serve
    from simkcc.dashboard.server import LOOPBACK, application, listen, port_of
    from simkcc.model.controls import Levers
    from simkcc.streams.keeping import Keeper

    keeper = None if store is None else Keeper(store, receipts_of(source))
    hub = Hub(board, Feed(source.origin, source.name), keeper.keep if keeper else None)
    if store is not None and source.origin == "live":
        for events in store.read():
            board.apply(events)
        over = go_on(source, store)
        store.append(over)
        board.apply(over)
    accept = _accept(hub, source) if source.reader is not None else None
    levers = source.clock if isinstance(source.clock, Levers) else None
    pages = lab_handlers(hub, access)
    if access.login.needed or where[0] in LOOPBACK:
        pages += console_handlers(hub, access, levers)
    server = listen(application(hub, access, accept, pages), where[1], where[0])
    address = f"http://{where[0]}:{port_of(server)}/tv"
    ready = {"address": address, "source": source.name, "kept": board.events}
    LOG.info("board ready", extra=ready)

    door = None if source.heard is None else door_of(source.heard)

    def forget() -> None:
        if store is not None:
            store.forget(source.clock.now, keep_days)

    beside = [Forecaster(board).run()] if forecast and board.centre.described else []
    await serve(hub, server, source.events, forget, beside)
    if door is not None:
        door.stop()
    if store is not None:
        store.close()


def _accept(hub: "Hub", source: Source) -> "Accept":
    """Return what takes an HTTP body of events."""
    reader = source.reader
    assert reader is not None

    async def accept(body: bytes, kind: str) -> tuple[int, list[str]]:
        events, taken, refused = reader.body(body, kind)
        if events or reader.by_name:
            await hub.take(events, again=not reader.by_name)
        return taken, refused

    return accept
