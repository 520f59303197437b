"""The command line as a stranger meets it: exit codes, sentences, stable JSON."""

import csv
import io
import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import call
from limits import HANG
from small import SMALL


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


def test_check_counts_marks_and_exits_with_zero(capsys, monkeypatch, scenario):
    code, out, _ = call(capsys, monkeypatch, "check", scenario, "--format", "json")
    assert code == 0
    found = json.loads(out)
    assert [each["variant"] for each in found] == [None, "same", "more", "short"]
    assert found[0]["unmarked"] > 5


def test_check_prints_the_rows_of_the_plan(capsys, monkeypatch, scenario):
    code, out, _ = call(capsys, monkeypatch, "check", f"{scenario}:same", "--plan")
    assert code == 0
    assert "calls: menu, complete" in out
    assert "abandoned_menu" in out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("length = 20", "lenght = 20"), "menu.lenght"),
        (("length = 20", "length = -1"), "menu.length"),
        (("length = 20", 'length = "20"'), "menu.length"),
        (('group = "team"', 'group = "taem"'), "did you mean 'team'"),
        (("wrong = 0.0", "wrong = 1.5"), "menu.complete.wrong"),
        (("name =", "name = = "), "not TOML"),
    ],
)
def test_wrong_files_give_a_sentence_and_exit_code_1(
    capsys, monkeypatch, tmp_path, change, sentence
):
    path = tmp_path / "wrong.toml"
    path.write_text(SMALL.replace(*change))
    for command in ("check", "run"):
        code, out, err = call(capsys, monkeypatch, command, path)
        assert code == 1
        assert sentence in err
        assert "Traceback" not in err + out


def test_missing_file_and_unknown_variant_are_explained(capsys, monkeypatch, scenario):
    code, _, err = call(capsys, monkeypatch, "run", scenario.with_name("smal.toml"))
    assert (code, "small.toml" in err) == (1, True)
    code, _, err = call(capsys, monkeypatch, "compare", f"{scenario}:same,mor")
    assert (code, "did you mean 'more'" in err) == (1, True)


def test_usage_errors_exit_with_2(capsys, monkeypatch, scenario):
    assert call(capsys, monkeypatch, "run", scenario, "--replications", "0")[0] == 2
    assert call(capsys, monkeypatch, "nonsense")[0] == 2


def test_run_has_the_documented_keys(capsys, monkeypatch, scenario):
    code, out, _ = call(
        capsys, monkeypatch, "run", f"{scenario}:more", "--format", "json", "--set", "menu.length=7"
    )
    found = json.loads(out)
    assert code == 0
    assert {"schema", "scenario", "variant", "seed", "replications", "applied", "metrics",
            "scorecards", "expectations"} <= set(found)  # fmt: skip
    assert found["applied"]["menu.length"] == 7
    assert found["metrics"]["menu_time"]["mean"] == pytest.approx(7, abs=0.1)
    assert set(found["metrics"]["sl2"]["by"]) == {"topic", "queue", "half_hour", "weekday"}
    assert found["metrics"]["blocked"]["status"] == "ok"


@pytest.mark.slow  # two weeks in the reference engine
def test_both_engines_print_the_same_figures(capsys, monkeypatch, scenario):
    figures = [
        json.loads(
            call(capsys, monkeypatch, "run", scenario, "-f", "json", "-r", 2, "--engine", name)[1]
        )
        for name in ("kernel", "reference")
    ]
    assert figures[0] == figures[1]


@pytest.mark.slow  # ten replications of two arms
def test_arms_that_differ_only_in_their_label_differ_in_nothing(capsys, monkeypatch, scenario):
    code, out, _ = call(capsys, monkeypatch, "compare", f"{scenario}:base,same", "-f", "json")
    assert code == 0
    differences = json.loads(out)["differences"]
    assert len(differences) > 30
    assert {each["verdict"] for each in differences} == {"no detectable difference"}
    assert {each["mean"] for each in differences if each["mean"] is not None} == {0.0}


def test_more_agents_are_detected_on_the_same_callers(capsys, monkeypatch, scenario):
    _, out, _ = call(capsys, monkeypatch, "compare", f"{scenario}:same,more", "-f", "json")
    found = {each["metric"]: each for each in json.loads(out)["differences"]}
    assert found["time_to_human"]["verdict"] == "lower"
    assert found["rostered_hours"]["verdict"] == "higher"
    assert found["menu_time"]["verdict"] == "no detectable difference"


