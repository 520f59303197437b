"""TOML in, variants and settings laid over it, marks read off, every mistake explained."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from simkcc.errors import ScenarioError
from simkcc.model import overlay, shape, toml
from simkcc.model.checks import SECTIONS
from simkcc.model.checks import complaints as complaints_between
from simkcc.model.complaints import (
    MOST,
    Complaint,
    describe,
    dotted,
    from_pydantic,
    hint,
    shown,
    value_at,
    value_or_none,
)
from simkcc.model.complaints import Path as Place
from simkcc.model.doubts import unused_in_all, warnings_about
from simkcc.model.marks import Mark, numeric_paths, overridden, read_off
from simkcc.model.part import Name
from simkcc.model.scenario import Scenario

BASE = "base"
"""Name of the file as it stands, without a variant."""

Settings = Iterable[str] | Mapping[str, Any]
"""Texts like `menu.length=13`, or values by dotted key."""


NAMING = {"expectations": ("variant", "versus"), "turning_points": ("first", "second")}
"""Sections whose entries name variants of the file, and by which keys."""


@dataclass(frozen=True)
class Loaded:
    """A scenario, and how it came out of its file."""

    scenario: Scenario
    path: Path
    """The file."""
    variant: str | None
    """Name of the variant; None is the base."""
    variants: tuple[str, ...]
    """Names of all variants in the file, without the base."""
    marks: dict[str, Mark]
    """What the file says about its numbers, by dotted path."""
    applied: dict[str, Any]
    """What the variant and the settings changed, by dotted key, as written."""
    warnings: tuple[str, ...]
    """What is allowed but hardly meant."""
    data: dict[str, Any] = field(repr=False)
    """The file with variant and settings laid over it, in plain numbers and the model's units."""


@dataclass(frozen=True)
class _File:
    """A file as it was read: the base, and what each variant lays over it."""

    path: Path
    base: dict[str, Any]
    variants: dict[str, dict[str, Any]]


@dataclass
class _Draft:
    """A scenario on its way out of a file, with everything found wrong so far."""

    file: _File
    variant: str | None
    data: dict[str, Any]
    over: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, tuple[Place, Any]] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    """Sentences about settings that lead nowhere."""


def parse_addresses(address: str) -> tuple[Path, tuple[str, ...]]:
    """Return the file and the variants of `file.toml:a,b,c`; no variants if it names none.

    The text after the last colon names variants if what stands before it ends in .toml or exists.
    """
    left, colon, right = address.rpartition(":")
    if not colon or not (left.endswith(".toml") or toml.exists(left)) or toml.exists(address):
        return Path(address), ()
    names = tuple(name.strip() for name in right.split(","))
    if not all(names):
        raise ScenarioError(
            f"{shown(address, 200)}: a name is missing after the colon; write file.toml:a,b"
        )
    return Path(left), names


def parse_address(address: str) -> tuple[Path, str | None]:
    """Return the file and the variant of `file.toml:variant`; None if it names none."""
    path, names = parse_addresses(address)
    if len(names) > 1:
        raise ScenarioError(f"{path}: {len(names)} variants are named; name one here: {names[0]}")
    return path, names[0] if names else None


def load_scenario(path: str | Path, variant: str | None = None, settings: Settings = ()) -> Loaded:
    """Return the scenario of a file in one variant, with settings laid over it.

    Raises ScenarioError with a sentence for every mistake found.
    """
    file = _read(Path(path))
    loaded, draft = _load(file, variant, settings)
    if loaded is None:
        raise ScenarioError(*_sentences(draft))
    return loaded


def load_all(path: str | Path, settings: Settings = ()) -> dict[str, Loaded]:
    """Return every variant of a file by name, the base first; a mistake is reported once."""
    file = _read(Path(path))
    settings = settings if isinstance(settings, Mapping) else tuple(settings)
    found: dict[str, Loaded] = {}
    sentences: dict[str, None] = {}
    said: set[Complaint] = set()
    for name in (BASE, *file.variants):
        loaded, draft = _load(file, name, settings)
        draft.complaints = [each for each in draft.complaints if each not in said]
        if name == BASE:
            said.update(draft.complaints)
        sentences.update(dict.fromkeys(_sentences(draft)))
        if loaded is not None:
            found[name] = loaded
    if sentences:
        raise ScenarioError(*sentences)
    unused = unused_in_all(each.scenario for each in found.values())
    found[BASE] = replace(found[BASE], warnings=(*found[BASE].warnings, *unused))
    return found


def unmarked(loaded: Loaded) -> list[str]:
    """Return the paths of numbers that are stated as facts but carry no mark."""
    marked = {path for path, mark in loaded.marks.items() if mark.mark and not mark.set_by}
    return [path for path in numeric_paths(loaded.data) if path not in marked]


