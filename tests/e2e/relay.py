#!/usr/bin/env python3
"""The wire between two tun or tap devices: what one sends, the other receives.

    relay.py tun|tap NEAR_NAMESPACE FAR_NAMESPACE DEVICE [VLAN]

Makes the device in both namespaces, says "ready", and carries frames until it is killed. With VLAN the wire is
a trunk whose far end is a port of that VLAN: frames from near pass only with its tag, which is taken off; those
from far get it. VLAN:OTHER gives them another one, VLAN:- none.
"""

import ctypes
import fcntl
import os
import select
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_TAP, IFF_NO_PI = 0x400454ca, 1, 2, 0x1000
CLONE_NEWNET = 0x40000000
TPID = b"\x81\x00"


def open_device(namespace, name, kind):
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}", "rb") as entered:
        if libc.setns(entered.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    device = os.open("/dev/net/tun", os.O_RDWR)
    flags = (IFF_TAP if kind == "tap" else IFF_TUN) | IFF_NO_PI
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), flags))
    return device


def untagged(frame, vlan):
    """The frame without its tag; None if it has another one, or none."""
    tag = int.from_bytes(frame[14:16], "big") & 0xfff if frame[12:14] == TPID else None
    return frame[:12] + frame[16:] if tag == vlan else None


def tagged(frame, vlan):
    return frame[:12] + TPID + struct.pack("!H", vlan) + frame[12:] if vlan is not None else frame


def main():
    kind, near_space, far_space, name, *rest = sys.argv[1:]
    ours, _, theirs = (rest[0] if rest else "").partition(":")
    accepted = int(ours) if ours else None
    given = accepted if not theirs else None if theirs == "-" else int(theirs)
    near = open_device(near_space, name, kind)
    far = open_device(far_space, name, kind)
    print("ready", flush=True)
    while True:
        for device in select.select([near, far], [], [])[0]:
            try:
                frame = os.read(device, 70000)
                if device == near:
                    frame = untagged(frame, accepted) if accepted is not None else frame
                elif accepted is not None:
                    frame = tagged(frame, given)
                if frame is not None:
                    os.write(far if device == near else near, frame)
            except OSError:  # one end is down: a frame is lost, as on any wire
                pass


main()
