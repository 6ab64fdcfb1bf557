"""How exactly a rate is kept, how smooth it is, and what it costs."""

import pathlib
import re
import signal
import struct
import subprocess
import threading
import time

from frame import ZMAP, start
from link import PROGRAMS, Link, kill


def _cpu_ns(pid):
    """What the threads of a program have used so far."""
    return sum(int(path.read_text().split()[0])
               for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"))


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
    kill(scan)
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


def _measure_rate(name, program, rate, seconds, times, folder, results):
    with Link(name) as link:
        got = [_watch(link, program, rate, seconds, folder) for _ in range(times)]
        results[name] = [g for g in got if g]


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
