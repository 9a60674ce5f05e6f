"""One month explained: a sentence and its rows. And closed: what was reported stays beside what it is now."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from recurring.models import ClosedMonth
from recurring.mrr.calendar import month_of, months_after
from recurring.mrr.results import CLOSED
from recurring.reporting import narrative
from recurring.reporting.dataset import RevenueDataset
from recurring.reporting.movement_kinds import LABELS, MOVEMENT_KINDS, signed_amount
from recurring.reporting.tables import parse_month
from workspaces.models import Membership
from workspaces.permissions import permission_required
from workspaces.tenancy.scope import active_workspace

from .graphs import MAY_VIEW, chosen_in

MAY_CLOSE = "recurring.configure_closedmonth"
REPORTED = ("opening", *MOVEMENT_KINDS, "exchange", "closing")
REPORTED_LABELS = {**LABELS, "opening": _("Opening"), "closing": _("Closing")}


@permission_required(MAY_VIEW)
def months(request):
    """To the month that it is."""
    return redirect("recurring:month", f"{active_workspace().today():%Y-%m}")


@permission_required(MAY_VIEW)
def month(request, month):
    """What moved in a month, and who."""
    first = month_or_404(month)
    dataset = RevenueDataset(chosen_in(request.GET))
    explanation = dataset.ledger(first, first, recorded=True).explanation(first)
    totals = explanation.totals
    groups = narrative.tell_month(dataset, explanation)
    closed = ClosedMonth.objects.filter(month=first).first()
    if closed:
        closed.by = Membership.objects.all_by_id().get(closed.closed_by_id)
    context = {
        "month": first,
        "left_out": dataset.left_out(months_after(first, -1), first),
        "totals": totals,
        "currency": dataset.currency,
        "groups": groups,
        "sentence": narrative.sentence(dataset, totals, groups),
        "identity": [
            (LABELS.get(kind, kind), signed_amount(totals, kind))
            for kind in (*MOVEMENT_KINDS, "exchange", "transfer")
            if getattr(totals, kind)
        ],
        "before": months_after(first, -1),
        "after": months_after(first, 1),
        "chosen": dataset.chosen,
        "query": request.GET.urlencode(),
        "closed": closed,
        "restated": changed_figures(closed, totals) if closed and not dataset.chosen.parameters else [],
        "may_close": totals.status == CLOSED and not closed and request.user.has_perm(MAY_CLOSE),
    }
    return render(request, "recurring/months/month.html", context)


def month_or_404(text):
    month = parse_month(text)
    if month is None:
        raise Http404
    return month


def figures_of(totals):
    return {name: f"{getattr(totals, name).normalize():f}" for name in REPORTED}


def changed_figures(closed, totals):
    """[(what, reported, now)] of the figures that have changed since the month was closed."""
    current = {name: getattr(totals, name) for name in REPORTED}
    pairs = [(name, closed.amount(name), current[name]) for name in REPORTED]
    return [(REPORTED_LABELS[name], was, is_) for name, was, is_ in pairs if was != is_]


@permission_required(MAY_CLOSE)
@require_POST
def close(request, month):
    """Keep the figures of a month that is over as they are reported today."""
    first = month_or_404(month)
    if first >= month_of(active_workspace().today()):
        messages.warning(request, _("This month isn’t over yet."))
        return redirect("recurring:month", month)
    dataset = RevenueDataset()
    totals = dataset.ledger(first, first).month(first)
    try:
        with transaction.atomic():
            ClosedMonth.objects.create(month=first, currency=dataset.currency, figures=figures_of(totals))
    except IntegrityError:
        messages.info(request, _("This month is already closed."))
    else:
        messages.success(request, _("Month closed. Its figures are kept beside later corrections."))
    return redirect("recurring:month", month)
