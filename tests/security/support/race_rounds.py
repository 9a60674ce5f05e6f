"""Rounds of acts at the same moment on one small world, and what must hold after each of them."""

from collections import Counter
from itertools import combinations, combinations_with_replacement

from django.conf import settings
from django.urls import set_script_prefix, set_urlconf

from crm.models import Company, ContactType, Opportunity, Person, Status, Trashed
from recurring.models import RevenueCategory, RevenueProfile
from tests.security.support.page_forms import Quick
from tests.security.support.race_operations import create_world
from workspaces.consistency import get_all_checks
from workspaces.models import Membership, User

UNCHECKED = 10  # rounds after which all data is checked: a contradiction stays until then


class Rounds:
    """Plays rounds by threads that stay, with a browser each."""

    def __init__(self, people, client):
        self.people, self.browsers = people, [Quick.like(client) for _ in range(people.number)]
        self.members = people.there(lambda: [create_member(name) for name in ("Ann", "Ben")])
        self.played, self.failures, self.unchecked = 0, [], []

    def play(self, model, acts, rounds=1):
        """Play the acts at the same moment; return the number of failures there are by now."""
        for _ in range(rounds):
            self.play_one(model, acts)
            self.unchecked.append((model.__name__, *(act.name for act in acts)))
            if len(self.unchecked) >= UNCHECKED:
                self.check()
        return len(self.failures)

    def check(self):
        """Note what contradicts itself since the last time, and begin with no records again."""
        for check, wrong in self.people.there(find_mistakes):
            self.failures.append((check, wrong, "after", sorted(set(self.unchecked))))
        self.people.there(clear)
        self.unchecked.clear()
        return len(self.failures)

    def play_one(self, model, acts):
        world = self.people.there(lambda: create_world(model, self.members, needs_trash(acts)))
        requests = self.people.there(lambda: build_requests(world, acts))
        statuses = self.people.at_once(
            *(
                lambda browser=browser, request=request: browser.post(*request).status_code
                for browser, request in zip(self.browsers, requests, strict=False)
            )
        )
        self.played += 1
        if problem := self.people.there(lambda: judge(world, acts, statuses)):
            self.failures.append((model.__name__, [act.name for act in acts], statuses, problem))


def needs_trash(acts):
    """Return True if one of the acts needs the record of the round to be in the trash."""
    return any(act.needs_trash for act in acts)


def plan_triples(acts, get_count):
    """Return rounds of three acts, so that each pair of the acts is in at least get_count(pair) of them.

    A pair counts only where the record is in the trash, or is not, as in a round of the two alone.
    """
    planned, rounds = Counter(), []
    round_counts = {pair: get_count(pair) for pair in combinations_with_replacement(acts, 2)}
    while True:
        pair = max(round_counts, key=lambda pair: round_counts[pair] - planned[pair])
        if planned[pair] >= round_counts[pair]:
            return rounds
        thirds = [act for act in acts if needs_trash(pair) or not act.needs_trash]
        third = min(thirds, key=lambda act: sum(planned[sort_pair(acts, act, item)] for item in pair))
        triple = [*pair, third]
        rounds.append(triple)
        covered = {sort_pair(acts, *two) for two in combinations(triple, 2)}
        planned.update(two for two in covered if needs_trash(two) == needs_trash(triple))


def sort_pair(acts, *pair):
    """Return the two acts in the order in which they are listed."""
    return tuple(sorted(pair, key=acts.index))


def build_requests(world, acts):
    """Return [(URL, form)] of the acts; the thread that builds them is in no request."""
    set_urlconf(settings.WORKSPACE_URLCONF)
    set_script_prefix(world.target.workspace.get_absolute_url())
    try:
        return [act.request(world, side) for side, act in enumerate(acts)]
    finally:
        set_urlconf(None)
        set_script_prefix("/")


def judge(world, acts, statuses):
    """Return what is wrong after a round, "" if nothing is."""
    if max(statuses) >= 500:
        return "an error of ours"
    is_done = [status in (204, 302) for status in statuses]  # 200 is the form again, with what is wrong
    for side, act in enumerate(acts):
        is_explained = any(
            is_done[place] and rival.name in act.explained_by
            for place, rival in enumerate(acts)
            if place != side
        )
        if is_done[side] and not is_explained and not act.is_seen(world, side):
            return f"{act.name} was acknowledged and is lost"
    return ""


def find_mistakes():
    """[(check, number)] of what contradicts itself in the workspace's data."""
    return [(check.name, wrong) for check in get_all_checks() if (wrong := check.find())]


def clear():
    """Leave no record for the next rounds, quickly."""
    for model in (RevenueProfile, Opportunity, Person, Company):
        model.with_trash.update(deleted_at="2026-01-01T00:00:00Z")
        model.trash.all().erase()
    Trashed.objects.all().delete()
    for model in (Status, ContactType, RevenueCategory):
        model.objects.filter(name__startswith="Value").delete()


def create_member(name):
    user = User.objects.create_user(f"{name.lower()}@race.example", name=name)
    return Membership.objects.create(user=user)
