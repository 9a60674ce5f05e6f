"""The Settings tab: what a workspace sets up, and what becomes of the records when it does."""

import re
import threading
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.urls import reverse

from crm.cruds import COMPANIES, CONTACT_TYPES, OPPORTUNITIES, SETTINGS, SOURCES, STAGES, STATUSES, TAGS
from crm.models import Company, Opportunity, Source, Stage, StageChange, Status, Tag
from crm.setting_views import home
from workspaces.models import User
from workspaces.scope import activate
from workspaces.start import create_workspace

from . import make

EACH = pytest.mark.parametrize("crud", SETTINGS, ids=lambda crud: crud.route.split("/")[1])
ORDERED = [crud for crud in SETTINGS if crud is not TAGS]


@pytest.fixture
def admin(sign_in, workspace):
    return sign_in(workspace, "admin")


def filled(crud, **differences):
    """What the form of a kind is sent with."""
    return {"name": "Something new", "win_percent": 30, "kind": "open", "color": "teal", **differences}


def entry(crud, **differences):
    return crud.model.objects.create(**{"name": f"{crud.one} {next(make.number)}", **differences})


def using(choice, number=1, **differences):
    """So many records that use the entry."""
    if isinstance(choice, Tag):
        rows = [make.opportunity(**differences) for _ in range(number)]
        for row in rows:
            row.tags.add(choice)
        return rows
    name = choice.uses()[0].field
    maker = make.company if choice.uses()[0].record is Company else make.opportunity
    return [maker(**{name: choice, **differences}) for _ in range(number)]


