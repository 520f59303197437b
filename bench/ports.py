"""Ports of this machine for programs that are started, killed and started again."""

import os
import socket

PORTS = range(20_000, 32_000)
"""Below those the system gives away by itself: no connection takes one before, or between, two starts."""


def free_port() -> int:
    """Return a port of loopback where nobody listens; no other call returns it, in no process.

    While this process lives it holds the same number for UDP, by which others see that it is taken.
    """
    for step in range(len(PORTS)):
        port = PORTS[(37 * os.getpid() + step) % len(PORTS)]
        held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            held.bind(("127.0.0.1", port))
            with socket.socket() as door:
                door.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        held.detach()
        return port
    raise OSError("no port is free on this machine")
