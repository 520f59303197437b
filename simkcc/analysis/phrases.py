"""The words of verdicts, Dutch and English: sentences to fill in, figures and assumptions as said."""

from simkcc.analysis.language import GAP

TEXTS: dict[str, dict[str, str]] = {
    "compared": {
        "en": "Compared with {baseline} (the baseline), on the same callers: {arms}.",
        "nl": "Vergeleken met {baseline} (het uitgangspunt), met dezelfde bellers: {arms}.",
    },
    "scenario": {"en": "scenario {name}", "nl": "scenario {name}"},
    "baseline": {"en": "the baseline", "nl": "het uitgangspunt"},
    "this": {"en": "this scenario", "nl": "dit scenario"},
    "better": {
        "en": "{Arm} comes out better than the baseline.",
        "nl": "{Arm} komt er beter uit dan het uitgangspunt.",
    },
    "better_at_stated": {
        "en": "At the values assumed, {arm} comes out better than the baseline.",
        "nl": "Bij de aangenomen waarden komt {arm} er beter uit dan het uitgangspunt.",
    },
    "worse": {
        "en": "{Arm} comes out worse than the baseline.",
        "nl": "{Arm} komt er slechter uit dan het uitgangspunt.",
    },
    "worse_at_stated": {
        "en": "At the values assumed, {arm} comes out worse than the baseline.",
        "nl": "Bij de aangenomen waarden komt {arm} er slechter uit dan het uitgangspunt.",
    },
    "trade_off": {
        "en": "{Arm} is a trade-off: better in {better}, worse in {worse}.",
        "nl": "{Arm} is een afweging: beter wat {better} betreft, slechter wat {worse} betreft.",
    },
    "better_but": {
        "en": "{Arm} is better in {figures}; whether it is in {depends} depends on what is assumed.",
        "nl": (
            "{Arm} is beter wat {figures} betreft; of dat ook geldt voor {depends}, hangt af van wat "
            "is aangenomen."
        ),
    },
    "worse_but": {
        "en": "{Arm} is worse in {figures}; whether it is in {depends} depends on what is assumed.",
        "nl": (
            "{Arm} is slechter wat {figures} betreft; of dat ook geldt voor {depends}, hangt af van "
            "wat is aangenomen."
        ),
    },
    "depends": {
        "en": "Whether {arm} is better than the baseline depends on what is assumed.",
        "nl": "Of {arm} beter is dan het uitgangspunt, hangt af van wat is aangenomen.",
    },
    "same": {
        "en": "Between {arm} and the baseline there is no detectable difference in {figures}.",
        "nl": "Tussen {arm} en het uitgangspunt is er geen aantoonbaar verschil in {figures}.",
    },
    "diverges": {
        "en": "{Arm} cannot be kept up. {sentence}",
        "nl": "{Arm} is niet houdbaar. {sentence}",
    },
    "is_higher": {"en": "{figure} is {size} higher", "nl": "{figure} ligt {size} hoger"},
    "is_lower": {"en": "{figure} is {size} lower", "nl": "{figure} ligt {size} lager"},
    "paradox": {
        "en": (
            "With {arm} the queue gets worse while the caller is better off. The menu takes {menu} "
            "less and the share of callers who hang up in it falls by {hang_ups}, so that {offered} more calls "
            "a week reach the queue{roster}."
        ),
        "nl": (
            "Met {arm} wordt de wachtrij slechter terwijl de beller beter af is. Het menu duurt "
            "{menu} korter en het aandeel bellers dat er ophangt, daalt met {hang_ups}, zodat er per week "
            "{offered} oproepen meer in de wachtrij komen{roster}."
        ),
    },
    "same_roster": {"en": ", on the same roster", "nl": ", met hetzelfde rooster"},
    "board": {
        "en": "A board that leaves out the menu would call this a failure.",
        "nl": "Een bord dat het menu weglaat, zou dit een mislukking noemen.",
    },
    "service": {
        "en": "{after} {counted}, against {before} in the baseline ({change}{band})",
        "nl": "{after} {counted}, tegen {before} bij het uitgangspunt ({change}{band})",
    },
    "service_same": {"en": "no detectable difference", "nl": "geen aantoonbaar verschil"},
    "more": {"en": "{size} more", "nl": "{size} meer"},
    "less": {"en": "{size} less", "nl": "{size} minder"},
    "band": {
        "en": "; over the draws of what is assumed between {low} and {high}",
        "nl": "; over de trekkingen van wat is aangenomen tussen {low} en {high}",
    },
    "between": {"en": "between {low} and {high}", "nl": "tussen {low} en {high}"},
    "noise": {
        "en": "There is no detectable difference in {figures}.",
        "nl": "Er is geen aantoonbaar verschil in {figures}.",
    },
    "hangs_on": {
        "en": (
            "The difference in {figure} depends on {assumption}: {arm} is better {side} {threshold}, "
            "which was so in {share} of the draws."
        ),
        "nl": (
            "Het verschil in {figure} hangt af van {assumption}: {arm} is beter {side} {threshold}, "
            "en dat was zo in {share} van de trekkingen."
        ),
    },
    "hangs_together": {
        "en": (
            "The difference in {figure} depends on the assumptions together: {arm} is better in "
            "{share} of the draws, and no single assumption decides it."
        ),
        "nl": (
            "Het verschil in {figure} hangt af van de aannamen samen: {arm} is beter in {share} van "
            "de trekkingen, en geen enkele aanname beslist alleen."
        ),
    },
    "above": {"en": "above", "nl": "boven"},
    "below": {"en": "below", "nl": "onder"},
    "drawn": {
        "en": (
            "{varied} assumed figures were drawn {draws} times from their ranges, all together; a "
            "difference is called one only if it holds in at least nine draws of ten."
        ),
        "nl": (
            "{varied} aangenomen cijfers zijn {draws} keer samen uit hun bereik getrokken; een "
            "verschil heet er pas een als het in minstens negen van de tien trekkingen standhoudt."
        ),
    },
    "assumed": {
        "en": "Of the {total} figures that went in, {assumed} are assumed{not_varied}.",
        "nl": "Van de {total} cijfers die erin gingen, zijn er {assumed} aangenomen{not_varied}.",
    },
    "not_varied": {
        "en": "; they were not varied, so no winner is named",
        "nl": "; ze zijn niet gevarieerd, dus wordt er geen winnaar aangewezen",
    },
    "turn": {
        "en": (
            "The difference in {figure} between {first} and {second} turns at {value} "
            "(± {noise}), {what}{menu}."
        ),
        "nl": (
            "Het verschil in {figure} tussen {first} en {second} slaat om bij {value} "
            "(± {noise}), {what}{menu}."
        ),
    },
    "turn_menu": {
        "en": "; over the complete menu of {length} that is {share} of the callers",
        "nl": "; over het hele menu van {length} is dat {share} van de bellers",
    },
    "never": {
        "en": (
            "The difference in {figure} between {first} and {second} never turns for {key} between "
            "{low} and {high}."
        ),
        "nl": (
            "Het verschil in {figure} tussen {first} en {second} slaat nooit om voor {key} tussen "
            "{low} en {high}."
        ),
    },
    "unclear": {
        "en": (
            "Whether the difference in {figure} between {first} and {second} turns for {key} between "
            "{low} and {high} cannot be told from noise."
        ),
        "nl": (
            "Of het verschil in {figure} tussen {first} en {second} omslaat voor {key} tussen {low} "
            "en {high}, is niet van ruis te onderscheiden."
        ),
    },
    "expected": {
        "en": "Of the {stated} stated expectations {met} came out; {predicted}.",
        "nl": "Van de {stated} vooraf gestelde verwachtingen {came} er {met} uit; {predicted}.",
    },
    "predicted_some": {
        "en": "only the {predicted} predicted ones say anything about the model, and {met} of them came out",
        "nl": (
            "alleen de {predicted} voorspelde zeggen iets over het model, en daarvan {came} er {met} uit"
        ),
    },
    "missed": {"en": ", but not that on {figures}", "nl": ", maar niet die over {figures}"},
    "predicted_none": {
        "en": "none was predicted, so they say nothing about the model",
        "nl": "geen ervan was voorspeld, dus zeggen ze niets over het model",
    },
}

