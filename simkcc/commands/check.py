"""`simkcc check`: is a file valid, and what in it is given, derived, assumed or measured."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from simkcc.commands import options
from simkcc.commands.screen import print_rows, say, show, warnings_of
from simkcc.errors import SimkccError

if TYPE_CHECKING:
    from simkcc.model.files import Loaded


def check(
    files: Annotated[list[str], typer.Argument(help="Scenario files, FILE or FILE:VARIANT")],
    plan: Annotated[
        bool, typer.Option("--plan", help="Print the rows of the plan, of the first that is named")
    ] = False,
    settings: options.Settings = None,
    output: options.Output = options.Format.TABLE,
) -> None:
    """Say whether files are valid, and what in them is given, derived, assumed or measured."""
    loaded, complaints = _loaded(files, settings or [])
    documents = [_document(each) for each in loaded]
    steps = _plan(loaded[0]) if plan and loaded else []
    if steps:
        documents[0]["plan"] = steps

    def print_tables() -> None:
        if loaded:
            print_rows([row | {"variant": row["variant"] or "(base)"} for row in rows])
        say(f"warning: {warning}" for warning in warnings_of(loaded))
        if steps:
            print_rows(steps)

    rows = [_counts(document) for document in documents]
    show(
        output, document=lambda: documents, rows=lambda: steps or rows, table=print_tables,
        columns=() if steps else COLUMNS,
    )  # fmt: skip
    if complaints:
        raise SimkccError("\n".join(complaints))


def _loaded(files: list[str], settings: list[str]) -> "tuple[list[Loaded], list[str]]":
    """Return what the files hold, and what is wrong with those that cannot be loaded."""
    from simkcc.model.files import load_all, load_scenario, parse_addresses

    loaded: list[Loaded] = []
    complaints: list[str] = []
    for address in files:
        path, variants = parse_addresses(address)
        try:
            if variants:
                loaded += [load_scenario(path, name, settings) for name in variants]
            else:
                loaded += list(load_all(path, settings).values())
        except SimkccError as error:
            complaints.append(str(error))
    complaints += dict.fromkeys(each for found in loaded for each in _figures(found))
    return loaded, complaints


def _figures(loaded: "Loaded") -> list[str]:
    """Return what a file states of figures that cannot be."""
    scenario = loaded.scenario
    states = (scenario.expectations, scenario.turning_points, scenario.own_scorecards)
    if not any(states) and scenario.rollout is None:
        return []
    from simkcc.analysis.stated import figure_complaints

    return [f"{loaded.path}: {complaint}" for complaint in figure_complaints(scenario)]


def _document(loaded: "Loaded") -> dict[str, Any]:
    """Return how many numbers bear which mark, what is hardly meant, and what was set."""
    from simkcc.model.files import unmarked

    marks = [mark.mark for mark in loaded.marks.values()]
    return {
        "file": str(loaded.path),
        "variant": loaded.variant,
        "marks": {mark: marks.count(mark) for mark in "GDAM"},
        "unmarked": len(unmarked(loaded)),
        "warnings": list(loaded.warnings),
        "applied": {key: str(value) for key, value in loaded.applied.items()},
    }


COLUMNS = ("file", "variant", "given", "derived", "assumed", "measured", "unmarked")


def _counts(document: dict[str, Any]) -> dict[str, Any]:
    """Return the counts of a document as a row."""
    counts = (*document["marks"].values(), document["unmarked"])
    return dict(zip(COLUMNS, (document["file"], document["variant"], *counts), strict=True))


def _plan(loaded: "Loaded") -> list[dict[str, Any]]:
    """Return the rows of steps that both engines play."""
    from simkcc.analysis.planview import plan_rows
    from simkcc.engine.compile import compile_plan

    heads = ("#", "step", "kind", "goes to", "takes", "of")
    return [dict(zip(heads, row, strict=True)) for row in plan_rows(compile_plan(loaded.scenario))]
