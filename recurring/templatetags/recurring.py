"""Template filters of recurring amounts, rates and months."""

from django import template

from crm import formatting
from recurring.reporting.movement_kinds import LABELS, STATUS_LABELS

register = template.Library()
register.filter("exactly", formatting.format_exact)
register.filter("roughly", formatting.format_rounded)
register.filter("signed", formatting.format_signed)
register.filter("signed_roughly", formatting.format_signed_rounded)
register.filter("points", formatting.format_points)
register.filter("percent", formatting.format_percent)
register.filter("month_name", formatting.format_month)


@register.filter
def status_label(status):
    """Return a month's status as pages show it."""
    return STATUS_LABELS[status]


@register.filter
def movement_label(kind):
    """Return the name of a kind of movement."""
    return LABELS[kind]
