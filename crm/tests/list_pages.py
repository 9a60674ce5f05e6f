"""What the lists show, as a test asks for it."""

from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.tests.submitted_forms import get_statements
from crm.viewsets import OPPORTUNITIES
from tests.support.pages import page_html


@contextmanager
def at_most(number):
    """The block takes no more queries than these, those apart that begin and end transactions."""
    with CaptureQueriesContext(connection) as context:
        yield
    results = get_statements(context)
    assert len(results) <= number, "\n".join(results)


def page(sales, viewset=OPPORTUNITIES, **parameters):
    return page_html(sales.get(viewset.url("list"), parameters))


def names(sales, viewset=OPPORTUNITIES, **parameters):
    """What the list shows, in order."""
    return [
        line["record"].name for line in sales.get(viewset.url("list"), parameters).context["table"].lines()
    ]
