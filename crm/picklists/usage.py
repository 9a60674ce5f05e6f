"""Which records use an entry of a setting, and how they come to use another one in its place."""

from dataclasses import dataclass

from django.db.models import Count, F
from taggit.models import ItemBase

from crud.db.batches import split_into_batches
from crud.related import is_business_data
from crud.urls import list_url

AT_ONCE = 2000  # rows by one statement: databases limit the number of its parameters


@dataclass(frozen=True)
class PicklistUse:
    """One way in which records use a kind: opportunities by their `stage`, companies by their `tags`."""

    record: type
    field: str  # what the record calls it, and the list's filter
    holder: type  # the model that has the key: the record itself, or the one between it and its tags
    key: str

    @classmethod
    def of(cls, kind):
        """Every use of a kind, also by the models of apps that the CRM does not know."""
        uses = []
        for relation in kind._meta.related_objects:
            holder, is_between = relation.related_model, False
            if issubclass(holder, ItemBase):
                holder, is_between = holder._meta.get_field("content_object").related_model, True
            if is_business_data(holder) and relation.field.many_to_one:
                name = "tags" if is_between else relation.field.name
                uses.append(cls(holder, name, relation.related_model, relation.field.name))
        return uses

    @property
    def is_between(self):
        return self.holder is not self.record

    def holders(self, in_trash=False):
        """The rows that have the key, of records that are in the trash or not."""
        if self.is_between:
            return self.holder.objects.filter(content_object__deleted_at__isnull=not in_trash).order_by()
        return (self.record.trash if in_trash else self.record.objects).order_by()

    def numbers(self, entries, in_trash=False):
        """{pk: number of records} of those among the entries that are used; one query for all of them."""
        rows = self.holders(in_trash).filter(**{f"{self.key}__in": entries})
        return dict(rows.values_list(self.key).annotate(number=Count("*")))

    def name(self, number):
        """What so many of the records are called: "opportunity", "opportunities"."""
        opts = self.record._meta
        return str(opts.verbose_name if number == 1 else opts.verbose_name_plural)

    def address(self, entry):
        """The list of the records that use the entry."""
        return f"{list_url(self.record)}?{self.field}={entry.pk}"

    def move(self, old, new):
        """Let every record that uses `old` use `new`, also those in the trash; how many there were."""
        number = 0
        for rows, pks in self.batches(old):
            number += len(pks)
            if self.is_between:
                twice = self.holder.objects.filter(**{self.key: new}, content_object__in=pks)
                rows.filter(content_object__in=twice.values_list("content_object")).delete()
                rows.update(**{self.key: new})
                self.renew(pks)
            else:
                # In one statement: to change a row twice would cost twice.
                rows.update(**{self.key: new, "version": F("version") + 1})
                self.record.on_value_replaced(pks, self.field, old, new)
        return number

    def notify(self, entry):
        """Let the records that use the entry know that it is not what it was."""
        for _, pks in self.batches(entry):
            self.renew(pks)
            self.record.on_value_changed(entry, pks)

    def renew(self, pks):
        """See that records which show something else are found by it, and nobody saves over it unseen."""
        rows = self.record.with_trash.filter(pk__in=pks)
        rows.update(version=F("version") + 1)
        if self.is_between:  # the names of tags are in the text
            rows.refresh_search_text()

    def batches(self, entry):
        """(holders, ids of their records) of all that use the entry, some thousand at a time, locked."""
        records, record_id = self.record.with_trash, "pk"
        if self.is_between:
            records, record_id = self.holder.objects, "content_object_id"
        records = records.filter(**{self.key: entry}).order_by("pk")
        all_pks = list(records.values_list("pk", flat=True))
        for batch in split_into_batches(all_pks, AT_ONCE):
            rows = records.filter(pk__in=batch)
            yield (
                rows.order_by(),
                list(rows.select_for_update(no_key=True).values_list(record_id, flat=True)),
            )
