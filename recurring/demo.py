"""The demo's recurring revenue: clients in five categories, with every kind of movement there is.

Relative to today, the same on every machine. Each profile follows one of the STORIES; the months in which
things happen lie before or after today, so that there is something committed too.
"""

import datetime
from decimal import Decimal

from django.utils import timezone

from crm.models import Company, Opportunity, Status, Tag
from crud.parsing.numbers import round_half_up
from recurring.mrr.calendar import ONE_DAY, month_end, month_of, months_after
from recurring.mrr.money import UNITS_PER_ONE
from workspaces.models import Membership
from workspaces.tenancy.scope import active_workspace

from .models import (
    ExchangeRate,
    RevenueCategory,
    RevenueEnding,
    RevenuePause,
    RevenueProfile,
    RevenueTerm,
)

# category: what it is called on a profile, amounts per month
SERVICES = {
    "Support": (["Support plan", "Service desk", "Help desk, 10 seats"], (180, 240, 320, 450, 650, 900)),
    "Hosting": (["Managed hosting", "Website hosting", "Cloud servers"], (49, 89, 140, 220, 380, 720)),
    "Licenses": (["Office licenses", "Design suite", "Backup licenses"], (36, 75, 120, 210, 340, 560)),
    "Maintenance": (["Maintenance contract", "Website care", "Security updates"], (95, 150, 260, 410, 640)),
    "Other": (["Newsletter service", "Monitoring", "Photo archive"], (29, 60, 110, 190)),
}
STORIES = [
    ("steady", 13),
    ("grows", 9),
    ("uplift", 7),
    ("shrinks", 5),
    ("leaves", 7),
    ("returns", 3),
    ("pauses", 4),
    ("moves", 3),
    ("undone", 2),
    ("add_corrected", 2),
    ("late", 2),
    ("free", 2),
    ("notice", 2),
    ("yearly", 5),
    ("ahead", 2),
]


