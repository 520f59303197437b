"""Draws are the stated bits, uniform and independent, and belong to names that can be kept."""

import itertools
from typing import Any

import numpy as np
import pytest
from engine.laws import table_in_seconds
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numba import njit
from scipy import stats
from seeds import few_of

from simkcc.engine import chance, reference, runs
from simkcc.engine.chance import Purpose
from simkcc.engine.compile import compile_plan
from simkcc.engine.plan import Plan
from simkcc.model.contact_log import SECOND, LegKind
from simkcc.model.scenario import Scenario

WORD = 2**64

words = st.integers(0, WORD - 1)
purposes = st.sampled_from(Purpose)
visits = st.integers(0, 255)

# ---------------------------------------------------------------------------------------------
# bits, against plain Python integers


def mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % WORD
    return z ^ (z >> 31)


def bits(key: int, purpose: int, visit: int) -> int:
    first = mix((key + (purpose + 1) * 0x9E3779B97F4A7C15) % WORD)
    return mix((first + (visit + 1) * 0xD1B54A32D192ED03) % WORD)


@njit
def bits_by_type(keys, purpose, visit, byte_visits, out):
    """Write the bits for every type of number that the engines pass."""
    out[0] = chance.bits(keys[0], purpose, visit)
    out[1] = chance.bits(keys[0], np.int64(purpose), np.uint64(visit))
    out[2] = chance.bits(keys[0], purpose, byte_visits[0])
    out[3] = chance.bits(keys[0], Purpose.TALK, visit)


@settings(deadline=None)
@given(words, purposes, st.one_of(visits, st.integers(0, 2**63 - 1)))
@example(0, Purpose.ARRIVAL, 0)
@example(WORD - 1, max(Purpose), 255)
@example(WORD - 1, max(Purpose), 2**63 - 1)
@example(2**63, Purpose.TALK, 1)
@example(2**63 - 1, Purpose.TALK, 1)
@example(2**53 + 1, Purpose.TALK, 2**53 + 1)
def test_bits_are_those_of_plain_integers(key: int, purpose: Purpose, visit: int) -> None:
    wanted = bits(key, int(purpose), visit)
    assert int(chance.bits(np.uint64(key), purpose, visit)) == wanted
    assert int(chance.bits(np.uint64(key), int(purpose), np.int64(visit))) == wanted


@settings(deadline=None)
@given(words, purposes, visits)
@example(WORD - 1, max(Purpose), 255)
def test_bits_are_the_same_for_every_type_of_number(key: int, purpose: Purpose, visit: int) -> None:
    out = np.zeros(4, np.uint64)
    bits_by_type(np.array([key], np.uint64), int(purpose), visit, np.array([visit], np.uint8), out)
    assert out[:3].tolist() == [bits(key, purpose, visit)] * 3
    assert int(out[3]) == bits(key, Purpose.TALK, visit)


@settings(deadline=None)
@given(words, words, words, st.integers(1, 4_000_000), st.integers(0, 2**40))
@example(0, 0, 0, 1, 0)
@example(WORD - 1, WORD - 1, WORD - 1, 4_000_000, 2**40)
def test_keys_are_those_of_plain_integers(
    seed: int, replication: int, stream: int, date: int, index: int
) -> None:
    wanted = bits(bits(bits(seed, 0, replication), 1, stream), 2, date)
    arguments = np.uint64(seed), np.uint64(replication), np.uint64(stream), np.int64(date)
    found = chance.date_key(*arguments)
    assert int(found) == wanted
    contact = bits(wanted, 3, index)
    assert int(chance.contact_key(np.uint64(found), np.int64(index))) == contact
    child = bits(contact, Purpose.CHILD, index % 256)
    assert int(chance.child_key(np.uint64(contact), np.int64(index % 256))) == child


@njit
def keys_of_signed_words(parent, index):
    """Return the keys of a contact and a child whose parent's key came as a signed number."""
    return chance.contact_key(parent, index), chance.child_key(parent, index)


@settings(deadline=None)
@given(st.integers(0, 2**63 - 1), st.integers(0, 2**40))
def test_keys_of_signed_words_are_the_same_keys(parent: int, index: int) -> None:
    wanted = bits(parent, 3, index), bits(parent, Purpose.CHILD, index)
    assert keys_of_signed_words(parent, index) == wanted


@settings(deadline=None)
@given(words, purposes, visits)
def test_uniform_is_the_middle_of_one_of_2_to_the_52_cells(
    key: int, purpose: Purpose, visit: int
) -> None:
    u = chance.uniform(np.uint64(key), purpose, visit)
    assert 0.0 < u < 1.0
    assert (int(u * 2**53)) == 2 * (bits(key, purpose, visit) >> 12) + 1


def test_extreme_bits_give_uniforms_strictly_inside() -> None:
    lowest, highest = 0.5 * 2.0**-52, (2.0**52 - 1 + 0.5) * 2.0**-52
    assert lowest > 0.0
    assert highest < 1.0
    nodes = table_in_seconds({"kind": "exponential", "mean": 1.0})
    assert chance.quantile(nodes, lowest) > 0.0
    assert np.isfinite(chance.quantile(nodes, highest))


