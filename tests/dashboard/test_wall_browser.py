"""The page in a real Chromium: whole, readable, and with the figures of the ledger."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import MARKS, patient, wait_for
from dashboard.walls import Still, names_of, played
from limits import HANG

from bench.ports import free_port
from simkcc.dashboard import hub as hub_module
from simkcc.dashboard.board import Board
from simkcc.dashboard.figures import Centre
from simkcc.dashboard.hub import Feed, Hub
from simkcc.dashboard.server import Access, application, listen
from simkcc.dashboard.settings import read_settings
from simkcc.dashboard.words import LANGUAGES, translator
from simkcc.engine.compile import compile_plan
from simkcc.model.contact_log import SECOND
from simkcc.model.files import load_scenario

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = MARKS

ANTWERP = Path(__file__).parents[2] / "scenarios" / "antwerp.toml"

SHOTS = Path("out/wallboard")
"""Where pictures of the page are left, to be looked at."""

CUT_OFF = """[...document.querySelectorAll(".board.on .tile, .board.on .tile *, header, header *, footer")]
  .filter((e) => !e.closest(".plot, .stack") && !e.classList.contains("hidden") && e.clientWidth > 0)
  .filter((e) => {
    const tile = (e.closest(".tile") || e).getBoundingClientRect(), box = e.getBoundingClientRect();
    return box.right > tile.right + 1 || box.bottom > tile.bottom + 1 || tile.right > innerWidth + 1
      || tile.bottom > innerHeight + 1;
  }).map((e) => `${e.className || e.tagName}: ${e.textContent.trim().slice(0, 40)}`)"""

TURN = """(name) => document.querySelectorAll(".board")
  .forEach((board) => board.classList.toggle("on", board.dataset.board === name))"""

FIGURES = """[...document.querySelectorAll("[data-v]")]
  .map((e) => [e.dataset.v, e.dataset.f, e.textContent])"""

SIZES = ((1280, 720), (1920, 1080), (3840, 2160))

LOOKS = [
    ("dark", "nl"), ("light", "nl"), ("dark", "de"), ("light", "de"), ("dark", "en"), ("light", "fr"),
]  # fmt: skip

THOUSANDS = {"nl": ".", "de": ".", "fr": "\u202f", "en": ","}


class Wall:
    """A server in a thread of its own, with a morning on its board."""

    def __init__(self) -> None:
        settings = ["horizon.start=2022-03-09", "horizon.weeks=1"]
        scenario = load_scenario(ANTWERP, None, settings).scenario
        centre = Centre(scenario, compile_plan(scenario, 0.9).seeded(1, 0))
        now = (11 * 3600 + 37 * 60) * SECOND
        events, _ = played(centre, now)
        self.board = Board(centre, names_of(centre), Still(now), read_settings(None))
        self.board.apply(events)
        band = {"low": [0] * 31, "middle": [2] * 31, "high": list(range(31))}
        self.board.forecast = band | {"at": 697.0, "day": 0, "held": 187, "judged": 200}
        self.port = free_port()
        self.start()

    def start(self) -> None:
        """Serve, on the same port as before."""
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.serve(),))
        self.thread.start()
        assert self.ready.wait(HANG)

    def end(self) -> None:
        """Stop serving."""
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(HANG)
        self.loop.close()

    async def serve(self) -> None:
        self.stop = asyncio.Event()
        hub = Hub(self.board, Feed("sim", "test"))
        server = listen(application(hub, Access()), self.port, "127.0.0.1")
        running = asyncio.create_task(hub.run())
        self.ready.set()
        await self.stop.wait()
        running.cancel()
        server.stop()
        await server.close_all_connections()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture(scope="module")
def wall() -> Iterator[Wall]:
    """A board whose frames come quickly: every page waits for two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub_module, "BEAT", 0.2)
        found = Wall()
        yield found
        found.end()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    found = patient(chromium.new_page())
    found.said = []
    found.on("console", lambda line: found.said.append(f"{line.type}: {line.text}"))
    found.on("pageerror", lambda error: found.said.append(f"error: {error}"))
    yield found
    found.close()


