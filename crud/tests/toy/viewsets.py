from django.db.models import Sum

from crud.filters.filterset import FilterSet
from crud.pagination.aggregates import Total
from crud.tests.toy.models import Author, Book
from crud.viewset import ModelViewSet


class BookFilter(FilterSet):
    class Meta:
        model = Book
        fields = ("name", "author", "translator", "genre", "pages", "published")


AUTHORS = ModelViewSet(Author, "authors", fields=("name", "email"), columns=("name", "email"))
BOOKS = ModelViewSet(
    Book,
    "books",
    fields=("name", "author", "translator", "genre", "pages", "published", "blurb"),
    columns=("name", "author", "genre", "pages", "published"),
    sort="name",
    totals=(Total("Total pages", lambda: Sum("pages", default=0)),),
    filterset=BookFilter,
)
