#!/usr/bin/env python3
"""A tarpit as LaBrea is one, for a real network's frames: answers every SYN to an address, on whatever port,
from a window of ten bytes without options, takes no data, and never ends a connection.

    tarpit.py INTERFACE ADDRESS [repeat]

With `repeat` it is another nuisance: the first SYN is answered without end, by the same SYN-ACK. The kernel must not
answer for the address; says "ready" when it listens."""

import socket
import struct
import sys

SYN, RST, ACK = 0x02, 0x04, 0x10
WINDOW, HELD = 10, 0
SO_RCVBUFFORCE = 33


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def reply(frame, flags, sequence, acknowledgement, window):
    """The frame back to where another came from."""
    source, destination = frame[30:34], frame[26:30]
    ports = frame[36:38] + frame[34:36]
    tcp = ports + struct.pack(">IIBBHHH", sequence, acknowledgement & 0xffffffff, 5 << 4, flags, window, 0, 0)
    pseudo = source + destination + struct.pack(">HH", socket.IPPROTO_TCP, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 255, socket.IPPROTO_TCP, 0) + source + destination
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return frame[6:12] + frame[0:6] + b"\x08\0" + ip + tcp


def answer(frame):
    """What a segment gets; None: nothing."""
    sequence, _, offset, flags = struct.unpack(">IIBB", frame[38:48])
    length = struct.unpack(">H", frame[16:18])[0] - 20 - (offset >> 4) * 4
    if flags & RST:
        return None
    if flags & SYN:
        return reply(frame, SYN | ACK, 0x5eed, sequence + 1, WINDOW)
    return reply(frame, ACK, 0x5eed + 1, sequence, HELD) if length > 0 else None


def repeat(wire, frame):
    sequence, = struct.unpack(">I", frame[38:42])
    back = reply(frame, SYN | ACK, 0x5eed, sequence + 1, 64240)
    while True:
        try:
            wire.send(back)
        except OSError:
            pass  # the link is full: so be it


def main(interface, address, manner=None):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    wire.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    wire.bind((interface, 0))
    mine = socket.inet_aton(address)
    print("ready", flush=True)
    while True:
        frame, origin = wire.recvfrom(2048)
        is_ours = origin[2] != socket.PACKET_OUTGOING and len(frame) >= 54
        if is_ours and frame[14] == 0x45 and frame[23] == socket.IPPROTO_TCP and frame[30:34] == mine:
            if manner == "repeat" and frame[47] & SYN:
                repeat(wire, frame)
            back = answer(frame)
            if back is not None:
                wire.send(back)


main(*sys.argv[1:])