COUNTED = {
    "sl1": ("of the answered calls are answered within {t}", "van de beantwoorde oproepen krijgt binnen {t} antwoord"),
    "sl2": ("of the calls offered to the queue are answered within {t}", "van de oproepen in de wachtrij krijgt binnen {t} antwoord"),
    "sl3": ("of the calls offered to the queue, short hang-ups left out, are answered within {t}", "van de oproepen in de wachtrij, korte afhakers niet meegeteld, krijgt binnen {t} antwoord"),
    "sl4": ("of the calls offered to the queue are answered or hung up within {t}", "van de oproepen in de wachtrij krijgt binnen {t} antwoord of haakt in die tijd af"),
    "sl5": ("of the calls offered to the queue are answered within {t}, hold at pick-up counted", "van de oproepen in de wachtrij krijgt binnen {t} antwoord, wachten na opname meegeteld"),
    "sl6": ("of all who call reach a human within {t}, the menu counted", "van al wie belt, heeft binnen {t} een mens aan de lijn, het menu meegeteld"),
    "sl7": ("of the test calls are answered within {t}", "van de proefoproepen krijgt binnen {t} antwoord"),
}  # fmt: skip
"""By variant of the service level: the rule by which it counts, in English and Dutch."""

CHANGES = {
    "rostered_hours": {
        "higher": ("the roster is {size} longer", "het rooster telt {size} meer"),
        "lower": ("the roster is {size} shorter", "het rooster telt {size} minder"),
    },
    "time_to_human": {
        "higher": ("a caller speaks to a human {size} later", "een beller spreekt {size} later een mens"),
        "lower": ("a caller speaks to a human {size} sooner", "een beller spreekt {size} eerder een mens"),
    },
    "abandonment": {
        "higher": ("the share of callers who give up in the queue rises by {size}", "het aandeel afhakers in de wachtrij stijgt met {size}"),
        "lower": ("the share of callers who give up in the queue falls by {size}", "het aandeel afhakers in de wachtrij daalt met {size}"),
    },
    "citizen_hours": {
        "higher": ("citizens spend {size} more on the phone", "burgers zijn {size} meer kwijt aan de telefoon"),
        "lower": ("citizens spend {size} less on the phone", "burgers zijn {size} minder kwijt aan de telefoon"),
    },
    "second_line_direct": {
        "higher": ("the second line helps {size} more of the questions at once", "de tweede lijn helpt {size} meer van de vragen meteen"),
        "lower": ("the second line helps {size} fewer of the questions at once", "de tweede lijn helpt {size} minder van de vragen meteen"),
    },
    "interruptions": {
        "higher": ("interruptions of specialists rise by {size}", "het aantal onderbrekingen van specialisten stijgt met {size}"),
        "lower": ("interruptions of specialists fall by {size}", "het aantal onderbrekingen van specialisten daalt met {size}"),
    },
    "time_to_resolution": {
        "higher": ("an answer from the second line takes {size} longer", "een antwoord van de tweede lijn duurt {size} langer"),
        "lower": ("an answer from the second line comes {size} sooner", "een antwoord van de tweede lijn komt {size} eerder"),
    },
    "backoffice_hours": {
        "higher": ("the second line spends {size} more", "de tweede lijn is {size} meer kwijt"),
        "lower": ("the second line spends {size} less", "de tweede lijn is {size} minder kwijt"),
    },
    "cost": {
        "higher": ("it costs {size} more{range}", "het kost {size} meer{range}"),
        "lower": ("it costs {size} less{range}", "het kost {size} minder{range}"),
    },
}  # fmt: skip
"""What a difference beyond noise means, in English and Dutch."""

