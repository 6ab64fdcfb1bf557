"""Scans that talk to very many servers: a crowd behind the kernel's own TCP, or simulated ones, which
cost next to nothing."""

import functools
import json
import os
import resource
import signal
import subprocess
import time

from answered import Network, lab, middle_speed, watch
from frame import OURS, THEIRS, interleaved, peak_mib, start
from link import kill, received

PREFIX = "10.64.0.0/12"
PAGE = "http HTTP/1.0 200 OK"  # of the simulated ones
SERVERS = {"greet": (22, 2222), "page": (80, 8080), "mute": (9,), "drip": (1001,), "endless": (1002,),
           "reset": (1003,)}
# What the output says of a server that was heard out.
LAST_WORDS = {"greet": "ssh SSH-2.0-OpenSSH_9.2p1 Crowd", "page": "title One of many"}
WHOLE = {port: words for manner, words in LAST_WORDS.items() for port in SERVERS[manner]}
THEIR_PORT = 61000
FAST = 10_000_000
MURMUR = """
import socket, time
gossip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(6000):
    gossip.sendto(b"x", ("10.79.255.255", 7))
    time.sleep(0.02)
"""
PATIENCE = 6  # seconds without a frame: longer than a hello is waited for, and than a repetition


class Talks:
    """What labs have in common whose servers are talked to."""

    def keep_the_host_out(self):
        """As the manual has it: else the host's own TCP resets what Debian's masscan has opened."""
        subprocess.run(self.inside("scanner", "nft", "add table inet t; add chain inet t c { type filter "
                                   "hook input priority 0; }; add rule inet t c tcp dport "
                                   f"{THEIR_PORT} drop"), check=True)

    def scan(self, program, targets, ports, rate, path, *options, **more):
        """Starts a scan whose results go to a list."""
        lab("check", self.name)
        own = ["--source-port", THEIR_PORT] if program == THEIRS else ["--status-ndjson"]
        return start(self.inside("scanner", program, targets, "-p", ports, "-e", "sim0", "--rate", rate,
                                 "--banners", "-oL", path, *own, *options), cwd=path.parent, **more)


class Pages(Talks, Network):
    """Simulated web servers. A datagram comes and goes fifty times a second: Debian's masscan looks at
    the clock only when something arrives."""

    def __init__(self):
        super().__init__("10.64.0.0/12", simulation=("--share", "udp=100/0", "--http"))

    def __enter__(self):
        super().__enter__()
        self.keep_the_host_out()
        self.murmur = start(self.inside("scanner", "python3", "-c", MURMUR))
        return self

    def __exit__(self, *_):
        kill(self.murmur)
        super().__exit__()


class Crowd(Talks):
    """A lab whose far end has servers of every manner at each address."""

    def __init__(self):
        self.name = f"crowd.{os.getpid()}"

    def __enter__(self):
        lab("up", "crowd", "--owner", os.getpid(), "--no-hosts", "--crowd", PREFIX, "--",
            *(f"{manner}:{port}" for manner, ports in SERVERS.items() for port in ports))
        self.holder = start(self.inside("scanner", "sleep", "3600"))
        self.keep_the_host_out()
        return self

    def __exit__(self, *_):
        kill(self.holder)
        lab("down", "crowd")

    def inside(self, role, *command):
        return ["ip", "netns", "exec", f"mlab-{self.name}-{role}", *[str(c) for c in command]]

    @staticmethod
    def lose(per_mille):
        lab("loss", "crowd", per_mille)

    def answered(self):
        return received(self.holder.pid, "sim0")


def _among_a_crowd(section):
    def run(report, folder):
        with Crowd() as crowd:
            section(report, crowd, folder)
    return run


def _results(path):
    """The pairs that a list has as open, and those whose servers were heard out."""
    opened, whole = set(), set()
    for line in path.read_text(errors="replace").splitlines():
        words = line.split(maxsplit=5)
        if len(words) < 4 or words[0] not in ("open", "banner"):
            continue
        pair = words[3], int(words[2])
        if words[0] == "open":
            opened.add(pair)
        elif WHOLE.get(pair[1]) == words[-1] or words[-1].startswith(PAGE):
            whole.add(pair)
    path.unlink()
    return opened, whole


def _children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _talk(make, program, rate, port, targets, folder):
    """How many of the servers are heard out, how fast, and what of the processor it takes. Each scan
    has a lab of its own: servers that the one before has left go on repeating themselves."""
    path = folder / "found.list"
    with make() as network:
        before = _children_seconds()
        seen = watch(network, network.scan(program, targets, port, rate, path, "--wait", 3), PATIENCE, 60,
                     murmur=1000)
        spent = _children_seconds() - before
    opened, whole = _results(path)
    hosts = 2 ** (32 - int(targets.split("/")[1]))
    return {"all": 100 * len(whole) / hosts, "open": 100 * len(whole) / max(len(opened), 1),
            "speed": middle_speed(seen) / 1000 * len(whole) / max(seen[-1][1], 1),
            "cpu": 1e6 * spent / max(len(whole), 1)}


