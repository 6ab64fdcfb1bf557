"""The frame of the benchmark: running programs, medians with their spread, the table."""

import json
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = ROOT / "build" / "masscan"
THEIRS = "/usr/bin/masscan"
ZMAP = "/usr/sbin/zmap"
UNLIMITED = 1000000000


class Run:
    """What one finished run took."""

    def __init__(self, seconds, usage, status, peak_kib):
        self.seconds = seconds
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        self.status = status
        self.peak_mib = peak_kib / 1024


def start(command, **options):
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
             "stderr": subprocess.DEVNULL}
    return subprocess.Popen([str(c) for c in command], **{**quiet, **options})


def peak_mib(pid):
    return _peak_kib(pid) / 1024


def _peak_kib(pid):
    """The high-water mark of this program's own memory; rusage would count its parent's too."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM")), 0)


def finish(process, begin, peak=False, timeout=120):
    """Waits for the end; a program that does not come to it is killed."""
    high, pid = 0, 0
    while not pid:
        if peak:
            high = max(high, _peak_kib(process.pid))
        if time.monotonic() - begin > timeout:
            process.kill()
        if not peak:
            timer = _alarm(process, begin + timeout)
            pid, status, usage = os.wait4(process.pid, 0)
            timer.cancel()
        else:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            time.sleep(0 if pid else 0.005)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(time.monotonic() - begin, usage, process.returncode, high)


def _alarm(process, when):
    timer = threading.Timer(max(when - time.monotonic(), 0.01), process.kill)
    timer.start()
    return timer


def run(command, peak=False, timeout=120, **options):
    begin = time.monotonic()
    return finish(start(command, **options), begin, peak, timeout)


def first_output(command, timeout=60):
    """Seconds until the first byte of output; then the program is killed."""
    begin = time.monotonic()
    process = start(command, stdout=subprocess.PIPE)
    timer = _alarm(process, begin + timeout)
    got = os.read(process.stdout.fileno(), 1)
    seconds = time.monotonic() - begin
    timer.cancel()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return seconds if got else None


def interleaved(times, **measures):
    """Calls each measure in turn, so that a disturbance of the machine hits all of them alike.
    A measure that returns None could not be taken."""
    values = {name: [] for name in measures}
    for _ in range(times):
        for name, measure in measures.items():
            value = measure()
            if value is not None:
                values[name].append(value)
    return values


def _short(number):
    if number == 0:
        return "0"
    digits = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2 if abs(number) >= 0.1 else 3
    return f"{number:,.{digits}f}"


def spread(values):
    """Median and, in brackets, the smallest and largest."""
    if not values:
        return "–"
    middle = _short(statistics.median(values))
    low, high = _short(min(values)), _short(max(values))
    return middle if low == high else f"{middle} ({low}–{high})"


def _ratio(ours, other, more_is_better=True):
    if not ours or not other:
        return None
    a, b = statistics.median(ours), statistics.median(other)
    a, b = (a, b) if more_is_better else (b, a)
    return a / b if b else None


class Report:
    """Rows as they come: printed at once, and kept for the files."""

    COLUMNS = ("", "this program", "Debian's masscan", "Debian's zmap", "bare loop", "times the peer",
               "of the bare loop", "")

    def __init__(self):
        self.sections = []

    def section(self, title, unit):
        self.sections.append({"title": title, "unit": unit, "rows": []})
        print(f"\n{title} [{unit}]", flush=True)

    def row(self, what, ours, theirs=(), zmap=(), bare=(), *, more_is_better=True, peer=None, note=""):
        """The peer is Debian's masscan, or zmap where that has no number; or something else whose
        numbers stand in for theirs and that `peer` names."""
        compared = None if more_is_better is None else _ratio(ours, theirs or zmap, more_is_better)
        row = {"what": what, "ours": list(ours), "zmap_debian": list(zmap), "bare": list(bare),
               ("masscan_debian" if peer is None else "peer"): list(theirs), "note": note,
               "ratio": compared, "share_of_bare": _ratio(ours, bare)}
        if peer is not None:
            row["note"] = f"{note}{'; ' if note else ''}{peer}: {spread(theirs)}"
        self.sections[-1]["rows"].append(row)
        print("  " + " | ".join(text for text in self._cells(row) if text != "–"), flush=True)

    @staticmethod
    def _cells(row):
        share = row["share_of_bare"]
        return [row["what"], spread(row["ours"]), spread(row.get("masscan_debian", ())),
                spread(row["zmap_debian"]), spread(row["bare"]),
                f"{_short(row['ratio'])} x" if row["ratio"] else "–", f"{share:.0%}" if share else "–",
                row["note"]]

    def markdown(self, machine):
        lines = [f"- {key}: {value}" for key, value in machine.items()]
        lines += ["", "Medians, in brackets the smallest and the largest. The peer is Debian's masscan, or zmap "
                  "where that has no number, or what the last column names.", ""]
        for section in self.sections:
            rows = [self._cells(row) for row in section["rows"]]
            used = [i for i in range(len(self.COLUMNS)) if i < 2 or any(r[i] not in ("–", "") for r in rows)]
            head = [f"{section['title']} [{section['unit']}]", *self.COLUMNS[1:]]
            lines.append("| " + " | ".join(head[i] for i in used) + " |")
            lines.append("|---" * len(used) + "|")
            lines += ["| " + " | ".join(row[i] for i in used) + " |" for row in rows]
            lines.append("")
        return "\n".join(lines)

    def save(self, machine):
        text = self.markdown(machine)
        print("\n" + text)
        folder = ROOT / "build"
        (folder / "bench.md").write_text(text)
        (folder / "bench.json").write_text(
            json.dumps({"machine": machine, "sections": self.sections}, indent=1) + "\n")
        owner = ROOT.stat()
        for name in ("bench.md", "bench.json"):
            os.chown(folder / name, owner.st_uid, owner.st_gid)


def _output(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()


def machine():
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = next((line.split(":")[1].strip() for line in info.splitlines()
                  if line.startswith("model name")), platform.processor())
    debian = {name: _output("dpkg-query", "-W", "-f=${Version}", name) for name in ("masscan", "zmap")}
    return {
        "Date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()) + " UTC",
        "Machine": f"{os.cpu_count()} x {model}, {_output('systemd-detect-virt') or 'unknown'}",
        "Kernel": platform.release(),
        "This program": next((line for line in _output(OURS, "--version").splitlines() if line), "?")
                        + ", commit " + (_output("git", "-c", "safe.directory=*", "-C", ROOT, "rev-parse", "--short", "HEAD")),
        "Compiler": _output("gcc", "--version").splitlines()[0],
        "Peers": f"Debian's masscan {debian['masscan']}, zmap {debian['zmap']}",
        "Load before": " ".join(pathlib.Path("/proc/loadavg").read_text().split()[:3]),
    }
