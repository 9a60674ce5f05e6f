"""The recurring revenue of a workspace, read once for a whole page: six queries, however many rows."""

from dataclasses import dataclass
from datetime import date

from django.db.models import BigIntegerField, ExpressionWrapper, F
from django.utils.functional import cached_property

from workspaces.scope import active_workspace, remembered

from .exchange import ExchangeRates
from .histories import Ending, Pause, Profile, Term
from .models import (
    ExchangeRate,
    RevenueCategory,
    RevenueEnding,
    RevenuePause,
    RevenueProfile,
    RevenueTerm,
    TaggedRevenueProfile,
)
from .money import ONE_DAY, decimal, month_of, months_after
from .movements import Ledger
from .sweep import without_garbage_collection

# The amount per month as it is kept: 40,000 of them are not made Decimals for nothing.
UNITS = ExpressionWrapper(F("monthly"), output_field=BigIntegerField())


@dataclass(frozen=True)
class Chosen:
    """What is looked at: some categories, what somebody owns, what bears a tag; or all."""

    categories: frozenset = frozenset()
    owner: int | None = None
    tag: int | None = None

    @property
    def parameters(self):
        """What says so in an address: [(name, value)]."""
        said = [("category", pk) for pk in sorted(self.categories)]
        return said + [(name, pk) for name in ("owner", "tag") if (pk := getattr(self, name))]

    def profiles(self):
        rows = RevenueProfile.objects.order_by()
        if self.owner:
            rows = rows.filter(owner=self.owner)
        if self.tag:
            tagged = TaggedRevenueProfile.objects.filter(tag=self.tag)
            rows = rows.filter(pk__in=tagged.order_by().values("content_object"))
        return rows


class MonthlyTerm(Term):
    """A term whose amount is that of a month already."""

    @property
    def monthly(self):
        return self.amount


class Books:
    """All live rows of the profiles that are looked at."""

    @without_garbage_collection()
    def __init__(self, chosen=None):
        self.chosen = chosen or Chosen()
        self.today = active_workspace().today()
        self.month = month_of(self.today)
        columns = (
            "pk",
            "company_id",
            "start",
            "end",
            "currency",
            "renewal",
            "term_months",
            "notice_days",
            "name",
        )
        self.rows = list(self.chosen.profiles().values_list(*columns))
        if not (self.chosen.owner or self.chosen.tag):
            remembered("used currencies", lambda: sorted(self.currencies))  # the frame asks as well
        names = "profile_id", "from_date", UNITS, "category_id", "reason"
        self.terms = list(RevenueTerm.objects.live().order_by("pk").values_list(*names))
        names = "profile_id", "from_date", "to_date", "reason"
        self.pauses = list(RevenuePause.objects.live().order_by().values_list(*names))
        names = "profile_id", "end", "reason", "notice_date"
        self.endings = list(RevenueEnding.objects.live().order_by().values_list(*names))
        # Rows of profiles in the trash, or of others than were chosen, are read and passed over: that
        # is quicker than asking the database which these are.
        known = {row[0] for row in self.rows}
        self.pauses = [row for row in self.pauses if row[0] in known]
        self.endings = [row for row in self.endings if row[0] in known]

    @cached_property
    def categories(self):
        """{pk: category}, in the settings' order."""
        return RevenueCategory.objects.whole()

    @cached_property
    def currencies(self):
        return {row[4] for row in self.rows}

    @cached_property
    def currency(self):
        """What the figures are in: the workspace's currency, or the only one used, if that has no rates."""
        if self.rates is None and self.currencies:
            return next(iter(self.currencies))
        return active_workspace().currency

    @cached_property
    def rates(self):
        """The rates needed: none where all is in the workspace's currency, or in one without rates."""
        own = active_workspace().currency
        if self.currencies <= {own}:
            return None
        table = {}
        for month, currency, rate in (
            ExchangeRate.objects.live().order_by().values_list("month", "currency", "rate")
        ):
            table.setdefault(currency, {})[month] = rate
        if len(self.currencies) == 1 and not table.keys() & self.currencies:
            return None
        return ExchangeRates(own, table)

    def ledger(self, first, last, categories=None):
        """The Ledger from one month to another; of `categories`, of those chosen, or of all."""
        wanted = categories if categories is not None else self.chosen.categories
        return Ledger(
            [row[:5] for row in self.rows],
            self.terms,
            self.pauses,
            [row[:3] for row in self.endings],
            first=first,
            last=last,
            rates=self.rates,
            today=self.today,
            categories=wanted or None,
            in_units=True,
        )

    def histories(self, pks):
        """[Profile] of the profiles with these ids, whose terms are their amounts per month."""
        found = {pk: ([], [], []) for pk in pks}
        for rows, place, made in (
            (self.terms, 0, lambda row: MonthlyTerm(row[1], decimal(row[2]), category=row[3], reason=row[4])),
            (self.pauses, 1, lambda row: Pause(*row[1:])),
            (self.endings, 2, lambda row: Ending(row[1], row[3], reason=row[2])),
        ):
            for row in rows:
                if row[0] in found:
                    found[row[0]][place].append(made(row))
        return [
            Profile(
                row[0], row[1], row[2], row[3], *map(tuple, found[row[0]]), row[4], row[6], row[5], row[7]
            )
            for row in self.rows
            if row[0] in found
        ]

    @cached_property
    def renewing(self):
        """[Profile] of those that come up for renewal, or did in the last year; most run on until notice."""
        ends = {row[0]: row[1] for row in self.endings}
        past = months_after(self.month, -12) - ONE_DAY
        return self.histories(
            row[0]
            for row in self.rows
            if row[5] != "evergreen" and min(row[3] or date.max, ends.get(row[0], date.max)) >= past
        )

    @cached_property
    def names(self):
        """{pk: what the profile is called}."""
        return {row[0]: row[8] for row in self.rows}

    @property
    def earliest(self):
        """The first month in which anything begins; this one if nothing does."""
        return month_of(min([row[2] for row in self.rows] + [self.today]))
