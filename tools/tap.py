"""Reading the Test Anything Protocol (testanything.org), as cmocka and the scripts in tests/ print it."""

import re

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"

_PLAN = re.compile(r"^1\.\.(\d+)\s*(#\s*skip\b\s*(.*))?$", re.IGNORECASE)
_CASE = re.compile(r"^(not )?ok\b\s*(\d+)?\s*(?:- )?\s*(.*)$")
_SKIP = re.compile(r"#\s*skip\S*\s*(.*)$", re.IGNORECASE)
_BAIL = re.compile(r"^Bail out!\s*(.*)$", re.IGNORECASE)


class Case:
    """One case: its name, what became of it, and why if it did not pass."""

    def __init__(self, name, outcome, reason=""):
        self.name, self.outcome, self.reason = name, outcome, reason

    def __repr__(self):
        return f"Case({self.name!r}, {self.outcome}, {self.reason!r})"


def _read_case(match):
    name = match.group(3)
    skip = _SKIP.search(name)
    if skip:  # cmocka 1.1.5 says "not ok 2 # SKIP name"; others "ok 2 - name # SKIP reason"
        before = name[: skip.start()].strip()
        return Case(before or skip.group(1), SKIPPED, skip.group(1))
    return Case(name, FAILED if match.group(1) else PASSED)


def _read_lines(text):
    """The cases, the number of cases promised (None: no plan), and why it stopped or was skipped."""
    cases, planned, bail, skip_all = [], None, None, None
    for line in text.splitlines():
        plan, case, bailed = _PLAN.match(line), _CASE.match(line), _BAIL.match(line)
        if plan:  # a cmocka program prints one plan for each of its groups
            planned = (planned or 0) + int(plan.group(1))
            skip_all = plan.group(3) if plan.group(2) else skip_all
        elif case:
            cases.append(_read_case(case))
        elif bailed:
            bail = bailed.group(1) or "no reason given"
    return cases, planned, bail, skip_all


def judge(name, text, exit_status, timed_out=None):
    """The cases of one program, from its output and exit status (negative: a signal's number).

    What the cases do not tell becomes a failed case called `name`: a crash, a timeout, cases promised
    and not run, an exit status that contradicts. A program without TAP is one case: status 0 passed, 77
    skipped, else failed.
    """
    cases, planned, bail, skip_all = _read_lines(text)
    failed = any(case.outcome == FAILED for case in cases)
    if timed_out is not None:
        return cases + [Case(name, FAILED, f"still running after {timed_out} seconds")]
    if exit_status < 0:
        return cases + [Case(name, FAILED, f"killed by signal {-exit_status}")]
    if bail is not None:
        return cases + [Case(name, FAILED, f"bailed out: {bail}")]
    if planned is None and not cases:
        outcome = {0: PASSED, 77: SKIPPED}.get(exit_status, FAILED)
        return [Case(name, outcome, "" if exit_status == 0 else f"exit status {exit_status}")]
    if planned == 0 and not cases and exit_status == 0:
        return [Case(name, SKIPPED, skip_all or "no reason given")]
    if planned is None:
        return cases + [Case(name, FAILED, "printed no plan (1..N)")]
    if planned != len(cases):
        return cases + [Case(name, FAILED, f"promised {planned} cases, ran {len(cases)}")]
    if exit_status != 0 and not failed:
        return cases + [Case(name, FAILED, f"every case passed, but exit status {exit_status}")]
    return cases
