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
    """Calls `run` for each request; its result is the answer. Answers what memory this process has taken by itself."""
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("memory"):
            say(before=start["VmRSS"], peak=memory()["VmHWM"])
        else:
            say(**(run(request) or {}))


def memory():
    """Bytes of this process: resident now, and at most so far (Linux; elsewhere the operating system's one figure)."""
    try:
        with open("/proc/self/status") as file:
            lines = [line.split() for line in file]
        return {line[0][:-1]: 1024 * int(line[1]) for line in lines if line[0] in ("VmRSS:", "VmHWM:")}
    except OSError:
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return {"VmRSS": most, "VmHWM": most}


start = {"VmRSS": 0}


def torch_with(threads):
    torch = load("torch")
    torch.set_num_threads(threads)
    start.update(memory())
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