def texts(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


# Each kind, by its pages


@EACH
def test_an_entry_is_added_from_the_row_below_the_others(admin, crud):
    page = admin.post(crud.url("create"), filled(crud), follow=True)
    assert page.redirect_chain[0][0].startswith(crud.url("list"))
    assert "Something new" in texts(page)
    assert crud.model.objects.filter(name="Something new", color="teal").exists()


@EACH
def test_without_a_color_a_free_one_is_taken(admin, crud):
    admin.post(crud.url("create"), {**filled(crud), "color": ""})
    added = crud.model.objects.get(name="Something new")
    assert added.color not in set(crud.model.objects.exclude(pk=added.pk).values_list("color", flat=True))


@EACH
def test_a_name_that_is_there_in_other_letters_is_refused_in_a_sentence(admin, crud):
    there, name = entry(crud, name="Déjà vu"), "  deja   vu "
    for typed in (name, "DÉJÀ VU"):
        page = admin.post(crud.url("create"), filled(crud, name=typed))
        assert "There is already “Déjà vu”" in texts(page)
        assert 'aria-invalid="true"' in page.content.decode()
    there.retire()
    assert "is there already, retired" in texts(admin.post(crud.url("create"), filled(crud, name=name)))
    assert crud.model.objects.filter(name_key="deja vu").count() == 1


@EACH
def test_what_is_no_name_is_refused_and_kept(admin, crud):
    before = crud.model.objects.count()
    for name in ("", "   ", "x" * 61, "a\x00b", "\u200b", "\u0301"):
        page = admin.post(crud.url("create"), filled(crud, name=name))
        assert page.status_code == 200, name
        assert "errorlist" in page.content.decode(), name
    assert crud.model.objects.count() == before


def test_a_win_percent_is_a_whole_number_from_0_to_100(admin):
    for typed in ("", "101", "-1", "12.5", "ten", "1" * 400, "1e400"):
        page = admin.post(STAGES.url("create"), filled(STAGES, win_percent=typed))
        assert ("from 0 to 100" if typed else "This field is required") in texts(page), typed
    assert not Stage.objects.filter(name="Something new").exists()


@EACH
def test_another_workspace_may_use_the_same_name(admin, workspace, other_workspace, crud):
    with activate(other_workspace):
        entry(crud, name="Something new")
    admin.post(crud.url("create"), filled(crud))
    assert crud.model.objects.get(name="Something new").workspace == workspace


@EACH
def test_a_form_sent_twice_makes_one_entry(admin, crud):
    sent = filled(crud, submission=str(uuid.uuid4()))
    first, second = admin.post(crud.url("create"), sent), admin.post(crud.url("create"), sent)
    assert first.url == second.url
    admin.post(crud.url("create"), {**sent, "name": "Another"})  # Back, another name, Save
    assert crud.model.objects.filter(name__in=["Something new", "Another"]).count() == 2


@EACH
def test_an_entry_is_renamed(admin, crud):
    there = entry(crud)
    fields = filled(crud, name="Renamed", version=there.version)
    page = admin.post(crud.url("update", there.pk), fields, follow=True)
    assert "Renamed" in texts(page)
    there.refresh_from_db()
    assert (there.name, there.name_key, there.version) == ("Renamed", "renamed", 2)


@EACH
def test_over_somebody_elses_change_nothing_is_saved(admin, crud):
    there = entry(crud)
    seen = there.version
    there.name = "Theirs"
    there.save()
    page = admin.post(crud.url("update", there.pk), filled(crud, name="Mine", version=seen))
    assert page.status_code == 409
    assert "Theirs" in texts(page) and "Mine" in page.content.decode()
    there.refresh_from_db()
    assert there.name == "Theirs"


@EACH
def test_editing_keeps_an_order_that_was_made_meanwhile(workspace, crud):
    there = entry(crud)
    form = crud.get_form()(filled(crud), instance=there)
    crud.model.objects.filter(pk=there.pk).update(position=77, is_retired=True)
    assert form.is_valid()
    form.save()
    there.refresh_from_db()
    assert (there.name, there.position, there.is_retired) == ("Something new", 77, True)


@EACH
def test_a_retired_entry_stays_and_is_offered_no_more(admin, crud):
    there = entry(crud)
    (record,) = using(there)
    admin.post(crud.url("retire", there.pk))
    assert there not in crud.model.objects.offered()
    assert there.name in texts(admin.get(crud.url("list")))
    use = there.uses()[-1] if crud is TAGS else there.uses()[0]
    assert record.name in texts(admin.get(use.address(there))), "it can still be filtered by"
    admin.post(crud.url("retire", there.pk), {"back": "1"})
    assert there in crud.model.objects.offered()


@EACH
def test_one_that_nothing_uses_is_deleted(admin, crud):
    there = entry(crud)
    assert "Nothing uses it" in texts(admin.get(crud.url("delete", there.pk)))
    admin.post(crud.url("delete", there.pk))
    assert not crud.model.objects.filter(pk=there.pk).exists()


@EACH
@pytest.mark.parametrize("in_trash", [False, True], ids=["used", "used in the trash"])
def test_the_delete_page_of_one_in_use_asks_for_the_replacement(admin, crud, in_trash):
    there, other = entry(crud), entry(crud)
    (record,) = using(there)
    if in_trash:
        record.delete()
    page = admin.get(crud.url("delete", there.pk))
    assert "is in use" in texts(page)
    assert crud.url("replace", there.pk) in page.content.decode()
    admin.post(crud.url("delete", there.pk))
    assert crud.model.objects.filter(pk=there.pk).exists()
    assert other.name in page.content.decode()


@EACH
@pytest.mark.parametrize("how", ["replace", "merge"])
def test_records_move_also_those_in_the_trash(admin, crud, how):
    old, new = entry(crud), entry(crud)
    kept, binned = using(old, 2)
    bystander = using(new)[0]
    binned.delete()
    page = crud.url("replace", old.pk)
    assert "2 " in texts(admin.get(page)) and "(1 of them in the trash)" in texts(admin.get(page))
    sent = {"to": new.name.upper() if crud is TAGS else new.pk, "how": how}
    answer = admin.post(page, sent, follow=True)
    assert f"“{new}”" in texts(answer)
    model, version = type(kept), kept.version
    for pk in (kept.pk, binned.pk, bystander.pk):
        assert entry_of(model.with_trash.get(pk=pk), new) == [new]
    assert model.objects.get(pk=kept.pk).version == version + 1, "nobody saves over it unseen"
    there = crud.model.objects.filter(pk=old.pk).first()
    assert there is None if how == "merge" else there.is_retired
    assert not old.numbers_of_uses()


def entry_of(record, choice):
    name = choice.uses()[0].field
    return list(record.tags.all()) if name == "tags" else [getattr(record, name)]


@EACH
def test_what_is_no_replacement_is_refused_in_a_sentence(admin, other_workspace, crud):
    old, retired = entry(crud), entry(crud, is_retired=True)
    with activate(other_workspace):
        theirs = entry(crud)
    using(old)
    page = crud.url("replace", old.pk)
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
    assert admin.post(page, {"to": entry(crud).pk, "how": "eat"}).status_code == 200
    assert crud.model.objects.filter(pk=old.pk).exists()


@EACH
def test_what_is_no_row_of_ours_is_not_found(admin, other_workspace, crud):
    with activate(other_workspace):
        theirs = entry(crud)
    for pk in (theirs.pk, 10**17):
        for action in ("detail", "update", "delete", "replace"):
            assert admin.get(crud.url(action, pk)).status_code == 404
        for action in ("move", "retire", "delete", "replace"):
            assert admin.post(crud.url(action, pk)).status_code == 404
    with activate(other_workspace):
        assert not crud.model.objects.get(pk=theirs.pk).is_retired


@EACH
@pytest.mark.parametrize("role", ["reader", "sales staff"])
def test_others_than_admins_are_told_who_may(sign_in, workspace, crud, role):
    there, client = entry(crud), sign_in(workspace, role)
    pages = [client.get(crud.url("list")), client.post(crud.url("create"), filled(crud))]
    for action in ("move", "retire", "replace", "delete"):
        pages.append(client.post(crud.url(action, there.pk)))
    pages.append(client.post(crud.url("order")))
    for page in pages:
        assert page.status_code == 403
        assert "Only admins of this workspace may do this" in texts(page)


@EACH
def test_queries_do_not_grow_with_entries(admin, crud, django_assert_num_queries):
    counts = []
    admin.get(crud.url("list"))  # the first request of a session also notes where the user was last
    for _ in range(3):
        using(entry(crud))
        using(entry(crud, is_retired=True))
        with django_assert_num_queries(12, exact=False) as captured:
            admin.get(crud.url("list"))
        counts.append(len(captured))
    assert len(set(counts)) == 1


# Order


@pytest.mark.parametrize("crud", ORDERED, ids=lambda crud: crud.route.split("/")[1])
def test_up_and_down_work_without_scripts(admin, crud):
    names = [row.name for row in crud.model.objects.all()]
    first = crud.model.objects.first()
    page = crud.url("move", first.pk)
    admin.post(page, {"to": "down"})
    assert [row.name for row in crud.model.objects.all()][:2] == [names[1], names[0]]
    admin.post(page, {"to": "up"})
    admin.post(page, {"to": "up"})  # no further than the top
    assert [row.name for row in crud.model.objects.all()] == names


@pytest.mark.parametrize("crud", ORDERED, ids=lambda crud: crud.route.split("/")[1])
def test_an_order_that_does_not_know_of_an_entry_keeps_it(admin, other_workspace, crud):
    ids = [row.pk for row in crud.model.objects.all()]
    late = entry(crud)
    with activate(other_workspace):
        theirs = crud.model.objects.first()
    junk = ["", "x", "9" * 30, str(10**17), str(theirs.pk)]
    answer = admin.post(crud.url("order"), {"ids": [*ids[::-1], *junk]})
    assert answer.status_code == 204
    assert [row.pk for row in crud.model.objects.all()] == [*ids[::-1], late.pk]
    assert [row.position for row in crud.model.objects.all()] == list(range(1, len(ids) + 2))
    with activate(other_workspace):
        assert crud.model.objects.first() == theirs


# What records notice


def test_a_renamed_status_is_seen_and_found_at_once(admin):
    make.opportunity(name="Roof")
    there = make.status()
    admin.post(STATUSES.url("update", there.pk), filled(STATUSES, name="Ongoing", version=there.version))
    found = texts(admin.get(OPPORTUNITIES.url("list"), {"q": "ongoing"}))
    assert "Roof" in found and "Ongoing" in found
    assert "Roof" not in texts(admin.get(OPPORTUNITIES.url("list"), {"q": '"open"'}))


def test_a_renamed_tag_is_seen_and_found_at_once(admin):
    roof, acme = make.opportunity(name="Roof"), make.company(name="Acme")
    for row in (roof, acme):
        row.tags.add("urgent")
    gone = make.opportunity(name="Gone")
    gone.tags.add("urgent")
    gone.delete()
    tag = Tag.objects.get()
    admin.post(TAGS.url("update", tag.pk), filled(TAGS, name="Überfällig", version=tag.version))
    assert "Roof" in texts(admin.get(OPPORTUNITIES.url("list"), {"q": "uberfallig"}))
    assert "Acme" in texts(admin.get(COMPANIES.url("list"), {"q": "überfällig"}))
    assert "uberfallig" in Opportunity.with_trash.get(pk=gone.pk).search_text
    assert "Roof" not in texts(admin.get(OPPORTUNITIES.url("list"), {"q": "urgent -high"}))


def test_a_record_with_both_tags_has_the_one_once(admin):
    one, other = make.tag(name="one"), make.tag(name="other")
    both, only = make.opportunity(), make.opportunity()
    both.tags.add("one", "other")
    only.tags.add("one")
    one.give_way_to(other, is_merged=True)
    for row in (both, only):
        assert [str(tag) for tag in row.tags.all()] == ["other"]
        assert "other" in Opportunity.objects.get(pk=row.pk).search_text
    assert not Tag.objects.filter(pk=one.pk).exists()


def test_what_moves_from_stage_to_stage_says_so_in_its_history(admin):
    demo, pilot = Stage.objects.get(name="Demo"), Stage.objects.create(name="Pilot")
    (roof,) = using(demo)
    demo.give_way_to(pilot, is_merged=True)
    change = StageChange.objects.get(opportunity=roof, to_id=pilot.pk)
    assert (change.field, change.from_name, change.to_name) == ("stage", "Demo", "Pilot")


def test_another_kind_is_confirmed_and_then_followed_by_the_records(admin, workspace):
    there = Status.objects.create(name="Signed", kind="open")
    roof = make.opportunity(status=there, value=1000, win_percent=20)
    binned = make.opportunity(status=there)
    binned.delete()
    page, sent = STATUSES.url("update", there.pk), filled(STATUSES, name="Signed", kind="won", version=1)
    asked = admin.post(page, sent)
    assert "2 opportunities (1 of them in the trash) will be won" in texts(asked)
    assert 'name="confirmed" value="won"' in asked.content.decode()
    assert Status.objects.get(pk=there.pk).kind == "open"
    assert "will be won" in texts(admin.post(page, {**sent, "confirmed": "lost"})), (
        "that was another question"
    )

    admin.post(page, {**sent, "confirmed": "won"})
    version = roof.version
    for row in Opportunity.with_trash.all():
        assert (row.is_open, row.close_date) == (False, workspace.today())
    roof.refresh_from_db()
    assert roof.version == version + 1
    assert roof.weighted_value == 1000
    assert "1000" in roof.search_text
    assert "200" not in roof.search_text


def test_the_win_of_a_status_is_not_touched_by_its_name_or_color(admin):
    there = make.status("won")
    make.opportunity("won", close_date="2024-05-01")
    admin.post(
        STATUSES.url("update", there.pk), filled(STATUSES, name="Sold", kind="won", version=there.version)
    )
    there.refresh_from_db()
    assert there.name == "Sold"


def test_a_status_of_another_kind_in_its_place_is_confirmed(admin, workspace):
    held, won = Status.objects.create(name="Held", kind="open"), make.status("won")
    roof = make.opportunity(status=held)
    earlier = make.opportunity(status=held, close_date="2024-05-01")
    page, sent = reverse("crm:status-replace", args=[held.pk]), {"to": won.pk, "how": "replace"}
    assert "2 opportunities will be won" in texts(admin.post(page, sent))
    assert Opportunity.objects.get(pk=roof.pk).status == held
    admin.post(page, {**sent, "confirmed": "won"})
    roof.refresh_from_db()
    assert (roof.status, roof.is_open, roof.close_date) == (won, False, workspace.today())
    earlier.refresh_from_db()
    assert str(earlier.close_date) == "2024-05-01", "a close date is never overwritten"


def test_many_records_move_in_few_queries(admin, django_assert_max_num_queries):
    old, new = Source.objects.all()[:2]
    Opportunity.objects.bulk_create(
        Opportunity(name=f"Roof {n}", status=make.status(), source=old) for n in range(300)
    )
    with django_assert_max_num_queries(12):
        assert old.give_way_to(new) == 300


# Floors


@pytest.mark.parametrize("way", ["retire", "delete", "replace", "edit"])
@pytest.mark.parametrize("kind", ["open", "won"])
def test_a_status_of_kind_open_and_one_of_kind_won_remain(admin, kind, way):
    last, lost = make.status(kind), make.status("lost")
    answer = admin.post(
        {
            "retire": reverse("crm:status-retire", args=[last.pk]),
            "delete": STATUSES.url("delete", last.pk),
            "replace": reverse("crm:status-replace", args=[last.pk]),
            "edit": STATUSES.url("update", last.pk),
        }[way],
        {"to": lost.pk, "how": "merge", "confirmed": "lost", **filled(STATUSES, kind="lost", version=1)},
        follow=True,
    )
    assert f"At least one status of kind {kind} must remain" in texts(answer)
    last.refresh_from_db()
    assert (last.kind, last.is_retired) == (kind, False)


def test_a_stage_remains(admin):
    *others, last = Stage.objects.all()
    for stage in others:
        stage.retire()
    answer = admin.post(reverse("crm:stage-retire", args=[last.pk]), follow=True)
    assert "At least one stage must remain" in texts(answer)
    assert list(Stage.objects.offered()) == [last]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="in memory there is one connection, and no race")