def test_purposes_are_numbered_once_each_from_zero() -> None:
    assert sorted(Purpose) == list(range(chance.N_PURPOSES))


def test_identity_depends_on_the_name_alone_and_fits_a_signed_word() -> None:
    names = ["topic a", "topic b", "group a", "probe a", "", "é"]
    assert len({chance.identity(name) for name in names}) == len(names)
    assert all(0 <= chance.identity(name) < 2**63 for name in names)
    assert chance.identity("topic permits") == 1580021156353067267


# ---------------------------------------------------------------------------------------------
# uniform and independent

N = 200_000


@njit
def fill(keys, purposes, visits, out):
    """Draw a uniform for each row."""
    for row in range(out.shape[0]):
        out[row] = chance.uniform(keys[row], purposes[row], visits[row])


def draws(keys: Any, purposes: Any = Purpose.TALK, visits: Any = 0) -> np.ndarray:
    out = np.zeros(len(keys))
    shape = (len(keys),)
    fill(
        np.asarray(keys, np.uint64), np.broadcast_to(np.asarray(purposes, np.int64), shape).copy(),
        np.broadcast_to(np.asarray(visits, np.int64), shape).copy(), out,
    )  # fmt: skip
    return out


def contact_keys(
    seed: int, replication: int, stream: int, date: int, number: int = N
) -> np.ndarray:
    words = np.uint64(seed), np.uint64(replication), np.uint64(stream)
    first = np.uint64(chance.date_key(*words, date))
    return np.array([chance.contact_key(first, index) for index in range(number)], np.uint64)


@pytest.fixture(scope="module")
def keys() -> np.ndarray:
    return contact_keys(1, 0, chance.identity("topic a"), 738_000)


def is_uniform(sample: np.ndarray, cells: int = 1000) -> bool:
    """Return whether a chi-square test with fixed draws sees nothing odd, either way."""
    counts = np.histogram(sample, cells, (0, 1))[0]
    return 1e-4 < stats.chisquare(counts).pvalue < 1 - 1e-4


def are_independent(one: np.ndarray, other: np.ndarray, cells: int = 40) -> bool:
    """Return whether pairs fill the unit square evenly and do not go together."""
    counts = np.histogram2d(one, other, cells, ((0, 1), (0, 1)))[0].ravel()
    even = 1e-4 < stats.chisquare(counts).pvalue < 1 - 1e-4
    return bool(even and abs(np.corrcoef(one, other)[0, 1]) < 4.5 / len(one) ** 0.5)


def test_draws_of_contacts_are_uniform(keys: np.ndarray) -> None:
    for purpose in (Purpose.ARRIVAL, Purpose.PATIENCE, Purpose.TALK, max(Purpose)):
        sample = draws(keys, purpose)
        assert is_uniform(sample)
        assert stats.kstest(sample, "uniform").pvalue > 1e-4


def test_small_whole_keys_are_as_good_as_any() -> None:
    sample = draws(np.arange(N))
    assert is_uniform(sample)
    assert are_independent(sample[:-1], sample[1:])


def test_every_bit_is_as_often_one_as_zero(keys: np.ndarray) -> None:
    for sample in (keys, np.arange(N, dtype=np.uint64)):
        out = np.array([chance.bits(np.uint64(key), 12, 0) for key in sample[:50_000]], np.uint64)
        ones = [int((out >> np.uint64(bit) & np.uint64(1)).sum()) for bit in range(64)]
        assert max(abs(count - 25_000) for count in ones) < 4.5 * (50_000 / 4) ** 0.5


@pytest.mark.parametrize("lag", [1, 2, 7])
def test_neighbouring_contacts_are_independent(keys: np.ndarray, lag: int) -> None:
    sample = draws(keys)
    assert are_independent(sample[:-lag], sample[lag:])


@pytest.mark.parametrize(
    ("one", "other"), few_of([(Purpose.ARRIVAL, Purpose.TALK), *itertools.pairwise(Purpose)], 8)
)
def test_purposes_of_a_contact_are_independent(
    keys: np.ndarray, one: Purpose, other: Purpose
) -> None:
    assert are_independent(draws(keys, one), draws(keys, other))


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 2), (0, 255), (127, 128)])
def test_visits_of_a_purpose_are_independent(keys: np.ndarray, one: int, other: int) -> None:
    assert are_independent(draws(keys, visits=one), draws(keys, visits=other))


def test_draws_of_one_contact_over_purposes_and_visits_are_uniform_and_independent() -> None:
    pairs = np.array(list(itertools.product(range(chance.N_PURPOSES), range(256))))
    for key in (0, 1, WORD - 1, 0x0123456789ABCDEF):
        sample = draws(np.full(len(pairs), key, np.uint64), pairs[:, 0], pairs[:, 1])
        assert is_uniform(sample, 100)
        assert are_independent(sample[:-1], sample[1:], 10)


