"""Deletion of records, on an app without workspaces and without a trash."""

from crud.tests.toy.models import Author, Book


def test_deletion_asks_first_and_then_deletes(editor, books):
    book = books["Rain"]
    assert "Delete Rain?" in editor.get(f"/books/{book.pk}/delete/").content.decode()
    assert Book.objects.count() == 3
    response = editor.post(f"/books/{book.pk}/delete/", follow=True)
    assert "Deleted Rain." in response.content.decode()
    assert not Book.objects.filter(pk=book.pk).exists()


def test_several_records_are_deleted_at_once(editor, books):
    ids = [books["Rain"].pk, books["Salt"].pk]
    page = editor.get("/books/delete/", {"ids": ids})
    assert "Delete 2 books?" in page.content.decode()
    editor.post("/books/delete/", {"ids": ids})
    assert [book.name for book in Book.objects.all()] == ["Tin"]


def test_records_that_can_be_without_the_deleted_one_stay(editor, books):
    translator = Author.objects.create(name="Cid")
    Book.objects.filter(pk=books["Tin"].pk).update(translator=translator)
    page = editor.get(f"/authors/{translator.pk}/delete/")
    assert page.context["connected"] == [(1, "book")]
    assert editor.post(f"/authors/{translator.pk}/delete/").status_code == 302
    assert Book.objects.get(pk=books["Tin"].pk).translator is None


def test_a_record_that_others_need_is_not_deleted(editor, books):
    author = books["Rain"].author
    response = editor.post(f"/authors/{author.pk}/delete/")
    assert response.status_code == 409
    assert response.context["holding"] == [(2, "books", 0, f"/books/?author={author.pk}")]
    assert Author.objects.filter(pk=author.pk).exists()


def test_what_is_not_there_cannot_be_deleted(editor, sign_in_as, books):
    assert editor.get("/books/999/delete/").status_code == 404
    assert editor.post("/books/delete/", {"ids": "999"}).status_code == 404
    assert sign_in_as("reader").post(f"/books/{books['Tin'].pk}/delete/").status_code == 403


def test_the_page_promises_no_trash(editor, books):
    html = editor.get(f"/books/{books['Tin'].pk}/delete/").content.decode()
    assert "trash" not in html
