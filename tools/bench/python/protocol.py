"""What the Python peers share: a line of JSON in, a line of JSON out (see src/peers/child.ts)."""
import json
import sys


def say(**answer):
    print(json.dumps(answer), flush=True)


def load(name):
    """A module, or the end of this process with the reason on standard output."""
    try:
        return __import__(name)
    except ImportError as error:
        say(error=str(error))
        sys.exit(0)


def serve(run):
    """Calls `run` for each request; its result is the answer."""
    for line in sys.stdin:
        say(**(run(json.loads(line)) or {}))


def torch_with(threads):
    torch = load("torch")
    torch.set_num_threads(threads)
    return torch


def faster(candidates, run, name):
    """The candidate whose median of three runs (after two) is the least, and what was measured."""
    import statistics
    import time

    seconds = {}
    for candidate in candidates:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            run(candidate)
            times.append(time.perf_counter() - start)
        seconds[name(candidate)] = statistics.median(times[2:])
    best = min(candidates, key=lambda candidate: seconds[name(candidate)])
    text = ", ".join(f"{key} {1000 * value:.1f} ms" for key, value in seconds.items())
    return best, text
