"""Strings that broke somebody's program, in every text box and every parameter of an address.

What is typed is stored as it was typed, or refused with a sentence beside it. "As it was typed" leaves out
only what a product may: blanks at the ends; in a box of one line, several blanks in a row are one; the ends
of lines are one character; and what a field understands (a phone number, a web address) it stores in the
form that it says itself.
"""

import base64
import json
from collections import Counter, defaultdict
from contextlib import contextmanager
from itertools import cycle, islice

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import QuerySet
from django.db.models.signals import post_save

from crm.forms.fields import TagNamesField
from crm.models import Company, Opportunity, Person, Tag
from crm.tests import factories
from crm.viewsets import PEOPLE
from crud.parsing.keys import make_key
from crud.parsing.text import clean_line
from tests.security.support.hostile_texts import STRINGS
from tests.security.support.page_forms import TEXT, PageForm, Quick, form_on

NAUGHTY = settings.BASE_DIR.parent / "shared/data/naughty_strings/blns.base64.json"
pytestmark = pytest.mark.security
TYPED_ANEW = {"password", "password1", "password2", "oldpassword"}  # never shown again, and stored as a hash
NUMBERS = ("numeric", "decimal")


def strings():
    """Our own and, where it is there, the public collection; as a browser sends them: no half characters."""
    public = json.loads(NAUGHTY.read_text()) if NAUGHTY.exists() else []
    return [*STRINGS, *(base64.b64decode(item).decode("utf-8", "replace") for item in public)]


def texts(form):
    """The names of the form's text boxes."""
    return [item.name for item in form.fields if item.kind in TEXT]


def groups(posted):
    """[[(browser, form)]] of the forms with the same text boxes in one part of the site."""
    results = defaultdict(list)
    for browser, form in posted:
        if texts(form):
            place = form.action.removeprefix("/w/acme").split("/")[1:3]
            results[*place, *sorted(texts(form))].append((browser, form))
    return list(results.values())


def ours(every):
    """The database's part of the strings: the two share them, and SQLite has most of the other requests."""
    is_sqlite = connection.vendor == "sqlite"
    return [text for place, text in enumerate(every) if (place % 5 < 2) == is_sqlite]


@contextmanager
def heard():
    """A list that gets every (model, pk) that is saved in the block; that somebody is here is no answer."""
    saved = []

    def hear(sender, instance, **signal):
        if sender is not Session:
            saved.append((sender, instance.pk))

    post_save.connect(hear)
    try:
        yield saved
    finally:
        post_save.disconnect(hear)


def columns(saved):
    """{(column, text)} of what was saved, as the database has it."""
    results = set()
    for model, pk in dict.fromkeys(saved):
        for row in QuerySet(model).filter(pk=pk).values():
            results |= {(name, value) for name, value in row.items() if isinstance(value, str)}
    return results


