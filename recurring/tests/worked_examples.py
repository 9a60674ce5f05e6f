"""Worked examples of recurring revenue, and the profiles, rates and lines that they describe.

    OWN                        {id: case} of worked_examples.json, reckoned by hand for this repository
    PUBLIC                     {id: case} of ../shared/cases/recurring_cases.json, {} where it is not there
    CASES                      both
    case_profiles(inputs)      a case's profiles as histories (histories.Profile)
    case_rates(inputs)         its exchange rates, or None
    case_items(inputs)         its lines for normalizing, as keyword arguments of monthly_amount()

Whoever runs the cases through the models turns the same histories into rows.
"""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from recurring.mrr.exchange_rates import ExchangeRates
from recurring.mrr.profiles import ProfileHistory, ProfilePause, ProfileTerm

OWN_FILE = Path(__file__).with_name("worked_examples.json")
PUBLIC_FILE = Path(__file__).resolve().parents[2].parent / "shared" / "cases" / "recurring_cases.json"
GROUPS = ("published", "published_inputs_derived_outputs", "rule_cases")
BASE = "USD"


def read(file):
    """Return the content of a JSON file with its numbers as Decimal: no figure becomes a float."""
    return json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


def read_public_cases():
    if not PUBLIC_FILE.exists():
        return {}
    groups = read(PUBLIC_FILE)
    return {case["id"]: case for group in GROUPS for case in groups[group]}


OWN = {case["id"]: case for case in read(OWN_FILE)}
PUBLIC = read_public_cases()
# Of the published cases: conversions that no page makes.
UNSHOWN_KINDS = {"annual_to_monthly", "compound", "uplift"}
CASES = OWN | PUBLIC


def day(text):
    return date.fromisoformat(text) if text else None


def month(text):
    """ "2025-03" as the date of its first day."""
    return date.fromisoformat(f"{text}-01")


def case_profiles(inputs):
    """The profiles of a case, as histories."""
    return [
        ProfileHistory(
            id=row["id"],
            client=row["client"],
            start=day(row["start"]),
            end=day(row["end"]),
            terms=tuple(case_term(term) for term in row["terms"]),
            pauses=tuple(
                ProfilePause(day(pause["from"]), day(pause["to"])) for pause in row.get("pauses", ())
            ),
            currency=row.get("currency", BASE),
        )
        for row in inputs["profiles"]
    ]


def case_term(row):
    return ProfileTerm(
        from_date=day(row["from"]),
        amount=Decimal(row["amount"]),
        quantity=Decimal(row.get("qty", 1)),
        unit=row["unit"],
        count=row.get("count", 1),
        discount=Decimal(row.get("discount_pct", 0)),
        category=row.get("category"),
        reason=row.get("reason", ""),
    )


def case_rates(inputs):
    """The month-end rates of a case, or None."""
    if "fx" not in inputs:
        return None
    table = {
        currency: {month(text): rate for text, rate in by_month.items()}
        for currency, by_month in inputs["fx"].items()
    }
    return ExchangeRates(BASE, table)


def case_items(inputs):
    """[(keyword arguments of monthly_amount(), how many clients pay it)].

    A negative line is an amount off the line before it (N10: an add-on of 100 less 50). We
    keep no negative lines: it becomes that line's discount in percent.
    """
    items = []
    for row in inputs["items"]:
        amount = Decimal(row["amount"])
        if amount < 0:
            line, _ = items[-1]
            line["discount"] += -amount / line["amount"] * 100
            continue
        line = {
            "amount": amount,
            "unit": row["unit"],
            "count": row["count"],
            "quantity": Decimal(row.get("qty", 1)),
            "discount": Decimal(row.get("discount_pct", 0)),
        }
        items.append((line, row.get("customers", 1)))
    return items
