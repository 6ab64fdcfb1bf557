"""Two namespaces, near and far, with one link between them, of one of the kinds of link_kinds.py. masscan runs in
near; in far a host answers, whose kernel and whose servers are real."""

import itertools
import os
import pathlib
import re
import subprocess
import sys

from lab import _MASSCAN, _run, await_, found
from tap import check, equal, scratch

_HERE = pathlib.Path(__file__).resolve().parent
_names = (f"w{n}" for n in itertools.count(1))

NEAR, FAR = "10.31.0.1", "10.31.0.9"  # of the link, in 10.31.0.0/24
NEAR6, FAR6 = "fd31::1", "fd31::9"    # and in fd31::/64
LINE = "SSH-2.0-wire"
DEVICES = ["over0", "upon0", "vrf0", "bond0", "bridge0", "link0", "link1"]  # with those upon others first
OPEN = {("tcp", "80"), ("udp", "7"), ("icmp", "0")}
CLOSED = {("tcp", "81"), ("udp", "8"), ("sctp", "9")}
PORTS = "80,81,U:7,U:8,I:0,S:9"

# A server that greets whoever connects to TCP 80, and an echo of what comes to UDP 7.
SERVERS = f"""if True:
    import socket, threading
    datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    datagrams.bind(("::", 7))
    listener = socket.create_server(("::", 80), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512)
    print("ready", flush=True)
    def echo():
        while True:
            try:
                datagrams.sendto(*datagrams.recvfrom(65536))
            except OSError:
                pass
    threading.Thread(target=echo, daemon=True).start()
    while True:
        connection, _ = listener.accept()
        try:
            connection.send(b"{LINE}\\r\\n")
            connection.settimeout(3)
            connection.recv(1)
        except OSError:
            pass
        connection.close()"""


# Writes down where each TCP SYN goes that arrives, as "ADDRESS PORT"; goes on when the link was down. (33 is
# SO_RCVBUFFORCE.)
RECORDER = """if True:
    import socket, sys
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    tap.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)
    tap.bind((sys.argv[1], 0x0800))
    with open(sys.argv[2], "w", buffering=1) as out:
        print("ready", flush=True)
        while True:
            try:
                packet, whence = tap.recvfrom(2048)
            except OSError:
                continue
            if whence[2] != socket.PACKET_OUTGOING and packet[9] == 6 and packet[33] == 2:
                out.write(socket.inet_ntoa(packet[16:20]) + " %d\\n" % int.from_bytes(packet[22:24], "big"))
"""


