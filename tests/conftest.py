"""How much chance the tests spend, a little in `make check`, all of it in `make test`; and the browser."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from browser import CHROMIUM, FLAGS
from hypothesis import settings

settings.register_profile("check", max_examples=20, deadline=None)
settings.register_profile("test", max_examples=100, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("check" if config.option.markexpr == "not slow" else "test")


def pytest_collection_finish() -> None:
    """Let what was imported stay: looking through it for garbage again and again takes long."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Return a real browser, started once for a file."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
