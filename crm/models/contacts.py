"""People and the companies they are with."""

import re
from collections import defaultdict

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from crm.db.indexes import live_index
from crm.models.concerns.write_lock import with_write_lock
from crm.models.fields import (
    ContactEmailField,
    EmailDomainField,
    KeyField,
    LinkedInField,
    PhoneField,
    WebsiteField,
    lowercase_domain,
)
from crm.models.picklists import ContactType
from crm.models.records import Record
from crm.models.tags import TaggedItem, TagsField
from crm.parsing.contact_details import is_free_mail
from crm.parsing.countries import find_codes, quote_aliases
from crm.parsing.legal_forms import strip_legal_form
from crud.db.expressions import contains_text
from crud.parsing.keys import fold_line
from crud.search import normalize_text
from workspaces.models import Membership

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def own_domains(term):
    """Return the domains of the email address that a search term is, but of no free mail service."""
    if term.is_excluded:
        return []
    domains = [form.rpartition("@")[2] for form in term.forms if EMAIL.fullmatch(form)]
    return [domain for domain in domains if not is_free_mail(domain)]


def company_key(name):
    """Return what two spellings of a company have in common: no case, punctuation or legal form."""
    return fold_line(strip_legal_form(name))


class Company(Record):
    """A firm the workspace does business with, or would like to."""

    searched = (
        "name",
        "work_phone",
        "email_domain",
        "work_website",
        "address",
        "city",
        "state",
        "zip",
        "country",
        "linkedin",
        "tags",
    )
    searched_choices = {"contact_type": ContactType, "assignee": Membership}
    filtered_texts = ("city", "state")

    name = models.CharField(_("name"), max_length=200)
    name_key = KeyField()
    match_key = KeyField(key=company_key)
    contact_type = models.ForeignKey(
        ContactType,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="companies",
        verbose_name=_("contact type"),
    )
    work_phone = PhoneField(_("work phone"))
    email_domain = EmailDomainField()
    work_website = WebsiteField(_("work website"))
    address = models.TextField(_("address"), max_length=500, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=100, blank=True)
    zip = models.CharField(_("zip"), max_length=20, blank=True)
    country = CountryField(_("country"), blank=True, blank_label="—")
    linkedin = LinkedInField("LinkedIn")
    assignee = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="companies",
        verbose_name=_("assignee"),
    )
    tags = TagsField(through="crm.TaggedCompany", verbose_name=_("tags"))

    class Meta(Record.Meta):
        ordering = ["name_key", "pk"]
        verbose_name_plural = "companies"
        indexes = [
            live_index("name_key", "id", name="company_live_by_name"),
            live_index("updated_at", "id", name="company_live_by_change"),
            models.Index(fields=["workspace", "match_key"], name="company_by_match"),
            models.Index(fields=["workspace", "email_domain"], name="company_by_domain"),
        ]

    @with_write_lock
    def save(self, *args, **kwargs):
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if "name" in self.changed and not is_new:
            self.refresh_referring_records()

    @classmethod
    def load_for_search(cls, rows):
        rows = super().load_for_search(rows)
        names = defaultdict(list)
        for company, name in Person.objects.filter(company__in=rows).values_list("company", "name"):
            names[company].append(name)
        for row in rows:
            row._people_names = names[row.pk]
        return rows

    def search_parts(self):
        yield from super().search_parts()
        names = self.__dict__.pop("_people_names", None)
        if names is None and self.pk:
            names = self.people.values_list("name", flat=True)
        yield from names or ()

    @property
    def hint(self):
        """What tells it from another of its name."""
        return ", ".join(filter(None, [self.city, str(self.country.name)]))

    @classmethod
    def search_terms(cls, text):
        return super().search_terms(quote_aliases(text))

    @classmethod
    def build_search_condition(cls, term):
        condition = super().build_search_condition(term)
        if codes := find_codes(term.text):
            condition |= Q(country__in=codes)
        for domain in own_domains(term):
            # Its lines of the email domain and of the website, whose page may follow.
            for line in (f"\n@{domain}\n", f"\n{domain}\n", f"\n{domain}/"):
                condition |= contains_text("search_text", line)
        return condition

    def get_other_match_labels(self, terms):
        """Return the labels of what a search finds it by besides the texts of its fields."""
        words = quote_aliases(" ".join(term.text for term in terms))
        is_alias = any(self.country.code in find_codes(term.text) for term in self.search_terms(words))
        if is_alias:
            return [_("Country")]
        domains = [domain for term in terms for domain in own_domains(term)]
        if normalize_text(self.email_domain) in domains:
            return [_("Email domain")]
        return [_("Work website")] if domains else [_("People")]

    @classmethod
    def build_name_condition(cls, name):
        # Also those that one might mean: the same but for punctuation, legal form and the like.
        return super().build_name_condition(name) | Q(match_key=company_key(name)[:250])

    def twins(self):
        """Other companies of the same name, compared without case and legal form, or of the same domain."""
        other_records = Company.objects.exclude(pk=self.pk)
        if self.name:
            yield (
                "name",
                _("Another company has this name"),
                other_records.filter(match_key=company_key(self.name)[:250]),
            )
        if self.email_domain and not is_free_mail(self.email_domain):
            yield (
                "email_domain",
                _("@%(domain)s is also another company’s domain") % {"domain": self.email_domain},
                other_records.filter(email_domain=self.email_domain),
            )

    def remarks(self):
        if is_free_mail(self.email_domain):
            yield (
                "email_domain",
                _("%(domain)s is a public email provider, so it can’t identify a company.")
                % {"domain": self.email_domain},
            )


class TaggedCompany(TaggedItem):
    content_object = models.ForeignKey(Company, models.CASCADE, related_name="tagged")


class Person(Record):
    """Somebody the workspace talks to."""

    searched = ("name", "company", "email", "title", "description")
    filtered_texts = ("email", "title")

    name = models.CharField(_("name"), max_length=200)
    name_key = KeyField()
    company = models.ForeignKey(
        Company, models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("company")
    )
    email = ContactEmailField(_("email"), blank=True)
    email_key = KeyField(source="email", key=lowercase_domain, max_length=254)
    title = models.CharField(_("title"), max_length=120, blank=True)
    description = models.TextField(_("description"), max_length=20_000, blank=True)

    class Meta(Record.Meta):
        ordering = ["name_key", "pk"]
        verbose_name_plural = "people"
        indexes = [
            live_index("name_key", "id", name="person_live_by_name"),
            live_index("updated_at", "id", name="person_live_by_change"),
            live_index("company", "name_key", "id", name="person_live_by_company"),
            models.Index(fields=["workspace", "email_key"], name="person_by_email"),
        ]

    @with_write_lock
    def save(self, *args, **kwargs):
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if self.changed.keys() & {"name", "company_id"}:
            companies = {self.company_id, *self.changed.get("company_id", ())} - {None}
            Company.objects.filter(pk__in=companies).refresh_search_text()
        if "name" in self.changed and not is_new:
            self.refresh_referring_records()

    @property
    def hint(self):
        return ", ".join(filter(None, [self.title, self.company and self.company.name, self.email]))

    @classmethod
    def on_trashed_or_restored(cls, rows):
        Company.objects.filter(pk__in={row.company_id for row in rows}).refresh_search_text()

    def twins(self):
        """Other people with the same e-mail address, whatever the case."""
        if self.email:
            other_records = Person.objects.filter(email_key=lowercase_domain(self.email)[:254]).exclude(
                pk=self.pk
            )
            yield "email", _("Another person has this email address"), other_records
