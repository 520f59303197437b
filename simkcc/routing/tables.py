"""Tables that say who may answer what: rows of routes per queue, and their transpose per group."""

from enum import IntEnum

import numpy as np


class AgentChoice(IntEnum):
    """Which free agent of a group, or of groups of equal order, answers."""

    LONGEST_IDLE = 0
    UNIFORM = 1
    PRIORITY = 2


class QueuePick(IntEnum):
    """Which queue an agent who comes free serves."""

    LONGEST_WAIT = 0
    PRIORITY = 1
    WEIGHTED = 2


route_dtype = np.dtype(
    [
        ("group", "i8"),  # NONE ends the row
        ("after", "i8"),  # distribution of the wait before this group may answer; NONE = at once
        ("order", "i8"),  # lower is preferred; equal orders are one pool
        ("hours", "i8"),  # hours in which the route exists; NONE = always
        ("speed", "f8"),  # multiplies the speed of talk and wrap-up
        ("weight", "f8"),  # of this queue when the group picks by weight
    ]
)
"""(Q, R): for each queue, the groups that may answer."""

pull_dtype = np.dtype(
    [
        ("queue", "i8"),  # NONE ends the row
        ("rank", "i8"),  # column of that queue's routes that holds this group
    ]
)
"""(G, P): for each group, the queues it serves, in its own order."""
