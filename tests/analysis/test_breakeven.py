"""Break-evens that need new runs, and the command as a stranger meets it."""

import csv
import io
import json
from pathlib import Path

import pytest
from command import call

from simkcc.analysis.money.breakeven import Study, assumptions
from simkcc.model.files import load_scenario

CENTRE = """
name = "small"
replications = 4
[horizon]
start = 2024-01-01
days = 3
[hours.open]
daily = ["08:00-12:00"]
[topics.calls]
per_hour = { value = 40, mark = "A", range = [10, 70], source = "a guess" }
hours = "open"
[handling]
aht = 180
wrap_up = 30
[patience]
kind = "exponential"
mean = { value = 300, mark = "A", range = [200, 400] }
[queues.kcc]
routes = [{ group = "kcc" }]
[groups.kcc]
agents = 4
hours = "open"
[costs]
avoided = { value = 1, mark = "A", range = [0, 1] }
[[counter_evidence]]
en = "It went wrong elsewhere."
nl = "Elders liep het mis."
source = "a paper"

[variants.own]
groups.kcc.per_hour = { value = 50, mark = "A", range = [45, 60] }
[variants.paid_by_minute]
groups.kcc.provider = "p"
groups.kcc.home = "provider"
providers.p.per_minute = { value = 2.0, mark = "A", range = [0.5, 4.0] }
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(CENTRE)
    return path


@pytest.mark.slow
def test_the_volume_at_which_paying_by_the_minute_is_dearer_is_the_root_of_the_simulation(
    path: Path,
) -> None:
    first, second = load_scenario(path, "own"), load_scenario(path, "paid_by_minute")
    study = Study(first, second, "cost", 1.0, 4, 1)
    chosen = {each.key: each for each in assumptions(first, second)}
    assert not chosen["topics.calls.per_hour"].only_costs
    found = study.break_even(chosen["topics.calls.per_hour"])
    assert found.status == "turns"
    assert found.at_low.mean < 0 < found.at_high.mean
    # 4 agents x 50 EUR = 2 EUR x minutes of talk an hour; talk is 2.5 of the 3 minutes of a call.
    assert found.value == pytest.approx(200 / 2 / 2.5, rel=0.12)
    there = study.at(found.assumption, found.value)
    assert there.low <= 0 <= there.high
    wide = max(found.half_width, 2.0)
    assert study.at(found.assumption, found.value - wide).mean < 0
    assert study.at(found.assumption, found.value + wide).mean > 0
    flat = study.break_even(chosen["patience.mean"])
    assert flat.swing < found.swing


def test_document_ranks_by_swing_and_holds_all_that_a_page_needs(
    capsys, monkeypatch, path: Path
) -> None:
    address = f"{path}:own,paid_by_minute"
    code, out, _ = call(capsys, monkeypatch, "breakeven", address, "--prices", "-f", "json")
    assert code == 0
    found = json.loads(out)
    keys = [each["key"] for each in found["assumptions"]]
    assert set(keys) == {"costs.avoided", "groups.kcc.per_hour", "providers.p.per_minute"}
    swings = [each["swing"] for each in found["assumptions"]]
    assert swings == sorted(swings, reverse=True)
    steps = sum(each["mean"] for each in found["bridge"]["steps"])
    ends = found["bridge"]["start"]["mean"], found["bridge"]["end"]["mean"]
    assert steps == pytest.approx(ends[1] - ends[0])
    assert found["cost"]["mean"] == pytest.approx(steps)
    assert [each["label"] for each in found["components"]] == ["own", "paid_by_minute"]
    assert found["costs"]["own"]["budget"]["mean"] == pytest.approx(ends[0])
    price = next(each for each in found["assumptions"] if each["key"] == "providers.p.per_minute")
    assert price["status"] == "turns"
    assert price["at_low"]["mean"] < 0 < price["at_high"]["mean"]
    assert any("It went wrong elsewhere" in said for said in found["sentences"])


@pytest.mark.slow
def test_table_is_dutch_on_demand_and_csv_has_a_row_for_each(
    capsys, monkeypatch, path: Path
) -> None:
    command = ("breakeven", f"{path}:own,paid_by_minute", "--prices", "-r", 2)
    code, out, _ = call(capsys, monkeypatch, *command, "--lang", "nl")
    assert code == 0
    assert "slaat om bij" in out
    assert "Elders liep het mis." in out
    code, out, _ = call(capsys, monkeypatch, *command, "-f", "csv", "--top", 2)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 2
    assert set(rows[0]) >= {"key", "swing", "break_even", "half_width", "status"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("{path}:own",), "name two variants, the first the baseline"),
        (("{path}:own,own",), "both arms are 'own'; name two that differ"),
        (("{path}:own,paid_by_minute", "--key", "costs.avoid"),
         "--key costs.avoid: is not marked A with a range in these arms; give --low and --high; "
         "did you mean 'costs.avoided'?"),
        (("{path}:own,paid_by_minute", "--key", "costs.avoided", "--low", "2", "--high", "1"),
         "high 1 must lie above low 2"),
        (("{path}:own,paid_by_minute", "--metric", "costs"),
         "unknown metric 'costs'; did you mean 'cost'?"),
        (("{path}:own,paid_by_minute", "-r", "1"), "a single replication is never compared"),
        (("{path}:own,paid_by_minute", "--key", "nowhere.at_all", "--low", "0", "--high", "1"),
         "leads nowhere"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(
    capsys, monkeypatch, path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    told = [each.format(path=path) for each in arguments]
    code, out, error = call(capsys, monkeypatch, "breakeven", *told)
    assert code == 1
    assert out == ""
    assert sentence in error
    assert "Traceback" not in error


def test_a_named_key_takes_the_range_that_is_given(capsys, monkeypatch, path: Path) -> None:
    address = f"{path}:own,paid_by_minute"
    code, out, _ = call(
        capsys, monkeypatch, "breakeven", address, "-r", 4, "--key", "providers.p.per_minute",
        "--low", 4, "--high", 6, "-f", "json",
    )  # fmt: skip
    assert code == 0
    (found,) = json.loads(out)["assumptions"]
    assert found["range"] == [4, 6]
    assert found["status"] == "never"
    assert found["beyond"] < 4


def test_the_difference_followed_is_that_of_the_figure_asked_for(
    capsys, monkeypatch, path: Path
) -> None:
    address = f"{path}:own,paid_by_minute"
    code, out, _ = call(
        capsys, monkeypatch, "breakeven", address, "-r", 2, "--key", "providers.p.per_minute",
        "--low", 4, "--high", 6, "--metric", "asa", "-f", "json",
    )  # fmt: skip
    found = json.loads(out)
    assert (code, found["metric"]) == (0, "asa")
    assert found["difference"]["mean"] == 0.0  # the same people answer the same callers
    assert found["cost"]["mean"] != 0.0
    assert found["assumptions"][0]["status"] == "no effect"
    assert found["sentences"] == []
