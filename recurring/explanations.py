"""Why a month is what it is, as a sentence and its rows."""

from dataclasses import dataclass

from crm.models import Company

from .cells import LABELS, MOVES, signed
from .models import RevenueEnding, RevenueTerm
from .months import LOSSES
from .templatetags.recurring import exactly, month_name, roughly

NAMED = 2  # of the clients of each kind, in the sentence
REASONS = {**dict(RevenueTerm.Reason.choices), **dict(RevenueEnding.Reason.choices)}
VERBS = {
    "new": "{} is new",
    "reactivation": "{} came back",
    "expansion": "{} pays {} more",
    "uplift": "{} pays {} more by a price rise",
    "resume": "{} is back from a pause",
    "contraction": "{} pays {} less",
    "churn": "{} left",
    "pause": "{} paused",
}
MANY = {
    "new": "are new",
    "reactivation": "came back",
    "expansion": "pay more",
    "uplift": "pay more by a price rise",
    "resume": "are back from a pause",
    "contraction": "pay less",
    "churn": "left",
    "pause": "paused",
}


@dataclass(frozen=True)
class Part:
    """What one profile had to do with a client's movement."""

    profile: int
    name: str
    amount: object
    reason: str
    before: object
    after: object


@dataclass(frozen=True)
class Move:
    """One client's movement, told."""

    client: int
    name: str
    amount: object  # with its sign
    parts: list


def client_names(clients):
    """{pk: name}, also of those in the trash."""
    rows = Company.with_trash.filter(pk__in={*clients}).order_by()
    return dict(rows.values_list("pk", "name"))


def told(books, explanation):
    """[(kind, label, signed amount, [Move])] of a month's movements, gains first."""
    names = client_names(move.client for moves in explanation.movements.values() for move in moves)
    found = []
    for kind in (*MOVES, "exchange", "transfer", "transferred"):
        moves = explanation.movements.get(kind)
        if not moves:
            continue
        sign = -1 if kind in LOSSES else 1
        rows = [
            Move(
                move.client,
                names.get(move.client, "—"),
                sign * move.amount,
                [part_of(books, line) for line in move.lines],
            )
            for move in moves
        ]
        total = signed(explanation.totals, kind)
        found.append((kind, LABELS[kind], total, rows))
    return found


def part_of(books, line):
    categories = books.categories
    return Part(
        line.profile,
        books.names.get(line.profile, ""),
        line.amount,
        REASONS.get(line.reason, line.reason),
        categories.get(line.category_before),
        categories.get(line.category_after),
    )


def sentence(books, month, groups):
    """The month in words: "Oct 2026 closed at $12,350.00, $350.00 more than the month before. +$650: …"."""
    code = books.currency
    verb = {"closed": "closed at", "to date": "stands at", "committed": "will close at"}[month.status]
    change = month.closing - month.opening
    start = f"{month_name(month.month)} {verb} {exactly(month.closing, code)}"
    if not groups or not any(kind in VERBS or kind == "exchange" for kind, *_ in groups):
        return f"{start}, as the month before: nothing moved."
    if change:
        start += f", {exactly(abs(change), code)} {'more' if change > 0 else 'less'} than the month before"
    else:
        start += ", as much as the month before"
    sides = []
    for sign, kinds in ((1, MOVES[:5]), (-1, LOSSES)):
        chosen = [(kind, rows) for kind, _, total, rows in groups if kind in kinds and total]
        if chosen:
            total = sum((abs(row.amount) for _, rows in chosen for row in rows), 0)
            words = ", ".join(said(kind, rows, code) for kind, rows in chosen)
            sides.append(f"{'+' if sign > 0 else '−'}{roughly(total, code)}: {words}")
    if month.exchange:
        sides.append(
            f"{'+' if month.exchange > 0 else '−'}{roughly(abs(month.exchange), code)} by exchange rates"
        )
    return f"{start}. {'; '.join(sides)}."


def said(kind, rows, code):
    """The clients of one kind: the first by name, the others by number."""
    if len(rows) > NAMED + 1:
        total = roughly(sum(abs(row.amount) for row in rows), code)
        return f"{len(rows)} clients {MANY[kind]} ({total})"
    return ", ".join(said_of_one(kind, row, code) for row in rows)


def said_of_one(kind, row, code):
    amount = roughly(abs(row.amount), code)
    text = VERBS[kind].format(row.name, amount)
    reasons = dict.fromkeys(part.reason.split(":")[0].lower() for part in row.parts if part.reason)
    reasons.pop("new", None)
    extra = [] if text.count(amount) else [amount]
    if kind != "uplift":
        extra += reasons
    return f"{text} ({', '.join(extra)})" if extra else text
