"""Sweeps: what the range says, that each value is the run it stands for, and what is shown of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from command import call

from simkcc.analysis import compare as comparing
from simkcc.analysis import results
from simkcc.analysis.intervals import Interval
from simkcc.analysis.sweep.document import sentences, sweep_document, sweep_rows
from simkcc.analysis.sweep.page import sweep_page
from simkcc.analysis.sweep.played import Point, Sweep, sweep
from simkcc.analysis.sweep.range import Range, parse_ranges
from simkcc.errors import ScenarioError, SettingError
from simkcc.model.files import load_scenario

TOWN = """
title.en = "a town"
handling.talk = { kind = "exponential", mean = 240 }
patience = { kind = "exponential", mean = 120 }
norms.goal = 0.8
[horizon]
days = 5
[hours.open]
weekdays = ["08:00-18:00"]
[topics.permits]
per_hour = 60
[queues.kcc]
routes = [{ group = "front" }]
[groups.front]
agents = 5
hours = "open"
[variants.quick]
title.en = "quicker talks"
handling.talk.mean = 200
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sweep") / "town.toml"
    file.write_text(TOWN)
    return file


@pytest.fixture(scope="module")
def swept(town: Path) -> Sweep:
    over = Range("groups.front.agents", 3, 8)
    names = ("sl2", "dialled")
    return sweep(town, (None, "quick"), over, metrics=names, number=6, replications=4, jobs=1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.b=1..10", Range("a.b", 1, 10)),
        ("a.b = 0.5..2.5:0.5", Range("a.b", 0.5, 2.5, 0.5)),
        ("a=-1..1", Range("a", -1, 1)),
        ("a=1_000..2e3", Range("a", 1000, 2000)),
        ("a=.1...2", Range("a", 0.1, 0.2)),
    ],
)
def test_a_range_is_read(text: str, found: Range) -> None:
    assert parse_ranges([text, "redial.share=0.2"]) == (found, ["redial.share=0.2"])


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (["a=1"], "no range given"),
        (["a=1..2", "b=1..2"], "2 ranges given"),
        (["a=2..2"], "ends at or before its start"),
        (["a=1..2:0"], "a step of 0 does not fit"),
        (["a=1..2:5"], "a step of 5 does not fit; give one above 0, at most 1"),
        (["a=1..2:0.0001"], "more than 200 values"),
    ],
)
def test_a_range_that_cannot_be_is_explained(settings: list[str], sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        parse_ranges(settings)


@pytest.mark.parametrize(
    ("over", "takes_parts", "values"),
    [
        (Range("a", 1, 4), False, [1, 2, 3, 4]),
        (Range("a", 0, 1), True, [0, 0.25, 0.5, 0.75, 1]),
        (Range("a", 13, 80), True, [13, 30, 46, 63, 80]),
        (Range("a", 0.1, 0.5), True, [0.1, 0.2, 0.3, 0.4, 0.5]),
        (Range("a", 1, 8, 3), True, [1, 4, 7]),
        (Range("a", 0.0, 0.3, 0.1), True, [0, 0.1, 0.2, 0.3]),
    ],
)
def test_values_fit_the_number_that_moves(
    over: Range, takes_parts: bool, values: list[float]
) -> None:
    assert over.values(5, lambda value: takes_parts or value.is_integer()) == values


def test_each_value_is_the_run_it_stands_for(town: Path, swept: Sweep) -> None:
    assert [point.value for point in swept.points] == [3, 4, 5, 6, 7, 8]
    for point in (swept.points[0], swept.points[4]):
        for arm, variant in enumerate((None, "quick")):
            settings = [f"groups.front.agents={point.value:.0f}"]
            alone = results.run(
                load_scenario(town, variant, settings).scenario, replications=4, jobs=1
            )
            for metric in swept.metrics:
                assert point.interval(arm, metric) == alone.interval(metric)


def test_differences_are_those_of_a_comparison(town: Path, swept: Sweep) -> None:
    settings = ["groups.front.agents=4"]
    arms = [load_scenario(town, name, settings) for name in (None, "quick")]
    compared = comparing.compare(arms, replications=4, jobs=1)
    assert swept.points[1].minus_first(1, "sl2") == compared.find("quick", "sl2").difference


def test_the_callers_are_the_same_at_every_value(swept: Sweep) -> None:
    dialled = {point.interval(arm, "dialled").mean for point in swept.points for arm in (0, 1)}
    assert len(dialled) == 1


def test_the_norm_is_met_from_where_it_stays_met(swept: Sweep) -> None:
    for arm in (0, 1):
        start = swept.reached_from(arm, "sl2")
        surely = [point.value for point in swept.points if point.interval(arm, "sl2").low >= 0.8]
        assert start == min(surely)
        below = [point for point in swept.points if point.value < start]
        assert below[-1].interval(arm, "sl2").low < 0.8
    assert swept.reached_from(0, "dialled") is None


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ((0.9, 0.85, 0.7), "is surely met up to 4, not beyond"),
        ((0.7, 0.85, 0.9), "is met from 4 on"),
        ((0.9, 0.8, 0.9), "is met at every value"),
        ((0.7, 0.9, 0.7), "is not surely met at the end of the range"),
    ],
)
def test_a_norm_that_is_met_up_to_a_value_is_not_called_missed(
    swept: Sweep, levels: tuple[float, ...], said: str
) -> None:
    class Given(Point):
        def interval(self, arm: int, metric: str) -> Interval:
            level = dict(zip((3.0, 4.0, 5.0), levels, strict=True))[self.value]
            return Interval(level, level, level, 0.95, 2)

    points = tuple(Given(value, swept.points[0].arms) for value in (3.0, 4.0, 5.0))
    assert said in " ".join(sentences(replace(swept, points=points), "en"))


