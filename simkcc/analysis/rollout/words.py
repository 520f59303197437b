"""A rollout in sentences, Dutch and English: may a phase start, who is short, what leaves the departments."""

from collections.abc import Sequence
from itertools import groupby

from simkcc.analysis.figures import title_of
from simkcc.analysis.language import decimal, percent
from simkcc.analysis.rollout.calendar import quarter_of
from simkcc.analysis.rollout.joining import Joining
from simkcc.analysis.rollout.played import Gate, Row
from simkcc.model.rollout import Condition, Rollout


def phase_name(rollout: Rollout, phase: str, lang: str) -> str:
    """Return what a phase is called."""
    return rollout.phases[phase].title.in_(lang) or phase


def department_name(rollout: Rollout, department: str, lang: str) -> str:
    """Return what a department is called."""
    return rollout.departments[department].title.in_(lang) or department


def people_text(people: int, lang: str) -> str:
    """Return a number of people.

    >>> people_text(1, "nl"), people_text(3, "nl"), people_text(1, "en")
    ('1 persoon', '3 mensen', '1 person')
    """
    one, more = ("persoon", "mensen") if lang == "nl" else ("person", "people")
    return f"{people} {one if people == 1 else more}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def condition_text(condition: Condition, lang: str) -> str:
    """Return a condition of a gate."""
    sign = "≥" if condition.at_least is not None else "≤"
    bound = condition.at_least if condition.at_least is not None else condition.at_most
    name = title_of(condition.metric, lang)
    where = f" ({condition.queue})" if condition.queue else ""
    return f"{name}{where} {sign} {bound:g}"


def gate_sentence(rollout: Rollout, gate: Gate, lang: str) -> str:
    """Return whether a phase may start, with how many people, and with fewer."""
    name, quarter = _capital(phase_name(rollout, gate.phase, lang)), quarter_of(gate.starts)
    if gate.enough is None:
        return _closed(name, quarter, gate, lang)
    chance = percent(gate.chances[gate.enough], 0, lang)
    with_ = people_text(gate.enough, lang)
    if lang == "nl":
        said = f"{name} kan starten in {quarter} met {with_} (kans {chance})"
    else:
        said = f"{name} can start in {quarter} with {with_} (chance {chance})"
    fewer = gate.enough - 1
    if fewer > 0 and fewer in gate.chances:
        less = percent(gate.chances[fewer], 0, lang)
        said += (
            f"; met {fewer} is de kans {less}" if lang == "nl" else f"; with {fewer} it is {less}"
        )
    return f"{said}.{_there(gate, lang)}"


def _closed(name: str, quarter: str, gate: Gate, lang: str) -> str:
    most = max(gate.chances)
    chance, worst = percent(gate.chances[most], 0, lang), gate.each[most]
    place = min(range(len(worst)), key=lambda index: worst[index])
    decides = condition_text(gate.conditions[place], lang)
    met = percent(worst[place], 0, lang)
    if lang == "nl":
        return (
            f"{name} kan niet starten in {quarter}: ook met {people_text(most, lang)} is de kans "
            f"{chance}. Het vaakst ontbreekt: {decides} (gehaald in {met})."
        )
    return (
        f"{name} cannot start in {quarter}: with {people_text(most, lang)} the chance is still "
        f"{chance}. What fails most: {decides} (met in {met})."
    )


def _there(gate: Gate, lang: str) -> str:
    if gate.available is None or gate.enough is None:
        return ""
    people = people_text(gate.available, lang)
    if gate.available >= gate.enough:
        return f" Er zijn er dan {gate.available}." if lang == "nl" else f" There are {gate.available} then."  # fmt: skip
    chance = percent(gate.chances[gate.available], 0, lang)
    if lang == "nl":
        word = "is er dan maar" if gate.available == 1 else "zijn er dan maar"
        return f" Er {word} {people}: kans {chance}."
    word = "is" if gate.available == 1 else "are"
    return f" There {word} only {people} then: chance {chance}."


def short_sentences(rows: Sequence[Row], lang: str) -> list[str]:
    """Return the stretches of the calendar in which there are too few people for the norm."""
    found = []
    for (there, needed), run in groupby(rows, key=lambda row: (row.available, row.needed)):
        if there is None or there >= needed:
            continue
        stretch = list(run)
        first, last = stretch[0].period.label, stretch[-1].period.label
        if lang == "nl":
            when = f"In {first}" if first == last else f"Van {first} tot en met {last}"
            verb = "is er" if there == 1 else "zijn er"
            said = f"{when} {verb} {people_text(there, lang)}; voor de norm zijn er {needed} nodig."
        else:
            when = f"In {first}" if first == last else f"From {first} to {last}"
            verb = "is" if there == 1 else "are"
            said = f"{when} there {verb} {people_text(there, lang)}; the norm takes {needed}."
        found.append(said)
    return found


def load_sentence(share: float, before: float, staying: float, label: str, lang: str) -> str:
    """Return what the last period brings: share in the centre, hours that left the departments."""
    kept, was = decimal(staying, 0, lang), decimal(before, 0, lang)
    if lang == "nl":
        said = f"In {label} handelt het KCC {percent(share, 0, lang)} van alle oproepen zelf af"
        rest = f"; de diensten besteden er {kept} uur per week aan, zonder KCC {was}"
    else:
        said = f"In {label} the centre handles {percent(share, 0, lang)} of all calls itself"
        rest = f"; the departments spend {kept} hours a week on calls, without the centre {was}"
    return said + (rest if before > 0 else "") + "."


def joining_sentences(rollout: Rollout, found: Joining, lang: str) -> list[str]:
    """Return which department is best next, and the whole order."""
    best = found.order[0]
    name = department_name(rollout, best.department, lang)
    points = decimal(100 * best.gained, 1, lang, signed=True)
    chance, ill = (percent(each, 0, lang) for each in (best.chance, best.chance_ill))
    order = ", ".join(department_name(rollout, each.department, lang) for each in found.order)
    with_ = people_text(found.people, lang)
    enough = best.chance >= rollout.sure
    if lang == "nl":
        start = f"Met {with_} sluit {name} het best als eerste aan" if enough else (
            f"Met {with_} kan geen enkele dienst met genoeg zekerheid aansluiten; het dichtst komt {name}"
        )  # fmt: skip
        return [
            f"{start}: aandeel in het KCC {points} punt, {people_text(best.needed, lang)} nodig, "
            f"kans {chance}; valt er één uit, dan {ill}.",
            f"Volgorde: {order}.",
        ]
    start = f"With {with_}, {name} joins best next" if enough else (
        f"With {with_} no department can join surely enough; nearest comes {name}"
    )  # fmt: skip
    return [
        f"{start}: share in the centre {points} points, {people_text(best.needed, lang)} needed, "
        f"chance {chance}; with one ill {ill}.",
        f"Order: {order}.",
    ]
