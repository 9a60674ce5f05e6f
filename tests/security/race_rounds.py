"""Rounds of two acts at the same moment on one small world, and what must hold after each of them."""

from django.conf import settings
from django.urls import set_script_prefix, set_urlconf

from crm.models import Company, ContactType, Opportunity, Person, Status, Trashed
from recurring.models import RevenueCategory, RevenueProfile
from tests.security.page_forms import Quick
from tests.security.race_operations import create_world
from workspaces.consistency import get_all_checks
from workspaces.models import Membership, User

UNCHECKED = 10  # rounds after which all data is checked: a contradiction stays until then


class Rounds:
    """Plays rounds by two threads that stay, with a browser each."""

    def __init__(self, people, client):
        self.people, self.browsers = people, [Quick.like(client) for _ in range(2)]
        self.members = people.there(lambda: [create_member(name) for name in ("Ann", "Ben")])
        self.played, self.failures, self.unchecked = 0, [], []

    def play(self, model, left, right, rounds):
        """Play the pair; return the number of failures there are by now."""
        for _ in range(rounds):
            self.play_one(model, left, right)
            self.unchecked.append((model.__name__, left.name, right.name))
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

    def play_one(self, model, left, right):
        is_trashed = left.needs_trash or right.needs_trash
        world = self.people.there(lambda: create_world(model, self.members, is_trashed))
        requests = self.people.there(lambda: build_requests(world, left, right))
        statuses = self.people.at_once(
            *(
                lambda browser=browser, request=request: browser.post(*request).status_code
                for browser, request in zip(self.browsers, requests, strict=True)
            )
        )
        self.played += 1
        if problem := self.people.there(lambda: judge(world, left, right, statuses)):
            self.failures.append((model.__name__, left.name, right.name, statuses, problem))


def build_requests(world, left, right):
    """[(URL, form)] of the two acts; the thread that builds them is in no request."""
    set_urlconf(settings.WORKSPACE_URLCONF)
    set_script_prefix(world.target.workspace.get_absolute_url())
    try:
        return [left.request(world, 0), right.request(world, 1)]
    finally:
        set_urlconf(None)
        set_script_prefix("/")


def judge(world, left, right, statuses):
    """Return what is wrong after a round, "" if nothing is."""
    if max(statuses) >= 500:
        return "an error of ours"
    acts = left, right
    is_done = [status in (204, 302) for status in statuses]  # 200 is the form again, with what is wrong
    for side, act in enumerate(acts):
        other_item = acts[1 - side]
        is_explained = is_done[1 - side] and other_item.name in act.explained_by
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
