"""One function for each kind: a row with good defaults, different where the test says so."""

from itertools import count

from crm import models

CHOICES = [models.ContactType, models.Stage, models.Status, models.Source, models.LossReason, models.Tag]

number = count(1)


def company(**differences):
    return models.Company.objects.create(**{"name": f"Company {next(number)}", **differences})


def person(**differences):
    return models.Person.objects.create(**{"name": f"Person {next(number)}", **differences})


def tag(**differences):
    return models.Tag.objects.create(**{"name": f"tag {next(number)}", **differences})


def status(kind="open"):
    return models.Status.objects.filter(kind=kind).first()


def opportunity(kind="open", **differences):
    fields = {"name": f"Opportunity {next(number)}", "status": status(kind), "value": 1000}
    return models.Opportunity.objects.create(**{**fields, **differences})


def trash_person(**differences):
    """What the trash says of a person deleted."""
    row = person(**differences)
    row.delete()
    return row.trash_entry
