"""The movements against a slow and plain second opinion, over random histories; single rules by hand."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurring.mrr.calendar import month_end, months_after, months_between
from recurring.mrr.cohorts import cohorts, retention_series
from recurring.mrr.engine.profile_changes import NEVER, Change, profile_changes, profile_changes_with_pauses
from recurring.mrr.exchange_rates import ExchangeRates, MissingRate
from recurring.mrr.ledger import Ledger
from recurring.mrr.metrics import (
    arpa,
    average_churn,
    client_churn,
    concentration,
    gross_churn,
    net_churn,
    quick_ratio,
    retention,
)
from recurring.mrr.profiles import ProfileEnding, ProfileHistory, ProfilePause, ProfileTerm, total_mrr
from recurring.mrr.results import Month

EPOCH, FIRST, LAST = date(2023, 1, 1), date(2023, 4, 1), date(2024, 6, 1)
MONTHS = [months_after(EPOCH, -1), *months_between(EPOCH, LAST)]
EUR = {month: Decimal(100 + 7 * at % 31) / 100 for at, month in enumerate(MONTHS)}
RATES = ExchangeRates("USD", {"EUR": EUR})

days = st.integers(0, 580).map(lambda offset: EPOCH + timedelta(offset))
terms = st.builds(
    ProfileTerm,
    from_date=days,
    amount=st.sampled_from([Decimal(0), Decimal("19.99"), Decimal(50), Decimal(50), Decimal("1234.5678")]),
    quantity=st.sampled_from([Decimal(1), Decimal(3), Decimal("2.5")]),
    unit=st.sampled_from(["month", "month", "year", "week", "day", "quarter"]),
    count=st.sampled_from([1, 1, 2]),
    discount=st.sampled_from([Decimal(0), Decimal("12.5"), Decimal(100)]),
    category=st.sampled_from(["Hosting", "Support", None]),
    reason=st.sampled_from(["new", "upsell", "uplift", "transfer"]),
)


@st.composite
def histories(draw, currencies=("USD",)):
    """A few profiles of a few clients, with all that can happen to them, in any order and overlap."""
    results = []
    for id in range(draw(st.integers(1, 5))):
        start = draw(days)
        own_value = draw(st.lists(terms, min_size=1, max_size=4))
        if draw(st.booleans()):
            own_value[0] = ProfileTerm(
                start, own_value[0].amount, unit=own_value[0].unit, category=own_value[0].category
            )
        pauses = draw(st.lists(st.tuples(days, st.none() | st.integers(0, 200)), max_size=2))
        ends = draw(st.lists(st.integers(0, 600), max_size=2))
        results.append(
            ProfileHistory(
                id,
                client=draw(st.sampled_from("abc")),
                start=start,
                end=start + timedelta(ends[0]) if ends else None,
                terms=tuple(own_value),
                pauses=tuple(
                    ProfilePause(day, None if length is None else day + timedelta(length))
                    for day, length in pauses
                ),
                endings=tuple(
                    ProfileEnding(start + timedelta(length), undone_at=length % 3 or None)
                    for length in ends[1:]
                ),
                currency=draw(st.sampled_from(currencies)),
            )
        )
    return results


def by_client(profiles):
    results = defaultdict(list)
    for profile in profiles:
        results[profile.client].append(profile)
    return results


class SecondOpinion:
    """Month-end by month-end from before the epoch, with nothing but mrr(): slow and plain."""

    def __init__(self, profiles, rates=None):
        self.clients = by_client(profiles)
        self.worth, self.paused = {}, {}
        for item in profiles:
            never_paused = replace(item, pauses=())
            for month in MONTHS:
                day = month_end(month)
                worth = never_paused.mrr(day, rates)
                self.worth[item.id, month] = 0 if item.is_paused(day) else worth
                self.paused[item.id, month] = worth if item.is_paused(day) else 0
        self.is_client, self.new, self.returned, self.left = {}, {}, {}, {}
        for client, own_value in self.clients.items():
            was_ever = state_before = False
            for month in MONTHS:
                pays = any(self.worth[item.id, month] for item in own_value)
                stays = state_before and any(self.paused[item.id, month] for item in own_value)
                self.new[client, month] = pays and not was_ever
                self.returned[client, month] = pays and was_ever and not state_before
                self.left[client, month] = state_before and not pays and not stays
                state_before = self.is_client[client, month] = pays or stays
                was_ever = was_ever or pays

    def client_worth(self, client, month):
        return sum(self.worth[item.id, month] for item in self.clients[client])

    def total(self, month):
        return sum(self.client_worth(client, month) for client in self.clients)

    def by_category(self, month):
        results = defaultdict(Decimal)
        for own_value in self.clients.values():
            for item in own_value:
                if self.worth[item.id, month]:
                    results[item.term_on(month_end(month)).category] += self.worth[item.id, month]
        return results

    def count(self, states, month):
        return sum(states[client, month] for client in self.clients)


def sign_amount(movement):
    """The amount with its sign in the identity; what only changed places counts for nothing."""
    if movement.kind == "transferred":
        return 0
    return -movement.amount if movement.kind in ("contraction", "churn", "pause") else movement.amount


@settings(max_examples=1000, deadline=None)
@given(histories(currencies=("USD", "EUR")))
def test_the_identity_holds_and_every_month_end_is_what_the_profiles_are_worth(profiles):
    ledger, second = Ledger.of(profiles, first=FIRST, last=LAST, rates=RATES), SecondOpinion(profiles, RATES)
    state_before = months_after(FIRST, -1)
    for position, month in enumerate(ledger.months):
        current_time = month.month
        assert month.opening == second.total(state_before)
        assert month.closing == second.total(current_time)
        assert month.transfer == 0 and min(month.gains, month.losses) >= 0
        by_category = {name: column[position] for name, column in ledger.categories.items()}
        assert {name: amount for name, amount in by_category.items() if amount} == second.by_category(
            current_time
        )
        assert month.paused == sum(second.paused[item.id, current_time] for item in profiles)
        assert month.clients == second.count(second.is_client, current_time)
        assert month.clients_opening == second.count(second.is_client, state_before)
        assert month.clients_new == second.count(second.new, current_time)
        assert month.clients_reactivated == second.count(second.returned, current_time)
        assert month.clients_churned == second.count(second.left, current_time)
        assert month.paying == sum(second.client_worth(client, current_time) > 0 for client in second.clients)
        change = dict.fromkeys(second.clients, Decimal(0))
        for movement in ledger.movements(current_time):
            change[movement.client] += sign_amount(movement)
            lines = sum(line.amount for line in movement.lines)
            assert movement.kind == "exchange" or abs(lines) == abs(movement.amount)
        for client in second.clients:
            assert change[client] == second.client_worth(client, current_time) - second.client_worth(
                client, state_before
            )
        state_before = current_time


@settings(max_examples=200, deadline=None)
@given(histories(), st.integers(0, 14))
def test_the_same_is_told_of_a_month_from_wherever_the_ledger_begins(profiles, later):
    """What came before is folded into one change, and lines of one kind go a shorter way: none may show."""
    all_items = {term.category for item in profiles for term in item.terms}
    first = months_after(FIRST, later)
    short = Ledger.of(profiles, first=first, last=LAST)
    for whole in (
        Ledger.of(profiles, first=EPOCH, last=LAST),
        Ledger.of(profiles, first=first, last=LAST, categories=all_items),
    ):
        assert short.months == whole.months[-len(short.months) :]
        assert short.clients(LAST) == whole.clients(LAST)
        assert short.explanation(LAST) == whole.explanation(LAST)
        assert all(
            {one.client for one in short.movements(month.month, kind)}
            == {one.client for one in whole.movements(month.month, kind)}
            for month in short.months
            for kind in ("new", "reactivation", "resume", "churn")
        )


@settings(max_examples=120, deadline=None)
@given(histories(), st.integers(0, 14), st.integers(0, 540))
def test_the_sums_are_the_same_where_it_is_not_recorded_who_moved(profiles, later, offset):
    """Most clients are then told at once, on the shortest way."""
    captured = {"first": months_after(FIRST, later), "last": LAST, "today": EPOCH + timedelta(offset)}
    sums, whole = (Ledger.of(profiles, recorded=recorded, **captured) for recorded in (False, True))
    assert sums.months == whole.months
    assert sums.categories == whole.categories
    followed, second_answer = ({item.client: item for item in one.timelines} for one in (sums, whole))
    assert followed == second_answer
    with pytest.raises(ValueError, match="not recorded"):
        sums.movements(LAST)


def test_timelines_are_not_asked_for_what_they_do_not_tell():
    ledger = Ledger.of([profile()], first=JANUARY, last=MARCH)
    with pytest.raises(ValueError, match="from December 2024 on"):
        retention_series(ledger, MARCH, MARCH)
    with pytest.raises(ValueError, match="from December 2024 on"):
        cohorts(ledger, date(2024, 12, 1), MARCH)


rows = st.tuples(
    st.integers(0, 9),
    st.sampled_from([0, 50, 50, 60]),
    st.sampled_from(["Hosting", "Support"]),
    st.sampled_from(["new", "uplift"]),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(rows, min_size=1, max_size=6), st.integers(0, 3), st.integers(1, 9) | st.just(NEVER))
def test_a_line_changes_alike_on_the_short_way_and_on_the_way_with_pauses(own, start, length):
    dated = [("p", *row) for row in sorted(own, key=lambda row: row[0])]
    line = "p", "USD", start, start + length, dated, int, 8  # months stand for days
    short = [Change._make(change) for change in profile_changes(*line, seen_until=-1)]
    with_pauses = map(Change._make, profile_changes_with_pauses(*line, ()))
    assert short == [item._replace(aside=None) for item in with_pauses if item.before or item.after]


@settings(max_examples=150, deadline=None)
@given(histories())
def test_a_category_alone_keeps_the_identity_and_its_own_sum(profiles):
    ledger = Ledger.of(profiles, first=FIRST, last=LAST, categories={"Hosting"})
    state_before = None
    for month in ledger.months:
        day = month_end(month.month)
        hosting = [item for item in profiles if item.term_on(day) and item.term_on(day).category == "Hosting"]
        assert month.closing == total_mrr(hosting, day)
        assert state_before in (None, month.opening)
        state_before = month.closing


@settings(max_examples=150, deadline=None)
@given(histories(), st.integers(0, 540))
def test_the_current_month_is_worth_what_it_is_today(profiles, offset):
    today = EPOCH + timedelta(offset)
    ledger = Ledger.of(profiles, first=EPOCH, last=LAST, today=today)
    state_before = ledger.months[0].opening
    for month in ledger.months:
        is_current = month.month == today.replace(day=1)
        assert month.closing == total_mrr(profiles, today if is_current else month_end(month.month))
        assert month.opening == state_before
        assert (month.status == "to date") == is_current
        assert (gross_churn(month) is None) or month.status == "closed"
        state_before = month.closing


@settings(max_examples=150, deadline=None)
@given(histories())
def test_retention_by_endpoints_is_what_the_two_month_ends_say(profiles):
    ledger = Ledger.of(profiles, first=FIRST, last=LAST, since=EPOCH)
    results = retention_series(ledger, date(2024, 2, 1), LAST)
    for item in results:
        ends = months_after(item.month, -12), item.month
        pairs = [
            tuple(total_mrr(own_value, month_end(month)) for month in ends)
            for own_value in by_client(profiles).values()
        ]
        assert (item.gross, item.net) == retention(pairs)
        assert ledger.clients(item.month) == {
            client: total_mrr(own_value, month_end(item.month))
            for client, own_value in by_client(profiles).items()
            if total_mrr(own_value, month_end(item.month))
        }


@settings(max_examples=150, deadline=None)
@given(histories())
def test_a_cohort_is_its_clients_followed(profiles):
    ledger, second = Ledger.of(profiles, first=FIRST, last=LAST, since=EPOCH), SecondOpinion(profiles)
    results = cohorts(ledger, EPOCH, LAST)
    for cohort in results:
        own_value = [client for client in second.clients if second.new[client, cohort.month]]
        for since in range(len(cohort.mrr)):
            month = months_after(cohort.month, since)
            pairs = [
                (second.client_worth(client, cohort.month), second.client_worth(client, month))
                for client in own_value
            ]
            assert cohort.clients[since] == sum(second.is_client[client, month] for client in own_value)
            assert cohort.kept[since] == sum(map(min, pairs))
            assert cohort.mrr[since] == sum(current_time for _, current_time in pairs)
    assert sum(second.new.values()) == sum(cohort.clients[0] for cohort in results)


# By hand

JANUARY, FEBRUARY, MARCH = date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1)


def profile(id="p", client="c", start=JANUARY, amounts=None, end=None, **rest):
    own_value = tuple(ProfileTerm(day, Decimal(amount)) for day, amount in (amounts or {start: 100}).items())
    return ProfileHistory(id, client, start, end, rest.pop("terms", own_value), **rest)


@pytest.mark.parametrize("recorded", [False, True])
def test_who_paid_before_the_months_asked_for_comes_back(recorded):
    remaining = profile("p", start=date(2024, 1, 1), end=date(2024, 6, 30))
    free = profile("q", "d", date(2024, 1, 1), {date(2024, 1, 1): 50, date(2024, 6, 1): 0, FEBRUARY: 70})
    back = profile("r", start=FEBRUARY)
    never = profile("s", "e", date(2024, 1, 1), {date(2024, 1, 1): 0, FEBRUARY: 30})
    ledger = Ledger.of([remaining, free, back, never], first=JANUARY, last=MARCH, recorded=recorded)
    february = ledger.month(FEBRUARY)
    assert (february.reactivation, february.clients_reactivated) == (170, 2)
    assert (february.new, february.clients_new) == (30, 1)


def test_rows_may_come_in_any_order_and_as_any_key():
    ledger = Ledger(
        [(7, 1, JANUARY, None, "EUR"), (8, 1, JANUARY, date(2025, 2, 28), "EUR")],
        [
            (7, FEBRUARY, Decimal("120"), 3, "uplift"),
            (8, JANUARY, Decimal("30"), 3, "new"),
            (7, JANUARY, Decimal("100"), 3, "new"),
        ],
        pauses=[(7, MARCH, None, "moving house")],
        endings=[(8, date(2025, 1, 30), "price")],
        first=JANUARY,
        last=MARCH,
    )
    assert [month.closing for month in ledger.months] == [100, 120, 0]
    assert ledger.categories == {3: [100, 120, 0]}
    (pause,) = ledger.movements(MARCH)
    assert (pause.kind, pause.lines[0].reason) == ("pause", "moving house")


def test_a_month_is_explained_largest_first_with_reasons():
    profiles = [
        profile("p", "Acme", amounts={JANUARY: 500, FEBRUARY: 900}),
        profile(
            "q", "Birch", endings=(ProfileEnding(date(2025, 2, 10), reason="price"),), amounts={JANUARY: 300}
        ),
        profile(
            "r",
            "Cedar",
            terms=(ProfileTerm(JANUARY, Decimal(100)), ProfileTerm(FEBRUARY, Decimal(350), reason="uplift")),
        ),
    ]
    explanation = Ledger.of(profiles, first=FEBRUARY, last=FEBRUARY).explanation(FEBRUARY)
    told_values = {
        kind: [(item.client, item.amount, item.lines[0].reason) for item in movements]
        for kind, movements in explanation.movements.items()
    }
    assert told_values == {
        "expansion": [("Acme", 400, "")],
        "churn": [("Birch", 300, "price")],
        "uplift": [("Cedar", 250, "uplift")],
    }
    assert list(explanation.movements) == ["expansion", "churn", "uplift"]
    assert (explanation.totals.gains, explanation.totals.losses) == (650, 300)


def test_an_uplift_is_never_more_than_the_line_rose():
    steps = (
        ProfileTerm(JANUARY, Decimal(100)),
        ProfileTerm(FEBRUARY, Decimal(150), reason="uplift"),
        ProfileTerm(FEBRUARY + timedelta(9), Decimal(130), reason="downgrade"),
    )
    (month,) = Ledger.of([profile(terms=steps)], first=FEBRUARY, last=FEBRUARY).months
    assert (month.uplift, month.expansion, month.contraction) == (30, 0, 0)


def test_an_uplift_in_a_profile_once_paused_is_capped_alike():
    steps = (
        ProfileTerm(JANUARY, Decimal(100)),
        ProfileTerm(FEBRUARY, Decimal(150), reason="uplift"),
        ProfileTerm(FEBRUARY + timedelta(9), Decimal(130), reason="downgrade"),
    )
    paused = profile(terms=steps, pauses=(ProfilePause(MARCH),))
    february, march = Ledger.of([paused], first=FEBRUARY, last=MARCH).months
    assert (february.uplift, february.expansion, february.contraction) == (30, 0, 0)
    assert (march.pause, march.paused) == (130, 130)


def test_one_paused_and_the_other_ended_keeps_the_client():
    profiles = [
        profile("p", pauses=(ProfilePause(FEBRUARY, None),)),
        profile("q", end=date(2025, 2, 10)),
    ]
    february, march = Ledger.of(profiles, first=FEBRUARY, last=MARCH).months
    assert (february.pause, february.contraction, february.churn) == (100, 100, 0)
    assert (february.clients, february.paying, february.clients_churned) == (1, 0, 0)
    assert march.clients == 1


def test_undoing_an_ending_takes_the_churn_away():
    ended = profile(endings=(ProfileEnding(date(2025, 1, 31)),))
    undone = profile(endings=(ProfileEnding(date(2025, 1, 31), undone_at=MARCH),))
    state_before, state_after = (
        Ledger.of([item], first=FEBRUARY, last=FEBRUARY).months[0] for item in (ended, undone)
    )
    assert (state_before.churn, state_before.closing, state_after.churn, state_after.closing) == (
        100,
        0,
        0,
        100,
    )


def test_losing_a_client_in_another_currency_is_churn_at_the_rate_of_the_month_before():
    rates = ExchangeRates("USD", {"EUR": {JANUARY: Decimal("1.1"), FEBRUARY: Decimal("1.2")}})
    own_value = [profile(end=date(2025, 2, 27), currency="EUR"), profile("q", "d", currency="USD")]
    (month,) = Ledger.of(own_value, first=FEBRUARY, last=FEBRUARY, rates=rates).months
    assert (month.opening, month.exchange, month.churn, month.closing) == (210, 0, 110, 100)


def test_several_currencies_need_rates():
    own_value = [profile(currency="EUR"), profile("q", currency="USD")]
    with pytest.raises(ValueError, match=r"Several currencies \(EUR, USD\) need exchange rates."):
        Ledger.of(own_value, first=JANUARY, last=MARCH)
    with pytest.raises(MissingRate, match="There is no EUR rate for January 2025"):
        Ledger.of(own_value, first=JANUARY, last=MARCH, rates=ExchangeRates("USD"))


def test_a_ledger_is_asked_for_months_it_has():
    with pytest.raises(ValueError, match="comes after the last"):
        Ledger.of([], first=MARCH, last=JANUARY)
    with pytest.raises(ValueError, match="April 2025 is not in this ledger"):
        Ledger.of([], first=JANUARY, last=MARCH).month(date(2025, 4, 1))


def test_rates_without_a_denominator_are_none():
    month = Month(JANUARY)
    assert gross_churn(month) is net_churn(month) is client_churn(month) is None
    assert quick_ratio(month) is arpa(month) is average_churn([month]) is None
    assert retention([]) == (None, None)
    assert concentration([]) == {1: None, 5: None, 10: None}


def test_a_pause_is_churned_mrr_and_a_resume_comes_off_the_net():
    month = Month(JANUARY, opening=Decimal(200), pause=Decimal(20), resume=Decimal(30), uplift=Decimal(10))
    assert (gross_churn(month), net_churn(month)) == (Decimal("0.1"), Decimal("-0.1"))


def test_what_begins_and_changes_after_the_last_month_is_not_seen():
    later = ProfileHistory(
        "p",
        "c",
        date(2025, 6, 1),
        terms=(ProfileTerm(date(2025, 6, 1), Decimal(100)), ProfileTerm(date(2025, 8, 1), Decimal(200))),
    )
    ledger = Ledger.of([later], first=date(2025, 1, 1), last=date(2025, 3, 1))
    assert [month.closing for month in ledger.months] == [0, 0, 0]
