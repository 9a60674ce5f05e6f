"""Keys that names are compared by: equal for spellings of one name, different for different letters."""

import hashlib
import unicodedata

from crud.parsing.text import clean_line, drop_joiners, fold_punctuation
from crud.search import normalize_text

KEY_LENGTH = 250


def fold_case(text: str) -> str:
    """Return `text` without case. Unlike str.casefold() it keeps ß apart from ss, and takes İ for I."""
    return "ß".join(part.casefold() for part in text.replace("ẞ", "ß").replace("İ", "i").split("ß"))


def fold_line(text: str) -> str:
    """Return one-line `text` without case, width, invisible characters, and kinds of quotes and dashes.

    Letters stay apart, with their accents: ハート and バート, Schon and Schön, Strasse and Straße.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    # Compatibility forms (full-width letters, half-width kana) unfold to what may have to be folded again.
    text = unicodedata.normalize("NFKC", fold_punctuation(drop_joiners(clean_line(text))))
    text = unicodedata.normalize("NFKC", fold_case(fold_punctuation(text)))
    return " ".join(text.split())


def make_key(text: str, max_length: int = KEY_LENGTH) -> str:
    """Return the key of a name: equal for equal names, and sorted without regard to accents.

    It begins with the text as it is searched; where that loses something, the exact text follows on a
    second line. A key that would be too long ends in a digest instead of being cut off.
    """
    exact = fold_line(text)
    loose = normalize_text(exact)
    key = loose if loose == exact else f"{loose}\n{exact}"
    if len(key) > max_length:
        digest = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()[:32]
        key = f"{key[: max_length - 33]}\n{digest}"
    return key