def may_be_stored(name, typed):
    """The texts that may stand for what was typed into a field."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")
    results = {lines.strip(), typed.strip(), clean_line(typed)}
    results |= {item.lower() for item in results} if "email" in name or name == "slug" else set()
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if column.name == name and isinstance(column, models.CharField):
                try:
                    results.add(column.clean(clean_line(typed), model()))
                except ValidationError:
                    continue
    return results


def list_misplaced_texts(form, typed, saved):
    """The fields whose text is not stored as it was typed: [(field, typed, what is stored)]."""
    has, results = columns(saved), []
    for item in form.fields:
        text = typed.get(item.name, "")
        if item.name not in typed or not clean_line(text) or item.name in TYPED_ANEW or item.mode in NUMBERS:
            continue
        if item.name == "tags":
            names = {make_key(name) for name in TagNamesField(Tag).clean(text)}
            is_kept = Tag.objects.filter(name_key__in=names).count() == len(names)
        else:
            kept_values = {value for _, value in has}
            is_kept = bool(may_be_stored(item.name, text) & kept_values)
        if not is_kept:
            results.append((item.name, text, sorted({value for name, value in has if name == item.name})))
    return results


def list_form_faults(browser, form, typed):
    """What is wrong with how a form takes what is typed: a list of sentences."""
    plain, refused = form.filled(), {}
    for _attempt in range(4):
        naughty = {name: text for name, text in typed.items() if name not in refused}
        with transaction.atomic(), heard() as saved:
            response = browser.post(form.action, plain | naughty)
            if response.status_code >= 500:
                return [f"{form}: {response.status_code} at {naughty!r}"]
            lost = list_misplaced_texts(form, naughty, saved) if response.status_code == 302 and saved else []
            transaction.set_rollback(True)
        if response.status_code != 200:
            return [f"{form}: {name} {text!r} is stored as {existing!r}" for name, text, existing in lost]
        page = response.content.decode()
        second_answer = form_on(page, form)
        wrong = (second_answer.invalid if second_answer else set()) & naughty.keys()
        if not wrong:
            is_told = any(word in page for word in ("error", "notice", "alert"))
            return [] if is_told else [f"{form}: refused without a word at {naughty!r}"]
        shown_text = {item.name: item.value for item in second_answer.fields}
        for name in second_answer.invalid - TYPED_ANEW:
            if name in naughty and clean_line(shown_text[name]) != clean_line(naughty[name]):
                return [f"{form}: {name} {naughty[name]!r} was typed, {shown_text[name]!r} is shown"]
        refused |= dict.fromkeys(wrong)
    return []


def test_what_is_typed_is_stored_as_typed_or_refused_with_a_sentence(site, reach):
    all_items, count, wrong = ours(strings()), 0, []
    for place, group in enumerate(groups(site.posted)):
        sample = all_items[place % (step := reach(61, 1)) :: step]
        for number, (_, (browser, form)) in enumerate(zip(sample, cycle(group), strict=False)):
            # Each box gets each of the strings, but no two the same one at once.
            turn = {name: sample[(number + box * 5) % len(sample)] for box, name in enumerate(texts(form))}
            wrong += list_form_faults(browser, form, turn)
            count += 1
    print(f"{count} forms filled in, {len(wrong)} wrong")
    assert not wrong, "\n".join(wrong[:20])


def turns(parameters, every):
    """(address, query) of so many requests that each parameter takes each string on some of its pages."""
    pages = Counter(name for _, _, names in parameters for name in names)
    walks = {name: islice(cycle(every), place, None) for place, name in enumerate(pages)}
    for _, address, names in parameters:
        for _ in range(-(-len(every) // min(pages[name] for name in names))):
            yield address, {name: next(walks[name]) for name in names}


def test_a_string_in_an_address_breaks_nothing(site, reach):
    results, count = [], 0
    for address, query in islice(turns(site.parameters, ours(strings())), 0, None, reach(40, 1)):
        with transaction.atomic():
            status = site.member.get(address, query).status_code
            transaction.set_rollback(True)
        results += [(address, status, query)] if status >= 500 else []
        count += 1
    print(f"{count} addresses asked, {len(results)} broke something")
    assert results == []


def test_a_string_is_searched_for_and_finds_what_has_it(workspace, reach):
    factories.opportunity(company=factories.company(), contact=factories.person())
    for number, typed_text in enumerate(ours(strings())[:: reach(6, 1)]):
        model = (Opportunity, Company, Person)[number % 3]
        assert model.objects.search(typed_text).count() in (0, 1), typed_text


def test_a_string_stored_as_another_one_is_seen(sign_in, workspace, quiet, monkeypatch):
    """The canary: a kind that quietly cuts what it takes."""
    client, address = Quick.like(sign_in(workspace)), PEOPLE.url("create")
    page = client.get(address).content.decode()
    form, typed_text = form_on(page, PageForm(address, "post")), {"name": "Zoë “Zo” O’Hara <b>"}
    assert list_form_faults(client, form, typed_text) == []
    saves = Person.save

    def cuts(row, **options):
        row.name = row.name[:8]
        saves(row, **options)

    monkeypatch.setattr(Person, "save", cuts)
    assert list_form_faults(client, form, typed_text)
