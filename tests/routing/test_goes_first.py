"""Which queue a free agent serves: tables of cases for every sign of the rule."""

import numpy as np
import pytest

from simkcc.routing.rules import goes_first
from simkcc.routing.tables import QueuePick

OLDER, YOUNGER = (0, 10, 5), (0, 20, 3)
"""(priority, joined, serial) of two who wait."""


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        (OLDER, YOUNGER, True),
        (YOUNGER, OLDER, False),
        ((1, 20, 3), OLDER, True),
        (OLDER, (1, 20, 3), False),
        ((-1, 10, 5), YOUNGER, False),
        (YOUNGER, (-1, 10, 5), True),
        ((0, 10, 2), (0, 10, 5), True),
        ((0, 10, 5), (0, 10, 2), False),
        (OLDER, OLDER, False),
    ],
)
def test_longest_wait_is_by_priority_then_joined_then_serial(
    one: tuple[int, int, int], other: tuple[int, int, int], answer: bool
) -> None:
    for scores in ((0.0, 1.0), (1.0, 0.0)):
        found = goes_first(QueuePick.LONGEST_WAIT, *one, scores[0], *other, scores[1])
        assert bool(found) == answer


@pytest.mark.parametrize("one", [OLDER, YOUNGER, (9, 0, 0)])
@pytest.mark.parametrize("scores", [(0.0, 1.0), (1.0, 0.0)])
def test_by_priority_of_queues_the_earlier_queue_always_keeps_its_turn(
    one: tuple[int, int, int], scores: tuple[float, float]
) -> None:
    assert not goes_first(QueuePick.PRIORITY, *one, scores[0], *OLDER, scores[1])


@pytest.mark.parametrize(
    ("score", "other_score", "answer"), [(0.5, 1.0, True), (1.0, 0.5, False), (0.5, 0.5, False)]
)
def test_by_weight_the_smallest_score_wins_whoever_waits_longer(
    score: float, other_score: float, answer: bool
) -> None:
    for one, other in ((OLDER, YOUNGER), (YOUNGER, OLDER), ((9, 0, 0), OLDER)):
        assert bool(goes_first(QueuePick.WEIGHTED, *one, score, *other, other_score)) == answer


@pytest.mark.slow  # 20,000 comparisons
def test_scores_make_queues_win_in_proportion_to_their_weights() -> None:
    draws = -np.log(np.random.default_rng(7).random((20_000, 2)))
    scores = draws / np.array([3.0, 1.0])
    wins = sum(
        bool(goes_first(QueuePick.WEIGHTED, *OLDER, one, *YOUNGER, other)) for one, other in scores
    )
    assert abs(wins / 20_000 - 0.75) < 4 * (0.75 * 0.25 / 20_000) ** 0.5
