"""Handling and patience from contact records: families compared, judged, and what is too little."""

import numpy as np

from simkcc.calibration.contacts import Contacts
from simkcc.calibration.laws import (
    EXPONENTIAL,
    GAMMA,
    HYPEREXPONENTIAL,
    LOGNORMAL,
    SAME,
    WEIBULL,
    WITH_ZERO,
    Durations,
    Fit,
    distance,
    durations,
    fits,
    kaplan_meier,
)
from simkcc.calibration.said import Estimate, Findings, Said

LEAST_TALKS = 100
"""Fewer talks say nothing about their distribution."""

LEAST_HANG_UPS = 10
"""Fewer abandoned calls do not measure patience."""

HANG_UPS_FOR_A_SHAPE = 100
"""Fewer abandoned calls cannot tell families of patience apart."""

CLOSE = 0.03
"""A law that nowhere misses the data by more than this share describes them well enough."""

TALKS = (EXPONENTIAL, LOGNORMAL, GAMMA, WEIBULL, HYPEREXPONENTIAL)
PATIENCES = (EXPONENTIAL, WEIBULL, LOGNORMAL, WITH_ZERO, HYPEREXPONENTIAL)


def law_estimates(
    law: Fit, at: str, n: int, method: Said, mean: tuple[float, float, float] | None = None
) -> Findings:
    """Return a law as a distribution of a scenario file at the path `at`.

    mean: sample mean with its interval, to stand for the fitted mean so that the load is right.
    """
    found = Findings()
    kind = "exponential" if law.family is WITH_ZERO else law.family.name
    found.settings[f"{at}.kind"] = kind
    if law.family is HYPEREXPONENTIAL:
        (share, short, long), ranges = law.parameters, law.ranges
        scale = 1.0 if mean is None else mean[0] / law.mean
        halves = tuple((high - low) / 2 for low, high in ranges)
        found.estimates = [
            Estimate(
                f"{at}.shares",
                [share, 1 - share],
                None,
                None,
                n,
                method,
                half_widths=(halves[0],) * 2,
            ),
            Estimate(
                f"{at}.means",
                [short * scale, long * scale],
                None,
                None,
                n,
                method,
                unit="s",
                half_widths=halves[1:],
            ),
        ]
        return found
    for key, value, (low, high) in zip(law.family.keys, law.parameters, law.ranges, strict=True):
        if key == "mean" and mean is not None:
            value, low, high = mean
        unit = "s" if key == "mean" else ""
        found.estimates.append(Estimate(f"{at}.{key}", value, low, high, n, method, unit=unit))
    return found


def _compared(laws: list[Fit], gap: float) -> tuple[str, str]:
    others = ", ".join(f"{law.family.name} +{law.aic - laws[0].aic:.0f}" for law in laws[1:4])
    return (
        f"{laws[0].family.name}; AIC tegenover {others or '-'}; grootste afwijking {gap:.1%}",
        f"{laws[0].family.name}; AIC against {others or '-'}; largest gap {gap:.1%}",
    )


# ---------------------------------------------------------------------------------------------
# handling


def fit_handling(contacts: Contacts, at: str, name: str) -> Findings:
    """Return talk and wrap-up of contacts as the handling at the path `at`.

    name: of the line, for the sentences; empty for the whole centre.
    """
    found = Findings()
    talk = contacts.talk[contacts.answered & (contacts.talk > 0)]
    of_nl, of_en = (f" van {name}", f" of {name}") if name else ("", "")
    if len(talk) < LEAST_TALKS:
        found.said.append(Said(
            f"{len(talk)} gesprekken{of_nl}: te weinig om de afhandeltijd te schatten (minstens {LEAST_TALKS}).",
            f"{len(talk)} talks{of_en}: too few to estimate handling (at least {LEAST_TALKS}).",
        ))  # fmt: skip
        return found
    found.add(_fit_talk(talk, at, of_nl, of_en))
    low, high = _cv_interval(talk)
    method = Said("steekproef, bootstrap", "sample, bootstrap")
    cv = float(talk.std(ddof=1)) / float(talk.mean())
    found.estimates.append(Estimate(f"seen.{at}.talk.sample_cv", cv, low, high, len(talk), method))
    found.settings |= {f"{at}.{key}": "absent" for key in ("aht", "cv", "transfers")}
    if contacts.talk_holds:
        found.settings |= {f"{at}.hold_during": 0.0, f"{at}.hold_at_pick_up": 0.0}
    found.add(_fit_wrap_up(contacts, at, of_nl, of_en))
    return found


