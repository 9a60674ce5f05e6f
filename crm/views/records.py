"""The pages of one person, company or opportunity, with what belongs to it."""

from django.core.exceptions import ValidationError
from django.db.models import Case, Count, OuterRef, Subquery, When
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import render
from django.views import View

from crm import extension_points
from crm.forms.opportunities import StageForm
from crm.forms.record_form import duplicate_notices
from crm.models import Opportunity, Person, Stage, StageChange, Status
from crud.db.prefetch import attach_related
from crud.display import field_of
from crud.forms.merged_forms import encode
from crud.params import parse_id
from crud.views import edit
from crud.views.base import ModelViewMixin
from crud.views.detail import DetailView
from crud.views.selection import OptionsView

FIRST = 10  # of the rows that belong to a record, as its page lists them


def number_of(model, field):
    """The number of the model's rows whose `field` is the row asked for, as part of its own query."""
    rows = model.objects.filter(**{field: OuterRef("pk")}).order_by().values(field)
    return Coalesce(Subquery(rows.annotate(number=Count("*")).values("number")), 0)


class PersonPage(DetailView):
    """A person, and what they are the contact of."""

    def get_queryset(self):
        return super().get_queryset().annotate(number_of_opportunities=number_of(Opportunity, "contact"))

    def get_context_data(self, **kwargs):
        return super().get_context_data(opportunities=first_opportunities(contact=self.object), **kwargs)


class CompanyPage(DetailView):
    """A company, its people and its opportunities."""

    def get_queryset(self):
        return (
            super()
            .get_queryset()
            .annotate(
                number_of_people=number_of(Person, "company"),
                number_of_opportunities=number_of(Opportunity, "company"),
            )
        )

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            people=Person.objects.filter(company=self.object)[:FIRST],
            opportunities=first_opportunities(company=self.object),
            panels=[panel(self.request, self.object) for panel in extension_points.COMPANY],
            **kwargs,
        )


class OpportunityPage(DetailView):
    """An opportunity, where it may go from here, and how it came here."""

    def get_context_data(self, **kwargs):
        row = self.object
        steps = attach_related(StageChange.objects.filter(opportunity=row), ["by"])
        entered_at = next((step.at for step in steps if step.field == "stage"), row.created_at)
        statuses = [status for status in Status.objects.all_by_id().values() if not status.is_retired]
        if self.request.user.has_perm(self.viewset.permission("update")):
            kwargs |= {"version": row.version, "base": encode(StageForm(instance=row))}
        return super().get_context_data(
            steps=steps,
            in_stage_since=entered_at,
            path=stage_path(row, Stage.objects.all_by_id().values()),
            next_statuses=[status for status in statuses if status.pk != row.status_id],
            panels=[panel(self.request, row) for panel in extension_points.OPPORTUNITY],
            is_stage_default=row.stage is not None and row.stage.win_percent == row.win_percent,
            **kwargs,
        )


def stage_path(opportunity, stages):
    """Return [(stage, whether the opportunity has passed it)] of the active stages and its own, in order."""
    stages = [stage for stage in stages if not stage.is_retired or stage.pk == opportunity.stage_id]
    place = next((n for n, stage in enumerate(stages) if stage.pk == opportunity.stage_id), -1)
    return [(stage, n < place) for n, stage in enumerate(stages)]


class StageView(edit.UpdateView):
    """Put an opportunity in another stage or status; asks where that calls for a reason or a date."""

    suffix = "move"

    def get_form_class(self):
        return StageForm

    def gone(self):
        raise Http404  # a step is nothing that could become a new row


class PersonOptions(OptionsView):
    """The people that a combobox offers; those of the company that was chosen beside it come first."""

    def get_queryset(self):
        company_id = parse_id(self.request.GET.get("near", ""))
        if company_id is None:
            return super().get_queryset()
        is_near = Case(When(company=company_id, then=0), default=1)
        return super().get_queryset().order_by(is_near, "name_key", "pk")


class DuplicatesView(ModelViewMixin, View):
    """The rows that may be the one being typed, while it is typed."""

    def get(self, request):
        row = self.viewset.model(pk=parse_id(request.GET.get("pk", "")))
        names = [name for name in self.viewset.get_form().live_twins if name in request.GET]
        for name in names:
            setattr(row, name, parse_duplicate_query(row, name, request.GET[name]))
        lines = [
            line
            for field, text, rows in row.twins()
            if field in names
            for line in duplicate_notices(text, rows)
        ]
        remarks = [line for field, line in row.remarks() if field in names]
        return render(request, "crm/records/_possible_duplicates.html", {"lines": remarks + lines})


def parse_duplicate_query(row, name, text):
    """What was typed as the field would keep it; "" while that can't be said."""
    try:
        if "\x00" in text:
            return ""
        return field_of(type(row), name).clean(text, row)
    except ValidationError:
        return ""


def first_opportunities(**of):
    """The first opportunities of a company or a contact, with what the table of them shows."""
    return attach_related(Opportunity.objects.filter(**of)[:FIRST], ["stage", "status"])
