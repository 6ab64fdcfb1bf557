"""Two network namespaces, `near` and `far`, joined by a veth pair; no route leads anywhere else."""

import pathlib
import re
import struct
import subprocess
import time

import napi
from frame import OURS, ROOT, THEIRS, ZMAP, run, start

TARGETS = "10.64.0.0/10"
BARE = ROOT / "build" / "src" / "transport" / "bare_xdp"
PROGRAMS = {"ours": OURS, "theirs": THEIRS, "zmap": ZMAP}
NEAR, FAR = "10.8.0.2", "10.8.0.1"


def _do(*command):
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL)


def _with_sum(data, at, also=b""):
    """The bytes with their Internet checksum (RFC 1071), over `also` besides, where zeros stand."""
    summed = sum(struct.unpack(f">{len(data + also) // 2}H", data + also))
    summed = (summed & 0xffff) + (summed >> 16)
    summed = ~((summed & 0xffff) + (summed >> 16)) & 0xffff
    return data[:at] + struct.pack(">H", summed) + data[at + 2:]


def frame(destination_mac, source, destination, tcp):
    """Ethernet, IPv4 and TCP, in hexadecimal; `tcp` is the segment without its sum."""
    segment = bytes.fromhex(tcp)
    addresses = bytes(int(number) for address in (source, destination) for number in address.split("."))
    ip = _with_sum(bytes.fromhex(f"4500{20 + len(segment):04x}0000000040060000") + addresses, 10)
    segment = _with_sum(segment, 16, addresses + struct.pack(">HH", 6, len(segment)))
    ethernet = bytes.fromhex(destination_mac.replace(":", "") + "020000000002" + "0800")
    return (ethernet + ip + segment).hex()


def syn(mac):
    """As long as the scanner's own: with one option."""
    return frame(mac, NEAR, "10.64.0.1", "9c40005000000001000000006002040000000000020405b4")


def mac_of(space, link):
    shown = subprocess.run(["ip", "-n", space, "link", "show", link], capture_output=True, text=True, check=True).stdout
    return re.search("link/ether (\\S+)", shown).group(1)


class Link:
    """A pair of namespaces of its own. What arrives at the far end is counted, then dropped; by a
    thread of its own on another processor, if `threaded`."""

    def __init__(self, name, threaded=False, queues=1):
        self.near, self.far, self.threaded = f"{name}-near", f"{name}-far", threaded
        for space in (self.near, self.far):
            _do("ip", "netns", "add", space)
            _do("ip", "netns", "exec", space, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
                "net.ipv6.conf.default.disable_ipv6=1")
            _do("ip", "-n", space, "link", "set", "lo", "up")
        wide = ["numtxqueues", queues, "numrxqueues", queues]
        _do("ip", "link", "add", "near0", "netns", self.near, *wide, "type", "veth",
            "peer", "name", "far0", "netns", self.far, *wide)
        for space, link, address in ((self.near, "near0", NEAR), (self.far, "far0", FAR)):
            _do("ip", "-n", space, "addr", "add", f"{address}/24", "dev", link)
            self.inside(space, "ethtool", "-K", link, "tso", "off", "gso", "off")
            _do("ip", "-n", space, "link", "set", link, "up")
        self.inside(self.far, "nft", "add table netdev t; add chain netdev t c { type filter hook "
                    "ingress device far0 priority 0; policy accept; }; add rule netdev t c meta "
                    "l4proto tcp drop")
        _do("ip", "-n", self.near, "route", "add", "default", "via", FAR)
        if threaded:
            self.inside(self.far, "ethtool", "-K", "far0", "gro", "on")
            napi.in_a_thread(self.far, "far0")
        self.holders = {space: start(["ip", "netns", "exec", space, "sleep", "600"])
                        for space in (self.near, self.far)}
        self.far_mac, self.near_mac = mac_of(self.far, "far0"), mac_of(self.near, "near0")
        time.sleep(0.3 if threaded else 0.1)  # napi.py looks ten times a second

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for space, holder in self.holders.items():
            holder.kill()
            holder.wait()
            _do("ip", "netns", "del", space)

    @staticmethod
    def inside(space, *command):
        _do("ip", "netns", "exec", space, *command)

    @staticmethod
    def start(space, *command, **options):
        return start(["ip", "netns", "exec", space, *command], **options)

    @staticmethod
    def run(space, *command, **options):
        return run(["ip", "netns", "exec", space, *command], **options)

    def send(self, *command, **options):
        """Starts a command at the near end, apart from the far end's thread if there is one."""
        return self.start(self.near, *(napi.elsewhere(command) if self.threaded else command), **options)

    def arrived(self):
        """Frames that have come to the far end."""
        return received(self.holders[self.far].pid, "far0")

    def scan(self, program, rate, folder, *options, **more):
        """Starts a scan that does not end by itself in our time."""
        if program == ZMAP:
            command = [ZMAP, "-p", 80, "-i", "near0", "-G", self.far_mac, "-S", NEAR, "-r", int(rate),
                       "-c", 1, "-b", "/dev/null", "-o", "/dev/null", TARGETS]
        else:
            command = [program, TARGETS, "-p1-100", "-e", "near0", "--router-mac", self.far_mac, "--rate",
                       rate, "-oL", "/dev/null", *options]
        return self.send(*command, cwd=folder, **more)


def received(pid, link):
    """Frames that the link has received in the namespace of that process."""
    for line in pathlib.Path(f"/proc/{pid}/net/dev").read_text().splitlines():
        if line.strip().startswith(link + ":"):
            return int(line.split(":")[1].split()[1])
    raise LookupError(f"no {link}")


def kill(process):
    process.kill()
    process.wait()
