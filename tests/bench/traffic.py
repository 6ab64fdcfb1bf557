"""How fast frames leave and arrive, beside loops that do nothing else."""

import functools
import re
import signal
import subprocess
import time

from frame import OURS, UNLIMITED, interleaved
from link import BARE, NEAR, PROGRAMS, Link, frame, kill, syn

SECONDS = 1.2
RAMP = 0.3


def _arrival_speed(link):
    """Million frames a second that arrive while nothing else is done."""
    first, begin = link.arrived(), time.monotonic()
    time.sleep(SECONDS)
    return (link.arrived() - first) / (time.monotonic() - begin) / 1e6


def _send_speed(link, program, folder, options=()):
    """Of a scan as fast as it goes, once it has got going."""
    before, begin = link.arrived(), time.monotonic()
    scan = link.scan(program, UNLIMITED if program == OURS else 10_000_000, folder, *options)
    while link.arrived() - before < 1000 and time.monotonic() - begin < 5:
        time.sleep(0.01)
    time.sleep(RAMP)
    speed = _arrival_speed(link)
    kill(scan)
    time.sleep(0.2)
    return speed


def _bare_speed(link):
    loop = link.send(BARE, "send", "near0", RAMP + SECONDS + 0.5, syn(link.far_mac))
    time.sleep(RAMP)
    speed = _arrival_speed(link)
    loop.wait()
    return speed


def sending(report, folder):
    report.section("Sending over veth, counted at the far end, which drops", "million frames/s")
    for threaded, name in ((False, "the far end works on the sender's processor"),
                           (True, "the far end's NAPI has a thread of its own")):
        with Link("send", threaded) as link:
            measures = {key: functools.partial(_send_speed, link, program, folder)
                        for key, program in PROGRAMS.items()}
            measures["bare"] = functools.partial(_bare_speed, link)
            for by in ("af_packet", "pcap"):
                measures[by] = functools.partial(_send_speed, link, OURS, folder, ("--packet-io", by))
            got = interleaved(3, **measures)
            report.row(f"{name}: AF_XDP", got["ours"], got["theirs"], got["zmap"], got["bare"])
            for by in ("af_packet", "pcap"):
                report.row(f"{name}: {by}", got[by], got["theirs"], got["zmap"])


def workers(report, folder):
    """Each queue's frames are dropped on the processor of the worker that sent them."""
    report.section("Sending by two workers over a link of two queues", "million frames/s")
    with Link("work", queues=2) as link:
        for by in ("af_xdp", "af_packet"):
            got = interleaved(3, **{str(n): functools.partial(
                _send_speed, link, OURS, folder, ("--packet-io", by, "--workers", n)) for n in (1, 2)})
            report.row(f"{by}, two workers", got["2"], got["1"], peer="one worker")


def _flood(link, port, seconds):
    """SYN-ACKs that nobody asked for, sent as fast as it goes; returns how many left."""
    reply = frame(link.near_mac, "10.64.0.1", NEAR, f"0050{port:04x}00000001000000005012040000000000")
    done = subprocess.run(["ip", "netns", "exec", link.far, str(BARE), "send", "far0", str(seconds), reply],
                          capture_output=True, text=True, check=True)
    return int(done.stdout.split()[0])


def _receive_speed(link, folder, by, lost):
    """Million frames a second that a scan judged; what it lost of those that came goes to `lost`."""
    scan = link.scan(OURS, 0.1, folder, "--wait", "forever", "--adapter-port", 40000, "--packet-io", by,
                     "--nostatus", stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    _flood(link, 40000, SECONDS)
    time.sleep(0.2)
    for _ in range(2):
        scan.send_signal(signal.SIGINT)
        time.sleep(0.2)
    text = scan.communicate(timeout=20)[1]
    def number(words):
        found = re.search(rf"([\d,]+) {words}", text)
        return int(found.group(1).replace(",", "")) if found else 0
    lost.append(number("replies LOST"))
    return number("replies dropped: their cookie") / SECONDS / 1e6


def _bare_receive_speed(link):
    loop = link.start(link.near, BARE, "receive", "near0", SECONDS + 1, stdout=subprocess.PIPE, text=True)
    time.sleep(0.5)
    _flood(link, 40000, SECONDS)
    return int(loop.communicate()[0].split()[1]) / SECONDS / 1e6


def receiving(report, folder):
    report.section("Receiving over veth, each frame judged, as fast as the far end sends",
                   "million frames/s")
    with Link("take") as link:
        lost = {"af_xdp": [], "af_packet": []}
        measures = {by: functools.partial(_receive_speed, link, folder, by, lost[by]) for by in lost}
        got = interleaved(3, bare=lambda: _bare_receive_speed(link), **measures)
        for by, counts in lost.items():
            report.row(by, got[by], bare=got["bare"] if by == "af_xdp" else (),
                       note=f"lost: {sum(counts):,}")
