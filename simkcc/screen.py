"""What the command line shows: tables, progress, JSON."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table


def console() -> Console:
    """Return where results are printed: as wide as needed in a pipe."""
    return Console(width=None if sys.stdout.isatty() else 140, highlight=False)


class Progress:
    """What was done so far: a bar on a terminal, and the sentence after an interruption."""

    def __init__(self) -> None:
        self.sentence = "nothing was run yet"
        self._bar: Any = None
        self._tasks: dict[str, Any] = {}

    def __call__(self, done: int, of: int, what: str) -> None:
        """Note that `done` of `of` runs are finished."""
        self.sentence = f"{done} of {of} runs of {what} were done"
        if self._bar is None:
            return
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=of)
        self._bar.update(self._tasks[what], completed=done)

    @contextmanager
    def shown(self) -> Iterator["Progress"]:
        """Show a bar on a terminal; say so when the engine must be compiled first."""
        from rich.progress import Progress as Bar

        from simkcc.routing.compiled import CACHE

        error = Console(stderr=True)
        if not any(CACHE.rglob("kernel.play-*.nbc")):
            error.print("Compiling the engine, once: about half a minute.", highlight=False)
        if not sys.stderr.isatty():
            yield self
            return
        with Bar(console=error, transient=True) as bar:
            self._bar = bar
            yield self


PROGRESS = Progress()


def print_json(document: Any) -> None:
    """Print a document as JSON."""
    sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def check_document(loaded: Any) -> dict[str, Any]:
    from simkcc.model.files import unmarked

    marks = {path: mark.mark for path, mark in loaded.marks.items()}
    return {
        "file": str(loaded.path),
        "variant": loaded.variant,
        "marks": {mark: sum(m == mark for m in marks.values()) for mark in "GDAM"},
        "unmarked": len(unmarked(loaded)),
        "warnings": list(loaded.warnings),
        "applied": {key: str(value) for key, value in loaded.applied.items()},
    }


def print_checked(loaded: list[Any]) -> None:
    table = Table("file", "variant", "given", "derived", "assumed", "measured", "unmarked")
    for each in loaded:
        found = check_document(each)
        counts = [str(found["marks"][mark]) for mark in "GDAM"]
        table.add_row(found["file"], found["variant"] or "(base)", *counts, str(found["unmarked"]))
    if loaded:
        console().print(table)
    for each in loaded:
        for warning in each.warnings:
            console().print(f"warning: {warning}")


def print_plan(loaded: Any) -> None:
    from simkcc.analysis.planview import plan_rows
    from simkcc.engine.compile import compile_plan

    table = Table("#", "step", "kind", "goes to", "takes", "of")
    for row in plan_rows(compile_plan(loaded.scenario)):
        table.add_row(*row)
    console().print(table)


HEADLINES = (
    "dialled", "offered", "blocked", "menu_time", "menu_abandonment", "wrong_menu", "sl2", "sl6",
    "asa", "wait_p90", "time_to_human", "abandonment", "accessibility_r1", "direct",
    "transfer_success", "aht", "occupancy", "rostered_hours", "cost", "cost_per_call",
    "citizen_hours",
)  # fmt: skip
"""Figures of the tables; all are in the JSON."""


def _headlines(norms: Any) -> list[str]:
    own = [norms.service_level, f"accessibility_{norms.accessibility}"]
    return list(dict.fromkeys([*HEADLINES[:6], *own, *HEADLINES[6:]]))


def _name(result: Any, lang: str) -> str:
    from simkcc.analysis.explain import name_of

    return name_of(result, lang)


def _metric_name(metric: str, lang: str, norms: Any) -> str:
    """Return what a figure is called, a service level with its threshold."""
    from simkcc.analysis.metrics import METRICS, PERCENTILES

    if metric in PERCENTILES:
        return PERCENTILES[metric].nl if lang == "nl" else PERCENTILES[metric].en
    name = METRICS[metric].nl if lang == "nl" else METRICS[metric].en
    return f"{name}, {norms.threshold:g} s" if metric.startswith("sl") else name


def print_result(result: Any, lang: str) -> None:
    from simkcc.analysis.figures import interval_text

    table = Table("figure", "", "mean ± 95 %", title=_name(result, lang), title_justify="left")
    for metric in _headlines(result.scenario.norms):
        interval = result.interval(metric)
        if interval.mean == interval.mean:
            table.add_row(
                metric,
                _metric_name(metric, lang, result.scenario.norms),
                interval_text(metric, interval),
            )
    console().print(table)
    console().print(_footer([result]))


def print_refused(result: Any) -> None:
    """Print which figures a run without a contact log could not have, if it was one."""
    if result.refused:
        names = ", ".join(result.refused)
        console().print(f"Not without a contact log (run without --stream): {names}.")


def print_comparison(comparison: Any, lang: str) -> None:
    from simkcc.analysis.explain import explain
    from simkcc.analysis.figures import interval_text, paired_texts

    baseline, *others = comparison.arms
    screen = console()
    table = Table("figure", "")
    table.add_column(baseline.label, justify="right")
    for arm in others:
        table.add_column(f"{arm.label}\nminus {baseline.label}", justify="right")
    for metric in _headlines(baseline.scenario.norms):
        interval = baseline.interval(metric)
        if interval.mean != interval.mean:
            continue
        cells = []
        for arm in others:
            found = comparison.find(arm.label, metric)
            change, half = paired_texts(metric, found.difference)
            same = found.verdict.startswith("no")
            cells.append(f"[dim]{change} ± {half}  =[/dim]" if same else f"{change} ± {half}")
        table.add_row(
            metric,
            _metric_name(metric, lang, baseline.scenario.norms),
            interval_text(metric, interval),
            *cells,
        )
    for arm in comparison.arms:
        screen.print(_name(arm, lang), highlight=False)
    screen.print(table)
    screen.print(_footer(comparison.arms))
    for paragraph in explain(comparison, lang):
        screen.print()
        screen.print(paragraph, soft_wrap=not sys.stdout.isatty())
    _print_expectations(comparison, screen)


def _print_expectations(comparison: Any, screen: Console) -> None:
    from simkcc.analysis.compare import expectations_met

    judged = expectations_met(comparison.arms[0].scenario.expectations, comparison.arms)
    if not judged:
        return
    screen.print()
    for met in judged:
        each = met.expectation
        what = (
            f"{each.metric}: {each.variant} {each.sign} than {each.versus}"
            if each.sign
            else f"{each.metric} of {each.variant or 'every variant'}: {each.value:g} ± {each.tolerance:g}"
        )
        word = "met" if met.met else "NOT MET"
        screen.print(f"expectation ({each.basis}) {what}: {word}, found {met.found:.4g}")


def _footer(results: Any) -> str:
    first = results[0]
    scale = "" if first.callers_per_attempt == 1 else (
        f" The stated volume counts attempts; {first.callers_per_attempt:.1%} of them are first "
        "attempts of callers (fixed point in the baseline)."
    )  # fmt: skip
    noise = (
        " Differences are paired on the same callers; ± is the 95 % interval of simulation noise; "
        "= marks no detectable difference (Holm-corrected)."
        if len(results) > 1
        else " ± is the 95 % interval of simulation noise."
    )
    return f"{len(first.sums)} replications, seed {first.seed}.{noise}{scale}"


def print_csv(results: list[Any]) -> None:
    import csv

    from simkcc.analysis.metrics import METRICS, PERCENTILES

    writer = csv.writer(sys.stdout)
    writer.writerow(["arm", "metric", "mean", "low", "high", "n"])
    for result in results:
        for metric in [*METRICS, *PERCENTILES]:
            found = result.interval(metric)
            writer.writerow([result.label, metric, found.mean, found.low, found.high, found.n])


def print_metrics(lang: str) -> None:
    """Print every figure with its definition, family by family."""
    from simkcc.analysis.glossary import rows, title_of

    table = Table("name", "meaning", "formula", "unit")
    family = ""
    for row in rows():
        if row["family"] != family:
            family = row["family"]
            table.add_section()
            table.add_row(f"[bold]{title_of(family, lang)}[/bold]")
        table.add_row(row["name"], row[lang], row["formula"], row["unit"])
    console().print(table)


def print_rows(rows: list[dict[str, Any]]) -> None:
    """Print rows with the same keys as a table."""
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console().print(table)
