"""Measure the contenders in one run: first whether they agree, then how fast they are."""

import argparse

from bench import comparisons, results, startup, timing, workloads
from bench.agreement import judge, replicate
from bench.contenders import contenders

CHECK_CALLS, CHECK_RUNS, RUN_SECONDS = 20_000, 16, 3.0
QUICK_CHECK_CALLS, QUICK_CHECK_RUNS, QUICK_RUN_SECONDS = 4_000, 8, 0.3
ROUNDS, QUICK_ROUNDS = 7, 2


def parse(arguments=None):
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--calls",
        type=positive,
        help="calls per timed run, for every contender"
        f" (default: as many as each simulates in {RUN_SECONDS:g} s)",
    )
    parser.add_argument("--rounds", type=positive, help=f"timed rounds (default: {ROUNDS})")
    parser.add_argument(
        "--only",
        choices=results.PARTS,
        nargs="+",
        default=list(results.PARTS),
        help="measure these parts; the others stay as they are in the results",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="short runs, to see that all works; the numbers are rough",
    )
    return parser.parse_args(arguments)


def positive(text):
    """Return a whole number of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is too low; give 1 or more")
    return number


def main(arguments=None):
    """Measure part by part, print the tables, and keep each part of a full run as it is done."""
    options = parse(arguments)
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    for name in options.only:
        found = measure_part(name, options, rounds)
        print("\n", *found.values(), "\n", sep="\n", flush=True)
        if not (options.quick or options.calls):
            kept = results.RESULTS.read_text(encoding="utf-8") if results.RESULTS.exists() else ""
            results.RESULTS.write_text(results.page(found, kept), encoding="utf-8")
    if options.quick or options.calls:
        print(f"{results.RESULTS.name} is left as it was; only full runs are kept")


def measure_part(name, options, rounds):
    """Return one part of the page of results."""
    if name == results.START_PART:
        return results.start_part(startup.measure(rounds))
    if name == results.KERNEL_PART:
        rows = comparisons.compare(workloads.NAMES, rounds, options.quick)
        return results.kernel_part(rows)
    return results.workload_part(measure(name, options, rounds))


def measure(workload, options, rounds):
    """Check that the contenders of a workload agree, then time them."""
    runs = contenders(workload)
    check_calls, check_runs = (
        (QUICK_CHECK_CALLS, QUICK_CHECK_RUNS) if options.quick else (CHECK_CALLS, CHECK_RUNS)
    )
    agreement = judge(replicate(workload, runs, check_calls, check_runs))
    for sentence in results.disagreement_sentences(agreement):
        print(f"{workload} check: {sentence}", flush=True)
    seconds = QUICK_RUN_SECONDS if options.quick else RUN_SECONDS
    calls = {name: options.calls or timing.calls_for(run, seconds) for name, run in runs.items()}
    rates = timing.time_rounds(workload, runs, calls, rounds)
    return results.Section(workload, agreement, rates)


if __name__ == "__main__":
    main()
