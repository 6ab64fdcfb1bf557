"""Every kind of link that a kernel has without hardware, as wires (wire.py).

LINKS has a row for each: how it is made and how it is scanned."""

import atexit
import base64
import os
import pathlib

from lab import await_
from tap import scratch
from wire import FAR, FAR6, NEAR, NEAR6, Wire


def lay_veth(wire, mtu=1500):
    wire.ipv6 = mtu >= 1280
    wire.veth(mtu)
    wire.address()


def lay_tun(wire):
    wire.relay("tun")
    wire.address()


def lay_tap(wire, *vlan):
    wire.relay("tap", *vlan)
    wire.address()


def lay_bridge(wire):
    """near's own address is that of a bridge, one port of which is the link."""
    wire.veth()
    wire.ip("near", "link add bridge0 type bridge", "link set link0 up master bridge0")
    wire.address(near="bridge0")


def lay_vlan(wire):
    """Interfaces in VLAN 7, on a link that others might use, too."""
    wire.veth()
    for role in ("near", "far"):
        wire.ip(role, "link set link0 up", "link add link0.7 link link0 type vlan id 7")
    wire.address(near="link0.7", far="link0.7")


def lay_upon(wire, kind):
    """near's own address is that of a second interface upon the link's."""
    wire.veth()
    wire.ip("near", "link set link0 up", f"link add upon0 link link0 type {kind}")
    wire.address(near="upon0")


def lay_vrf(wire):
    """near's interface belongs to a VRF, and so has its addresses and routes in a table of their own."""
    wire.veth()
    wire.ip("near", "link add vrf0 type vrf table 10", "link set vrf0 up", "link set link0 master vrf0")
    wire.address()


def bond(wire, role, mode):
    wire.ip(role, f"link add bond0 type bond mode {mode} miimon 50",
            *[f"link set {port} master bond0" for port in ("link0", "link1")])


def lay_active_backup(wire):
    """A bond of two links to a switch, one of which waits."""
    wire.veth()
    wire.veth(name="link1")
    bond(wire, "near", "active-backup")
    wire.ip("far", "link add bridge0 type bridge",
            *[f"link set {port} up master bridge0" for port in ("link0", "link1")])
    wire.address(near="bond0", far="bridge0")


def lay_balance_rr(wire):
    """Bonds at both ends, whose frames take the two links in turns."""
    wire.veth()
    wire.veth(name="link1")
    for role in ("near", "far"):
        bond(wire, role, "balance-rr")
    wire.address(near="bond0", far="bond0")


# Of the link below a tunnel: each role's own address and the other's, of both families.
BELOW = {"near": ("192.168.7.1", "192.168.7.2"), "far": ("192.168.7.2", "192.168.7.1")}
BELOW6 = {"near": ("fd07::1", "fd07::2"), "far": ("fd07::2", "fd07::1")}


def lay_below(wire):
    wire.veth()
    for role in ("near", "far"):
        wire.ip(role, f"addr add {BELOW[role][0]}/24 dev link0", f"addr add {BELOW6[role][0]}/64 dev link0 nodad",
                "link set link0 up")
    wire.settle("link0")


def lay_tunnel(wire, kind, below=BELOW):
    """A tunnel of a kernel's kind from end to end."""
    lay_below(wire)
    for role, (own, other) in below.items():
        wire.ip(role, f"link add over0 type {kind} remote {other} local {own}")
    wire.ipv6 = kind != "ipip"
    wire.address(near="over0", far="over0")


def lay_vxlan(wire):
    """Ethernet in UDP, over a link of its own."""
    lay_below(wire)
    for role, (own, other) in BELOW.items():
        wire.ip(role, f"link add over0 type vxlan id 5 remote {other} local {own} dstport 4789")
    wire.address(near="over0", far="over0")


def lay_wireguard(wire, to_far=f"{FAR}/24,{FAR6}/64"):
    """An encrypted tunnel; near's end knows of a peer for these addresses only."""
    lay_below(wire)
    keys = {role: wireguard_end(wire, role) for role in BELOW}
    for role, other, allowed in (("near", "far", to_far), ("far", "near", f"{NEAR}/24,{NEAR6}/64")):
        wire.run(role, "wg", "set", "over0", "peer", keys[other], "allowed-ips", allowed, "endpoint",
                 f"{BELOW[role][1]}:51820")
    wire.address(near="over0", far="over0")


