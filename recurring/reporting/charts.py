"""The graphs page's charts as Chart.js JSON, in the form static/js/charts.js draws: the tables' figures."""

from crm.formatting import format_exact, format_month, format_percent, format_signed
from recurring.mrr.results import CLOSED, COMMITTED, TO_DATE
from recurring.reporting.movement_kinds import COLORS, LABELS, signed_amount
from recurring.reporting.narrative import client_names

LINE = "label", "data", "texts", "urls", "color"


def build_series(label, amounts, texts, urls, **more):
    return {
        "label": str(label),
        "data": [float(amount) for amount in amounts],
        "texts": texts,
        "urls": urls,
        **more,
    }


def positions_with_status(months, status):
    return [position for position, month in enumerate(months) if month.status == status]


def by_category(report):
    """Monthly revenue, stacked by category: the current month hatched, those to come lighter."""
    code, months = report.dataset.currency, report.months
    sets = [
        build_series(
            str(category),
            column,
            [format_exact(amount, code) for amount in column],
            [report.behind(month=f"{month.month:%Y-%m}", category=category.pk) for month in months],
            color=category.color,
            pattern=positions_with_status(months, TO_DATE),
            lighter=positions_with_status(months, COMMITTED),
        )
        for category, column in report.category_columns
    ]
    return {"labels": [format_month(month.month) for month in months], "datasets": sets}


def over_time(chart, size):
    """The same, a line each, as far as it is known: the first `size` months."""
    lines = [
        {name: series[name][:size] if isinstance(series[name], list) else series[name] for name in LINE}
        for series in chart["datasets"]
    ]
    return {"labels": chart["labels"][:size], "datasets": lines}


def movements(report):
    """Gains upward, losses downward."""
    code, months = report.dataset.currency, report.past
    sets = []
    for kind in report.kinds:
        amounts = [signed_amount(month, kind) for month in months]
        sets.append(
            build_series(
                LABELS[kind],
                amounts,
                [format_signed(amount, code) for amount in amounts],
                [
                    report.behind(month=f"{month.month:%Y-%m}", kind=kind) if amount else None
                    for month, amount in zip(months, amounts, strict=True)
                ],
                color=COLORS[kind],
                pattern=[position for position, month in enumerate(months) if month.status != CLOSED],
            )
        )
    return {"labels": [format_month(month.month) for month in months], "datasets": sets}


def largest(report):
    """The clients who pay most, and their share of the whole."""
    code, rows = report.dataset.currency, report.largest
    names = client_names(client for client, *_ in rows)
    current_month = f"{report.today:%Y-%m}"
    texts = [f"{format_exact(amount, code)}, {format_percent(share)}" for _, amount, share in rows]
    urls = [report.behind(month=current_month, client=client) for client, *_ in rows]
    series = build_series("MRR", [amount for _, amount, _ in rows], texts, urls, color="blue")
    return {"labels": [names.get(client, "—") for client, *_ in rows], "datasets": [series]}


def all_charts(report):
    """{name: chart} of the whole page."""
    stacked = by_category(report)
    return {
        "by-category": stacked,
        "over-time": over_time(stacked, len(report.past)),
        "movements": movements(report),
        "largest": largest(report),
    }