def test_single_replications_are_never_compared(capsys, monkeypatch, scenario):
    code, _, err = call(capsys, monkeypatch, "compare", f"{scenario}:same,more", "-r", 1)
    assert code == 1
    assert "single replication" in err


def test_out_holds_the_log_and_the_figures(capsys, monkeypatch, scenario, tmp_path):
    import polars as pl

    folder = tmp_path / "out"
    assert call(capsys, monkeypatch, "run", scenario, "-r", 2, "--out", folder)[0] == 0
    contacts = pl.read_parquet(folder / "contacts.parquet")
    assert {"call", "probe"} == set(contacts["kind"])
    assert json.loads((folder / "run.json").read_text())["replications"] == 2
    (tmp_path / "file").write_text("")
    code, _, err = call(capsys, monkeypatch, "run", scenario, "-r", 1, "--out", tmp_path / "file")
    assert (code, "cannot write there" in err) == (1, True)


def test_out_of_a_comparison_holds_every_arm(capsys, monkeypatch, scenario, tmp_path):
    import polars as pl

    folder = tmp_path / "out"
    arguments = ("compare", f"{scenario}:same,more", "-r", 2, "--out", folder, "--format", "csv")
    code, out, _ = call(capsys, monkeypatch, *arguments)
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    table = pl.read_parquet(folder / "metrics.parquet")
    assert {(row["arm"], row["metric"]) for row in rows} == set(
        table.select("arm", "metric").rows()
    )
    found = {row["metric"]: row for row in rows if row["arm"] == "more"}
    assert found["rostered_hours"]["verdict"] == "higher"
    assert found["take_back_time"]["mean"] == ""
    document = json.loads((folder / "compare.json").read_text())
    assert set(document["verdict"]) == {"nl", "en"}
    for arm in ("same", "more"):
        assert len(pl.read_parquet(folder / arm / "contacts.parquet"))


@pytest.mark.slow  # compares twice
def test_verdict_comes_first_in_the_language_asked_for(capsys, monkeypatch, scenario):
    for lang, opening, table in (
        ("nl", "Vergeleken met „only another", "cijfer"), ("en", "Compared with “only another", "figure"),
    ):  # fmt: skip
        code, out, _ = call(
            capsys, monkeypatch, "compare", f"{scenario}:same,more", "--lang", lang, "-r", 4
        )
        assert code == 0
        assert out.startswith(opening)
        assert out.index(table) > out.index("more")


@pytest.mark.slow
def test_precision_gives_all_arms_the_same_number_and_says_what_it_reached(
    capsys, monkeypatch, scenario
):
    wanted = ("compare", f"{scenario}:base,short,more", "--precision", "time_to_human=3")
    _, out, _ = call(capsys, monkeypatch, *wanted, "-f", "json")
    found = json.loads(out)
    assert len({arm["replications"] for arm in found["arms"]}) == 1
    (reached,) = found["precision"]
    assert reached["met"] == (reached["reached"] <= 3)
    assert reached["replications"] == found["arms"][0]["replications"] >= 10
    code, out, _ = call(
        capsys, monkeypatch, "run", scenario, "--precision", "sl2=0.1%", "--at-most", 12
    )
    assert code == 0
    assert "not reached" in out
    assert "would be needed" in out
    code, _, err = call(capsys, monkeypatch, "run", scenario, "--precision", "sl9=1")
    assert (code, "unknown figure 'sl9'" in err) == (1, True)


@pytest.mark.slow  # ten draws of two arms
def test_inputs_are_drawn_or_it_is_said_why_not(capsys, monkeypatch, scenario):
    arguments = ("compare", f"{scenario}:base,short", "-r", 2, "--inputs", 10)
    code, _, err = call(capsys, monkeypatch, *arguments)
    assert (code, "marked A with a range" in err) == (1, True)
    marked = '{ value = 20, mark = "A", range = [10, 30] }'
    scenario.write_text(scenario.read_text().replace("length = 20", f"length = {marked}", 1))
    code, out, _ = call(capsys, monkeypatch, *arguments, "-f", "json")
    found = json.loads(out)
    assert (code, found["inputs"]["draws"]) == (0, 10)
    assert [each["key"] for each in found["inputs"]["varied"]] == ["menu.length"]
    (human,) = (each for each in found["differences"] if each["metric"] == "time_to_human")
    assert human["inputs"]["share_of_draws_b_wins"] == 1.0
    assert human["inputs"]["decided_by"] is None
    assert human["verdict"] in ("lower", "no detectable difference")


