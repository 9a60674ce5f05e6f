"""Existing rows get today's keys and search text by a migration, in batches and in all workspaces."""

import datetime
import unicodedata
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import translation

from crm import backfill
from crm.models import Company, Opportunity, Person, Stage, Tag
from crud import values
from crud.search import digits, normalized
from workspaces import wall
from workspaces.audit import sync
from workspaces.scope import activate

from . import make

LABELED = {"company": ("city", "state"), "person": ("email", "title"), "opportunity": ()}
TYPED = {Company: "aero lodz sondag", Person: "isil o'brien grosse", Opportunity: "a-b"}
OPPORTUNITY = {
    "dates": ("close_date", "expected_close"),
    "respelled": (backfill.spell_win_percent,),
    "related": ("status",),
}


def migrate(*functions):
    """Run functions of RunPython as `migrate` does, on models as migrations know them."""
    apps = MigrationExecutor(connection).loader.project_state().apps
    if connection.vendor == "postgresql":  # the test wrote its rows in the same transaction
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with activate(None), translation.override(None):  # no language, as in commands that migrate
        for prepare in (wall.prepare, sync.clear_the_way):
            prepare(using="default", plan=["a migration"])
        try:
            for function in functions:
                function(apps, SimpleNamespace(connection=connection))
        finally:
            for build in (wall.build, sync.sync):
                build(using="default")


def migrate_records():
    migrate(
        backfill.rewrite_records("crm", "company", labeled=LABELED["company"]),
        backfill.rewrite_records("crm", "person", labeled=LABELED["person"]),
        backfill.rewrite_records("crm", "opportunity", **OPPORTUNITY),
    )


def old_normalized(text):
    """The normalization that search text and keys were made by before."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(ch for ch in parts if not unicodedata.combining(ch)).casefold()


def make_old(row):
    """Give a row the keys and the search text that it had before."""
    shown = [name for name in row.searched if name not in ("tags", "win_percent")]
    texts = [values.text(row, name) for name in shown]
    if isinstance(row, Opportunity):
        texts.append(str(row.win_percent))  # as it is stored, also once it is closed
    texts += [str(tag) for tag in values.many(row, "tags")] if "tags" in row.searched else []
    if isinstance(row, Company):
        texts += row.people.values_list("name", flat=True)
    parts = [part for text in texts for part in (text, digits(text)) if part]
    text = old_normalized("\n".join(dict.fromkeys(parts)))
    type(row).objects.filter(pk=row.pk).update(search_text=text, name_key=old_normalized(row.name))


def set_up():
    place = {"city": "Łódź", "state": "Łódzkie", "work_phone": "+48 (0) 42 10-20"}
    company = make.company(name="Ærø Søndag ‘A/S’", **place)
    text = {"description": "Speaks German.\nLikes roofs."}
    text |= {"email": "Isil@Example.org", "title": "Größe\u200b"}
    person = make.person(name="Işıl O’Brien", company=company, **text)
    sale = {"contact": person, "close_date": datetime.date(2026, 5, 31), "win_percent": 35}
    deal = make.opportunity(name="Dach – “Süd”", company=company, **sale)
    deal.tags.add("A–B")
    closed = [make.opportunity(kind, name=f"Dach {kind}", win_percent=35) for kind in ("won", "lost")]
    return [company, person, deal, *closed]


def test_rows_of_all_workspaces_get_the_text_and_keys_that_saving_gives(
    workspace, other_workspace, monkeypatch
):
    monkeypatch.setattr(backfill, "BATCH_SIZE", 4)
    for place in (workspace, other_workspace):
        with activate(place):
            for row in [*set_up(), *set_up(), *set_up()]:
                make_old(row)
    migrate_records()
    migrate_records()  # which may have to be run again, and then changes nothing
    for place in (workspace, other_workspace):
        with activate(place):
            for model, typed in TYPED.items():
                assert model.objects.search(typed).count() == 3
                for row in model.objects.all():
                    assert {*row.search_text.split("\n")} == {*row.made_search_text().split("\n")}
                    assert row.name_key == normalized(row.name)
            assert Opportunity.objects.search("31 May 2026 35%").count() == 3
            assert Person.objects.search('"german. likes"').count() == 3


def test_columns_named_in_migrations_are_those_of_the_models():
    assert {Company: Company.filtered_texts, Person: Person.filtered_texts} == {
        Company: LABELED["company"],
        Person: LABELED["person"],
    }


def test_names_that_are_one_by_now_are_numbered_and_others_keep_apart(workspace, other_workspace):
    names = ["VIP", "V\u200bIP", "vip\u00ad", "O'Brien", "O’Brien", "Schön", "Scho\u200bn", "ハート"]
    for place in (workspace, other_workspace):
        with activate(place):
            for name in names:
                old = {"name": name, "name_key": old_normalized(name)}
                Tag.objects.filter(pk=make.tag().pk).update(**old)
            Stage.objects.create(name="Größe")
    migrate(backfill.rewrite_picklists("crm", "tag", "stage"))
    for place in (workspace, other_workspace):
        with activate(place):
            by_name = {tag.name: tag.name_key for tag in Tag.objects.all()}
            assert {*by_name} == {
                *("VIP", "V\u200bIP (2)", "vip\u00ad (3)", "O'Brien", "O’Brien (2)"),
                *("Schön", "Scho\u200bn", "ハート"),
            }
            assert by_name["Schön"] != by_name["Scho\u200bn"] == "schon"
            for tag in Tag.objects.all():
                tag.full_clean()
                tag.save()  # each has the key that it gets by saving


@pytest.mark.parametrize("before", ["Lukasz\n35\nMay 31, 2026", "", "\x01linz\n\x02\nacme\n"])
def test_rewriting_is_idempotent(before):
    row = SimpleNamespace(city="Linz", state="", day=datetime.date(2026, 5, 31), percent=35)
    row.search_text = before
    options = (("city", "state"), (), ("day",), (lambda row: ("35", "35%"),))
    row.search_text = once = backfill.rewritten_search_text(row, *options)
    assert backfill.rewritten_search_text(row, *options) == once
    assert once.startswith("\x01linz\n\x02\n") and "35%\n" in once and "\n2026-05-31\n" in once
