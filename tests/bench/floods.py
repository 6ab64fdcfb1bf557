"""Scans in a storm of hostile frames (tests/lab/storms.py), beside the same scan in quiet."""

import contextlib
import json
import subprocess
import sys

import napi
from answered import FAST, Network, lab
from frame import OURS, ROOT, interleaved, start
from link import mac_of

sys.path.insert(0, str(ROOT / "tests" / "lab"))
import storms  # noqa: E402

PREFIX, PORT, QUIET = "10.16.0.0/17", 61000, "quiet"
TIMES = 3


@contextlib.contextmanager
def _storm(network, kind, folder):
    """Frames of a kind to the scanner, as fast as they go; none in quiet. Yields how many, at its end."""
    count = []
    if kind == QUIET:
        yield count
        return
    path = folder / kind
    mac = mac_of(network.space("scanner"), "sim0")
    subprocess.run([ROOT / "tests/lab/storms.py", kind, path, "--mac", mac, "--port", str(PORT), "--targets", PREFIX],
                   check=True)
    process = start(network.inside("far", ROOT / "build/tests/lab/storm", "far0", path, 60), stdout=subprocess.PIPE)
    process.stdout.readline()
    yield count
    process.terminate()
    count.append(int(process.communicate(timeout=30)[0]))


def _scan(network, kind, rate, folder):
    """Sent a second (thousands), found (per cent), frames of the storm for each probe. (The router's address is
    given: a storm can take each of the few answers to the question for it, and then nothing is sent.)"""
    summary = folder / "summary"
    summary.unlink(missing_ok=True)
    lab("check", network.name)
    with _storm(network, kind, folder) as frames:
        process = start(network.inside("scanner", OURS, PREFIX, "-p80", "-e", "sim0", "--rate", rate, "--wait", 1,
                                       "--router-mac", mac_of(network.space("far"), "far0"), "--adapter-port", PORT,
                                       "--output-format", "none", "--summary", summary), cwd=folder)
        process.wait(100)
    told = json.loads(summary.read_text())
    return {"sent": told["sent"]["probes"] / told["sending_seconds"] / 1e3,
            "found": 100 * told["results"]["open"] / network.hosts,
            "storm": sum(frames) / told["sent"]["probes"]}


def _compare(report, network, rate, folder):
    got = interleaved(TIMES, **{kind: (lambda kind=kind: _scan(network, kind, rate, folder))
                                for kind in (QUIET, *storms.KINDS)})
    quiet = [run["sent"] for run in got[QUIET]]
    for kind, runs in got.items():
        found, storm = (sum(run[what] for run in runs) / len(runs) for what in ("found", "storm"))
        report.row(kind, [run["sent"] for run in runs], quiet, peer=QUIET,
                   note=f"{found:.1f} % found, {storm:.1f} hostile frames a probe")


def floods(report, folder):
    """Every port is open, so that each probe calls for two packets more."""
    unit = "thousand/s; times the same in quiet"
    with Network(PREFIX) as network:
        for rate, title in ((10_000, "at 10,000 packets/second"), (FAST, "as fast as it goes")):
            report.section(f"Probes sent in a storm, {title}", unit)
            _compare(report, network, rate, folder)
        subprocess.run(network.inside("scanner", "ethtool", "-K", "sim0", "gro", "on"), check=True)
        napi.in_a_thread(network.space("scanner"), "sim0")
        report.section("Probes sent in a storm, at 10,000 packets/second, the adapter's NAPI in a thread", unit)
        _compare(report, network, 10_000, folder)