def fill_demo(random, room):
    """Fill the active workspace: about a client in four pays regularly."""
    RevenueDemo(random, min(60, max(8, room.companies // 4)), has_second_currency=room.companies < 100).fill()


class RevenueDemo:
    """One workspace's profiles, made and then written at once."""

    def __init__(self, random, number, has_second_currency):
        self.random, self.number = random, number
        self.today = active_workspace().today()
        self.this = month_of(self.today)
        self.categories = {row.name: row for row in RevenueCategory.objects.all()}
        self.staff = list(Membership.objects.sales_staff().order_by("pk"))
        self.second = has_second_currency
        self.profiles, self.rows = [], []

    def fill(self):
        won = self.won_opportunities()
        companies = list(Company.objects.order_by("pk")[: self.number * 2 : 2])
        stories = [name for name, weight in STORIES for _ in range(weight)]
        self.random.shuffle(stories)
        names = list(SERVICES)
        for place, company in enumerate(companies):
            story = stories[place % len(stories)]
            profile = self.profile(company, names[place % len(names)], story, won.get(company.pk))
            getattr(self, story)(profile)
            if place % 7 == 3:
                self.steady(self.profile(company, names[(place + 2) % len(names)], "steady", None))
        self.write()

    def won_opportunities(self):
        won = Opportunity.objects.of_kind(Status.Kind.WON).exclude(company=None).order_by("close_date", "pk")
        return {row.company_id: row for row in won}

    # What is made

    def month(self, ago):
        """The first day of the month so many months ago; ahead, if negative."""
        return months_after(self.this, -ago)

    def profile(self, company, category, story, opportunity):
        names, amounts = SERVICES[category]
        ago = self.random.randint(14, 34) if story != "steady" else self.random.randint(1, 34)
        profile = RevenueProfile(
            company=company,
            name=self.random.choice(names),
            category=self.categories[category],
            start=self.month(ago) + ONE_DAY * self.random.choice((0, 0, 0, 0, 4, 14)),
            owner=self.random.choice(self.staff),
            currency="USD" if self.second and self.random.random() < 0.35 else active_workspace().currency,
            created_at=timezone.now() - datetime.timedelta(ago * 30),
        )
        if opportunity and abs((opportunity.close_date - profile.start).days) < 400:
            profile.opportunity = opportunity
        if self.random.random() < 0.4:
            profile.term_months = 12
            profile.renewal = self.random.choice(("automatic", "manual"))
            profile.notice_days = self.random.choice((30, 60, 90))
        profile.demo_amount = Decimal(self.random.choice(amounts))
        self.profiles.append(profile)
        return profile

    def term(self, profile, day, amount, reason, **more):
        line = {
            "quantity": 1,
            "unit": "month",
            "count": 1,
            "discount": 0,
            "category": profile.category,
        } | more
        row = RevenueTerm(profile=profile, from_date=day, amount=Decimal(amount), reason=reason, **line)
        row.monthly = row.normalize()
        row.recorded_at, row.recorded_by = self.moment(day), profile.owner
        self.rows.append(row)
        return row

    def begin(self, profile, **more):
        return self.term(profile, profile.start, profile.demo_amount, "new", **more)

    def add_dated(self, row, day, profile):
        row.recorded_at, row.recorded_by = self.moment(day), profile.owner
        self.rows.append(row)
        return row

    def moment(self, day):
        """When it was written down: some days before it counts, and not in the future."""
        noon = datetime.datetime.combine(day, datetime.time(10, 30), datetime.UTC)
        return min(noon - datetime.timedelta(self.random.randint(2, 20)), timezone.now())

    def later(self, profile, least=3, most=0):
        """A month's first day after its start, up to so many months ago."""
        start = (self.this.year - profile.start.year) * 12 + self.this.month - profile.start.month
        ago = self.random.randint(most, max(start - least, most))
        return self.month(ago)

    # The stories

    def steady(self, profile):
        self.begin(profile)

    def yearly(self, profile):
        profile.term_months, profile.renewal, profile.notice_days = 12, "automatic", 60
        self.term(profile, profile.start, profile.demo_amount * 11, "new", unit="year")

    def grows(self, profile):
        self.begin(profile)
        first = self.later(profile, most=6)
        self.term(profile, first, profile.demo_amount * Decimal("1.4"), "upsell")
        self.term(profile, self.later_than(first), profile.demo_amount * Decimal("1.75"), "seats")

    def later_than(self, day):
        return months_after(month_of(day), self.random.randint(2, 5))

    def uplift(self, profile):
        self.begin(profile)
        first = max(months_after(month_of(profile.start), 12), self.month(11))
        raised = round_half_up(profile.demo_amount * Decimal("1.06"), 2)
        self.term(profile, first, raised, "uplift")

    def shrinks(self, profile):
        self.begin(profile)
        self.term(profile, self.later(profile), profile.demo_amount * Decimal("0.7"), "downgrade")

    def leaves(self, profile):
        self.begin(profile)
        last = self.later(profile, most=1) - ONE_DAY
        self.end(profile, last)

    def end(self, profile, last, **more):
        reason = self.random.choice(("price", "competitor", "budget", "no_need", "closed"))
        row = RevenueEnding(
            profile=profile, end=last, notice_date=last - datetime.timedelta(45), reason=reason, **more
        )
        return self.add_dated(row, last - datetime.timedelta(40), profile)

    def returns(self, profile):
        self.begin(profile)
        last = self.month(9) - ONE_DAY
        profile.start = min(profile.start, self.month(14))
        self.rows[-1].from_date = profile.start
        self.end(profile, last)
        new_profile = self.profile(profile.company, profile.category.name, "returns", None)
        new_profile.name, new_profile.currency, new_profile.start = (
            profile.name,
            profile.currency,
            self.month(self.random.randint(2, 5)),
        )
        self.begin(new_profile)

    def pauses(self, profile):
        self.begin(profile)
        first = self.month(self.random.choice((1, 6, 7, 9)))
        last = month_end(months_after(first, 1))
        if last >= self.today:
            last = None
        self.add_dated(
            RevenuePause(profile=profile, from_date=first, to_date=last, reason="Renovation"), first, profile
        )

    def moves(self, profile):
        self.begin(profile)
        other_category = self.random.choice(
            [row for row in self.categories.values() if row != profile.category]
        )
        self.term(
            profile,
            self.month(self.random.randint(1, 8)),
            profile.demo_amount,
            "transfer",
            category=other_category,
        )

    def undone(self, profile):
        self.begin(profile)
        row = self.end(profile, self.month(2) - ONE_DAY)
        row.superseded_at, row.superseded_by = self.moment(self.month(2)), profile.owner
        row.note = "Talked to them again: they stay."

    def add_corrected(self, profile):
        row = self.begin(profile)
        day = self.month(self.random.randint(2, 6))
        wrong = self.term(profile, day, profile.demo_amount * 10, "upsell")
        wrong.superseded_at, wrong.superseded_by = wrong.recorded_at + datetime.timedelta(3), profile.owner
        right = self.term(profile, day, profile.demo_amount + 10, "upsell", note="A zero too many")
        right.recorded_at = min(wrong.superseded_at, timezone.now())
        return row

    def late(self, profile):
        """Renewed five weeks after its term had ended, and dated back: no gap."""
        profile.term_months, profile.renewal, profile.notice_days = 12, "manual", 30
        self.begin(profile)
        ended = months_after(month_of(profile.start), 12)
        ended = ended.replace(day=profile.start.day)
        row = self.end(profile, ended - ONE_DAY, kind="expiry")
        row.reason, row.superseded_by = "", profile.owner
        row.superseded_at = min(self.moment(ended) + datetime.timedelta(35 + 20), timezone.now())
        renewed = self.term(profile, ended, profile.demo_amount * Decimal("1.03"), "uplift")
        renewed.recorded_at = row.superseded_at
        renewed.note = "Renewed late, dated back"

    def free(self, profile):
        self.term(profile, profile.start, 0, "new", note="The first months are free")
        self.term(
            profile,
            max(months_after(month_of(profile.start), 3), self.month(10)),
            profile.demo_amount,
            "discount_end",
        )

    def notice(self, profile):
        """Ends in the months to come."""
        self.begin(profile)
        self.end(profile, month_end(self.month(-self.random.randint(1, 4))))

    def ahead(self, profile):
        """Agreed today, to begin in a month or two."""
        profile.start = self.month(-self.random.randint(1, 2))
        profile.created_at = timezone.now()
        self.begin(profile)

    # Written

    def write(self):
        RevenueProfile.objects.bulk_create(self.profiles)
        for row in self.rows:
            row.profile_id = row.profile.pk
        for model in (RevenueTerm, RevenuePause, RevenueEnding):
            model.objects.bulk_create([row for row in self.rows if isinstance(row, model)])
        tag = Tag.objects.order_by("pk").first()
        for profile in self.profiles[:6] if tag else ():
            profile.tags.add(tag.name)
        RevenueProfile.objects.all().renew_standing()  # last: the profiles here know nothing of today's MRR
        if self.second:
            self.write_rates()

    def write_rates(self):
        """Of the dollar, for the three years past: up and down around its value in euros."""
        rate = Decimal("0.9200")
        for ago in range(36, 0, -1):
            rate += Decimal(self.random.randint(-150, 150)) / UNITS_PER_ONE
            rate = min(max(rate, Decimal("0.85")), Decimal("0.97"))
            ExchangeRate.objects.create(month=self.month(ago), currency="USD", rate=rate)
