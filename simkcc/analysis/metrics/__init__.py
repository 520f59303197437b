"""What every figure means: one function each, over the calls of one replication.

A figure is a ratio of two sums. A function returns numerator and denominator per call, so that the
same definition serves the whole, a topic, a queue, a half hour or a weekday; figures of agents,
tasks and probes return one pair of sums. Letters: O offered to a queue, A answered, L abandoned,
S short abandons, V hung up in the menu, D dialled, W wait in the queue, I time in the menu, T the
threshold of the norm.
"""

# The order of import is the order of `simkcc metrics`.
# isort: off
from simkcc.analysis.metrics import service, handling, promises, backoffice, agents, money

# isort: on
from simkcc.analysis.registry import METRICS, Metric, Rules

__all__ = [
    "METRICS",
    "PERCENTILES",
    "Metric",
    "Rules",
    "agents",
    "backoffice",
    "handling",
    "money",
    "promises",
    "service",
]

PERCENTILES = {"wait_p50": 0.5, "wait_p90": 0.9, "wait_p95": 0.95, "wait_p99": 0.99}
"""Percentiles of the wait of answered calls, from pooled samples."""
