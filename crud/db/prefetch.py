"""Prefetching of the related records that columns show."""

from crud import display


def attach_related(rows, names, by_name=False):
    """The rows as a list, with every related row that the fields `names` show already in place.

    One query for each kind of related row, however many rows there are; and less work for the
    database than a join, whose planning alone costs more. The manager of the table between rows and their
    tags has a method `of`. `by_name`: where a related row's manager has a method `named`, no more of it is
    read than what it is called by.
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
            for item in field.remote_field.through.objects.of(by_pk):
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
                else:  # none, or none that is shown: the row keeps the id that it has
                    field.set_cached_value(row, None)
    return rows
