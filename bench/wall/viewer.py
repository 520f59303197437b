"""Who looks at a board: many connections without a screen, or a page in a Chromium."""

import asyncio
import os
import resource
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

FLAGS = [
    "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", *(["--no-sandbox"] if os.geteuid() == 0 else []),
]  # fmt: skip


async def look(port: int, number: int, seconds: float) -> None:
    """Hold so many connections to the stream for a while, and print how many frames came."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, number + 100)), hard))
    ends = time.monotonic() + seconds
    frames = 0

    async def one() -> None:
        nonlocal frames
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        writer.write(f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        try:
            async with asyncio.timeout(max(0.1, ends - time.monotonic())):
                while line := await reader.readline():
                    frames += line.startswith(b"id: ")
        except TimeoutError:
            pass
        writer.close()

    viewers = []
    for _ in range(number):
        viewers.append(asyncio.create_task(one()))
        await asyncio.sleep(0.002)
    await asyncio.gather(*viewers)
    print(frames)


@contextmanager
def chromium() -> Iterator[object]:
    """Run a Chromium; a sentence says what is missing where there is none."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise SystemExit("no Chromium here: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":
    asyncio.run(look(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