def _fit_talk(talk: np.ndarray, at: str, of_nl: str, of_en: str) -> Findings:
    """Return the law that fits talks best; the sample itself if none comes close."""
    found = Findings()
    laws = fits(TALKS, durations(talk))
    curve = kaplan_meier(talk, np.ones(len(talk), bool))
    mean, half = float(talk.mean()), 1.96 * float(talk.std(ddof=1)) / len(talk) ** 0.5
    seen = mean, mean - half, mean + half
    noise = 1.36 / len(talk) ** 0.5
    gap = distance(laws[0], curve) if laws else 1.0
    if laws and gap <= max(CLOSE, noise):
        method = Said(*_compared(laws, gap))
        found.add(law_estimates(laws[0], f"{at}.talk", len(talk), method, seen))
        _rival(found, laws, f"gesprek{of_nl}", f"talk{of_en}")
    else:
        method = Said("steekproefgemiddelde", "sample mean")
        found.add(_empirical(talk, f"{at}.talk", gap))
        found.estimates.append(Estimate(f"seen.{at}.mean", *seen, len(talk), method, unit="s"))
    return found


def _rival(found: Findings, laws: list[Fit], nl: str, en: str) -> None:
    """Say so if another family does as well."""
    near = [law.family.name for law in laws[1:] if law.aic - laws[0].aic < SAME]
    if near:
        found.said.append(Said(
            f"{nl}: {laws[0].family.name} en {near[0]} zijn met deze gegevens niet te onderscheiden; de eenvoudigste is gekozen.",
            f"{en}: {laws[0].family.name} and {near[0]} cannot be told apart with these data; the simpler one is chosen.",
        ))  # fmt: skip


def _empirical(talk: np.ndarray, at: str, gap: float) -> Findings:
    """Return the sample itself, as 200 equally likely values with the sample's mean."""
    middle = (np.arange(200) + 0.5) / 200
    values = np.quantile(talk, middle)
    values *= talk.mean() / values.mean()
    method = Said(
        f"geen familie past (beste wijkt {gap:.1%} af): 200 kwantielen van de steekproef",
        f"no family fits (the best is {gap:.1%} off): 200 quantiles of the sample",
    )
    each = Estimate(
        f"{at}.values", np.round(values, 1).tolist(), None, None, len(talk), method, unit="s"
    )
    return Findings([each], [], {f"{at}.kind": "empirical"})


def _cv_interval(values: np.ndarray) -> tuple[float, float]:
    """Return a bootstrap interval of the coefficient of variation, fixed seed."""
    chance = np.random.default_rng(1)
    sample = values if len(values) <= 20_000 else chance.choice(values, 20_000, replace=False)
    draws = chance.choice(sample, (200, len(sample)))
    spread = (
        float((draws.std(axis=1) / draws.mean(axis=1)).std()) * (len(sample) / len(values)) ** 0.5
    )
    cv = float(values.std(ddof=1) / values.mean())
    return cv - 1.96 * spread, cv + 1.96 * spread


def _fit_wrap_up(contacts: Contacts, at: str, of_nl: str, of_en: str) -> Findings:
    found = Findings()
    wrap = contacts.wrap_up[contacts.answered & ~np.isnan(contacts.wrap_up)]
    if len(wrap) < LEAST_TALKS:
        found.said.append(Said(
            f"De nawerktijd{of_nl} staat niet in het bestand; ze blijft zoals ze was.",
            f"Wrap-up{of_en} is not in the file; it stays as it was.",
        ))  # fmt: skip
        return found
    mean, spread = float(wrap.mean()), float(wrap.std(ddof=1))
    half = 1.96 * spread / len(wrap) ** 0.5
    if spread < 0.02 * mean or mean < 0.5:
        method = Said("steekproefgemiddelde, vrijwel constant", "sample mean, all but constant")
        found.settings[f"{at}.wrap_up.kind"] = "deterministic"
        found.estimates.append(
            Estimate(
                f"{at}.wrap_up.value", mean, mean - half, mean + half, len(wrap), method, unit="s"
            )
        )
        return found
    zero = float((wrap == 0).mean())
    laws = fits((EXPONENTIAL, LOGNORMAL, GAMMA), durations(wrap[wrap > 0]))
    if not laws:
        return found
    inside = mean / (1 - zero)
    method = Said(
        f"{laws[0].family.name}; steekproefgemiddelde", f"{laws[0].family.name}; sample mean"
    )
    seen = inside, inside - half / (1 - zero), inside + half / (1 - zero)
    found.add(law_estimates(laws[0], f"{at}.wrap_up", len(wrap), method, seen))
    if zero > 0.005:
        noise = 1.96 * (zero * (1 - zero) / len(wrap)) ** 0.5
        share = Said("aandeel zonder nawerk", "share without wrap-up")
        found.estimates.append(
            Estimate(
                f"{at}.wrap_up.zero", zero, max(zero - noise, 0.0), zero + noise, len(wrap), share
            )
        )
    return found


