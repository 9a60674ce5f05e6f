"""python -m bench.fastpath: CPU time of a page with and without each fast path.

Both ways take turns in one process, so that a busy machine slows both; the medians are compared.
"""

import itertools
import os
import statistics
import time
from collections import defaultdict
from unittest import mock

ROUNDS = 60
ROWS = 1_000
LIST, FORM, DASHBOARD = "crm/opportunities/", "crm/companies/new/", "crm/"
# {fast path: (module that reads the setting, pages)}
FAST_PATHS = {
    "compiled queries": ("crud.fastpath.compiled_queries", [LIST, "crm/opportunities/7/", DASHBOARD]),
    "row template": ("crud.fastpath.row_template", [LIST, f"{LIST}?per_page=100"]),
    "select options": ("crud.fastpath.select_options", [FORM]),
    "cached URLs": ("crud.urls", ["crm/opportunities/7/", DASHBOARD]),  # the row template needs them
    "cells made once": ("crud.tables", [LIST, f"{LIST}?per_page=100"]),
    "id list as one parameter": ("crud.db.expressions", [f"{LIST}?q=a"]),
    "win percent as one expression": ("crm.db.exact_sum", [LIST]),
    "reference cache": ("workspaces.tenancy.scope", [LIST, FORM]),
    "report cache": ("crm.report_cache", [DASHBOARD]),
}
ALL_PAGES = [LIST, f"{LIST}?per_page=100", f"{LIST}?q=a", "crm/opportunities/7/", FORM, DASHBOARD]


class SettingsOf:
    """Proxy of Django's settings for one module, with its own value of FASTPATH."""

    def __init__(self, is_enabled):
        self.FASTPATH = is_enabled

    def __getattr__(self, name):
        from django.conf import settings

        return getattr(settings, name)


def measure(client, url, modules):
    """Return (ms, ms): a page's median CPU time with and without these modules' fast paths."""
    times = {True: [], False: []}
    for number in range(2 * ROUNDS + 6):
        is_enabled = number % 2 == 0
        patches = [mock.patch(f"{module}.settings", SettingsOf(is_enabled)) for module in modules]
        for patch in patches:
            patch.start()
        begun = time.process_time()
        response = client.get(f"/w/bench/{url}")
        times[is_enabled].append((time.process_time() - begun) * 1000)
        for patch in patches:
            patch.stop()
        if response.status_code != 200:
            raise RuntimeError(f"{url} answered {response.status_code}")
    return tuple(statistics.median(times[is_enabled][3:]) for is_enabled in (True, False))


def create_filled_workspace():
    """Create a workspace of ROWS opportunities. Return a client that is signed in to it."""
    from django.test import Client

    from bench.workspaces import BenchWorkspace
    from crm.models import Company, Opportunity, Person, Tag
    from workspaces.creation import create_workspace
    from workspaces.models import User
    from workspaces.tenancy.scope import activate

    user = User.objects.create_user("bench@socius.example", name="Bench Warmer")
    with activate(create_workspace(user, "Bench", slug="bench"), memo={}):
        rows_by_model = defaultdict(list)
        for row in BenchWorkspace(defaultdict(lambda: itertools.count(1)), "fastpath", ROWS).rows():
            rows_by_model[type(row)].append(row)
        for model in [Tag, Company, Person, Opportunity, *rows_by_model]:
            model.objects.bulk_create(rows_by_model.pop(model, ()))
    client = Client()
    client.force_login(user)
    return client


def main():
    os.environ |= {"DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "socius.settings"}
    import django
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment(debug=False)
    call_command("migrate", verbosity=0)
    client = create_filled_workspace()
    all_modules = [module for module, _ in FAST_PATHS.values()]
    for name, modules, urls in [
        *((name, [module], urls) for name, (module, urls) in FAST_PATHS.items()),
        ("all of them", all_modules, ALL_PAGES),
    ]:
        for url in urls:
            fast, plain = measure(client, url, modules)
            print(f"{name:30} {url:30} {plain:7.1f} → {fast:6.1f} ms   × {plain / fast:.2f}", flush=True)


if __name__ == "__main__":
    main()
