"""All chance of both engines: a function of who draws, what for, and and how often before.

Nothing depends on the order of events, so a caller has the same luck in every variant. The mixing
function is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014), applied twice.
"""

import hashlib
from enum import IntEnum

import numpy as np

from simkcc.model.contact_log import NONE
from simkcc.routing.compiled import compiled, inlined, this


class Purpose(IntEnum):
    """What a draw is for. Numbers are part of every published result: never reuse one."""

    ARRIVAL = 0
    BUSYNESS = 1
    MENU = 2
    HANG_UP = 3
    CHOICE = 4
    WRONG = 5
    PATIENCE = 6
    BALK = 7
    LIMIT = 8
    AFTER = 9
    OFFER = 10
    ACCEPT = 11
    TALK = 12
    HOLD_AT_PICK_UP = 13
    HOLD_DURING = 14
    HOLD = 15
    WRAP_UP = 16
    NEED = 17
    AVAILABLE = 18
    PICK_UP = 19
    TAKE_BACK = 20
    HANDOVER = 21
    EXPLAIN = 22
    SECOND_TALK = 23
    SECOND_WRAP_UP = 24
    CALLBACK = 25
    REGISTER = 26
    REACH = 27
    EFFORT = 28
    DELAY = 29
    REDIAL = 30
    RESOLVED = 31
    REPEAT = 32
    AGENT = 33
    QUEUE = 34
    ABSENCE = 35
    WRONG_TALK = 36
    FORGOTTEN = 37
    CHILD = 38
    BRANCH = 39


N_PURPOSES = len(Purpose)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xD1B54A32D192ED03)
_FIRST_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
_SECOND_FACTOR = np.uint64(0x94D049BB133111EB)
_ONE = np.uint64(1)
_12 = np.uint64(12)
_27 = np.uint64(27)
_30 = np.uint64(30)
_31 = np.uint64(31)

OCTAVES = 52
"""Halvings of the uniform that a table resolves in each tail; the last bit of a draw."""
CELLS = 64
"""Cells per halving: six bits of the mantissa."""
TAIL = OCTAVES * CELLS + 1
"""Nodes of one tail."""
NODES = 2 * TAIL
"""Nodes of one table, the lower tail first."""

_SMALLEST = 2.0**-53
_FRACTION_BITS = 46
_FRACTION_MASK = np.int64((1 << _FRACTION_BITS) - 1)
_TO_FRACTION = 2.0**-_FRACTION_BITS
_FIRST_CELL = np.int64(int(np.float64(_SMALLEST).view(np.int64)) >> _FRACTION_BITS)
_HALF = np.int64(2**51)
_CELL_OF_ONE = np.int64(int(np.float64(1.0).view(np.int64)) >> _FRACTION_BITS)


@inlined
def mix(z):
    """Return 64 bits that depend on every bit of `z` (uint64)."""
    z = (z ^ (z >> _30)) * _FIRST_FACTOR
    z = (z ^ (z >> _27)) * _SECOND_FACTOR
    return z ^ (z >> _31)


@inlined
def purpose_key(key, purpose):
    """Return what all draws of `purpose` by the owner of `key` (uint64) have in common."""
    return mix(key + (np.uint64(purpose) + _ONE) * _GOLDEN)


@inlined
def bits_at(purpose_key, visit):
    """Return the 64 bits of the `visit`-th draw of a purpose_key."""
    return mix(purpose_key + (np.uint64(visit) + _ONE) * _SECOND)


@inlined
def bits(key, purpose, visit):
    """Return the 64 bits of the `visit`-th draw of `purpose` by the owner of `key` (uint64)."""
    return bits_at(purpose_key(key, purpose), visit)


@inlined
def uniform(key, purpose, visit):
    """Return a draw strictly between 0 and 1, one of 2^52 equally likely."""
    return (np.float64(bits(key, purpose, visit) >> _12) + 0.5) * 2.0**-52


