"""Scans of the simulated network of tests/lab in which everything answers."""

import functools
import os
import signal
import subprocess
import time

import napi
from frame import OURS, ROOT, THEIRS, interleaved, start
from link import BARE, kill, received, syn

LAB = ROOT / "tests" / "lab" / "lab"
FAST = 10_000_000


def lab(*arguments):
    return subprocess.run([str(LAB), *map(str, arguments)], check=True, capture_output=True, text=True).stdout


class Network:
    """A lab whose every port is open: `hosts` of them. The far end answers where the frames came
    from, or natively in a thread of its own, on another processor (`apart`). `simulation` are
    further options of it."""

    def __init__(self, prefix, apart=False, simulation=()):
        self.name, self.prefix, self.apart = f"bench.{os.getpid()}", prefix, apart
        self.simulation = simulation
        self.hosts = 2 ** (32 - int(prefix.split("/")[1]))

    def __enter__(self):
        native = ["--native"] if self.apart else []
        lab("up", "bench", "--owner", str(os.getpid()), "--no-hosts", *native, "--", "--prefix",
             self.prefix, "--share", "tcp=100/0", *self.simulation)
        self.holder = start(self.inside("scanner", "sleep", "600"))
        if self.apart:
            napi.in_a_thread(self.space("far"), "far0")
        return self

    def __exit__(self, *_):
        kill(self.holder)
        lab("down", "bench")

    def space(self, role):
        """The name of a network namespace."""
        return f"mlab-{self.name}-{role}"

    def inside(self, role, *command):
        """A command there, apart from the far end's thread if there is one."""
        if self.apart and role == "scanner":
            command = napi.elsewhere(command)
        return ["ip", "netns", "exec", self.space(role), *[str(c) for c in command]]

    def free_the_near_end(self):
        """A program of ours lets the far end's native answers in by itself."""
        lab("pass", "bench", "off")

    def occupy_the_near_end(self):
        lab("pass", "bench", "on")

    def answered(self):
        return received(self.holder.pid, "sim0")


def watch(network, process, quiet_seconds, most_seconds=30, murmur=0):
    """The answers over time, until no more than `murmur` have come for a while."""
    begin, zero = time.monotonic(), network.answered()
    seen, asked = [(begin, 0)], 0
    while process.poll() is None and time.monotonic() - begin < most_seconds:
        seen.append((time.monotonic(), network.answered() - zero))
        quiet = next(when for when, count in seen if count >= seen[-1][1] - murmur)
        if seen[-1][1] > murmur and time.monotonic() - quiet > quiet_seconds + asked:
            process.send_signal(signal.SIGINT)  # Debian's does not always end by itself
            asked += 1
        if time.monotonic() - quiet > quiet_seconds + 3:
            break
        time.sleep(0.01)
    kill(process)
    return seen


def middle_speed(seen):
    """A second, between the first and the last tenth."""
    total = seen[-1][1]
    low = next(s for s in seen if s[1] > total * 0.1)
    high = next(s for s in seen if s[1] >= total * 0.9)
    return (high[1] - low[1]) / max(high[0] - low[0], 0.01)


def _scan(network, program, rate, folder, *options):
    """What of the open ports is found, how often twice, and how fast."""
    path = folder / "found.list"
    lab("check", network.name)
    seen = watch(network, start(network.inside(
        "scanner", program, network.prefix, "-p80", "-e", "sim0", "--rate", rate, "--wait", 1, "-oL", path,
        *options), cwd=folder), 2.5)
    rows = [line.split() for line in path.read_text().splitlines()]
    lines = [row[3] for row in rows if len(row) == 5 and row[0] == "open"]
    path.unlink()
    if not lines or seen[-1][1] < 1000:
        return None
    return {"found": 100 * len(set(lines)) / network.hosts, "twice": len(lines) - len(set(lines)),
            "speed": middle_speed(seen) / 1e6 * len(set(lines)) / seen[-1][1]}


def _bare(network):
    """Round trips of a loop that looks at nothing: million a second."""
    done = subprocess.run(network.inside("scanner", BARE, "turns", "sim0", 1.5, syn("02:00:0a:08:00:01")),
                          capture_output=True, text=True, check=True)
    _, answers, seconds = done.stdout.split()
    return int(answers) / float(seconds) / 1e6


def _column(got, key, what):
    return [g[what] for g in got[key]]


def _rows(report, results):
    report.section("Answered scan, everything open: found", "%")
    for label, got in results.items():
        twice = [sum(_column(got, key, "twice")) for key in ("ours", "theirs")]
        report.row(label, _column(got, "ours", "found"), _column(got, "theirs", "found"),
                   more_is_better=None, note=f"reported twice: {twice[0]}, {twice[1]}")
    report.section("Answered scan, everything open: answers found", "million/s")
    for label, got in results.items():
        report.row(label, _column(got, "ours", "speed"), _column(got, "theirs", "speed"),
                   bare=got.get("bare", ()))
        if "noreset" in got:
            report.row(f"{label}, --noreset", _column(got, "noreset", "speed"), bare=got["bare"],
                       note=f"found {min(_column(got, 'noreset', 'found')):.1f} % at least")


def _apart(report, folder, results):
    """Debian's masscan needs a program at the near end that lets native answers in; ours and the
    bare loop bring one."""
    with Network("10.64.0.0/12", apart=True) as network:
        network.free_the_near_end()
        got = interleaved(3, ours=lambda: _scan(network, OURS, FAST, folder),
                          noreset=lambda: _scan(network, OURS, FAST, folder, "--noreset"),
                          bare=lambda: _bare(network))
        network.occupy_the_near_end()
        got["theirs"] = interleaved(3, theirs=lambda: _scan(network, THEIRS, FAST, folder))["theirs"]
        results["as fast as it goes, the far end on a processor of its own"] = got


def answered(report, folder):
    results = {}
    with Network("10.64.0.0/15") as network:
        for rate in (100_000, FAST):
            label = "as fast as it goes" if rate == FAST else f"{rate:,}/s"
            results[f"{label}, all on one processor"] = interleaved(3, **{
                key: functools.partial(_scan, network, program, rate, folder)
                for key, program in (("ours", OURS), ("theirs", THEIRS))})
    _apart(report, folder, results)
    _rows(report, results)
