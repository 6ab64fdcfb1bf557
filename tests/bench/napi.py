"""Keeps the threads in which a link's NAPI works on a processor of their own.

The scheduler likes to wake such a thread where the frame came from, where it takes turns with the
sender. It is a thread of the kernel, which cannot be seen from the sandbox: so a process outside of
it watches for them."""

import os
import pathlib
import subprocess
import time

INTERVAL = 0.1


def _threads(link):
    for path in pathlib.Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text().startswith(f"napi/{link}-"):
                yield int(path.parent.name)
        except OSError:
            pass  # gone meanwhile


def _pin(thread, processor):
    try:
        if os.sched_getaffinity(thread) != {processor}:
            os.sched_setaffinity(thread, {processor})
    except OSError:
        pass


def _processor():
    return max(os.sched_getaffinity(0))


def elsewhere(command):
    """The command, to be run on the other processors."""
    others = os.sched_getaffinity(0) - {_processor()}
    if not others:
        return command
    return ["taskset", "--cpu-list", ",".join(map(str, sorted(others))), *command]


def in_a_thread(space, link):
    """From now on the kernel works off what arrives by this link in a thread, not behind each frame that is sent there.
    (A veth has a NAPI to do so only with GRO or XDP.)"""
    subprocess.run(["ip", "netns", "exec", space, "sh", "-c", f"echo 1 > /sys/class/net/{link}/threaded"], check=True)


def keep_apart(link, owner):
    """Begins to watch, for as long as the process `owner` (the caller) lives."""
    processor = _processor()
    if os.sched_getaffinity(0) == {processor} or os.fork() != 0:
        return
    while os.getppid() == owner:
        for thread in _threads(link):
            _pin(thread, processor)
        time.sleep(INTERVAL)
    os._exit(0)
