"""Churn, retention and their kin, from a Month's totals or from two month-ends.

A rate is a fraction, unrounded: Decimal("0.2") is 20 %. None stands where a rate
has no meaning: nothing at the start, or a month that is not over; the page says
"no losses" for a quick ratio of None and "not meaningful" for the others. The
formulas are the usual ones; the field's name for each is in its docstring.
"""

from decimal import Decimal

from recurring.mrr.results import CLOSED

FEWEST_CLIENTS = 20  # under this many, a lifetime value is noise


def share(part, whole):
    """part / whole as a fraction, or None where the whole is 0."""
    return Decimal(part) / Decimal(whole) if whole else None


def of_opening(month, amount):
    """An amount as a fraction of the month's opening MRR; None for a month that is not closed."""
    return share(amount, month.opening) if month.status == CLOSED else None


def gross_churn(month):
    """Gross MRR churn rate: (churn + contraction + pause) / opening (ChartMogul)."""
    return of_opening(month, month.losses)


def net_churn(month):
    """Net MRR churn rate: (losses − expansion − uplift − reactivation − resume) / opening (ChartMogul)."""
    return of_opening(month, month.losses - (month.gains - month.new))


def client_churn(month):
    """Client (logo) churn: clients at the start with nothing at the end / clients at the start.

    A paused client is still one. Who joined and left inside the month is in neither number.
    """
    return share(month.clients_churned, month.clients_opening) if month.status == CLOSED else None


def quick_ratio(month):
    """Gains / losses; None is "no losses"."""
    return share(month.gains, month.losses) if month.status == CLOSED else None


def arpa(month):
    """Average revenue per account: closing MRR / paying clients; None without any."""
    return share(month.closing, month.paying)


def retention(pairs):
    """GRR and NRR by endpoints: (gross, net), each a fraction or None.

    pairs  (MRR then, MRR now) of every client; those with nothing then are left out.
    GRR = Σ min(then, now) / Σ then (Chargebee, but per client); NRR = Σ now / Σ then.
    """
    live = [(initial, current) for initial, current in pairs if initial]
    initial = sum(initial for initial, _ in live)
    return share(sum(min(pair) for pair in live), initial), share(
        sum(current for _, current in live), initial
    )


def lifetime_value(average_revenue, churn, clients):
    """LTV = ARPA / client churn rate per month (ChartMogul).

    None, "not meaningful", at 0 churn or under 20 clients, where others put in a
    floor (Stripe: 1.67 %). `churn` is best the average_churn() of six months.
    """
    if not churn or average_revenue is None or clients < FEWEST_CLIENTS:
        return None
    return Decimal(average_revenue) / churn


def average_churn(months, rate=client_churn):
    """The mean of a rate over the closed ones of some months, None if none has it."""
    rates = [churn for churn in map(rate, months) if churn is not None]
    return share(sum(rates), len(rates)) if rates else None


def concentration(amounts, tops=(1, 5, 10)):
    """The share of the largest 1, 5 and 10 clients: {1: fraction, …}; None where nothing is paid."""
    ranked = sorted(amounts, reverse=True)
    return {top: share(sum(ranked[:top]), sum(ranked)) for top in tops}
