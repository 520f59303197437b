"""Console and lessons in a real Chromium: a change is marked, a lesson is played to its end."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import MARKS, patient, wait_for
from dashboard.consoles import HOUR, Room, centre_in, console_of
from limits import HANG

from simkcc.dashboard.lab import lessons, played

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = MARKS

SHOTS = Path("out/console")
"""Where pictures of the pages are left, to be looked at."""

WIDER = """[...document.querySelectorAll("section, section *")].filter((e) => e.clientWidth > 0)
  .filter((e) => !e.closest(".plot, .life, select") && e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => e.className || e.tagName)"""


class Served:
    """A console in a thread of its own, with a morning on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ready = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.serve(),))
        self.thread.start()
        assert self.ready.wait(HANG)

    async def serve(self) -> None:
        self.stop = asyncio.Event()
        async with console_of(centre_in(self.folder)) as room:
            self.room: Room = room
            room.play(10 * HOUR)
            self.ready.set()
            await self.stop.wait()

    def play(self, to: int) -> None:
        """Let the simulation go on."""

        async def play() -> None:
            self.room.play(to)

        asyncio.run_coroutine_threadsafe(play(), self.loop).result(HANG)

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join(HANG)
        self.loop.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    found = Served(tmp_path_factory.mktemp("browser"))
    yield found
    found.end()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    size = {"width": 1500, "height": 1100}
    found = patient(chromium.new_page(viewport=size, reduced_motion="reduce"))
    found.said = []
    found.on("console", lambda line: found.said.append(f"{line.type}: {line.text}"))
    found.on("pageerror", lambda error: found.said.append(f"error: {error}"))
    yield found
    found.close()
    SHOTS.mkdir(parents=True, exist_ok=True)


def complaints(page: Any) -> list[str]:
    return [line for line in page.said if not line.startswith(("info", "debug", "log"))]


def test_an_intervention_is_marked_on_the_chart(served: Served, page: Any) -> None:
    page.goto(f"http://127.0.0.1:{served.room.port}/console?lang=nl")
    wait_for(page, "window.consoleUpdates > 0 && window.Bokeh.documents.length === 2")
    assert page.evaluate("document.getElementById('chart-waiting').dataset.marks") == "0"
    page.click("[data-lever=burst] [data-amount='25']")
    wait_for(page, "state.levers.find((each) => each.name === 'burst').said[0] === 25")
    served.play(10 * HOUR + HOUR // 6)
    wait_for(page, "document.getElementById('chart-waiting').dataset.marks === '1'")
    marks = "charts.waiting.get_model_by_name('waiting marks').data.x"
    assert page.evaluate(f"[...{marks}]") == [600]
    assert "Piek van 25 oproepen over calls" in page.inner_text("#changes")
    page.click("#twin")
    wait_for(page, "charts.waiting.get_model_by_name('waiting twin').data.x.length > 60")
    assert page.is_visible("#compare .other >> nth=0")
    page.screenshot(path=SHOTS / "console-nl.png", full_page=True)
    assert page.evaluate(WIDER) == []
    assert complaints(page) == []


def test_two_clicks_write_something_down(served: Served, page: Any) -> None:
    page.goto(f"http://127.0.0.1:{served.room.port}/console?lang=nl")
    wait_for(page, "window.consoleUpdates > 0")
    before = page.evaluate("state.frame.notes.visits")
    page.click("[data-kind=visit]")
    page.click("#topics button")
    wait_for(page, f"state.frame.notes.visits === {before + 1}")
    page.click("[data-kind=callback]")
    page.click("#topics button")
    wait_for(page, "document.querySelector('#callbacks button')")
    page.click("#callbacks button")
    wait_for(page, "!document.querySelector('#callbacks button')")
    page.set_input_files("#csv", {"name": "day.csv", "mimeType": "text/csv",
                                  "buffer": b"kind,topic\nreason,calls\nreason,parks\n"})  # fmt: skip
    wait_for(page, "document.querySelectorAll('#wrong li').length === 1")
    assert complaints(page) == []


def test_what_cannot_be_changed_is_said(served: Served, page: Any) -> None:
    page.goto(f"http://127.0.0.1:{served.room.port}/console?lang=nl")
    wait_for(page, "window.consoleUpdates > 0")
    page.evaluate("pull('menu', 9999)")
    wait_for(page, "!document.getElementById('message').hidden")
    assert "menu" in page.inner_text("#message")


@pytest.mark.parametrize("name", list(lessons()))
def test_a_lesson_is_played_to_its_end(served: Served, page: Any, name: str) -> None:
    page.goto(f"http://127.0.0.1:{served.room.port}/lab?lesson={name}&lang=nl")
    wait_for(page, "window.chartsReady")
    assert not page.is_visible("#theory")
    page.click(f"[data-choice='{played(name)['right']}']")
    wait_for(page, "window.lessonPlayed === 1")
    assert "juist" in page.inner_text("#verdict")
    assert page.is_visible("#follow")
    assert page.is_visible("#theory")
    drawn = "charts.runs.get_model_by_name('runs a').data.x.length"
    assert page.evaluate(drawn) == len(played(name)["curve"]["x"])
    page.wait_for_timeout(300)
    page.screenshot(path=SHOTS / f"lab-{name}.png", full_page=True)
    assert page.evaluate(WIDER) == []
    page.click("#again")
    wait_for(page, "window.lessonPlayed === 2")
    assert complaints(page) == []


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("path", ["console", "lab"])
def test_contrast_is_enough_for_everybody(served: Served, page: Any, path: str, theme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe here")
    page.goto(f"http://127.0.0.1:{served.room.port}/{path}?theme={theme}&lang=nl")
    wait_for(page, "window.chartsReady || window.consoleUpdates > 0")
    if path == "lab":
        page.click("[data-choice='0']")
        wait_for(page, "window.lessonPlayed === 1")
    page.screenshot(path=SHOTS / f"{path}-{theme}.png", full_page=True)
    found = axe.Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    broken = [
        (each["id"], node["html"][:90], node["failureSummary"][:160])
        for each in found.response["violations"]
        for node in each["nodes"]
    ]
    assert broken == []
