import hashlib

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from crm.forms.contacts import assignee, tags
from crm.forms.fields import RecordField, WholeNumberField
from crm.forms.record_form import RecordForm
from crm.models import Opportunity
from crm.picklists.forms import least_used_color
from recurring.forms.fields import day_field
from recurring.forms.terms import ONE_OFF, TermFieldsMixin, category_field, client_field, term_values
from recurring.lifecycle import effects
from recurring.lifecycle.checks import check_line, format_day, history_of
from recurring.lifecycle.operations import move_start, start_profile
from recurring.models import RevenueCategory, RevenueProfile, RevenueTerm
from workspaces.models.currencies_and_zones import current_currencies, offer_current
from workspaces.tenancy.scope import active_workspace


class ProfileFormBase(RecordForm):
    """What the form to enter a profile and the one to update it share."""

    company = client_field()
    owner = assignee()
    tags = tags()
    start = day_field(_("First day"), _("The first day of service."))
    end = day_field(_("Fixed last day"), _("Leave blank if it has no end."), required=False)
    opportunity = RecordField(
        Opportunity,
        reverse_lazy("crm:opportunity-options"),
        is_made=False,  # it takes more than a name
        required=False,
        label=_("Opportunity"),
        help_text=_("The deal it came from."),
    )
    term_months = WholeNumberField(
        largest=1200,
        example="12",
        required=False,
        label=_("Term in months"),
        help_text=_("The length of each term."),
    )
    notice_days = WholeNumberField(
        largest=3660,
        example="30",
        required=False,
        label=_("Days of notice"),
        help_text=_("Days before the end of a term."),
    )

    class Meta:
        model = RevenueProfile
        fields = [
            "company",
            "name",
            "description",
            "owner",
            "currency",
            "start",
            "end",
            "term_months",
            "renewal",
            "notice_days",
            "opportunity",
            "tags",
            "notes",
        ]
        help_texts = {
            "name": _("Defaults to the category’s name."),
            "currency": _("The currency of all its amounts."),
        }
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "notes": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        if "currency" in self.fields:
            offer_current(self, currency=current_currencies())

    effects, effects_token = (), ""  # what saving does to months that are over, and what confirms just that

    def confirm(self, effects):
        """Refuse to save what has effects on months that are over until they were seen and confirmed."""
        sentences = "\n".join(effect.sentence for effect in effects)
        token = hashlib.sha256(sentences.encode()).hexdigest()[:16]
        if effects and self.data.get("confirmed") != token and "preview" not in self.data:
            self.effects, self.effects_token = effects, token
            self.add_error(None, _("Review the changes below and confirm them."))

    def clean_notice_days(self):
        return self.cleaned_data["notice_days"] or 0

    def clean(self):
        super().clean()
        if not self.cleaned_data.get("name") and "name" not in self.errors:
            category = self.cleaned_data.get("category") or (
                self.instance.category_id and self.instance.category
            )
            self.cleaned_data["name"] = str(category or "")
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        if start and end and end < start:
            self.add_error("end", _("The last day must not be before the first day."))
        if self.cleaned_data.get("renewal") != RevenueProfile.Renewal.EVERGREEN and not (
            self.cleaned_data.get("term_months") or end or {"term_months", "end"} & {*self.errors}
        ):
            self.add_error(
                "term_months", _("Enter the term or a fixed last day, so that it comes up for renewal.")
            )

    def get_typed_text(self, name):
        if name == "category":
            return str(self.cleaned_data.get("category") or "")
        return super().get_typed_text(name)

    def set_user(self, user):
        super().set_user(user)
        # A sale has more to it than a name.
        self.fields["opportunity"].may_add = False


