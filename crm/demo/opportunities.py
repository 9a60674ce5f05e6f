"""The demo's opportunities: each goes its way through the stages, and leaves its dated steps behind."""

import datetime
from dataclasses import dataclass, replace

from crm.models import (
    Company,
    LossReason,
    Opportunity,
    Person,
    Source,
    Stage,
    StageChange,
    Status,
    Tag,
    TaggedOpportunity,
)
from workspaces.models import Membership

from . import words
from .words import pick

Kind = Status.Kind
Priority = Opportunity.Priority
YEARS = 3
PATIENCE = datetime.timedelta(250)  # nobody keeps an opportunity open for longer
PRIORITIES = [(Priority.LOW, 18), (Priority.NORMAL, 55), (Priority.HIGH, 20), (Priority.URGENT, 7)]
OUTCOMES = [(Kind.WON, 47), (Kind.LOST, 36), (Kind.ABANDONED, 10), (None, 7)]  # None: it stays where it is
SOURCES = (2, 1, 4, 5, 3, 2)  # how often each source, in their order
LOST_BY = {
    "won": [],
    "lost": [5, 7, 4, 3, 2, 2, 1],
    "abandoned": [0, 1, 3, 4, 8, 2, 1],
}  # reasons, in their order


@dataclass
class Settings:
    """What the workspace offers, read once."""

    stages: list
    statuses: dict  # kind: [status]
    sources: list
    reasons: list
    staff: list

    @classmethod
    def read(cls):
        statuses = list(Status.objects.all())
        return cls(
            list(Stage.objects.all()),
            {kind: [status for status in statuses if status.kind == kind] for kind in Kind},
            list(Source.objects.all()),
            list(LossReason.objects.all()),
            list(Membership.objects.filter(is_sales_staff=True).order_by("pk")),
        )

    def active(self):
        """The same without what was retired since."""
        return replace(
            self,
            stages=[stage for stage in self.stages if not stage.is_retired],
            sources=[source for source in self.sources if not source.is_retired],
        )


