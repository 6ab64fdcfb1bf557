"""Faults: calls of the C library that fail under masscan, by the library of tests/faults/shim.c.

A scenario is run once to learn which functions it calls, how often, and from which places; then again for
each fault that follows from that."""

import errno
import os
import pathlib
import random
import re

from tap import MASSCAN, check

_SHIM = pathlib.Path(MASSCAN).resolve().parent / "tests/faults/libfaults.so"
SHORT = 0  # no error: the call does half of what it was asked for

# With which errors a function may fail; one that is not here fails with EIO.
_MEMORY, _PATH = (errno.ENOMEM,), (errno.EACCES, errno.EIO)
_OPEN = (errno.EMFILE, errno.EACCES, errno.ENOSPC)
_READ = (errno.EIO, errno.EINTR, SHORT)
_WRITE = (errno.ENOSPC, errno.EIO, errno.EPIPE, errno.EINTR, errno.EAGAIN, SHORT)
_MOVE = (errno.EPERM, errno.ENOSPC, errno.EIO)
_SEND = (errno.ENOBUFS, errno.EAGAIN, errno.EINTR, errno.ENETDOWN)
ERRORS = {
    "malloc": _MEMORY, "calloc": _MEMORY, "realloc": _MEMORY, "reallocarray": _MEMORY, "aligned_alloc": _MEMORY,
    "mmap": _MEMORY, "mmap64": (errno.ENOMEM, errno.EPERM), "munmap": _MEMORY, "madvise": (errno.EINVAL,),
    "open": _OPEN, "open64": _OPEN, "openat": _OPEN, "fopen": _OPEN, "fopen64": _OPEN,
    "mkstemp64": _OPEN, "mkostemp64": _OPEN, "dup": (errno.EMFILE,), "fdopen": _MEMORY,
    "read": _READ, "pread": _READ, "pread64": _READ, "fread": (errno.EIO,), "__getdelim": (errno.EIO, errno.ENOMEM),
    "write": _WRITE, "pwrite64": _WRITE, "pwrite": _WRITE, "fwrite": (errno.ENOSPC, errno.EPIPE),
    "pwritev2": (errno.ENOSPC, errno.EOPNOTSUPP), "pwritev64v2": (errno.ENOSPC, errno.EOPNOTSUPP, errno.EINTR),
    "sendfile64": (errno.ENOSPC, errno.EIO, errno.EINVAL, errno.EINTR, SHORT),
    "fallocate64": (errno.ENOSPC, errno.EOPNOTSUPP), "ftruncate64": (errno.EIO, errno.EINTR),
    "fsync": (errno.EIO, errno.ENOSPC), "fdatasync": (errno.EIO, errno.ENOSPC),
    "rename": _MOVE, "renameat2": (*_MOVE, errno.EINVAL), "link": _MOVE, "unlink": _PATH,
    "stat": _PATH, "stat64": _PATH, "lstat64": _PATH, "access": _PATH, "faccessat": _PATH, "fstat64": (errno.EIO,),
    "socket": (errno.EMFILE, errno.EPERM, errno.EAFNOSUPPORT), "bind": (errno.EADDRINUSE, errno.EPERM),
    "setsockopt": (errno.EPERM, errno.ENOPROTOOPT, errno.ENOMEM), "getsockopt": (errno.ENOPROTOOPT,),
    "ioctl": (errno.EPERM, errno.ENODEV), "sendto": _SEND, "sendmsg": (errno.ENOBUFS, errno.EINTR),
    "sendmmsg": (*_SEND, SHORT), "recvfrom": (errno.EAGAIN, errno.EINTR, errno.ENETDOWN),
    "recvmsg": (errno.ENOBUFS, errno.EINTR), "poll": (errno.EINTR, errno.ENOMEM),
    "ppoll": (errno.EINTR, errno.ENOMEM), "nanosleep": (errno.EINTR,), "clock_nanosleep": (errno.EINTR,),
    "pthread_create": (errno.EAGAIN, errno.EPERM), "getrandom": (errno.ENOSYS, errno.EINTR),
    "signalfd": (errno.EMFILE,), "sigprocmask": (errno.EINVAL,), "capset": (errno.EPERM,),
    "prctl": (errno.EPERM, errno.EINVAL), "syscall": (errno.EPERM, errno.ENOMEM),
    "setrlimit64": (errno.EPERM,), "getrlimit64": (errno.EPERM,),
    "sched_getaffinity": (errno.EINVAL,), "sched_setaffinity": (errno.EINVAL,),
    "tcgetattr": (errno.ENOTTY,), "tcsetattr": (errno.EIO,),
}
# What comes and goes, and must not stop anybody however often it does.
PASSING = {name: [error for error in errors if error in (errno.EINTR, errno.EAGAIN, SHORT)]
           for name, errors in ERRORS.items()
           if name in ("read", "write", "pread64", "sendfile64", "poll", "ppoll", "nanosleep", "clock_nanosleep")}
