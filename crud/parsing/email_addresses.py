"""Parsers and validator of email addresses and their domains as people type or paste them."""

import re
from urllib.parse import unquote

import idna
from django.core.validators import EmailValidator

from crud.parsing.text import clean_line, fold_punctuation

MAX_HOST_LENGTH = 253
# Of labels; the last one is no number, or it would be an IP address.
HOST = re.compile(r"(?:(?!-)[^\W_](?:[-\w]*[^\W_])?\.)+(?!-|\d+$)[^\W_](?:[-\w]*[^\W_])?")


def normalize_domain(text: str) -> str:
    """Return a domain in lower case and, by IDNA 2008, in its own letters; "" if it is none."""
    host = text.replace("\u3002", ".").strip(" .").lower()
    if len(host) > MAX_HOST_LENGTH:
        return ""
    if not host.isascii() or "xn--" in host:
        try:
            host = idna.decode(idna.encode(host, uts46=True))
        except (idna.IDNAError, UnicodeError):
            return ""
    return host if HOST.fullmatch(host) else ""


def normalize_email(text: str) -> str:
    """Return the address in "Ada <ada@example.com>" or "mailto:ada@example.com", in the letters typed."""
    line = clean_line(text).replace("＠", "@")
    if bracketed := re.fullmatch(r"[^<>]*<\s*([^<>\s]+@[^<>\s]+)\s*>[\s,;.]*", line):
        line = bracketed[1]
    if re.match(r"(?i)mailto:", line):
        line = unquote(line[len("mailto:") :].partition("?")[0])
    line = line.strip(" ,;<>").rstrip(".")
    local, separator, host = line.rpartition("@")
    host = fold_punctuation(host)
    if not host.isascii() or "xn--" in host.lower():
        host = normalize_domain(host) or host
    return f"{local}{separator}{host}"


class DomainEmailValidator(EmailValidator):
    """Accepts an address at a domain name, also an international one; none at an IP address."""

    def validate_domain_part(self, domain_part: str) -> bool:
        return bool(normalize_domain(domain_part)) and super().validate_domain_part(domain_part)


validate_email = DomainEmailValidator()
