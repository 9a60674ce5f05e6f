"""What cannot be read is refused with a sentence, and every answer tells the browser what to allow."""

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.urls import reverse

from crm.models import Company, Person
from crm.tests import factories
from crm.viewsets import COMPANIES, PEOPLE
from socius.middleware.security_headers import HEADERS

pytestmark = pytest.mark.security

UNREADABLE = ["%00", "a%00b", "%ff", "%C3", "%E2%82", "%C0%80", "%ED%A0%80", "%F8%88%80%80%80", "%ff%00"]
FORM = "application/x-www-form-urlencoded"


def is_refused(response, status=400):
    text = response.content.decode()
    return (
        response.status_code == status and "We couldn’t process that request" in text and is_guarded(response)
    )


def asked(client, address, method="GET", body=b"", **more):
    """The answer, read to its end as a server does it."""
    response = client.generic(method, address, body, **more)
    b"".join(response)
    return response


def is_guarded(response):
    """Whether the answer carries what every answer has to; that its own are as strict is another's test."""
    return HEADERS.items() <= dict(response.headers).items() and "Cache-Control" in response.headers


@pytest.mark.parametrize("part", UNREADABLE)
def test_an_address_that_cannot_be_read_is_refused_before_the_database_is_asked(
    client, part, django_assert_num_queries, db
):
    places = ["/{}/", "/w/{}/crm/", "/static/{}.css", "/?q={}", "/w/acme/crm/companies/?{}=1", "/livez?x={}"]
    with django_assert_num_queries(0):
        for place in places:
            assert is_refused(client.get(place.format(part))), place
            assert is_refused(client.post(place.format(part), {"name": "x"})), place


@pytest.mark.parametrize("part", ["caf%C3%A9", "%F0%9F%98%80", "%EF%BF%BD", "%2500", "%0A", "%E2%80%AE", "+"])
def test_what_can_be_read_is_taken(sign_in, workspace, part):
    assert sign_in(workspace).get(f"{COMPANIES.url('list')}?q={part}").status_code == 200


@override_settings(WORKSPACE_URLCONF="tests.security.support.planted_defects")
def test_without_it_a_nul_in_an_address_reaches_the_database(sign_in, workspace):
    """The canary of the first test."""
    client = sign_in(workspace)
    client.raise_request_exception = False
    address = "/w/acme/planted/finds/?q=%00"
    assert is_refused(client.get(address))
    with override_settings(MIDDLEWARE=[name for name in settings.MIDDLEWARE if "valid_encoding" not in name]):
        client.handler.load_middleware()
        assert client.get(address).status_code == (500 if connection.vendor == "postgresql" else 200)


def test_a_form_that_cannot_be_read_is_refused(sign_in, workspace):
    client = sign_in(workspace)
    for body in ("name=caf%E9", "name=%ff", "%C3=1", b"name=\xff"):
        assert is_refused(client.post(COMPANIES.url("create"), body, content_type=FORM)), body
    assert not Company.objects.exists()


def test_a_nul_in_a_form_is_told_at_its_field(sign_in, workspace):
    client = sign_in(workspace)
    page = client.post(PEOPLE.url("create"), {"name": "A\0da", "title": "Head"})
    assert "Null characters are not allowed." in page.context["form"].errors["name"]
    assert "Head" in page.content.decode() and not Person.objects.exists()


def test_a_cookie_that_cannot_be_read_is_none(workspace):
    client = Client(headers={"cookie": r'sessionid="abcdefgh\000ijkl"; csrftoken="\000"; messages="\000"'})
    response = client.get(COMPANIES.url("list"))
    assert response.status_code == 302 and "/accounts/login/" in response.url


@pytest.mark.parametrize(
    "headers",
    [
        {"referer": "http://[::1"},
        {"referer": "\x7fnone", "accept-language": "\x00-\xff,;q=x"},
        {"cookie": "sessionid=ü; =; ;;\x7f"},
        {"hx-target": "\xff", "hx-current-url": "http://[", "hx-request": "true"},
        {"x-forwarded-for": "nobody, [::1, %00", "user-agent": "\x7f" * 3000, "accept-encoding": "\xff"},
        {"if-modified-since": "never", "range": "bytes=x-y", "origin": "null"},
    ],
)
def test_headers_of_nonsense_break_nothing(sign_in, workspace, headers):
    client, company = sign_in(workspace), factories.company()
    addresses = [COMPANIES.url("list"), COMPANIES.url("update", company.pk), "/accounts/login/", "/nothing/"]
    addresses += ["/static/css/socius.css", COMPANIES.url("selection")]
    for address in addresses:
        for method in ("GET", "POST"):
            assert asked(client, address, method, headers=headers).status_code < 500, (address, headers)


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", f"{FORM}; charset=utf-16", "nonsense", ""]
)
def test_another_kind_of_body_breaks_nothing_and_stores_nothing(sign_in, workspace, kind):
    response = asked(
        sign_in(workspace), COMPANIES.url("create"), "POST", b'{"name": "\xff"}', content_type=kind
    )
    assert response.status_code in (200, 400) and not Company.objects.exists()


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_body_in_pieces_that_do_not_fit_breaks_nothing(sign_in, workspace, kind):
    body = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\0'
    response = sign_in(workspace).post(COMPANIES.url("create"), body, content_type=kind)
    assert response.status_code in (200, 400) and not Company.objects.exists()


