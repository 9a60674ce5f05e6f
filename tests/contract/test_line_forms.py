"""One-line text is normalized in every form, and cannot inject line breaks into an email."""

import pytest
from allauth.account.models import EmailAddress
from django import forms
from django.core import mail
from django.urls import reverse

from crm.models import Company, Person, Source, Tag
from crm.tests import factories
from crm.tests.submitted_forms import fill_in, send
from crm.viewsets import COMPANIES, PEOPLE, SOURCES, STATUSES
from crud.forms.line_forms import LineFormMixin, is_line
from recurring.viewsets import PROFILES
from tests.support.edit_forms import post_edit
from tests.support.routes import routes
from workspaces.creation import create_workspace
from workspaces.models import Invitation, Membership, User, Workspace

# Unreachable pages of allauth.
UNUSED = {
    "ConfirmLoginCodeView": "sign-in by a mailed code is off",
    "ConfirmReauthenticationCodeView": "so is reauthentication by one: 403",
}
OURS = ("crud", "crm", "recurring", "workspaces", "socius")


def add_invisible_characters(text):
    """Return text as pasted from a contacts app: with direction marks and a zero-width space."""
    return f"\u202a\u200b{text[:2]}\u200b{text[2:]}\u202c\ufeff"


def form_classes(base=forms.BaseForm):
    """Return our forms, and those of allauth that our pages use."""
    for item in base.__subclasses__():
        if item.__module__.split(".")[0] in OURS:
            yield item
        yield from form_classes(item)


def has_lines(form_class):
    return any(map(is_line, getattr(form_class, "base_fields", {}).values()))


def test_every_form_of_ours_with_one_line_fields_cleans_them():
    routes("socius.urls"), routes("socius.workspace_urls")  # imports all forms
    classes = {item for item in form_classes() if has_lines(item) and "tests" not in item.__module__}
    assert len(classes) >= 20
    assert {item for item in classes if not issubclass(item, LineFormMixin)} == set()


def test_every_form_of_allauth_that_is_in_use_and_has_one_line_fields_cleans_them(rf):
    views = {getattr(route.view, "view_class", None) for route in routes("socius.urls")}
    instances = [
        view(request=rf.get("/"))
        for view in views
        if hasattr(view, "get_form_class") and view.__name__ not in UNUSED
    ]
    form_by_view = {
        view: view.get_form_class() for view in instances if view.__module__.startswith("allauth")
    }
    assert len(form_by_view) >= 8
    unclean = {
        type(view).__name__: form_class.__module__
        for view, form_class in form_by_view.items()
        if has_lines(form_class) and not issubclass(form_class, LineFormMixin)
    }
    assert unclean == {}


def test_filters_clean_what_is_typed(workspace):
    assert issubclass(COMPANIES.get_filterset()().get_form_class(), LineFormMixin)


@pytest.mark.parametrize("blank", ["\u200b", "\u00ad\u2060", "\u3164", "\ufeff \u202e", "\u2800\u3000"])
def test_a_name_of_nothing_visible_is_required(sign_in, workspace, blank):
    client = sign_in(workspace, "admin and sales staff")
    for viewset in (COMPANIES, PEOPLE, SOURCES):
        state_before = viewset.model.objects.count()
        page = client.post(viewset.url("create"), {"name": blank, "color": "teal"})
        assert page.status_code == 200 and "This field is required." in page.content.decode()
        assert viewset.model.objects.count() == state_before
    page = fill_in(client, f"/w/{workspace.slug}/members/workspace/", name=blank)
    assert page.status_code == 200 and "This field is required." in page.content.decode()


def test_records_keep_nothing_unseen(sign_in, workspace):
    client = sign_in(workspace)
    send(
        client,
        client.get(COMPANIES.url("create")),
        COMPANIES.url("create"),
        name=add_invisible_characters("Acme"),
        work_phone=add_invisible_characters("+1 555 010 0199"),
        email_domain=add_invisible_characters("acme.example"),
        work_website=add_invisible_characters("acme.example/about"),
        linkedin=add_invisible_characters("linkedin.com/company/acme"),
        city=add_invisible_characters("Linz\u2028am Rhein"),
        zip=add_invisible_characters("4020"),
        tags=f"VIP, {add_invisible_characters('VIP')}, vip\u200b",
    )
    acme = Company.objects.get()
    assert (acme.name, acme.work_phone, acme.email_domain) == ("Acme", "+1 555 010 0199", "acme.example")
    assert acme.work_website == "https://acme.example/about"
    assert acme.linkedin.endswith("linkedin.com/company/acme")
    assert (acme.city, acme.zip) == ("Linz am Rhein", "4020")
    assert [tag.name for tag in Tag.objects.all()] == ["VIP"]
    send(
        client,
        client.get(PEOPLE.url("create")),
        PEOPLE.url("create"),
        name=add_invisible_characters("Ada\r\nLovelace"),
        email=add_invisible_characters("ada@acme.example"),
        company=add_invisible_characters("acme"),
    )
    ada = Person.objects.get()
    assert (ada.name, ada.email, ada.company) == ("Ada Lovelace", "ada@acme.example", acme)


def test_a_second_value_of_a_picklist_cannot_differ_by_what_is_not_seen(sign_in, workspace):
    client = sign_in(workspace, "admin")
    for name in ("Fair", add_invisible_characters("fair"), "ＦＡＩＲ", "fair\u00a0"):
        client.post(SOURCES.url("create"), {"name": name, "color": "teal"})
    assert Source.objects.filter(name__icontains="fai").count() == 1


