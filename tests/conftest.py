"""How much chance the tests spend, a little in `make check`, all of it in `make test`; and the browser.

What is made at random is the same in every run and on every machine, so that a test that passes goes
on passing; `--hypothesis-seed=random` (or a number) looks elsewhere.
"""

import gc
import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from browser import chromium as started
from hypothesis import HealthCheck, settings

import simkcc

EXAMPLES = {"check": 20, "test": 100}


def pytest_configure(config: pytest.Config) -> None:
    anew = config.getoption("--hypothesis-seed") is not None
    for name, examples in EXAMPLES.items():
        settings.register_profile(
            name, max_examples=examples, deadline=None, derandomize=not anew, database=None,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        )  # fmt: skip
    settings.load_profile("check" if config.option.markexpr == "not slow" else "test")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Read all of simkcc, and let what was imported stay.

    Hypothesis takes some of its values from the modules that happen to be there: so all of them are, whichever
    tests ran before. Looking through them for garbage again and again would take long.
    """
    if any(hasattr(getattr(each, "obj", None), "hypothesis") for each in session.items):
        import_all(simkcc.__path__, "simkcc.")
    gc.collect()
    gc.freeze()


def import_all(path: Iterable[str], prefix: str) -> None:
    for module in pkgutil.walk_packages(path, prefix):
        if not module.name.endswith("__main__"):
            with suppress(ImportError):  # what is installed only where it is wanted
                importlib.import_module(module.name)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Return a real browser, started once for a file."""
    with started() as browser:
        yield browser
