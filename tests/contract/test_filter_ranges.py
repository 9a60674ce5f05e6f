"""Each range filter of each list rejects a range whose start is after its end."""

import pytest

from crm.tests.list_pages import page
from crm.viewsets import COMPANIES, OPPORTUNITIES, PEOPLE
from crud.filters.range_filters import RangeFilter
from recurring.viewsets import PROFILES
from workspaces.audit.views import AUDIT_TRAIL


@pytest.mark.parametrize(
    "viewset", [COMPANIES, OPPORTUNITIES, PEOPLE, PROFILES, AUDIT_TRAIL], ids=lambda c: c.route
)
def test_an_exchanged_range_is_named_and_stays_as_it_was_typed(sign_in, workspace, viewset):
    client = sign_in(workspace, "admin and sales staff")
    ranges = {
        name: item for name, item in viewset.filterset.base_filters.items() if isinstance(item, RangeFilter)
    }
    assert ranges
    for name, criterion in ranges.items():
        low, high = ("2026-03-02", "2026-03-01") if criterion.kind == "days" else ("2", "1")
        parameters = {name + criterion.suffixes[1]: low, name + criterion.suffixes[2]: high}
        assert f"{criterion.label}: The range ends before it starts" in page(client, viewset, **parameters)
        form = client.get(viewset.url("filters"), parameters).content.decode()
        assert f'value="{low}"' in form and f'value="{high}"' in form and "Swap the two" in form
        assert "The range ends" not in page(client, viewset, **dict.fromkeys(parameters, low))
