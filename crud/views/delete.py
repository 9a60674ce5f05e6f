"""Deletion of one record or many, after a confirmation."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views import generic

from crud.params import selected_ids
from crud.parsing.sentences import end_sentence
from crud.related import business_relations
from crud.urls import list_url
from crud.views.redirects import ReturnUrlMixin


class DeleteView(ReturnUrlMixin, generic.TemplateView):
    """Delete one row or those ticked, after saying what is connected with them."""

    suffix = "confirm_delete"

    @cached_property
    def ids(self):
        return (
            [self.kwargs["pk"]]
            if "pk" in self.kwargs
            else selected_ids(self.request.POST) or selected_ids(self.request.GET)
        )

    @cached_property
    def rows(self):
        rows = list(self.get_queryset().filter(pk__in=self.ids))
        if not rows and (self.request.method != "POST" or not rows_in_trash(self.viewset.model, self.ids)):
            raise Http404
        return rows

    def get_context_data(self, **kwargs):
        kwargs = {"connected": related_counts(self.rows), "holding": blocking_counts(self.rows)} | kwargs
        return super().get_context_data(
            rows=self.rows, has_trash=hasattr(self.viewset.model, "trash"), **kwargs
        )

    def post(self, request, *args, **kwargs):
        count, names = len(self.rows), ", ".join(map(str, self.rows[:3]))
        if not count:
            messages.info(request, _("Already deleted."))
            return HttpResponseRedirect(self.back_to())
        if blocking_counts(self.rows):  # the page says by what
            return self.render_to_response(self.get_context_data(), status=409)
        self.get_queryset().filter(pk__in=[row.pk for row in self.rows]).delete()
        if count <= 3:
            text = end_sentence(_("Deleted %(names)s") % {"names": names})
        else:
            text = _("Deleted %(names)s and %(number)s more.") % {"names": names, "number": count - 3}
        entry = getattr(self.rows[0], "trash_entry", None)
        messages.success(request, text, extra_tags=entry.undo_address if entry else "")
        return HttpResponseRedirect(self.back_to())

    def back_to(self):
        """Where one came from, unless that was a page of what is deleted now."""
        gone = any(self.came_from.startswith(self.viewset.url("detail", pk)) for pk in self.ids)
        return self.viewset.url("list") if gone or "/delete/" in self.came_from else self.came_from


def rows_in_trash(model, ids):
    """The deleted rows among these; none where the kind has no trash."""
    return getattr(model, "trash", model.objects.none()).filter(pk__in=ids)


def related_counts(rows):
    """[(number, name)] of the rows that point at these and can be without: "4 people", "2 opportunities"."""
    return [
        (number, describe_count(model, number))
        for model, name in count_references(rows, may_be_without=True)
        if (number := model.objects.filter(**{f"{name}__in": rows}).count())
    ]


def blocking_counts(rows):
    """[(number, name, how many are in the trash, their list)] of what cannot be without these rows."""
    counts = []
    for model, name in count_references(rows, may_be_without=False):
        records = getattr(model, "with_trash", model.objects).filter(**{f"{name}__in": rows})
        number, live_count = records.count(), model.objects.filter(**{f"{name}__in": rows}).count()
        if number:
            query = urlencode({name: [row.pk for row in rows]}, doseq=True)
            address = f"{list_url(model)}?{query}" if live_count else ""
            counts.append((number, describe_count(model, number), number - live_count, address))
    return counts


def count_references(rows, may_be_without):
    """[(model, field's name)] of the business data that may point at these rows."""
    relations = business_relations(type(rows[0])) if rows else ()
    return [
        (relation.related_model, relation.field.name)
        for relation in relations
        if relation.field.null is may_be_without
    ]


def describe_count(model, number):
    opts = model._meta
    return str(opts.verbose_name if number == 1 else opts.verbose_name_plural)
