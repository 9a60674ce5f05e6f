"""Why a month is what it is, as a sentence and its rows."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from crm.formatting import format_exact, format_month, format_rounded
from crm.models import Company
from crud.parsing.numbers import currency_places, round_half_up
from recurring.models import RevenueEnding, RevenueProfile, RevenueTerm
from recurring.mrr.calendar import month_index, months_after
from recurring.mrr.results import CLOSED, COMMITTED, GAINS, LOSSES, TO_DATE
from recurring.reporting.movement_kinds import LABELS, MOVEMENT_KINDS, signed_amount

MORE = {
    CLOSED: _("%(month)s closed at %(closing)s, %(change)s more than %(previous)s"),
    TO_DATE: _("%(month)s is at %(closing)s to date, %(change)s more than %(previous)s"),
    COMMITTED: _("%(month)s will close at %(closing)s, %(change)s more than %(previous)s"),
}
LESS = {
    CLOSED: _("%(month)s closed at %(closing)s, %(change)s less than %(previous)s"),
    TO_DATE: _("%(month)s is at %(closing)s to date, %(change)s less than %(previous)s"),
    COMMITTED: _("%(month)s will close at %(closing)s, %(change)s less than %(previous)s"),
}
UNCHANGED = {
    CLOSED: _("%(month)s closed at %(closing)s, unchanged from %(previous)s"),
    TO_DATE: _("%(month)s is at %(closing)s to date, unchanged from %(previous)s"),
    COMMITTED: _("%(month)s will close at %(closing)s, unchanged from %(previous)s"),
}
NAMED = 2  # of the clients of each kind, in the sentence
MAX_LISTED_CLIENTS = 50  # of them that are listed
REASONS = {**dict(RevenueTerm.Reason.choices), **dict(RevenueEnding.Reason.choices)}
VERBS = {
    "new": _("{name} is new"),
    "reactivation": _("{name} came back"),
    "expansion": _("{name} pays {amount} more"),
    "uplift": _("{name} pays {amount} more (price increase)"),
    "resume": _("{name} is back from a pause"),
    "contraction": _("{name} pays {amount} less"),
    "churn": _("{name} left"),
    "pause": _("{name} paused"),
}
MANY = {
    "new": _("{number} clients are new"),
    "reactivation": _("{number} clients came back"),
    "expansion": _("{number} clients pay more"),
    "uplift": _("{number} clients pay more (price increase)"),
    "resume": _("{number} clients are back from a pause"),
    "contraction": _("{number} clients pay less"),
    "churn": _("{number} clients left"),
    "pause": _("{number} clients paused"),
}


@dataclass(frozen=True)
class NarrativePart:
    """What one profile had to do with a client's movement."""

    profile: int
    name: str
    amount: object
    reason: str
    before: object
    after: object


@dataclass(frozen=True)
class NarrativeGroup:
    """All movements of a kind in a month: what they come to, how many they are, the largest of them."""

    kind: str
    label: str
    total: object  # with its sign
    number: int
    rows: list
    gained: object = 0  # of a kind that goes both ways: what went up, and what went down
    lost: object = 0


@dataclass(frozen=True)
class NarrativeMove:
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


def tell_month(dataset, explanation):
    """[Group] of a month's movements, gains first."""
    groups = [
        (kind, explanation.movements[kind])
        for kind in (*MOVEMENT_KINDS, "exchange", "transfer", "transferred")
        if kind in explanation.movements
    ]
    listed_moves = [move for _kind, moves in groups for move in moves[:MAX_LISTED_CLIENTS]]
    clients = client_names(move.client for move in listed_moves)
    profiles = profile_names(line.profile for move in listed_moves for line in move.lines)

    def row(move, is_loss):
        parts = [part_of(line, profiles, dataset.categories) for line in move.lines]
        amount = -move.amount if is_loss else move.amount
        return NarrativeMove(move.client, clients.get(move.client, "—"), amount, parts)

    return [
        NarrativeGroup(
            kind,
            LABELS[kind],
            signed_amount(explanation.totals, kind),
            len(moves),
            [row(move, kind in LOSSES) for move in moves[:MAX_LISTED_CLIENTS]],
            sum(move.amount for move in moves if move.amount > 0),
            -sum(move.amount for move in moves if move.amount < 0),
        )
        for kind, moves in groups
    ]


