"""W1 in Ciw: one node whose customers renege."""

from math import inf

import ciw

from bench.outcome import Outcome
from bench.workloads import ANSWERED_WITHIN, W1


class EndingPoisson(ciw.dists.Exponential):
    """Gaps between `calls` arrivals, then none."""

    def __init__(self, rate, calls):
        super().__init__(rate)
        self.left = calls

    def sample(self, t=None, ind=None):
        """Return the next gap in seconds; inf when all calls have arrived."""
        self.left -= 1
        return super().sample(t, ind) if self.left >= 0 else inf


def run_w1(calls: int, seed: int) -> Outcome:
    """Simulate W1 and count over Ciw's records."""
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[EndingPoisson(1 / W1.mean_gap, calls)],
        service_distributions=[ciw.dists.Exponential(1 / W1.mean_talk)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / W1.mean_patience)],
        number_of_servers=[W1.agents],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(calls, method="Finish")
    return count(simulation.get_all_records())


def count(records):
    """Return the Outcome of Ciw's records, one per call."""
    answered = [record for record in records if record.record_type == "service"]
    waits = [record.waiting_time for record in answered]
    return Outcome(
        calls=len(records),
        offered=len(records),
        answered=len(answered),
        abandoned=len(records) - len(answered),
        within=sum(wait <= ANSWERED_WITHIN for wait in waits),
        wait=sum(waits),
        talk=sum(record.service_time for record in answered),
    )
