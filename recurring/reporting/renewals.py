"""What comes up for renewal, what is late, and what may be expected of the months to come."""

from decimal import Decimal

from django.utils.functional import cached_property

from recurring.mrr.calendar import month_end, months_after
from recurring.mrr.exchange_rates import FixedRates
from recurring.mrr.forecast import forecast_mrr
from recurring.mrr.renewals import overdue_renewals, renewal_rate_of, terms_up_for_renewal


class UpcomingRenewals:
    """The renewals of what is looked at: of the categories that are chosen, by those of a term's last day."""

    def __init__(self, dataset):
        self.dataset, self.month, self.today, self.exchange = (
            dataset,
            dataset.month,
            dataset.today,
            dataset.rates,
        )

    def is_chosen(self, profile, day):
        term = profile.term_on(day)
        return term is not None and term.category in self.dataset.chosen.categories

    def looked_at(self, due_renewals):
        if self.dataset.rated_from:
            due_renewals = [
                renewal
                for renewal in due_renewals
                if self.dataset.is_rated(renewal.profile.currency, renewal.term_end)
            ]
        if not self.dataset.chosen.categories:
            return list(due_renewals)
        return [renewal for renewal in due_renewals if self.is_chosen(renewal.profile, renewal.term_end)]

    @cached_property
    def ends(self):
        """Every term that ends from a year ago to a year from now: [Renewal]."""
        first, last = months_after(self.month, -12), month_end(months_after(self.month, 12))
        return self.looked_at(terms_up_for_renewal(self.dataset.renewing, first, last, self.exchange))

    @cached_property
    def renewals(self):
        """The next one of each profile, in the next twelve months: [Renewal], soonest first."""
        next_ends = {}
        for renewal in self.ends:
            known_renewal = next_ends.get(renewal.profile.id)
            if renewal.term_end >= self.today and (
                known_renewal is None or renewal.term_end < known_renewal.term_end
            ):
                next_ends[renewal.profile.id] = renewal
        return sorted(next_ends.values(), key=lambda renewal: (renewal.term_end, -renewal.mrr))

    @cached_property
    def late(self):
        """Those whose term is over and that nobody has renewed yet: [Renewal], the oldest first."""
        return self.looked_at(overdue_renewals(self.dataset.renewing, self.today, self.exchange))

    @cached_property
    def total(self):
        return sum((renewal.mrr for renewal in self.renewals), Decimal(0))

    @cached_property
    def rate(self):
        """Of the terms that ended in the twelve months that are over, at the rates of the last of them."""
        last, rates = months_after(self.month, -1), self.exchange
        if rates is not None:
            rates = FixedRates(rates, last)
        over = terms_up_for_renewal(
            self.dataset.renewing, months_after(self.month, -12), month_end(last), rates
        )
        return renewal_rate_of(self.looked_at(over), self.dataset.renewing, rates)

    def forecast(self, months):
        """[Forecast] of the months to come, of all of a Ledger's."""
        rate = Decimal(1) if self.rate is None else self.rate
        fixed = [profile for profile in self.dataset.renewing if profile.last_day]
        if self.dataset.chosen.categories:
            fixed = [profile for profile in fixed if self.is_chosen(profile, profile.last_day)]
        return forecast_mrr(months, fixed, self.today, rate=rate, rates=self.exchange)
