"""Drawing the assumed inputs: what varies, how, what comes out, and which assumption decides."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import SMALL

from simkcc.analysis.compare import headlines
from simkcc.analysis.inputs import (
    Assumption,
    Drawn,
    assumptions,
    decides,
    draw,
    evidence,
    not_varied,
    study,
    with_values,
)
from simkcc.errors import SettingError
from simkcc.model.files import Loaded, load_scenario

MARKED = """
name = "marked"
replications = 2
[horizon]
start = 2024-01-01
days = 1
[hours.open]
daily = ["08:00-12:00"]
[demand]
per_year = { value = 60_000, mark = "A", range = [50_000, 80_000] }
month = { value = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], mark = "A" }
[topics.waste]
share = { value = 0.5, mark = "A", range = [0.3, 0.6] }
[topics.papers]
share = { value = 0.3, mark = "A", range = [0.2, 0.5] }
[topics.other]
share = { value = 0.2, mark = "G" }
[handling]
aht = { value = 4, unit = "min", mark = "A", range = [3, 5] }
[patience]
kind = "exponential"
mean = { value = 300, mark = "M", range = [250, 350] }
[redial]
share = { value = 0.4, mark = "A" }
[queues.kcc]
routes = [{ group = "team" }]
[groups.team]
agents = { value = 3, mark = "A", range = [2, 4] }
hours = "open"
per_hour = { value = 50, mark = "G" }