class RevenueProfileForm(TermFieldsMixin, ProfileFormBase):
    """A new profile: five fields, and more for who wants it."""

    category = category_field()

    groups = {
        "": ["company", "category", "amount", "unit", "start"],
        _("Billing"): ["count", "quantity", "discount", "currency"],
        _("Agreement"): ["end", "term_months", "renewal", "notice_days"],
        _("Details"): ["name", "description", "owner", "opportunity", "tags", "notes"],
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.prefilled_names = {name for name in ("opportunity", "end") if self.initial.get(name)}
        self.initial.setdefault("unit", RevenueTerm.Unit.MONTH.value)
        if self.initial.get("opportunity") or self.data.get("opportunity"):
            self.fields["unit"].label = _("The value is per")
            self.fields["unit"].choices = [(ONE_OFF, _("one-off")), *RevenueTerm.Unit.choices]
            self.fields["unit"].help_text = _(
                "Whether the value is paid once, or every month, quarter or year."
            )
        self.initial.setdefault("start", active_workspace().today())

    @property
    def has_more_to_say(self):
        """Whether something is wrong, or filled in already, among the fields that are not seen at first."""
        later = [name for heading, names in self.groups.items() if heading for name in names]
        return any(
            name in self.errors or (not self.is_bound and name in self.prefilled_names) for name in later
        )

    def set_user(self, user):
        super().set_user(user)
        self.fields["category"].may_add = user.has_perm("recurring.add_revenuecategory")

    @classmethod
    def get_prefilled_values(cls, parameters):
        """Also of the opportunity that was won: its client, name, value and day."""
        values = super().get_prefilled_values(parameters)
        opportunity = (
            values.get("opportunity") and Opportunity.objects.filter(pk=values["opportunity"]).first()
        )
        if opportunity:
            values_of_opportunity = {
                "company": opportunity.company_id,
                "name": opportunity.name,
                "amount": None if opportunity.value is None else f"{opportunity.value:,}",
                "unit": RevenueTerm.Unit.YEAR.value,
                "start": opportunity.close_date,
                "owner": opportunity.assignee_id,
            }
            values = {name: value for name, value in values_of_opportunity.items() if value} | values
        return values

    def clean_unit(self):
        if self.cleaned_data["unit"] == ONE_OFF:
            raise forms.ValidationError(
                _("A one-off payment isn’t recurring revenue, so no profile is needed.")
            )
        return self.cleaned_data["unit"]

    def monthly(self):
        """The MRR of the amount as it is filled in; None where it is not, or cannot be."""
        names = [*TermFieldsMixin.base_fields]
        if self.is_bound and {*names} & {*self.errors}:
            return None
        try:
            if self.is_bound:
                line = self.cleaned_data
            else:  # what the address of the page fills in, which may be anything
                filled = ((name, self.fields[name]) for name in names)
                line = {name: field.clean(self.get_initial_for_field(field, name)) for name, field in filled}
            return None if line.get("amount") is None else RevenueTerm(**term_values(line)).normalize()
        except (ValueError, forms.ValidationError):
            return None

    def clean(self):
        super().clean()
        if self.cleaned_data.get("amount") is not None and not self.errors:
            try:
                check_line(RevenueTerm(**term_values(self.cleaned_data)))
            except forms.ValidationError as error:
                self.add_error(None, error)
        if not self.errors:
            self.confirm(effects.currency_effect(self.cleaned_data["currency"], self.cleaned_data["start"]))

    def save(self, commit=True):
        category = self.cleaned_data["category"]
        if category.pk is None:
            category.color = least_used_color(RevenueCategory)
            category.save()
        self.instance.category = category
        company = self.cleaned_data["company"]
        if company.pk is None:
            company.save()
            self.made.append(company)
        self.instance.company = company
        start_profile(self.instance, category, submission=None, **term_values(self.cleaned_data))
        self._save_m2m()
        return self.instance

    def get_next_initial(self):
        return {"company": self.instance.company_id, "category": self.instance.category_id}


class DetailsForm(ProfileFormBase):
    """What a profile is, but for its amounts: these change from a day on, by the actions on its page."""

    class Meta(ProfileFormBase.Meta):
        help_texts = ProfileFormBase.Meta.help_texts | {
            "currency": _(
                "Change it only to correct a mistake: it applies to all amounts, past months included. "
                "For a new currency from a certain day, end this profile and add a new one."
            )
        }

    groups = {
        "": ["company", "name", "description", "owner"],
        _("Agreement"): ["start", "end", "term_months", "renewal", "notice_days", "currency"],
        _("More"): ["opportunity", "tags", "notes"],
    }
    has_conflict = False  # set by crud.forms.merged_forms.MergedEdit

    def clean(self):
        super().clean()
        if self.instance.pk is None:  # deleted for good meanwhile: nothing is known of it any more
            return
        start, end = self.cleaned_data.get("start"), self.cleaned_data.get("end")
        history = history_of(self.instance)
        endings = [ending.end for ending in history.endings]
        if start and any(start > day for day in endings):
            self.add_error(
                "start",
                _("It ended on %(date)s. Undo that first or choose an earlier day.")
                % {"date": format_day(min(endings))},
            )
        starts = [pause.from_date for pause in history.pauses if start and pause.from_date < start]
        if starts:
            self.add_error(
                "start",
                _("It was paused from %(date)s. Edit that pause first.") % {"date": format_day(min(starts))},
            )
        if end and (late := [day for day in endings if day > end]):
            self.add_error(
                "end",
                _("Notice was given for %(date)s. Undo or edit that first.") % {"date": format_day(late[0])},
            )
        # With a conflict nothing is saved, so there is nothing to confirm yet.
        if not self.errors and not self.has_conflict:
            self.confirm(effects.update_effect(self.instance, history, self.cleaned_data))

    def save(self, commit=True):
        is_moved = "start" in self.changed_data
        row = super().save(commit)
        if is_moved:
            move_start(row)
        else:
            row.renew_standing()
        return row
