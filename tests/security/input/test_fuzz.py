"""A hundred thousand requests that nobody in their senses makes; none of them breaks anything.

Addresses, the parameters that pages ask for, and the fields of their forms are read from the program; what is
put into them is drawn by lot, by a seed that is printed, so that what breaks can be made to break again.
"""

import os
import random
import re
import time
import traceback
import uuid
from contextlib import contextmanager

import pytest
from django.core.signals import got_request_exception
from django.db import connection, transaction

from tests.security.support.page_forms import Quick
from workspaces.tenancy.urls import reverse_outside

pytestmark = [pytest.mark.security, pytest.mark.usefixtures("quiet")]

POWERS = [2**15, 2**31 - 1, 2**31, 2**63 - 1, 2**63, -(2**63), 10**18, 10**30]
NUMBERS = [-25, -1, 0, 1, 2, 3, 25, 26, 100, 101, *POWERS]
WORDS = """
    none None null me NaN inf -inf 1e5 1.5 1,5 ½ ² １２ ٣ + - -- . , % _ * ? ( [ { " ' \\ \\' ' -- ;--
    true on off asc desc csv all json xlsx up down back 1 yes no new which open won table totals row
    id pk -pk name -name --name name__icontains -search_text workspace_id created_by__user__password
    0001-01-01 0001-01-02 9999-12-30 9999-12-31 10000-01-01 2026-02-30 2026-13-01 2026-1-1 2026-01
    0000-00 9999-99 12:00 2026-01-01T00:00 month year 3m 12 USD EUR XXX usd $12,000 12.000 1.234.567,89 (5)
    70% '||1||' 1;SELECT(1) 1'OR'1'='1 ../../x //x https://evil.example javascript:alert(1) <b> {{7*7}} ${7*7}
    é ß ﬁ İ ı 🙂 👩‍👩‍👧 ا أ \u200b \u202e \ufeff \ufffd \U0010ffff a@b a@b.c @ +1 tel:1 www x.y http://[
""".split()
LONG = [
    "x" * 201,
    "x" * 5_000,
    "🙂" * 300,
    "-" * 300,
    '"' * 299,
    "1" * 400,
    "a " * 400,
    ",".join("abcdefghij" * 9),
    " \r\n\t" * 9,
]
LOOKUPS = [
    "__gt",
    "__in",
    "__isnull",
    "__regex",
    "_min",
    "_max",
    "_after",
    "_before",
    "__company__name",
    "[]",
]
TARGETS = ["", "", "table", "totals", "entries", "preview", "x", "filters"]


class Chance:
    """What is drawn by lot."""

    def __init__(self, seed, names):
        self.random, self.names = random.Random(seed), sorted(names)

    def value(self, known=()):
        draw = self.random.random()
        if draw < 0.3:
            return str(self.random.choice(NUMBERS))
        if draw < 0.75 or not known:
            return self.random.choice(WORDS) if draw < 0.7 else self.random.choice(LONG)
        if draw < 0.8:
            return " ".join(self.random.choices(WORDS, k=3))
        return (
            str(self.random.choice(known))
            if draw < 0.97
            else str(uuid.UUID(int=self.random.getrandbits(128)))
        )

    def name(self, own):
        name = self.random.choice(own if own and self.random.random() < 0.85 else self.names)
        return name + self.random.choice(LOOKUPS) if self.random.random() < 0.08 else name

    def query(self, own):
        results = {}
        for _ in range(self.random.choice([0, 1, 1, 2, 2, 3, 5])):
            results.setdefault(self.name(own), []).extend(
                self.value() for _ in range(self.random.choice([1, 1, 1, 2]))
            )
        return results

    def headers(self):
        target = self.random.choice(TARGETS)
        return {"hx-request": "true", "hx-target": target} if target else {}

    def address(self, address):
        """Mostly as it is; else with another number in it."""
        if self.random.random() < 0.9:
            return address
        return re.sub(r"\d+", lambda _: str(abs(self.random.choice(NUMBERS))), address, count=1)

    def get_typed_text(self, form):
        results = form.filled()
        for item in form.fields:
            draw = self.random.random()
            if draw < 0.3:
                text = self.value(item.options)
                results[item.name] = [text, "a\0b", text + "\0", self.value()][
                    : self.random.choice([1, 1, 1, 2, 4])
                ]
            elif draw < 0.38:
                results.pop(item.name, None)
        results |= dict.fromkeys((name for name, _ in form.buttons if self.random.random() < 0.3), "1")
        return results | (self.query([]) if self.random.random() < 0.1 else {})


