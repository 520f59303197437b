"""The words of the report, Dutch and English, and its numbers where they have no metric."""

import math
from typing import Any

from simkcc.analysis.language import NONE, significant

TEXTS: dict[str, tuple[str, str]] = {
    "report": ("Verslag", "Report"),
    "sweep": ("Verkenning", "Sweep"),
    "sweep_lead": (
        "Wat komt eruit als één getal verandert en al het andere gelijk blijft, met dezelfde bellers? "
        "Hier verandert: {what}.",
        "What comes out as one number changes and all else stays, on the same callers? What changes "
        "here: {what}.",
    ),
    "sweep_band": (
        "De band rond een lijn is de simulatieruis (95 %).",
        "The band around a line is simulation noise (95 %).",
    ),
    "on_one_page": ("Verslag op één blad", "Report on one page"),
    "made": ("Gemaakt op {date} met simkcc {version}", "Made on {date} with simkcc {version}"),
    "language": ("English", "Nederlands"),
    "print": ("Afdrukken", "Print"),
    "question": ("De vraag", "The question"),
    "question_lead": (
        "Wat verandert er voor bellers, medewerkers en de begroting als het anders gaat dan in het "
        "uitgangspunt? Elke variant krijgt precies dezelfde bellers.",
        "What changes for callers, staff and the budget if things are done otherwise than in the "
        "baseline? Every variant gets exactly the same callers.",
    ),
    "baseline": ("uitgangspunt", "baseline"),
    "variant": ("variant", "variant"),
    "simulated": (
        "{runs} herhalingen van {days} dagen vanaf {start}{calls}.",
        "{runs} replications of {days} days from {start}{calls}.",
    ),
    "calls": ("; samen {calls} oproepen per variant", "; {calls} calls per variant in all"),
    "verdict": ("Het oordeel", "The verdict"),
    "differences": ("De verschillen", "The differences"),
    "differences_lead": (
        "Per cijfer: wat de variant haalt, en daaronder het verschil met het uitgangspunt. "
        "± is het 95 %-interval van de simulatieruis.",
        "For each figure: what the variant reaches, and below it the difference from the baseline. "
        "± is the 95 % interval of simulation noise.",
    ),
    "band_lead": (
        "Tussen rechte haken: het 5-95 %-bereik van het verschil over {draws} trekkingen van de "
        "{varied} aangenomen cijfers.",
        "In square brackets: the 5-95 % range of the difference over {draws} draws of the {varied} "
        "assumed figures.",
    ),
    "no_band": (
        "De aannamen zijn niet gevarieerd (dat doet --inputs): de tweede band, die van de invoer, "
        "ontbreekt.",
        "The assumptions were not varied (--inputs does that): the second band, that of the inputs, "
        "is not there.",
    ),
    "holm": (
        "Cijfers met ★ zijn waarover de vergelijking gaat: ze zijn samen beoordeeld (gecorrigeerd "
        "volgens Holm), de andere over alle cijfers samen.",
        "Figures with ★ are what the comparison is about: they are judged together (corrected after "
        "Holm), the others over all figures there are.",
    ),
    "figure": ("Cijfer", "Figure"),
    "better": ("beter", "better"),
    "worse": ("slechter", "worse"),
    "higher": ("hoger", "higher"),
    "lower": ("lager", "lower"),
    "same": ("geen aantoonbaar verschil", "no detectable difference"),
    "equals": ("Precies gelijk in alle varianten:", "Exactly equal in every variant:"),
    "signs": (
        "▲ beter, ▼ slechter, ↑ ↓ anders maar niet vanzelf beter of slechter, = geen aantoonbaar "
        "verschil, ~ hangt af van aannamen.",
        "▲ better, ▼ worse, ↑ ↓ different but not by itself better or worse, = no detectable "
        "difference, ~ depends on assumptions.",
    ),
    "exactly": ("precies gelijk", "exactly equal"),
    "depends": ("hangt af van aannamen", "depends on assumptions"),
    "diverges": ("blijft groeien", "keeps growing"),
    "unpriced": ("geen prijs opgegeven", "no price given"),
    "none": ("geen gegevens", "no data"),
    "scorecards": ("De normen", "Scorecards"),
    "definition": ("Definitie", "Definition"),
    "norm": ("Norm", "Norm"),
    "at_least": ("minstens {value}", "at least {value}"),
    "at_most": ("hoogstens {value}", "at most {value}"),
    "reference": ("ter vergelijking {value}", "for comparison {value}"),
    "measured": ("gemeten {value}{n}", "measured {value}{n}"),
    "n": ("n = {n}", "n = {n}"),
    "source": ("Bron", "Source"),
    "action": ("Actie", "Action"),
    "by_hand": ("Met de hand na te gaan", "To be checked by hand"),
    "letters": ("In de definities", "In the definitions"),
    "pictures": ("In beeld", "In pictures"),
    "day": ("De dag door: {level}", "Over the day: {level}"),
    "day_lead": (
        "Aandeel van de oproepen die in dat halfuur beginnen en aan de norm voldoen.",
        "Share of the calls begun in that half hour that meet the norm.",
    ),
    "goal": ("doel {share}", "goal {share}"),
    "threshold": ("norm {seconds}", "norm {seconds}"),
    "waits": ("Hoe lang wacht een beller?", "How long does a caller wait?"),
    "waits_lead": (
        "Aandeel van de oproepen in de wachtrij dat binnen zoveel seconden antwoord krijgt. Wat "
        "rechts tot 100 % ontbreekt, heeft opgehangen of wacht langer.",
        "Share of the calls offered to the queue that are answered within so many seconds. What is "
        "missing from 100 % at the right hung up or waits longer.",
    ),
    "seconds_waited": ("seconden in de wachtrij", "seconds in the queue"),
    "hour": ("uur van de dag", "hour of the day"),
    "time": ("Waar gaat de tijd van de beller heen?", "Where does the caller's time go?"),
    "time_lead": (
        "Gemiddelde seconden per oproep, van wie antwoord krijgt en van wie afhaakt samen.",
        "Mean seconds per call, of those answered and those who give up together.",
    ),
    "menu": ("keuzemenu", "menu"),
    "queue": ("wachtrij", "queue"),
    "transfer": ("doorverbinden", "transfer"),
    "hold": ("in de wacht", "on hold"),
    "talk": ("gesprek", "talk"),
    "money": ("Wat kost het, en aan wie?", "What does it cost, and whom?"),
    "money_lead": (
        "Drie kolommen die niet stilzwijgend worden opgeteld: de begroting van de stad of gemeente, "
        "het werk van de tweede lijn, en de tijd van burgers.",
        "Three columns that are not added up in silence: the municipality's budget, the work of the "
        "second line, and citizens' time.",
    ),
    "budget": ("Begroting per jaar", "Budget a year"),
    "back_office": ("Tweede lijn per jaar", "Second line a year"),
    "citizen_hours": ("Tijd van burgers per jaar", "Citizens' time a year"),
    "fte": ("Ingeroosterde vte", "Rostered FTE"),
    "budget_per_call": ("Begroting per beantwoorde oproep", "Budget per answered call"),
    "cost_per_question": (
        "Begroting en tweede lijn per opgeloste vraag", "Budget and second line per resolved question"
    ),
    "hours": ("{value} uur", "{value} h"),
    "bridge": ("Van {first} naar {second}", "From {first} to {second}"),
    "bridge_lead": (
        "Euro per jaar, alles meegeteld; elke stap verklaart een deel van het verschil.",
        "Euros a year, everything counted; each step explains a part of the difference.",
    ),
    "within_noise": (
        "Dat ligt binnen de simulatieruis: geen aantoonbaar verschil.",
        "That is within simulation noise: no detectable difference.",
    ),
    "turns": ("Wat keert het oordeel om?", "What would overturn it?"),
    "turns_none": (
        "Voor deze vergelijking zijn geen omslagpunten berekend.",
        "No turning points were computed for this comparison.",
    ),
    "tornado": ("Kosten van {second} min {first}", "Cost of {second} minus {first}"),
    "tornado_lead": (
        "Verschil in euro per jaar, alles meegeteld, als één aanname van de laagste naar de hoogste "
        "waarde gaat. Links van nul is {second} goedkoper.",
        "Difference in euros a year, everything counted, as one assumption goes from its lowest to its "
        "highest value. Left of zero {second} is cheaper.",
    ),
    "assumption": ("Aanname", "Assumption"),
    "stated": ("Aangenomen", "Assumed"),
    "range": ("Bereik", "Range"),
    "turning_at": ("Keert om bij", "Turns at"),
    "never": ("nooit binnen het bereik", "never within its range"),
    "unclear": ("niet te onderscheiden van ruis", "cannot be told from noise"),
    "sliders": ("Zelf aannamen verschuiven", "Move the assumptions yourself"),
    "sliders_lead": (
        "Kosten zijn lineair in prijzen en aandelen: de conclusie wordt meteen opnieuw berekend uit "
        "dezelfde simulaties. Het streepje is het omslagpunt.",
        "Costs are linear in prices and shares: the conclusion is computed anew at once, from the "
        "same simulations. The tick is the break-even.",
    ),
    "only_screen": (
        "In het bestand zelf kunt u aannamen met schuifregelaars verplaatsen.",
        "In the file itself assumptions can be moved with sliders.",
    ),
    "others": (
        "Aannamen die op zichzelf de conclusie niet omkeren ({n})",
        "Assumptions that do not overturn the conclusion alone ({n})",
    ),
    "reset": ("Terug naar de aangenomen waarden", "Back to the assumed values"),
    "grid": ("Het oordeel bij een andere waarde van één aanname", "The verdict at another value of one assumption"),
    "grid_lead": (
        "Deze aannamen vragen een nieuwe simulatie. Voor elke stand van de regelaar is die vooraf "
        "gedaan, met dezelfde bellers; het hele oordeel hieronder is dat van de simulatie zelf.",
        "These assumptions need a new simulation. It was done beforehand for every position of the "
        "slider, on the same callers; the whole verdict below is that simulation's own.",
    ),
    "as_stated": ("zoals aangenomen", "as assumed"),
    "cheaper": ("goedkoper", "cheaper"),
    "dearer": ("duurder", "dearer"),
    "no detectable difference": ("geen aantoonbaar verschil in kosten", "no detectable difference in cost"),
    "net_more": (
        "Alles meegeteld kost {second} {net} (± {noise}) per jaar meer dan {first}.",
        "Everything counted, {second} costs {net} (± {noise}) a year more than {first}.",
    ),
    "net_less": (
        "Alles meegeteld kost {second} {net} (± {noise}) per jaar minder dan {first}.",
        "Everything counted, {second} costs {net} (± {noise}) a year less than {first}.",
    ),
    "claims": ("De stelling, en wat haar weerlegt", "The claim, and what would refute it"),
    "against": ("Wat ertegen spreekt", "What speaks against it"),
    "second_line": ("Kan de tweede lijn het volhouden?", "Can the second line keep it up?"),
    "assumptions": ("Wat erin ging", "What went in"),
    "assumptions_lead": (
        "Elk cijfer met zijn herkomst: G gegeven door de bron, D afgeleid, A aangenomen, M gemeten. "
        "Wat is aangenomen, staat bovenaan.",
        "Every figure with what it is worth: G given by the source, D derived, A assumed, M measured. "
        "What is assumed comes first.",
    ),
    "G": ("gegeven", "given"),
    "D": ("afgeleid", "derived"),
    "A": ("aangenomen", "assumed"),
    "M": ("gemeten", "measured"),
    "-": ("zonder herkomst", "unmarked"),
    "number": ("Cijfer", "Number"),
    "value": ("Waarde", "Value"),
    "mark": ("Herkomst", "Mark"),
    "only_in": ("alleen in {arms}", "only in {arms}"),
    "attempts": (
        "Het opgegeven volume telt pogingen; {share} ervan zijn eerste pogingen van bellers.",
        "The stated volume counts attempts; {share} of them are first attempts of callers.",
    ),
    "not_varied": ("Aangenomen maar niet gevarieerd: {keys}.", "Assumed but not varied: {keys}."),
    "expectations": ("Wat er vooraf verwacht werd", "What was expected beforehand"),
    "expectations_lead": (
        "Alleen voorspelde verwachtingen toetsen het model: ingevoerd is erin gestopt, afgeregeld is "
        "erop afgestemd.",
        "Only predicted expectations test the model: input was put in, fitted was tuned to.",
    ),
    "expectation": ("Verwachting", "Expectation"),
    "basis": ("Soort", "Kind"),
    "input": ("ingevoerd", "input"),
    "fitted": ("afgeregeld", "fitted"),
    "predicted": ("voorspeld", "predicted"),
    "found": ("Gevonden", "Found"),
    "outcome": ("Uitkomst", "Outcome"),
    "came_out": ("uitgekomen", "came out"),
    "missed": ("niet uitgekomen", "did not come out"),
    "expect_higher": ("{metric}: {variant} hoger dan {versus}", "{metric}: {variant} higher than {versus}"),
    "expect_lower": ("{metric}: {variant} lager dan {versus}", "{metric}: {variant} lower than {versus}"),
    "expect_equal": ("{metric}: {variant} gelijk aan {versus}", "{metric}: {variant} equal to {versus}"),
    "expect_value": (
        "{metric} van {variant}: {value} ± {tolerance}", "{metric} of {variant}: {value} ± {tolerance}"
    ),
    "expect_absent": (
        "{metric}: geen cijfer bij {variant}, want er is geen termijn",
        "{metric}: no figure for {variant}, for there is no term",
    ),
    "every": ("elke variant", "every variant"),
    "notes": ("Kanttekeningen van het scenario", "Notes of the scenario"),
    "reproduce": ("Zelf narekenen", "How to reproduce it"),
    "reproduce_lead": (
        "Met dezelfde versie, hetzelfde scenariobestand en dezelfde opdracht komt elk cijfer er tot op "
        "de laatste decimaal hetzelfde uit.",
        "With the same version, the same scenario file and the same command every figure comes out "
        "the same to the last digit.",
    ),
    "command": ("Opdracht", "Command"),
    "version": ("Versie", "Version"),
    "seed": ("Startgetal (seed)", "Seed"),
    "replications": ("Herhalingen", "Replications"),
    "file": ("Scenariobestand", "Scenario file"),
    "applied": ("Wat elke variant in het bestand anders zet", "What each variant sets otherwise in the file"),
    "nothing": ("niets", "nothing"),
    "precise": ("{what}: ± {found} gehaald, ± {asked} gevraagd", "{what}: ± {found} reached, ± {asked} asked"),
}  # fmt: skip
"""Dutch and English."""

