#!/usr/bin/env python3
"""Asks every pair given on standard input and prints what answered; a scanner to test the lab with.

usage: ask.py INTERFACE SOURCE ROUTER_MAC [--corrupt] [--wait SECONDS] < pairs > answers

Lines in and out have the form of `sim truth`: STATE CLASS PORT ADDRESS; the state of the input is
not looked at. Classes are those of sim and `arp`. Every byte of a reply is checked here that can
be, independently of the C code: sums, addresses, ports, cookies, quotes. What was counted goes to
standard error as JSON. --corrupt flips a bit of every checksum sent.
"""

import argparse
import ipaddress
import json
import select
import socket
import struct
import sys
import time

ETH_P_ALL, ETH_P_IP, ETH_P_ARP = 3, 0x0800, 0x0806
ICMP, TCP, UDP, SCTP = 1, 6, 17, 132
PORT = 61000


def inet_sum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def cookie(address, port):
    return (address * 2654435761 + port * 40503 + 12345) & 0xFFFFFFFF


def pseudo(source, dest, protocol, body):
    return source + dest + struct.pack("!BBH", 0, protocol, len(body))


class Asker:
    def __init__(self, args):
        self.args = args
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
        self.socket.setsockopt(263, 23, 1)  # SOL_PACKET, PACKET_IGNORE_OUTGOING
        self.socket.bind((args.interface, 0))
        self.socket.setblocking(False)
        self.mac = self.socket.getsockname()[4]
        self.router = bytes.fromhex(args.router_mac.replace(":", ""))
        self.source = socket.inet_aton(args.source)
        self.order = {}  # (class, port, address) -> when it was sent
        self.states = {}
        self.counts = {"sent": 0, "valid": 0, "repeated": 0, "forged": 0, "overtaken": 0}
        self.latest = -1

    # ---- out ----

    def ip(self, dest, protocol, body):
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 7, 0, 64, protocol, 0,
                           self.source, dest)
        head = head[:10] + struct.pack("!H", inet_sum(head)) + head[12:]
        return self.router + self.mac + struct.pack("!H", ETH_P_IP) + head + body

    def flip(self, sum_):
        return sum_ ^ 4 if self.args.corrupt else sum_

    def tcp(self, dest, port, value):
        head = struct.pack("!HHIIBBHHH", PORT, port, value, 0, 5 << 4, 2, 1024, 0, 0)
        sum_ = self.flip(inet_sum(pseudo(self.source, dest, TCP, head) + head))
        return self.ip(dest, TCP, head[:16] + struct.pack("!H", sum_) + head[18:])

    def udp(self, dest, port, value):
        # Of odd and of even length, and empty.
        data = struct.pack("!I", value)[: value % 4] + b"x" * (value % 2)
        head = struct.pack("!HHHH", PORT, port, 8 + len(data), 0) + data
        sum_ = self.flip(inet_sum(pseudo(self.source, dest, UDP, head) + head) or 0xFFFF)
        return self.ip(dest, UDP, head[:6] + struct.pack("!H", sum_) + head[8:])

    def icmp(self, dest, port, value):
        kind = 13 if port == 1 else 8
        body = struct.pack("!BBHI", kind, 0, 0, value) + b"a" * (12 if port == 1 else 5)
        sum_ = self.flip(inet_sum(body))
        return self.ip(dest, ICMP, body[:2] + struct.pack("!H", sum_) + body[4:])

    def sctp(self, dest, port, value):
        body = struct.pack("!HHII", PORT, port, 0, 0)
        body += struct.pack("!BBHIIHHI", 1, 0, 20, value | 1, 65536, 10, 10, value)
        body = body[:8] + struct.pack("<I", self.flip(crc32c(body))) + body[12:]
        return self.ip(dest, SCTP, body)

    def ip_proto(self, dest, port, value):
        return self.ip(dest, port, b"" if port in (ICMP, TCP, UDP, SCTP) else b"hello")

    def arp(self, dest, port, value):
        body = struct.pack("!HHBBH6s4s6s4s", 1, ETH_P_IP, 6, 4, 1, self.mac, self.source,
                           bytes(6), dest)
        return b"\xff" * 6 + self.mac + struct.pack("!H", ETH_P_ARP) + body

    def ask(self, class_, port, address):
        build = {"tcp": self.tcp, "udp": self.udp, "icmp": self.icmp, "sctp": self.sctp,
                 "ip": self.ip_proto, "arp": self.arp}[class_]
        number = int(ipaddress.IPv4Address(address))
        self.order[class_, port, address] = self.counts["sent"]
        self.counts["sent"] += 1
        self.socket.send(build(socket.inet_aton(address), port, cookie(number, port)))

    # ---- in ----

    def found(self, state, class_, port, address):
        """One proven answer."""
        key = class_, port, address
        if key not in self.order or self.states.get(key, state) != state:
            return False
        self.counts["repeated" if key in self.states else "valid"] += 1
        self.states[key] = state
        self.counts["overtaken"] += self.order[key] < self.latest
        self.latest = max(self.latest, self.order[key])
        return True

    def see_tcp(self, source, body):
        sport, dport, _, ack, _, flags = struct.unpack("!HHIIBB", body[:14])
        number = int(ipaddress.IPv4Address(source))
        if inet_sum(pseudo(socket.inet_aton(source), self.source, TCP, body) + body) or dport != PORT:
            return False
        if ack != (cookie(number, sport) + 1) & 0xFFFFFFFF or flags not in (0x12, 0x14):
            return False
        return self.found("open" if flags == 0x12 else "closed", "tcp", sport, source)

    def see_udp(self, source, body):
        sport, dport, length, _ = struct.unpack("!HHHH", body[:8])
        if inet_sum(pseudo(socket.inet_aton(source), self.source, UDP, body) + body):
            return False
        return dport == PORT and length == len(body) > 8 and self.found("open", "udp", sport, source)

    def see_sctp(self, source, body):
        sport, dport, tag, sum_ = struct.unpack("!HHI", body[:8]) + struct.unpack("<I", body[8:12])
        kind, _, length = struct.unpack("!BBH", body[12:16])
        number = int(ipaddress.IPv4Address(source))
        if sum_ != crc32c(body[:8] + bytes(4) + body[12:]) or length != len(body) - 12:
            return False
        if dport != PORT or tag != cookie(number, sport) | 1 or kind not in (2, 6):
            return False
        return self.found("open" if kind == 2 else "closed", "sctp", sport, source)

    def see_quote(self, source, code, quote):
        """An ICMP error must quote the very packet that was sent."""
        protocol, dest = quote[9], socket.inet_ntoa(quote[16:20])
        number = int(ipaddress.IPv4Address(dest))
        if dest != source or quote[12:16] != self.source:
            return False
        if code == 2:
            return self.found("closed", "ip", protocol, source)
        sport, dport, length = struct.unpack("!HHH", quote[20:26])
        expected = self.udp(quote[16:20], dport, cookie(number, dport))[14:42]
        return code == 3 and quote[:28] == expected and self.found("closed", "udp", dport, source)

    def see_icmp(self, source, body):
        kind, code, _, value = struct.unpack("!BBHI", body[:8])
        number = int(ipaddress.IPv4Address(source))
        if inet_sum(body):
            return False
        if kind == 3:
            return self.see_quote(source, code, body[8:])
        port = {0: 0, 14: 1}.get(kind)
        return port is not None and value == cookie(number, port) and self.found(
            "open", "icmp", port, source)

    def see_arp(self, frame):
        operation, _, address = struct.unpack("!H6s4s", frame[20:32])
        if ("arp", 0, socket.inet_ntoa(address)) not in self.order:
            return True  # the kernel asked
        return operation == 2 and self.found("open", "arp", 0, socket.inet_ntoa(address))

    def see(self, frame):
        kind = struct.unpack("!H", frame[12:14])[0]
        if kind == ETH_P_ARP and frame[20:22] == b"\0\2":
            return self.see_arp(frame)
        if kind != ETH_P_IP:
            return True
        length, protocol = struct.unpack("!H", frame[16:18])[0], frame[23]
        source, body = socket.inet_ntoa(frame[26:30]), frame[34 : 14 + length]
        if inet_sum(frame[14:34]) or frame[30:34] != self.source:
            return False
        if ("ip", protocol, source) in self.order and (not body or body == b"hello"):
            return self.found("open", "ip", protocol, source)
        see = {TCP: self.see_tcp, UDP: self.see_udp, ICMP: self.see_icmp, SCTP: self.see_sctp}
        return protocol in see and see[protocol](source, body)

    def drain(self, seconds):
        end = time.monotonic() + seconds
        while select.select([self.socket], [], [], max(0, end - time.monotonic()))[0]:
            if not self.see(self.socket.recv(2048)):
                self.counts["forged"] += 1

    def run(self):
        pairs = [line.split()[1:4] for line in sys.stdin]
        for i, (class_, port, address) in enumerate(pairs):
            self.ask(class_, int(port), address)
            if i % 32 == 0:
                self.drain(0)
        self.drain(self.args.wait)
        for class_, port, address in pairs:
            print(self.states.get((class_, int(port), address), "silent"), class_, port, address)
        print(json.dumps(self.counts), file=sys.stderr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("interface")
    parser.add_argument("source")
    parser.add_argument("router_mac")
    parser.add_argument("--corrupt", action="store_true")
    parser.add_argument("--wait", type=float, default=0.3)
    Asker(parser.parse_args()).run()


if __name__ == "__main__":
    main()
