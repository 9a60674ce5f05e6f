"""The table of month-end exchange rates: looked at by everybody, typed or pasted by admins."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crud.params import int_param
from crud.views.redirects import form_data
from recurring.filters import used_currencies
from recurring.forms import RatesForm
from recurring.forms.exchange_rates import RatesConflict
from recurring.models import ExchangeRate
from recurring.mrr.calendar import month_of, months_after
from workspaces.models import Membership
from workspaces.permissions import permission_required, require_permission
from workspaces.tenancy.scope import active_workspace

MAY_CHANGE = "recurring.configure_exchangerate"


@permission_required("recurring.view_exchangerate")
def rates(request):
    """Month by month what one unit of each other currency was worth, and where rates are missing."""
    may_change = request.user.has_perm(MAY_CHANGE)
    if request.method == "POST":
        require_permission(request.user, MAY_CHANGE)
    form = RatesForm(form_data(request))
    if request.method == "POST" and form.is_valid():
        try:
            number = form.save()
        except RatesConflict as conflict:
            form.refuse(conflict)
        else:
            sentence = ngettext("%(number)s rate saved.", "%(number)s rates saved.", number)
            if not number:
                sentence = _("These rates were already saved.")
            messages.success(request, sentence % {"number": f"{number:,}"})
            return redirect("recurring:rates")
    workspace = active_workspace()
    rates_by_month = {}
    for row in ExchangeRate.objects.live():
        row.by = Membership.objects.all_by_id().get(row.recorded_by_id)
        rates_by_month[row.month, row.currency] = row
    currencies = sorted(
        {code for _month, code in rates_by_month} | {*used_currencies()} - {workspace.currency}
    )
    newest = months_after(month_of(workspace.today()), -1)
    months = sorted({month for month, _code in rates_by_month} | {newest}, reverse=True)
    table = [(month, [rates_by_month.get((month, code)) for code in currencies]) for month in months]
    version = max((row.pk for row in rates_by_month.values()), default=0)
    if form.is_bound and not form.is_conflict:
        # The user corrects what was typed over the rates that were shown with it, not over later ones.
        version = int_param(form.data, "version", 0, digits=18)
    context = {
        "form": form,
        "version": version,
        "may_change": may_change,
        "currencies": currencies,
        "table": table,
        "base_currency": workspace.currency,
    }
    return render(
        request,
        "recurring/exchange_rates/exchange_rates.html",
        context,
        status=409 if form.is_conflict else 200,
    )