FORMULAS = {
    "direct": "zonder doorverbinding, terugbelverzoek of formulier geëindigd / A",
    "transferred": "overgedragen aan de tweede lijn / A",
    "transfers_2": "precies twee keer overgedragen / A",
    "transfers_2_3": "twee of drie keer overgedragen / A",
    "transfers_more": "meer dan drie keer overgedragen / A",
    "passed_on": "geëindigd bij de tweede lijn of met een belofte / A",
    "callback_note": "geëindigd met een terugbelverzoek of formulier / A",
    "transfer_success": "oproepen waarbij iemand bereikt werd / oproepen met een poging",
    "transfer_success_attempt": "pogingen waarbij iemand bereikt werd / pogingen",
    "transfer_wait": "tijd tot antwoord bij pogingen die iemand bereikten / hun aantal",
    "transfer_wait_all": "tijd van alle pogingen / hun aantal",
    "take_back_time": "tijd van teruggenomen pogingen / hun aantal",
    "take_back_max": "langste teruggenomen poging",
    "time_to_human": "som van I + W over A / A",
    "asa": "som van W over A / A",
    "menu_time": "som van I / oproepen in het menu",
    "probe_wait": "som van de wachttijden van proefoproepen / proefoproepen",
    "sl7": "proefoproepen met W <= T / proefoproepen",
    "accessibility_r4": "beantwoorde proefoproepen / proefoproepen",
    "hold_rate": "oproepen met een wacht / A",
    "hold_at_pick_up": "oproepen met een wacht meteen bij het antwoord / A",
    "callbacks_2wd": "bereikt voor sluitingstijd van de tweede werkdag / te bereiken",
    "callbacks_returned": "bereikt binnen de termijn / te bereiken",
    "callbacks_same_day": "bereikt voor sluitingstijd van die dag / dan te bereiken",
    "share_in_kcc": "oproepen die de eerste lijn alleen afhandelt / alle oproepen tijdens de opening",
    "desk_short": "klaar aan de eerste balie, gesprek < 300 s / geholpen en voorbij",
    "interruptions": "oproepen doorverbonden met een specialist, per werkdag",
    "cases_in_time": "gesloten binnen de termijn / te sluiten in de periode",
    "cases_age": "som van einde - opening van openstaande dossiers / openstaande",
    "team_waiting": "in een wachtrij van de ploeg aan het einde, per herhaling",
    "cases_feedback": "gesloten met terugkoppeling / gesloten in de periode",
    "cases_misrouted": "gesloten als doorgestuurd / gesloten in de periode",
    "fcr_first_line": "opgelost door de eerste lijn alleen, niet herhaald binnen 10 werkdagen / A van eerste contacten",
}  # fmt: skip
"""Definitions in Dutch of the figures of scorecards, where the formula holds English words."""