def _read(path: Path) -> _File:
    base = toml.read_table(path)
    variants = base.pop("variants", {})
    if not isinstance(variants, dict):
        raise ScenarioError(f"{path}: variants: found {describe(variants)}; give a table")
    wrong = [sentence for name, over in variants.items() for sentence in misnamed(name, over)]
    if wrong:
        raise ScenarioError(*(f"{path}: variants.{sentence}" for sentence in wrong))
    return _File(path, base, variants)


def misnamed(name: str, over: Any) -> Iterable[str]:
    """Yield why no variant can have this name, or say this."""
    if name == BASE:
        yield f"{BASE}: this name means the file without a variant; choose another"
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError as error:
        yield f"{shown(name)}: {from_pydantic(error, Scenario, {})[0].text}"
    if not isinstance(over, dict):
        yield f"{shown(name)}: found {describe(over)}; give a table of what differs"


def _load(file: _File, variant: str | None, settings: Settings) -> tuple[Loaded | None, _Draft]:
    draft = _lay_variant(file, variant)
    laid = draft.data
    _lay_settings(draft, settings)
    plain, marks, wrong = read_off(draft.data, Scenario)
    draft.complaints += wrong
    plain.setdefault("name", file.path.stem[:120])
    scenario, wrong = _validate(plain)
    told = {complaint.path for complaint in draft.complaints}
    draft.complaints += [each for each in wrong if not _told(each.path, told)]
    draft.complaints += _unknown_variants(plain, file)
    if scenario is not None:
        draft.complaints += _turning_keys(plain, draft.variant)
    if scenario is None or draft.complaints or draft.stray:
        return None, draft
    _note_overridden(draft, marks, (file.base, laid), plain)
    applied = {dotted(path): value for path, value in overlay.leaves(draft.over)}
    applied |= {dotted(path): value for path, value in draft.settings.values()}
    loaded = Loaded(
        scenario=scenario, path=file.path, variant=draft.variant, variants=tuple(file.variants),
        marks=marks, applied=applied, data=plain,
        warnings=(*_idle_variant(file, draft.variant), *warnings_about(scenario)),
    )  # fmt: skip
    return loaded, draft


def _idle_variant(file: _File, variant: str | None) -> Iterable[str]:
    """Yield that a variant says only what the file says already, but for its words."""
    said = dict(overlay.leaves(file.variants[variant])) if variant else {}
    said = {path: value for path, value in said.items() if path[0] not in ("title", "notes")}
    if said and all(value_or_none(file.base, path) == value for path, value in said.items()):
        keys = ", ".join(dotted(path) for path in said)
        yield f"variants.{variant}: changes nothing; the file itself says the same of {keys}"


def _told(path: Place, told: set[Place]) -> bool:
    """Return whether something at or just below a path has been complained about already."""
    return path in told or any(each[:-1] == path for each in told)


def _lay_variant(file: _File, variant: str | None) -> _Draft:
    if variant is None or variant == BASE:
        return _Draft(file, None, file.base)
    if variant not in file.variants:
        known = hint(variant, file.variants, "it has")
        raise ScenarioError(f"{file.path}: no variant '{shown(variant)}'{known}")
    over = file.variants[variant]
    draft = _Draft(file, variant, overlay.lay_over(file.base, over), over)
    draft.complaints += overlay.idle_removals(file.base, over, Scenario)
    return draft


def _lay_settings(draft: _Draft, settings: Settings) -> None:
    pairs = settings.items() if isinstance(settings, Mapping) else _pairs(draft, settings)
    for key, value in pairs:
        try:
            draft.data, place = overlay.put(draft.data, key, value, Scenario)
        except ValueError as error:
            draft.stray.append(f"--set {shown(key, 100)}: {error}")
        else:
            draft.settings[key] = (place, value)


def _pairs(draft: _Draft, settings: Iterable[str]) -> Iterable[tuple[str, Any]]:
    for text in settings:
        try:
            yield overlay.parse_setting(text)
        except ValueError as error:
            draft.stray.append(str(error))


def _validate(data: dict[str, Any]) -> tuple[Scenario | None, list[Complaint]]:
    """Return the scenario, or everything that is wrong with it."""
    try:
        return Scenario.model_validate(data), []
    except ValidationError as error:
        wrong = [each for each in from_pydantic(error, Scenario, data) if each.path]
        unsound = {each.path[0] for each in wrong}
    sound = [name for name in Scenario.model_fields if name not in unsound]
    stand_in = _stand_in(data, sound)
    between = complaints_between(stand_in, sound)
    misspelt = bool(unsound - set(Scenario.model_fields))
    return None, wrong + [each for each in between if not _says_missing(each, data, misspelt)]


def _stand_in(data: dict[str, Any], sound: list[str]) -> Scenario:
    """Return a scenario of the sound sections; the others are as the file gives them."""
    sections = {name: {} for name in ("topics", "queues", "groups")} | data
    for name in sound:
        if name in data:
            sections[name] = _adapter(name).validate_python(data[name])
    return Scenario.model_construct(**sections)


