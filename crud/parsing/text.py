"""Normalization of one-line text, such as names, email addresses, and search terms.

People paste from contact apps, chat programs, and documents. What comes along unseen (zero-width
spaces, marks of writing direction, line breaks) makes two equal-looking values unequal.
"""

import re
import unicodedata

# Scripts whose letters join or stack by ZWJ and ZWNJ: Arabic to N'Ko, Devanagari to Sinhala, Myanmar,
# Khmer, Mongolian, Javanese and their relatives, and the supplementary planes' scripts of both families.
_JOINING = (
    "\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\u1a20-\u1bff\ua800-\ua8ff\ua930-\uabff"
    "\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00010fff\U00011000-\U00011fff\U0001e900-\U0001e95f"
)
_EMOJI = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_INDIC_BLOCKS = ((0x900, 0xE00), (0x1000, 0x10A0), (0x1B00, 0x1C00), (0xA800, 0xAC00), (0x11000, 0x12000))
_VIRAMAS = "".join(
    chr(code) for block in _INDIC_BLOCKS for code in range(*block) if unicodedata.combining(chr(code)) == 9
)
_HAN = "\u2e80-\u2fff\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_VARIATION = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_TAGS = "\U000e0000-\U000e007f"

# Blank in print, though Unicode calls them letters, marks, or symbols: fillers of Hangul syllables,
# the grapheme joiner, two vowels of Khmer, and the embedded object.
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufffc"

_UNSEEN = (
    "[\\x01-\\x08\\x0e-\\x1b\\x7f-\\x84\\x86-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f"
    "\\ufeff\\ufff0-\\ufffb\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a"
    f"{_BLANK}{_VARIATION}{_TAGS}]"
)
_ALL_INVISIBLE = re.compile(rf"\x00|{_UNSEEN}")

# Each alternative but the last is an invisible character in a place where it shapes its neighbors.
_INVISIBLE = re.compile(
    rf"(?P<kept>(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}])"
    rf"|(?<=[{_VIRAMAS}])[\u200c\u200d]"
    rf"|(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])"
    rf"|(?<=[{_EMOJI}])[\ufe0e\ufe0f]"
    r"|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    rf"|(?<=[{_HAN}])[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    r"|(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f]"
    r"|(?<=\U0001f3f4)[\U000e0020-\U000e007e]+\U000e007f)"
    rf"|{_UNSEEN}"
)

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u2212\ufe58\ufe63"
_SINGLE_QUOTES = "\u00b4\u02b9\u02bb\u02bc\u02bd\u2018\u2019\u201a\u201b\u2032\u2035\ua78c"
_DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u2036\u301d\u301e\u301f"
_ASCII_PUNCTUATION = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, _DASHES), "-"),
    **dict.fromkeys(map(ord, _SINGLE_QUOTES), "'"),
    **dict.fromkeys(map(ord, _DOUBLE_QUOTES), '"'),
    **dict.fromkeys(map(ord, "\u3002\uff61"), "."),
    ord("\u2044"): "/",
    ord("\u3000"): " ",
}


def drop_invisible(text: str) -> str:
    """Return `text` without characters that print nothing; joiners stay in words and emoji that need them.

    NUL stays: no text of a form can have it, and Django's validators say so.
    """
    if text.isascii() and text.isprintable():
        return text
    return _INVISIBLE.sub(lambda match: match["kept"] or "", text)


def drop_joiners(text: str) -> str:
    """Return `text` without any invisible character, also without those that shape words and emoji."""
    return text if text.isascii() and text.isprintable() else _ALL_INVISIBLE.sub("", text)


def clean_line(text: str) -> str:
    """Return `text` as one line: composed (NFC), without invisible characters, with single spaces.

    Line breaks of every kind become spaces. Text of nothing but invisible characters becomes "".
    """
    if not text.isascii():
        # Composed again at the end: a letter and its accent may have been separated by what was dropped.
        text = unicodedata.normalize("NFC", text).replace("\u2800", " ")
        text = unicodedata.normalize("NFC", drop_invisible(text))
    elif not text.isprintable():
        text = drop_invisible(text)
    return " ".join(text.split())


def fold_punctuation(text: str) -> str:
    """Return `text` with full-width forms, dashes, and quotes as ASCII, for phones, URLs, and keys."""
    return text if text.isascii() else text.translate(_ASCII_PUNCTUATION)
