"""Thousands of records are deleted while others save: nobody is refused, and other workspaces go on."""

import threading
import time
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.urls import reverse

from crm.models import Person, Trashed
from crm.viewsets import COMPANIES
from tests.support.server import database_url, served, signed_in
from workspaces.creation import create_workspace
from workspaces.models import Membership, User
from workspaces.tenancy.scope import activate

pytestmark = [pytest.mark.security, pytest.mark.django_db(transaction=True)]


def save(server, browser, path, name, answers):
    headers, token = browser
    began = time.monotonic()
    form = urlencode({"csrfmiddlewaretoken": token, "name": name})
    status = server.ask(path, "POST", form, headers)[0]
    answers.append((status, time.monotonic() - began))


def test_nobody_is_refused_while_the_trash_is_emptied(workspace, tmp_path, reach):
    number = reach(2000, 10_000)
    admin = signed_in(Membership.objects.get().user)
    stranger = User.objects.create_user("other@other.example", name="Other")
    place = create_workspace(stranger, "Other", slug="other")
    Person.objects.bulk_create(Person(name=f"Person {n}", name_key=f"person {n}") for n in range(number))
    Person.objects.all().delete()
    last = Trashed.objects.order_by("-pk")[0].pk
    with activate(place):
        elsewhere = f"{place.get_absolute_url()}crm/companies/new/"
    other_item = signed_in(stranger)
    ours, theirs, emptied = [], [], []
    with served(tmp_path, database_url(tmp_path)) as server:
        headers, token = admin

        def empty():
            began = time.monotonic()
            form = urlencode({"csrfmiddlewaretoken": token, "last": last})
            status = server.ask(reverse_empty, "POST", form, headers)[0]
            emptied.append((status, time.monotonic() - began))

        reverse_empty = reverse("crm:trashed-empty")
        path = COMPANIES.url("create")
        threads = [threading.Thread(target=empty)]
        threads += [
            threading.Thread(target=save, args=(server, admin, path, f"Ours {n}", ours)) for n in range(2)
        ]
        threads += [
            threading.Thread(target=save, args=(server, other_item, elsewhere, f"Theirs {n}", theirs))
            for n in range(3)
        ]
        for thread in threads:
            thread.start()
            time.sleep(0.1)
        for thread in threads:
            thread.join()
    print(f"emptied {number:,}: {emptied}, ours {ours}, theirs {theirs}")
    assert [status for status, _ in [*emptied, *ours, *theirs]] == [302] * 6
    if connection.vendor == "postgresql":
        assert max(seconds for _, seconds in theirs) < max(2, emptied[0][1])
