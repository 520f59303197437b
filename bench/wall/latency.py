"""From an event to text on a screen: handed over by HTTP, kept, shown, painted."""

import random
import time
from pathlib import Path

import numpy as np

from bench.wall.crowd import with_viewers
from bench.wall.day import ANTWERP, centre_of, played, wrapped
from bench.wall.program import listening
from bench.wall.viewer import chromium
from simkcc.model.contact_log import Origin
from simkcc.model.events import Event, Happening

HOUR = 3600 * 10**6

WATCH = """() => {
  const shown = document.querySelector(".waiting [data-v='waiting.n']");
  window.painted = [];
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(() =>
    window.painted.push([Number(shown.textContent), performance.timeOrigin + performance.now()])
  ))).observe(shown, { childList: true, characterData: true, subtree: true });
}"""
"""Notes when the number of waiting calls stands painted on the page."""


def measure(folder: Path, number: int = 150, viewers: int = 10) -> dict[str, float]:
    """Return percentiles of the time from handing over a call to its count on a page, in ms."""
    chance = random.Random(1)
    program = listening(folder, ANTWERP)
    program.start()
    told = played(centre_of(), 11 * HOUR)
    at = max(event.at for event in told)
    events = wrapped(told)
    for start in range(0, len(events), 1000):
        program.post(events[start : start + 1000])
    crowd = with_viewers(program, viewers - 1, number * 0.75 + 60)
    try:
        with chromium() as browser:
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            page.goto(f"{program.url}/tv")
            page.wait_for_timeout(5000)
            page.evaluate(WATCH)
            waiting = program.frame()["waiting"]["n"]
            handed = {}
            for serial in range(number):
                handed[waiting + serial + 1] = time.time()
                program.post(wrapped(_call(10**6 + serial, at + serial)))
                page.wait_for_timeout(chance.uniform(200, 800))
            painted = dict(page.evaluate("window.painted"))
    finally:
        crowd.kill()
        crowd.communicate()
        program.end()
    took = [painted[n] - 1000 * at for n, at in handed.items() if n in painted]
    return {
        "viewers": viewers, "calls": number, "seen": len(took), "median ms": np.median(took),
        "p95 ms": np.quantile(took, 0.95), "longest ms": max(took),
    }  # fmt: skip


def _call(serial: int, at: int) -> list[Event]:
    """Return a call that joins a queue."""
    return [
        Event(at, "call", Happening.ARRIVED, serial, topic=0, code=Origin.FIRST),
        Event(at, "call", Happening.QUEUED, serial, leg=0, place=0),
    ]
