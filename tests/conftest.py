"""How much chance the tests spend: a little in `make check`, all of it in `make test`."""

import gc

import pytest
from hypothesis import settings

settings.register_profile("check", max_examples=20, deadline=None)
settings.register_profile("test", max_examples=100, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("check" if config.option.markexpr == "not slow" else "test")


def pytest_collection_finish() -> None:
    """Let what was imported stay: looking through it for garbage again and again takes long."""
    gc.collect()
    gc.freeze()
