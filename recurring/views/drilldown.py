"""The clients behind a figure: of a month, a category, a movement, a cohort; as a page and as a file."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.formatting import format_month
from crud.params import int_param
from crud.views.export import FORMATS
from recurring.mrr.calendar import month_index, months_after
from recurring.mrr.results import LOSSES
from recurring.reporting.dataset import RevenueDataset
from recurring.reporting.movement_kinds import LABELS
from recurring.reporting.narrative import REASONS, client_names, profile_names
from recurring.reporting.renewals import UpcomingRenewals
from recurring.reporting.tables import parse_month
from recurring.views.graphs import MAY_VIEW, chosen_in
from workspaces.permissions import permission_required

PER_PAGE = 50


@dataclass(frozen=True)
class DrilldownResult:
    """What a figure is made of: a line for each client, with an amount in each column."""

    title: str
    columns: list  # what the amounts are
    rows: list  # [(client, [amount], what else is to be said, or what `told` makes it of)]
    how: str
    one: str = "client"  # what a line stands for
    told: Callable = list
    months: tuple = ()  # the first and the last one that it looks at

    def left_out(self, dataset):
        """[ExcludedProfiles] of the months that it looks at."""
        return dataset.left_out(*(self.months or (dataset.month, dataset.month)))

    @property
    def totals(self):
        return [
            sum((amounts[position] for _client, amounts, _note in self.rows), Decimal(0))
            for position in range(len(self.columns))
        ]

    @property
    def has_notes(self):
        """Whether anything else is to be said of any line."""
        return any(note for *_, note in self.rows)

    def lines(self, rows):
        """[(client, name, amounts, what else is to be said)] of some of the rows."""
        names, notes = client_names(client for client, *_ in rows), self.told([row[2] for row in rows])
        return [
            (client, names.get(client, "—"), amounts, note)
            for (client, amounts, _row), note in zip(rows, notes, strict=True)
        ]


@permission_required(MAY_VIEW)
def clients(request):
    """Exactly the clients that a figure, a mark or a cell was counted from."""
    dataset = RevenueDataset(chosen_in(request.GET))
    answer = render_drilldown(dataset, request.GET)
    if request.GET.get("export") in FORMATS:
        return export_answer(answer, dataset, request.GET["export"])
    page, chosen = Paginator(answer.rows, PER_PAGE).get_page(request.GET.get("page")), dataset.chosen
    context = {
        "answer": answer,
        "left_out": answer.left_out(dataset),
        "page": page,
        "lines": answer.lines(page.object_list),
        "currency": dataset.currency,
        "in_categories": [row for pk, row in dataset.categories.items() if pk in chosen.categories],
        "chosen": chosen,
    }
    return render(request, "recurring/graphs/clients.html", context)


def render_drilldown(dataset, parameters):
    """The Answer to an address; 404 where it asks for nothing that there is."""
    month = parse_month(parameters["month"]) if "month" in parameters else dataset.month
    cohort = parse_month(parameters.get("cohort", ""))
    kind, number = parameters.get("kind", ""), partial(int_param, parameters, digits=18)
    if cohort:
        return of_cohort(dataset, cohort, number("since"))
    if month is None or (kind and kind not in LABELS):
        raise Http404
    if kind:
        return of_movement(dataset, month, kind)
    if parameters.get("what") == "retention":
        return of_retention(dataset, month)
    if parameters.get("what") in ("renewals", "late"):
        return of_renewals(dataset, parameters["what"])
    return of_month(dataset, month, number("top"), number("client"))


def of_month(dataset, month, top, client):
    mrr_by_client = dataset.ledger(month, month).clients(month)
    rows = [
        (client_id, [amount], "")
        for client_id, amount in mrr_by_client.items()
        if client in (None, client_id)
    ]
    title = _("MRR at the end of %(month)s") % {"month": format_month(month)}
    if top and not client:
        title = ngettext("Top client, %(month)s", "Top %(number)s clients, %(month)s", top)
        rows, title = rows[:top], title % {"number": top, "month": format_month(month)}
    how = _("The MRR of each client’s profiles on the last day of the month.")
    return DrilldownResult(title, ["MRR"], rows, how, months=(month, month))


def of_movement(dataset, month, kind):
    ledger = dataset.ledger(month, month, recorded=True)
    moves = ledger.movements(month, kind)
    rows = [(move.client, [-move.amount if kind in LOSSES else move.amount], move) for move in moves]
    months = months_after(month, -1), month
    how = _("Each client at the end of this month, compared with the end of the month before.")
    title = f"{LABELS[kind]}, {format_month(month)}"
    return DrilldownResult(title, [_("Change")], rows, how, told=profiles_that_moved, months=months)


def profiles_that_moved(moves):
    names = profile_names(line.profile for move in moves for line in move.lines)

    def describe(line):
        name, reason = names.get(line.profile, "—"), REASONS.get(line.reason, line.reason)
        return f"{name} ({reason.lower()})" if reason else name

    return [", ".join(dict.fromkeys(map(describe, move.lines))) for move in moves]


def of_retention(dataset, month):
    ledger = dataset.ledger(month, month, since=months_after(month, -12))
    index = month_index(month)
    rows = []
    for timeline in ledger.timelines:
        if initial := timeline.units(index - 12):
            current = timeline.units(index)
            amounts = [ledger.amount(units) for units in (initial, current, min(initial, current))]
            rows.append((timeline.client, amounts, "" if current else _("left or paused")))
    first_month = format_month(months_after(month, -12))
    columns = [f"MRR {first_month}", f"MRR {format_month(month)}", _("Retained")]
    names = {"first": first_month, "last": format_month(month)}
    how = _(
        "The clients who were paying in %(first)s. NRR is the second total divided by the first, GRR the "
        "third divided by the first: a client’s retained amount is the smaller of the two. Amounts in other "
        "currencies use the rate of %(last)s."
    )
    how, title = how % names, _("Retention, %(first)s to %(last)s") % names
    months = months_after(month, -12), month
    return DrilldownResult(title, columns, sorted_by_first(rows), how, months=months)


def of_renewals(dataset, name):
    """What comes up for renewal, or is late, from today on: `month` is not asked."""
    rows = [
        (renewal.profile.client, [renewal.mrr], renewal)
        for renewal in getattr(UpcomingRenewals(dataset), name)
    ]
    if name == "late":
        title, how = _("Overdue renewals"), _("Terms that ended without renewal.")
    else:
        title, how = (
            _("Renewals of the next 12 months"),
            _("MRR on the last day of the term. Each profile appears once, with the end of its next term."),
        )
    describe = partial(terms_that_end, has_notice=name == "renewals")
    return DrilldownResult(title, ["MRR"], rows, how, "renewal", describe)


def terms_that_end(renewals, has_notice):
    names = profile_names(renewal.profile.id for renewal in renewals)

    def describe(renewal):
        yield names.get(renewal.profile.id, "—")
        yield _("term ends %(date)s") % {"date": date_format(renewal.term_end)}
        if renewal.is_noticed:
            yield _("notice given")
        elif has_notice and renewal.profile.notice_days:
            yield _("notice by %(date)s") % {"date": date_format(renewal.notice_deadline)}

    return [", ".join(describe(renewal)) for renewal in renewals]


def of_cohort(dataset, cohort, since):
    since = min(since or 0, 1200)
    last = months_after(cohort, since)
    ledger = dataset.ledger(cohort, last)
    began, index = month_index(cohort), month_index(last)
    rows = []
    for timeline in ledger.timelines:
        first = next(((month, units) for month, units, _is_client in timeline.entries if units), None)
        if first and first[0] == began and not timeline.was_client:
            current = timeline.units(index)
            amounts = [ledger.amount(units) for units in (first[1], current, min(first[1], current))]
            is_client = next(
                (is_ for month, _units, is_ in reversed(timeline.entries) if month <= index), False
            )
            rows.append(
                (timeline.client, amounts, "" if current else _("paused") if is_client else _("left"))
            )
    columns = [_("First MRR"), f"MRR {format_month(last)}", _("Retained")]
    names = {"first": format_month(cohort), "last": format_month(last), "number": since}
    how = _(
        "The clients whose first MRR was at the end of %(first)s, %(number)s months later. NRR is the second "
        "total divided by the first, GRR the third. Amounts in other currencies use the rate of %(last)s."
    )
    how, title = how % names, _("Started in %(first)s, seen in %(last)s") % names
    return DrilldownResult(title, columns, sorted_by_first(rows), how, months=(cohort, last))


def sorted_by_first(rows):
    return sorted(rows, key=lambda row: -row[1][0])


def export_answer(answer, dataset, format):
    """Return the lines of an Answer as a file, in a format of crud.views.export.FORMATS."""
    header = [_("Client"), *(f"{column}, {dataset.currency}" for column in answer.columns), _("What")]
    rows = [[name, *amounts, notes] for _client, name, amounts, notes in answer.lines(answer.rows)]
    for exclusion in answer.left_out(dataset):
        reason = _("no %(currency)s rate") % {"currency": exclusion.currency}
        if exclusion.until:
            names = {"currency": exclusion.currency, "month": format_month(exclusion.until)}
            reason = _("no %(currency)s rate before %(month)s") % names
        names = client_names(exclusion.clients)
        for client, number in exclusion.clients.items():
            note = reason
            if number > 1:
                note = _("%(reason)s: %(number)s profiles") % {"reason": reason, "number": number}
            rows.append([names.get(client, "—"), *[""] * len(answer.columns), note])
    filename = "".join(ch if ch.isalnum() else "-" for ch in answer.title.lower())
    return FORMATS[format](filename, header, [rows])
