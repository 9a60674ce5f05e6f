"""The Settings tab: what a workspace sets up, each kind by its pages."""

import re
import uuid
from collections import Counter

import pytest
from django.urls import reverse

from crm.models import Color, Stage, Tag
from crm.picklists.forms import least_used_color
from crm.picklists.index_view import settings_index
from crm.tests import factories
from crm.tests.picklists import entry, fill_fields, texts, using
from crm.viewsets import CONTACT_TYPES, SETTINGS, SOURCES, STAGES, TAGS
from crud.parsing.keys import make_key
from workspaces.tenancy.scope import activate

EACH = pytest.mark.parametrize("viewset", SETTINGS, ids=lambda viewset: viewset.route.split("/")[1])
ORDERED = [viewset for viewset in SETTINGS if viewset is not TAGS]


@EACH
def test_an_entry_is_added_from_the_row_below_the_others(admin, viewset):
    page = admin.post(viewset.url("create"), fill_fields(viewset), follow=True)
    assert page.redirect_chain[0][0].startswith(viewset.url("list"))
    assert "Something new" in texts(page)
    assert viewset.model.objects.filter(name="Something new", color="teal").exists()


@EACH
def test_without_a_color_a_free_one_is_taken(admin, viewset):
    admin.post(viewset.url("create"), {**fill_fields(viewset), "color": ""})
    added = viewset.model.objects.get(name="Something new")
    assert added.color not in set(viewset.model.objects.exclude(pk=added.pk).values_list("color", flat=True))


@EACH
def test_a_name_that_is_there_in_other_letters_is_refused_in_a_sentence(admin, viewset):
    existing, name = entry(viewset, name="Déjà vu"), "  déjà   vu "
    for typed_text in (name, "DÉJÀ VU", "De\u0301ja\u0300 vu", "Dé\u200bjà vu"):
        page = admin.post(viewset.url("create"), fill_fields(viewset, name=typed_text))
        assert "“Déjà vu” already exists" in texts(page)
        assert 'aria-invalid="true"' in page.content.decode()
    existing.retire()
    assert "already exists, archived" in texts(
        admin.post(viewset.url("create"), fill_fields(viewset, name=name))
    )
    assert viewset.model.objects.filter(name_key=make_key("déjà vu")).count() == 1


@EACH
def test_what_is_no_name_is_refused_and_kept(admin, viewset):
    state_before = viewset.model.objects.count()
    for name in ("", "   ", "x" * 61, "a\x00b", "\u200b", "\u0301"):
        page = admin.post(
            viewset.url("create"), fill_fields(viewset, name=name, submission=str(uuid.uuid4()))
        )
        assert page.status_code == 200, name
        assert "errorlist" in page.content.decode(), name
    assert viewset.model.objects.count() == state_before


def test_a_win_percent_is_a_whole_number_from_0_to_100(admin):
    for typed_text in ("", "101", "-1", "12.5", "ten", "1" * 400, "1e400"):
        page = admin.post(STAGES.url("create"), fill_fields(STAGES, win_percent=typed_text))
        assert ("from 0 to 100" if typed_text else "This field is required") in texts(page), typed_text
    assert not Stage.objects.filter(name="Something new").exists()


@EACH
def test_another_workspace_may_use_the_same_name(admin, workspace, other_workspace, viewset):
    with activate(other_workspace):
        entry(viewset, name="Something new")
    admin.post(viewset.url("create"), fill_fields(viewset))
    assert viewset.model.objects.get(name="Something new").workspace == workspace


@EACH
def test_a_form_sent_twice_makes_one_entry(admin, viewset):
    sent_data = fill_fields(viewset, submission=str(uuid.uuid4()))
    first, second = admin.post(viewset.url("create"), sent_data), admin.post(viewset.url("create"), sent_data)
    assert first.url == second.url
    admin.post(viewset.url("create"), {**sent_data, "name": "Another"})  # Back, another name, Save
    assert viewset.model.objects.filter(name__in=["Something new", "Another"]).count() == 2


@EACH
def test_an_entry_is_renamed(admin, viewset):
    existing = entry(viewset)
    fields = fill_fields(viewset, name="Renamed", version=existing.version)
    page = admin.post(viewset.url("update", existing.pk), fields, follow=True)
    assert "Renamed" in texts(page)
    existing.refresh_from_db()
    assert (existing.name, existing.name_key, existing.version) == ("Renamed", "renamed", 2)


@EACH
def test_over_somebody_elses_change_nothing_is_saved(admin, viewset):
    existing = entry(viewset)
    seen_values = existing.version
    existing.name = "Theirs"
    existing.save()
    page = admin.post(
        viewset.url("update", existing.pk), fill_fields(viewset, name="Mine", version=seen_values)
    )
    assert page.status_code == 409
    assert "Theirs" in texts(page) and "Mine" in page.content.decode()
    existing.refresh_from_db()
    assert existing.name == "Theirs"


@EACH
def test_editing_keeps_an_order_that_was_made_meanwhile(workspace, viewset):
    existing = entry(viewset)
    form = viewset.get_form()(fill_fields(viewset), instance=existing)
    viewset.model.objects.filter(pk=existing.pk).update(position=77, is_retired=True)
    assert form.is_valid()
    form.save()
    existing.refresh_from_db()
    assert (existing.name, existing.position, existing.is_retired) == ("Something new", 77, True)


@EACH
def test_what_is_no_row_of_ours_is_not_found(admin, other_workspace, viewset):
    with activate(other_workspace):
        theirs = entry(viewset)
    for pk in (theirs.pk, 10**17):
        for action in ("detail", "update", "delete", "replace"):
            assert admin.get(viewset.url(action, pk)).status_code == 404
        for action in ("move", "retire", "delete", "replace"):
            assert admin.post(viewset.url(action, pk)).status_code == 404
    with activate(other_workspace):
        assert not viewset.model.objects.get(pk=theirs.pk).is_retired


