"""The common parts of the programs: the options, the clock and the line of JSON."""

import argparse
import json
import time


def parser(description, configurations):
    """A parser with the options that every program has."""
    result = argparse.ArgumentParser(description=description)
    result.add_argument("config", choices=configurations)
    result.add_argument("--threads", type=int, default=2, help="threads of the framework (default: 2)")
    result.add_argument("--seconds", type=float, default=4, help="how long to measure (default: 4)")
    return result


def rate(step, count, seconds):
    """Characters (or examples) per second of `step`, which handles `count`: whole steps until `seconds` are over.

    Up to three steps run before the clock starts; fewer, if they already take `seconds`.
    """
    start = time.perf_counter()
    for _ in range(3):
        step()
        if time.perf_counter() - start > seconds:
            break
    start, steps = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        step()
        steps += 1
    return count * steps / (time.perf_counter() - start)


def report(program, version, sizes, **figures):
    """Prints one JSON object on a line."""
    print(json.dumps(dict(program=program, version=version, **sizes, **figures)), flush=True)
