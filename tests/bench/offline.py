"""What needs no network: generating probes, listing, reading lists and result files, memory."""

import functools
import os
import random
import subprocess
import time

from frame import OURS, ROOT, THEIRS, UNLIMITED, finish, first_output, interleaved, peak_mib, run, start
from link import Link, kill

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


def _write_hitlist(path, count):
    """Random hosts of 20,000 IPv6 networks; every other one is close to the network's beginning."""
    if path.exists():
        return path
    generator = random.Random(3)
    networks = [0x2001 << 48 | generator.getrandbits(32) << 16 for _ in range(20_000)]
    with open(path, "w", encoding="ascii") as file:
        for i in range(count):
            host = generator.getrandbits(10 if i % 2 else 64)
            digits = f"{generator.choice(networks) | generator.getrandbits(8):016x}{host:016x}"
            file.write(":".join(digits[k:k + 4] for k in range(0, 32, 4)) + "\n")
    return path


def _offline(*targets, probes):
    return [OURS, *targets, "--offline", "--rate", UNLIMITED, "--seed", 1, "--wait", 0, "-oL",
            "/dev/null", "--resume-count", probes]


# What makes the C library, and the program with it, do without the newer instructions.
LEVELS = {"x86-64-v4": "", "x86-64-v3": "glibc.cpu.hwcaps=-AVX512F", "x86-64-v2": "glibc.cpu.hwcaps=-AVX2"}


def _best_level():
    text = subprocess.run([OURS, "--benchmark"], capture_output=True, text=True, check=True).stdout
    return text.splitlines()[0].split()[-1]


def _generate(targets, probes, level="x86-64-v4"):
    """Million probes a second, without what starting and ending takes."""
    env = {**os.environ, "GLIBC_TUNABLES": LEVELS[level]}
    idle = run(_offline(*targets, probes=1), env=env).seconds
    return probes / (run(_offline(*targets, probes=probes), env=env).seconds - idle) / 1e6


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
    thousand, million = (_write_ranges(folder / name, count) for name, count in
                         (("thousand", 1000), ("million", 1_000_000)))
    shapes = {"10.0.0.0/8, 30 ports": ["10.0.0.0/8", "-p80-109"],
              "Internet minus 1,000 ranges, 1 port": [INTERNET, "-p80", "--excludefile", thousand],
              "Internet minus 1,000 ranges, 100 ports": [INTERNET, "-p1-100", "--excludefile", thousand],
              "Internet, 1 port": [INTERNET, "-p80", "--exclude", "255.255.255.255"],
              "Internet minus 1 million ranges, 1 port": [INTERNET, "-p80", "--excludefile", million]}
    best = _best_level()
    levels = [level for level in LEVELS if level <= best]
    report.section("Generating probes, --offline, one processor", "million probes/s")
    zmap = [_zmap_dry_run()]
    for level in levels:
        chosen = list(shapes.items()) if level == best else list(shapes.items())[:3]
        got = interleaved(3, **{name: functools.partial(_generate, targets, PROBES // 2, level)
                                for name, targets in chosen})
        for name, _ in chosen:
            report.row(f"{level}: {name}", got[name], zmap=zmap if level == best else (),
                       note="zmap: dry run, which prints each packet" if level == best else "")
    whole = 2 ** 24
    got = interleaved(5, ours=lambda: _generate(["10.0.0.0/8", "-p80"], whole))
    report.row("10.0.0.0/8, 1 port: the whole scan", got["ours"])
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
    hitlist = _write_hitlist(folder / "hitlist", 10_000_000)
    report.row("-sL of -iL with 10 million IPv6 addresses: until the first line",
               [first_output([OURS, "-sL", "-iL", hitlist]) for _ in range(3)])
    report.row("the same to its end", [_through_a_pipe([OURS, "-sL", "-iL", hitlist]) for _ in range(3)])
    report.row("Internet minus 1 million ranges: until the first line of -sL",
               *pair(3, first_output, "-sL", "-p80", INTERNET, "--excludefile", million),
               more_is_better=False)


def readscan(report, folder):
    path = folder / "ten-million"
    subprocess.run([ROOMS / "output" / "output_bench", "make", path, "10000000"], check=True)
    report.section("--readscan of 10 million records into JSON", "s")
    arguments = ["--readscan", path, "-oJ", folder / "out.json"]
    def measure(program, *options):
        took = run([program, *arguments, *options])
        os.unlink(folder / "out.json")
        return took.seconds if took.status == 0 else None
    got = interleaved(3, ours=lambda: measure(OURS), theirs=lambda: measure(THEIRS))
    report.row(f"{os.path.getsize(path) >> 20} MiB, a tenth banners, a tenth IPv6", got["ours"],
               got["theirs"], more_is_better=False)
    for what, *options in (("only ports 0-32767", "-p", "0-32767"), ("sorted by address", "--sort", "address"),
                           ("merged, and sorted by time", "--merge", "--sort", "time")):
        report.row(f"the same, {what}", [measure(OURS, *options) for _ in range(3)], more_is_better=False)
    os.unlink(path)


def _scan_peak(folder):
    """A scan of the Internet over a link, with the memory shared with the kernel."""
    with Link("room") as link:
        process = link.start(link.near, OURS, INTERNET, "-p80", "--exclude", "255.255.255.255", "-e", "near0",
                             "--router-mac", link.far_mac, "--rate", 100_000, "-oL", "/dev/null", cwd=folder)
        time.sleep(3)
        peak = peak_mib(process.pid)
        kill(process)
        return peak


def memory(report, folder):
    million = _write_ranges(folder / "million", 1_000_000)
    records = folder / "million-records"
    subprocess.run([ROOMS / "output" / "output_bench", "make", records, "1000000"], check=True)
    report.section("Peak memory, resident", "MiB")
    internet = [INTERNET, "-p80", "--exclude", "255.255.255.255"]
    def peak(command):
        return run(command, peak=True).peak_mib
    report.row("the Internet, one port, by AF_XDP", [_scan_peak(folder)],
               note="and at most 32 MiB for telling results apart")
    report.row("the Internet, one port, --offline", [peak(_offline(*internet, probes=50_000_000))])
    report.row("the same minus 1 million ranges",
               [peak(_offline(INTERNET, "-p80", "--excludefile", million, probes=50_000_000))])
    hitlist = _write_hitlist(folder / "hitlist", 10_000_000)
    report.row("-sL of -iL with 10 million IPv6 addresses", [peak([OURS, "-sL", "-iL", hitlist])])
    report.row("--readscan of 1 million records",
               [peak([OURS, "--readscan", records, "-oJ", "/dev/null"])],
               [peak([THEIRS, "--readscan", records, "-oJ", "/dev/null"])], more_is_better=False)
