"""The real browser that tests of pages use, how it is started, and the marks of such tests."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from limits import HANG

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
"""Where it is; None if there is none."""

FLAGS = [
    "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", *(["--no-sandbox"] if os.geteuid() == 0 else []),
]  # fmt: skip
"""What it is started with: it asks nothing of the network, and runs as root where it must."""

MARKS = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]


@contextmanager
def chromium() -> Iterator[Any]:
    """Run a browser until the block is left."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=1000 * HANG)
        yield browser
        browser.close()


def patient(page: Any) -> Any:
    """Return a page, or all pages of a context, that gives a busy machine time for everything."""
    page.set_default_timeout(1000 * HANG)
    return page


def wait_for(page: Any, condition: str, wanted: Any = True) -> None:
    """Wait until JavaScript says what is wanted; the page's policy lets no one else wait inside it.

    A page that is just being loaded again has nothing to say.
    """
    from playwright.sync_api import Error

    ends = time.monotonic() + HANG
    while True:
        found = None
        with suppress(Error):
            found = page.evaluate(condition)
        if found == wanted or (wanted is True and found):
            return
        assert time.monotonic() < ends, f"{condition} is {found}, not {wanted}"
        page.wait_for_timeout(50)
