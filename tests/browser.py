"""The real browser that tests of pages use, how it is started, and the marks of such tests."""

import os
import shutil

import pytest

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
