"""What needs no network: generating probes, listing, reading lists and result files, memory."""

import functools
import os
import random
import subprocess
import time

from frame import OURS, ROOT, THEIRS, UNLIMITED, finish, first_output, interleaved, run, start

ROOMS = ROOT / "build" / "src"
PROBES = 400_000_000
INTERNET = "0.0.0.0/0"


def _dotted(number):
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def _write_ranges(path, count):
    """`count` ranges spread over all addresses, none touching the next: a tenth of each slice."""
    if path.exists():
        return path
    step = 2 ** 32 // count
    generator = random.Random(1)
    with open(path, "w", encoding="ascii") as file:
        for i in range(count):
            first = i * step + generator.randrange(step // 2)
            file.write(f"{_dotted(first)}-{_dotted(first + step // 10)}\n")
    return path


def _write_addresses(path, count):
    generator = random.Random(2)
    with open(path, "w", encoding="ascii") as file:
        file.writelines(_dotted(generator.getrandbits(32)) + "\n" for _ in range(count))
    return path


def _offline(*targets, probes):
    return [OURS, *targets, "--offline", "--rate", UNLIMITED, "--seed", 1, "--wait", 0, "-oL",
            "/dev/null", "--resume-count", probes]


def _generate(targets, probes):
    """Million probes a second, without what starting and ending takes."""
    idle = run(_offline(*targets, probes=1)).seconds
    return probes / (run(_offline(*targets, probes=probes)).seconds - idle) / 1e6


def _zmap_dry_run():
    """zmap's dry run prints every packet as text; it ends with a second of waiting."""
    setup = ("ip link add z0 type veth peer name z1; ip addr add 10.8.0.2/24 dev z0;"
             "ip link set z0 up; ip link set z1 up; ")
    if not os.path.exists("/sys/class/net/z0"):
        subprocess.run(["sh", "-c", setup], check=True)
    def took(count):
        return run(["zmap", "-p", 80, "-d", "-n", count, "-i", "z0", "-G", "02:00:00:00:00:01", "-S",
                    "10.8.0.2", "-c", 1, "-r", 10_000_000, "-o", "/dev/null", "11.0.0.0/8"]).seconds
    return 10_000_000 / max(took(10_000_000) - took(1), 0.001) / 1e6


def generation(report, folder):
    thousand = _write_ranges(folder / "thousand", 1000)
    shapes = (("10.0.0.0/8, 30 ports", ["10.0.0.0/8", "-p80-109"]),
              ("Internet minus 1,000 ranges, 1 port",
               [INTERNET, "-p80", "--excludefile", thousand]),
              ("Internet minus 1,000 ranges, 100 ports",
               [INTERNET, "-p1-100", "--excludefile", thousand]))
    whole = 2 ** 24
    report.section("Generating probes, --offline, one core", "million probes/s")
    zmap = interleaved(1, zmap=_zmap_dry_run)["zmap"]
    for name, targets in shapes:
        got = interleaved(5, ours=functools.partial(_generate, targets, PROBES))
        report.row(name, got["ours"], zmap=zmap, more_is_better=None,
                   note="zmap: dry run, which prints each packet")
    got = interleaved(5, ours=lambda: _generate(["10.0.0.0/8", "-p80"], whole))
    report.row("10.0.0.0/8, 1 port: the whole scan", got["ours"], zmap=zmap,
               more_is_better=None)
    refused = run([THEIRS, "10.0.0.0/16", "-p80", "--offline", "--rate", 1000000, "--source-ip",
                   "10.8.0.2"], timeout=20)
    print(f"  Debian's masscan --offline: exit status {refused.status}, no number", flush=True)


def passes(report):
    """What the parts of a probe cost, by the micro-benchmarks; their own words."""
    report.section("Passes", "ns a probe")
    for name in ("target/target-bench", "probe/probe_bench"):
        text = subprocess.run([ROOMS / name], capture_output=True, text=True, check=True).stdout
        for line in text.splitlines():
            words = line.split()
            if line.startswith(("permutation", "cookie", "words", "emit")):
                number = words[-2] if line.startswith("permutation") else words[-1]
                report.row(" ".join(line.replace(number, "").split()), [float(number)])
            elif "batch" in line:
                report.row(line.split(": new")[0].strip() + ": index to address and port",
                           [float(words[-2])])


def _through_a_pipe(command):
    begin = time.monotonic()
    process = start(command, stdout=subprocess.PIPE)
    reader = start(["cat"], stdin=process.stdout)
    process.stdout.close()
    took = finish(process, begin).seconds
    reader.wait()
    return took


def listing(report, folder):
    addresses = _write_addresses(folder / "addresses", 3_000_000)
    million = _write_ranges(folder / "million", 1_000_000)
    report.section("Lists of targets", "s")
    def pair(times, measure, *arguments):
        got = interleaved(times, ours=lambda: measure([OURS, *arguments]),
                          theirs=lambda: measure([THEIRS, *arguments]))
        return got["ours"], got["theirs"]
    report.row("-sL of 10.0.0.0/8 into a pipe",
               *pair(3, _through_a_pipe, "-sL", "-p80", "10.0.0.0/8"), more_is_better=False)
    report.row("-sL of -iL with 3 million random addresses",
               *pair(3, _through_a_pipe, "-sL", "-p80", "-iL", addresses), more_is_better=False)
    report.row("Internet minus 1 million ranges: until the first line of -sL",
               *pair(3, first_output, "-sL", "-p80", INTERNET, "--excludefile", million),
               more_is_better=False)


def readscan(report, folder):
    path = folder / "ten-million"
    subprocess.run([ROOMS / "output" / "output_bench", "make", path, "10000000"], check=True)
    report.section("--readscan of 10 million records into JSON", "s")
    arguments = ["--readscan", path, "-oJ", folder / "out.json"]
    def measure(program):
        took = run([program, *arguments])
        os.unlink(folder / "out.json")
        return took.seconds if took.status == 0 else None
    got = interleaved(3, ours=lambda: measure(OURS), theirs=lambda: measure(THEIRS))
    report.row(f"{os.path.getsize(path) >> 20} MiB, a tenth banners, a tenth IPv6", got["ours"],
               got["theirs"], more_is_better=False)
    os.unlink(path)


def memory(report, folder):
    million = _write_ranges(folder / "million", 1_000_000)
    records = folder / "million-records"
    subprocess.run([ROOMS / "output" / "output_bench", "make", records, "1000000"], check=True)
    report.section("Peak memory, resident", "MiB")
    internet = [INTERNET, "-p80", "--exclude", "255.255.255.255"]
    def peak(command):
        return run(command, peak=True).peak_mib
    report.row("the Internet, one port, --offline",
               [peak(_offline(*internet, probes=50_000_000))],
               more_is_better=None)
    report.row("the same minus 1 million ranges",
               [peak(_offline(INTERNET, "-p80", "--excludefile", million, probes=50_000_000))],
               more_is_better=None)
    report.row("--readscan of 1 million records",
               [peak([OURS, "--readscan", records, "-oJ", "/dev/null"])],
               [peak([THEIRS, "--readscan", records, "-oJ", "/dev/null"])], more_is_better=False)