[variants.same]
title.en = "only another label"
[variants.provider]
groups.team.per_hour = { value = 48, mark = "A", range = [40, 60] }
[variants.fixed]
groups.team.agents = 4
"""
PLACE = ("base", "same", "provider")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inputs") / "marked.toml"
    path.write_text(MARKED)
    return path


def load(path: Path, *names: str, settings: tuple[str, ...] = ()) -> list[Loaded]:
    return [load_scenario(path, name, settings) for name in names]


# ---------------------------------------------------------------------------------------------
# what varies


def test_assumptions_with_a_range_vary_and_nothing_else(path: Path) -> None:
    found = {each.key: each for each in assumptions(load(path, *PLACE))}
    assert set(found) == {
        "demand.per_year", "topics.waste.share", "topics.papers.share", "handling.aht",
        "groups.team.agents", "groups.team.per_hour",
    }  # fmt: skip
    assert found["handling.aht"] == Assumption("handling.aht", 240.0, 180.0, 300.0, (0, 1, 2))
    assert found["groups.team.per_hour"].arms == (2,)
    assert [key for key, each in found.items() if each.whole] == ["groups.team.agents"]
    assert not_varied(load(path, *PLACE)) == ("demand.month", "redial.share")


def test_what_a_variant_or_a_setting_replaces_does_not_vary(path: Path) -> None:
    found = {each.key: each.arms for each in assumptions(load(path, "base", "fixed"))}
    assert found["groups.team.agents"] == (0,)
    found = assumptions(load(path, "base", "same", settings=("handling.aht=200",)))
    assert "handling.aht" not in {each.key for each in found}


def test_numbers_are_counted_by_what_they_are_worth(path: Path) -> None:
    alone = evidence(load(path, "base"))
    assert (alone.given, alone.assumed, alone.measured, alone.derived) == (2, 7, 1, 0)
    assert evidence(load(path, "base", "same")) == alone
    both = evidence(load(path, "base", "provider"))
    assert (both.given, both.assumed, both.total) == (2, 8, alone.total + 1)
    changed = evidence(load(path, "base", settings=("handling.aht=200",)))
    assert (changed.assumed, changed.unmarked) == (6, alone.unmarked + 1)


# ---------------------------------------------------------------------------------------------
# draws


@given(draws=st.integers(1, 40), seed=st.integers(0, 99), low=st.floats(-5, 5))
def test_draws_cover_every_part_of_a_range_once(draws: int, seed: int, low: float) -> None:
    each = Assumption("key", low, low, low + 2.0, (0,))
    found = np.sort(draw([each], draws, seed)[:, 0])
    parts = low + 2.0 * np.arange(draws + 1) / draws
    assert ((parts[:-1] - 1e-9 <= found) & (found <= parts[1:] + 1e-9)).all()


def test_an_assumption_is_drawn_alike_whatever_else_is_drawn() -> None:
    some = [Assumption(name, 0.5, 0.0, 1.0, (0,)) for name in ("a", "b", "c")]
    alone, together = draw(some[1:2], 12, 7), draw(some, 12, 7)
    np.testing.assert_array_equal(alone[:, 0], together[:, 1])
    assert abs(np.corrcoef(draw(some, 400, 7).T)[0, 1]) < 0.15
    assert not np.array_equal(alone, draw(some[1:2], 12, 8))


def test_whole_numbers_stay_whole_and_are_all_as_likely() -> None:
    found = draw([Assumption("agents", 3, 2, 4, (0,), whole=True)], 300, 1)[:, 0]
    assert {value: int((found == value).sum()) for value in set(found)} == {2: 100, 3: 100, 4: 100}


@settings(deadline=None)
@given(waste=st.floats(0.3, 0.6), papers=st.floats(0.2, 0.5))
def test_shares_of_topics_keep_adding_up(path_of_marked: Path, waste: float, papers: float) -> None:
    loaded = load_scenario(path_of_marked)
    values = {"topics.waste.share": waste, "topics.papers.share": papers}
    for chosen in (values, {"topics.waste.share": waste}):
        topics = with_values(loaded, chosen).topics
        assert sum(topic.share or 0.0 for topic in topics.values()) == pytest.approx(1.0)
    assert topics["waste"].share == pytest.approx(waste)
    assert topics["papers"].share / topics["other"].share == pytest.approx(0.3 / 0.2)
    both = with_values(loaded, values).topics
    assert both["other"].share == 0.2
    assert both["waste"].share / both["papers"].share == pytest.approx(waste / papers)


@pytest.fixture(scope="session")
def path_of_marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("marked") / "marked.toml"
    path.write_text(MARKED)
    return path


# ---------------------------------------------------------------------------------------------
# what comes out


def test_each_draw_is_the_same_in_all_arms(path: Path) -> None:
    loaded = load(path, "base", "same")
    found = study(loaded, headlines(loaded[0].scenario), 4, seed=1, replications=1, jobs=1)
    for drawn in found.drawn.values():
        assert set(drawn.values) == {0.0}
        assert (drawn.above, drawn.below, drawn.band, drawn.decided_by) == (0, 0, (0, 0), None)


@pytest.mark.slow  # 24 draws of two arms
def test_the_price_decides_on_cost_where_it_crosses_the_other_price(path: Path) -> None:
    loaded = load(path, "base", "provider")
    found = study(loaded, ("cost", "sl2"), 24, seed=1, replications=1, jobs=2)
    cost = found.drawn[1, "cost"]
    assert cost.above == pytest.approx(0.5, abs=1 / 24)  # 50 is the middle of 40 to 60
    assert cost.decided_by is not None
    assert (cost.decided_by.key, cost.decided_by.above) == ("groups.team.per_hour", True)
    assert cost.decided_by.threshold == pytest.approx(50.0, abs=20 / 24)
    assert cost.decided_by.right == 1.0
    assert set(found.drawn[1, "sl2"].values) == {0.0}


def test_draws_are_the_same_again(path: Path) -> None:
    loaded = load(path, "base", "provider")
    first, second = (study(loaded, ("cost",), 3, seed=5, replications=1, jobs=1) for _ in range(2))
    assert first == second


SPLIT = """
[redial]
share = 0.1
[redial.delay]
soon = { value = 0.5, mark = "A", range = [LOW, 0.9] }
later_today = { value = 0.5, mark = "A", range = [LOW, 0.9] }
[queues.kcc]
"""
"""Two shares that pass 1 together in some draws: no such centre can be."""


def test_draws_that_make_no_centre_are_drawn_anew(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    text = SMALL.replace("[queues.kcc]", SPLIT)
    path.write_text(text.replace("LOW", "0.1"))
    found = study(load(path, "base", "same"), ("sl2",), 6, seed=1, replications=1, jobs=1)
    assert found.redrawn > 0
    path.write_text(text.replace("LOW", "0.5"))
    with pytest.raises(SettingError, match="50 draws in a row made no valid centre"):
        study(load(path, "base", "same"), ("sl2",), 2, seed=1, replications=1, jobs=1)


def test_nothing_to_draw_is_said(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    with pytest.raises(SettingError, match="marked A with a range"):
        study(load(path, "base", "same"), ("sl2",), 4, seed=1)


def test_bands_hold_nine_draws_of_ten_and_leave_out_what_is_missing() -> None:
    found = Drawn(tuple(float(value) for value in range(-50, 51)))
    assert found.band == (-45.0, 45.0)
    assert (found.above, found.below) == (pytest.approx(50 / 101), pytest.approx(50 / 101))
    assert Drawn((1.0, math.nan, 1.0, 1.0)).band == (1.0, 1.0)
    assert Drawn((1.0, math.nan, 1.0, 1.0)).above == 0.75
    assert all(map(math.isnan, Drawn((math.nan,)).band))


# ---------------------------------------------------------------------------------------------
# what decides


def test_the_assumption_that_decides_is_found_among_many() -> None:
    random = np.random.default_rng(1)
    values = random.random((60, 20))
    for sign in (1, -1):
        noise = 0.02 * random.standard_normal(60)
        found = decides([str(i) for i in range(20)], values, sign * (values[:, 7] - 0.6) + noise)
        assert found is not None
        assert (found.key, found.above) == ("7", sign > 0)
        assert found.threshold == pytest.approx(0.6, abs=0.06)
        assert found.right > 0.9


@pytest.mark.slow
def test_chance_seldom_decides() -> None:
    random = np.random.default_rng(2)
    names = [str(i) for i in range(20)]
    found = [
        decides(names, random.random((30, 20)), random.standard_normal(30)) for _ in range(200)
    ]
    assert sum(each is not None for each in found) <= 20


def test_nothing_decides_what_always_comes_out_alike() -> None:
    values = np.random.default_rng(3).random((30, 2))
    assert decides(["a", "b"], values, values[:, 0] + 1.0) is None
    assert decides(["a", "b"], values, np.full(30, math.nan)) is None
    assert decides(["a"], np.ones((30, 1)), values[:, 0] - 0.5) is None
