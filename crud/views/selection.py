"""Answers to the scripts of lists: options of comboboxes, and the selected records."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
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
    """Leads from the menu of the split button to the page for the selected records."""

    def get(self, request, *args, **kwargs):
        action, ids = request.GET.get("do"), selected_ids(request.GET)
        if action == "delete" and ids:
            return HttpResponseRedirect(
                f"{self.viewset.url('delete-many')}?{urlencode({'ids': ids}, doseq=True)}"
            )
        if action in ("detail", "update") and len(ids) == 1:
            return HttpResponseRedirect(self.viewset.url(action, ids[0]))
        needs_one = action in ("detail", "update")
        sentence = (
            _("Select one row, then try again.")
            if needs_one
            else _("Select at least one row, then try again.")
        )
        messages.warning(request, sentence)
        return HttpResponseRedirect(safe_referrer(request) or self.viewset.url("list"))
