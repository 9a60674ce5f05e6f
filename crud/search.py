"""Parsing of search boxes, normalization of searched text, and marking of matches. Text only: no database.

`acme open` means both words; `"two words"` that phrase; `-word` not that word. What people paste (email
addresses with names around them, URLs, dates and amounts as they are shown) finds what it stands for.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from django.utils.html import format_html, format_html_join

from crud.parsing.date_texts import date_texts, parse_dates
from crud.parsing.email_addresses import normalize_domain
from crud.parsing.text import drop_joiners, fold_punctuation

# What a person types; more is a machine: each term costs a scan, and SQLite refuses very long patterns.
MOST_TERMS, MAX_LENGTH = 12, 1_000

# Letters that Unicode does not decompose, as people type them who lack the key.
_PLAIN_LETTERS = {
    ord(letter): plain
    for plain, letters in {
        "a": "ⱥ",
        "b": "ƀɓ",
        "c": "ȼ",
        "d": "đðɖɗ",
        "e": "ɇə",
        "f": "ƒ",
        "g": "ǥɠ",
        "h": "ħ",
        "i": "ıɨ",
        "j": "ȷɉ",
        "k": "ĸƙ",
        "l": "łƚɫ",
        "n": "ŋɲƞ",
        "o": "øɵ",
        "r": "ɍ",
        "t": "ŧ",
        "u": "ʉ",
        "y": "ɏƴ",
        "z": "ƶ",
        "ae": "æ",
        "oe": "œ",
        "th": "þ",
        '"': "«»",
        "": "\u0640",  # U+0640 stretches Arabic words
    }.items()
    for letter in letters
}
# Quotation marks around phrases, one for one, so that positions stay.
_PHRASE_MARKS = str.maketrans(dict.fromkeys("“”„‟″«»‹›＂〝〞〟「」『』", '"'))
_TOKEN = re.compile(
    r"""
    (?P<minus>[-－−]?)
    (?: "(?P<phrase>[^"]*)"?
      | (?P<unit>
          (?:\d{1,2}(?:st|nd|rd|th)?\.?\s+[^\W\d_]{3,9}|[^\W\d_]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?)
          ,?\s+\d{4}(?![\w-])                                                             # a date in words
        | \d[\d.,]*\s%                                                                    # a percentage
      )
      | (?P<word>\S+)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_AROUND_WORDS = "<>()[]{},;:"
_QUOTES = "'`"
_APOSTROPHE = re.compile(rf"(?<=[^\W\d_])[{_QUOTES}](?=[^\W\d_])")  # the other ones are folded to these
# As mail programs copy it. The name is the sender's own choice; the address identifies them.
_MAILBOX = re.compile(r"""\s*[^<>@]*<\s*(?P<address>[^<>@\s"]+@[^<>@\s"]+)\s*>[\s,;.]*""")
_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*://)?(?:[^/@\s]*@)?(?P<www>www\.)?"
    r"(?P<host>(?:[^\W_][\w-]*\.)+[^\W\d_]{2,})(?::\d+)?(?P<rest>[/?#]\S*)?"
)
# Sites on which many firms and people have pages: what tells these apart is the path.
_SHARED_HOSTS = (
    "linkedin.com xing.com facebook.com instagram.com x.com twitter.com youtube.com github.com gitlab.com "
    "medium.com tiktok.com crunchbase.com sites.google.com docs.google.com drive.google.com t.me linktr.ee"
).split()


def fold_character(character):
    """Return what a character of a searched text is compared as: some letters, a space, or nothing."""
    if character.isspace() or character == "\u2800":
        return " "
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if not drop_joiners(character):
        return ""
    plain = fold_punctuation(character).casefold().translate(_PLAIN_LETTERS)
    parts = unicodedata.normalize("NFKD", plain)
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return fold_punctuation(plain.casefold()).translate(_PLAIN_LETTERS)


class _Folding(dict):
    """Table for str.translate() that is filled as characters come."""

    def __missing__(self, code):
        folded = fold_character(chr(code))
        if code < 0x10000:  # beyond, there are too many for a cache that anyone can fill
            self[code] = folded
        return folded


_FOLDING = _Folding()


def normalize_text(text):
    """Return `text` as it is searched: one line without case, accents, and typographic differences."""
    text = text.lower() if text.isascii() and text.isprintable() else text.translate(_FOLDING)
    text = " ".join(text.split())
    return re.sub(r"(?<=\d) %", "%", text) if "%" in text else text


def digits(text):
    """The digits of a text that is a number to its writer ("+1 (555) 01-02", "US$12,000"); else nothing."""
    text = re.sub(r"^[A-Za-z]{1,3}(?=\$)", "", text)
    return "" if re.search(r"[^\W\d]|%", text) else "".join(ch for ch in text if ch.isdecimal())


@dataclass(frozen=True)
class SearchTerm:
    """One word or phrase of a search, normalized; `others` are other spellings of it."""

    text: str
    is_excluded: bool = False
    others: tuple = ()

    @cached_property
    def forms(self):
        """Its spellings: itself, the others, and a number also without its separators."""
        bare = "" if self.others else digits(self.text)
        # A phone number as dialed abroad, an amount with its cents: both are stored without.
        dialed = bare[2:] if re.fullmatch(r"00[1-9]\d+", bare) else ""
        amount = re.fullmatch(r"(.*\d)[.,]00\D*", self.text) if len(bare) > 3 else None
        whole = digits(amount[1]) if amount else ""
        return list(dict.fromkeys(filter(None, [self.text, *self.others, bare, dialed, whole])))

    @cached_property
    def numbers(self):
        """Those of them that may stand in a number, whatever its separators."""
        return [form for form in self.forms if form.isdecimal()]

    def is_in(self, text):
        """Whether it occurs in an ordinary text."""
        haystack = normalize_text(text)
        return any(form in haystack for form in self.forms) or (
            bool(self.numbers) and any(form in digits(haystack) for form in self.numbers)
        )