@EACH
@pytest.mark.parametrize("role", ["reader", "sales staff"])
def test_others_than_admins_are_told_who_may(sign_in, workspace, viewset, role):
    existing, client = entry(viewset), sign_in(workspace, role)
    pages = [client.get(viewset.url("list")), client.post(viewset.url("create"), fill_fields(viewset))]
    pages += [
        client.post(viewset.url(action, existing.pk)) for action in ("move", "retire", "replace", "delete")
    ]
    pages.append(client.post(viewset.url("order")))
    for page in pages:
        assert page.status_code == 403
        assert "You need the Admin role" in texts(page)


@EACH
def test_queries_do_not_grow_with_entries(admin, viewset, django_assert_num_queries):
    counts = []
    admin.get(viewset.url("list"))  # the first request of a session also notes where the user was last
    for _ in range(3):
        using(entry(viewset))
        using(entry(viewset, is_retired=True))
        with django_assert_num_queries(12, exact=False) as captured:
            admin.get(viewset.url("list"))
        counts.append(len(captured))
    assert len(set(counts)) == 1


# Order


@pytest.mark.parametrize("viewset", ORDERED, ids=lambda viewset: viewset.route.split("/")[1])
def test_up_and_down_work_without_scripts(admin, viewset):
    names = [row.name for row in viewset.model.objects.all()]
    first = viewset.model.objects.first()
    page = viewset.url("move", first.pk)
    admin.post(page, {"to": "down"})
    assert [row.name for row in viewset.model.objects.all()][:2] == [names[1], names[0]]
    admin.post(page, {"to": "up"})
    admin.post(page, {"to": "up"})  # no further than the top
    assert [row.name for row in viewset.model.objects.all()] == names


@pytest.mark.parametrize("viewset", ORDERED, ids=lambda viewset: viewset.route.split("/")[1])
def test_an_order_that_does_not_know_of_an_entry_keeps_it(admin, other_workspace, viewset):
    ids = [row.pk for row in viewset.model.objects.all()]
    late = entry(viewset)
    with activate(other_workspace):
        theirs = viewset.model.objects.first()
    junk = ["", "x", "9" * 30, str(10**17), str(theirs.pk)]
    answer = admin.post(viewset.url("order"), {"ids": [*ids[::-1], *junk]})
    assert answer.status_code == 204
    assert [row.pk for row in viewset.model.objects.all()] == [*ids[::-1], late.pk]
    assert [row.position for row in viewset.model.objects.all()] == list(range(1, len(ids) + 2))
    with activate(other_workspace):
        assert viewset.model.objects.first() == theirs


# The first page, and tags by the thousand


def test_the_first_page_says_what_there_is(admin, django_assert_max_num_queries):
    factories.tag()
    admin.get(reverse("crm:dashboard"))  # the first request of a process looks for snapshots of yesterday
    with django_assert_max_num_queries(8):
        page = texts(admin.get(reverse("crm:settings")))
    for words in [
        "5 stages",
        "4 statuses",
        "7 loss reasons",
        "3 contact types",
        "1 tag ",
        "2 members",
        "Acme",
    ]:
        assert words in page
    assert settings_index.permission == "crm.configure_settings"


@EACH
def test_the_page_of_a_kind_leads_to_its_part_of_the_help(admin, client, viewset):
    page = admin.get(viewset.url("list")).content.decode()
    address = re.search(r"/help/lead-lifecycle/#([\w-]+)", page)
    assert f'id="{address[1]}"' in client.get("/help/lead-lifecycle/").content.decode()


def test_used_by_leads_to_exactly_those(admin):
    lead = CONTACT_TYPES.model.objects.get(name="Lead")
    using(lead, 2)
    using(lead)[0].delete()
    factories.company(name="Bystander")
    page = admin.get(CONTACT_TYPES.url("list")).content.decode()
    address = re.search(r'href="([^"]+)">2 companies</a>', page)[1]
    results = admin.get(address)
    assert "Bystander" not in texts(results)
    assert len(re.findall(r'<tr id="row-', results.content.decode())) == 2


def test_tags_are_paged_and_searched(admin):
    Tag.objects.bulk_create(Tag(name=f"word {n:03}") for n in range(120))
    first = texts(admin.get(TAGS.url("list")))
    assert "word 000" in first and "word 119" not in first and "Page 1 of 3" in first
    assert "word 119" in texts(admin.get(TAGS.url("list"), {"page": 3}))
    assert "word 119" in texts(admin.get(TAGS.url("list"), {"q": "WORD 11"}))
    for junk in [{"page": "x"}, {"page": "9" * 30}, {"q": "\x01"}, {"q": "%_"}]:
        assert admin.get(TAGS.url("list"), junk).status_code == 200


def test_asked_by_htmx_only_the_entries_come(admin):
    page = admin.get(STAGES.url("list"), headers={"HX-Request": "true", "HX-Target": "entries"})
    assert "<html" not in page.content.decode()
    assert "HX-Target" in page["Vary"]
    moved = admin.post(
        reverse("crm:source-move", args=[SOURCES.model.objects.first().pk]), {"to": "down"}, follow=True
    )
    assert "<html" in moved.content.decode()


def test_the_color_proposed_is_the_one_that_is_used_least(admin, workspace):
    for number in range(27):
        factories.tag(name=f"Tag {number}", color=least_used_color(Tag))
    colors = Counter(Tag.objects.values_list("color", flat=True))
    assert len(colors) == len(Color.values)
    assert max(colors.values()) - min(colors.values()) == 1