PASSING |= {name: [errno.ENOBUFS, errno.EAGAIN, errno.EINTR] for name in ("sendto", "sendmmsg")}


class Fault:
    """The `first` call of a function fails, and one of `every` after it."""

    def __init__(self, call, error, first, every=0):
        self.call, self.error, self.first, self.every = call, error, first, every

    def __str__(self):
        name = errno.errorcode.get(self.error, "short")
        return f"{self.call}:{name}:{self.first}" + (f":{self.every}" if self.every else "")

    def environment(self, log):
        text = f"{self.call}:{self.error}:{self.first}" + (f":{self.every}" if self.every else "")
        return environment(FAULTS=text, FAULTS_LOG=log)


def environment(**settings):
    """The assignments (of env(1)) under which a program runs with the library."""
    preload = [str(_SHIM)]
    check(_SHIM.exists(), _SHIM, "is not built")
    if os.environ.get("MASSCAN_SANITIZED") == "asan":  # its runtime wants to be the first
        preload.insert(0, "libasan.so.8")
    return ["env", f"LD_PRELOAD={' '.join(preload)}", *[f"{name}={value}" for name, value in settings.items()]]


def learning(log):
    """The same for a run that fails nowhere and tells all that it calls."""
    return environment(FAULTS_LOG=log, FAULTS_PLACES="1")


def read_log(log):
    """({function: number of calls}, {function: the first call from each place}, faults that happened)."""
    text = pathlib.Path(log).read_text() if os.path.exists(log) else ""
    rows = re.findall(r"^(\w+) (\w+) (\d+)$", text, re.MULTILINE)
    counts = {name: int(number) for kind, name, number in rows if kind == "calls"}
    places = {}
    for kind, name, number in rows:
        if kind == "place":
            places.setdefault(name, []).append(int(number))
    return counts, places, sum(kind == "fault" for kind, _, _ in rows)


def each_place(places):
    """A fault for each place and error."""
    return [Fault(name, error, first) for name in sorted(places) for first in sorted(places[name])
            for error in ERRORS.get(name, (errno.EIO,))]


def each_call(counts, most):
    """A fault for each of the calls and errors; of more than `most` calls of a function, so many, spread."""
    return [Fault(name, error, first) for name in sorted(counts)
            for first in spread(range(1, counts[name] + 1), most)
            for error in ERRORS.get(name, (errno.EIO,))]


def storms(counts, steps):
    """What passes, on one of so many calls."""
    return [Fault(name, error, 1, every) for name in sorted(counts) if name in PASSING
            for error in PASSING[name] for every in steps]


def spread(items, most):
    """At most so many of the items, chosen evenly; which ones is for chance to say, by the present seed."""
    if len(items) <= most:
        return list(items)
    step = len(items) / most
    start = random.uniform(0, step)
    return [items[int(start + i * step)] for i in range(most)]
