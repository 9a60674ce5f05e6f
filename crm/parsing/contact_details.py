"""Parsers of phone numbers as people type or paste them, and free mail services. No database."""

import re

from crud.parsing.numbers import to_ascii_digits
from crud.parsing.text import clean_line, fold_punctuation

# ext. 12, extension 12, x12, #12, and 12 after a pause (",12", as a telephone's keypad types it).
EXTENSION = re.compile(
    r"(?i)\s*(?:[,;]?\s*(?:extension|extn|ext|x|durchwahl|dw|poste|app)(?![^\W\d_])\s*[.:=]?|[,;]?\s*\#|,+)\s*(?P<digits>\d{1,8})$"
)
# Italy, San Marino and Vatican City dial the 0 from abroad, too.
KEEPS_ZERO = ("+39", "+378", "+379", "0039", "00378", "00379")


def normalize_phone(text):
    """Return a phone number as it is stored: as typed, in ASCII digits and signs, without tel:."""
    # An en dash is a separator that people choose; a hyphen that prints the same as another is not.
    line = to_ascii_digits("–".join(map(fold_punctuation, clean_line(text).split("–"))))
    return re.sub(r"(?i)^(?:tel|phone|callto)(?:\.?\s*:|\.)\s*(?://)?", "", line).strip()


def split_phone(text):
    """Return (number, digits of the extension or "")."""
    if extension := EXTENSION.search(text):
        return text[: extension.start()].rstrip(), extension["digits"]
    return text, ""


def is_phone(text):
    """Return True if this can be dialed: 3 to 20 digits, separators, and a + only in front."""
    number, _ = split_phone(fold_punctuation(text))
    digits = sum(map(str.isdecimal, number))
    return bool(re.fullmatch(r"[\s(]*\+?[\d\s().\-/]+", number)) and 3 <= digits <= 20


def tel_uri(text):
    """Return the tel: URI of a phone number."""
    number, extension = split_phone(fold_punctuation(normalize_phone(text)))
    # "+49 (0) 89": the 0 is dialed inside the country only, and the + only outside.
    if re.match(r"[\s(]*(?:\+|00)", number) and not re.sub(r"[^\d+]", "", number).startswith(KEEPS_ZERO):
        number = re.sub(r"\(\s*0\s*\)|\[\s*0\s*\]", "", number, count=1)
    return "tel:" + re.sub(r"[^\d+]", "", number) + (f";ext={extension}" if extension else "")


FREE_MAIL = frozenset(
    "aol.com comcast.net duck.com fastmail.com free.fr gmail.com googlemail.com hey.com icloud.com inbox.com "
    "laposte.net libero.it mac.com mail.com mail.ru me.com msn.com naver.com orange.fr pm.me posteo.de "
    "proton.me protonmail.com qq.com rocketmail.com seznam.cz t-online.de tuta.com tutanota.com virgilio.it "
    "wanadoo.fr web.de wp.pl ymail.com zoho.com zohomail.com 126.com 163.com".split()
)
FREE_MAIL_FAMILIES = re.compile(r"(?:gmx|hotmail|live|outlook|yahoo|yandex)(?:\.com?)?\.[a-z]{2,3}")


def is_free_mail(domain):
    """Return True if anyone may have an address in this domain, so that it belongs to no one company."""
    return domain in FREE_MAIL or bool(FREE_MAIL_FAMILIES.fullmatch(domain))