LETTERS = {
    "D": "gebeld", "B": "alle lijnen bezet", "V": "opgehangen in het menu",
    "O": "aangeboden aan een wachtrij, wachten voorbij", "A": "beantwoord",
    "L": "opgehangen in de wachtrij", "S": "kort na het begin opgehangen",
    "W": "wachttijd in de wachtrij, in seconden", "I": "tijd in het menu, in seconden",
    "h0": "wacht meteen bij het opnemen, in seconden", "T": "drempel van de norm, in seconden",
}  # fmt: skip
"""The letters of formulas, in Dutch."""


def said(name: str, lang: str, /, **values: object) -> str:
    """Return a text in a language, filled in."""
    return TEXTS[name][lang != "nl"].format(**values)


def plain(value: Any, lang: str) -> str:
    """Return a value of a scenario file as people of that language write it.

    >>> plain([0.5, 1200], "nl"), plain(True, "nl"), plain({"kind": "none"}, "en")
    ('0,5; 1.200', 'ja', 'kind = none')
    """
    if isinstance(value, bool):
        return ("ja" if value else "nee") if lang == "nl" else ("yes" if value else "no")
    if isinstance(value, int | float):
        return NONE[lang] if not math.isfinite(value) else significant(value, 6, lang)
    if isinstance(value, list | tuple):
        return "; ".join(plain(each, lang) for each in value)
    if isinstance(value, dict) and "value" in value:
        return plain(value["value"], lang) + (f" {value['unit']}" if "unit" in value else "")
    if isinstance(value, dict):
        return ", ".join(f"{key} = {plain(each, lang)}" for key, each in value.items())
    return str(value)
