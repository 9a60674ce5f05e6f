"""Answers to the scripts of lists: options of comboboxes, and the selected records."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseRedirect, JsonResponse
from django.views import View

from crud.db.prefetch import attach_related
from crud.params import selected_ids
from crud.views.base import ModelViewMixin
from crud.views.redirects import safe_referrer


class OptionsView(ModelViewMixin, View):
    """The first rows that a combobox offers for what was typed, as JSON."""

    MOST = 20

    def get(self, request, *args, **kwargs):
        matches = self.get_queryset().search(request.GET.get("q", "")[:200].replace("\x00", ""))
        rows = attach_related(matches[: self.MOST], self.viewset.columns)
        options = [{"id": row.pk, "text": str(row), "hint": getattr(row, "hint", "")} for row in rows]
        return JsonResponse({"options": options})


class SelectionView(ModelViewMixin, View):
    """Where the split button's menu leads with the rows that are ticked."""

    WANTED = {
        "detail": ("exactly one row", "view it"),
        "update": ("exactly one row", "update it"),
        "delete": ("one row or more", "delete"),
    }

    def get(self, request, *args, **kwargs):
        action, ids = request.GET.get("do"), selected_ids(request.GET)
        if action == "delete" and ids:
            return HttpResponseRedirect(
                f"{self.viewset.url('delete-many')}?{urlencode({'ids': ids}, doseq=True)}"
            )
        if action in ("detail", "update") and len(ids) == 1:
            return HttpResponseRedirect(self.viewset.url(action, ids[0]))
        number, verb = self.WANTED.get(action, self.WANTED["delete"])
        messages.warning(
            request,
            f"Tick {number} to {verb}; {len(ids) or 'none'} {'is' if len(ids) < 2 else 'are'} ticked.",
        )
        return HttpResponseRedirect(safe_referrer(request) or self.viewset.url("list"))
