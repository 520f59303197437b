"""`simkcc cliff`: from how many hours a day callbacks and forms can be kept up with."""

from typing import Any

import typer

from simkcc.commands.options import (
    Address,
    Format,
    Jobs,
    Lang,
    Out,
    Output,
    Replications,
    Seed,
    Settings,
    Tongue,
    write_document,
)
from simkcc.commands.screen import PROGRESS, print_json, print_rows
from simkcc.errors import SettingError

BESIDE = (0.93, 1.07)
"""Loads on both sides of the cliff at which it is simulated, overtime counted on the far side."""


GROWS = 0.01
"""Growth a day that counts as such, as a share of the new ones."""


def cliff(
    address: Address, settings: Settings = None, replications: Replications = 6, seed: Seed = None,
    jobs: Jobs = 2, output: Output = Format.TABLE, lang: Tongue = Lang.EN, out: Out = None,
) -> None:  # fmt: skip
    """Say from how many hours a day callbacks are kept up with, and simulate both sides of it."""
    from simkcc.model.files import load_scenario, parse_address

    path, variant = parse_address(address)
    loaded = load_scenario(path, variant, settings or [])
    with PROGRESS.shown() as progress:
        options = {"replications": replications, "seed": seed, "jobs": jobs}
        rows = _rows(loaded.scenario, variant or "base", options, progress)
    if not rows:
        raise SettingError(
            f"{address}: nobody is simulated who calls back; give callbacks.NAME.queue"
        )
    write_document(out, "cliff.json", rows)
    if output == Format.JSON:
        print_json(rows)
    elif output == Format.CSV:
        _print_csv(rows)
    else:
        sides = [{"queue of": row["owners"], **side} for row in rows for side in row["simulated"]]
        print_rows(sides)
        for row in rows:
            typer.echo(row[lang.value])


def _rows(
    scenario: Any, label: str, options: dict[str, Any], progress: Any
) -> list[dict[str, Any]]:
    """Return the loads of the variant, each with what both sides of its cliff bring out."""
    from simkcc.analysis import results
    from simkcc.analysis.promises.stability import judgements
    from simkcc.engine.compile import compile_plan

    scale = results.deflation(scenario, options["seed"] or scenario.seed)

    def run(one: Any, label: str) -> Any:
        return results.run(
            one, name=label, callers_per_attempt=scale, on_progress=progress, **options
        )

    plan = compile_plan(scenario, scale)
    found = list(judgements(scenario, plan, run(scenario, label)))
    for load, _ in found:
        if not load.work > 0:
            raise SettingError(
                f"{label}: nothing was promised that {', '.join(load.owners)} must work on; "
                "simulate longer, or give topics that end in a callback or form"
            )
    return [_row(scenario, load, judgement, run) for load, judgement in found]


def _row(scenario: Any, load: Any, judgement: str, run: Any) -> dict[str, Any]:
    from simkcc.analysis.intervals import ratio_interval
    from simkcc.analysis.promises.stability import cliff_text, with_load

    sides = []
    near, far = BESIDE
    for hours in (load.work / near, max(load.work / far - load.overtime, 0.05 * load.work)):
        wanted = load.work / hours
        result = run(with_load(scenario, load, wanted), f"load {wanted:.2f}")
        growth = result.interval("backlog_growth")
        left = ratio_interval(*result.pairs("backlog"))  # a pile that grows has no mean, but an end
        sides.append(
            {
                "hours a day": round(hours, 2),
                "load": round(wanted, 2),
                "growth per day": round(growth.mean, 2),
                "±": round(growth.half_width, 2),
                "open at the end": round(left.mean, 1),
                "pile": "grows" if growth.low > 0 and growth.mean > GROWS * load.tasks else "holds",
            }
        )
    return {
        "owners": ", ".join(load.owners), "hours": load.hours, "overtime": load.overtime,
        "tasks": load.tasks, "effort": load.effort, "stable_from_hours": load.work,
        "bearable": load.bearable, "load": load.rho, "status": judgement, "simulated": sides,
        "nl": cliff_text(load, "nl"), "en": cliff_text(load, "en"),
    }  # fmt: skip


def _print_csv(rows: list[dict[str, Any]]) -> None:
    import csv
    import sys

    plain = [
        {key: value for key, value in row.items() if key not in ("simulated", "nl", "en")}
        for row in rows
    ]
    writer = csv.DictWriter(sys.stdout, list(plain[0]))
    writer.writeheader()
    writer.writerows(plain)
