"""Fails any test in which a request repeats a query, as a query for each row does.

The root conftest.py loads it; tests/contract/test_query_counts.py shows that it sees what it should.
"""

import re
import threading
from collections import Counter

import pytest
from django.core.signals import request_finished, request_started
from django.db import connection

MOST = 9  # repetitions; a page may repeat a query in a few places, and lists have at least 25 rows
LISTS = re.compile(r"\((?:%s|\?)(?:, (?:%s|\?))*\)")


def is_the_tests_own():
    """Return True for the test client's queries: live server threads may share a connection."""
    return threading.current_thread() is threading.main_thread()


class Repeats:
    """Counts each request's queries without their parameters; `found` are the repeated ones."""

    def __init__(self):
        self.found, self.asked = {}, None

    def __call__(self, execute, sql, params, is_many, context):
        if is_the_tests_own():
            self.asked[LISTS.sub("(…)", sql)] += 1
        return execute(sql, params, is_many, context)

    def begin(self, **signal):
        if not is_the_tests_own():
            return
        self.asked = Counter()
        connection.execute_wrappers.append(self)

    def end(self, **signal):
        if is_the_tests_own() and self in connection.execute_wrappers:
            connection.execute_wrappers.remove(self)
            self.found |= {sql: times for sql, times in self.asked.items() if times > MOST}


@pytest.fixture(autouse=True)
def repeats():
    """Yield the test's repeated queries; the test fails if there are any."""
    repeats = Repeats()
    request_started.connect(repeats.begin)
    request_finished.connect(repeats.end)
    yield repeats
    request_started.disconnect(repeats.begin)
    request_finished.disconnect(repeats.end)
    assert not repeats.found, "asked for each row, it seems"
