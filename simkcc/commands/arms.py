"""Which scenarios a command holds against each other, by their addresses."""

from typing import TYPE_CHECKING

from simkcc.errors import SettingError

if TYPE_CHECKING:
    from simkcc.model.files import Loaded


def arms_of(addresses: list[str], settings: list[str]) -> "list[Loaded]":
    """Return the scenarios named; of a single file without a variant all that it holds.

    If it holds one variant, that is compared with the file itself.
    """
    from simkcc.model.files import load_all, load_scenario, parse_addresses

    loaded = []
    for address in addresses:
        path, variants = parse_addresses(address)
        if variants:
            loaded += [load_scenario(path, name, settings) for name in variants]
        elif len(addresses) == 1:
            every = load_all(path, settings)
            named = [each for each in every.values() if each.variant]
            loaded += named if len(named) > 1 else list(every.values())
        else:
            loaded.append(load_scenario(path, None, settings))
    return loaded


def two_arms(address: str, settings: list[str]) -> "tuple[Loaded, Loaded]":
    """Return two variants of a file, the first the baseline."""
    from simkcc.model.files import load_scenario, parse_addresses

    path, variants = parse_addresses(address)
    if len(variants) != 2:
        raise SettingError(
            f"{address}: name two variants, the first the baseline; write {path}:A,B"
        )
    if variants[0] == variants[1]:
        raise SettingError(f"{address}: both arms are '{variants[0]}'; name two that differ")
    first, second = (load_scenario(path, name, settings) for name in variants)
    return first, second


def under(policies: str, addresses: list[str], settings: list[str]) -> "list[Loaded]":
    """Return one centre under several policies."""
    from simkcc.analysis.policies.named import parse_policies, with_policy
    from simkcc.model.files import load_scenario, parse_address

    if len(addresses) != 1:
        raise SettingError("--policies: name one file, with at most one variant")
    path, variant = parse_address(addresses[0])
    loaded = load_scenario(path, variant, settings)
    return [with_policy(loaded, each) for each in parse_policies(policies)]
