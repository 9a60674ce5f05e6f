"""The benchmark's rows equal the ones that the application would have written."""

import itertools
from collections import defaultdict

from bench.scales import SCALES
from bench.workspaces import BenchWorkspace, Revenue
from crm.models import Company, Opportunity, Person, Tag
from crud.search import normalize_text
from recurring.models import RevenueProfile


def made(seed="seed"):
    """Return {model: [row]} of a small workspace."""
    ids, results = defaultdict(lambda: itertools.count(1)), defaultdict(list)
    room = BenchWorkspace(ids, seed, 60)
    for row in room.rows():
        results[type(row)].append(row)
    for row in Revenue(room, results[Company][:5]).rows():
        results[type(row)].append(row)
    return results


def test_rows_are_what_the_application_would_have_saved(workspace):
    results = made()
    for model in [Tag, Company, Person, Opportunity, *results]:
        model.objects.bulk_create(results.pop(model, ()))
    for model in (Company, Person, Opportunity, RevenueProfile):
        written = model.objects.order_by("pk").values_list("search_text", "name_key", "name")
        state_before = list(written)
        model.objects.update(search_text="")
        model.objects.all().refresh_search_text()
        assert list(written.all()) == state_before
        assert all(key == normalize_text(name) for _, key, name in state_before)


def test_rows_are_the_same_every_time(workspace):
    def texts(seed):
        return [row.search_text for row in made(seed)[Opportunity]]

    assert texts(1) == texts(1) != texts(2)


def test_every_scale_has_as_many_rows_as_it_says():
    for scale in SCALES.values():
        sizes = scale.sizes()
        assert (sum(sizes.values()), len(sizes)) == (scale.opportunities, scale.workspaces)
