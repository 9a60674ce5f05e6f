"""The recurring revenue of a workspace, read once for a whole page: six queries, however many rows."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from django.db.models import ExpressionWrapper, F, Field
from django.utils.functional import cached_property

from recurring.models import (
    ExchangeRate,
    RevenueCategory,
    RevenueEnding,
    RevenuePause,
    RevenueProfile,
    RevenueTerm,
    TaggedRevenueProfile,
)
from recurring.mrr.calendar import ONE_DAY, month_at, month_index, month_of, months_after
from recurring.mrr.engine.accumulator import without_garbage_collection
from recurring.mrr.engine.profile_changes import NEVER
from recurring.mrr.exchange_rates import LenientRates
from recurring.mrr.ledger import Ledger
from recurring.reporting.profile_view import ProfileView
from workspaces.tenancy.scope import active_workspace, cached_for_request

NAMED = 5  # of the profiles that are left out
# The amount per month as it is kept: 40,000 of them are not made Decimals, nor looked at, for nothing.
UNITS = ExpressionWrapper(F("monthly"), output_field=Field())


@dataclass(frozen=True)
class DatasetFilters:
    """What is looked at: some categories, what somebody owns, what bears a tag; or all."""

    categories: frozenset = frozenset()
    owner: int | None = None
    tag: int | None = None

    @property
    def parameters(self):
        """What says so in an address: [(name, value)]."""
        pairs = [("category", pk) for pk in sorted(self.categories)]
        return pairs + [(name, pk) for name in ("owner", "tag") if (pk := getattr(self, name))]

    @property
    def as_query(self):
        """The same, to be added to an address that has a query."""
        return "".join(f"&{name}={pk}" for name, pk in self.parameters)

    def profiles(self):
        rows = RevenueProfile.objects.order_by()
        if self.owner:
            rows = rows.filter(owner=self.owner)
        if self.tag:
            tagged = TaggedRevenueProfile.objects.filter(tag=self.tag)
            rows = rows.filter(pk__in=tagged.order_by().values("content_object"))
        return rows


@dataclass(frozen=True)
class ExcludedProfiles:
    """Profiles that are not in the figures, for want of a rate: of a currency, until its first one if any."""

    currency: str
    until: date | None
    profiles: list  # [(pk, name)] of the first few
    clients: Counter  # {client: number of profiles} of all of them

    @property
    def number(self):
        return self.clients.total()


class RevenueDataset:
    """All live rows of the profiles that are looked at.

    rows      [(profile, client, start, end, currency)]
    terms     {profile: [(profile, from_date, units, category, reason)]}, oldest first
    pauses    [(profile, from_date, to_date, reason)]
    endings   [(profile, end, reason, notice_date)]
    """

    @without_garbage_collection()
    def __init__(self, chosen=None):
        self.chosen = chosen or DatasetFilters()
        self.today = active_workspace().today()
        self.month = month_of(self.today)
        names = "pk", "company_id", "start", "end", "currency"
        self.rows = list(self.chosen.profiles().values_list(*names))
        if not (self.chosen.owner or self.chosen.tag):
            cached_for_request("used currencies", lambda: sorted(self.currencies))  # the frame asks as well
        names = "profile_id", "from_date", UNITS, "category_id", "reason"
        terms = RevenueTerm.objects.live().order_by("profile_id", "from_date").values_list(*names)
        self.terms = {profile: list(rows) for profile, rows in groupby(terms, itemgetter(0))}
        names = "profile_id", "from_date", "to_date", "reason"
        self.pauses = list(RevenuePause.objects.live().order_by().values_list(*names))
        names = "profile_id", "end", "reason", "notice_date"
        self.endings = list(RevenueEnding.objects.live().order_by().values_list(*names))
        # Rows of profiles in the trash, or of others than were chosen, are read and passed over: that
        # is quicker than asking the database which these are.
        profile_ids = {row[0] for row in self.rows}
        self.pauses = [row for row in self.pauses if row[0] in profile_ids]
        self.endings = [row for row in self.endings if row[0] in profile_ids]

    @cached_property
    def categories(self):
        """{pk: category}, in the settings' order."""
        return RevenueCategory.objects.all_by_id()

    @cached_property
    def currencies(self):
        return {row[4] for row in self.rows}

    @cached_property
    def currency(self):
        """The currency of the figures: the workspace's; without any rate, the one most profiles are in."""
        base_currency = active_workspace().currency
        if (
            base_currency in self.currencies
            or not self.currencies
            or self.rate_table.keys() & self.currencies
        ):
            return base_currency
        numbers = Counter(row[4] for row in self.rows)
        return max(sorted(numbers), key=numbers.get)

    @cached_property
    def rate_table(self):
        """{currency: {month: rate}}; not asked for where all is in the workspace's currency."""
        return {} if self.currencies <= {active_workspace().currency} else ExchangeRate.objects.table()

    @cached_property
    def rates(self):
        """The rates needed: none where all is in the currency of the figures."""
        if self.currencies <= {self.currency}:
            return None
        return LenientRates(self.currency, self.rate_table)

    @cached_property
    def rated_from(self):
        """{currency: the month_index() of its first rate, NEVER without one}, of those that need rates."""
        if self.rates is None:
            return {}
        firsts = {code: self.rates.first(code) for code in self.currencies - {self.currency}}
        return {code: NEVER if first is None else first for code, first in firsts.items()}

    def is_rated(self, currency, day):
        return self.rated_from.get(currency, 0) <= month_index(day)

    def left_out(self, first, last):
        """Return [ExcludedProfiles]: profiles that lack a rate in the months from first to last."""
        if not self.rated_from:
            return []
        by_currency, begin, end = {}, month_index(first), month_index(last)
        for pk, client, start, _, currency in self.rows:
            started = month_index(start)
            if started <= end and self.rated_from.get(currency, 0) > max(begin, started):
                by_currency.setdefault(currency, {})[pk] = client
        named_ids = [pk for pks in by_currency.values() for pk in sorted(pks)[:NAMED]]
        rows = RevenueProfile.objects.select_related("company").in_bulk(named_ids) if named_ids else {}
        groups = []
        for currency, pks in sorted(by_currency.items()):
            rated = self.rated_from[currency]
            until = None if rated == NEVER else month_at(rated)
            names = [(pk, str(rows[pk])) for pk in sorted(pks)[:NAMED] if pk in rows]
            groups.append(ExcludedProfiles(currency, until, names, Counter(pks.values())))
        return groups

    def ledger(self, first, last, since=None, recorded=False, today=None):
        """The Ledger from one month to another, of what is chosen; its timelines from `since` on.

        `today` is the day up to which its own month is looked at, the workspace's if none is given.
        """
        return Ledger(
            self.rows,
            self.terms,
            self.pauses,
            [row[:3] for row in self.endings],
            first=first,
            last=last,
            rates=self.rates,
            today=today or self.today,
            categories=self.chosen.categories or None,
            since=since,
            recorded=recorded,
            rated_from=self.rated_from,
        )

    @cached_property
    def renewing(self):
        """[Agreement] of those that come up for renewal or did in the last year, or began in it."""
        past = months_after(self.month, -12) - ONE_DAY
        ends = {row[0]: row[1] for row in self.endings}
        pauses = {}
        for row in self.pauses:
            pauses.setdefault(row[0], []).append(row)
        names = "pk", "renewal", "term_months", "notice_days"
        fixed = self.chosen.profiles().exclude(renewal=RevenueProfile.Renewal.EVERGREEN).values_list(*names)
        agreed = {pk: rest for pk, *rest in fixed}
        views = []
        for pk, client, start, end, currency in self.rows:
            if pk not in agreed and start < past:
                continue
            if pk in ends:
                end = min(end or date.max, ends[pk])
            if start >= past or end is None or end >= past:
                about = agreed.get(pk) or (RevenueProfile.Renewal.EVERGREEN.value, None, 0)
                rows = self.terms.get(pk, ()), pauses.get(pk, ())
                views.append(ProfileView(pk, client, start, end, currency, *about, pk in ends, *rows))
        return views