def test_every_expectation_that_fails_is_named_with_its_label(capsys, monkeypatch, scenario):
    stated = '[[expectations]]\nmetric = "{}"\nvalue = {}\ntolerance = 0.01\nbasis = "{}"\n'.format
    text = stated("blocked", 0.5, "fitted") + stated("asa", 9999.0, "predicted")
    text += stated("blocked", 0.0, "input")
    scenario.write_text(scenario.read_text().replace("[menu]", f"{text}[menu]", 1))
    code, out, _ = call(capsys, monkeypatch, "run", scenario, "-r", 2)
    assert code == 0
    assert "expectation (input) blocked of every variant: 0.0%" in out.replace("\xa0", " ")
    code, _, err = call(capsys, monkeypatch, "run", scenario, "-r", 2, "--expectations")
    assert code == 1
    assert "2 expectations not met" in err
    assert "(fitted) blocked" in err
    assert "(predicted) asa" in err


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV; its lines end as those of any other file here."""
    assert "\r" not in text
    return list(csv.DictReader(io.StringIO(text)))


def test_lists_are_csv_too(capsys, monkeypatch, scenario):
    listed = json.loads(call(capsys, monkeypatch, "metrics", "-f", "json")[1])
    rows = rows_of(call(capsys, monkeypatch, "metrics", "-f", "csv")[1])
    assert [(row["name"], row["by"].split()) for row in rows] == [
        (each["name"], each["by"]) for each in listed
    ]
    found = json.loads(call(capsys, monkeypatch, "check", scenario, "-f", "json")[1])
    rows = rows_of(call(capsys, monkeypatch, "check", scenario, "-f", "csv")[1])
    assert [(row["variant"], int(row["assumed"]), int(row["unmarked"])) for row in rows] == [
        (each["variant"] or "", each["marks"]["A"], each["unmarked"]) for each in found
    ]


def test_rows_of_a_plan_come_in_every_form(capsys, monkeypatch, scenario):
    command = ("check", f"{scenario}:same,more", "--plan", "-f")
    first, second = json.loads(call(capsys, monkeypatch, *command, "json")[1])
    rows = rows_of(call(capsys, monkeypatch, *command, "csv")[1])
    assert rows == first["plan"]
    assert "calls: menu, complete" in {row["step"] for row in rows}
    assert "plan" not in second


def test_metrics_and_schema_are_listed(capsys, monkeypatch):
    names = json.loads(call(capsys, monkeypatch, "metrics", "-f", "json")[1])
    assert {"sl2", "asa", "time_to_human"} <= {each["name"] for each in names}
    assert "topics" in call(capsys, monkeypatch, "schema")[1]


TELLING = """
import signal, sys
from simkcc import cli
from simkcc.commands.screen import Progress

def noted(self, *done):
    note(self, *done)
    print("went on", flush=True)

note, Progress.__call__ = Progress.__call__, noted
signal.signal(signal.SIGINT, signal.default_int_handler)
cli.main()
"""
"""The command, which prints a line whenever it has made a run."""


@pytest.mark.slow  # a process of its own
def test_interruption_says_what_was_done(scenario):
    command = [sys.executable, "-c", TELLING, "run", str(scenario), "-r", "1000000"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "went on\n"
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=HANG)
        finally:
            process.kill()
    assert re.search(r"[1-9]\d* of 1000000 runs of small were done; nothing was written\.", err)
    assert process.returncode == 130
    assert "Traceback" not in err + out


def test_run_without_a_log_says_which_figures_need_one(capsys, monkeypatch, scenario):
    arguments = ("run", f"{scenario}:same", "-r", "2")
    _, out, _ = call(capsys, monkeypatch, *arguments, "--format", "json")
    logged = json.loads(out)["metrics"]
    code, out, _ = call(capsys, monkeypatch, *arguments, "--stream", "--format", "json")
    assert code == 0
    streamed = json.loads(out)["metrics"]
    assert streamed["sl2"] | {"by": None} == logged["sl2"] | {"by": None}
    assert streamed["sl2"]["by"]["topic"] == logged["sl2"]["by"]["topic"]
    assert logged["fcr"]["mean"] is not None
    assert streamed["fcr"]["mean"] is None
    assert streamed["fcr"]["status"] == "needs a contact log"
    _, out, _ = call(capsys, monkeypatch, *arguments, "--stream")
    assert "accessibility_r3" in out
