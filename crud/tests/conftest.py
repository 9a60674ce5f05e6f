"""The toy app: its settings, its tables, its users and some rows."""

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client, override_settings

from crud.tests.toy.models import Author, Book
from crud.views.export import exported

HERE = Path(__file__).parent / "toy"
MODELS = (Author, Book)
TOY_SETTINGS = {
    "INSTALLED_APPS": [
        "crud.tests.toy",
        "crud",
        "django_tables2",
        "django_filters",
        "django_htmx",
        "django.contrib.humanize",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "django.forms",
    ],
    "MIDDLEWARE": [
        "django.middleware.csrf.CsrfViewMiddleware",
        "crud.tests.toy.users.toy_user_middleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
    ],
    "EXPORT_TIME_ZONE": None,
    "ROOT_URLCONF": "crud.tests.toy.urls",
    "MESSAGE_STORAGE": "django.contrib.messages.storage.cookie.CookieStorage",
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [HERE / "templates", django_settings.BASE_DIR / "templates"],
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.messages.context_processors.messages",
                ],
                "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
            },
        }
    ],
}


@pytest.fixture(scope="package")
def toy_tables(django_db_setup, django_db_blocker):
    """Create the tables of the toy app for as long as the kit's tests run."""
    # Outside of the tests' transactions: SQLite can change no schema within one.
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            for model in MODELS:
                editor.create_model(model)
        yield
        with connection.schema_editor() as editor:
            for model in reversed(MODELS):
                editor.delete_model(model)


@pytest.fixture
def toy(toy_tables, db, monkeypatch):
    """Run the test as if the toy app were the whole project."""
    monkeypatch.setattr(exported, "receivers", [])  # the audit trail listens, and needs a workspace
    with override_settings(**TOY_SETTINGS):
        yield


@pytest.fixture
def sign_in_as(toy):
    """sign_in_as(name) -> the client of one of the toy app's users."""
    return lambda name: Client(REMOTE_USER=name)


@pytest.fixture
def editor(sign_in_as):
    return sign_in_as("editor")


@pytest.fixture
def books(toy):
    """Three books by two authors, by their names."""
    ann, ben = Author.objects.create(name="Ann", email="ann@example.com"), Author.objects.create(name="Ben")
    rows = [
        Book(name="Rain", author=ann, translator=ben, pages=120, published="2001-05-01", blurb="Of weather."),
        Book(name="Salt", author=ann, pages=300, published="2010-01-31"),
        Book(name="Tin", author=ben, genre=Book.Genre.POEMS),
    ]
    for book in rows:
        book.save()
    return {book.name: book for book in rows}
