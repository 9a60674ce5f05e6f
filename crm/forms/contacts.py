from django import forms
from django.urls import reverse_lazy
from django_countries.widgets import LazySelect

from crm.forms.fields import LinesField, PicklistField, RecordField, TagNamesField
from crm.forms.record_form import RecordForm
from crm.models import Company, ContactType, Person, Tag
from crm.parsing.countries import ALIASES
from workspaces.models import Membership


def assignable_members(member):
    """Whether records may be given to a member: active sales staff."""
    return member.is_sales_staff and member.deactivated_at is None


def assignee():
    """The field: who of the sales staff looks after a record; who did so stays, also after leaving."""
    return PicklistField(
        Membership,
        empty="Nobody",
        offered=assignable_members,
        mark="inactive",
        required=False,
        help_text="Who of the sales staff looks after it.",
    )


def tags():
    return TagNamesField(
        Tag, required=False, help_text="With commas between them. New ones are made as you type."
    )


class PersonForm(RecordForm):
    company = RecordField(
        Company,
        reverse_lazy("crm:company-options"),
        required=False,
        help_text="Type its name. One that is not there yet is added with the person.",
    )

    class Meta:
        model = Person
        fields = ["name", "company", "email", "title", "description"]
        field_classes = {"description": LinesField}
        widgets = {
            "email": forms.TextInput(attrs={"inputmode": "email", "placeholder": "ada@example.com"}),
            "title": forms.TextInput(attrs={"placeholder": "Head of Purchasing"}),
            "description": forms.Textarea(attrs={"rows": 5}),
        }
        help_texts = {"description": "Links in it can be clicked."}

    live_twins = ("email",)
    groups = {"": ["name", "company", "email", "title"], "Notes": ["description"]}

    def get_next_initial(self):
        return {"company": self.instance.company_id} if self.instance.company_id else {}


class CountrySelect(LazySelect):
    """A choice of countries that a script finds by their other names, too."""

    def create_option(self, name, value, *args, **options):
        option = super().create_option(name, value, *args, **options)
        if aliases := ALIASES.get(str(value)):
            option["attrs"]["data-aliases"] = ", ".join(aliases)
        return option


class CompanyForm(RecordForm):
    contact_type = PicklistField(ContactType, required=False, label="Contact type")
    assignee = assignee()
    tags = tags()

    class Meta:
        model = Company
        fields = [
            "name",
            "contact_type",
            "work_phone",
            "email_domain",
            "work_website",
            "address",
            "city",
            "state",
            "zip",
            "country",
            "linkedin",
            "assignee",
            "tags",
        ]
        field_classes = {"address": LinesField}
        widgets = {
            "work_phone": forms.TextInput(attrs={"type": "tel", "placeholder": "+1 555 010 0199"}),
            "email_domain": forms.TextInput(attrs={"placeholder": "@example.com"}),
            "work_website": forms.TextInput(attrs={"inputmode": "url", "placeholder": "example.com"}),
            "address": forms.Textarea(attrs={"rows": 2, "placeholder": "Street and number"}),
            "country": CountrySelect(attrs={"data-search": ""}),
            "linkedin": forms.TextInput(attrs={"placeholder": "linkedin.com/company/example or example"}),
        }
        help_texts = {"email_domain": "What the e-mail addresses of its people end in."}

    live_twins = ("name", "email_domain")
    groups = {
        "": ["name", "contact_type"],
        "How to reach it": ["work_phone", "email_domain", "work_website"],
        "Where it is": ["address", "city", "state", "zip", "country", "linkedin"],
        "In this workspace": ["assignee", "tags"],
    }