def parse_terms(text):
    """The terms of what was typed, each once, in order."""
    return list(dict.fromkeys(term for term, _ in _parts(text)))[:MOST_TERMS]


def without_terms(text, term):
    """What was typed, less this term."""
    return " ".join(piece for part, piece in _parts(text) if part != term)


def _parts(text):
    """[(term, as it was typed)] of a text."""
    text = text[:MAX_LENGTH].replace("\x00", " ")
    if mailbox := _MAILBOX.fullmatch(text):
        return [(_term(mailbox["address"], is_excluded=False, is_word=True), text)]
    parts = []
    for token in _TOKEN.finditer(text.translate(_PHRASE_MARKS)):
        word = token["phrase"] or token["unit"] or token["word"] or ""
        term = _term(word, is_excluded=bool(token["minus"]), is_word=token["word"] is not None)
        if term.text:
            parts.append((term, text[token.start() : token.end()]))
    # A dash or a currency sign alone is no word to look for: titles are shown as "Support – Acme", "€ 12".
    return [part for part in parts if not _is_ornament(part[0].text)] or parts


def _term(word, is_excluded, is_word):
    """The Term of a word, or of a phrase, date or percentage, as typed."""
    text = normalize_text(word)
    if days := parse_dates(text.strip(_AROUND_WORDS)):
        other_forms = [normalize_text(date_text) for day in days for date_text in date_texts(day)]
        return SearchTerm(text.strip(_AROUND_WORDS), is_excluded, tuple(dict.fromkeys(other_forms)))
    if not is_word:
        return SearchTerm(text, is_excluded, _other_apostrophes(text))
    core = _core_of(text)
    local, separator, host = core.rpartition("@")
    # Browsers copy a domain in its ASCII form; it is stored in its own letters.
    unicode_host = normalize_text(normalize_domain(host)) if "xn--" in host else ""
    other_forms = (f"{local}{separator}{unicode_host}",) if unicode_host else ()
    return SearchTerm(core, is_excluded, other_forms + _other_apostrophes(core))


def _other_apostrophes(text):
    """Return the text with the apostrophe that it does not have: O`Brien is O'Brien to its writer."""
    spellings = {_APOSTROPHE.sub(sign, text) for sign in _QUOTES}
    return tuple(sorted(spellings - {text}))


def _core_of(word):
    """Return the part of a normalized word that identifies something: an email address, a host, a page.

    It is always a part of the word, so that nothing is missed which contains the word as typed.
    """
    word = word.strip(_AROUND_WORDS).rstrip("." + _AROUND_WORDS) or word
    if len(word) > 2 and word[0] in _QUOTES and word[-1] in _QUOTES:
        word = word[1:-1]
    if scheme := re.match(r"(?:mailto|tel):(?=[^?])", word):
        return word[scheme.end() :].split("?")[0].strip("/" + _AROUND_WORDS) or word
    url = _URL.fullmatch(word)
    if url is None or not (url["scheme"] or url["www"] or url["rest"]):
        return word
    host = next((site for site in _SHARED_HOSTS if f".{url['host']}".endswith(f".{site}")), None)
    if host is None:
        return url["host"]
    path = re.split(r"[?#]", url["rest"] or "")[0].strip("/")
    return "/".join(filter(None, [host, *path.split("/")[:2]]))


def _is_ornament(text):
    return all(unicodedata.category(ch) in ("Pd", "Sc") or ch in ",;:|·•/" for ch in text)


def mark_matches(text, terms):
    """`text` as HTML with the occurrences of the terms in <mark>."""
    spans = sorted(span for term in terms if not term.is_excluded for span in _occurrences(text, term))
    if not spans:
        return text
    pieces, position = [], 0
    for start, end in spans:
        if start < position:
            start = position
        if start < end:
            pieces += [("", text[position:start]), ("mark", text[start:end])]
            position = end
    pieces.append(("", text[position:]))
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", piece) if tag else piece,) for tag, piece in pieces)
    )


def excerpt(text, terms, around=30):
    """The part of a long text where a term first occurs, some words around it, marked."""
    text = " ".join(text.split())
    spans = sorted(span for term in terms if not term.is_excluded for span in _occurrences(text, term))
    start, end = spans[0] if spans else (0, 0)
    cut = text.rfind(" ", 0, max(start - around, 0)) + 1 if start > around else 0
    stop = text.find(" ", end + around)
    part = text[cut:] if stop < 0 else text[cut:stop]
    return format_html("{}{}{}", "… " if cut else "", mark_matches(part, terms), " …" if stop >= 0 else "")


def _occurrences(text, term):
    """(start, end) in `text`, whose characters may each be several, or none, once normalized."""
    if not term.is_in(text):
        return
    letters = _letters(text)
    numbers = [(ch, position) for ch, position in letters if ch.isdecimal()] if digits(text) else []
    searches = [(letters, form) for form in term.forms] + [(numbers, form) for form in term.numbers]
    for haystack, form in searches:
        flat, start = "".join(ch for ch, _ in haystack), 0
        while form and (start := flat.find(form, start)) >= 0:
            yield haystack[start][1], haystack[start + len(form) - 1][1] + 1
            start += len(form)


def _letters(text):
    """[(character, position in `text`)] of the normalized text."""
    letters = []
    for position, original in enumerate(text):
        for ch in original.translate(_FOLDING):
            if ch == "%" and len(letters) > 1 and letters[-1][0] == " " and letters[-2][0].isdecimal():
                letters.pop()
            if ch != " " or (letters and letters[-1][0] != " "):
                letters.append((ch, position))
    return letters