def opportunities(random, number, firms, moments):
    """`number` opportunities over three years, in every stage and of every kind, with their histories."""
    settings = Settings.read()
    contacts, active_settings = {}, settings.active()
    for person in Person.objects.exclude(company=None):
        contacts.setdefault(person.company_id, []).append(person)
    weights = [random.paretovariate(1.2) for _ in firms]
    rows, steps = [], []
    for n in range(number):
        # Three years ago there were fewer: the business has grown.
        created = moments.ago(YEARS * 365 * (1 - (n + 1) / number) ** 1.25)
        firm = random.choices(firms, weights)[0] if random.random() < 0.95 else None
        chosen_settings = settings if n < number // 3 else active_settings
        row = describe_opportunity(random, created, firm, contacts, chosen_settings)
        steps += walk(random, row, chosen_settings, moments)
        if (
            row.is_open and row.expected_close and random.random() < 0.75
        ):  # the others are past due, or will be
            row.expected_close = (moments.now + datetime.timedelta(random.triangular(1, 140, 8))).date()
        rows.append(row)
    rows[len(rows) // 2].name = words.LONG_TITLE
    for row in rows:
        if row.company:  # which was there first, and so was who wrote it down
            row.company.created_at = min(row.company.created_at, row.created_at)
    Company.objects.bulk_update(firms, ["created_at"])
    Opportunity.objects.bulk_create(rows)
    StageChange.objects.bulk_create(sorted(steps, key=lambda step: step.at))
    tag(random, rows)
    return rows


def describe_opportunity(random, created, firm, contacts, settings):
    """An opportunity as somebody wrote it down on its first day."""
    name, least, most, _ = random.choices(words.SERVICES, [often for *_, often in words.SERVICES])[0]
    name = name.format(n=random.choice((8, 12, 20, 25, 40, 60, 120)), y=created.year + 1)
    value = random.triangular(least, most, least + (most - least) / 4)
    members_then = [
        m for m in settings.staff if m.joined_at <= created and not is_gone(m, created)
    ] or settings.staff[:1]
    assignee = (
        firm.assignee
        if firm and firm.assignee in members_then and random.random() < 0.7
        else random.choice(members_then)
        if random.random() < 0.95
        else None
    )
    people = contacts.get(firm and firm.pk, [])
    return Opportunity(
        name=name,
        company=firm,
        contact=random.choice(people) if people and random.random() < 0.75 else None,
        value=None if random.random() < 0.06 else 0 if random.random() < 0.01 else round_amount(value),
        stage=settings.stages[0] if random.random() < 0.94 else None,
        win_percent=settings.stages[0].win_percent,
        status=settings.statuses[Kind.OPEN][0],
        expected_close=created.date() + datetime.timedelta(random.randrange(25, 130))
        if random.random() < 0.85
        else None,
        priority=pick(random, PRIORITIES),
        source=random.choices(settings.sources, SOURCES[: len(settings.sources)])[0]
        if random.random() < 0.9
        else None,
        assignee=assignee,
        created_at=created,
        created_by=assignee,
        updated_at=created,
        updated_by=assignee,
        moved_at=created,
    )


def is_gone(member, moment):
    return member.deactivated_at is not None and member.deactivated_at <= moment


def round_amount(value):
    step = 50 if value < 5_000 else 100 if value < 20_000 else 500
    return int(value // step * step)


def walk(random, row, settings, moments):
    """Take the opportunity along until its end, or until now; its steps."""
    outcome = pick(random, OUTCOMES)
    if outcome is None and moments.now - row.created_at > PATIENCE:
        outcome = Kind.ABANDONED
    last = len(settings.stages) - 1
    end = last if outcome == Kind.WON else random.choices(range(last + 1), range(last + 2, 1, -1))[0]
    steps, pace = [], random.choice((0.5, 1, 1, 1.6))
    for stage in settings.stages[1 : end + 1]:
        moment = moments.later(row.moved_at, 2 * pace, 34 * pace)
        if moment >= moments.now:
            return steps
        if row.stage is not None or random.random() < 0.5:
            steps.append(step(row, "stage", stage, moment))
            row.win_percent = stage.win_percent if random.random() < 0.85 else random.randrange(5, 96, 5)
    moment = moments.later(row.moved_at, 3 * pace, 40 * pace)
    if outcome is None and moment < moments.now and random.random() < 0.4:
        steps.append(step(row, "status", settings.statuses[Kind.OPEN][-1], moment))
    if outcome is None or moment >= moments.now:
        return steps
    steps.append(step(row, "status", random.choice(settings.statuses[outcome]), moment))
    row.is_open, row.close_date = False, moment.astimezone(moments.zone).date()
    if outcome.wants_reason:
        weights = LOST_BY[outcome][: len(settings.reasons)]
        row.loss_reason = random.choices(settings.reasons[: len(weights)], weights)[0]
    if random.random() < 0.12:  # somebody corrects something later
        row.updated_at = moments.later(moment, 1, 60)
        row.version += 1
    return steps


def step(row, name, new, moment):
    """Move the opportunity to another stage or status; the row of its history."""
    old, by = getattr(row, name), row.assignee
    setattr(row, name, new)
    row.moved_at = row.updated_at = moment
    row.version += 1
    return StageChange(
        opportunity=row,
        field=name,
        from_id=old and old.pk,
        to_id=new.pk,
        from_name=str(old or ""),
        to_name=str(new),
        at=moment,
        by=by,
    )


def tag(random, rows):
    tags = Tag.objects.bulk_create(Tag(name=name, color=color) for name, color in words.OPPORTUNITY_TAGS)
    TaggedOpportunity.objects.bulk_create(
        TaggedOpportunity(content_object=row, tag=chosen)
        for row in rows
        for chosen in random.sample(tags, random.choice((0, 0, 0, 0, 1, 1, 2, 3)))
    )
