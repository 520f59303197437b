"""What was measured, as a variant of a scenario file: marks, evidence, and nothing else changed."""

import copy
import datetime
import math
import tomllib
from pathlib import Path
from typing import Any

from simkcc.calibration.said import Estimate, Findings
from simkcc.errors import ScenarioError, SettingError
from simkcc.model.files import BASE, Loaded, load_scenario, misnamed
from simkcc.model.overlay import ABSENT, is_there, lay_over

Tree = dict[str, Any]


def refuse_name(loaded: Loaded, name: str) -> None:
    """Refuse the name of a new variant that the file has already, or that no variant can have."""
    if name in (BASE, *loaded.variants):
        raise SettingError(
            f"--name {name}: {loaded.path} has this variant already; choose another name"
        )
    wrong = next(iter(misnamed(name, {})), None)
    if wrong is not None:
        raise SettingError(f"--name {wrong}")


def variant_text(
    path: Path, base: str | None, name: str, findings: Findings, source: str, titles: dict[str, str]
) -> str:
    """Return the whole text of a scenario file with a variant of what was measured added.

    base: variant of the file that the new one builds on, or None. source: what the figures come
    from. name: one that `refuse_name` let pass.
    """
    text = path.read_text(encoding="utf-8-sig")
    file = tomllib.loads(text)
    variants = file.pop("variants", {})
    tree = copy.deepcopy(variants.get(base or "", {}))
    tree["title"] = titles
    under = lay_over(file, variants.get(base or "", {}))
    for at, value in findings.settings.items():
        if value != ABSENT or is_there(under, tuple(at.split("."))):
            if at.endswith(".kind"):  # a distribution replaces the one that was there as a whole
                _put(tree, at.removesuffix(".kind"), {})
            _put(tree, at, value)
    for estimate in findings.estimates:
        if estimate.is_written:
            _put(tree, estimate.path, marked(estimate, source))
    lines = [text.rstrip(), "", f"[variants.{name}]", *_lines(tree)]
    return "\n".join(lines) + "\n"


def marked(estimate: Estimate, source: str) -> Tree:
    """Return an estimate as a marked number: value, mark, evidence, interval."""
    value = estimate.value
    note = f"{estimate.method.en}; n = {estimate.n:,}"
    found: Tree = {"value": _rounded(value), "mark": estimate.mark, "source": source}
    if estimate.half_widths:
        # A list has an interval per number, and a range is one pair: they stand in the note.
        halves = ", ".join(f"{half:.2g}" for half in estimate.half_widths)
        note += f"; 95 %: ± {halves}"
    elif estimate.low is not None and estimate.high is not None:
        low, high = _rounded(estimate.low), _rounded(estimate.high)
        if math.isfinite(low) and math.isfinite(high):
            found["range"] = [min(low, found["value"]), max(high, found["value"])]
    found["note"] = note
    return found


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, int) or value == 0 or not math.isfinite(value):
        return value
    return float(f"{value:.5g}")


def _put(tree: Tree, at: str, value: Any) -> None:
    *above, last = at.split(".")
    for key in above:
        here = tree.get(key)
        if not isinstance(here, dict) or "value" in here:
            here = tree[key] = {}
        tree = here
    tree[last] = value


def _lines(tree: Tree, at: str = "") -> list[str]:
    """Return TOML lines of dotted keys; a table with a kind is written in one piece."""
    found = []
    for key, value in tree.items():
        path = f"{at}{key}"
        if isinstance(value, dict) and value and not {"value", "kind"} & value.keys():
            found += _lines(value, f"{path}.")
        else:
            found.append(f"{path} = {_toml(value)}")
    return found


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def check_text(text: str, folder: Path, name: str) -> Any:
    """Load the text as a file, so that nothing is written that `simkcc check` refuses."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "measured.toml"
    file.write_text(text, encoding="utf-8")
    try:
        return load_scenario(file, name)
    except ScenarioError as error:  # nobody ever sees that file
        said = (each.replace(str(file), "what was measured") for each in error.complaints)
        raise ScenarioError(*said) from None
