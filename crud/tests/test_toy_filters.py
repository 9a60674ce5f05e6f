"""Filters of lists, on an app without workspaces."""

import pytest

from crud.tests.test_toy_list import listed_names


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"genre": "poems"}, ["Tin"]),
        ({"genre": ["poems", "novel"]}, ["Rain", "Salt", "Tin"]),
        ({"name": "ai"}, ["Rain"]),
        ({"name": "-ai"}, ["Salt", "Tin"]),
        ({"pages_min": "120", "pages_max": "200"}, ["Rain"]),
        ({"pages": "none"}, ["Tin"]),
        ({"pages_min": "200", "pages": "none"}, ["Salt", "Tin"]),
        ({"published_after": "2010-01-31"}, ["Salt"]),
        ({"published_before": "May 1, 2001"}, ["Rain"]),
        ({"translator": "none"}, ["Salt", "Tin"]),
    ],
    ids=str,
)
def test_a_filter_narrows_the_list(editor, books, parameters, names):
    assert listed_names(editor.get("/books/", parameters)) == names


def test_a_filter_by_a_related_record_names_it(editor, books):
    response = editor.get("/books/", {"author": books["Rain"].author_id})
    assert listed_names(response) == ["Rain", "Salt"]
    assert response.context["chips"] == [("Author", "Ann", ["author"])]
    assert response.context["page"].base_count == 3


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"genre": "opera"}, "Genre: This value no longer exists: “opera”."),
        ({"author": "999"}, "Author: This author no longer exists."),
        ({"pages_min": "9", "pages_max": "2"}, "Pages: The range ends before it starts: 9 to 2."),
    ],
)
def test_a_filter_that_makes_no_sense_says_why(editor, books, parameters, sentence):
    response = editor.get("/books/", parameters)
    assert listed_names(response) == []
    assert response.context["filterset"].sentences[0].startswith(sentence)


def test_a_search_offers_the_filter_of_its_name(editor, books):
    [(offer, number)] = editor.get("/books/", {"q": "poems"}).context["suggestions"]
    assert (offer.text, number, offer.parameters.urlencode()) == ("Genre: Poems", 1, "genre=poems")


def test_the_form_of_all_filters_shows_those_in_use(editor, books):
    response = editor.get("/books/filters/", {"genre": "poems", "pages_min": "7"})
    html = " ".join(response.content.decode().split())
    assert '<option value="poems" selected>Poems</option>' in html
    assert 'name="pages_min" value="7"' in html
    assert 'data-options="/authors/options/"' in html
    table = editor.get("/books/filters/", headers={"HX-Request": "true"}).content.decode()
    assert "<title>" not in table and 'name="published_after"' in table
