import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crud.parsing.text import clean_line, drop_invisible, fold_punctuation

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
DROPPED = [
    *"\u200b\u200c\u200d\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2066\u2067\u2068\u2069",
    *"\ufeff\u00ad\u034f\u180e\ufe0f\ufe00\U000e0100\U000e0041\x01\x07\x1b\x7f\x9f\u3164\uffa0\u115f",
]
BLANK = [*" \t\n\v\f\x85\x1c\u00a0\u1680\u2003\u2007\u2028\u2029\u202f\u205f\u3000\u2800", "\r\n"]
UNCHANGED = [
    "می\u200cخواهم",  # Persian: ZWNJ between the parts of a word
    "क्\u200dष",  # Devanagari: ZWJ after a virama
    "ശ്രീധരന്\u200d",  # Malayalam: a final consonant written with virama and ZWJ
    "র\u200d্যাম",  # Bengali: ZWJ before a virama
    FAMILY,
    "\U0001f3f3\ufe0f\u200d\U0001f308",
    "\U0001f9d1\U0001f3fd\u200d\U0001f4bb",
    "\u2764\ufe0f Acme",
    "1\ufe0f\u20e3",
    ENGLAND,
    "葛\U000e0100城市",  # a variant of a character that people have in their names
    "Łukasz Øster-Đào",
    "D’Arcy “Dee” – Ünal",
    "ＡＢＣ株式会社",
    "\u0661\u06dd",
]


@pytest.mark.parametrize("character", DROPPED, ids=ascii)
def test_invisible_characters_are_dropped_from_latin_text(character):
    assert clean_line(f"{character}Ac{character}me {character}Ltd{character}") == "Acme Ltd"
    assert clean_line(character * 3) == ""


@pytest.mark.parametrize("character", BLANK, ids=ascii)
def test_white_space_and_line_breaks_become_single_spaces(character):
    assert clean_line(f"{character}Acme{character} {character}Ltd{character}") == "Acme Ltd"
    assert clean_line(character * 3) == ""


@pytest.mark.parametrize("text", UNCHANGED, ids=ascii)
def test_characters_that_shape_words_and_emoji_are_kept(text):
    assert clean_line(text) == text


def test_text_is_composed_even_where_something_invisible_separated_a_letter_from_its_accent():
    assert clean_line("Zoe\u0308") == "Zoë"
    assert clean_line("Zoe\u200b\u0308") == "Zoë"


CHARACTERS = st.characters(exclude_categories=["Cs"]) | st.sampled_from([*DROPPED, *BLANK[:-1]])


@given(st.text(alphabet=CHARACTERS))
def test_clean_line_is_idempotent_composed_and_one_line(text):
    line = clean_line(text)
    assert clean_line(line) == line
    assert unicodedata.is_normalized("NFC", line)
    assert len(line.splitlines()) <= 1 and line == line.strip()


def test_drop_invisible_keeps_line_breaks():
    assert drop_invisible("a\u200b\r\nb\u00ad\tc") == "a\r\nb\tc"


def test_fold_punctuation_turns_what_phones_and_urls_are_pasted_with_into_ascii():
    assert fold_punctuation("＋４９\u201189\u2013１２") == "+49-89-12"
    assert fold_punctuation("ａ＠ｂ．example／ｘ") == "a@b.example/x"
    assert fold_punctuation("例え。jp") == "例え.jp"
    assert fold_punctuation("O’Brien “x” \u2212") == 'O\'Brien "x" -'
