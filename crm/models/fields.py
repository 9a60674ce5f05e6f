"""Fields of the CRM's kinds: what people type is understood, stored in one form and shown in another."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.parsing.contact_details import is_phone, normalize_phone, tel_uri
from crud.parsing.email_addresses import DomainEmailValidator, normalize_domain, normalize_email
from crud.parsing.keys import fold_case
from crud.parsing.text import clean_line, fold_punctuation
from crud.search import normalize_text

ATOM = r"(?:[-!#$%&'*+/=?^_`{}|~0-9A-Z]|[^\x00-\xa0\s])+"


class InternationalEmailValidator(DomainEmailValidator):
    """Accepts letters of every script in front of the @, as mail servers do (RFC 6531), and IDNA domains."""

    user_regex = re.compile(rf"{ATOM}(?:\.{ATOM})*\Z|{EmailValidator.user_regex.pattern}", re.IGNORECASE)


def lowercase_domain(text):
    """Return `text` as email addresses are compared: without case, letter for letter (ß is not ss)."""
    return fold_case(text)


def is_stored(field, value, row):
    """Return True if the database has this value: one that was accepted before blocks no later update."""
    return bool(value and row) and row._loaded.get(field.attname) == value


class KeyField(models.CharField):
    """What another field's text is compared by: kept on every save, never typed."""

    # Other keys are written by a data migration; the column stays as it is.
    non_db_attrs = (*models.CharField.non_db_attrs, "source", "key")
    is_normalized = True  # sorted as it is, so that an index serves

    def __init__(self, source="name", key=normalize_text, **options):
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
        if is_stored(self, value, row):
            return value
        value = super().clean(value, row)
        if value and not is_phone(value):
            raise ValidationError(
                _("Enter a phone number, such as +1 555 010 0199 or (555) 010-0199 ext 12.")
            )
        return value

    def to_python(self, value):
        text = super().to_python(value)
        return text and normalize_phone(text)

    def get_url(self, value):
        return tel_uri(value)


class ContactEmailField(models.EmailField):
    """An email address, also taken out of "Ada <ada@example.com>" or a mailto: link."""

    default_validators = [InternationalEmailValidator()]

    def deconstruct(self):
        # To the database it is the same: no migration, which on SQLite would copy the table.
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.EmailField", args, options

    def formfield(self, **options):
        # A text box: the browser's own check, and its mere length, would refuse what is understood here.
        return models.CharField.formfield(self, **{"max_length": None, **options})

    def clean(self, value, row):
        return value if is_stored(self, value, row) else super().clean(value, row)

    def to_python(self, value):
        text = super().to_python(value)
        return text and normalize_email(text)


class EmailDomainField(models.CharField):
    """The part of a company's addresses after the @. Takes that, an address or a URL."""

    def __init__(self, *args, **options):
        super().__init__(*args, **{"max_length": 253, "blank": True, **options})

    def to_python(self, value):
        text = fold_punctuation(clean_line(super().to_python(value) or ""))
        host = re.split(r"[/?#]", re.sub(r"(?i)^(?:[a-z]+:)?//", "", text))[0].rpartition("@")[2]
        host = re.sub(r":\d+$", "", host).strip(" .,;<>").lower().removeprefix("www.")
        return normalize_domain(host) or host

    def clean(self, value, row):
        if is_stored(self, value, row):
            return value
        raw, value = value, super().clean(value, row)
        if (raw or "").strip() and not normalize_domain(value):
            raise ValidationError(_("Enter a domain, such as example.com or @example.com."))
        return value

    def display_value(self, value):
        return f"@{value}"


class WebsiteField(models.URLField):
    """An address of the web. Takes what people type, stores https where no scheme is given."""

    def __init__(self, *args, **options):
        super().__init__(*args, **{"max_length": 500, "blank": True, **options})

    def formfield(self, **options):
        # A text box: the browser's own check would refuse "example.com" before we see it.
        return models.CharField.formfield(self, **options)

    def to_python(self, value):
        text = clean_line(super().to_python(value) or "")
        head = re.match(r"[^/?#]*(?://[^/?#]*)?", text)[0]  # scheme and host
        text = f"{fold_punctuation(head)}{text[len(head) :]}".removeprefix("//")
        if scheme := re.match(r"(?i)([a-z][a-z0-9+.-]*):(?!\d)", text):
            return scheme[1].lower() + text[scheme.end(1) :]
        return text and f"https://{text}"

    def clean(self, value, row):
        if is_stored(self, value, row):
            return value
        value = self.to_python(value)
        try:
            if value:
                URLValidator(schemes=["http", "https"])(value)
                has_credentials = "@" in urlsplit(value).netloc
        except (ValidationError, ValueError) as error:
            raise ValidationError(
                _("Enter a URL, such as example.com or https://example.com/about.")
            ) from error
        if value and has_credentials:
            raise ValidationError(
                _(
                    "Remove the user name and password from this URL. "
                    "Everyone in the workspace could read them."
                )
            )
        return models.CharField.clean(self, value, row)

    def display_value(self, value):
        return re.sub(r"^https?://(www\.)?|/$", "", value)

    def get_url(self, value):
        return value


class LinkedInField(WebsiteField):
    """A LinkedIn page. Takes its URL or the handle at its end."""

    def to_python(self, value):
        text = clean_line(models.CharField.to_python(self, value) or "").strip("/")
        if text and re.fullmatch(r"@?[\w-]+", text):
            return f"https://www.linkedin.com/company/{text.removeprefix('@')}"
        if re.fullmatch(r"(?i)(company|in|school|showcase)/[\w%.-]+", text):
            return f"https://www.linkedin.com/{text}"
        return super().to_python(text)

    def clean(self, value, row):
        if is_stored(self, value, row):
            return value
        value = super().clean(value, row)
        host = urlsplit(value).hostname or ""
        if value and host != "linkedin.com" and not host.endswith(".linkedin.com"):
            raise ValidationError(
                _("Enter a LinkedIn URL or handle, such as linkedin.com/company/acme or acme.")
            )
        return value
