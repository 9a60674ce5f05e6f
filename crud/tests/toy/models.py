"""Authors and books. Only the tests of the kit install the app, hence `app_label` in each Meta."""

import functools
import operator

from django.db import models
from django.db.models import Q

from crud.models import VersionedModel
from crud.search import parse_terms
from crud.urls import reverse_cached


class ToyQuerySet(models.QuerySet):
    def search(self, text):
        """Return the rows whose searched fields contain every term of the text, case aside."""
        for term in parse_terms(text):
            conditions = (self.model.build_text_condition(name, term) for name in self.model.searched)
            condition = functools.reduce(operator.or_, conditions)
            self = self.exclude(condition) if term.is_excluded else self.filter(condition)
        return self


class ToyModel(VersionedModel):
    searched = ("name",)

    name = models.CharField(max_length=100)

    objects = ToyQuerySet.as_manager()

    class Meta:
        abstract = True
        app_label = "toy"
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name

    @classmethod
    def build_text_condition(cls, name, term):
        return functools.reduce(operator.or_, (Q(**{f"{name}__icontains": form}) for form in term.forms))


class Author(ToyModel):
    email = models.EmailField(blank=True)

    def get_absolute_url(self):
        return reverse_cached("toy:author-detail", self.pk)


class Book(ToyModel):
    """A book has its author for good, and may lose its translator."""

    class Genre(models.TextChoices):
        NOVEL = "novel", "Novel"
        POEMS = "poems", "Poems"

    is_business_data = True
    searched = ("name", "blurb")

    author = models.ForeignKey(Author, models.PROTECT, related_name="books")
    translator = models.ForeignKey(
        Author, models.SET_NULL, null=True, blank=True, related_name="translations"
    )
    genre = models.CharField(max_length=10, choices=Genre, default=Genre.NOVEL)
    pages = models.PositiveIntegerField(null=True, blank=True)
    published = models.DateField(null=True, blank=True)
    blurb = models.TextField(blank=True)
