"""A compiled query returns what its queryset would, and its SQL is made once."""

import pytest
from django.db import connection
from django.db.models import CharField, Value
from django.db.models.functions import Upper
from django.db.models.sql.compiler import SQLCompiler

from crud.fastpath.compiled_queries import CompiledQuery, ListParam, Param
from workspaces.models import Membership, User

pytestmark = pytest.mark.django_db


def select_by_name():
    users = User.objects.annotate(loud=Upper("name"), mark=Value("!", CharField()))
    return users.filter(name__gte=Param("name", User._meta.get_field("name"))).order_by("name")


@pytest.fixture(params=[True, False], ids=["fastpath", "plain"], autouse=True)
def each_way(request, settings):
    settings.FASTPATH = request.param


@pytest.fixture
def asked():
    return CompiledQuery(select_by_name)


@pytest.fixture
def people():
    for name in ("Ada", "Ben", "Cleo"):
        User.objects.create_user(f"{name}@acme.example", name=name)


def test_each_time_it_answers_for_what_is_given(people, asked):
    for name, results in {"B": ["Ben", "Cleo"], "A": ["Ada", "Ben", "Cleo"], "D": []}.items():
        assert [user.name for user in asked.rows(name=name)] == results


def test_a_row_is_as_the_queryset_has_it(people, asked):
    row, usual = asked.rows(name="C")[0], User.objects.get(name="Cleo")
    assert (row, row.loud, row.mark) == (usual, "CLEO", "!")
    assert {name: getattr(row, name) for name in vars(usual) if name != "_state"} == {
        name: value for name, value in vars(usual).items() if name != "_state"
    }
    assert not row._state.adding


def test_related_rows_are_there(workspace, django_assert_num_queries):
    user = User.objects.get(name="Olga Owner")
    with django_assert_num_queries(1):
        (membership,) = Membership.of(user)
        assert (membership.workspace, membership.has_second_factor) == (workspace, False)


def test_its_sql_is_made_once(people, asked, monkeypatch, fastpath):
    asked.rows(name="A")
    monkeypatch.setattr(SQLCompiler, "as_sql", None)
    assert len(asked.rows(name="B")) == 2


def test_it_asks_by_the_connection_that_is_open_now(people, asked, django_assert_num_queries):
    asked.compiled[1].connection = None
    with django_assert_num_queries(1) as heard:
        asked.rows(name="Ben")
    assert "Ben" in heard[0]["sql"]
    assert connection.in_atomic_block


def test_of_many_values_each_is_given(people):
    field = User._meta.get_field("name")

    @CompiledQuery
    def some():
        users = User.objects.filter(name__in=ListParam("names", field), name__gte=Param("from", field))
        return users.order_by("name")

    for names, results in {
        ("Ben", "Ada"): ["Ben"],
        ("Cleo",): ["Cleo"],
        ("Ben", "Cleo"): ["Ben", "Cleo"],
    }.items():
        assert [user.name for user in some.rows(**{"names": names, "from": "B"})] == results
    assert some.rows(**{"names": ["Cleo", "Z') OR ('1'='1"], "from": ""}) == [User.objects.get(name="Cleo")]


def test_a_user_is_found_by_the_id_as_by_anything_else(people):
    ada = User.objects.get(name="Ada")
    assert (
        User.objects.get(pk=ada.pk) == User.objects.get(pk=str(ada.pk)) == User.objects.get(id=ada.pk) == ada
    )
    with pytest.raises(User.DoesNotExist):
        User.objects.get(pk=ada.pk + 1000)


def test_what_is_given_cannot_be_more_than_a_value(people, asked):
    assert asked.rows(name="Z' OR '1'='1") == []
    with pytest.raises(KeyError):
        asked.rows()
