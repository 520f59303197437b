"""The kernel against itself: with and without the log, one thread and two, few calls and many."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import kernel
from bench.contenders import warm_up_kernel
from simkcc.engine import runs
from simkcc.engine.plan import Plan

CALLS, QUICK_CALLS = 1_000_000, 50_000
MANY = 10
"""How many times more calls the second run in memory makes."""
REPLICATIONS = 8
PEAK = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
PLANS = {"W1": kernel.plan_w1, "W2": kernel.plan_w2}
RUNS = {"W1": "run_w1", "W2": "run_w2"}


@dataclass(frozen=True)
class Row:
    """One comparison of one workload."""

    workload: str
    what: str
    values: list[float]
    """Ratio per round."""


def compare(workloads: list[str], rounds: int, quick: bool) -> list[Row]:
    """Compare round by round; nothing if the kernel is absent."""
    if not warm_up_kernel():
        return []
    calls = QUICK_CALLS if quick else CALLS
    rows = []
    for workload in workloads:
        plan = PLANS[workload](calls)
        seeds = range(1, rounds + 1)
        log_ratio(plan, 0)  # memory that the machine never gave out before costs more than the log
        rows += [
            Row(workload, "speed with the log / without", [log_ratio(plan, each) for each in seeds]),
            Row(workload, "speed on two threads / one", [thread_ratio(plan, each) for each in seeds]),
            Row(workload, f"peak memory of {MANY * calls:,} calls / {calls:,}",
                [peak(workload, MANY * calls) / peak(workload, calls)]),
        ]  # fmt: skip
        for row in rows[-3:]:
            print(f"{workload}: {row.what}", *(f"{value:.2f}" for value in row.values), flush=True)
    return rows


def seconds(task: Callable[[], object], clock: Callable[[], float]) -> float:
    """Return how long a task takes by that clock."""
    start = clock()
    task()
    return clock() - start


def log_ratio(plan: Plan, seed: int) -> float:
    """Return the speed of a run that keeps the log over that of one that only counts."""
    counted, logged = (
        seconds(partial(kernel.start, plan, seed, logging), time.process_time)
        for logging in (False, True)
    )
    return counted / logged


def thread_ratio(plan: Plan, seed: int) -> float:
    """Return the speed of replications over two threads over that on one (time on the wall)."""
    tasks = [
        partial(kernel.start, plan, seed * REPLICATIONS + number, False)
        for number in range(REPLICATIONS)
    ]
    one, two = (
        seconds(lambda jobs=jobs: list(runs.replications(tasks, jobs)), time.perf_counter)
        for jobs in (1, 2)
    )
    return one / two


def peak(workload: str, calls: int) -> float:
    """Return the peak memory of a run in a process of its own, in KiB."""
    script = f"from bench import kernel; kernel.{RUNS[workload]}({calls}, 1); {PEAK}"
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[1], capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    return float(found.stdout)
