"""Budget table: every measured page, its workspace and its limits."""

from dataclasses import dataclass, field

from django.utils import timezone

from bench.workspaces import RARE
from crm.models import Company, Opportunity, Source, Stage, Status, Tag
from workspaces.models import Workspace
from workspaces.tenancy.scope import activate

from .scales import LARGEST, MIDDLE, SMALL

LIST = "crm/opportunities/"


@dataclass(frozen=True)
class BenchRow:
    """One line of the table: a page, its budget in ms on PostgreSQL and its maximum query count."""

    name: str
    path: str  # relative to the workspace
    budget: int
    queries: int
    workspace: str = LARGEST
    changes: tuple = ()  # forms saved before each request (dashboard), or by it (save): [(path, field)]
    is_post: bool = False
    headers: dict = field(default_factory=dict)

    @property
    def address(self):
        return f"/w/{self.workspace}/{self.path}"


def lists(where):
    """Return the opportunity list with every indexed sort and filter."""
    with activate(Workspace.objects.get(slug=where), memo={}):
        stage, status = Stage.objects.all()[1], Status.objects.filter(kind=Status.Kind.WON)[0]
        tag, source = Tag.objects.order_by("pk")[20], Source.objects.first()
        company = Opportunity.objects.exclude(company=None).order_by("pk").first().company_id
    year = timezone.now().year
    expected = {
        "list": "",
        "sorted by name": "sort=name",
        "sorted by value, largest first": "sort=-value",
        "sorted by close date, latest first": "sort=-close_date",
        "filter: open ones": "kind=open",
        "filter: stage": f"stage={stage.pk}",
        "filter: stage, status and source": f"stage={stage.pk}&status={status.pk}&source={source.pk}",
        "filter: mine": "assignee=me",
        "filter: tag": f"tags={tag.pk}",
        "filter: company": f"company={company}",
        "filter: closed last year": f"close_date_after={year - 1}-01-01&close_date_before={year - 1}-12-31",
        "filter: value over 100,000": "value_min=100000",
    }
    return {name: f"{LIST}?{query}" for name, query in expected.items()}


def edits(where):
    """Return [(form path, field)] for one open, one closed and one other record per model."""
    with activate(Workspace.objects.get(slug=where), memo={}):
        rows, company = Opportunity.objects.order_by("pk"), Company.objects.order_by("pk")[20]
        sample = [rows.filter(is_open=is_open)[50].pk for is_open in (True, False)]
    return [*((f"{LIST}{pk}/edit/", "name") for pk in sample), (f"crm/companies/{company.pk}/edit/", "city")]


def rows():
    """Return all lines, in the order of the budget table."""
    with activate(Workspace.objects.get(slug=LARGEST), memo={}):
        opportunity = Opportunity.objects.order_by("pk")[600].pk
        company = Company.objects.order_by("pk")[50].pk
    item, all_items, every_in_middle = f"{LIST}{opportunity}/", edits(LARGEST), edits(MIDDLE)
    return [
        *(BenchRow(name, path, 15, 12) for name, path in lists(LARGEST).items()),
        BenchRow("people", "crm/people/", 15, 12),
        BenchRow("companies", "crm/companies/", 15, 12),
        BenchRow("sorted by company", f"{LIST}?sort=company", 450, 12),
        BenchRow("sorted by assignee", f"{LIST}?sort=-assignee", 450, 12),
        BenchRow("sorted by win %", f"{LIST}?sort=-win_percent", 450, 12),
        BenchRow("sorted by company, 3,500 rows", f"{LIST}?sort=company", 20, 12, MIDDLE),
        BenchRow("deepest page", f"{LIST}?page=400", 30, 12),
        BenchRow("search: broad", f"{LIST}?q=on", 20, 14),
        BenchRow("search: a tenth of the rows", f"{LIST}?q=website", 250, 14),
        BenchRow("search: rare", f"{LIST}?q={RARE}", 250, 14),
        BenchRow("search: two words", f"{LIST}?q=portal+won", 250, 14),
        BenchRow("search: none", f"{LIST}?q=qqxyz", 250, 14),
        BenchRow("search: rare, 3,500 rows", f"{LIST}?q={RARE}", 20, 14, MIDDLE),
        BenchRow(
            "search everything: broad", "crm/search/?q=on", 250, 24
        ),  # at most five of each of four kinds
        BenchRow(
            "expand a row", f"{item}row/", 8, 12, headers={"HX-Request": "true"}
        ),  # as static/js/record-list.js requests it
        BenchRow("detail: opportunity", item, 15, 12),
        BenchRow("detail: company", f"crm/companies/{company}/", 15, 12),
        BenchRow("save", all_items[0][0], 15, 15, changes=all_items[:1], is_post=True),
        # After one of each part was changed nothing is kept; most often it is one of the open ones.
        BenchRow("dashboard, uncached", "crm/", 150, 14, changes=all_items),
        BenchRow("dashboard, an open one changed", "crm/", 150, 14, changes=all_items[:1]),
        BenchRow("dashboard, cached", "crm/", 15, 14),
        BenchRow("dashboard, uncached, 3,500 rows", "crm/", 20, 14, MIDDLE, changes=every_in_middle),
        BenchRow(
            "dashboard, an open one changed, 3,500 rows", "crm/", 20, 14, MIDDLE, changes=every_in_middle[:1]
        ),
        BenchRow("recurring: profiles, by client", "recurring/", 450, 12),
        BenchRow("graphs, uncached", "recurring/graphs/", 300, 12, changes=all_items[2:]),
        BenchRow("graphs' charts, uncached", "recurring/graphs/data/", 300, 12, changes=all_items[2:]),
        BenchRow("graphs, cached", "recurring/graphs/", 300, 12),
    ]


def small_rows():
    """Return {name: BenchRow} of the same lists in the workspace of 1,000 opportunities."""
    return {name: BenchRow(name, path, 15, 12, SMALL) for name, path in lists(SMALL).items()}
