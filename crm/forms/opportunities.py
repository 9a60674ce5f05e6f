import json

from django import forms
from django.urls import reverse_lazy
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from crm.forms.contacts import assignable_members, assignee, tags
from crm.forms.fields import PicklistField, RecordField, WholeNumberField
from crm.forms.record_form import RecordForm
from crm.models import Company, LossReason, Opportunity, Person, Source, Stage, Status
from crud.forms.fields import DateField
from workspaces.tenancy.scope import active_workspace

KEEP, CLEAR = "keep", "clear"


class OpportunityStatusForm(RecordForm):
    """The rules by which stage, win %, status, close date and loss reason go together."""

    stage = PicklistField(
        Stage, required=False, empty=_("No stage"), help_text=_("Where it is in your sales process.")
    )
    win_percent = WholeNumberField(
        largest=100,
        example="70",
        is_percentage=True,
        required=False,
        label=_("Win %"),
        help_text=_("Chance of winning. Defaults to the stage’s value."),
    )
    status = PicklistField(Status, help_text=_("Open, won, lost or abandoned."))
    loss_reason = PicklistField(
        LossReason,
        required=False,
        label=_("Loss reason"),
        help_text=_("Required for lost and abandoned opportunities."),
    )
    # What the form asks when it is reopened, and the script's word that the win % is the user's own.
    on_reopening = forms.ChoiceField(
        label=_("Previous close date"),
        choices=[(KEEP, _("Keep")), (CLEAR, _("Clear"))],
        widget=forms.RadioSelect,
        required=False,
    )
    own_win_percent = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.asks_about_close_date = False
        stages, statuses = Stage.objects.all_by_id(), Status.objects.all_by_id()
        self.fields["stage"].widget.attrs["data-win"] = json.dumps(
            {pk: row.win_percent for pk, row in stages.items()}
        )
        self.fields["status"].widget.attrs["data-kinds"] = json.dumps(
            {pk: row.kind for pk, row in statuses.items()}
        )

    @property
    def before(self):
        """The stage and status that the opportunity has so far; None where there is none."""
        return self.instance.stage, self.instance.status if self.instance.status_id else None

    def clean(self):
        super().clean()
        values, previous_status = self.cleaned_data, self.before[1]
        if status := values.get("status"):
            kind = Status.Kind(status.kind)
            self.propose_win_percent(kind)
            if kind.is_closed:
                if values.get("close_date") is None and "close_date" not in self.errors:
                    values["close_date"] = active_workspace().today()
                values["expected_close"] = self.instance.expected_close
            elif previous_status and Status.Kind(previous_status.kind).is_closed:
                self.ask_about_close_date()
            if not kind.wants_reason:
                values["loss_reason"] = self.instance.loss_reason
            elif not values.get("loss_reason") and "loss_reason" not in self.errors and self.wants_reason:
                self.add_error("loss_reason", _("Choose a loss reason."))

    @property
    def wants_reason(self):
        return active_workspace().requires_loss_reason and len(list(self.fields["loss_reason"].choices)) > 1

    def propose_win_percent(self, kind):
        """Take a new stage's win %, unless the user has set their own; once closed, what it was stays."""
        values, previous_stage = self.cleaned_data, self.before[0]
        if "win_percent" in self.errors:
            return
        stage, win_percent = values.get("stage"), values.get("win_percent")
        if self.instance.pk is None and previous_stage is None:
            previous_stage = Stage.objects.all_by_id().get(
                self.get_initial_for_field(self.fields["stage"], "stage")
            )
        is_proposed = not values.get("own_win_percent") and win_percent == (
            previous_stage.win_percent if previous_stage else 0
        )
        if win_percent is None:
            values["win_percent"] = stage.win_percent if stage else self.instance.win_percent
        elif stage and stage != previous_stage and is_proposed and not (self.instance.pk and kind.is_closed):
            values["win_percent"] = stage.win_percent

    def ask_about_close_date(self):
        """Reopened with the close date of before: is that one to stay?"""
        values, close_date = self.cleaned_data, self.instance.close_date
        if close_date is None or values.get("close_date") != close_date:
            return
        self.asks_about_close_date = True
        if values.get("on_reopening") == CLEAR:
            values["close_date"] = None
        elif values.get("on_reopening") != KEEP:
            date = formats.date_format(close_date)
            message = _("This was closed on %(date)s. Keep that close date?")
            self.add_error("on_reopening", message % {"date": date})

    @property
    def grouped(self):
        needs_answer = self.asks_about_close_date
        return [
            (heading, [field for field in fields if field.name != "on_reopening" or needs_answer])
            for heading, fields in super().grouped
        ]


