import pytest

from crud.search import SearchTerm, digits, excerpt, mark_matches, normalize_text, parse_terms, without_terms


def test_words_phrases_and_what_to_leave_out():
    assert parse_terms('Acme "two words" -Öl -"a b"') == [
        SearchTerm("acme"),
        SearchTerm("two words"),
        SearchTerm("ol", is_excluded=True),
        SearchTerm("a b", is_excluded=True),
    ]
    assert parse_terms('"never closed') == [SearchTerm("never closed")]
    assert parse_terms('"" \x00') == []
    assert len(parse_terms(" ".join(map(str, range(100))))) == 12


def test_a_term_can_be_taken_out_of_what_was_typed():
    assert without_terms('acme "two words" -x', SearchTerm("two words")) == "acme -x"
    assert without_terms("acme ACME", SearchTerm("acme")) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [("Straße", "strasse"), ("ÉCOLE", "ecole"), ("ﬃ", "ffi"), ("İstanbul", "istanbul"), ("Acme", "acme")],
)
def test_case_and_accents_do_not_count(text, found):
    assert normalize_text(text) == found
    assert SearchTerm(found).is_in(text)


def test_numbers_are_also_their_digits():
    assert digits("+1 (555) 010-0199") == "15550100199"
    assert digits("$12,000") == "12000"
    assert digits("room 12") == digits("100%") == digits("1_0") == ""


@pytest.mark.parametrize(
    ("text", "typed", "html"),
    [
        ("Zürich Roof", "zur oo", "<mark>Zür</mark>ich R<mark>oo</mark>f"),
        ("+1 (555) 010", "5550", "+1 (<mark>555) 0</mark>10"),
        ("<b>Roof</b>", "roof", "&lt;b&gt;<mark>Roof</mark>&lt;/b&gt;"),
        ("Roof", "oof roo", "<mark>Roo</mark><mark>f</mark>"),
        ("Straße", "strasse", "<mark>Straße</mark>"),
        ("Roof", "-roof", "Roof"),
    ],
)
def test_what_was_looked_for_is_marked(text, typed, html):
    assert str(mark_matches(text, parse_terms(typed))) == html


def test_an_excerpt_is_cut_between_words():
    text = "We met at the fair in Linz.\nIt rained for three days on end, and nobody came to see our roofs."
    assert (
        str(excerpt(text, parse_terms("rained"), around=10))
        == "… in Linz. It <mark>rained</mark> for three …"
    )
    assert str(excerpt("Roof", parse_terms("roof"))) == "<mark>Roof</mark>"


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Mail Name <ada@acme.example>", "Lovelace ada@acme.example"),
        ('"Lovelace, A." <ada@acme.example>; ', "ada@acme.example"),
        ("https://xn--strae-oqa.de/kontakt", "Straße.de"),
        ("ada@xn--bcher-kva.example", "ada@bücher.example"),
        ("0049 89 1234", "+49 89 1234-56"),
        ("0049891234", "+49 89 1234-56"),
        ("$1,234,567.00", "$1,234,567"),
        ("‹Søns›", "Sons & Co"),
        ("«Søns»", "Sons & Co"),
        ("`Søns´", "Sons & Co"),
        ("O`Brien", "O’Brien"),
        ("O´Brien", "O`Brien"),
        ("o’brien", "O`Brien"),
        ('"Pat O`Brien"', "Pat O'Brien"),
        ("1.234.567,00 €", "1234567"),
    ],
)
def test_pasted_text_is_found_where_it_is_stored_in_another_form(typed, text):
    assert parse_terms(typed) and all(term.is_in(text) for term in parse_terms(typed))


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Ada <ada@acme.example>", "Ada grace@acme.example"),
        ("roof <5", "roof 6"),
        ("0049891234", "+49 98 1234"),
        ("$12.00", "$21"),
        ("xn--", "anything"),
    ],
)
def test_pasted_text_does_not_find_something_else(typed, text):
    assert not all(term.is_in(text) for term in parse_terms(typed))
