"""The registry of contenders: who runs which workload."""

from collections.abc import Callable
from functools import cache
from importlib import import_module

from bench.outcome import Outcome
from bench.peers import ciw_network, python_heap, simpy_idiomatic

Run = Callable[[int, int], Outcome]
"""Simulate so many calls with this seed."""

SIMPY, CIW, KERNEL = "SimPy", "Ciw", "simkcc kernel"

PEERS: dict[str, dict[str, Run]] = {
    SIMPY: {"W1": simpy_idiomatic.run_w1, "W2": simpy_idiomatic.run_w2},
    CIW: {"W1": ciw_network.run_w1},
    "Python heap": {"W1": python_heap.run_w1, "W2": python_heap.run_w2},
}

KERNEL_MODULE = "bench.kernel"


def simkcc_kernel(workload: str, calls: int, seed: int) -> Outcome:
    """Run a workload on the simkcc kernel."""
    kernel = import_module(KERNEL_MODULE)
    return {"W1": kernel.run_w1, "W2": kernel.run_w2}[workload](calls, seed)


@cache
def warm_up_kernel() -> bool:
    """Compile the kernel before anything is timed; False when it is not there."""
    try:
        kernel = import_module(KERNEL_MODULE)
    except ModuleNotFoundError as error:
        if error.name != KERNEL_MODULE:
            raise
        return False
    kernel.warm_up()
    return True


def contenders(workload: str) -> dict[str, Run]:
    """Return the runs of a workload by contender, the kernel last; warm it up or say it is absent.

    The first is SimPy, the yardstick.
    """
    found = {name: runs[workload] for name, runs in PEERS.items() if workload in runs}
    if warm_up_kernel():
        found[KERNEL] = lambda calls, seed: simkcc_kernel(workload, calls, seed)
    else:
        print(f"{workload}: skip {KERNEL}, there is no module {KERNEL_MODULE}", flush=True)
    return found