FIGURES = {
    "time_to_human": ("time to a human", "de tijd tot een mens"),
    "abandonment": ("abandonment", "het aandeel afhakers"),
    "citizen_hours": ("citizens' time", "de tijd van burgers"),
    "cost": ("cost", "de kosten"),
    "service_level": ("service level", "de servicenorm"),
    "time_to_resolution": ("time to resolution", "de tijd tot een oplossing"),
    "second_line_direct": ("direct help by the second line", "de rechtstreekse hulp door de tweede lijn"),
    "interruptions": ("interruptions of specialists", "de onderbrekingen van specialisten"),
    "backoffice_hours": ("hours of the second line", "de uren van de tweede lijn"),
}  # fmt: skip
"""What figures are called within a sentence, in English and Dutch."""

ASSUMPTIONS = {
    "demand.per_year": ("the number of calls a year", "het aantal oproepen per jaar"),
    "demand.busyness_cv": ("how much days differ", "hoezeer dagen verschillen"),
    "menu.length": ("the length of the menu", "de lengte van het menu"),
    "menu.hang_up": ("the chance of hanging up in the menu", "de kans op ophangen in het menu"),
    "menu.early.share": ("the share that chooses early in the menu", "het aandeel dat vroeg kiest in het menu"),
    "menu.early.wrong": ("the wrong choices of who chooses early", "de verkeerde keuzes van wie vroeg kiest"),
    "menu.complete.wrong": ("the wrong choices after the whole menu", "de verkeerde keuzes na het hele menu"),
    "menu.wrong_talk": ("the talk after a wrong choice", "het gesprek na een verkeerde keuze"),
    "patience.mean": ("the patience of callers", "het geduld van bellers"),
    "redial.share": ("the share that calls again", "het aandeel dat opnieuw belt"),
    "repeat.share": ("the share that comes back", "het aandeel dat terugkomt"),
}  # fmt: skip
"""What assumptions are called, in English and Dutch."""

