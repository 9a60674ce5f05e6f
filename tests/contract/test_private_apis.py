"""docs/private-apis.md lists every private API in use, and each is unchanged."""

import ast
import contextlib
import importlib
import inspect
import pkgutil
import re
from functools import cache

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from tests.contract.test_forbidden_patterns import FENCE

DOCUMENT = settings.BASE_DIR / "docs" / "private-apis.md"
PACKAGES = ("crud", "workspaces", "crm", "recurring", "socius", "bench", "deploy")
# Documented by Django or for namedtuple, despite the underscore.
PUBLIC_NAMES = {"_meta", "_base_manager", "_default_manager", "_make", "_replace", "_fields", "_asdict"}
OWN_NAMES = {"_attached", "_people_names"}  # our own, set on rows from outside of the class
COUNT_OUTSIDE_FENCE = 36
# Undocumented modules without an underscore.
PRIVATE_MODULE = re.compile(
    r"\.internal(\.|$)|^gunicorn\.workers|^django\.(core\.handlers|template\.defaulttags|db\.migrations\.(loader|recorder)"
    r"|db\.backends\.(utils|ddl_references)|db\.models\.(sql|query$|fields\.related_descriptors))"
)
# {private API: the names of its arguments, except self}
SIGNATURES = {
    "django.db.models.Model._do_update": "base_qs, using, pk_val, values, update_fields, forced_update",
    "django.db.models.QuerySet._raw_delete": "using",
    "django.db.models.query.ModelIterable.__init__": "queryset, chunked_fetch, chunk_size",
    "django.db.models.query.ModelIterable.__iter__": "",
    "django.db.models.sql.compiler.SQLCompiler.as_sql": "with_limits, with_col_aliases",
    "django.db.models.sql.compiler.SQLCompiler.get_converters": "expressions",
    "django.db.models.sql.Query.get_compiler": "using, connection, elide_empty",
    "django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__init__": "field_with_rel",
    "django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__": "instance, cls",
    "django.db.backends.ddl_references.Statement.__init__": "template, parts",
    "django.db.backends.utils.truncate_name": "identifier, length, hash_len",
    "django.db.migrations.recorder.MigrationRecorder.applied_migrations": "",
    "django.forms.forms.BaseForm._clean_fields": "",
    "django.forms.models.BaseModelForm._get_validation_exclusions": "",
    "django.forms.models.BaseModelForm._post_clean": "",
    "django.forms.models.BaseModelForm._save_m2m": "",
    "django.template.defaulttags.CsrfTokenNode.render": "context",
    "django.core.handlers.wsgi.get_bytes_from_wsgi": "environ, key, default",
    "django.core.cache.backends.db.DatabaseCache._base_set": "mode, key, value, timeout",
    "django.contrib.messages.storage.fallback.FallbackStorage._get": "args, kwargs",
    "django.contrib.messages.storage.fallback.FallbackStorage._store": "messages, response, args, kwargs",
    "django.contrib.sessions.backends.db.SessionStore._get_session_from_db": "",
    "allauth.account.auth_backends.AuthenticationBackend._authenticate_by_email": "email, password",
    "allauth.account.adapter.DefaultAccountAdapter._get_login_attempts_cache_key": "request, credentials",
    "allauth.account.internal.flows.reauthentication.did_recently_reauthenticate": "request",
    "allauth.core.internal.httpkit.clean_client_ip": "ip",
    "allauth.mfa.totp.internal.auth.TOTP.__init__": "instance",
    "allauth.mfa.totp.internal.auth.TOTP._mark_code_used": "code",
    "taggit.managers._TaggableManager._to_tag_model_instances": "tags, tag_kwargs",
    "gunicorn.workers.gthread.TConn.__init__": "cfg, sock, client, server",
    "gunicorn.workers.gthread.ThreadWorker.accept": "listener",
    "gunicorn.workers.gthread.ThreadWorker.enqueue_req": "conn",
    "gunicorn.workers.gthread.ThreadWorker.handle": "conn",
    "gunicorn.workers.gthread.ThreadWorker.handle_exit": "sig, frame",
    "gunicorn.workers.gthread.ThreadWorker.load_wsgi": "",
    "gunicorn.workers.gthread.ThreadWorker.on_pending_socket_readable": "conn, client",
    "gunicorn.workers.gthread.ThreadWorker.run": "",
    "gunicorn.workers.gthread.ThreadWorker.set_accept_enabled": "enabled",
    "gunicorn.workers.gthread.ThreadWorker.wait_for_and_dispatch_events": "timeout",
    "allauth.usersessions.internal.flows.sessions.end_sessions": "request, sessions",
}
# {function: attributes that it sets and no class defines}
ATTRIBUTES = {
    "django.contrib.messages.middleware.MessageMiddleware.process_request": ["_messages"],
    "django.contrib.sessions.backends.base.SessionBase.__init__": ["_session_key"],
    "django.db.migrations.loader.MigrationLoader.build_graph": ["graph"],
    "django.db.models.Model.__init__": ["_state"],
    "django.forms.forms.BaseForm.__init__": ["_errors"],
    "django.http.response.HttpResponseBase.__init__": ["_resource_closers"],
    "gunicorn.workers.gthread.ThreadWorker.__init__": ["pending_conns", "poller", "nr_conns"],
    "gunicorn.workers.gthread.TConn.__init__": ["parser", "sock", "timeout"],
}


