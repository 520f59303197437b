"""Who answers whom: pure decisions that both engines call. Facts in, an index or NONE out.

No clock, no writing, no chance: a coin comes in as a uniform.
"""

from simkcc.model.contact_log import NONE
from simkcc.routing.compiled import compiled, inlined, this
from simkcc.routing.tables import AgentChoice, QueuePick


@inlined
def may_answer(routes, queue, rank, open_ranks, open_now):
    """Return whether the group at `rank` of `queue` may answer a contact now, free or not.

    open_ranks: bit r is set once the contact has waited out the `after` of rank r.
    """
    hours = routes[this(queue), this(rank)]["hours"]
    return (open_ranks >> rank) & 1 == 1 and (hours == NONE or open_now[this(hours)] == 1)


@inlined
def preferred_order(routes, queue, open_ranks, open_now, idle):
    """Return the lowest order among groups that may answer and have a free agent, or NONE."""
    best = NONE
    for rank in range(routes.shape[1]):
        group = routes[this(queue), this(rank)]["group"]
        if group == NONE:
            break
        order = routes[this(queue), this(rank)]["order"]
        if idle[this(group)] > 0 and (best == NONE or order < best):
            if may_answer(routes, queue, rank, open_ranks, open_now):
                best = order
    return best


@inlined
def has_earlier_route(routes, queue, rank, open_ranks, open_now):
    """Return whether the group at `rank` may also answer by an earlier route of the same order."""
    route = routes[this(queue), this(rank)]
    for earlier in range(rank):
        other = routes[this(queue), this(earlier)]
        if other["group"] == route["group"] and other["order"] == route["order"]:
            if may_answer(routes, queue, earlier, open_ranks, open_now):
                return True
    return False


@inlined
def pick_agent(routes, groups, queue, open_ranks, open_now, idle, idle_since, u):
    """Return (group, rank, position) of the agent who answers, or NONE thrice.

    Groups of the lowest order that may answer and have a free agent are one pool; the rule of
    the first of them chooses. position counts in the group's own list of free agents: by idle
    since and id if the longest idle answers, else by id. idle: (G,) free agents. idle_since: (G,)
    since when the first of that list is free. u: the contact's uniform for a uniform choice.
    """
    order = preferred_order(routes, queue, open_ranks, open_now, idle)
    if order == NONE:
        return NONE, NONE, NONE
    best = NONE
    best_rank = NONE
    total = 0
    choice = NONE
    for rank in range(routes.shape[1]):
        group = routes[this(queue), this(rank)]["group"]
        if group == NONE:
            break
        if routes[this(queue), this(rank)]["order"] != order or idle[this(group)] == 0:
            continue
        if not may_answer(routes, queue, rank, open_ranks, open_now):
            continue
        if choice == NONE:
            choice = groups[this(group)]["choice"]
        if not has_earlier_route(routes, queue, rank, open_ranks, open_now):
            total += idle[this(group)]
        if best == NONE or sooner(
            choice, idle_since[this(group)], group, idle_since[this(best)], best
        ):
            best = group
            best_rank = rank
    if choice != AgentChoice.UNIFORM:
        return best, best_rank, 0
    return nth_agent(
        routes, queue, order, open_ranks, open_now, idle, min(int(u * total), total - 1)
    )


@inlined
def sooner(choice, since, group, best_since, best):
    """Return whether the first free agent of `group` goes before that of `best`.

    Ids rise with the index of the group, so the lower index has the lower id.
    """
    if choice == AgentChoice.LONGEST_IDLE and since != best_since:
        return since < best_since
    return group < best


@compiled
def nth_agent(routes, queue, order, open_ranks, open_now, idle, n):
    """Return (group, rank, position) of the n-th free agent, by id, over a pool of equal order."""
    below = NONE
    while True:
        group = NONE
        rank_of_group = NONE
        for rank in range(routes.shape[1]):
            candidate = routes[this(queue), this(rank)]["group"]
            if candidate == NONE:
                break
            if routes[this(queue), this(rank)]["order"] != order or idle[this(candidate)] == 0:
                continue
            if candidate > below and (group == NONE or candidate < group):
                if may_answer(routes, queue, rank, open_ranks, open_now):
                    group = candidate
                    rank_of_group = rank
        if group == NONE or n < idle[this(group)]:
            return group, rank_of_group, n
        n -= idle[this(group)]
        below = group


@inlined
def goes_first(
    pick, priority, joined, serial, score, other_priority, other_joined, other_serial, other_score
):
    """Return whether a contact is served before another one of an earlier queue of the group.

    score: an exponential draw over the weight of the queue; the smallest wins, so that each queue
    wins in proportion to its weight.
    """
    if pick == QueuePick.PRIORITY:
        return False
    if pick == QueuePick.WEIGHTED:
        return score < other_score
    if priority != other_priority:
        return priority > other_priority
    if joined != other_joined:
        return joined < other_joined
    return serial < other_serial
