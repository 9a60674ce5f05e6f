"""Lists of the kit, on an app without workspaces."""

import pytest

from crud.tests.toy.models import Author, Book


def listed_names(response):
    return [record.name for record in response.context["table"].records]


def test_a_list_shows_the_rows_with_their_total(editor, books):
    response = editor.get("/books/")
    assert response.status_code == 200
    assert listed_names(response) == ["Rain", "Salt", "Tin"]
    assert response.context["page"].totals == [("Total pages", 420)]
    assert "May 1, 2001" in response.content.decode()


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("-name", ["Tin", "Salt", "Rain"]),
        ("pages", ["Rain", "Salt", "Tin"]),
        ("-pages", ["Salt", "Rain", "Tin"]),  # blanks last either way
        ("no such column", ["Rain", "Salt", "Tin"]),
    ],
)
def test_a_list_is_sorted_by_its_columns(editor, books, sort, names):
    assert listed_names(editor.get("/books/", {"sort": sort})) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [("weather", ["Rain"]), ("-rain", ["Salt", "Tin"]), ("a", ["Rain", "Salt"]), ("no such", [])],
)
def test_a_search_shows_the_rows_that_match(editor, books, text, names):
    response = editor.get("/books/", {"q": text})
    assert listed_names(response) == names
    assert response.context["page"].base_count == 3


def test_a_search_says_where_it_matched(editor, books):
    html = editor.get("/books/", {"q": "weather"}).content.decode()
    assert "matched: Blurb: Of <mark>weather</mark>." in html


def test_a_page_beyond_the_last_one_is_the_last_one(editor, toy):
    Author.objects.bulk_create(Author(name=f"Author {number:02}") for number in range(30))
    response = editor.get("/authors/", {"page": "9"})
    assert response.context["page"].number == 2
    assert len(listed_names(response)) == 5
    assert len(listed_names(editor.get("/authors/", {"per_page": "50"}))) == 30


def test_htmx_gets_the_table_alone(editor, books):
    response = editor.get("/books/", headers={"HX-Request": "true", "HX-Target": "table"})
    assert "<title>" not in response.content.decode()
    assert "HX-Target" in response["Vary"]


def test_a_record_is_opened_in_place_and_on_its_page(editor, books):
    author = books["Rain"].author
    row = editor.get(f"/authors/{author.pk}/row/", headers={"HX-Request": "true"}).content.decode()
    assert f'<a href="/books/?author={author.pk}">2 books</a>' in " ".join(row.split())
    assert "<title>" in editor.get(f"/authors/{author.pk}/row/").content.decode()
    assert "ann@example.com" in editor.get(f"/authors/{author.pk}/").content.decode()


def test_a_reader_is_offered_no_changes_and_a_visitor_nothing(sign_in_as, books):
    html = sign_in_as("reader").get("/books/").content.decode()
    assert "Rain" in html and "Add book" not in html
    assert sign_in_as("reader").get("/books/new/").status_code == 403
    assert sign_in_as("visitor").get("/books/").status_code == 403


def test_the_selection_leads_to_what_is_done_with_it(editor, books):
    first, second = books["Rain"].pk, books["Salt"].pk
    assert editor.get("/books/selection/", {"do": "update", "ids": first}).url == f"/books/{first}/edit/"
    response = editor.get("/books/selection/", {"do": "delete", "ids": [first, second]})
    assert response.url == f"/books/delete/?ids={first}&ids={second}"
    assert editor.get("/books/selection/", {"do": "detail"}).url == "/books/"


def test_options_are_those_that_match(editor, books):
    options = editor.get("/books/options/", {"q": "salt"}).json()["options"]
    assert options == [{"id": books["Salt"].pk, "text": "Salt", "hint": ""}]


def test_an_empty_list_offers_to_add_the_first_one(editor, toy):
    assert not Book.objects.exists()
    assert "No books yet." in editor.get("/books/").content.decode()