def part_of(line, names, categories):
    return NarrativePart(
        line.profile,
        names.get(line.profile, ""),
        line.amount,
        REASONS.get(line.reason, line.reason),
        categories.get(line.category_before),
        categories.get(line.category_after),
    )


def sentence(dataset, month, groups):
    """The month in words: "Oct 2026 closed at $12,350.00, $350.00 more than the month before. +$650: …".

    The signed amounts add up to the difference, for they are of the same movements as the table.
    """
    code = dataset.currency
    change = month.closing - month.opening
    # A month that is not over is compared with the end of the previous month, not with a whole month.
    previous = _("the previous month")
    if month.status != CLOSED:
        previous = _("the end of %(month)s") % {"month": format_month(months_after(month.month, -1))}
    values = {
        "month": format_month(month.month),
        "closing": format_exact(month.closing, code),
        "change": format_exact(abs(change), code),
        "previous": previous,
    }
    if change > 0:
        text = MORE[month.status]
    else:
        text = LESS[month.status] if change else UNCHANGED[month.status]
    parts = [
        str(text % values),
        "; ".join(map(str, clauses(groups, code, arrival_clause(dataset, month.month)))),
    ]
    return " ".join(f"{part}." for part in parts if part)


def arrival_clause(dataset, month):
    """Words for an amount that came into view without a client beginning to pay it."""
    is_first_rate = month_index(month) in dataset.rated_from.values()
    if is_first_rate and not dataset.chosen.categories:
        return _("+%(amount)s with a first exchange rate")
    if is_first_rate:
        return _("+%(amount)s moved in from other categories or with a first exchange rate")
    return _("+%(amount)s moved in from other categories")


def clauses(groups, code, came_in):
    """The parts of the sentence: gains, losses, transfers, exchange rates; then what has no amount."""
    by_kind = {group.kind: group for group in groups}
    for sign, kinds in (("+", GAINS), ("−", LOSSES)):
        chosen = [by_kind[kind] for kind in kinds if kind in by_kind and by_kind[kind].total]
        if chosen:
            words = ", ".join(sentence_of_movements(group, code) for group in chosen)
            yield f"{sign}{join_clauses(sum(abs(group.total) for group in chosen), code)}: {words}"
    if transfer := by_kind.get("transfer"):
        if transfer.gained:
            yield came_in % {"amount": join_clauses(transfer.gained, code)}
        if transfer.lost:
            amount = join_clauses(transfer.lost, code)
            yield _("−%(amount)s moved out to other categories") % {"amount": amount}
    if (exchange := by_kind.get("exchange")) and exchange.total:
        sign = "+" if exchange.total > 0 else "−"
        amount = f"{sign}{join_clauses(abs(exchange.total), code)}"
        yield _("%(amount)s from exchange rates") % {"amount": amount}
    for group in groups:
        if group.kind == "transferred":
            amount = join_clauses(group.total, code)
            yield _("%(amount)s moved between categories") % {"amount": amount}
        elif group.kind in VERBS and not group.total:
            yield sentence_of_movements(group, code)
        elif group.kind == "exchange" and not group.total:
            yield _("exchange rates up and down, unchanged in total")


def join_clauses(amount, code):
    """An amount in whole units where it has no cents, so that the parts of a sentence add up."""
    is_whole = round_half_up(amount, currency_places(code)) == int(amount)
    return format_rounded(amount, code) if is_whole else format_exact(amount, code)


def sentence_of_movements(group, code):
    """The clients of one kind: the first by name, the others by number."""
    if group.number > NAMED + 1:
        text = MANY[group.kind].format(number=f"{group.number:,}")
        if not group.total:
            return _("%(clients)s while paused") % {"clients": text}
        return f"{text} ({join_clauses(abs(group.total), code)})"
    return ", ".join(sentence_of_movement(group.kind, row, code) for row in group.rows)


def sentence_of_movement(kind, row, code):
    if not row.amount:  # only a client who was paused, and so paid nothing, can leave with nothing
        return _("%(clients)s while paused") % {"clients": VERBS[kind].format(name=row.name)}
    amount = join_clauses(abs(row.amount), code)
    text = VERBS[kind].format(name=row.name, amount=amount)
    reasons = dict.fromkeys(part.reason.lower() for part in row.parts if part.reason)
    reasons.pop(REASONS["new"].lower(), None)
    extra = [] if text.count(amount) else [amount]
    if kind != "uplift":
        extra += reasons
    return f"{text} ({', '.join(extra)})" if extra else text