@cache
def trees():
    """Return [(path, syntax tree)] of our modules, without tests and migrations."""
    root = settings.BASE_DIR
    paths = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
    paths = [path for path in paths if not {"tests", "migrations"} & {*path.parts}]
    return [(str(path.relative_to(root)), ast.parse(path.read_text())) for path in paths]


def is_private(name):
    return name.startswith("_") and not name.startswith("__") and name not in PUBLIC_NAMES


@cache
def library_names():
    """Return the private names in the classes of libraries that our classes derive from."""
    names = set()
    for package in PACKAGES[:5]:
        for module in pkgutil.walk_packages([settings.BASE_DIR / package], f"{package}."):
            if not re.search(r"\.(tests|migrations|wsgi)\b", module.name):  # wsgi opens the database
                for base in library_bases(importlib.import_module(module.name)):
                    names |= {name for name in vars(base) if is_private(name)}
    return names


def library_bases(module):
    """Yield the classes of libraries that the classes of a module derive from."""
    for own_class in vars(module).values():
        if inspect.isclass(own_class) and own_class.__module__ == module.__name__:
            yield from (base for base in own_class.__mro__ if base.__module__.split(".")[0] not in PACKAGES)


@cache
def own_names():
    """Return the private names that our code defines: functions, variables, attributes of self."""
    names = set(OWN_NAMES)
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("self", "cls"):
                names |= {node.attr} if isinstance(node.ctx, ast.Store) else set()
    return names - library_names()


def private_names(tree):
    """Yield the names of private APIs that a module overrides, reads or imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in own_names():
            yield node.attr
        elif isinstance(node, ast.ClassDef):
            methods = {child.name for child in node.body if isinstance(child, ast.FunctionDef)}
            yield from methods & library_names()
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            is_own = node.module.split(".")[0] in PACKAGES
            is_private_module = PRIVATE_MODULE.search(node.module)
            yield from (
                alias.name
                for alias in node.names
                if not is_own and (is_private_module or alias.name.startswith("_"))
            )


def used_names():
    """Return {(file, name)} of the private APIs in use."""
    return {(file, name) for file, tree in trees() for name in private_names(tree)}


def listed_names():
    """Return {(file, name)} of the document's rows: | `name` | `file`, `file` | reason | check |."""
    names = set()
    for line in DOCUMENT.read_text().splitlines():
        if line.startswith("| `"):
            api, files, *_ = line.strip("| ").split(" | ")
            (name,) = re.findall(r"`([\w.]+)`", api)
            names |= {(file, name.rsplit(".", 1)[-1]) for file in re.findall(r"`([\w./]+)`", files)}
    return names


def test_each_private_api_in_use_is_listed():
    assert sorted(used_names() - listed_names()) == []


def test_each_listed_private_api_is_in_use():
    assert sorted(listed_names() - used_names()) == []


def test_private_apis_outside_of_the_folders_for_them_only_get_fewer():
    files = [file for file, _ in used_names() if not FENCE.search(file)]
    assert len(files) == COUNT_OUTSIDE_FENCE, f"Let COUNT_OUTSIDE_FENCE be {len(files)}, if that is fewer."


@pytest.mark.parametrize("path", SIGNATURES)
def test_a_private_api_has_the_signature_it_had(path):
    names = [name for name in inspect.signature(find_object(path)).parameters if name != "self"]
    assert ", ".join(names) == SIGNATURES[path]


def find_object(path):
    """Return the function or method at a dotted path."""
    with contextlib.suppress(ImportError):
        return import_string(path)
    class_path, name = path.rsplit(".", 1)
    return getattr(import_string(class_path), name)


@pytest.mark.parametrize("path", ATTRIBUTES)
def test_a_private_attribute_is_set_where_it_was(path):
    source = inspect.getsource(find_object(path))
    assert [name for name in ATTRIBUTES[path] if f".{name} = " not in source] == []
