"""Adding and changing records, also by two people at once, on an app without workspaces."""

import uuid

import pytest

from crud.forms.merged_forms import encode
from crud.tests.toy.models import Author, Book
from crud.tests.toy.viewsets import AUTHORS, BOOKS


@pytest.fixture
def author(toy):
    return Author.objects.create(name="Ann", email="ann@example.com")


def opened_form(author, **typed):
    """Return what a browser sends of the form of an author that is opened now, with what was typed."""
    base = encode(AUTHORS.get_form()(instance=author))
    return {"name": author.name, "email": author.email, "version": author.version, "base": base, **typed}


def save_as_other(client, author, **typed):
    return client.post(f"/authors/{author.pk}/edit/", opened_form(author, **typed))


def test_a_record_is_added(editor, author):
    response = editor.post("/books/new/", {"name": "Rain", "author": author.pk, "genre": "poems"})
    book = Book.objects.get()
    assert response.url == f"/books/#row-{book.pk}"
    assert (book.author, book.genre, book.version) == (author, "poems", 1)


def test_a_form_that_is_sent_twice_adds_one_record(editor, toy):
    form = {"name": "Ann", "submission": uuid.uuid4()}
    assert editor.post("/authors/new/", form).url == editor.post("/authors/new/", form).url
    assert Author.objects.count() == 1
    changed = editor.post("/authors/new/", {**form, "name": "Anna"})
    assert "This form was already saved" in changed.content.decode()
    assert Author.objects.get().name == "Ann"


def test_an_invalid_form_is_shown_again(editor, toy):
    response = editor.post("/authors/new/", {"name": "", "email": "nowhere"})
    assert response.status_code == 200
    assert {*response.context["form"].errors} == {"name", "email"}


def test_add_another_opens_an_empty_form(editor, toy):
    response = editor.post("/authors/new/", {"name": "Ann", "another": "1"})
    assert response.url.startswith("/authors/new/?")


def test_a_record_is_changed(editor, author):
    page = editor.get(f"/authors/{author.pk}/edit/")
    assert (page.context["version"], page.context["base"]) == (1, encode(AUTHORS.get_form()(instance=author)))
    assert editor.post(f"/authors/{author.pk}/edit/", opened_form(author, name="Anna")).status_code == 302
    author.refresh_from_db()
    assert (author.name, author.version) == ("Anna", 2)


def test_changes_of_two_people_to_different_fields_are_merged(editor, sign_in_as, author):
    form = opened_form(author, name="Anna")
    save_as_other(sign_in_as("other"), author, email="ann@example.org")
    response = editor.post(f"/authors/{author.pk}/edit/", form, follow=True)
    author.refresh_from_db()
    assert (author.name, author.email, author.version) == ("Anna", "ann@example.org", 3)
    assert "Someone changed Email in the meantime." in response.content.decode()


def test_two_changes_to_one_field_are_a_conflict(editor, sign_in_as, author):
    form = opened_form(author, name="Anna")
    save_as_other(sign_in_as("other"), author, name="Annie")
    response = editor.post(f"/authors/{author.pk}/edit/", form)
    assert response.status_code == 409
    assert [
        (field.name, saved, typed_text) for field, saved, typed_text in response.context["differing"]
    ] == [("name", "Annie", "Anna")]
    author.refresh_from_db()
    assert (author.name, author.version) == ("Annie", 2)
    # The conflict page's form knows the saved version: sent again, it puts what was typed in place.
    assert editor.post(f"/authors/{author.pk}/edit/", opened_form(author, name="Anna")).status_code == 302


def test_a_form_without_its_version_changes_nothing(editor, author):
    response = editor.post(f"/authors/{author.pk}/edit/", {"name": "Anna", "email": author.email})
    assert response.status_code == 409
    assert Author.objects.get().name == "Ann"


def test_a_record_that_was_deleted_meanwhile_keeps_what_was_typed(editor, author):
    form = opened_form(author, name="Anna")
    Author.objects.all().delete()
    response = editor.post(f"/authors/{author.pk}/edit/", form)
    assert response.status_code == 404
    assert 'value="Anna"' in response.content.decode()
    assert editor.post(f"/authors/{author.pk}/edit/", {"name": "Anna"}).status_code == 404


def test_links_lead_to_the_pages_of_the_declaration(toy):
    assert (BOOKS.url("list"), BOOKS.url("update", 7)) == ("/books/", "/books/7/edit/")
