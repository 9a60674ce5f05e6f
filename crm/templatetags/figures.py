"""Figures as links to exactly the records they were counted from.

Their data attributes hold the kind of figure and its exact value; tests/test_dashboard.py follows every link.
"""

import functools
from urllib.parse import urlencode

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.formatting import format_money
from crm.models import Opportunity
from crm.report_cache import cached_report
from crud.urls import list_url

register = template.Library()


def build_rows_url(rows, model=Opportunity):
    """Return the URL of the list of exactly these records."""
    query = encode_filters(
        tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in rows.items())
    )
    # Templates call what they are given: of a model they pass on an instance.
    return list_url(model._meta.model) + (f"?{query}" if query else "")


@functools.lru_cache(4096)
def encode_filters(pairs):
    """Return filters as the query of a URL."""
    return urlencode(pairs, doseq=True)


def link(what, text, exact, number, rows, model=Opportunity):
    return format_html(
        '<a href="{}" data-figure="{}" data-exact="{}" data-rows="{}" class="{}">{}</a>',
        build_rows_url(rows, model),
        what,
        exact,
        number,
        "figure" if number else "figure is-nothing",
        text,
    )


@register.simple_tag(takes_context=True)
def report(context, report):
    """Return a report as HTML, cached until the records it is made of change."""
    template = context.template.engine.get_template("crm/dashboard/_report.html")

    def render():
        with context.push(report=report):
            return template.render(context)

    key = "report", report.name, context["request"].GET.urlencode()
    return cached_report(key, render, report.made_of)


@register.simple_tag
def number(total, rows):
    """Return the number of records as a link: {% number total rows %}."""
    return link("number", f"{total.number:,}", total.number, total.number, rows)


@register.simple_tag
def number_won(line):
    text = _("%(number)s won") % {"number": f"{line.total.number:,}"}
    return link("number", text, line.total.number, line.total.number, line.rows)


@register.simple_tag
def number_open(line):
    text = _("%(number)s open") % {"number": f"{line.total.number:,}"}
    return link("number", text, line.total.number, line.total.number, line.rows)


@register.simple_tag
def number_decided(line):
    """Return how many of the closed deals were won, both numbers as links."""
    closed = link("number", f"{line.decided:,}", line.decided, line.decided, line.decided_rows)
    won = link("number", f"{line.total.number:,}", line.total.number, line.total.number, line.rows)
    text = ngettext("{won} of {closed} closed deal won", "{won} of {closed} closed deals won", line.decided)
    return format_html(text, won=won, closed=closed)


@register.simple_tag(name="value")
def link_value(total, rows):
    return link("value", format_money(total.value), total.value, total.number, rows)


@register.simple_tag(name="weighted")
def link_weighted(total, rows):
    return link("weighted", format_money(total.weighted), total.weighted, total.number, rows)


@register.simple_tag
def blanks(line):
    """Return the number of a line's records without a value as a link, "" if there are none."""
    count = line.total.blanks
    text = _("%(number)s without value") % {"number": f"{count:,}"}
    return link("number", text, count, count, line.blank_rows) if count else ""


@register.simple_tag
def win_rate(line):
    """Return won out of won and lost as a link; "—" if there are neither."""
    percent = line.win_rate
    text = "—" if percent is None else f"{percent}%"
    return link("rate", text, "" if percent is None else percent, line.decided, line.decided_rows)


@register.simple_tag
def days(average, counted, rows):
    """Return an average in days as a link; "—" of no records."""
    text = "—" if average is None else ngettext("%d day", "%d days", average) % average
    return link("days", text, "" if average is None else average, counted, rows)


@register.simple_tag
def count(model, number):
    """Return the number of records of a model as a link: "225 companies"."""
    noun = one(model) if number == 1 else model._meta.verbose_name_plural
    text = _("%(number)s %(records)s") % {"number": f"{number:,}", "records": noun}
    return link("number", text, number, number, {}, model)


@register.filter
def one(model):
    """Return a model's name in a sentence: "company"."""
    return str(model._meta.verbose_name)


@register.filter
def days_from(day, today):
    """Return how far in the future a day is: "in 7 days"."""
    ahead = (day - today).days
    if ahead == 0:
        return _("today")
    return _("tomorrow") if ahead == 1 else ngettext("in %d day", "in %d days", ahead) % ahead


@register.filter
def days_since(moment, today):
    """Return how long ago a moment was: "41 days"."""
    number = (today - timezone.localdate(moment)).days
    return ngettext("%(number)s day", "%(number)s days", number) % {"number": f"{number:,}"}
