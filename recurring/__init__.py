"""What clients pay again and again, and why it changes from month to month.

The engine is pure: no database, no models, no clock. Read it in this order:

    money.py      amounts and months: per_month(amount, unit, count), month_end(day)
    exchange.py   month-end rates between currencies
    histories.py  one profile's dated rows; Profile.mrr(day), line_ledger(profile)
    movements.py  Ledger: many profiles over many months, month against month
    months.py     what it answers with: Month, Movement, Line, Explanation
    rates.py      churn, retention, quick ratio, LTV … of those months
    cohorts.py    retention over twelve months, and the clients of one start month followed
    renewals.py   terms, notice deadlines, grace, renewal rate, forecast

rows.py (what is given), lines.py (one profile's changes) and sweep.py (their sums) are the Ledger's inside.

The pages read all rows once (books.py) and fold them (figures.py, strip.py, coming.py); what is done to a
profile is in acts.py and renewing.py. Its speed is measured by tests/many.py.
"""
