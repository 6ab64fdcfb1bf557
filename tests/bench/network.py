"""What needs links: how exactly the rate is kept, how fast frames leave, and answered scans.

Two network namespaces, `near` and `far`, joined by a veth pair; no route leads anywhere else.
"""

import functools
import os
import pathlib
import re
import signal
import struct
import subprocess
import threading
import time

from frame import OURS, ROOT, THEIRS, UNLIMITED, ZMAP, interleaved, start

TARGETS = "10.64.0.0/10"
LAB = ROOT / "tests" / "lab" / "lab"


def _do(*command):
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL)


class Link:
    """A pair of namespaces of its own; what arrives at the far end is counted, then dropped."""

    def __init__(self, name, threaded=False):
        self.near, self.far = f"{name}-near", f"{name}-far"
        for space in (self.near, self.far):
            _do("ip", "netns", "add", space)
            _do("ip", "netns", "exec", space, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
                "net.ipv6.conf.default.disable_ipv6=1")
            _do("ip", "-n", space, "link", "set", "lo", "up")
        _do("ip", "link", "add", "near0", "netns", self.near, "type", "veth",
            "peer", "name", "far0", "netns", self.far)
        for space, link, host in ((self.near, "near0", 2), (self.far, "far0", 1)):
            _do("ip", "-n", space, "addr", "add", f"10.8.0.{host}/24", "dev", link)
            self.inside(space, "ethtool", "-K", link, "tso", "off", "gso", "off")
            _do("ip", "-n", space, "link", "set", link, "up")
        self.inside(self.far, "nft", "add table netdev t; add chain netdev t c { type filter hook "
                    "ingress device far0 priority 0; policy accept; }; add rule netdev t c meta "
                    "l4proto tcp drop")
        _do("ip", "-n", self.near, "route", "add", "default", "via", "10.8.0.1")
        if threaded:
            self.inside(self.far, "ethtool", "-K", "far0", "gro", "on")
            self.inside(self.far, "sh", "-c", "echo 1 > /sys/class/net/far0/threaded")
        self.holder = start(["ip", "netns", "exec", self.far, "sleep", "600"])
        self.mac = re.search("link/ether (\\S+)", subprocess.run(
            ["ip", "-n", self.far, "link", "show", "far0"], capture_output=True, text=True,
            check=True).stdout).group(1)
        time.sleep(0.1)

    @staticmethod
    def inside(space, *command):
        _do("ip", "netns", "exec", space, *command)

    def arrived(self):
        return received(self.holder.pid, "far0")

    def close(self):
        self.holder.kill()
        self.holder.wait()
        for space in (self.near, self.far):
            _do("ip", "netns", "del", space)

    def scan(self, program, rate, folder, *options):
        """Starts a scan that does not end by itself in our time."""
        seen_from = ["ip", "netns", "exec", self.near]
        if program == ZMAP:
            command = [ZMAP, "-p", 80, "-i", "near0", "-G", self.mac, "-S", "10.8.0.2", "-r", int(rate),
                       "-c", 1, "-b", "/dev/null", "-o", "/dev/null", TARGETS]
        else:
            command = [program, TARGETS, "-p1-100", "-e", "near0", "--router-mac", self.mac, "--rate",
                       rate, "-oL", "/dev/null", *options]
        return start(seen_from + command, cwd=folder)


def received(pid, link):
    """Frames that the link has received in the namespace of that process."""
    for line in pathlib.Path(f"/proc/{pid}/net/dev").read_text().splitlines():
        if line.strip().startswith(link + ":"):
            return int(line.split(":")[1].split()[1])
    raise LookupError(f"no {link}")


def _kill(process):
    process.kill()
    process.wait()


