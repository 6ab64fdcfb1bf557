"""A lab of namespaces around one test case: tests/lab/lab, seen from Python."""

import contextlib
import itertools
import json
import os
import pathlib
import re
import signal
import subprocess
import time

from tap import MASSCAN, check, scratch

_LAB = pathlib.Path(__file__).resolve().parent.parent / "lab" / "lab"
_MASSCAN = str(pathlib.Path(MASSCAN).resolve())
# The environment in which masscan finds the stand-in for the library of PF_RING.
WITH_PFRING = {**os.environ,
               "LD_LIBRARY_PATH": str(pathlib.Path(_MASSCAN).parent / "src/transport/testing")}
_names = (f"t{n}" for n in itertools.count(1))


def _run(*command, **options):
    command = [str(c) for c in command]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          timeout=120, **options)
    check(done.returncode == 0, " ".join(command), "failed:", done.stdout, done.stderr)
    return done.stdout


class Lab:
    """`with Lab(SIM OPTIONS...) as lab`: a simulated network; with hosts=True the usual real hosts, with
    hosts=[NAMES] these."""

    def __init__(self, *sim_options, hosts=False, up_options=()):
        self.options = [str(o) for o in sim_options]
        self.up_options = [*up_options]
        if hosts is not True:
            self.up_options += ["--hosts", ",".join(hosts)] if hosts else ["--no-hosts"]
        self.name = f"{next(_names)}.{os.getpid()}"
        self.started = []

    def __enter__(self):
        _run(_LAB, "up", self.name.split(".")[0], "--owner", os.getpid(), *self.up_options,
             *(["--", *self.options] if self.options else []))
        return self

    def __exit__(self, *_):
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait()
        _run(_LAB, "down", self.name)

    def command(self, role, *command):
        """The command line that runs a command in a namespace of the lab; it replaces itself."""
        return ["ip", "netns", "exec", f"mlab-{self.name}-{role}", *[str(c) for c in command]]

    def run(self, role, *command, **options):
        return _run(*self.command(role, *command), **options)

    def scan(self, *arguments, status=0, timeout=100, **options):
        """Runs masscan in the scanner's namespace to its end, in a folder of its own."""
        _run(_LAB, "check", self.name)
        done = subprocess.run(self.command("scanner", _MASSCAN, *arguments), capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=timeout, **{"cwd": scratch(), **options})
        check(status is None or done.returncode == status, "exit status", done.returncode, "of",
              arguments, "\n", done.stderr.decode(errors="replace")[-3000:])
        return done

    def start(self, *arguments, **options):
        """Starts masscan in the scanner's namespace, in a folder of its own; it is killed with the lab."""
        _run(_LAB, "check", self.name)
        process = subprocess.Popen(self.command("scanner", _MASSCAN, *arguments),
                                   stdin=subprocess.DEVNULL,
                                   **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
                                      "cwd": scratch(), **options})
        self.started.append(process)
        return process

    def start_probing(self, *arguments, **options):
        """Starts masscan, and waits until the first of its probes is at the far end."""
        def probes():
            return sum(self.counters()["probes"].values())

        before = probes()
        process = self.start(*arguments, **options)
        await_(lambda: process.poll() is not None or probes() > before)
        return process

    def lose(self, per_mille):
        """From now on so many of the frames between scanner and far end are lost, each way."""
        _run(_LAB, "loss", self.name, per_mille)

    def directory(self):
        """Where files of the lab may lie; those of its daemons lie beside it."""
        return pathlib.Path(_run(_LAB, "dir", self.name).strip())

    def counters(self):
        """What the far end has counted; "pairs" says how many pairs were probed how often."""
        counters = json.loads(_run(_LAB, "counters", self.name))
        times = counters["pairs"]["probed"]
        counters["pairs"] = {str(n): pairs for n, pairs in enumerate(times) if pairs}
        return counters

    def truth(self, ports, prefixes, show="open"):
        """The (protocol, port, address) in that state, by the simulator's own account."""
        options = [o for o in self._truth_options() if o]
        for prefix in prefixes:
            options += ["--prefix", prefix]
        sim = _LAB.parent.parent.parent / "build/tests/lab/sim"
        lines = _run(os.environ.get("LAB_SIM", sim), "truth", *options, "--ports", ports, "--show",
                     show).splitlines()
        return {tuple(line.split()[1:4]) for line in lines}

    def _truth_options(self):
        """The options of the simulator that decide about the truth, but for the prefixes."""
        pairs = zip(self.options, self.options[1:])
        return [word for name, value in pairs if name in ("--key", "--dead", "--share")
                for word in (name, value)]


def found(path, state):
    """The (protocol, port, address) that a -oL file reports in a state, in its order."""
    with open(path) as file:
        lines = file.read().splitlines()
    check(lines[:1] == ["#masscan"] and lines[-1:] == ["# end"], path, "is no whole list:",
          lines[:1], lines[-1:])
    words = [line.split() for line in lines if not line.startswith("#")]
    return [tuple(w[1:4]) for w in words if w[0] == state]


def await_(condition, seconds=30):
    """Waits until a condition holds; long enough for an emulated machine on a busy one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    check(False, "waited in vain for", condition)


def peak_kib(pid):
    """The most memory that a process has had; 0 when it is gone."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def is_asleep(pid):
    """Does a process wait for something, and not for a processor?"""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


# Of tcpdump: its buffer is divided into slots of the longest frame, which would be 256 KiB.
ROOM_FOR_BURSTS = ("--snapshot-length=9216", "--buffer-size=8192")


@contextlib.contextmanager
def sniffed(lab, role, interface, expression=""):
    """A list that holds, afterwards, the lines of tcpdump at that end of a link."""
    lines, folder = [], scratch()
    path, log = os.path.join(folder, "out"), os.path.join(folder, "log")
    with open(path, "w") as out, open(log, "w") as errors:
        process = subprocess.Popen(
            lab.command(role, "tcpdump", "-i", interface, "-nn", "-e", "-tt", "-v", "-U", "-l",
                        "--immediate-mode", *ROOM_FOR_BURSTS, *expression.split()),
            stdout=out, stderr=errors, stdin=subprocess.DEVNULL)
        await_(lambda: "listening on" in pathlib.Path(log).read_text())
        try:
            yield lines
        finally:
            await_(lambda: is_asleep(process.pid))  # it has no frame left that it has not told of
            process.send_signal(signal.SIGINT)
            process.wait(30)
    text = pathlib.Path(path).read_text()
    lines += re.sub(r"\n\s+", " ", text).splitlines()