def go(page: Any, port: int, asked: str, size: tuple[int, int] = (1920, 1080)) -> None:
    """Open the board and wait until it shows figures and charts."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"http://127.0.0.1:{port}/tv?{asked}")
    wait_for(page, "(window.wallUpdates || 0) > 1 && window.Bokeh.documents.length >= 5")
    page.wait_for_timeout(400)


def written(value: Any, form: str, language: str) -> str:
    """Return a figure as the page must write it."""
    if value is None:
        return "\u2013"
    if form == "share":
        text = f"{value * 100:.1f}"
        return f"{text}%" if language == "en" else text.replace(".", ",") + "\u00a0%"
    if form == "word":
        return translator(language)(str(value))
    if form == "count":
        return f"{value:,.0f}".replace(",", THOUSANDS[language])
    whole = int(value + 0.5)
    return f"{whole // 60}:{whole % 60:02d}"


def behind(snapshot: Any, path: str) -> Any:
    """Return what stands at a path of a snapshot."""
    for key in path.split("."):
        snapshot = snapshot[int(key) if isinstance(snapshot, list) else key]
    return snapshot


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_the_board_is_whole_at_every_size(wall: Wall, page: Any, theme: str, language: str) -> None:
    go(page, wall.port, f"lang={language}&theme={theme}")
    SHOTS.mkdir(parents=True, exist_ok=True)
    for wide, high in SIZES:
        page.set_viewport_size({"width": wide, "height": high})
        for board in ("main", "lines"):
            page.evaluate(TURN, board)
            page.wait_for_timeout(300)
            page.screenshot(path=SHOTS / f"{board}-{wide}-{theme}-{language}.png")
            root = "document.documentElement"
            wait_for(page, f"[{root}.scrollWidth, {root}.scrollHeight]", [wide, high])
            wait_for(page, CUT_OFF, [])
    assert [line for line in page.said if not line.startswith(("info", "debug", "log"))] == []


EXTREME = """() => {
  const full = (found) => Object.values(found).forEach((figure) => Object.assign(figure, {v: 1, num: 2345, den: 2345, status: "bad"}));
  full(frame.today); full(frame.lately);
  frame.today.time_to_human.v = 4321;
  Object.assign(frame.waiting, {n: 188, oldest: 4321, menu: 144, status: "bad"});
  frame.lines.forEach((line) => { Object.assign(line, {n: 188, oldest: 4321, status: "bad"}); full({a: line.sl, b: line.offered, c: line.answered, d: line.abandonment}); });
  Object.keys(frame.agents).forEach((key) => { if (key !== "groups") frame.agents[key] = 144; });
  Object.assign(frame.callbacks, {open: 1234, overdue: 1234, status: "bad"});
  frame.missed = 188; frame.rejected = {n: 12345, by: {malformed: 12000, "unknown contact": 345}};
  show(); tick();
}"""
"""A day nobody would like to see: every figure as long as it can be."""


@pytest.mark.parametrize("number", [8, 9])
def test_more_small_tiles_fit_too(wall: Wall, page: Any, number: int) -> None:
    """The tiles of a centre with a provider and test calls, made of those that are there."""
    go(page, wall.port, "lang=fr")
    page.evaluate(f"""{{
      const row = document.querySelector(".board.on .row.small");
      while (row.children.length < {number}) row.append(row.children[2].cloneNode(true));
      row.className = "row small dense{" full" if number > 8 else ""}";
      ({EXTREME})(); window.cut = {CUT_OFF};
    }}""")
    assert page.evaluate("window.cut") == []
    page.screenshot(path=SHOTS / f"tiles-{number}.png")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worst_of_days_fits(wall: Wall, page: Any, language: str) -> None:
    go(page, wall.port, f"lang={language}")
    for board in ("main", "lines"):
        page.evaluate(f"{{ ({EXTREME})(); ({TURN})('{board}'); window.cut = {CUT_OFF}; }}")
        assert page.evaluate("window.cut") == []
    page.evaluate(f"{{ ({EXTREME})(); ({TURN})('main'); }}")
    page.screenshot(path=SHOTS / f"worst-{language}.png")


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_on_the_page_are_those_of_the_ledger(wall: Wall, page: Any, language: str) -> None:
    go(page, wall.port, f"lang={language}")
    snapshot = wall.board.snapshot()
    shown = page.evaluate(FIGURES)
    assert len(shown) > 50
    assert snapshot["today"]["offered"]["num"] > 50
    for path, form, text in shown:
        assert text == written(behind(snapshot, path), form, language), path


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_contrast_is_enough_for_everybody(wall: Wall, page: Any, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe here")
    go(page, wall.port, f"theme={theme}")
    for board in ("main", "lines"):
        page.evaluate(TURN, board)
        found = axe.Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
        broken = [
            (each["id"], node["html"][:90], node["failureSummary"][:200])
            for each in found.response["violations"]
            for node in each["nodes"]
        ]
        assert broken == []


def test_status_is_a_colour_a_word_and_a_symbol(wall: Wall, page: Any) -> None:
    go(page, wall.port, "lang=nl")
    pills = page.evaluate(
        """[...document.querySelectorAll("[data-is] > .pill, [data-is] > * > .pill")]
        .map((e) => [e.closest("[data-is]").dataset.is, e.textContent])"""
    )
    symbols = {"good": "✓", "warn": "▲", "bad": "■"}
    assert {status for status, _ in pills} & {"warn", "bad"}
    for status, text in pills:
        assert text == "" if status == "none" else text.startswith(f"{symbols[status]} ")


def test_the_longest_wait_counts_between_frames(wall: Wall, page: Any) -> None:
    go(page, wall.port, "")
    assert wall.board.snapshot()["waiting"]["n"] > 0
    path = "document.querySelector('.waiting .second .value').textContent"
    page.evaluate(f"""{{
      frame.speed = 60; received = performance.now(); tick();
      window.first = {path};
      received -= 1000; tick();
      window.later = {path};
    }}""")
    assert page.evaluate("window.later") != page.evaluate("window.first")


def test_a_lost_connection_is_a_grey_board_and_a_word(wall: Wall, page: Any) -> None:
    go(page, wall.port, "lang=nl")
    told = """[document.body.dataset.state, ...["banner", "age"].map(
      (name) => document.getElementById(name)).map((e) => e.checkVisibility() ? e.innerText : "")]"""
    page.evaluate(f"""{{
      received = performance.now(); tick();
      window.before = {told};
      received -= 11000; tick();
      window.lost = {told};
    }}""")
    assert page.evaluate("window.before.slice(0, 2)") == ["live", ""]
    state, banner, age = page.evaluate("window.lost")
    assert state == "stale"
    assert banner.startswith("Geen verbinding: gegevens van 11:3")
    assert age.startswith("laatste bericht")
    wait_for(page, "document.body.dataset.state === 'live'")


@pytest.mark.parametrize(
    ("state", "said"),
    [("silent", "De bron zwijgt"), ("ended", "De bron is gestopt"),
     ("failed", "De bron is uitgevallen"), ("unkept", "De opslag neemt niets aan")],
)  # fmt: skip
def test_a_source_that_tells_nothing_is_a_grey_board_with_the_time_of_the_last_figures(
    wall: Wall, page: Any, state: str, said: str
) -> None:
    go(page, wall.port, "lang=nl")
    told = """[document.body.dataset.state, document.getElementById("banner").textContent]"""
    page.evaluate(f"""{{
      frame.feed = "{state}"; frame.told = {{ at: 34391e6, day: frame.day }}; tick();
      window.today = {told};
      frame.told.day -= 2; tick();
      window.earlier = {told};
    }}""")
    assert page.evaluate("window.today") == ["stale", f"{said}: gegevens van 09:33:11"]
    assert page.evaluate("window.earlier") == ["stale", f"{said}: gegevens van 7 maart 09:33:11"]


def test_what_is_inferred_is_marked(wall: Wall, page: Any) -> None:
    go(page, wall.port, "lang=nl")
    shown = """document.querySelector(".states [data-v='agents.wrap']").textContent"""
    page.evaluate(f"""{{
      frame.about = ["agents.free", "agents.wrap"]; frame.agents.wrap = 3; show();
      window.inferred = {shown};
      frame.agents.wrap = null; show();
      window.unknown = {shown};
    }}""")
    assert page.evaluate("[window.inferred, window.unknown]") == ["~3", "–"]  # noqa: RUF001


def test_the_address_is_the_configuration(wall: Wall, page: Any) -> None:
    go(page, wall.port, "board=lines&scale=80&kiosk=1&sound=1&lang=en&theme=light")
    assert page.inner_text(".boards").strip() == "By line"
    assert page.evaluate("getComputedStyle(document.body).cursor") == "none"
    assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") == 15.36
    assert page.is_visible("#sound")
    assert page.inner_text("#origin").lower().startswith("simulation")


def test_the_chime_waits_for_thirty_seconds_of_wrong_and_sixty_of_right(
    wall: Wall, page: Any
) -> None:
    go(page, wall.port, "sound=1")
    page.click("#sound")
    assert page.is_hidden("#sound")
    page.evaluate("""{
      let clock = 1000 * Math.round(performance.now() / 1000), rung = [];
      performance.now = () => clock;
      chime = () => rung.push(second);
      var second = 0;
      const hold = (status, seconds) => {
        frame.waiting.status = status;
        for (const end = second + seconds; second < end; second++, clock += 1000) alarm();
      };
      hold("bad", 29); hold("good", 3); hold("bad", 40); hold("good", 59); hold("bad", 40);
      hold("good", 70); hold("bad", 40);
      window.rung = rung;
    }""")
    # wrong from 32 on for 30 s; right for 59 s is too short; right for 60 s from 171 on, wrong from 241 on
    assert page.evaluate("window.rung") == [62, 271]


def test_boards_take_turns(wall: Wall, page: Any) -> None:
    go(page, wall.port, "rotate=5&lang=en")
    shown = "document.querySelector('.board.on').dataset.board"
    first = page.evaluate(shown)
    wait_for(page, f"{shown} !== '{first}'")
    wait_for(page, f"{shown} === '{first}'")


def test_the_time_is_that_of_the_centre_wherever_the_screen_hangs(
    wall: Wall, chromium: Any
) -> None:
    far = patient(chromium.new_page(timezone_id="America/New_York"))
    try:
        go(far, wall.port, "lang=nl")
        assert far.inner_text("#clock").startswith("11:3")
        assert far.inner_text("#date") == "woensdag 9 maart 2022"
    finally:
        far.close()


def test_an_open_page_recovers_by_itself_from_a_restart(wall: Wall, page: Any) -> None:
    go(page, wall.port, "")
    before = page.evaluate("boot")
    wall.end()
    wall.start()
    known = f"typeof boot === 'string' && boot !== '{before}' && frame !== null"
    wait_for(page, f"{known} && document.body.dataset.state === 'live'")