def _cpu_ns(pid):
    """What the threads of a program have used so far."""
    return sum(int(path.read_text().split()[0])
               for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"))


# ---- the rate ----

def _times(path):
    """The arrival times, in ns, of a capture whose frames all were cut to the same length."""
    data = path.read_bytes()[24:]
    times, at = [], 0
    for seconds, fraction, length, _ in struct.iter_unpack("<IIII54x", data[:len(data) // 70 * 70]):
        if length != 54:
            raise ValueError("a frame of another length")
        times.append(seconds * 1_000_000_000 + fraction)
    times.sort()
    return times


def _largest_burst(times, window_ns=10_000_000):
    """The most frames within any 10 ms."""
    most = first = 0
    for last, when in enumerate(times):
        while when - times[first] >= window_ns:
            first += 1
        most = max(most, last - first + 1)
    return most


def _watch(link, program, rate, seconds, folder):
    """Percent of the rate, largest burst in 10 ms, CPU ms per second; None where nothing came."""
    path = folder / f"{link.near}.pcap"
    dump = start(["ip", "netns", "exec", link.far, "tcpdump", "-i", "far0", "-Q", "in", "-n", "-s", 54,
                  "-B", 200000, "--nano", "-w", path, "tcp"], stderr=subprocess.PIPE, text=True)
    while "listening" not in dump.stderr.readline():
        pass
    before, zero = time.monotonic(), link.arrived()
    scan = link.scan(program, rate, folder)
    while link.arrived() - zero < 1 and time.monotonic() - before < 5:
        time.sleep(0.01)
    since, spent = time.monotonic(), _cpu_ns(scan.pid)
    time.sleep(seconds)
    spent, alive = _cpu_ns(scan.pid) - spent, time.monotonic() - since
    _kill(scan)
    time.sleep(0.3)
    dump.send_signal(signal.SIGINT)
    words = dump.communicate()[1]
    times = _times(path)
    path.unlink()
    lost = int(re.search(r"(\d+) packets dropped by kernel", words).group(1))
    if len(times) < 3:
        return None
    return {"percent": (len(times) + lost - 1) * 1e11 / (times[-1] - times[0]) / rate,
            "burst": _largest_burst(times), "cpu": spent / alive / 1e6, "lost": lost,
            "frames": len(times)}


PROGRAMS = {"ours": OURS, "theirs": THEIRS, "zmap": ZMAP}


def _measure_rate(name, program, rate, seconds, times, folder, results):
    link = Link(name)
    try:
        got = [_watch(link, program, rate, seconds, folder) for _ in range(times)]
        results[name] = [g for g in got if g]
    finally:
        link.close()


def _slow_rates(folder, results):
    """Rates that need long looks and no processor: all at once."""
    threads = []
    for rate in (0.5, 1, 10):
        for name, program in PROGRAMS.items():
            if program == ZMAP and rate < 1:
                continue
            threads.append(threading.Thread(target=_measure_rate, args=(
                f"{name}{rate}", program, rate, 12, 1, folder, results)))
    for thread in threads:
        thread.start()
        time.sleep(0.2)
    for thread in threads:
        thread.join()


def rates(report, folder):
    results = {}
    _slow_rates(folder, results)
    fast = (100, 1000, 10_000, 100_000, 500_000)
    for rate in fast:
        for name, program in PROGRAMS.items():
            _measure_rate(f"{name}{rate}", program, rate, 2 if rate < 10_000 else 1, 3, folder,
                          results)
    def rows(key, chosen):
        for rate in chosen:
            columns = [[g[key] for g in results.get(f"{name}{rate}", [])] for name in PROGRAMS]
            lost = sum(g["lost"] for name in PROGRAMS for g in results.get(f"{name}{rate}", []))
            report.row(f"{rate:,}/s", *columns, more_is_better=None,
                       note=f"the observer missed the times of {lost} frames" if lost else "")
    report.section("Rate kept: the average that arrived", "% of what was asked")
    rows("percent", (0.5, 1, 10) + fast)
    report.section("Rate kept: the largest burst at the far end", "frames in 10 ms")
    rows("burst", (0.5, 1, 10) + fast)
    report.section("CPU while sending", "ms per second")
    rows("cpu", (100, 1000, 10_000, 100_000))


# ---- sending ----

def _send_speed(link, program, folder, options=(), seconds=1.5):
    """Million frames a second that arrive, once it has got going."""
    before = link.arrived()
    begin = time.monotonic()
    scan = link.scan(program, UNLIMITED if program == OURS else 10_000_000, folder, *options)
    while link.arrived() - before < 1000 and time.monotonic() - begin < 5:
        time.sleep(0.01)
    time.sleep(0.3)
    first, start_time = link.arrived(), time.monotonic()
    time.sleep(seconds)
    count, took = link.arrived() - first, time.monotonic() - start_time
    _kill(scan)
    time.sleep(0.2)
    return count / took / 1e6


def sending(report, folder):
    report.section("Sending over veth, counted at the far end, which drops", "million frames/s")
    for threaded, name in ((False, "the far end works on the sender's core"),
                           (True, "the far end's NAPI has a thread of its own")):
        link = Link("send", threaded)
        try:
            runs = {key: functools.partial(_send_speed, link, program, folder)
                    for key, program in PROGRAMS.items()}
            runs["packet"] = functools.partial(_send_speed, link, OURS, folder,
                                               ("--packet-io", "af_packet"))
            got = interleaved(3, **runs)
            report.row(f"{name}, by AF_XDP", got["ours"], got["theirs"], got["zmap"])
            report.row(f"{name}, by AF_PACKET", got["packet"], got["theirs"], got["zmap"])
        finally:
            link.close()


# ---- answered scans ----

ANSWERED = "10.64.0.0/15"
OPEN = 2 ** 17


def _lab(*arguments):
    return subprocess.run([str(LAB), *arguments], check=True, capture_output=True, text=True).stdout


def _answered(holder, name, program, rate, folder):
    """Percent found, and a million answers a second between the first and the last."""
    path = folder / "found.list"
    _lab("check", name)
    begin, zero = time.monotonic(), received(holder, "sim0")
    process = start(["ip", "netns", "exec", f"mlab-{name}-scanner", program, ANSWERED, "-p80", "-e",
                     "sim0", "--rate", rate, "--wait", 1, "-oL", path], cwd=folder)
    seen, asked = [(begin, 0)], 0
    while process.poll() is None and time.monotonic() - begin < 20:
        seen.append((time.monotonic(), received(holder, "sim0") - zero))
        quiet = next(when for when, count in seen if count == seen[-1][1])
        if seen[-1][1] > 0 and time.monotonic() - quiet > 2.5 + asked:
            process.send_signal(signal.SIGINT)  # Debian's does not always end by itself
            asked += 1
        if time.monotonic() - quiet > 5:
            break
        time.sleep(0.01)
    process.kill()
    process.wait()
    rows = [line.split() for line in path.read_text().splitlines()]
    lines = [row[3] for row in rows if len(row) == 5 and row[0] == "open"]
    path.unlink()
    if not lines or seen[-1][1] < 1000:
        return None
    total = seen[-1][1]
    low = next(s for s in seen if s[1] > total * 0.1)
    high = next(s for s in seen if s[1] >= total * 0.9)
    return {"found": 100 * len(set(lines)) / OPEN, "twice": len(lines) - len(set(lines)),
            "speed": (high[1] - low[1]) / max(high[0] - low[0], 0.01) / 1e6 * len(set(lines)) / total}


def answered(report, folder):
    name = f"bench.{os.getpid()}"
    _lab("up", "bench", "--owner", str(os.getpid()), "--no-hosts", "--", "--prefix", ANSWERED,
         "--share", "tcp=100/0")
    holder = start(["ip", "netns", "exec", f"mlab-{name}-scanner", "sleep", "600"])
    try:
        _answered_rows(report, folder, name, holder.pid)
    finally:
        holder.kill()
        holder.wait()
        _lab("down", "bench")


def _answered_rows(report, folder, name, holder):
    results = {}
    for rate in (100_000, 200_000, 10_000_000):
        got = interleaved(3, **{key: functools.partial(_answered, holder, name, PROGRAMS[key], rate,
                                                       folder) for key in ("ours", "theirs")})
        results[rate] = got
    def label(rate):
        return "as fast as it goes" if rate == 10_000_000 else f"{rate:,}/s"
    report.section(f"Answered scan, {OPEN:,} hosts, all open: found", "%")
    for rate, got in results.items():
        twice = [sum(g["twice"] for g in got[key]) for key in ("ours", "theirs")]
        report.row(label(rate), *[[g["found"] for g in got[key]] for key in ("ours", "theirs")],
                   more_is_better=None, note=f"reported twice: {twice[0]}, {twice[1]}")
    report.section("Answered scan: answers found", "million/s")
    for rate, got in results.items():
        report.row(label(rate), *[[g["speed"] for g in got[key]] for key in ("ours", "theirs")])
