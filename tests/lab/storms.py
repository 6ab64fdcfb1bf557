#!/usr/bin/env python3
"""Frames of hostile networks, as capture files for storm.c: storms.py KIND FILE, with what to aim at in options.

Each kind is a function that makes one frame, of which there shall be many. None of them answers a probe: where they
look as if they did, the cookie is drawn by lot."""

import argparse
import ipaddress
import random
import struct

FRAMES = 4096
SYN, RST, PSH, ACK = 0x02, 0x04, 0x08, 0x10
TCP, UDP, ICMP, SCTP = 6, 17, 1, 132
IPV4, ARP, VLAN, QINQ, IPV6 = 0x0800, 0x0806, 0x8100, 0x88a8, 0x86dd


class Aim:
    """The scanner, and whom it scans."""

    def __init__(self, options):
        self.macs = bytes.fromhex(options.mac.replace(":", "")) + bytes.fromhex("020000000002")
        self.scanner = ipaddress.ip_address(options.scanner).packed
        self.port = options.port
        self.targets = ipaddress.ip_network(options.targets)
        self.ports = options.ports

    def target(self):
        return self.targets[random.randrange(self.targets.num_addresses)].packed

    def target_port(self):
        return random.choice(self.ports)


def word():
    return random.getrandbits(32)


def ones_sum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data[:len(data) & ~1]))
    if len(data) & 1:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ethernet(aim, kind, body):
    return aim.macs + struct.pack(">H", kind) + body


def ipv4(source, destination, protocol, body, fragment=0, length=None):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body) if length is None else length, random.getrandbits(16),
                       fragment, 57, protocol, 0) + source + destination
    return head[:10] + struct.pack(">H", ones_sum(head)) + head[12:] + body


def tcp(aim, flags, body=b"", offset=5):
    return struct.pack(">HHIIBBHHH", aim.target_port(), aim.port, word(), word(), offset << 4, flags, 64240, word() & 0xffff,
                       0) + body


def answer(aim, flags=SYN | ACK, body=b"", **more):
    """A segment from some target, with its IP header."""
    return ipv4(aim.target(), aim.scanner, TCP, tcp(aim, flags, body), **more)


def syn_ack(aim):
    return ethernet(aim, IPV4, answer(aim))


def rst(aim):
    return ethernet(aim, IPV4, answer(aim, RST | ACK))


def segment(aim):
    """Of a connection that there is not."""
    return ethernet(aim, IPV4, answer(aim, random.choice((ACK, PSH | ACK)), random.randbytes(random.randrange(200))))


def unreachable(aim):
    """Quotes a probe that was never sent."""
    target, code = aim.target(), random.choice((2, 3))
    protocol = random.choice((TCP, UDP))
    quote = ipv4(aim.scanner, target, protocol, struct.pack(">HHI", aim.port, aim.target_port(), word()))
    body = struct.pack(">BBHI", 3, code, 0, 0) + quote
    body = body[:2] + struct.pack(">H", ones_sum(body)) + body[4:]
    return ethernet(aim, IPV4, ipv4(target, aim.scanner, ICMP, body))


def echo_reply(aim):
    body = struct.pack(">BBHHH", random.choice((0, 14)), 0, 0, word() & 0xffff, word() & 0xffff) + bytes(12)
    body = body[:2] + struct.pack(">H", ones_sum(body)) + body[4:]
    return ethernet(aim, IPV4, ipv4(aim.target(), aim.scanner, ICMP, body))


def udp(aim):
    """From a port that was not asked."""
    body = random.randbytes(random.randrange(64))
    head = struct.pack(">HHHH", random.randrange(20000, 60000), aim.port, 8 + len(body), 0)
    return ethernet(aim, IPV4, ipv4(aim.target(), aim.scanner, UDP, head + body))


def sctp(aim):
    body = struct.pack(">HHIIBBHIIHHI", aim.target_port(), aim.port, word(), 0, 2, 0, 20, word(), 65536, 10, 10, word())
    return ethernet(aim, IPV4, ipv4(aim.target(), aim.scanner, SCTP, body))


