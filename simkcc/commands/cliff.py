"""`simkcc cliff`: from how many hours a day callbacks and forms can be kept up with."""

from typing import Any

from simkcc.commands import options
from simkcc.commands.screen import PROGRESS, print_rows, say, show
from simkcc.errors import SettingError

BESIDE = (0.93, 1.07)
"""Loads on both sides of the cliff at which it is simulated, overtime counted on the far side."""


GROWS = 0.01
"""Growth a day that counts as such, as a share of the new ones."""


def cliff(
    address: options.Address,
    settings: options.Settings = None,
    replications: options.Replications = 6,
    seed: options.Seed = None,
    jobs: options.Jobs = 2,
    output: options.Output = options.Format.TABLE,
    lang: options.Tongue = options.Lang.EN,
    out: options.Out = None,
) -> None:
    """Say from how many hours a day callbacks are kept up with, and simulate both sides of it."""
    from simkcc.model.files import load_scenario, parse_address

    path, variant = parse_address(address)
    loaded = load_scenario(path, variant, settings or [])
    with PROGRESS.shown() as progress:
        chance = {
            "replications": replications, "jobs": jobs,
            "seed": loaded.scenario.seed if seed is None else seed,
        }  # fmt: skip
        rows = _rows(loaded.scenario, variant or "base", chance, progress)
    if not rows:
        raise SettingError(
            f"{address}: nobody is simulated who calls back; give callbacks.NAME.queue"
        )
    options.write_document(out, "cliff.json", rows)
    show(
        output, document=lambda: rows, rows=lambda: _plain(rows),
        table=lambda: _print_table(rows, lang.value),
    )  # fmt: skip


def _rows(scenario: Any, label: str, chance: dict[str, Any], progress: Any) -> list[dict[str, Any]]:
    """Return the loads of the variant, each with what both sides of its cliff bring out."""
    from simkcc.analysis import results
    from simkcc.analysis.promises.stability import judgements
    from simkcc.engine.compile import compile_plan

    scale = results.deflation(scenario, chance["seed"])

    def run(one: Any, label: str) -> Any:
        return results.run(
            one, name=label, callers_per_attempt=scale, on_progress=progress, **chance
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
                "pile": _pile(growth, GROWS * load.tasks),
            }
        )
    return {
        "owners": ", ".join(load.owners), "hours": load.hours, "overtime": load.overtime,
        "tasks": load.tasks, "effort": load.effort, "stable_from_hours": load.work,
        "bearable": load.bearable, "load": load.rho, "status": judgement, "simulated": sides,
        "nl": cliff_text(load, "nl"), "en": cliff_text(load, "en"),
    }  # fmt: skip


def _pile(growth: Any, counts: float) -> str:
    """Return whether the pile grows; neither is said of a growth that noise hides."""
    if growth.low > 0 and growth.mean > counts:
        return "grows"
    return "holds" if abs(growth.mean) <= counts else "unclear"


HEADS = {
    "queue of": "rij van", "hours a day": "uren per dag", "load": "belasting",
    "growth per day": "groei per dag", "open at the end": "open op het einde", "pile": "stapel",
}  # fmt: skip
PILE = {"grows": "groeit", "holds": "blijft gelijk", "unclear": "onduidelijk: meer herhalingen"}


def _in_dutch(side: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the table with Dutch words and numbers."""
    return {
        HEADS.get(key, key): PILE[value] if key == "pile" else str(value).replace(".", ",")
        for key, value in side.items()
    }


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows without what a column cannot hold."""
    return [
        {key: value for key, value in row.items() if key not in ("simulated", "nl", "en")}
        for row in rows
    ]


def _print_table(rows: list[dict[str, Any]], lang: str) -> None:
    sides = [{"queue of": row["owners"], **side} for row in rows for side in row["simulated"]]
    print_rows(sides if lang == "en" else [_in_dutch(side) for side in sides])
    say(row[lang] for row in rows)
