"""A cache that is down makes pages slower, and nothing else: neither what is read nor what was saved."""

import logging

import pytest
from django.core.cache.backends.base import BaseCache
from django.db import connection
from django.urls import reverse

from crm import report_cache
from crm.models import Company
from crm.tests import factories
from crm.viewsets import COMPANIES, OPPORTUNITIES

MISSING_TABLE = {"BACKEND": "workspaces.accounts.cache_backend.CountingCache", "LOCATION": "no_such_table"}
NOT_INSTALLED = {"BACKEND": "crm.tests.test_cache_down.Unreachable", "LOCATION": ""}
NOT_THERE = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}


class Unreachable(BaseCache):
    """A cache whose server does not answer."""

    def __init__(self, location, params):
        super().__init__(params)

    def refuse(self, *args, **options):
        raise ConnectionError("nobody answers")

    get = get_many = add = set = set_many = touch = delete = clear = refuse


@pytest.fixture(params=[MISSING_TABLE, NOT_INSTALLED, NOT_THERE], ids=["no table", "refused", "no server"])
def no_cache(request, settings):
    settings.CACHES = {"default": request.param}


def test_pages_are_read(sign_in, workspace, no_cache, caplog):
    factories.opportunity(name="Roof")
    client = sign_in(workspace)
    for name in ("crm:dashboard", "recurring:graphs", "crm:chart-by-stage"):
        for _ in range(2):
            assert client.get(reverse(name)).status_code == 200
    assert client.get(OPPORTUNITIES.url("list")).status_code == 200
    assert "the cache failed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_what_was_saved_is_told_as_saved(sign_in, workspace, no_cache, caplog):
    client = sign_in(workspace)
    assert client.post(COMPANIES.url("create"), {"name": "Acme"}).status_code == 302
    assert Company.objects.get().name == "Acme"
    assert "the cache failed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_what_fails_after_the_commit_decides_nothing(sign_in, workspace, monkeypatch, caplog):
    """A cache whose backend cannot even be created."""

    def fail():
        raise RuntimeError("mark")

    client = sign_in(workspace)
    monkeypatch.setattr(report_cache, "new_cache_version", fail)
    with caplog.at_level(logging.ERROR):
        response = client.post(COMPANIES.url("create"), {"name": "Acme"})
    assert response.status_code == 302 and Company.objects.count() == 1
    assert "on_commit" in caplog.text
    assert connection.in_atomic_block is False
