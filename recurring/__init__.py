"""Recurring revenue: what clients pay again and again, and why it changes from month to month.

`mrr/` is the engine: pure functions of amounts and dates, without Django, database or clock, in this order:

    money.py           amounts: monthly_amount(amount, unit, count), rounding
    calendar.py        months as dates and as numbers
    exchange_rates.py  month-end rates between currencies
    profiles.py        one profile's dated rows; ProfileHistory.mrr(day), profile_ledger(profile)
    ledger.py          Ledger: many profiles over many months, month against month
    results.py         the Ledger's answers: Month, Movement, MovementLine, Explanation
    metrics.py         churn, retention, quick ratio, LTV … of those months
    cohorts.py         retention over twelve months, and the clients of one start month followed
    renewals.py        terms, notice deadlines, grace, renewal rate
    forecast.py        the months to come, from terms that end
    engine/            the Ledger's inside: inputs, changes of one profile, accumulation by month

`reporting/` reads a page's rows once (dataset.py) and computes what it shows (report.py, kpis.py).
`lifecycle/` holds the operations on a profile: change of amount or category, pause, renewal, end, correction.
"""
