"""Business data that point at a record."""

from crud.pagination.aggregates import MAX_COUNTED_ROWS, capped_counts
from crud.urls import list_url


def is_business_data(model):
    """Return True if records of the model are counted and linked where they point at another record."""
    return getattr(model, "is_business_data", False)


def business_relations(model):
    """Return the relations by which business data may point at records of the model."""
    return [relation for relation in model._meta.related_objects if is_business_data(relation.related_model)]


def related_links(record):
    """Return [(number, name, URL of the list)] of the business data that point at the record."""
    relations = business_relations(type(record))
    home = record._meta.app_label
    relations.sort(key=lambda relation: relation.related_model._meta.app_label != home)  # its own app's first
    querysets = [
        relation.related_model.objects.filter(**{relation.field.name: record}) for relation in relations
    ]
    links = []
    for relation, number in zip(relations, capped_counts(*querysets), strict=True):
        opts = relation.related_model._meta
        name = opts.verbose_name if number == 1 else opts.verbose_name_plural
        url = f"{list_url(relation.related_model)}?{relation.field.name}={record.pk}"
        links.append((min(number, MAX_COUNTED_ROWS), str(name), url))
    return links
