"""What recurring revenue is sorted into, and how one category gives way to another."""

from django.apps import apps
from django.db.models import Count, F
from django.utils.translation import gettext_lazy as _

from crm.models import PicklistValue
from crm.picklists.usage import PicklistUse
from crud.db.batches import split_into_batches
from crud.urls import list_url

BATCH_SIZE = 1000  # rows by one statement


class RevenueCategory(PicklistValue):
    """What a client pays for: hosting, support, licenses. The colors of the graphs are theirs."""

    about = _("What clients pay for. Graphs use these categories, in this order and these colors.")

    class Meta(PicklistValue.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    @classmethod
    def uses(cls):
        """By the dated amounts: a profile that changed its category still has it in its past months."""
        profile, term = (apps.get_model("recurring", name) for name in ("revenueprofile", "revenueterm"))
        return [CategoryUse(profile, "ever", term, "category")]


class CategoryUse(PicklistUse):
    """Profiles that have, had or will have a category: `ever` is the list's filter for them."""

    def holders(self, in_trash=False):
        return self.holder.objects.filter(profile__deleted_at__isnull=not in_trash).order_by()

    def numbers(self, entries, in_trash=False):
        rows = self.holders(in_trash).filter(category__in=entries)
        return dict(rows.values_list("category").annotate(number=Count("profile", distinct=True)))

    def address(self, entry):
        return f"{list_url(self.record)}?ever={entry.pk}"

    def move(self, old, new):
        terms = self.holder.objects.filter(category=old)
        pks = sorted(set(terms.order_by().values_list("profile", flat=True)))
        terms.update(category=new)
        self.record.with_trash.filter(category=old).update(category=new)
        for batch in split_into_batches(pks, BATCH_SIZE):
            records = self.record.with_trash.filter(pk__in=batch)
            records.update(version=F("version") + 1)
        return len(pks)