# ---------------------------------------------------------------------------------------------
# patience


def fit_patience(wait: np.ndarray, abandoned: np.ndarray, at: str = "patience") -> Findings:
    """Return patience from waits that ended by hanging up, cut off by the answer.

    Answered at once says nothing about patience and is left out. It is assumed that an agent
    comes independently of how patient this caller is.
    """
    waited = (wait > 0) | abandoned
    wait, abandoned = wait[waited], abandoned[waited]
    data = durations(wait, abandoned)
    if data.n_ended < LEAST_HANG_UPS:
        return _at_least(data, len(wait))
    families = PATIENCES if data.n_ended >= HANG_UPS_FOR_A_SHAPE else (EXPONENTIAL,)
    laws = fits(families, data)
    if not laws:
        return _at_least(data, len(wait))
    curve = kaplan_meier(wait, abandoned)
    gap = distance(laws[0], curve)
    method = Said(*(f"Kaplan-Meier; {text}" for text in _compared(laws, gap)))
    found = law_estimates(laws[0], at, data.n_ended, method)
    _rival(found, laws, "geduld", "patience")
    if families == (EXPONENTIAL,):
        found.said.append(Said(
            f"Met {data.n_ended} afhakers is de vorm van het geduld niet te schatten; exponentieel is aangenomen.",
            f"With {data.n_ended} abandoned calls the shape of patience cannot be estimated; exponential is assumed.",
        ))  # fmt: skip
    _say_how_far(found, laws[0], curve.at_risk, curve.seconds)
    if gap > 0.05 + 1.36 / data.n_ended**0.5:
        found.said.append(Said(
            f"Geen familie beschrijft het geduld goed: de beste wijkt {gap:.0%} af van de gemeten curve.",
            f"No family describes patience well: the best is {gap:.0%} off the measured curve.",
        ))  # fmt: skip
    return found


def _say_how_far(found: Findings, law: Fit, at_risk: np.ndarray, seconds: np.ndarray) -> None:
    """Say beyond which wait patience is extrapolated."""
    far = float(seconds[at_risk >= 20].max(initial=0.0))
    left = float(law.survival(far))
    if left > 0.2:
        found.said.append(Said(
            f"Wachttijden zijn gezien tot {far:.0f} s; {left:.0%} van de bellers heeft langer geduld, en dat deel is doorgetrokken.",
            f"Waits are seen up to {far:.0f} s; {left:.0%} of callers are patient for longer, and that part is extrapolated.",
        ))  # fmt: skip


def _at_least(data: Durations, n: int) -> Findings:
    """Return the least mean that few or no hang-ups allow (one-sided 95 %, exponential)."""
    from scipy.stats import chi2

    hang_ups = data.n_ended
    least = 2 * data.exposure / float(chi2.ppf(0.95, 2 * hang_ups + 2))
    if data.exposure < 60 or n == 0:
        return Findings(said=[Said(
            f"{n} bellers hebben gewacht: het geduld kan niet geschat worden; het blijft zoals het was.",
            f"{n} callers waited: patience cannot be estimated; it stays as it was.",
        )])  # fmt: skip
    few_nl = "Geen afhakers" if hang_ups == 0 else f"Slechts {hang_ups} afhakers"
    few_en = "No abandonments" if hang_ups == 0 else f"Only {hang_ups} abandonments"
    return Findings(said=[Said(
        f"{few_nl} onder {n} wachtenden ({data.exposure / 3600:.1f} uur wachten samen): het geduld kan niet geschat worden. "
        f"Gemiddeld is het minstens {least:.0f} s (95 %, exponentieel); het blijft zoals het was.",
        f"{few_en} among {n} waiting callers ({data.exposure / 3600:.1f} h of waiting together): patience cannot be estimated. "
        f"On average it is at least {least:.0f} s (95 %, exponential); it stays as it was.",
    )])  # fmt: skip
