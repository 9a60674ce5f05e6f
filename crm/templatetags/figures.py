"""Figures as links to exactly the rows they were counted from.

Each says in its data attributes what it is and comes to, unrounded: tests/test_dashboard.py follows them all.
"""

import functools
from urllib.parse import urlencode

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import ngettext

from crm.formatting import format_money
from crm.models import Opportunity
from crm.report_cache import cached_report
from crud.urls import list_url

register = template.Library()


def build_rows_url(rows, model=Opportunity):
    """The address of the list of exactly these rows."""
    query = encode_filters(
        tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in rows.items())
    )
    # Templates call what they are given: of a model they pass on an instance.
    return list_url(model._meta.model) + (f"?{query}" if query else "")


@functools.lru_cache(4096)
def encode_filters(pairs):
    """Filters as an address' query; each stands under several figures, today and tomorrow."""
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
    """A report, as it was rendered since the last write to what it is made of."""
    template = context.template.engine.get_template("crm/dashboard/_report.html")

    def render():
        with context.push(report=report):
            return template.render(context)

    key = "report", report.name, context["request"].GET.urlencode()
    return cached_report(key, render, report.made_of)


@register.simple_tag
def number(total, rows, unit=""):
    """How many they are: {% number total rows "won" %}."""
    text = f"{total.number:,} {unit}" if unit else f"{total.number:,}"
    return link("number", text, total.number, total.number, rows)


@register.simple_tag(name="value")
def link_value(total, rows):
    return link("value", format_money(total.value), total.value, total.number, rows)


@register.simple_tag(name="weighted")
def link_weighted(total, rows):
    return link("weighted", format_money(total.weighted), total.weighted, total.number, rows)


@register.simple_tag
def blanks(line):
    """How many of a line have no value, "" if all have one."""
    count = line.total.blanks
    return link("number", f"{count:,} without value", count, count, line.blank_rows) if count else ""


@register.simple_tag
def win_rate(line):
    """Won of won and lost; "—" where there are neither."""
    percent = line.win_rate
    text = "—" if percent is None else f"{percent}\N{NO-BREAK SPACE}%"
    return link("rate", text, "" if percent is None else percent, line.decided, line.decided_rows)


@register.simple_tag(name="decided")
def link_decided(line):
    return link("number", f"{line.decided:,}", line.decided, line.decided, line.decided_rows)


@register.simple_tag
def days(average, counted, rows):
    """An average of the rows, in days; "—" of none."""
    text = "—" if average is None else ngettext("%d day", "%d days", average) % average
    return link("days", text, "" if average is None else average, counted, rows)


@register.simple_tag
def count(model, number):
    """How many there are of a kind: "225 companies"."""
    text = f"{number:,} {one(model) if number == 1 else model._meta.verbose_name_plural}"
    return link("number", text, number, number, {}, model)


@register.filter
def one(model):
    """What one of a kind is called: "company"."""
    return str(model._meta.verbose_name)


@register.filter
def days_from(day, today):
    """When a day to come is: "in 7 days"."""
    ahead = (day - today).days
    return {0: "today", 1: "tomorrow"}.get(ahead, f"in {ahead} days")


@register.filter
def days_since(moment, today):
    """How long ago a moment was: "41 days"."""
    return f"{(today - timezone.localdate(moment)).days:,} days"
