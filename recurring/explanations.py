"""Why a month is what it is, as a sentence and its rows."""

from dataclasses import dataclass

from crm.models import Company

from .cells import LABELS, MOVES, signed
from .models import RevenueEnding, RevenueProfile, RevenueTerm
from .months import LOSSES
from .templatetags.recurring import exactly, month_name, roughly

NAMED = 2  # of the clients of each kind, in the sentence
MOST = 50  # of them that are listed
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
class Group:
    """All movements of a kind in a month: what they come to, how many they are, the largest of them."""

    kind: str
    label: str
    total: object  # with its sign
    number: int
    rows: list


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


def profile_names(profiles):
    """{pk: name}"""
    rows = RevenueProfile.with_trash.filter(pk__in={*profiles}).order_by()
    return dict(rows.values_list("pk", "name"))


def told(books, explanation):
    """[Group] of a month's movements, gains first."""
    groups = [
        (kind, explanation.movements[kind])
        for kind in (*MOVES, "exchange", "transfer", "transferred")
        if kind in explanation.movements
    ]
    shown = [move for _, moves in groups for move in moves[:MOST]]
    clients = client_names(move.client for move in shown)
    profiles = profile_names(line.profile for move in shown for line in move.lines)

    def row(move, sign):
        parts = [part_of(line, profiles, books.categories) for line in move.lines]
        return Move(move.client, clients.get(move.client, "—"), sign * move.amount, parts)

    return [
        Group(
            kind,
            LABELS[kind],
            signed(explanation.totals, kind),
            len(moves),
            [row(move, -1 if kind in LOSSES else 1) for move in moves[:MOST]],
        )
        for kind, moves in groups
    ]


def part_of(line, names, categories):
    return Part(
        line.profile,
        names.get(line.profile, ""),
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
    if not groups or not any(group.kind in VERBS or group.kind == "exchange" for group in groups):
        return f"{start}, as the month before: nothing moved."
    if change:
        start += f", {exactly(abs(change), code)} {'more' if change > 0 else 'less'} than the month before"
    else:
        start += ", as much as the month before"
    sides = []
    for sign, kinds in ((1, MOVES[:5]), (-1, LOSSES)):
        chosen = [group for group in groups if group.kind in kinds and group.total]
        if chosen:
            total = sum(abs(group.total) for group in chosen)
            words = ", ".join(said(group, code) for group in chosen)
            sides.append(f"{'+' if sign > 0 else '−'}{roughly(total, code)}: {words}")
    if month.exchange:
        sides.append(
            f"{'+' if month.exchange > 0 else '−'}{roughly(abs(month.exchange), code)} by exchange rates"
        )
    return f"{start}. {'; '.join(sides)}."


def said(group, code):
    """The clients of one kind: the first by name, the others by number."""
    if group.number > NAMED + 1:
        return f"{group.number:,} clients {MANY[group.kind]} ({roughly(abs(group.total), code)})"
    return ", ".join(said_of_one(group.kind, row, code) for row in group.rows)


def said_of_one(kind, row, code):
    amount = roughly(abs(row.amount), code)
    text = VERBS[kind].format(row.name, amount)
    reasons = dict.fromkeys(part.reason.split(":")[0].lower() for part in row.parts if part.reason)
    reasons.pop("new", None)
    extra = [] if text.count(amount) else [amount]
    if kind != "uplift":
        extra += reasons
    return f"{text} ({', '.join(extra)})" if extra else text
