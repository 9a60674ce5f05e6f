"""A sentence that ends in a name has one period."""

import pytest
from django.utils.html import format_html

from crud.parsing.sentences import end_sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Deleted Globex", "Deleted Globex."),
        ("Saved: end, Support – Globex, Inc.", "Saved: end, Support – Globex, Inc."),
        ("You left Yahoo!", "You left Yahoo!"),
        ("Welcome to (Acme)", "Welcome to (Acme)."),
        (format_html("Is it <b>{}</b>", "Acme Co."), "Is it <b>Acme Co.</b>"),
        (format_html("Is it <a>{}</a>", "A & B"), "Is it <a>A &amp; B</a>."),
        ("Deleted <b>", "Deleted <b>."),
    ],
)
def test_a_sentence_ends_once(text, sentence):
    assert end_sentence(text) == sentence
    assert hasattr(end_sentence(text), "__html__") == hasattr(text, "__html__"), "what is safe stays so"
