"""Prefetching of the related records that columns show."""

from crud import display


def attach_related(rows, names, by_name=False):
    """Return the rows as a list, with the related records that the fields `names` show attached.

    It takes one query for each related model, however many rows there are, and less time than a join, which
    has to be planned. With `by_name` only the columns that a related record is named by are read, where its
    manager can (see NamesManager and ThroughManager in crud/interfaces.py).
    """
    rows = list(rows)
    if not rows:
        return rows
    model = type(rows[0])
    for name in names:
        field = display.field_of(model, name)
        if field is None or not field.is_relation:
            continue
        if field.many_to_many:
            for row in rows:
                row.__dict__.setdefault("_attached", {})[name] = []
            by_pk = {row.pk: row for row in rows}
            for item in field.remote_field.through.objects.for_records(by_pk):
                by_pk[item.content_object_id]._attached[name].append(item.tag)
        else:
            ids = {getattr(row, field.attname) for row in rows} - {None}
            manager = field.related_model.objects
            fetch = (
                manager.names_in_bulk if by_name and hasattr(manager, "names_in_bulk") else manager.in_bulk
            )
            related = fetch(ids) if ids else {}
            for row in rows:
                if (target := related.get(getattr(row, field.attname))) is not None:
                    setattr(row, name, target)
                else:  # it is in the trash, or there is none: the row keeps its id
                    field.set_cached_value(row, None)
    return rows
