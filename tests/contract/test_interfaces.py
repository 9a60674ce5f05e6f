"""Names read by hasattr or getattr are members of a documented interface."""

import ast
import inspect
from importlib import import_module
from typing import Protocol

import pytest
from django.apps import apps
from django.conf import settings

from crm.viewsets import ENTITIES, SETTINGS
from crud import interfaces
from crud.filters.filters import TextFilter
from recurring.viewsets import CATEGORIES, PROFILES
from workspaces.audit.views import AUDIT_TRAIL

PACKAGES = ("crud", "workspaces", "crm", "recurring", "socius")
INTERFACES = ("crud.interfaces", "workspaces.interfaces")
# Names defined by Django, Python or a library, and their owners.
FOREIGN_NAMES = {
    "choices": "model field",
    "cleaned_data": "validated form",
    "constraint_name": "error of psycopg",
    "csrf_processing_done": "request that CsrfViewMiddleware has checked",
    "decimal_places": "DecimalField",
    "diag": "error of psycopg",
    "empty_strings_allowed": "model field",
    "error_dict": "ValidationError",
    "from_db_value": "model field",
    "getlist": "QueryDict",
    "input_type": "widget",
    "ipv4_mapped": "IPv6Address",
    "login_required": "view that login_not_required has marked",
    "name": "country of django-countries",
    "pgcode": "error of psycopg",
    "pk": "model instance",
    "remote_field": "model field",
    "request": "log record of Django",
    "resolve_expression": "expression",
    "sqlite_errorname": "error of sqlite3",
    "through": "relation of a many-to-many field",
    "urlconf": "request",
    "user": "request after AuthenticationMiddleware",
    "verbose_name": "model field",
    "_cached_user": "request after AuthenticationMiddleware",
}


def protocols():
    """Return all our protocols."""
    modules = [import_module(name) for name in INTERFACES]
    classes = [item for module in modules for _, item in inspect.getmembers(module, inspect.isclass)]
    return [item for item in classes if getattr(item, "_is_protocol", False) and item is not Protocol]


def members(protocol):
    """Return the names of a protocol's members."""
    return {*vars(protocol).get("__annotations__", ()), *(name for name in vars(protocol) if name[0] != "_")}


def optional_names():
    """Yield (file:line, name) of each constant name passed to hasattr or getattr."""
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            if {"tests", "migrations"} & {*path.parts}:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in ("hasattr", "getattr")
                    and isinstance(node.args[1], ast.Constant)
                    and ast.unparse(node.args[0]) != "settings"
                ):
                    yield f"{path.relative_to(settings.BASE_DIR)}:{node.lineno}", node.args[1].value


def test_each_optional_name_is_in_an_interface():
    names = {name for protocol in protocols() for name in members(protocol)}
    assert {place: name for place, name in optional_names() if name not in names | {*FOREIGN_NAMES}} == {}


def test_no_name_is_listed_in_vain():
    names = {name for _, name in optional_names()}
    assert not {*FOREIGN_NAMES} - names


VIEWSETS = [*ENTITIES, *SETTINGS, PROFILES, CATEGORIES, AUDIT_TRAIL]
OUR_MODELS = [model for model in apps.get_models() if model.__module__.split(".")[0] in PACKAGES]
FORM_CLASSES = [viewset.get_form() for viewset in VIEWSETS if viewset.has("create")]
FORM_FIELDS = [field for form in FORM_CLASSES for field in form.base_fields.values()]
# {protocol: the classes in use that must implement it}
IMPLEMENTERS = {
    "records": (
        [
            interfaces.RelatedMatches,
            interfaces.TextFilteredModel,
            interfaces.LinkedRecord,
            interfaces.TrashableRecord,
            interfaces.AuthoredRecord,
        ],
        OUR_MODELS,
    ),
    "managers": (
        [
            interfaces.SearchableManager,
            interfaces.ReferenceManager,
            interfaces.NamesManager,
            interfaces.ThroughManager,
        ],
        [type(model.objects) for model in OUR_MODELS if hasattr(model, "objects")],
    ),
    "model fields": (
        [
            interfaces.DisplayedField,
            interfaces.RecordDisplayedField,
            interfaces.ExportedField,
            interfaces.LinkedField,
        ],
        [type(field) for model in OUR_MODELS for field in model._meta.concrete_fields],
    ),
    "form fields": ([interfaces.ComparableField], [type(field) for field in FORM_FIELDS]),
    "widgets": ([interfaces.CompositeWidget], [type(field.widget) for field in FORM_FIELDS]),
}
PAIRS = {
    (protocol, cls)
    for expected, classes in IMPLEMENTERS.values()
    for protocol in expected
    for cls in classes
    if any(hasattr(cls, name) for name in members(protocol))
}


@pytest.mark.parametrize(
    ("protocol", "cls"),
    sorted(PAIRS, key=str),
    ids=lambda item: item.__qualname__,
)
def test_a_class_has_all_of_an_interface(protocol, cls):
    for name in members(protocol):
        assert hasattr(cls, name)
        if callable(expected := getattr(protocol, name, None)):
            count = len(inspect.signature(getattr(cls, name)).parameters)
            assert count == len(inspect.signature(expected).parameters)


def test_each_interface_of_the_kit_is_in_use():
    listed = {protocol for expected, _ in IMPLEMENTERS.values() for protocol in expected}
    assert {protocol for protocol, _ in PAIRS} == listed


@pytest.mark.parametrize("viewset", VIEWSETS, ids=lambda viewset: viewset.route)
def test_a_viewset_gets_what_its_pages_expect(viewset):
    model = viewset.model
    assert isinstance(model.objects, interfaces.SearchableManager)
    if viewset.has("create") or viewset.has("update"):
        assert isinstance(model(), interfaces.EditableRecord)
    filters = viewset.get_filterset().base_filters.values()
    if any(isinstance(list_filter, TextFilter) for list_filter in filters):
        assert isinstance(model(), interfaces.TextFilteredModel)