def test_document_rows_and_sentences_say_the_same(swept: Sweep) -> None:
    document = json.loads(json.dumps(sweep_document(swept), allow_nan=False))
    assert document["variants"] == ["base", "quick"]
    assert document["stated"] == [5.0, 5.0]
    assert len(sweep_rows(swept)) == 6 * 2 * 2
    for row in sweep_rows(swept):
        point = next(each for each in document["points"] if each["value"] == row["value"])
        assert point["variants"][row["variant"]][row["metric"]]["mean"] == row["mean"]
    lines = sentences(swept, "en")
    assert len(lines) == 2 * 2 + 2  # the ends of each figure, and where a norm of one is reached
    said = " ".join(lines)
    assert f"the norm of 80% is met from {swept.reached_from(1, 'sl2'):.0f} on" in said


def test_the_page_holds_every_figure_in_both_languages(swept: Sweep) -> None:
    page = sweep_page(swept, "simkcc sweep town.toml", "nl")
    assert page.startswith('<!doctype html>\n<html lang="nl">')
    assert page.count("<svg") == 2 * len(swept.metrics)
    assert page.count("<polygon") == 2 * len(swept.metrics) * 2
    assert "as it stands" in page and "zoals het is" in page
    assert "http://" not in page and "https://" not in page


def test_a_value_that_cannot_be_is_one_sentence(town: Path) -> None:
    with pytest.raises(ScenarioError, match=r"groups\.front\.agents: found -1"):
        sweep(town, (None,), Range("groups.front.agents", -1, 3), number=3)
    with pytest.raises(ScenarioError, match=r"did you mean 'groups\.front'"):
        sweep(town, (None,), Range("groups.frnt.agents", 1, 3), number=3)
    with pytest.raises(SettingError, match="unknown metric; did you mean 'sl2'"):
        sweep(town, (None,), Range("groups.front.agents", 1, 3), metrics=["sl22"])


def test_the_command_prints_rows_and_writes_what_is_asked(
    town: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    out, page = tmp_path / "out", tmp_path / "sweep.html"
    code, printed, told = call(
        capsys, monkeypatch, "sweep", f"{town}:base,quick", "--set", "groups.front.agents=4..6",
        "--metric", "sl2", "-r", 2, "--format", "csv", "--out", out, "--report", page,
    )  # fmt: skip
    assert code == 0, told
    assert len(printed.splitlines()) == 1 + 3 * 2
    assert json.loads((out / "sweep.json").read_text())["key"] == "groups.front.agents"
    assert "simkcc sweep" in page.read_text()