@cache
def _adapter(section: str) -> TypeAdapter[Any]:
    return TypeAdapter(shape.fields_of(Scenario)[section])


def _says_missing(complaint: Complaint, data: dict[str, Any], misspelt: bool) -> bool:
    """Return whether a name is unknown only because its whole section is missing.

    misspelt: some heading of the file is unknown, and may be the one meant.
    """
    kind, sign, _ = complaint.text.removeprefix("unknown ").partition(" '")
    section = SECTIONS.get(kind.replace(" ", "_"))
    required = section is not None and Scenario.model_fields[section].is_required()
    return bool(sign) and section not in (None, *data) and (required or misspelt)


def _unknown_variants(data: dict[str, Any], file: _File) -> Iterable[Complaint]:
    """Yield the variants that expectations, turning points and phases name and the file has not."""
    known = (BASE, *file.variants)
    for path, name in _named_variants(data):
        if name not in known:
            yield Complaint(path, f"unknown variant '{shown(name)}'{hint(name, known)}")


def _named_variants(data: dict[str, Any]) -> Iterable[tuple[Place, str]]:
    """Yield every name of a variant, and where it stands."""
    for section, keys in NAMING.items():
        for index, each in _entries(data, section):
            found = ((key, each.get(key)) for key in keys)
            yield from (((section, index, k), name) for k, name in found if isinstance(name, str))
    phases = value_or_none(data, ("rollout", "phases"))
    for phase, each in phases.items() if isinstance(phases, dict) else ():
        if isinstance(each, dict) and isinstance(each.get("variant"), str):
            yield ("rollout", "phases", phase, "variant"), each["variant"]


def _entries(data: dict[str, Any], section: str) -> Iterable[tuple[int, dict[str, Any]]]:
    entries = data.get(section)
    if isinstance(entries, list):
        yield from ((index, each) for index, each in enumerate(entries) if isinstance(each, dict))


def _turning_keys(data: dict[str, Any], variant: str | None) -> Iterable[Complaint]:
    """Yield the keys of a variant's turning points that lead nowhere, or hold no such number."""
    for index, each in _entries(data, "turning_points"):
        key = each.get("key")
        mine = (variant or BASE) in (each.get("first"), each.get("second"))
        if not (mine and isinstance(key, str)):
            continue
        for end in ("low", "high"):
            if not isinstance(each.get(end), int | float):
                continue
            try:
                tried, place = overlay.put(data, key, each[end], Scenario)
            except ValueError as error:
                yield Complaint(("turning_points", index, "key"), f"'{shown(key)}' {error}")
                break
            tried.pop("turning_points")
            wrong = [found for found in _validate(tried)[1] if found.path[: len(place)] == place]
            if wrong:
                yield Complaint(("turning_points", index, end), f"{shown(key)} {wrong[0].text}")


def _note_overridden(
    draft: _Draft, marks: dict[str, Mark], stages: Iterable[dict[str, Any]], plain: dict[str, Any]
) -> None:
    """Keep the marks of numbers that a variant or a setting has replaced by plain ones."""
    numbers = set(numeric_paths(plain))
    keys = [dotted(place) for place, _ in draft.settings.values()]
    for stage in stages:
        for path, mark in read_off(stage, Scenario)[1].items():
            if path in numbers and (path not in marks or marks[path].set_by):
                by_setting = any(f"{path}.".startswith(f"{key}.") for key in keys)
                marks[path] = mark
                overridden(marks, path, "--set" if by_setting else f"variant {draft.variant}")


def _sentences(draft: _Draft) -> list[str]:
    """Return everything that is wrong, in the order of the file."""
    in_order = sorted(draft.complaints, key=lambda each: _rank(draft.data, each.path))
    found = [f"{_where(draft, each.path)}{each}" for each in in_order[:MOST]]
    if len(in_order) >= MOST:
        found.append(f"{draft.file.path}: has {MOST} mistakes or more; mend these first")
    return list(dict.fromkeys([*found, *draft.stray]))


def _rank(data: Any, path: Place) -> tuple[int, ...]:
    """Return where a path stands in the file, as numbers that sort."""
    rank = []
    for key in path:
        keys = list(data) if isinstance(data, dict) else []
        rank.append(key if isinstance(key, int) else keys.index(key) if key in keys else len(keys))
        try:
            data = value_at(data, (key,))
        except LookupError:
            data = None
    return tuple(rank)


def _where(draft: _Draft, path: Place) -> str:
    """Return the place of a complaint: a setting, a variant of the file, or the file."""
    for place, _ in draft.settings.values():
        if path[: len(place)] == place:
            return "--set "
    if draft.variant is None:
        return f"{draft.file.path}: "
    name = draft.variant
    parent = path[:-1]
    own = overlay.is_there(draft.over, parent) and not overlay.is_there(draft.file.base, parent)
    if path and (own or overlay.is_there(draft.over, path)):
        return f"{draft.file.path}: variants.{name}."
    return f"{draft.file.path}:{name}: "
