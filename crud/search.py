"""What a search box understands, and how it says why a row was found. Text only: no database.

`acme open` means both words; `"two words"` that phrase; `-word` not that word.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from django.utils.html import format_html, format_html_join

MOST_TERMS = 12  # what a person types; more is a machine, and each term costs a scan


def normalized(text):
    """`text` as it is searched: without case and without accents."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(ch for ch in parts if not unicodedata.combining(ch)).casefold()


def digits(text):
    """The digits of a text that is a number to its writer ("+1 (555) 01-02", "$12,000"); else nothing."""
    return "" if re.search(r"[^\W\d]|%", text) else "".join(ch for ch in text if ch.isdecimal())


@dataclass(frozen=True)
class Term:
    """One word or phrase of a search, normalized."""

    text: str
    is_excluded: bool = False

    @cached_property
    def forms(self):
        """What stands for it: itself, and a number also without its separators."""
        bare = digits(self.text)
        return [self.text, bare] if bare and bare != self.text else [self.text]

    @cached_property
    def numbers(self):
        """Those of them that may stand in a number, whatever its separators."""
        return [form for form in self.forms if form.isdecimal()]

    def is_in(self, text):
        """Whether it occurs in an ordinary text."""
        haystack = normalized(text)
        return any(form in haystack for form in self.forms) or (
            bool(self.numbers) and any(form in digits(text) for form in self.numbers)
        )


def terms(text):
    """The terms of what was typed, each once, in order."""
    return list(dict.fromkeys(term for term, _ in _parts(text)))[:MOST_TERMS]


def without(text, term):
    """What was typed, less this term."""
    return " ".join(piece for part, piece in _parts(text) if part != term)


def _parts(text):
    """[(term, as it was typed)] of a text."""
    found = re.finditer(r'(-?)(?:"([^"]*)"?|(\S+))', text.replace("\x00", " "))
    every = [(Term(normalized(part[2] or part[3] or "").strip(), bool(part[1])), part[0]) for part in found]
    return [(term, piece) for term, piece in every if term.text]


def marked(text, terms):
    """`text` as HTML with the occurrences of the terms in <mark>."""
    spans = sorted(span for term in terms if not term.is_excluded for span in _occurrences(text, term))
    if not spans:
        return text
    pieces, done = [], 0
    for start, end in spans:
        if start < done:
            start = done
        if start < end:
            pieces += [("", text[done:start]), ("mark", text[start:end])]
            done = end
    pieces.append(("", text[done:]))
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
    return format_html("{}{}{}", "… " if cut else "", marked(part, terms), " …" if stop >= 0 else "")


def _occurrences(text, term):
    """(start, end) in `text`, whose characters may each be several, or none, once normalized."""
    is_number = bool(term.numbers) and bool(digits(text))
    if term.text not in normalized(text) and not is_number:
        return
    letters = [(ch, position) for position, original in enumerate(text) for ch in normalized(original)]
    numbers = [(ch, position) for ch, position in letters if ch.isdecimal()] if is_number else []
    for haystack, form in [(letters, term.text), *((numbers, form) for form in term.numbers)]:
        flat, start = "".join(ch for ch, _ in haystack), 0
        while form and (start := flat.find(form, start)) >= 0:
            yield haystack[start][1], haystack[start + len(form) - 1][1] + 1
            start += len(form)
