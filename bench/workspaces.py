"""Rows of one workspace, as the application would save them.

The distribution is skewed as in production: few companies with many opportunities, few tags on most rows,
more recent rows than old ones, values over four orders of magnitude. Search text is built from the rows
by `build_search_text`; bench/tests compares it with the application's.
"""

import datetime
import itertools
import random as randomness
import zoneinfo
from collections import defaultdict
from decimal import Decimal

from django.utils import timezone

from crm.demo import words
from crm.models import (
    Company,
    ContactType,
    LossReason,
    Opportunity,
    Person,
    Source,
    Stage,
    StageChange,
    Status,
    Tag,
    TaggedCompany,
    TaggedOpportunity,
)
from crm.models.contacts import company_key
from crud.search import normalize_text
from recurring.models import RevenueCategory, RevenueProfile, RevenueTerm
from workspaces.models import Membership

DAYS = 5 * 365
TAGS = 40
RARE = "zanzibar"  # a word in a few names of each workspace
KINDS = [Status.Kind.OPEN, Status.Kind.WON, Status.Kind.LOST, Status.Kind.ABANDONED]
OF_KINDS = (34, 33, 25, 8)
STAGES = (30, 24, 20, 14, 12)  # weights of the stages, in order
YEARS_OF_REVENUE = 10


