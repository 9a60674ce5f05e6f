"""The list of profiles, and the page of one with its whole history."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from crm.db.exact_sum import ExactSum
from crm.formatting import format_exact, format_month
from crud.pagination.aggregates import Total
from crud.views import detail
from crud.views.delete import DeleteView
from crud.views.edit import CreateView, UpdateView
from crud.views.list import ListView
from recurring.filters import used_currencies
from recurring.forms import CANCEL_PAUSE, OPERATIONS, DetailsForm
from recurring.lifecycle import operations
from recurring.lifecycle.checks import history_of
from recurring.lifecycle.effects import deletion_effect
from recurring.models import (
    ExchangeRate,
    RevenueCategory,
    RevenueEnding,
    RevenuePause,
    RevenueTerm,
)
from recurring.mrr import profiles
from recurring.mrr.calendar import month_end, month_index, month_of, months_after
from recurring.mrr.exchange_rates import LenientRates
from recurring.mrr.money import PLACES, annualize, from_units
from recurring.mrr.renewals import renewals, term_to_renew
from workspaces.models import Membership
from workspaces.tenancy.scope import active_workspace

MONTHLY = "recurring/profiles/_monthly.html"


class ProfileList(ListView):
    """The profiles; under them what they come to today, currency by currency and all in all."""

    def get_totals(self):
        codes = used_currencies() or [active_workspace().currency]
        totals = [total_in(code) for code in codes]
        return totals + sum_of_all(codes) if len(codes) > 1 else totals


def total_in(code):
    return Total(
        "Σ MRR",
        lambda: ExactSum("mrr", filter=Q(currency=code)),
        lambda units: format_exact(from_units(units), code),
    )


def sum_of_all(codes):
    """[Total] in the workspace's currency, at this month's rates; [] while there are none."""
    workspace = active_workspace()
    month = month_of(workspace.today())
    exchange = LenientRates(workspace.currency, ExchangeRate.objects.table())
    rates = [exchange.units(code, month_index(month)) for code in codes]
    if not any(rates):
        return []
    missing = [code for code, rate in zip(codes, rates, strict=True) if not rate]
    names = {"currency": workspace.currency, "month": format_month(month), "missing": ", ".join(missing)}
    label = _("all in %(currency)s, at the rates of %(month)s") % names
    if missing:
        label = _("all in %(currency)s, at the rates of %(month)s, without %(missing)s (no rate)") % names

    def converted(sums):
        units = sum(amount * rate for amount, rate in zip(sums, rates, strict=True))
        return format_exact(from_units(units, PLACES + exchange.places), workspace.currency)

    return [Total(label, None, converted)]


@dataclass(frozen=True)
class HistoryEntry:
    """One row of a profile's history, as its page tells it."""

    day: object
    what: str
    row: object
    action: str  # the route by which it is corrected
    monthly: object = None
    category: object = None


class ProfilePage(detail.DetailView):
    """One profile: what it is worth, what can be done with it, and all that ever was."""

    def get_context_data(self, **kwargs):
        today = active_workspace().today()
        rows = every_row(self.object)
        live = [row for row in rows if not row.superseded_at]
        history = history_from(self.object, live)
        ahead = month_end(months_after(today.replace(day=1), 3))
        until = month_end(months_after(today.replace(day=1), 24))
        entries = entries_of(rows)
        return super().get_context_data(
            today=today,
            arr=annualize(self.object.mrr),
            last_day=history.last_day,
            ahead=ahead,
            committed=history.mrr(ahead),
            ledger=profiles.profile_ledger(history),
            renewal=next(iter(renewals([history], today, until)), None),
            acts=available_operations(live, history, today),
            entries=[entry for entry in entries if not entry.row.superseded_at],
            superseded=[entry for entry in entries if entry.row.superseded_at],
            **kwargs,
        )


def every_row(profile):
    """All dated rows that there ever were."""
    models = RevenueTerm, RevenuePause, RevenueEnding
    rows = [row for model in models for row in model.objects.filter(profile=profile)]
    members = Membership.objects.all_by_id()
    for row in rows:
        row.profile = profile  # whose currency decides how its amounts are written
        row.by, row.gone_by = members.get(row.recorded_by_id), members.get(row.superseded_by_id)
    return rows


def history_from(profile, live):
    """The profile as the engine reckons with it, of its live rows."""
    kinds = {"terms": RevenueTerm, "pauses": RevenuePause, "endings": RevenueEnding}
    return profile.history(
        **{
            name: tuple(row.history for row in live if isinstance(row, model))
            for name, model in kinds.items()
        }
    )


def entries_of(rows):
    """[Entry] of dated rows, oldest first."""
    categories = RevenueCategory.objects.all_by_id()
    entries = [entry_of(row, categories) for row in rows]
    return sorted(entries, key=lambda entry: (entry.day, entry.row.recorded_at))


def entry_of(row, categories):
    if isinstance(row, RevenueTerm):
        return HistoryEntry(
            row.from_date, row.line, row, "revenueterm", row.monthly, categories[row.category_id]
        )
    if isinstance(row, RevenuePause):
        return HistoryEntry(row.from_date, _("Pause"), row, "revenuepause")
    return HistoryEntry(row.end, _("Last day"), row, "revenueending")


def available_operations(live, history, today):
    """[(name, label)] of the acts that make sense as it stands."""
    has_ended = bool(history.endings)
    pause = operations.first_open_ended([row for row in live if isinstance(row, RevenuePause)])
    is_available = {
        "amount": True,
        "category": True,
        "renew": term_to_renew(history, today) is not None,
        "pause": history.unpaused_days(today) is not None,
        "resume": pause is not None and not history.has_ended(today),
        "end": not has_ended,
        "undo": has_ended,
    }
    labels = {"resume": CANCEL_PAUSE} if pause and operations.is_planned(pause) else {}
    return [(name, labels.get(name, form.label)) for name, form in OPERATIONS.items() if is_available[name]]


class ProfileCreate(CreateView):
    """Enter a profile. `preview` among what is sent shows its MRR and saves nothing."""

    def get_template_names(self):
        return [MONTHLY] if self.request.htmx.target == "preview" else super().get_template_names()

    def post(self, request, *args, **kwargs):
        if "preview" not in request.POST:
            return super().post(request, *args, **kwargs)
        self.object, form = None, self.get_form()
        form.is_valid()
        return self.render_to_response(self.get_context_data(form=form))

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        form = context["form"]
        currency = form["currency"].value() if "currency" not in form.errors else None
        return context | {"monthly": form.monthly(), "monthly_currency": currency}

    def render_to_response(self, *args, **kwargs):
        response = super().render_to_response(*args, **kwargs)
        patch_vary_headers(response, ["HX-Target"])
        return response


class ProfileDelete(DeleteView):
    """Ask before profiles are deleted, with what that does to months that are over."""

    def get_context_data(self, **kwargs):
        first = self.rows[0] if len(self.rows) == 1 else None
        may_end = first and not history_of(first).has_ended(active_workspace().today())
        return super().get_context_data(effects=deletion_effect(self.rows), may_end=may_end, **kwargs)


class ProfileUpdate(UpdateView):
    """Change what a profile is; its amounts change by what its page offers."""

    def get_form_class(self):
        return DetailsForm

    def get_context_data(self, **kwargs):
        if self.deleted:  # and may be restored by saving
            profiles = self.viewset.model.trash.filter(pk=self.kwargs["pk"])
            kwargs["effects"] = self.viewset.model.effects_of_restoring(list(profiles))
        return super().get_context_data(**kwargs)
