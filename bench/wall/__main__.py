"""Measure what the wallboard must stand: all of it, or what is named."""

import argparse
import json
import tempfile
from pathlib import Path

from bench.wall import crowd, intake, kills, latency, noise, week

MEASURES = {
    "latency": latency.measure, "viewers": crowd.measure, "intake": intake.measure,
    "noise": noise.measure, "kills": kills.measure, "week": week.measure,
}  # fmt: skip
"""By name; each takes a folder to work in and how many: calls, viewers, rounds, malformed
messages, kills, weeks."""


def parse(arguments=None):
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.wall", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASURES))
    parser.add_argument(
        "--number", type=int, help="how many: calls, viewers, rounds, messages, kills or weeks"
    )
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in MEASURES]
    if unknown:
        parser.error(f"{unknown[0]}: it can be {', '.join(MEASURES)}")
    return options


def main(arguments=None):
    """Print what was measured, a line for each."""
    options = parse(arguments)
    for name in options.names or MEASURES:
        number = [] if options.number is None else [options.number]
        with tempfile.TemporaryDirectory(prefix="simkcc-bench-") as folder:
            found = MEASURES[name](Path(folder), *number)
        print(f"{name}: {json.dumps(found, default=float)}", flush=True)


if __name__ == "__main__":
    main()