@compiled
def date_key(seed, replication, stream, date):
    """Return the key of a stream's contacts on a date (proleptic ordinal of the calendar)."""
    key = bits(np.uint64(seed), np.int64(0), np.uint64(replication))
    key = bits(key, np.int64(1), np.uint64(stream))
    return bits(key, np.int64(2), np.uint64(date))


@inlined
def contact_keys(date):
    """Return what the keys of all contacts of a date_key have in common: the purpose_key of `index`."""
    return purpose_key(np.uint64(date), np.int64(3))


@compiled
def contact_key(date, index):
    """Return the key of the contact with that index within a date; `date` is its date_key."""
    return bits_at(contact_keys(date), np.uint64(index))


@compiled
def child_key(parent, ordinal):
    """Return the key of a parent's child: callback, redial or repeat."""
    return bits(np.uint64(parent), np.int64(Purpose.CHILD), np.uint64(ordinal))


_GIVEN = np.uint64(0x6769_7665_6E00_0000)
"""Identity of what is given at the start: "given" in ASCII."""


@compiled
def given_key(seed, replication, table, row):
    """Return the key of a row of given (table 0) or of present (table 1)."""
    return contact_key(date_key(seed, replication, _GIVEN, table), row)


def identity(name: str) -> int:
    """Return the 63-bit identity of a named stream, group or centre."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little") >> 1


@inlined
def quantile(nodes, u):
    """Return the quantile at `u` of a table: (NODES,) float32, linear within a cell.

    Without a branch on the tail, which chance would miss every other time (1.02 times as fast).
    """
    upper = np.int64(u > 0.5)
    tail = max(min(u, 1.0 - u), _SMALLEST)
    pattern = np.float64(tail).view(np.int64)
    cell = np.uint64((pattern >> _FRACTION_BITS) - _FIRST_CELL + upper * TAIL)
    low = np.float64(nodes[cell])
    fraction = np.float64(pattern & _FRACTION_MASK) * _TO_FRACTION
    return low + (np.float64(nodes[cell + _ONE]) - low) * fraction


@inlined
def quantile_of_bits(nodes, z):
    """Return the quantile of a table at the uniform of a draw's 64 bits, without making that uniform.

    The uniform is an odd number of steps of 2^-53, and so is what is left above it: as whole numbers
    both tails are exact, and the chain of operations before the table is half as long.
    """
    step = np.int64(z >> _12)
    upper = step >> 51
    tail = np.float64(2 * ((step ^ -upper) & (_HALF - 1)) + 1)
    pattern = tail.view(np.int64)
    cell = np.uint64((pattern >> _FRACTION_BITS) - _CELL_OF_ONE + upper * TAIL)
    low = np.float64(nodes[cell])
    fraction = np.float64(pattern & _FRACTION_MASK) * _TO_FRACTION
    return low + (np.float64(nodes[cell + _ONE]) - low) * fraction


@compiled
def atom_at(atoms, first, last, u):
    """Return the value of the atom that `u` falls in; `below` is cumulative within the rows."""
    while first < last:
        middle = (first + last) // 2
        if u < atoms[this(middle)]["below"]:
            last = middle
        else:
            first = middle + 1
    return atoms[this(first)]["value"]


@inlined
def value_at(dists, atoms, tables, dist, u):
    """Return the quantile at `u` of a distribution, in ticks, not rounded.

    The uniform selects an atom, or is rescaled and goes to the continuous table: nothing is ever
    interpolated across an atom.
    """
    mass = dists[this(dist)]["mass"]
    if u < mass:
        return atom_at(atoms, dists[this(dist)]["first_atom"], dists[this(dist)]["last_atom"], u)
    if mass > 0.0:
        u = (u - mass) / (1.0 - mass)
    return quantile(tables[this(dists[this(dist)]["table"])], u)


@inlined
def duration_at(dists, atoms, tables, dist, u, factor, tick):
    """Return the duration at `u`, times `factor`, rounded once: microseconds."""
    return np.int64(np.rint(value_at(dists, atoms, tables, dist, u) * factor)) * tick


@inlined
def is_constant(dists, dist):
    """Return whether a distribution has one value: then the uniform does not matter."""
    row = dists[this(dist)]
    return row["mass"] >= 1.0 and row["first_atom"] == row["last_atom"]


@inlined
def dist_now(dists, selectors, open_now, dist):
    """Return the distribution that holds now: the first whose hours are open, or `dist` itself.

    selectors: rows of (hours, then), ended by hours = NONE with the one that holds otherwise.
    """
    while dist != NONE and dists[this(dist)]["selector"] != NONE:
        row = dists[this(dist)]["selector"]
        while (
            selectors[this(row)]["hours"] != NONE
            and not open_now[this(selectors[this(row)]["hours"])]
        ):
            row += 1
        dist = selectors[this(row)]["then"]
    return dist


@compiled
def share_below(nodes, value):
    """Return the share of a table below `value`: the inverse of `quantile`, from the same cells."""
    if value <= nodes[0]:
        return 0.0
    if value >= nodes[this(TAIL)]:
        return 1.0
    upper = value > nodes[this(TAIL - 1)]
    low = 0
    high = TAIL - 1
    while high - low > 1:
        middle = (low + high) // 2
        node = nodes[this(TAIL + middle)] if upper else nodes[this(middle)]
        if (node > value) if upper else (node <= value):
            low = middle
        else:
            high = middle
    start = TAIL if upper else 0
    left = np.float64(nodes[this(start + low)])
    right = np.float64(nodes[this(start + low + 1)])
    fraction = (value - left) / (right - left) if right != left else 0.0
    pattern = ((low + _FIRST_CELL) << _FRACTION_BITS) + np.int64(fraction / _TO_FRACTION)
    tail = np.int64(pattern).view(np.float64)
    return 1.0 - tail if upper else tail


@compiled
def remaining_at(dists, atoms, tables, dist, u, elapsed):
    """Return what is left, in ticks, of a duration that already lasts `elapsed` ticks.

    u' = F(elapsed) + u (1 - F(elapsed)), with F read from the same atoms and table.
    """
    mass = dists[this(dist)]["mass"]
    gone = 0.0
    last = dists[this(dist)]["last_atom"]
    row = dists[this(dist)]["first_atom"]
    before = 0.0
    while row <= last and mass > 0.0:
        if atoms[this(row)]["value"] <= elapsed:
            gone += atoms[this(row)]["below"] - before
        before = atoms[this(row)]["below"]
        row += 1
    below = 0.0
    if mass < 1.0:
        below = share_below(tables[this(dists[this(dist)]["table"])], elapsed)
    left_atoms = mass - gone
    left_table = (1.0 - mass) * (1.0 - below)
    total = left_atoms + left_table
    if total <= 0.0:
        return 0.0
    target = u * total
    if target >= left_atoms:
        inner = below + (target - left_atoms) / (1.0 - mass)
        return max(quantile(tables[this(dists[this(dist)]["table"])], inner) - elapsed, 0.0)
    row = dists[this(dist)]["first_atom"]
    before = 0.0
    while True:
        if atoms[this(row)]["value"] > elapsed:
            target -= atoms[this(row)]["below"] - before
            if target < 0.0 or row == last:
                return atoms[this(row)]["value"] - elapsed
        before = atoms[this(row)]["below"]
        row += 1


@compiled
def remaining_duration(dists, atoms, tables, dist, u, elapsed, factor, tick):
    """Return what is left, rounded once, of a duration times `factor` that lasts `elapsed`.

    Both in microseconds.
    """
    left = remaining_at(dists, atoms, tables, dist, u, elapsed / (factor * tick))
    return np.int64(np.rint(left * factor)) * tick
