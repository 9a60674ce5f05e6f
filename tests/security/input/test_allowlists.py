"""Lists are sorted and narrowed by what they offer and by nothing else; links lead to addresses only."""

from html.parser import HTMLParser

import pytest
from django.db import models
from django.db.models import QuerySet

from crm.viewsets import ENTITIES
from recurring.viewsets import PROFILES
from tests.security.concurrency.test_concurrent_saves import create_row

pytestmark = [pytest.mark.security, pytest.mark.usefixtures("quiet")]
LISTS = [*ENTITIES, PROFILES]
each_list = pytest.mark.parametrize("viewset", LISTS, ids=lambda viewset: viewset.route)
DEEP = [
    "workspace__name",
    "created_by__user__password",
    "company__name",
    "pk",
    "id",
    "?",
    "-",
    "--name",
    "name,pk",
]
LOOKUPS = ["__gt", "__contains", "__isnull", "__in", "__regex", "__pk", "_id", "__workspace"]
LEADING = ["javascript:alert(1)", "JaVa\tScript:alert(1)", " javascript:x", "data:text/html,x", "vbscript:x"]
LEADING += ["//evil.example", "\\\\evil.example", "file:///etc/passwd", "ftp://evil.example", "blob:x", "x:y"]


def list_ids(client, viewset, **asked):
    """The ids of the rows that a list shows, in order."""
    return [row.pk for row in client.get(viewset.url("list"), asked).context["table"].records]


def fields(viewset):
    return [field.name for field in viewset.model._meta.get_fields()]


@each_list
def test_a_list_is_sorted_by_its_columns_only(sign_in, workspace, viewset, reach):
    client = sign_in(workspace)
    for _ in range(3):
        create_row(viewset)
    as_it_is = list_ids(client, viewset)
    offered_items = {column.name for column in viewset.get_table()(data=[]).columns if column.orderable}
    assert (
        list_ids(client, viewset, sort="-name") != as_it_is
        or "name" not in offered_items
        or viewset.sort == ""
    )
    other_items = [name for name in [*fields(viewset), *DEEP] if name.removeprefix("-") not in offered_items]
    assert len(other_items) > 10
    for name in other_items[:: reach(9, 1)]:
        assert (
            list_ids(client, viewset, sort=name) == list_ids(client, viewset, sort=f"-{name}") == as_it_is
        ), name


@each_list
def test_a_list_is_narrowed_by_its_filters_only(sign_in, workspace, viewset, reach):
    client, rows = sign_in(workspace), [create_row(viewset) for _ in range(2)]
    offered_items = viewset.get_filterset().parameters() | {
        "q",
        "sort",
        "page",
        "per_page",
        "totals",
        "export",
    }
    assert len(list_ids(client, viewset, q=f'"{rows[0].name}"')) < 2 < len(offered_items)
    names = {name + lookup for name in fields(viewset) for lookup in ("", *LOOKUPS)} | {*DEEP}
    captured = sorted(names - offered_items)
    for value in ["0", "nothing like it", "True"][: reach(1, 3)]:
        for start in range(0, len(captured), 90):
            assert len(list_ids(client, viewset, **dict.fromkeys(captured[start : start + 90], value))) == 2


class Links(HTMLParser):
    """Where a page leads."""

    ATTRIBUTES = {"href", "src", "action", "formaction", "hx-get", "hx-post", "data-combo", "data-script"}

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in self.ATTRIBUTES]


def is_safe(link):
    """Whether a link leads to a page of ours, to another site's, to a mailbox or a telephone."""
    ours = link.startswith(("/", "?", "#")) and not link.startswith(("//", "/\\"))
    return link == "" or ours or link.startswith(("https://", "http://", "mailto:", "tel:"))


@each_list
def test_a_link_is_one_of_four_kinds_or_ours(sign_in, workspace, viewset, reach):
    client, row = sign_in(workspace), create_row(viewset)
    texts = [
        field
        for field in viewset.model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField)) and not field.choices
    ]
    assert texts
    of_it = [viewset.url(action, row.pk) for action in ("detail", "row", "update", "delete")]
    for address in LEADING[:: reach(5, 1)]:
        QuerySet(viewset.model).filter(pk=row.pk).update(
            **{item.name: address[: item.max_length] for item in texts}
        )
        for page in [viewset.url("list"), *of_it]:
            links = Links(client.get(page).content.decode()).found
            assert links and [link for link in links if not is_safe(link)] == [], page


@pytest.mark.parametrize("link", LEADING)
def test_what_is_no_such_link_is_seen(link):
    """The canary."""
    assert [item for item in Links(f"<a href='{link}'>x</a>").found if not is_safe(item)]