def getting(browser, address, own):
    def ask(chance):
        where, query = chance.address(address), chance.query(own)
        return browser.get(where, query, headers=chance.headers()), ("GET", where, query)

    return ask


def posting(browser, form):
    def ask(chance):
        where, typed_text = chance.address(form.action), chance.get_typed_text(form)
        return browser.post(where, typed_text, headers=chance.headers()), ("POST", where, typed_text)

    return ask


@contextmanager
def errors():
    """A list that gets the end of each traceback of the block's requests."""
    results = []

    def hear(**signal):
        results.append("".join(traceback.format_exc(limit=-3)))

    got_request_exception.connect(hear)
    try:
        yield results
    finally:
        got_request_exception.disconnect(hear)


def leads_to_the_sign_in(response):
    return response.headers.get("Location", "").startswith(reverse_outside("account_login"))


def list_failures(ways, chance, number):
    """[(status, request, error)] of what broke.

    Each way is asked once; then those that lead further than to the sign-in, an eighth alike, the rest the
    quicker the oftener.
    """
    results, second_answer, weights = [], [], []

    def ask(way):
        with transaction.atomic(), errors() as raised:
            response, request = way(chance)
            transaction.set_rollback(True)
        if response.status_code >= 500:
            results.append((response.status_code, *request, *raised))
        elif response.streaming:
            b"".join(response)
        return response

    for way in ways[:number]:
        started = time.perf_counter()
        if not leads_to_the_sign_in(ask(way)):
            second_answer.append(way)
            # Not less than a small page takes: or half of all would go to /livez.
            weights.append(max(time.perf_counter() - started, 0.005) ** -2)
    rest = max(number - len(ways), 0)
    slow = chance.random.choices(second_answer, k=rest // 8)
    for way in [*slow, *chance.random.choices(second_answer, weights, k=rest - len(slow))]:
        ask(way)
    return results


def test_nothing_that_is_drawn_by_lot_breaks_anything(site, reach):
    seed = int(os.environ.get("SEED") or 20261122)
    known_values = site.parameters
    chance = Chance(seed, {name for _, _, names in known_values for name in names})
    ways = [getting(site.member, address, names) for _, address, names in known_values]
    ways += [
        getting(browser, address, [])
        for browser in (site.member, site.stranger)
        for _, address in site.addresses
    ]
    ways += [posting(browser, form) for browser, form in site.posted]
    chance.random.shuffle(ways)
    # The two databases share the hundred thousand; PostgreSQL's run has the matrix twice.
    number = reach(350, 80_000 if connection.vendor == "sqlite" else 20_000)
    broken = list_failures(ways, chance, number)
    print(f"{number} requests in {len(ways)} ways by the seed {seed}: {len(broken)} broke something")
    assert not broken, "\n".join(map(repr, broken[:20]))


def test_a_page_that_goes_back_too_far_is_found(quiet, sign_in, workspace, settings):
    """The canary."""
    settings.WORKSPACE_URLCONF = "tests.security.support.planted_defects"
    way = getting(Quick.like(sign_in(workspace)), "/w/acme/planted/pages/", ["page"])
    assert any(status == 500 for status, *_ in list_failures([way], Chance(1, ["page"]), 40))