class BenchWorkspace:
    """Row generator of the active workspace; `ids` counts across all workspaces: {model: counter}."""

    def __init__(self, ids, seed, number):
        self.random = randomness.Random(seed)  # noqa: S311 - the same everywhere is what it is for
        self.ids, self.number = ids, number
        self.now = timezone.now().replace(microsecond=0)
        self.today = self.now.astimezone(zoneinfo.ZoneInfo("UTC")).date()
        self.stages = list(Stage.objects.all_by_id().values())
        self.statuses = {kind: Status.objects.get(kind=kind) for kind in KINDS}
        self.sources = list(Source.objects.all())
        self.reasons = list(LossReason.objects.all())
        self.types = list(ContactType.objects.all())
        self.staff = list(Membership.objects.sales_staff())
        self.skew = [1 / place**0.8 for place in range(1, TAGS + 1)]

    def new(self, model, **fields):
        return model(pk=next(self.ids[model]), **fields)

    def rows(self):
        """Yield all rows, each after the rows that it references."""
        tags = [self.new(Tag, name=f"{word} {place}", color="gray") for place, word in self.tag_words()]
        yield from tags
        companies = [self.company() for _ in range(max(self.number // 10, 1))]
        people = defaultdict(list)
        for _ in range(self.number // 5):
            person = self.person(companies)
            people[person.company_id].append(person)
            yield person
        for company in companies:
            company._people_names = sorted((person.name for person in people[company.pk]), key=normalize_text)
            yield from self.add_tags(company, TaggedCompany, tags, (1, 1, 1))
            yield find_ids(company)
        # Few companies have many opportunities.
        weights = list(itertools.accumulate(1 / place**0.6 for place in range(1, len(companies) + 1)))
        for place in range(self.number):
            firm = self.random.choices(companies, cum_weights=weights)[0]
            row = self.opportunity(place, firm, people[firm.pk])
            yield from self.add_tags(row, TaggedOpportunity, tags, (3, 4, 3, 2))
            yield find_ids(row)
            if not row.is_open and place % 3 == 0:
                yield self.step(row)

    def tag_words(self):
        named_items = [name for name, _ in [*words.COMPANY_TAGS, *words.OPPORTUNITY_TAGS]]
        return enumerate(itertools.islice(itertools.cycle(named_items), TAGS), 1)

    def add_tags(self, row, through, tags, weights):
        """Yield the rows that link a record to its tags."""
        expected = self.random.choices(range(len(weights)), weights)[0]
        sample = dict.fromkeys(self.random.choices(tags, self.skew, k=expected)) if expected else ()
        row._attached = {"tags": sorted(sample, key=lambda tag: normalize_text(tag.name))}
        for tag in sample:
            yield self.new(through, tag_id=tag.pk, content_object_id=row.pk)

    def changes(self):
        """Return the created and updated timestamps and users of a row."""
        created = self.now - datetime.timedelta(
            DAYS * self.random.random() ** 1.4, self.random.randrange(86400)
        )
        changed = created + (self.now - created) * self.random.random() ** 2
        by = self.random.choice(self.staff)
        return {"created_at": created, "updated_at": changed, "created_by": by, "updated_by": by}

    def company(self):
        choice = self.random.choice
        name = choice(
            [
                f"{choice(words.FIRMS)} {choice(words.TRADES)}",
                f"{choice(words.LAST_NAMES)} {choice(words.TRADES)}",
                f"{choice(words.FIRMS)} & {choice(words.LAST_NAMES)} GmbH",
            ]
        )
        country = choice(list(words.PLACES))
        city, state, begin = choice(words.PLACES[country][0])
        return self.new(
            Company,
            name=name,
            contact_type=choice(self.types),
            work_phone=f"+1 555 {self.random.randrange(1000):03} {self.random.randrange(10_000):04}",
            email_domain=f"{company_key(name).replace(' ', '-').encode('ascii', 'ignore').decode()}.example",
            address=f"{self.random.randrange(1, 999)} Mill Road",
            city=city,
            state=state,
            zip=f"{begin}{self.random.randrange(100):02}",
            country=country,
            assignee=choice(self.staff) if self.random.random() < 0.85 else None,
            **self.changes(),
        )

    def person(self, companies):
        choice = self.random.choice
        name = f"{choice(words.FIRST_NAMES)} {choice(words.LAST_NAMES)}"
        company = choice(companies) if self.random.random() < 0.95 else None
        domain = company.email_domain if company else "mail.example"
        return find_ids(
            self.new(
                Person,
                name=name,
                company=company,
                email=f"{name.split()[0].lower()}@{domain}",
                title=choice(words.TITLES)[0],
                description=choice(words.NOTES) if self.random.random() < 0.3 else "",
                **self.changes(),
            )
        )

    def opportunity(self, place, company, people):
        choice, number = self.random.choice, self.random.randrange
        kind = self.random.choices(KINDS, OF_KINDS)[0]
        stage = self.random.choices(self.stages, STAGES)[0]
        name = choice(words.SERVICES)[0].format(n=number(5, 200), m="May", y=number(2020, 2028))
        changes, is_lost = self.changes(), kind in KINDS[2:]
        last = changes["updated_at"].date()
        return self.new(
            Opportunity,
            name=f"{name} {RARE}" if place % 97_000 == 501 else name,
            company=company if self.random.random() < 0.97 else None,
            contact=choice(people) if people and self.random.random() < 0.6 else None,
            stage=stage,
            value=round(10 ** self.random.gauss(4, 0.6)) if self.random.random() < 0.97 else None,
            win_percent=stage.win_percent if self.random.random() < 0.8 else number(101),
            status=self.statuses[kind],
            close_date=None if kind == Status.Kind.OPEN else last,
            expected_close=self.today + datetime.timedelta(number(-60, 300))
            if self.random.random() < 0.8
            else None,
            loss_reason=choice(self.reasons) if is_lost else None,
            priority=self.random.choices((1, 2, 3, 4), (18, 55, 20, 7))[0],
            source=choice(self.sources) if self.random.random() < 0.9 else None,
            assignee=choice(self.staff) if self.random.random() < 0.9 else None,
            is_open=kind == Status.Kind.OPEN,
            moved_at=changes["updated_at"],
            **changes,
        )

    def step(self, row):
        first_stage, current_stage = self.stages[0], row.stage
        named_items = {
            "from_name": first_stage.name,
            "to_name": current_stage.name,
            "from_id": first_stage.pk,
            "to_id": current_stage.pk,
        }
        return self.new(
            StageChange,
            opportunity_id=row.pk,
            field="stage",
            at=row.moved_at,
            by=row.updated_by,
            **named_items,
        )


class Revenue:
    """Recurring revenue of the active workspace: profiles over ten years, four amounts each."""

    def __init__(self, room, companies):
        self.room, self.companies, self.random = room, companies, room.random
        self.categories = list(RevenueCategory.objects.all())

    def rows(self):
        for place, company in enumerate(self.companies):
            yield from self.profile(place, company)

    def profile(self, place, company):
        category = self.categories[place % len(self.categories)]
        begun = self.room.today - datetime.timedelta(self.random.randrange(400, YEARS_OF_REVENUE * 365))
        start = begun.replace(day=1)
        days = (self.room.today - start).days
        end = start + datetime.timedelta(self.random.randrange(360, 4000))
        row = self.room.new(
            RevenueProfile,
            name=f"{category} plan {place % 9 + 1}",
            company=company,
            category=category,
            owner=self.random.choice(self.room.staff),
            currency="USD",
            start=start,
            end=end if place % 3 == 0 else None,
            **self.room.changes(),
        )
        row._attached = {"tags": []}
        amount = Decimal(self.random.randrange(20, 2_000))
        terms = []
        for part in range(4):
            from_date = start + datetime.timedelta(days * part // 4)
            terms.append(
                self.room.new(
                    RevenueTerm,
                    profile=row,
                    from_date=from_date,
                    amount=amount * (10 + part) / 10,
                    quantity=Decimal(1),
                    discount=Decimal(0),
                    category=category,
                    reason="upsell" if part else "new",
                    recorded_by=row.created_by,
                )
            )
        for term in terms:
            term.monthly = term.normalize()
        row.stand(row.history(tuple(term.history for term in terms)), self.room.today)
        yield find_ids(row)
        yield from terms


def find_ids(row):
    """Set the search text of the row."""
    row.search_text = row.build_search_text()
    return row
