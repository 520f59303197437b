"""Measure the contenders in one run: first whether they agree, then how fast they are."""

import argparse

from bench import comparisons, results, timing, workloads
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
    parser.add_argument("--workload", choices=workloads.NAMES, help="only this one")
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
    """Measure, print the tables, and keep them when the run was a full one."""
    options = parse(arguments)
    names = [options.workload] if options.workload else workloads.NAMES
    sections = [measure(workload, options) for workload in names]
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    page = results.document(sections, comparisons.compare(names, rounds, options.quick))
    print(f"\n{page}")
    if options.quick or options.workload or options.calls:
        print(f"{results.RESULTS.name} is left as it was; a run without options writes it")
    else:
        results.RESULTS.write_text(page, encoding="utf-8")


def measure(workload, options):
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
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    rates = timing.time_rounds(workload, runs, calls, rounds)
    return results.Section(workload, agreement, rates)


if __name__ == "__main__":
    main()