def fragment(aim):
    """A first, middle or last one, of whatever protocol."""
    place = random.choice((0x2000, 0x2000 | random.randrange(1, 8190), random.randrange(1, 8190)))
    return ethernet(aim, IPV4, answer(aim, body=random.randbytes(24), fragment=place))


def truncated(aim):
    """Ends anywhere from the Ethernet header on."""
    frame = random.choice((syn_ack, unreachable, udp, sctp, ipv6))(aim)
    return frame[:random.randrange(14, max(15, len(frame)))]


def oversized(aim):
    """As long as the link takes, or longer on paper."""
    lies = random.choice((
        lambda: answer(aim, body=random.randbytes(1460)),
        lambda: answer(aim, length=random.randrange(41, 65536)),
        lambda: ipv4(aim.target(), aim.scanner, TCP, tcp(aim, SYN | ACK, offset=random.choice((0, 4, 15)))),
        lambda: ipv4(aim.target(), aim.scanner, UDP, struct.pack(">HHHH", 53, aim.port, random.getrandbits(16), 0))))
    return ethernet(aim, IPV4, lies())


def vlan(aim):
    """Tags in tags, and an answer at their bottom, if that is reached."""
    tags = b"".join(struct.pack(">HH", random.choice((VLAN, QINQ)), random.getrandbits(12))
                    for _ in range(random.randrange(1, 300)))
    return aim.macs + tags + struct.pack(">H", IPV4) + answer(aim)


def extension(number, following):
    """Hop-by-hop options, routing, a fragment, destination options, authentication; length as it may come."""
    if number == 44:
        return struct.pack(">BBHI", following, 0, random.getrandbits(16), word())
    size = random.randrange(0, 4)
    unit = 4 if number == 51 else 8
    return bytes((following, size)) + random.randbytes((size + (2 if number == 51 else 1)) * unit - 2)


def ipv6(aim):
    """A chain of extension headers, and a segment at its end."""
    kinds = [random.choice((0, 43, 44, 60, 51)) for _ in range(random.randrange(1, 40))] + [TCP]
    chain = b"".join(extension(kind, following) for kind, following in zip(kinds, kinds[1:]))
    body = (chain + tcp(aim, SYN | ACK))[:1400]
    length = random.choice((len(body), len(body), random.getrandbits(16)))
    head = struct.pack(">IHBB", 6 << 28 | random.getrandbits(20), length, kinds[0], 57)
    return ethernet(aim, IPV6, head + random.randbytes(32) + body)


def arp(aim):
    """Asks for anybody, or tells of anybody; with broken lengths, too."""
    body = struct.pack(">HHBBH", 1, IPV4, random.choice((6, 6, random.getrandbits(8))), 4, random.choice((1, 2)))
    body += random.randbytes(6) + aim.target() + random.randbytes(6) + random.choice((aim.scanner, aim.target()))
    return ethernet(aim, ARP, body)


def who_has(aim):
    """Asks for the scanner, as a router might, and without end."""
    body = struct.pack(">HHBBH", 1, IPV4, 6, 4, 1) + aim.macs[6:] + bytes((10, 8, 0, 1)) + bytes(6) + aim.scanner
    return ethernet(aim, ARP, body)


def noise(aim):
    return aim.macs + random.randbytes(random.randrange(2, 1500))


KINDS = {function.__name__: function for function in (
    syn_ack, rst, segment, unreachable, echo_reply, udp, sctp, fragment, truncated, oversized, vlan, ipv6, arp, who_has, noise)}


def write(path, frames):
    """A capture file (https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/) of Ethernet frames."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            frame = frame[:1514]
            file.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("file")
    parser.add_argument("--mac", required=True, help="of the scanner")
    parser.add_argument("--scanner", default="10.8.0.2", help="its address")
    parser.add_argument("--port", type=int, default=61000, help="its source port")
    parser.add_argument("--targets", default="10.16.0.0/16")
    parser.add_argument("--ports", type=lambda text: [int(port) for port in text.split(",")], default=[80, 81, 82, 83])
    options = parser.parse_args()
    aim = Aim(options)
    write(options.file, (KINDS[options.kind](aim) for _ in range(FRAMES)))


if __name__ == "__main__":
    main()
