"""The frame of an end-to-end test: cases that print TAP, and masscan run as a user runs it."""

import os
import subprocess
import sys
import tempfile
import traceback

MASSCAN = os.environ.get("MASSCAN", "build/masscan")
SANITIZED = bool(os.environ.get("MASSCAN_SANITIZED"))
DEEP = bool(os.environ.get("MASSCAN_DEEP"))  # time does not matter: try all there is

_cases = []


def case(function):
    """Marks a function as a test case; its docstring is the case's name."""
    _cases.append(function)
    return function


def check(condition, *details):
    if not condition:
        raise AssertionError(" ".join(str(d) for d in details))


def equal(got, wanted, what=""):
    check(got == wanted, what, "got", repr(got)[:2000], "wanted", repr(wanted)[:2000])


def run_cases():
    """Runs all cases (or those whose function is named as argument), prints TAP, and exits."""
    cases = [function for function in _cases if function.__name__ in sys.argv[1:] or len(sys.argv) == 1]
    print(f"1..{len(cases)}")
    failed = 0
    for number, function in enumerate(cases, 1):
        name = (function.__doc__ or function.__name__).strip()
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Exception:  # whatever goes wrong is this case's failure
            failed += 1
            print(f"not ok {number} - {name}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
    sys.exit(1 if failed else 0)


def masscan(*arguments, status=0, timeout=60, **options):
    """Runs masscan to its end and checks its exit status; None accepts any."""
    command = [MASSCAN, *[str(a) for a in arguments]]
    done = subprocess.run(command, capture_output=True, timeout=timeout, stdin=subprocess.DEVNULL,
                          **options)
    if status is not None:
        check(done.returncode == status, "exit status", done.returncode, "not", status, "of",
              " ".join(command)[:500], "\n", done.stderr.decode(errors="replace")[-3000:])
    return done


def scratch():
    """A folder for this test's files; removed by the runner."""
    return tempfile.mkdtemp()