def test_two_who_retire_the_last_two_at_once_leave_one():
    room = create_workspace(User.objects.create_user("race@acme.example"), "Race")
    with activate(room):
        *others, one, other = Stage.objects.all()
        for stage in others:
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

    threads = [threading.Thread(target=retire, args=[stage]) for stage in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with activate(room):
        assert Stage.objects.offered().count() == 1
    assert len(refused) == 1


# The first page, and tags by the thousand


def test_the_first_page_says_what_there_is(admin, django_assert_max_num_queries):
    make.tag()
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
    assert home.permission == "crm.configure_settings"


@EACH
def test_the_page_of_a_kind_leads_to_its_part_of_the_help(admin, client, crud):
    page = admin.get(crud.url("list")).content.decode()
    address = re.search(r"/help/lead-lifecycle/#([\w-]+)", page)
    assert f'id="{address[1]}"' in client.get("/help/lead-lifecycle/").content.decode()


def test_used_by_leads_to_exactly_those(admin):
    lead = CONTACT_TYPES.model.objects.get(name="Lead")
    using(lead, 2)
    using(lead)[0].delete()
    make.company(name="Bystander")
    page = admin.get(CONTACT_TYPES.url("list")).content.decode()
    address = re.search(r'href="([^"]+)">2 companies</a>', page)[1]
    found = admin.get(address)
    assert "Bystander" not in texts(found)
    assert len(re.findall(r'<tr id="row-', found.content.decode())) == 2


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