class Wire:
    """`with Wire(make) as wire`: `make(wire)` lays the link, both of whose ends have addresses then."""

    def __init__(self, make, servers_in="far"):
        self.make, self.servers_in, self.name, self.started = make, servers_in, next(_names), []
        self.ipv6 = True  # unless `make` lays a link on which there is none

    def __enter__(self):
        try:
            for role in ("near", "far"):
                _run("ip", "netns", "add", self.space(role))
                self.run(role, "ip", "link", "set", "lo", "up")
                self.run(role, "sysctl", "-qw", "net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0",
                         "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.default.router_solicitations=0")
            self.make(self)
            self.serve(self.servers_in)
        except BaseException:
            self.__exit__()
            raise
        return self

    def end(self, processes):
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def __exit__(self, *_):
        self.end(self.started)
        for role in ("near", "far"):
            subprocess.run(["ip", "netns", "del", self.space(role)], check=False, capture_output=True)

    def lay_anew(self, make):
        """Another link in the place of this one. The servers stay."""
        self.end(process for process in self.started if process is not self.server)
        self.started = [self.server]
        for role in ("near", "far"):
            there = re.findall(r"^\d+: (\w+)", self.ip(role, "-o link"), re.M)
            for name in DEVICES:
                if name in there:  # unless it goes with the program that made it
                    subprocess.run(["ip", "-n", self.space(role), "link", "del", name], check=False, capture_output=True)
        self.ipv6 = True
        make(self)

    def space(self, role):
        return f"{self.name}-{role}"

    def command(self, role, *command):
        return ["ip", "netns", "exec", self.space(role), *[str(c) for c in command]]

    def run(self, role, *command, **options):
        return _run(*self.command(role, *command), **options)

    def ip(self, role, *lines):
        """A command of ip(8), or several by one process."""
        if len(lines) == 1:
            return _run("ip", "-n", self.space(role), *lines[0].split())
        path = os.path.join(scratch(), "batch")
        pathlib.Path(path).write_text("\n".join([*lines, ""]))
        return _run("ip", "-n", self.space(role), "-batch", path)

    def background(self, *command, ready="ready"):
        """Starts a program, and waits until it says that it is ready; it ends with the wire."""
        log = os.path.join(scratch(), "log")
        with open(log, "w") as out:
            process = subprocess.Popen([str(c) for c in command], stdout=out, stderr=subprocess.STDOUT,
                                       stdin=subprocess.DEVNULL)
        self.started.append(process)
        await_(lambda: ready in pathlib.Path(log).read_text() or process.poll() is not None)
        check(process.poll() is None, command, pathlib.Path(log).read_text())
        return process

    def serve(self, role):
        self.server = self.background(*self.command(role, sys.executable, "-c", SERVERS))

    def record(self, role, device):
        """From now on SYNs that arrive there are written down, in the file that is returned."""
        path = os.path.join(scratch(), "syns")
        self.background(*self.command(role, sys.executable, "-c", RECORDER, device, path))
        return path

    def relay(self, kind, *vlan):
        """A tun or tap device called link0 at both ends."""
        return self.background(sys.executable, _HERE / "relay.py", kind, self.space("near"),
                               self.space("far"), "link0", *vlan)

    def veth(self, mtu=1500, name="link0"):
        """A pair of that name; as a wire has them, frames are whole and of no more than the MTU."""
        _run("ip", "link", "add", name, "netns", self.space("near"), "mtu", mtu, "type", "veth", "peer",
             "name", name, "netns", self.space("far"), "mtu", mtu)
        for role in ("near", "far"):
            self.run(role, "ethtool", "-K", name, *"tx off sg off tso off gso off gro off".split())

    def address(self, near="link0", far="link0"):
        """Gives both ends their addresses, and brings them up."""
        for role, device, address, address6 in (("near", near, NEAR, NEAR6), ("far", far, FAR, FAR6)):
            ipv6 = [f"addr add {address6}/64 dev {device} nodad"] if self.ipv6 else []
            self.ip(role, f"addr add {address}/24 dev {device}", f"link set {device} up", *ipv6)
        self.settle(near)

    def settle(self, device):
        await_(lambda: "LOWER_UP" in self.ip("near", f"link show {device}"))

    def start(self, *arguments, **options):
        """Starts masscan in near, in a folder of its own."""
        process = subprocess.Popen(self.command("near", _MASSCAN, *arguments), stdin=subprocess.DEVNULL,
                                   **{"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE,
                                      "cwd": scratch(), **options})
        self.started.append(process)
        return process

    def scan(self, *arguments, status=0, timeout=100, **options):
        """Runs masscan in near to its end; returns what it said on standard error."""
        process = self.start(*arguments, **options)
        _, said = process.communicate(timeout=timeout)
        check(status is None or process.returncode == status, "exit status", process.returncode, "of",
              arguments, "\n", said.decode(errors="replace")[-3000:])
        return said.decode()


# ---- what a scan over it found ----

ALL = ["--rate", 2000, "--wait", 1, "--show", "open,closed"]


def results(path):
    """What is open, what is closed, and the banners; each once."""
    lists = {state: found(path, state) for state in ("open", "closed")}
    for rows in lists.values():
        equal(len(rows), len(set(rows)), f"{path}: told twice:")
    banners = re.findall(r"^banner (\S+) (\S+) (\S+) \d+ (.*)$", pathlib.Path(path).read_text(), re.M)
    return set(lists["open"]), set(lists["closed"]), banners


def rows(ports, hosts):
    return {(*port, host) for port in ports for host in hosts}


def scanned(wire, *arguments):
    """What is found with banners, and what the scan said."""
    path = os.path.join(scratch(), "r")
    said = wire.scan("-p", PORTS, *ALL, "--banners", "-oL", path, *arguments)
    return results(path), said


def check_found(got, hosts):
    is_open, closed, banners = got
    equal(is_open, rows(OPEN, hosts), "open:")
    equal(closed, rows(CLOSED, hosts), "closed:")
    equal({(host, text) for kind, _, host, text in banners if kind == "tcp"},
          {(host, f"ssh {LINE}") for host in hosts}, "banners:")


def destinations(lines, near=NEAR):
    """The addresses that packets from near went to."""
    words = re.findall(re.escape(near) + r"(?:\.\d+)? > ([0-9a-f.:]+): ", "\n".join(lines))
    return {".".join(word.split(".")[:4]) if "." in near else word.split(".")[0] for word in words}


def probed(path):
    """The (address, port) whose SYNs were written down, each as often as it was."""
    return sorted((host, int(port)) for host, port in map(str.split, pathlib.Path(path).read_text().splitlines()))
