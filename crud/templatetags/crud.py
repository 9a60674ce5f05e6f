import re
from itertools import groupby

from django import template
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from crud import display
from crud.parsing.sentences import end_sentence
from crud.search import parse_terms
from crud.urls import reverse_cached

register = template.Library()
register.filter(end_sentence)


@register.simple_tag
def crud_url(record, action):
    """The address of a page of this row: {% crud_url opportunity "update" %}."""
    opts = record._meta
    return reverse_cached(f"{opts.app_label}:{opts.model_name}-{action}", record.pk)


@register.simple_tag
def url_of(crud, action, *args):
    """The address of a page of a kind: {% url_of crud "create" %}."""
    return crud.url(action, *args)


@register.simple_tag
def shown_fields(crud, record, terms=()):
    """[(name, label, html)] of every data point of the row, in form order."""
    fields = []
    for point in crud.points:
        names = point if isinstance(point, tuple) else (point,)
        parts = [display.html(record, name, terms) for name in names]
        filled_parts = [part for part in parts if part != display.EMPTY] or parts[:1]
        fields.append((names[-1], display.label(crud.model, names[-1]), filled_parts))
    return fields


@register.simple_tag
def related(record):
    """[(number, name, address of their list)] of what points at the row."""
    return display.related_links(record)


@register.simple_tag
def value(record, name, terms=()):
    return display.html(record, name, terms)


@register.filter
def grouped_options(optgroups):
    """[(name of the group or None, [option])] of a select: those that are in none together, too."""
    groups = groupby(optgroups, key=lambda group: group[0])
    return [(name, [option for _, options, _ in members for option in options]) for name, members in groups]


@register.simple_tag
def as_options(options):
    """The options of a select as Django has them, all at once: countries and time zones are hundreds."""
    lines = (
        (str(option["value"]), flatatt(option["attrs"]) if option["attrs"] else "", option["label"])
        for option in options
    )
    return format_html_join("\n", '  <option value="{}"{}>{}</option>', lines)


@register.simple_tag(takes_context=True)
def terms_asked(context):
    """The terms that the address asks for, to be marked: {% terms_asked as terms %}."""
    return parse_terms(context["request"].GET.get("q", ""))


@register.simple_tag(takes_context=True)
def may(context, crud, action):
    """Whether this can be done with the kind, and the user may: {% may crud "update" as may_update %}."""
    return crud.has(action) and context["request"].user.has_perm(crud.permission(action))


@register.simple_tag(takes_context=True)
def query(context, *dropped, **changes):
    """The address' query with changes: {% query "page" sort="name" %} drops `page`; None drops too."""
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
def kept(context, *dropped):
    """[(name, value)] of the address' query, for a form to send along; those `dropped` it asks itself."""
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
    """[(name, value)] of the address' query, less what the filters' form asks itself."""
    return kept(context, "page", "totals", *filterset.parameters())


@register.filter
def query_of(parameters):
    """A set of parameters as an address' query."""
    return f"?{parameters.urlencode()}"


@register.filter
def grouped(number):
    """A whole number with its thousands apart."""
    return display.plain(number)


class Placeholders:
    """Stands for any line: of each value it has the place that the line's own will go to."""

    def __getitem__(self, name):
        return format_html("\0{}\0", name)


@register.filter
def cell(line, column):
    """The place of the line's cell in a column: {{ line|cell:name }}."""
    return line[f"cell_{column}"]


class LinesNode(template.Node):
    def __init__(self, lines, content):
        self.lines, self.content = lines, content

    def render(self, context):
        with context.push(line=Placeholders()):
            html = self.content.render(context)
        texts, names = (re.split("\0(\\w+)\0", html)[start::2] for start in (0, 1))
        line_of = "%s".join(text.replace("%", "%%") for text in texts)
        rows = []
        for line in self.lines.resolve(context):
            values = {
                name: str(value) if type(value) in (SafeString, int) else conditional_escape(value)
                for name, value in line.items()
            }
            rows.append(line_of % tuple([values[name] for name in names]))
        return "".join(rows)


@register.tag
def lines(parser, token):
    """{% lines table.lines %} … {{ line.name }} … {% endlines %}: the block for each line, which is a dict.

    A loop of many rows that differ in nothing but their values, and quicker than one: the block is rendered
    once, and its places are filled. So nothing in it can ask what a line is.
    """
    _, expression = token.split_contents()
    content = parser.parse(["endlines"])
    parser.delete_first_token()
    return LinesNode(parser.compile_filter(expression), content)