def date_field(label, help_text):
    return DateField(label=label, required=False, help_text=help_text)


class OpportunityForm(OpportunityStatusForm):
    company = RecordField(
        Company,
        reverse_lazy("crm:company-options"),
        required=False,
        help_text=_("Search or type a new name to create one."),
    )
    contact = RecordField(
        Person, reverse_lazy("crm:person-options"), required=False, help_text=_("Your contact for this deal.")
    )
    value = WholeNumberField(required=False, help_text=_("Estimated value in whole currency units."))
    close_date = date_field(_("Close date"), _("The date it was won or lost. Defaults to today."))
    expected_close = date_field(_("Expected close"), _("Your best estimate."))
    source = PicklistField(Source, required=False, help_text=_("Where the lead came from."))
    assignee = assignee()
    tags = tags()

    class Meta:
        model = Opportunity
        fields = [
            "name",
            "company",
            "contact",
            "stage",
            "value",
            "win_percent",
            "status",
            "close_date",
            "expected_close",
            "loss_reason",
            "priority",
            "source",
            "assignee",
            "tags",
        ]
        widgets = {"name": forms.TextInput(attrs={"placeholder": _("What you’re selling, and to whom")})}

    groups = {
        "": ["name", "company", "contact"],
        _("Deal details"): [
            "stage",
            "value",
            "win_percent",
            "status",
            "close_date",
            "on_reopening",
            "expected_close",
            "loss_reason",
        ],
        _("Ownership"): ["priority", "source", "assignee", "tags"],
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["contact"].widget.attrs["data-near"] = "company"
        if self.instance.pk is None:
            self.propose()

    def propose(self):
        """What a new opportunity begins with, where its address says nothing else."""
        statuses, stages = self.fields["status"], self.fields["stage"]
        first = [
            pk
            for pk, row in statuses.all_by_id.items()
            if row.kind == Status.Kind.OPEN and not row.is_retired
        ]
        stage = self.initial.get("stage") or next((pk for pk, _ in stages.choices if pk), None)
        self.initial |= {"status": self.initial.get("status") or next(iter(first), None), "stage": stage}
        if stage:
            self.initial["win_percent"] = stages.all_by_id[stage].win_percent

    def set_user(self, user):
        super().set_user(user)
        if self.instance.pk is None and user.membership and assignable_members(user.membership):
            self.initial["assignee"] = self.initial.get("assignee") or user.membership.pk

    def clean_company(self):
        company = self.cleaned_data["company"]
        self.fields["contact"].preferred = (
            company and company.pk and (lambda row: row.company_id == company.pk)
        )
        return company

    def complete(self, row):
        if isinstance(row, Person):
            row.company = self.cleaned_data.get("company")

    def get_next_initial(self):
        keys = {"company": self.instance.company_id, "contact": self.instance.contact_id}
        return {name: pk for name, pk in keys.items() if pk}


class StageForm(OpportunityStatusForm):
    """A step of an opportunity: only its stage or status, and what that calls for.

    What was not sent is as it was.
    """

    close_date = date_field(_("Close date"), "")

    class Meta:
        model = Opportunity
        fields = ["stage", "status", "win_percent", "close_date", "loss_reason"]

    groups = {"": ["stage", "status", "close_date", "on_reopening", "loss_reason"]}

    def __init__(self, data=None, *args, instance, **kwargs):
        if data is not None:
            current_values = {
                f"{name}": getattr(instance, f"{name}_id") for name in ("stage", "status", "loss_reason")
            }
            current_values |= {"win_percent": instance.win_percent, "close_date": instance.close_date}
            data = {
                **{name: "" if value is None else str(value) for name, value in current_values.items()},
                **dict(data.items()),
            }
        super().__init__(data, *args, instance=instance, **kwargs)
