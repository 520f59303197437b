"""The shipped scenarios: every file holds, says what it is worth, and brings out what it states.

Few weeks and replications: orderings on common random numbers are sharp. `simkcc compare FILE
--expectations` judges every variant at full length.
"""

from pathlib import Path

import pytest
from library import FILES, FOLDER, variants_of
from seeds import few_of

from simkcc.analysis import results
from simkcc.analysis.expected import Met, expectations_met
from simkcc.model.files import load_all, load_scenario

each_file = pytest.mark.parametrize("path", few_of(FILES, 2), ids=lambda path: path.stem)

LENGTH = {
    "zaanstad": (3, ("measured_2005",), ()),
    "skw-desk-phone": (4, (), ()),
    "sint-katelijne-waver": (4, (), ()),
    "ocmw-reception": (6, (), ()),
    "mol-cases": (4, ("before", "central", "web"), ()),
    "antwoord-growth": (2, (), ()),
    "antwerp": (2, (), ("horizon.weeks=13",)),
    "all-channels": (4, (), ()),
}  # fmt: skip
"""Replications, variants (all, if none are named) and settings with which a file is judged here."""


def judged(
    path: Path, replications: int, only: tuple[str, ...], settings: tuple[str, ...]
) -> list[Met]:
    """Return the expectations of a file, its variants on the same callers."""
    names = only or tuple(name for name in variants_of(path) if name != "base")
    scale, arms = None, []
    for name in names:
        scenario = load_scenario(path, name, settings).scenario
        arm = results.begin(scenario, variant=name, callers_per_attempt=scale)
        scale = arm.callers_per_attempt
        results.grow(arm, replications, jobs=2)
        arms.append(arm)
    return expectations_met(arms[0].scenario.expectations, arms)


@pytest.mark.slow
@pytest.mark.parametrize("name", LENGTH)
def test_what_a_file_states_comes_out(name: str) -> None:
    found = judged(FOLDER / f"{name}.toml", *LENGTH[name])
    assert found
    missed = [
        (met.expectation.model_dump(exclude_none=True), met.found) for met in found if not met.met
    ]
    assert not missed


@each_file
def test_a_file_says_where_it_comes_from_in_two_languages(path: Path) -> None:
    for loaded in variants_of(path).values():
        scenario = loaded.scenario
        assert scenario.title.nl and scenario.title.en
        assert scenario.source and scenario.notes
        assert scenario.expectations
        assumed = [mark for mark in loaded.marks.values() if mark.mark == "A"]
        assert assumed or path.stem == "oracle"


@each_file
def test_every_variant_is_titled_and_what_is_predicted_is_told_apart(path: Path) -> None:
    loaded = variants_of(path)
    for name, each in loaded.items():
        if name != "base":
            assert each.scenario.title.nl != "" and each.scenario.title.en != ""
    bases = {each.basis for each in loaded["base"].scenario.expectations}
    assert "predicted" in bases


def test_a_centre_written_from_the_guide_runs() -> None:
    path = Path(__file__).with_name("a_new_centre.toml")
    for name in load_all(path):
        scenario = load_scenario(path, name).scenario
        found = results.run(scenario, replications=2, jobs=1)
        for metric in (
            "sl2",
            "desk_within_5",
            "mail_1wd",
            "chat_wait",
            "satisfied",
            "callbacks_opened",
        ):
            assert found.interval(metric).mean == found.interval(metric).mean, metric
        assert 0 < found.interval("desk_sent_on").mean < 0.5