ENDINGS = {
    ".handling.aht": ("the handle time of {name}", "de afhandeltijd van {name}"),
    ".handling.wrap_up": ("the wrap-up of {name}", "het nawerk van {name}"),
    ".second_line.share": ("how often {name} needs the second line", "hoe vaak {name} de tweede lijn nodig heeft"),
    ".callback.share": ("how often {name} ends in a callback", "hoe vaak {name} eindigt met terugbellen"),
    "menu.late.share": ("the share that hesitates after the menu", "het aandeel dat aarzelt na het menu"),
    ".share": ("the share of {name}", "het aandeel van {name}"),
    ".per_hour": ("the price per hour of {name}", "de prijs per uur van {name}"),
    ".per_minute": ("the price per minute of {name}", "de prijs per minuut van {name}"),
    ".per_call": ("the price per call of {name}", "de prijs per oproep van {name}"),
    ".roster.square_root.beta": ("the staffing of {name}", "de bezetting van {name}"),
    ".absence": ("the absence at {name}", "de afwezigheid bij {name}"),
    ".available": ("how often {name} can be reached", "hoe vaak {name} bereikbaar is"),
}  # fmt: skip
"""The same for keys of a named part, by how they end."""

CALLS = ("the calls an hour about {name}", "het aantal oproepen per uur over {name}")
"""What `per_hour` of a topic is called; of anything else it is a price."""


def text(name: str, lang: str, /, **values: object) -> str:
    """Return a sentence in a language."""
    return TEXTS[name][lang].format(**values)


def pick(pair: tuple[str, str], lang: str) -> str:
    """Return the English or the Dutch one of a pair."""
    return pair[1] if lang == "nl" else pair[0]


def assumption_name(key: str, lang: str) -> str:
    """Return what an assumption is called, with its key.

    >>> assumption_name("topics.afval.handling.aht", "en")
    'the handle time of afval (topics.afval.handling.aht)'
    """
    if key in ASSUMPTIONS:
        return f"{pick(ASSUMPTIONS[key], lang)} ({key})"
    for ending, pair in ENDINGS.items():
        parts = key.split(".")
        if key.endswith(ending) and len(parts) > 2:
            pair = CALLS if (parts[0], ending) == ("topics", ".per_hour") else pair
            return f"{pick(pair, lang).format(name=parts[1])} ({key})"
    return key


def quoted(name: str, lang: str) -> str:
    """Return a name between the quotation marks of a language."""
    return f"„{name}”" if lang == "nl" else f"“{name}”"


def seconds(value: float, lang: str) -> str:
    """Return whole seconds as one says them."""
    return f"{value:g}{GAP}{'seconden' if lang == 'nl' else 'seconds'}"
