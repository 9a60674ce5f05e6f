"""What becomes of the records when a settings entry is renamed, retired, replaced, merged or deleted."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.urls import reverse

from crm.models import Opportunity, Source, Stage, StageChange, Status, Tag
from crm.tests import factories
from crm.tests.picklists import entry, fill_fields, texts, using
from crm.viewsets import COMPANIES, OPPORTUNITIES, SETTINGS, STATUSES, TAGS
from workspaces.creation import create_workspace
from workspaces.models import User
from workspaces.tenancy.scope import activate

EACH = pytest.mark.parametrize("viewset", SETTINGS, ids=lambda viewset: viewset.route.split("/")[1])


@EACH
def test_a_retired_entry_stays_and_is_offered_no_more(admin, viewset):
    existing = entry(viewset)
    (record,) = using(existing)
    admin.post(viewset.url("retire", existing.pk))
    assert existing not in viewset.model.objects.active()
    assert existing.name in texts(admin.get(viewset.url("list")))
    use = existing.uses()[-1] if viewset is TAGS else existing.uses()[0]
    assert record.name in texts(admin.get(use.address(existing))), "it can still be filtered by"
    admin.post(viewset.url("retire", existing.pk), {"back": "1"})
    assert existing in viewset.model.objects.active()


@EACH
def test_one_that_nothing_uses_is_deleted(admin, viewset):
    existing = entry(viewset)
    assert "No records use it" in texts(admin.get(viewset.url("delete", existing.pk)))
    admin.post(viewset.url("delete", existing.pk))
    assert not viewset.model.objects.filter(pk=existing.pk).exists()


@EACH
@pytest.mark.parametrize("in_trash", [False, True], ids=["used", "used in the trash"])
def test_the_delete_page_of_one_in_use_asks_for_the_replacement(admin, viewset, in_trash):
    existing, other_item = entry(viewset), entry(viewset)
    (record,) = using(existing)
    if in_trash:
        record.delete()
    page = admin.get(viewset.url("delete", existing.pk))
    assert "is in use" in texts(page)
    assert viewset.url("replace", existing.pk) in page.content.decode()
    admin.post(viewset.url("delete", existing.pk))
    assert viewset.model.objects.filter(pk=existing.pk).exists()
    assert other_item.name in page.content.decode()


@EACH
@pytest.mark.parametrize("how", ["replace", "merge"])
def test_records_move_also_those_in_the_trash(admin, viewset, how):
    old, new = entry(viewset), entry(viewset)
    kept_values, binned = using(old, 2)
    bystander = using(new)[0]
    binned.delete()
    page = viewset.url("replace", old.pk)
    assert "2 " in texts(admin.get(page)) and "(1 of them in the trash)" in texts(admin.get(page))
    sent_data = {"to": new.name.upper() if viewset is TAGS else new.pk, "how": how}
    answer = admin.post(page, sent_data, follow=True)
    assert f"“{new}”" in texts(answer)
    model, version = type(kept_values), kept_values.version
    for pk in (kept_values.pk, binned.pk, bystander.pk):
        assert entry_of(model.with_trash.get(pk=pk), new) == [new]
    assert model.objects.get(pk=kept_values.pk).version == version + 1, "nobody saves over it unseen"
    existing = viewset.model.objects.filter(pk=old.pk).first()
    assert existing is None if how == "merge" else existing.is_retired
    assert not old.usage_counts()


def entry_of(record, choice):
    name = choice.uses()[0].field
    return list(record.tags.all()) if name == "tags" else [getattr(record, name)]


@EACH
def test_what_is_no_replacement_is_refused_in_a_sentence(admin, other_workspace, viewset):
    old, retired = entry(viewset), entry(viewset, is_retired=True)
    with activate(other_workspace):
        theirs = entry(viewset)
    using(old)
    page = viewset.url("replace", old.pk)
    for wrong in [
        "",
        "x\x00",
        "9" * 40,
        "-1",
        old.pk,
        old.name,
        retired.pk,
        retired.name,
        theirs.pk,
        theirs.name,
    ]:
        answer = admin.post(page, {"to": wrong, "how": "merge"})
        assert answer.status_code == 200 and "errorlist" in answer.content.decode(), wrong
    assert admin.post(page, {"to": entry(viewset).pk, "how": "eat"}).status_code == 200
    assert viewset.model.objects.filter(pk=old.pk).exists()


# What records notice


def test_a_renamed_status_is_seen_and_found_at_once(admin):
    factories.opportunity(name="Roof")
    existing = factories.status()
    admin.post(
        STATUSES.url("update", existing.pk), fill_fields(STATUSES, name="Ongoing", version=existing.version)
    )
    results = texts(admin.get(OPPORTUNITIES.url("list"), {"q": "ongoing"}))
    assert "Roof" in results and "Ongoing" in results
    assert "Roof" not in texts(admin.get(OPPORTUNITIES.url("list"), {"q": '"open"'}))


def test_a_renamed_tag_is_seen_and_found_at_once(admin):
    roof, acme = factories.opportunity(name="Roof"), factories.company(name="Acme")
    for row in (roof, acme):
        row.tags.add("urgent")
    gone = factories.opportunity(name="Gone")
    gone.tags.add("urgent")
    gone.delete()
    tag = Tag.objects.get()
    admin.post(TAGS.url("update", tag.pk), fill_fields(TAGS, name="Überfällig", version=tag.version))
    assert "Roof" in texts(admin.get(OPPORTUNITIES.url("list"), {"q": "uberfallig"}))
    assert "Acme" in texts(admin.get(COMPANIES.url("list"), {"q": "überfällig"}))
    assert "uberfallig" in Opportunity.with_trash.get(pk=gone.pk).search_text
    assert "Roof" not in texts(admin.get(OPPORTUNITIES.url("list"), {"q": "urgent -high"}))


def test_a_record_with_both_tags_has_the_one_once(admin):
    item, other_item = factories.tag(name="one"), factories.tag(name="other")
    both, only = factories.opportunity(), factories.opportunity()
    both.tags.add("one", "other")
    only.tags.add("one")
    item.replace_with(other_item, is_merged=True)
    for row in (both, only):
        assert [str(tag) for tag in row.tags.all()] == ["other"]
        assert "other" in Opportunity.objects.get(pk=row.pk).search_text
    assert not Tag.objects.filter(pk=item.pk).exists()


def test_what_moves_from_stage_to_stage_says_so_in_its_history(admin):
    demo, pilot = Stage.objects.get(name="Demo"), Stage.objects.create(name="Pilot")
    (roof,) = using(demo)
    demo.replace_with(pilot, is_merged=True)
    change = StageChange.objects.get(opportunity=roof, to_id=pilot.pk)
    assert (change.field, change.from_name, change.to_name) == ("stage", "Demo", "Pilot")


def test_another_kind_is_confirmed_and_then_followed_by_the_records(admin, workspace):
    existing = Status.objects.create(name="Signed", kind="open")
    roof = factories.opportunity(status=existing, value=1000, win_percent=20)
    binned = factories.opportunity(status=existing)
    binned.delete()
    page, sent_data = (
        STATUSES.url("update", existing.pk),
        fill_fields(STATUSES, name="Signed", kind="won", version=1),
    )
    captured = admin.post(page, sent_data)
    assert "2 opportunities (1 of them in the trash) will be won" in texts(captured)
    assert 'name="confirmed" value="won"' in captured.content.decode()
    assert Status.objects.get(pk=existing.pk).kind == "open"
    assert "will be won" in texts(admin.post(page, {**sent_data, "confirmed": "lost"})), (
        "that was another question"
    )

    admin.post(page, {**sent_data, "confirmed": "won"})
    version = roof.version
    for row in Opportunity.with_trash.all():
        assert (row.is_open, row.close_date) == (False, workspace.today())
    roof.refresh_from_db()
    assert roof.version == version + 1
    assert roof.weighted_value == 1000
    assert "1000" in roof.search_text
    assert "200" not in roof.search_text


def test_the_win_of_a_status_is_not_touched_by_its_name_or_color(admin):
    existing = factories.status("won")
    factories.opportunity("won", close_date="2024-05-01")
    admin.post(
        STATUSES.url("update", existing.pk),
        fill_fields(STATUSES, name="Sold", kind="won", version=existing.version),
    )
    existing.refresh_from_db()
    assert existing.name == "Sold"


def test_a_status_of_another_kind_in_its_place_is_confirmed(admin, workspace):
    held_items, won = Status.objects.create(name="Held", kind="open"), factories.status("won")
    roof = factories.opportunity(status=held_items)
    earlier = factories.opportunity(status=held_items, close_date="2024-05-01")
    page, sent_data = reverse("crm:status-replace", args=[held_items.pk]), {"to": won.pk, "how": "replace"}
    assert "2 opportunities will be won" in texts(admin.post(page, sent_data))
    assert Opportunity.objects.get(pk=roof.pk).status == held_items
    admin.post(page, {**sent_data, "confirmed": "won"})
    roof.refresh_from_db()
    assert (roof.status, roof.is_open, roof.close_date) == (won, False, workspace.today())
    earlier.refresh_from_db()
    assert str(earlier.close_date) == "2024-05-01", "a close date is never overwritten"


def test_many_records_move_in_few_queries(admin, django_assert_max_num_queries):
    old, new = Source.objects.all()[:2]
    Opportunity.objects.bulk_create(
        Opportunity(name=f"Roof {n}", status=factories.status(), source=old) for n in range(300)
    )
    with django_assert_max_num_queries(12):
        assert old.replace_with(new) == 300


# Floors


@pytest.mark.parametrize("way", ["retire", "delete", "replace", "edit"])
@pytest.mark.parametrize("kind", ["open", "won"])
def test_a_status_of_kind_open_and_one_of_kind_won_remain(admin, kind, way):
    last, lost = factories.status(kind), factories.status("lost")
    answer = admin.post(
        {
            "retire": reverse("crm:status-retire", args=[last.pk]),
            "delete": STATUSES.url("delete", last.pk),
            "replace": reverse("crm:status-replace", args=[last.pk]),
            "edit": STATUSES.url("update", last.pk),
        }[way],
        {"to": lost.pk, "how": "merge", "confirmed": "lost", **fill_fields(STATUSES, kind="lost", version=1)},
        follow=True,
    )
    assert f"You need at least one status of type {kind}" in texts(answer)
    last.refresh_from_db()
    assert (last.kind, last.is_retired) == (kind, False)


def test_a_stage_remains(admin):
    *other_items, last = Stage.objects.all()
    for stage in other_items:
        stage.retire()
    answer = admin.post(reverse("crm:stage-retire", args=[last.pk]), follow=True)
    assert "You need at least one stage" in texts(answer)
    assert list(Stage.objects.active()) == [last]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="in memory there is one connection, and no race")
def test_two_who_retire_the_last_two_at_once_leave_one():
    room = create_workspace(User.objects.create_user("race@acme.example"), "Race")
    with activate(room):
        *other_items, item, other_item = Stage.objects.all()
        for stage in other_items:
            stage.retire()
    start, refused = threading.Barrier(2), []

    def retire(stage):
        with activate(room):
            start.wait()
            try:
                stage.retire()
            except ValidationError as error:
                refused.append(error)
        connections.close_all()

    threads = [threading.Thread(target=retire, args=[stage]) for stage in (item, other_item)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with activate(room):
        assert Stage.objects.active().count() == 1
    assert len(refused) == 1


def test_after_another_kind_records_are_found_by_the_weighted_value_it_gives_them(admin, workspace):
    existing = Status.objects.create(name="Signed", kind="open")
    record = factories.opportunity(status=existing, value=2000, win_percent=10)
    admin.get(OPPORTUNITIES.url("list"))  # from here on the statuses are in memory
    sent_data = fill_fields(STATUSES, name="Signed", kind="won", version=existing.version, confirmed="won")
    assert admin.post(STATUSES.url("update", existing.pk), sent_data).status_code == 302
    record.refresh_from_db()
    assert "200" not in record.search_text.split()