@pytest.mark.parametrize(
    "other",
    [(2, 0, 11, 738_000), (1, 1, 11, 738_000), (1, 0, 12, 738_000), (1, 0, 11, 738_001),
     (WORD - 1, 0, 11, 738_000), (0, 1, 11, 738_000)],
    ids=["seed", "replication", "stream", "date", "last seed", "seed and replication swapped"],
)  # fmt: skip
def test_contacts_of_neighbouring_seeds_replications_streams_and_dates_are_independent(
    other: tuple[int, int, int, int],
) -> None:
    number = 60_000
    one = draws(contact_keys(1, 0, 11, 738_000, number))
    assert are_independent(one, draws(contact_keys(*other, number)), 20)


@pytest.mark.slow  # many keys in plain Python
def test_first_contacts_of_successive_dates_and_replications_are_independent() -> None:
    days = [chance.date_key(np.uint64(1), np.uint64(0), np.uint64(11), d) for d in range(60_000)]
    runs = [chance.date_key(np.uint64(1), np.uint64(r), np.uint64(11), 9) for r in range(60_000)]
    for first in (days, runs):
        sample = draws([chance.contact_key(np.uint64(key), 0) for key in first])
        assert is_uniform(sample, 100)
        assert are_independent(sample[:-1], sample[1:], 20)


def test_children_have_keys_of_their_own(keys: np.ndarray) -> None:
    parents = keys[:2000]
    children = [
        int(chance.child_key(np.uint64(parent), ordinal))
        for parent in parents
        for ordinal in range(5)
    ]
    grandchildren = [int(chance.child_key(np.uint64(child), 0)) for child in children]
    everyone = [*map(int, parents), *children, *grandchildren]
    assert len(set(everyone)) == len(everyone)


def test_children_are_independent_of_parents_and_of_each_other(keys: np.ndarray) -> None:
    parents = keys[:60_000]
    first, second = (
        draws([chance.child_key(np.uint64(parent), ordinal) for parent in parents])
        for ordinal in (0, 1)
    )
    assert are_independent(draws(parents), first, 20)
    assert are_independent(first, second, 20)


# ---------------------------------------------------------------------------------------------
# names, and the moment of a draw


def centre(topic: str = "permits", queue: str = "desk", group: str = "staff", **words: Any) -> Plan:
    """Return a plan with chance in every place, under any names."""
    table = {
        "horizon": {"days": 2, "end": "run_out"},
        "hours": {"open": {"daily": ["00:00-00:05"]}},
        "demand": {"busyness_cv": 0.5},
        "patience": {"kind": "exponential", "mean": 60.0},
        "redial": {"share": 0.5},
        "topics": {topic: {
            "per_hour": 240.0, "hours": "open", "queue": queue, "stream": "topic permits",
            "handling": {"talk": {"kind": "gamma", "mean": 40.0, "cv": 1.0}},
        }},
        "queues": {queue: {"routes": [{"group": group}]}},
        "groups": {group: {"agents": 2}},
    }  # fmt: skip
    return compile_plan(Scenario.model_validate(table | words))


def test_renaming_changes_nothing_if_the_stream_keeps_its_identity() -> None:
    one, other = runs.play(centre()), runs.play(centre("omgeving", "loket", "team"))
    assert len(one.contacts) > 30
    assert one == other


def test_topic_without_a_stream_has_the_chance_of_its_name() -> None:
    topic = {"per_hour": 240.0, "hours": "open", "handling": {"aht": 40.0}}
    logs = [
        runs.play(centre(queue="desk", topics={name: topic | words}))
        for name, words in (
            ("permits", {}), ("permits", {"stream": "topic permits"}), ("taxes", {}),
        )
    ]  # fmt: skip
    assert logs[0] == logs[1]
    assert logs[0] != logs[2]


def test_new_topic_leaves_the_callers_of_the_others_alone() -> None:
    topic = {"per_hour": 240.0, "hours": "open", "queue": "desk", "handling": {"aht": 40.0}}
    born = [
        runs.play(centre(topics=topics)).contacts
        for topics in ({"b": topic}, {"b": topic, "c": topic}, {"a": topic, "b": topic})
    ]
    for number, place in ((1, 0), (2, 1)):
        same = born[number][(born[number]["topic"] == place) & (born[number]["origin"] == 0)]
        first = born[0][born[0]["origin"] == 0]
        assert same["truth_key"].tolist() == first["truth_key"].tolist()
        assert same["born"].tolist() == first["born"].tolist()


def test_duration_that_depends_on_the_time_is_drawn_when_its_step_starts() -> None:
    by_time = {"kind": "by_time", "windows": [{"hours": "early", "then": 100.0}], "otherwise": 10.0}
    plan = centre(
        hours={"early": {"daily": ["00:00-00:01"]}},
        topics={"a": {"arrivals": [0.0, 59.0, 60.0, 70.0], "handling": {"talk": by_time}}},
        groups={"staff": {"agents": 9}},
        patience=600.0,
    )
    for log in (runs.play(plan).in_order(), reference.play(plan).log()):
        talks = log.legs[log.legs["kind"] == LegKind.TALK]
        assert ((talks["end"] - talks["start"]) // SECOND).tolist() == [100, 100, 10, 10]