def test_an_invitation_goes_to_the_address_that_is_seen(sign_in, workspace):
    client = sign_in(workspace, "admin")
    form = fill_in(
        client, f"/w/{workspace.slug}/members/invite/", email=add_invisible_characters("bea@acme.example")
    )
    assert form.status_code == 302
    assert Invitation.objects.get().email == "bea@acme.example"


def test_names_with_line_breaks_forge_no_paragraphs_in_invitation_mails(sign_in, workspace, settings):
    settings.MAIL_IS_CONFIGURED = True
    forged = "Olga\r\n\r\nYour account is locked.\u2028Sign in at evil.example\n\n"
    client = sign_in(workspace, "admin")
    user = Membership.objects.order_by("-pk").first().user
    user.name = forged
    user.save()
    workspace.name = forged.replace("Olga", "Acme")
    workspace.save()
    fill_in(client, f"/w/{workspace.slug}/members/invite/", email="bea@acme.example")
    assert len(mail.outbox) == 1
    message = mail.outbox[0]
    assert len(message.subject.splitlines()) == 1
    assert not any(line.startswith(("Your account", "Sign in at")) for line in message.body.splitlines())


def test_no_way_leads_line_breaks_into_names_of_users_and_workspaces(client, db):
    User.objects.create_user("first@acme.example")  # the first user needs a token
    client.post(
        "/accounts/signup/",
        {
            "name": "Bea\r\nBad",
            "email": add_invisible_characters("bea@acme.example"),
            "password1": "a few good words",
        },
    )
    bea = User.objects.get(email="bea@acme.example")
    assert bea.name == "Bea Bad"
    assert create_workspace(bea, "Ac\u200bme\nInc").name == "Acme Inc"
    carl = User.objects.create_user("\u200bcarl@acme.example", name="Carl\u2029C")
    assert (carl.email, carl.name) == ("carl@acme.example", "Carl C")
    assert Workspace.objects.create(name="A\nB", slug="ab").name == "A B"


def test_signing_in_with_a_pasted_address(client, db):
    user = User.objects.create_user("bea@acme.example", "a few good words", name="Bea")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    answer = client.post(
        reverse("account_login"),
        {"login": add_invisible_characters("bea@acme.example"), "password": "a few good words"},
    )
    assert answer.status_code == 302 and client.session["_auth_user_id"] == str(user.pk)


def test_passwords_are_left_as_they_are(client, db):
    user = User.objects.create_user("bea@acme.example", "a\u00ad few  good words ", name="Bea")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    for password, status in (("a few good words", 200), ("a\u00ad few  good words ", 302)):
        answer = client.post(reverse("account_login"), {"login": user.email, "password": password})
        assert answer.status_code == status


def test_what_was_typed_into_one_line_is_shown_again_clean(sign_in, workspace):
    page = sign_in(workspace).post(PEOPLE.url("create"), {"name": "", "title": "Chief\u200b\n  Officer"})
    assert 'value="Chief Officer"' in page.content.decode()


def test_joiners_in_words_and_emoji_are_stored(sign_in, workspace):
    names = ["می\u200cخواهم", "ශ්\u200dරී", "👩\u200d🚀 Ada", "❤\ufe0f"]
    client = sign_in(workspace)
    for name in names:
        send(client, client.get(PEOPLE.url("create")), PEOPLE.url("create"), name=name)
    assert {*Person.objects.values_list("name", flat=True)} == {*names}


@pytest.mark.parametrize(
    ("old", "new"),
    [("グリコ", "クリコ"), ("Schön AG", "Schon AG"), ("Weiß", "Weiss"), ("かき", "がき")],
)
def test_a_company_of_other_letters_is_asked_about_and_never_taken_silently(sign_in, workspace, old, new):
    client = sign_in(workspace)
    other_item = factories.company(name=old)
    address = PEOPLE.url("create")
    page = send(client, client.get(address), address, name="Ada", company=new)
    assert page.status_code == 200 and not Person.objects.exists()
    question = f"No company is named “{new}”, but there are similar ones. Which one do you mean?"
    assert question in page.content.decode()
    send(client, page, address, company__which="new")
    added = Company.objects.exclude(pk=other_item.pk).get()
    assert added.name == new and Person.objects.get().company == added
    assert [len(rows) for _, _, rows in added.twins()] == [0]
    # The name now exists exactly, so there is no more question.
    send(client, client.get(address), address, name="Bea", company=new.lower())
    assert Person.objects.get(name="Bea").company == added


@pytest.mark.parametrize(
    "names", ["ハート|バート", "か|が", "Schon|Schön", "Weiss|Weiß", "Łódź|Lodz", "की|का"]
)
def test_tags_and_picklist_values_of_other_letters_are_two(sign_in, workspace, names):
    first, second = names.split("|")
    client = sign_in(workspace, "admin and sales staff")
    company = factories.company()
    fill_in(client, COMPANIES.url("update", company.pk), tags=f"{first}, {second}")
    assert {tag.name for tag in company.tags.all()} == {first, second}
    for name in (first, second):
        assert client.post(SOURCES.url("create"), {"name": name, "color": "teal"}).status_code == 302
    assert Source.objects.filter(name__in=[first, second]).count() == 2


def test_a_choice_that_does_not_exist_is_refused_without_repeating_it(sign_in, workspace):
    client = sign_in(workspace, "admin and sales staff")
    typed_text = "x" * 100_000
    for address, name in {
        f"/w/{workspace.slug}/members/workspace/": "currency",
        STATUSES.url("create"): "kind",
        PROFILES.url("create"): "unit",
        COMPANIES.url("create"): "country",
    }.items():
        page = post_edit(client, address, {"name": "Something", name: typed_text})
        errors = str(page.context["form"].errors[name])
        assert page.status_code == 200 and "Choose one of the available options." in errors, name
        assert typed_text not in errors
