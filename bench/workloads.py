"""The numbers of the two workloads, in seconds; every contender reads them from here."""

from math import log, sqrt

ANSWERED_WITHIN = 20.0
"""Threshold of the service level in both workloads."""


class W1:
    """M/M/20+M at load 0.95: one queue, one group, first come first served."""

    agents = 20
    mean_talk = 180.0
    mean_patience = 450.0
    mean_gap = mean_talk / (0.95 * agents)


class W2:
    """Menu, four skills, two groups that overflow, wrong choices, second line, callbacks.

    The topics are numbered 0 to 3; group 0 has topics 0 and 1, group 1 has topics 2 and 3.
    """

    mean_gap = 60.0 / 5.0
    topics = ("migratie", "afspraak", "afval", "andere")
    topic_shares = (0.15, 0.40, 0.15, 0.30)

    menu = 13.0
    early_choice = 0.10
    wrong_when_early = 0.30
    wrong_when_heard = 0.05
    mean_time_to_hang_up = 1000.0

    groups = ("a", "b")
    agents = 11
    own_group = (0, 0, 1, 1)
    overflow_after = 30.0
    mean_patience = 450.0

    wrong_talk = 45.0
    mean_talk = 210.0
    talk_variation = 0.9
    talk_sigma = sqrt(log(1.0 + talk_variation**2))
    talk_mu = log(mean_talk) - talk_sigma**2 / 2.0
    mean_wrap_up = 30.0

    transferred = 0.15
    called_back = 0.10
    second_agents = 6
    mean_second_talk = 300.0
    mean_callback = 120.0


NAMES = ("W1", "W2")
