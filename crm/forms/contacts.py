from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
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
        empty=_("Unassigned"),
        offered=assignable_members,
        mark=_("inactive"),
        required=False,
        help_text=_("The team member responsible."),
    )


def tags():
    return TagNamesField(Tag, required=False, help_text=_("Separate tags with commas."))


class PersonForm(RecordForm):
    company = RecordField(
        Company,
        reverse_lazy("crm:company-options"),
        required=False,
        help_text=_("Search or type a new name to create one."),
    )

    class Meta:
        model = Person
        fields = ["name", "company", "email", "title", "description"]
        field_classes = {"description": LinesField}
        widgets = {
            "email": forms.TextInput(attrs={"inputmode": "email", "placeholder": "ada@example.com"}),
            "title": forms.TextInput(attrs={"placeholder": _("Head of Purchasing")}),
            "description": forms.Textarea(attrs={"rows": 5}),
        }
        help_texts = {"description": _("How you met, birthday, interests…")}

    live_twins = ("email",)
    groups = {"": ["name", "company", "email", "title"], _("Notes"): ["description"]}

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
    contact_type = PicklistField(ContactType, required=False, label=_("Contact type"))
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
            "address": forms.Textarea(attrs={"rows": 2, "placeholder": _("Street address")}),
            "country": CountrySelect(attrs={"data-search": ""}),
            "linkedin": forms.TextInput(attrs={"placeholder": _("linkedin.com/company/example or example")}),
        }
        help_texts = {"email_domain": _("The part after @ in this company’s email addresses.")}

    live_twins = ("name", "email_domain")
    groups = {
        "": ["name", "contact_type"],
        _("Contact details"): ["work_phone", "email_domain", "work_website"],
        _("Address"): ["address", "city", "state", "zip", "country", "linkedin"],
        _("Ownership"): ["assignee", "tags"],
    }
