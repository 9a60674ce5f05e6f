from django.urls import include, path

from crud.tests.toy.viewsets import AUTHORS, BOOKS

urlpatterns = [path("", include(([*AUTHORS.urls(), *BOOKS.urls()], "toy")))]
