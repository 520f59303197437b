"""Who answers whom: pure decisions that both engines call. Facts in, an index or NONE out.

No clock, no writing, no chance: a coin comes in as a uniform.
"""

from simkcc.model.contact_log import NONE
from simkcc.routing.compiled import compiled, inlined
from simkcc.routing.tables import AgentChoice, QueuePick


@inlined
def may_answer(routes, queue, rank, open_ranks, open_now):
    """Return whether the group at `rank` of `queue` may answer a contact now, free or not.

    open_ranks: bit r is set once the contact has waited out the `after` of rank r.
    """
    hours = routes[queue, rank]["hours"]
    return (open_ranks >> rank) & 1 == 1 and (hours == NONE or open_now[hours] == 1)


@inlined
def preferred_order(routes, queue, open_ranks, open_now, idle):
    """Return the lowest order among groups that may answer and have a free agent, or NONE."""
    best = NONE
    for rank in range(routes.shape[1]):
        group = routes[queue, rank]["group"]
        if group == NONE:
            break
        order = routes[queue, rank]["order"]
        if idle[group] > 0 and (best == NONE or order < best):
            if may_answer(routes, queue, rank, open_ranks, open_now):
                best = order
    return best


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
    choice = NONE
    for rank in range(routes.shape[1]):
        group = routes[queue, rank]["group"]
        if group == NONE:
            break
        if routes[queue, rank]["order"] != order or idle[group] == 0:
            continue
        if not may_answer(routes, queue, rank, open_ranks, open_now):
            continue
        if choice == NONE:
            choice = groups[group]["choice"]
        if best == NONE or sooner(choice, idle_since[group], group, idle_since[best], best):
            best = group
            best_rank = rank
    if choice != AgentChoice.UNIFORM:
        return best, best_rank, 0
    total = pool_size(routes, queue, order, open_ranks, open_now, idle)
    return nth_agent(routes, queue, order, open_ranks, open_now, idle, min(int(u * total), total - 1))


@inlined
def sooner(choice, since, group, best_since, best):
    """Return whether the first free agent of `group` goes before that of `best`.

    Ids rise with the index of the group, so the lower index has the lower id.
    """
    if choice == AgentChoice.LONGEST_IDLE and since != best_since:
        return since < best_since
    return group < best


@compiled
def next_of_pool(routes, queue, order, open_ranks, open_now, idle, below):
    """Return (group, rank) of the lowest group above `below` in a pool of equal order, or NONE."""
    best = NONE
    best_rank = NONE
    for rank in range(routes.shape[1]):
        group = routes[queue, rank]["group"]
        if group == NONE:
            break
        if routes[queue, rank]["order"] != order or idle[group] == 0 or group <= below:
            continue
        if best == NONE or group < best:
            if may_answer(routes, queue, rank, open_ranks, open_now):
                best = group
                best_rank = rank
    return best, best_rank


@compiled
def pool_size(routes, queue, order, open_ranks, open_now, idle):
    """Return the free agents of a pool of equal order; a group on two routes counts once."""
    total = 0
    group, _ = next_of_pool(routes, queue, order, open_ranks, open_now, idle, NONE)
    while group != NONE:
        total += idle[group]
        group, _ = next_of_pool(routes, queue, order, open_ranks, open_now, idle, group)
    return total


@compiled
def nth_agent(routes, queue, order, open_ranks, open_now, idle, n):
    """Return (group, rank, position) of the n-th free agent, by id, over a pool of equal order."""
    group, rank = next_of_pool(routes, queue, order, open_ranks, open_now, idle, NONE)
    while group != NONE and n >= idle[group]:
        n -= idle[group]
        group, rank = next_of_pool(routes, queue, order, open_ranks, open_now, idle, group)
    return group, rank, n


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
