"""Lookups without their tenant scope, planted one at a time to see the matrix of foreign ids go red."""

from types import SimpleNamespace

from django.db.models import QuerySet

from crm import report_cache as report_cache_module
from crm import search as search_module
from crm.forms import fields
from crm.models import Company
from crm.models.trash import Trashed
from crm.picklists import views
from crm.views import search as search_view
from crm.views import trash
from crud.filters.fields import RecordsField
from crud.filters.filters import TagFilter
from crud.views import list as list_views
from crud.views.delete import DeleteView
from crud.views.edit import CreateView
from crud.views.selection import OptionsView
from workspaces.audit import filters as audit_filters
from workspaces.audit import views as audit_views
from workspaces.models import Membership
from workspaces.tenancy import scope
from workspaces.tenancy.reference_cache import reference_values


def everywhere(model):
    """The records of all workspaces, with the methods of the model's own queryset."""
    return type(model._default_manager.all())(model)


def by_id(text):
    return {"pk": int(text)} if str(text).isdecimal() and len(str(text)) < 19 else {"pk": 0}


def record_field(monkeypatch):
    monkeypatch.setattr(
        fields.RecordField,
        "by_id",
        lambda field, text: QuerySet(field.model).filter(**by_id(text)).first(),
    )


def record_filter(monkeypatch):
    def clean(field, value):
        ids = [int(item) for item in value if item.isdecimal()]
        return list(QuerySet(field.source.model_field.related_model).in_bulk(ids).values())

    monkeypatch.setattr(RecordsField, "clean", clean)


def tag_filter(monkeypatch):
    monkeypatch.setattr(TagFilter, "tags", property(lambda one: everywhere(one.model_field.related_model)))


def reference_cache(monkeypatch):
    monkeypatch.setattr(scope, "reference_values", lambda workspace_id, version: reference_values(0, version))


def report_cache(monkeypatch):
    kept_or_made = report_cache_module._get_or_compute
    monkeypatch.setattr(
        report_cache_module, "_get_or_compute", lambda place, make: kept_or_made(place[1:], make)
    )


def combobox_options(monkeypatch):
    monkeypatch.setattr(OptionsView, "get_queryset", lambda view: everywhere(view.viewset.model))


def export(monkeypatch):
    export_records = list_views.export_records

    def export_all(viewset, format, records, names):
        return export_records(viewset, format, everywhere(viewset.model), names)

    monkeypatch.setattr(list_views, "export_records", export_all)


def global_search(monkeypatch):
    original = search_module.search_all_models
    unscoped = SimpleNamespace(objects=everywhere(Company), searched=(), _meta=Company._meta)

    def search_all(text, viewsets):
        viewsets = [item for item in viewsets if item.model is Company]
        model = Company.objects
        monkeypatch.setattr(Company, "objects", unscoped.objects)
        try:
            return original(text, viewsets)
        finally:
            monkeypatch.setattr(Company, "objects", model)

    monkeypatch.setattr(search_view.everything, "search_all_models", search_all)


def audit_filter(monkeypatch):
    monkeypatch.setattr(
        audit_filters.ByMember,
        "choices",
        property(
            lambda one: {str(row.user_id): str(row) for row in QuerySet(Membership).select_related("user")}
        ),
    )


def selection(monkeypatch):
    monkeypatch.setattr(
        DeleteView, "get_queryset", lambda view: everywhere(view.viewset.model), raising=False
    )


def submission_key(monkeypatch):
    monkeypatch.setattr(
        CreateView,
        "made_by",
        lambda view, key: key and everywhere(view.viewset.model).filter(submission=key).first(),
    )


def trash_entry(monkeypatch):
    monkeypatch.setattr(trash, "entry_or_gone", lambda pk: everywhere(Trashed).get(pk=pk))


def history(monkeypatch):
    monkeypatch.setattr(
        audit_views, "get_object_or_404", lambda source, pk: QuerySet(source.model).get(pk=pk)
    )


def archiving(monkeypatch):
    monkeypatch.setattr(
        views.ArchiveView, "get_queryset", lambda view: everywhere(view.viewset.model), raising=False
    )


# defect: (plants it, the routes to try, where the request carries what shows it)
PLANTS = {
    "prefilled record in a form": (record_field, "crm:opportunity-create", "query"),
    "posted record in a form": (record_field, "crm:opportunity-create", "body"),
    "record in a filter": (record_filter, "crm:opportunity-list", "query"),
    "tag in a filter": (tag_filter, "crm:company-list", "query"),
    "key of the reference cache": (reference_cache, "crm:opportunity-filters", "page"),
    "key of the report cache": (report_cache, "crm:dashboard", "page"),
    "options of a combobox": (combobox_options, "crm:company-options", "page"),
    "export": (export, "crm:company-list", "query"),
    "global search": (global_search, "crm:search", "query"),
    "filter of the audit trail": (audit_filter, "workspaces:auditentry-", "query"),
    "ids of a selection": (selection, "crm:company-delete-many", "body"),
    "submission key": (submission_key, "crm:company-create", "body"),
    "entry of the trash": (trash_entry, "crm:trashed-", "path"),
    "history of a record": (history, "crm:company-history", "path"),
    "archiving of a picklist value": (archiving, "crm:stage-retire", "path"),
}
