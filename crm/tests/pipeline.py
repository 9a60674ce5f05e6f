"""A year of a sales team's opportunities, generated, and the totals counted from their rows.

The rows have the columns of Maven Analytics' "CRM Sales Opportunities", by which the same tests read both.
"""

import datetime
import random
from collections import defaultdict
from itertools import product
from statistics import mean

YEAR = 2021  # in which all are closed
FIRST_NAMES = ("Ada", "Bela", "Cira", "Dario", "Edda", "Falk")
LAST_NAMES = ("Okafor", "Lindqvist", "Marchetti", "Haddad", "Novak")
WITHOUT_SALES = ("Greta Brandt", "Hugo Sandoval", "Ines Pereira")
PLACES = ("Alder", "Birch", "Cedar", "Hazel", "Juniper", "Larch", "Maple", "Rowan", "Spruce", "Walnut")
TRADES = ("Freight", "Dental", "Foods", "Optics", "Print", "Tools")
LARGEST = "Quayside-Ferries"  # with more opportunities than any other; its words are in no other name
PRODUCTS = {"Desk Lite": 90, "Desk Pro": 640, "Rack 200": 2_300, "Rack 800": 7_900, "Service Plan": 310}
STAGES = {"Won": 48, "Lost": 28, "Engaging": 18, "Prospecting": 6}  # in percent


def generate(count=4_000):
    """Return {file: rows} of so many opportunities, always the same ones."""
    chance = random.Random(1)
    agents = [f"{first} {last}" for first, last in product(FIRST_NAMES, LAST_NAMES)]
    accounts = [LARGEST, *(f"{place} {trade}" for place, trade in product(PLACES, TRADES))]
    return {
        "sales_teams": [{"sales_agent": name} for name in (*agents, *WITHOUT_SALES)],
        "accounts": [{"account": name} for name in accounts],
        "sales_pipeline": [
            generate_opportunity(f"{number:05}", agents, accounts, chance) for number in range(count)
        ],
    }


def generate_opportunity(number, agents, accounts, chance):
    """Return a row: open ones have no value and often no account, those not engaged in no dates."""
    (stage,) = chance.choices(list(STAGES), STAGES.values())
    (account,) = chance.choices(accounts, [4, *(1 for _ in accounts[1:])])
    product_name, price = chance.choice(list(PRODUCTS.items()))
    closed = datetime.date(YEAR, 2, 1) + datetime.timedelta(chance.randrange(334))
    engaged = closed - datetime.timedelta(chance.randrange(120))
    is_closed = stage in ("Won", "Lost")
    return {
        "opportunity_id": number,
        "sales_agent": chance.choice(agents),
        "product": product_name,
        "account": account if is_closed or chance.random() < 0.3 else "",
        "deal_stage": stage,
        "engage_date": "" if stage == "Prospecting" else engaged.isoformat(),
        "close_date": closed.isoformat() if is_closed else "",
        "close_value": {"Won": str(round(price * chance.uniform(0.7, 1.3))), "Lost": "0"}.get(stage, ""),
    }


def count_totals(rows):
    """Return the totals of the rows, with the names that the published ones have."""
    won = [row for row in rows if row["deal_stage"] == "Won"]
    closed = [row for row in rows if row["close_date"]]
    days = [
        (
            datetime.date.fromisoformat(row["close_date"]) - datetime.date.fromisoformat(row["engage_date"])
        ).days
        for row in won
    ]
    return {
        "rows": {"sales_pipeline": len(rows)},
        "stage": {name: {"count": sum(row["deal_stage"] == name for row in rows)} for name in STAGES},
        "won_value": sum(int(row["close_value"]) for row in won),
        "win_rate_won_over_closed": len(won) / len(closed),
        "cycle_days_won": {"mean": mean(days)},
        "by_close_quarter": count_by(closed, lambda row: quarter_of(row["close_date"])),
        "by_close_month": count_by(closed, lambda row: row["close_date"][:7]),
        "by_agent": count_by(rows, lambda row: row["sales_agent"]),
        "by_account": count_by(rows, lambda row: row["account"] or "(no account)"),
    }


def quarter_of(day):
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


def count_by(rows, key):
    """Return the totals of the rows of each key."""
    totals = defaultdict(lambda: {"opps": 0, "won": 0, "lost": 0, "won_value": 0})
    for row in rows:
        total = totals[key(row)]
        total["opps"] += 1
        if row["deal_stage"] == "Won":
            total["won"] += 1
            total["won_value"] += int(row["close_value"])
        elif row["deal_stage"] == "Lost":
            total["lost"] += 1
    return dict(totals)
