"""Fields of the CRM's kinds: what people type is understood, stored in one form and shown in another."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models

from crud.keys import fold_case
from crud.search import normalized

FREE_MAIL = frozenset(
    "aol.com comcast.net duck.com fastmail.com free.fr gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net "
    "googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr hotmail.it icloud.com "
    "inbox.com laposte.net libero.it live.co.uk live.com live.fr live.nl mac.com mail.com mail.ru me.com "
    "msn.com naver.com orange.fr outlook.com outlook.de outlook.fr posteo.de proton.me protonmail.com "
    "qq.com rocketmail.com seznam.cz t-online.de tutanota.com virgilio.it wanadoo.fr web.de wp.pl "
    "yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br yahoo.de yahoo.es yahoo.fr "
    "yahoo.it yandex.com yandex.ru ymail.com zoho.com 126.com 163.com".split()
)
# Of labels; the last one is no number, or it would be the address of a machine.
HOST = re.compile(r"(?:(?!-)[^\W_](?:[-\w]*[^\W_])?\.)+(?!-|\d+$)[^\W_](?:[-\w]*[^\W_])?")


def lowered(text):
    """`text` as addresses are compared: whatever the case, but for its accents."""
    return fold_case(text)


class KeyField(models.CharField):
    """What another field's text is compared by: kept on every save, never typed."""

    # Other keys are written by a data migration; the column stays as it is.
    non_db_attrs = (*models.CharField.non_db_attrs, "source", "key")
    is_normalized = True  # sorted as it is, so that an index serves

    def __init__(self, source="name", key=normalized, **options):
        self.source, self.key = source, key
        super().__init__(**{"editable": False, "max_length": 250, "default": "", **options})

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "source": self.source, "key": self.key}

    def pre_save(self, row, add):
        value = self.key(getattr(row, self.source) or "")[: self.max_length]
        setattr(row, self.attname, value)
        return value


class PhoneField(models.CharField):
    """A phone number as people write it; dialed without the ornaments."""

    def __init__(self, *args, **options):
        super().__init__(*args, **{"max_length": 40, "blank": True, **options})

    def clean(self, value, row):
        value = super().clean(value, row)
        number = re.sub(r"(?i)\s*(?:ext\.?|x)\s*\d+$", "", value)
        if value and (
            not re.fullmatch(r"[\s(]*\+?[\d\s().\-–/]+", number)
            or not 3 <= sum(map(str.isdecimal, number)) <= 20
        ):
            raise ValidationError("Enter a phone number, such as +1 555 010 0199 or (555) 010-0199 ext 12.")
        return value

    def to_python(self, value):
        text = super().to_python(value)
        return text and re.sub(r"(?i)^\s*tel:", "", text).strip()

    def href(self, value):
        main, *extension = re.split(r"(?i)\s*(?:ext\.?|x)\s*(?=\d+$)", value)
        return "tel:" + re.sub(r"[^\d+]", "", main) + (f";ext={extension[0]}" if extension else "")


class EmailDomainField(models.CharField):
    """The part of a company's addresses after the @. Takes that, an address or a URL."""

    def __init__(self, *args, **options):
        super().__init__(*args, **{"max_length": 253, "blank": True, **options})

    def to_python(self, value):
        text = (super().to_python(value) or "").strip().casefold()
        host = re.split(r"[/?#]", re.sub(r"^(?:[a-z]+:)?//", "", text))[0].rpartition("@")[2]
        return re.sub(r":\d+$", "", host).strip(" .<>").removeprefix("www.")

    def clean(self, value, row):
        typed, value = value, super().clean(value, row)
        if (typed or "").strip() and not HOST.fullmatch(value):
            raise ValidationError("Enter a domain, such as example.com or @example.com.")
        if value in FREE_MAIL:
            raise ValidationError(
                f"{value} is a free mail service that many firms share: it would not tell this company "
                "apart. Leave this empty."
            )
        return value

    def shown(self, value):
        return f"@{value}"


class WebsiteField(models.URLField):
    """An address of the web. Takes what people type, stores https where no scheme is given."""

    def __init__(self, *args, **options):
        super().__init__(*args, **{"max_length": 500, "blank": True, **options})

    def formfield(self, **options):
        # A text box: the browser's own check would refuse "example.com" before we see it.
        return models.CharField.formfield(self, **options)

    def to_python(self, value):
        text = (super().to_python(value) or "").strip().removeprefix("//")
        if scheme := re.match(r"(?i)([a-z][a-z0-9+.-]*):(?!\d)", text):
            return scheme[1].lower() + text[scheme.end(1) :]
        return text and f"https://{text}"

    def clean(self, value, row):
        value = self.to_python(value)
        try:
            if value:
                URLValidator(schemes=["http", "https"])(value)
        except ValidationError as error:
            raise ValidationError(
                "Enter a web address, such as example.com or https://example.com/about."
            ) from error
        return models.CharField.clean(self, value, row)

    def shown(self, value):
        return re.sub(r"^https?://(www\.)?|/$", "", value)

    def href(self, value):
        return value


class LinkedInField(WebsiteField):
    """A LinkedIn page. Takes its URL or the handle at its end."""

    def to_python(self, value):
        text = (models.CharField.to_python(self, value) or "").strip().strip("/")
        if text and re.fullmatch(r"@?[\w-]+", text):
            return f"https://www.linkedin.com/company/{text.removeprefix('@')}"
        if re.fullmatch(r"(?i)(company|in|school|showcase)/[\w%.-]+", text):
            return f"https://www.linkedin.com/{text}"
        return super().to_python(text)

    def clean(self, value, row):
        value = super().clean(value, row)
        host = urlsplit(value).hostname or ""
        if value and host != "linkedin.com" and not host.endswith(".linkedin.com"):
            raise ValidationError(
                "Enter a LinkedIn address or handle, such as linkedin.com/company/acme or acme."
            )
        return value
