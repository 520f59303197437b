"""Calls per CPU second of every contender, in rounds that each run all of them once."""

import gc
import time

from bench.contenders import Run

PILOT_CALLS = 1_000
PILOT_SHARE = 0.1
"""Share of the wanted time from which a pilot run says enough about speed."""

Rates = dict[str, list[float]]
"""contender -> calls per CPU second, round by round."""


def rate(run: Run, calls: int, seed: int) -> float:
    """Return calls per CPU second of one run, the garbage of others swept before it."""
    gc.collect()
    start = time.process_time()
    outcome = run(calls, seed)
    return outcome.calls / (time.process_time() - start)


def calls_for(run: Run, seconds: float) -> int:
    """Return how many calls the run simulates in about so many CPU seconds."""
    calls = PILOT_CALLS
    while True:
        found = rate(run, calls, seed=0)
        if calls / found >= PILOT_SHARE * seconds:
            return int(found * seconds)
        calls *= 4


def time_rounds(workload: str, runs: dict[str, Run], calls: dict[str, int], rounds: int) -> Rates:
    """Run every contender once per round, each round starting one place further."""
    rates: Rates = {name: [] for name in runs}
    for turn in range(rounds):
        first = turn % len(runs)
        for name in [*runs][first:] + [*runs][:first]:
            found = rate(runs[name], calls[name], seed=turn + 1)
            rates[name].append(found)
            print(
                f"{workload} round {turn + 1} of {rounds}: {name},"
                f" {calls[name]:,} calls, {found:,.0f} calls per CPU second",
                flush=True,
            )
    return rates
