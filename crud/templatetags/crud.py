from itertools import groupby

from django import template
from django.utils.http import urlencode

from crud import display
from crud.fastpath.row_template import RowsNode
from crud.fastpath.select_options import render_options
from crud.parsing.sentences import end_sentence
from crud.related import related_links
from crud.search import parse_terms
from crud.urls import reverse_cached

register = template.Library()
register.filter(end_sentence)
register.simple_tag(render_options, name="as_options")


@register.simple_tag
def crud_url(record, action):
    """Return the URL of a page of this record: {% crud_url opportunity "update" %}."""
    opts = record._meta
    return reverse_cached(f"{opts.app_label}:{opts.model_name}-{action}", record.pk)


@register.simple_tag
def url_of(viewset, action, *args):
    """Return the URL of a page of a viewset: {% url_of viewset "create" %}."""
    return viewset.url(action, *args)


@register.simple_tag
def shown_fields(viewset, record, terms=()):
    """Return [(name, label, [html])] of the fields of a record, in the order of its form."""
    fields = []
    for point in viewset.points:
        names = point if isinstance(point, tuple) else (point,)
        parts = [display.html(record, name, terms) for name in names]
        filled_parts = [part for part in parts if part != display.EMPTY] or parts[:1]
        fields.append((names[-1], display.label(viewset.model, names[-1]), filled_parts))
    return fields


@register.simple_tag
def related(record):
    """Return [(count, name, URL of their list)] of the records that refer to this one."""
    return related_links(record)


@register.simple_tag
def value(record, name, terms=()):
    return display.html(record, name, terms)


@register.filter
def grouped_options(optgroups):
    """Return [(group name or None, [option])] of a select; neighbors without a group are together."""
    groups = groupby(optgroups, key=lambda group: group[0])
    return [(name, [option for _, options, _ in members for option in options]) for name, members in groups]


@register.simple_tag(takes_context=True)
def terms_asked(context):
    """Return the search terms in the URL, to be marked: {% terms_asked as terms %}."""
    return parse_terms(context["request"].GET.get("q", ""))


@register.simple_tag(takes_context=True)
def may(context, viewset, action):
    """Return True if the user may do what the viewset has: {% may viewset "update" as may_update %}."""
    return viewset.has(action) and context["request"].user.has_perm(viewset.permission(action))


@register.simple_tag(takes_context=True)
def query(context, *dropped, **changes):
    """Return the URL's query with changes: {% query "page" sort="name" %} drops `page`; None drops too."""
    parameters = dict(context["request"].GET.lists())
    for name in dropped:
        for parameter in name if isinstance(name, (list, tuple)) else [name]:
            parameters.pop(parameter, None)
    for name, new in changes.items():
        if new is None:
            parameters.pop(name, None)
        else:
            parameters[name] = [new]
    return f"?{urlencode(parameters, doseq=True)}" if parameters else context["request"].path


@register.simple_tag(takes_context=True)
def quick_filters(context, viewset):
    """Return [(label, URL that turns the filter on or off, whether it is on)] of a list's quick filters."""
    current, links = context["request"].GET, []
    for label, parameters in viewset.quick_filters() if viewset.quick_filters else ():
        is_on = all(current.get(name) == value for name, value in parameters.items())
        changes = dict.fromkeys(parameters) if is_on else parameters
        links.append((label, query(context, "page", "totals", **changes), is_on))
    return links


@register.simple_tag(takes_context=True)
def kept(context, *dropped):
    """Return [(name, value)] of the URL's query for a form to send along, without the names `dropped`."""
    parameters = context["request"].GET
    return [
        (name, value)
        for name, values in parameters.lists()
        if name not in dropped
        for value in values
        if value != ""
    ]


@register.simple_tag(takes_context=True)
def kept_beside(context, filterset):
    """Return [(name, value)] of the URL's query, without the fields of the filter form."""
    return kept(context, "page", "totals", *filterset.parameters())


@register.filter
def query_of(parameters):
    """Return a QueryDict as the query of a URL."""
    return f"?{parameters.urlencode()}"


@register.filter
def grouped(number):
    """Return a whole number with thousands separators."""
    return display.plain(number)


@register.filter
def cell(line, column):
    """Return the cell of a row in a column: {{ line|cell:name }}."""
    return line[f"cell_{column}"]


@register.tag
def lines(parser, token):
    """Render a block for each row: {% lines table.lines %} … {{ line.name }} … {% endlines %}.

    A row is a dict, and the block is rendered once for all rows: use its values, but no condition on them.
    """
    _, expression = token.split_contents()
    content = parser.parse(["endlines"])
    parser.delete_first_token()
    return RowsNode(parser.compile_filter(expression), content)