def test_too_much_is_refused_with_a_sentence(sign_in, workspace):
    client, many_items = sign_in(workspace), {f"field{number}": "x" for number in range(1001)}
    response = client.post(COMPANIES.url("create"), {"name": "x" * 3_000_000})
    large = client.post(COMPANIES.url("create"), "name=" + "x" * 3_000_000, content_type=FORM)
    assert is_refused(large, 413) and "than the server accepts" in large.content.decode()
    assert response.status_code in (200, 413)
    for answer in (
        client.post(COMPANIES.url("create"), many_items),
        client.get(COMPANIES.url("list"), many_items),
    ):
        assert is_refused(answer) and "more fields than the server accepts" in answer.content.decode()
    assert not Company.objects.exists()


@pytest.mark.parametrize("length", [5_000, 200_000])
def test_a_huge_address_breaks_nothing(sign_in, workspace, length):
    client = sign_in(workspace)
    for address in (COMPANIES.url("list") + "?q=", COMPANIES.url("list") + "?sort=", "/", "/static/"):
        assert client.get(address + "x" * length).status_code in (200, 404)


def test_every_kind_of_answer_carries_the_headers(sign_in, workspace, settings):
    client, company = sign_in(workspace), factories.company()
    style = "/static/css/socius.css"
    fresh = {"if-modified-since": asked(client, style)["Last-Modified"]}
    answers = {
        "page": client.get(COMPANIES.url("list")),
        "part of a page": client.get(
            COMPANIES.url("list"), headers={"hx-request": "true", "hx-target": "table"}
        ),
        "JSON": client.get(COMPANIES.url("options")),
        "download": client.get(COMPANIES.url("list") + "?export=csv"),
        "redirect": client.get("/"),
        "redirect for a slash": client.get("/accounts/login"),
        "saved": client.post(COMPANIES.url("create"), {"name": "Acme"}),
        "conflict": client.post(COMPANIES.url("update", company.pk), {"name": "Acme"}),
        "not allowed": client.get("/theme/"),
        "not found": client.get("/nothing/"),
        "not found inside": client.get(COMPANIES.url("detail", 999)),
        "forbidden": client.get(reverse("crm:settings")),
        "head": client.head(COMPANIES.url("list")),
        "options": client.options(COMPANIES.url("list")),
        "static": asked(client, style),
        "static, not changed": asked(client, style, headers=fresh),
        "static, not found": client.get("/static/nothing.css"),
        "static, a part": asked(client, style, headers={"range": "bytes=0-9"}),
        "static, out of range": asked(client, style, headers={"range": "bytes=99999999-"}),
        "static, posted": asked(client, style, "POST"),
        "of no host": client.get("/", headers={"host": "evil.example"}),
        "health": client.get("/livez"),
        "sign-in": Client().get("/accounts/login/"),
        "without a token": Client(enforce_csrf_checks=True).post("/accounts/login/"),
    }
    assert {name for name, answer in answers.items() if not is_guarded(answer)} == set()
    assert answers["static, not changed"].status_code == 304
    assert {answer.status_code for answer in answers.values()} >= {
        200,
        206,
        302,
        304,
        400,
        403,
        404,
        405,
        409,
    }


def test_behind_a_proxy_every_answer_insists_on_https(client, db):
    with override_settings(
        SECURE_HSTS_SECONDS=1, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")
    ):
        secure = Client(headers={"x-forwarded-proto": "https"})
        for address in ("/accounts/login/", "/nothing/", "/?q=%00", "/static/css/socius.css", "/livez"):
            assert "Strict-Transport-Security" in asked(secure, address).headers, address


@pytest.mark.parametrize("address", ["/w/acme/crm/companies/", "/", "/nothing/", "/livez"])
def test_a_database_that_is_gone_takes_no_header_with_it(sign_in, workspace, monkeypatch, address):
    client = sign_in(workspace)
    client.raise_request_exception = False

    def gone(store):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(SessionStore, "load", gone)
    response = client.get(address)
    assert is_guarded(response) and response.status_code in (200, 404, 503)


def test_no_page_of_somebody_signed_in_is_kept(sign_in, workspace):
    assert sign_in(workspace).get(COMPANIES.url("list"))["Cache-Control"] == "private, no-store"