def wireguard_end(wire, role):
    """Makes one end; returns its public key."""
    path = os.path.join(scratch(), "key")
    pathlib.Path(path).write_bytes(base64.b64encode(os.urandom(32)))
    wire.ip(role, "link add over0 type wireguard")
    wire.run(role, "wg", "set", "over0", "listen-port", "51820", "private-key", path)
    return wire.run(role, "wg", "show", "over0", "public-key").strip()


def lay_ppp(wire):
    """Two daemons, each at one end of a pseudo-terminal."""
    options = "nodetach noauth local nodefaultroute noccp novj ifname over0"
    far = " ".join(wire.command("far", "pppd", "notty", options, f"{FAR}:{NEAR}"))
    wire.background(*wire.command("near", "pppd", *options.split(), f"{NEAR}:{FAR}", "pty", far),
                    ready="remote IP address")
    await_(lambda: FAR in wire.ip("far", "addr"))
    for role in ("near", "far"):
        wire.ip(role, "link set over0 txqueuelen 1000")  # three packets, else
    wire.address(near="over0", far="over0")


EVERY = ("af_xdp", "af_packet", "pcap")
BARE = ("af_packet", "pcap")  # on links without Ethernet headers


class Link:
    """A kind of link: how it is laid, the interface at both ends, what a scan has to be told, by what it works and
    what refuses it; and whether it takes a module that a kernel need not have, so that it is laid in the virtual
    machine."""

    def __init__(self, lay, near="link0", far="link0", options=(), ethernet=True, transports=None, refused=(),
                 families=("IPv4", "IPv6"), needs_module=False):
        self.lay, self.near, self.far, self.options = lay, near, far, options
        self.transports, self.refused = transports or (EVERY if ethernet else BARE), refused
        self.ethernet, self.families, self.needs_module = ethernet, families, needs_module


def modular(lay, near="link0", far="link0", **options):
    return Link(lay, near, far, needs_module=True, **options)


def tunnel(kind, **options):
    """One that carries IP without Ethernet headers."""
    below = BELOW6 if kind.startswith("ip6") else BELOW
    return modular(lambda wire: lay_tunnel(wire, kind, below), "over0", "over0", ethernet=False, **options)


LINKS = {
    "veth": Link(lay_veth),
    "tun": Link(lay_tun, ethernet=False),
    "tap": Link(lay_tap),
    "a tag of VLAN 7": Link(lambda wire: lay_tap(wire, "7"), options=["--vlan", "7"]),
    "bridge": Link(lay_bridge, near="bridge0"),
    "vxlan": Link(lay_vxlan, near="over0", far="over0"),
    "mtu 576": Link(lambda wire: lay_veth(wire, 576), families=["IPv4"]),
    "mtu 3000": Link(lambda wire: lay_veth(wire, 3000)),
    "an interface in VLAN 7": modular(lay_vlan, "link0.7", "link0.7"),
    "macvlan": modular(lambda wire: lay_upon(wire, "macvlan mode bridge"), "upon0"),
    "ipvlan": modular(lambda wire: lay_upon(wire, "ipvlan mode l2"), "upon0"),
    "an interface of a VRF": modular(lay_vrf),
    "bond, active-backup": modular(lay_active_backup, "bond0", "bridge0"),
    "bond, balance-rr": modular(lay_balance_rr, "bond0", "bond0"),
    "ipip": tunnel("ipip", families=["IPv4"]),
    "gre": tunnel("gre", transports=["af_packet"], refused=["pcap"]),
    "sit": tunnel("sit", families=["IPv6"]),
    "ip6tnl": tunnel("ip6tnl mode any", transports=["af_packet"], refused=["pcap"]),
    "PPP": modular(lay_ppp, "over0", "over0", ethernet=False, transports=["af_packet"], refused=["pcap"]),
    "WireGuard": modular(lay_wireguard, "over0", "over0", ethernet=False),
}

_laid = []  # a kind, and its wire


def laid(kind):
    """The wire of a kind of link, which cases in a row share; it is gone when one of another kind is asked for."""
    if not _laid:
        wire = Wire(LINKS[kind].lay)
        wire.__enter__()
        atexit.register(wire.__exit__)
        _laid[:] = [kind, wire]
    if _laid[0] != kind:
        _laid[0] = kind
        _laid[1].lay_anew(LINKS[kind].lay)
    return _laid[1]
