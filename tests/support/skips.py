"""Pytest plugin that reports skips by reason, and fails the run on unexpected reasons.

The root conftest.py loads it for all tests.
"""

from collections import Counter

import pytest

# Tests that only one of the two databases can run.
OTHER_DATABASE = {
    "PostgreSQL's include what they are to",
    "in memory there is one connection, and no race",
    "SQLite has no roles",
    "SQLite has no policies",
    "SQLite writes one transaction at a time anyway",
    "SQLite has one wall for what is read",
    "SQLite is in no pool",
    "SQLite has its own",
    "PostgreSQL has its own",
    "PostgreSQL has policies, and keys",
    "looked at on SQLite",
    "the same on PostgreSQL",
}
# Programs that a machine may lack. Data is never missing: tests generate it or have it beside them, and take
# what is in ../shared in addition, where that is there.
MISSING = {
    "there is no nginx",
    "there is no pg_dump",
    "pgbouncer is not installed",
}


class Skips:
    """Counts skipped tests by reason."""

    def __init__(self):
        self.reasons = Counter()

    def pytest_runtest_logreport(self, report):
        if report.skipped and not hasattr(report, "wasxfail"):
            self.reasons[reason_of(report)] += 1

    @property
    def unexpected(self):
        return [reason for reason in self.reasons if not is_expected(reason)]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        if self.unexpected and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        if self.reasons:
            terminalreporter.section("skipped")
        for reason, count in self.reasons.most_common():
            mark = "" if is_expected(reason) else "   NOT EXPECTED (see tests/support/skips.py)"
            terminalreporter.write_line(f"{count:4} {reason}{mark}")


def reason_of(report):
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def is_expected(reason):
    return reason in OTHER_DATABASE or reason.startswith(tuple(MISSING))


def pytest_configure(config):
    config.pluginmanager.register(Skips(), "skips")
