"""The pages of the audit trail: what happened to one record, and all that happened in the workspace."""

from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views import View

from crud.params import parse_id
from crud.views import detail
from crud.views.base import ModelViewMixin
from crud.viewset import ModelViewSet
from workspaces.audit.display import build_lines_of_entries
from workspaces.models import AuditEntry

from .filters import EntryFilter

AT_ONCE = 20


class HistoryView(ModelViewMixin, View):
    """What happened to one record, newest first; also to one that lies in the trash."""

    def get(self, request, pk):
        model = self.viewset.model
        record = get_object_or_404(getattr(model, "with_trash", model.objects), pk=pk)
        entries = AuditEntry.objects.about(record)
        before_id = parse_id(request.GET.get("before", ""))
        if before_id is not None:
            entries = entries.filter(pk__lt=before_id)
        first = list(entries[: AT_ONCE + 1])
        context = {
            "viewset": self.viewset,
            "object": record,
            "lines": build_lines_of_entries(first[:AT_ONCE]),
            "older": first[AT_ONCE - 1].pk if len(first) > AT_ONCE else None,
            "is_newest": before_id is None,
            "is_in_trash": getattr(record, "deleted_at", None) is not None,
        }
        return render(
            request,
            "workspaces/audit/_history.html" if request.htmx else "workspaces/audit/history.html",
            context,
        )


def history_url(viewset):
    """The route of a kind's histories, for those who may look at its records."""
    view = HistoryView.as_view(viewset=viewset, action="detail")
    return path(f"{viewset.route}/<id:pk>/history/", view, name=viewset.name("history"))


class LineMixin:
    """One entry with its changes whole."""

    def get_context_data(self, **kwargs):
        return super().get_context_data(line=build_lines_of_entries([self.object], longest=None)[0], **kwargs)


class EntryPage(LineMixin, detail.DetailView):
    pass


class EntryRow(LineMixin, detail.RowView):
    def get_template_names(self):
        part = "row" if self.request.htmx else "detail"
        return [f"workspaces/audit/auditentry_{part}.html"]


AUDIT_TRAIL = ModelViewSet(
    AuditEntry,
    "audit",
    fields=("at", "who", "what", "record", "address", "request", "values"),
    columns=("at", "who", "what", "record", "address"),
    sort="-at",
    sort_keys={"at": ("id",), "address": ()},
    priorities={"address": 3, "what": 2},
    filterset=EntryFilter,
    needs="manage",
    views={
        "create": None,
        "selection": None,
        "options": None,
        "update": None,
        "delete": None,
        "delete-many": None,
        "detail": EntryPage,
        "row": EntryRow,
    },
    template_folder="workspaces/audit",
)