TALKS = (("greet first", Crowd, 22, 20_000, "10.64.0.0/17"),
         ("greet first", Crowd, 22, FAST, "10.64.0.0/15"),
         ("answer HTTP", Crowd, 80, 20_000, "10.64.0.0/17"),
         ("answer HTTP", Crowd, 80, FAST, "10.64.0.0/15"),
         ("answer HTTP at no cost", Pages, 80, 50_000, "10.64.0.0/14"),
         ("answer HTTP at no cost", Pages, 80, FAST, "10.64.0.0/13"))


def banners(report, folder):
    """How many servers are heard out in a second; the rates hold for all packets."""
    results = {}
    for manner, make, port, rate, targets in TALKS:
        label = f"that {manner}, {'as fast as it goes' if rate == FAST else f'{rate:,}/s'}"
        results[label] = interleaved(2 if rate == FAST else 1, **{
            name: functools.partial(_talk, make, program, rate, port, targets, folder)
            for name, program in (("ours", OURS), ("theirs", THEIRS))})
    for key, title, unit, better in (("all", "heard out", "%", None),
                                     ("open", "heard out, of those found open", "%", None),
                                     ("speed", "heard out a second", "thousand", True),
                                     ("cpu", "heard out: processor time each", "microseconds", False)):
        report.section(f"Servers {title}", unit)
        for label, got in results.items():
            report.row(label, *([g[key] for g in got[name]] for name in ("ours", "theirs")),
                       more_is_better=better)


@_among_a_crowd
def loss(report, crowd, folder):
    """20,000 servers; an open port is one whose SYN-ACK came through."""
    def measure(program, port):
        path = folder / "found.list"
        watch(crowd, crowd.scan(program, "10.64.0.0-10.64.78.31", port, 10_000, path, "--wait", 5,
                                "--retries", 2), 2 * PATIENCE, 60)
        opened, whole = _results(path)
        return {"of open": 100 * len(whole) / max(len(opened), 1), "of all": 100 * len(whole) / 20_000}
    results = {}
    for percent in (1, 5, 10):
        crowd.lose(10 * percent)
        for name, port in (("greet", 22), ("HTTP", 80)):
            results[f"{percent} %, {name}"] = interleaved(
                1, **{key: functools.partial(measure, program, port)
                      for key, program in (("ours", OURS), ("theirs", THEIRS))})
    crowd.lose(0)
    for key in ("of open", "of all"):
        report.section(f"Servers heard out {key}, where frames are lost both ways", "%")
        for label, got in results.items():
            report.row(label, *([g[key] for g in got[name]] for name in ("ours", "theirs")),
                       more_is_better=None)


@_among_a_crowd
def hostile(report, crowd, folder):
    """2,500 addresses: four good servers at each, and four that want to hold a scanner up."""
    path = folder / "found.list"
    begin = time.monotonic()
    process = crowd.scan(OURS, "10.64.0.0-10.64.9.195", "22,80,2222,8080,9,1001-1003", 20_000, path,
                         "--wait", 1)
    high = _watch_memory(process, begin + 120)
    seconds = time.monotonic() - begin
    kill(process)
    _, whole = _results(path)
    report.section("10,000 good servers beside 10,000 hostile ones", "")
    report.row("good ones heard out [%]", [len(whole) / 100])
    report.row("the whole scan [s]", [seconds])
    report.row("peak memory, resident [MiB]", [high])


def _watch_memory(process, until):
    high = 0
    while process.poll() is None and time.monotonic() < until:
        high = max(high, peak_mib(process.pid))
        time.sleep(0.05)
    return high


def _talking(line):
    try:
        return json.loads(line).get("talking", 0)
    except ValueError:
        return 0


@_among_a_crowd
def mute(report, crowd, folder):
    """A million mute servers, until all are open or no more become so."""
    path = folder / "found.list"
    process = crowd.scan(OURS, PREFIX, 9, 200_000, path, "--wait", 60, "--max-connections", 1_000_000,
                         "--connection-timeout", 300, stderr=subprocess.PIPE, text=True)
    most, begin, grew, high = 0, time.monotonic(), time.monotonic(), 0
    for line in process.stderr:
        now, talking = time.monotonic(), _talking(line)
        high = max(high, peak_mib(process.pid))
        if talking > most:
            most, grew = talking, now
        if most >= 1_000_000 or now - grew > 10 or now - begin > 120:
            break
    process.send_signal(signal.SIGKILL)
    process.communicate()
    path.unlink()
    report.section("Mute servers, all at once", "")
    report.row("connections open [thousand]", [most / 1000])
    report.row("until then [s]", [grew - begin])
    report.row("peak memory, resident [MiB]", [high])
