"""What people type into fields: understood, or answered with a sentence. No database."""

import pytest
from django.core.exceptions import ValidationError

from crm.fields import EmailDomainField, LinkedInField, PhoneField, WebsiteField
from crm.inputs import LARGEST, TagNames, WholeNumber, written
from crm.models import Tag

NARROW = " "


def refusal(field, text, *more):
    with pytest.raises(ValidationError) as refused:
        field.clean(text, *more)
    return " ".join(refused.value.messages)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12000", 12000),
        ("$12,000", 12000),
        ("12 000", 12000),
        (f"12{NARROW}000", 12000),
        ("12\xa0000 €", 12000),
        ("1_000", 1000),
        ("12,000", 12000),
        ("1.234.567", 1234567),
        ("12'000", 12000),
        ("1,20,000", 120000),
        ("12,000.00", 12000),
        ("12.000,00", 12000),
        ("12.0", 12),
        ("USD 12000", 12000),
        ("12000 EUR", 12000),
        ("US$12", 12),
        ("+5", 5),
        ("0", 0),
        ("007", 7),
        (str(LARGEST), LARGEST),
        ("", None),
        ("   ", None),
    ],
)
def test_a_value_is_understood(text, number):
    assert WholeNumber(required=False).clean(text) == number


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("12.50", "Did you mean 12 or 13?"),
        ("12,5", "Did you mean 12 or 13?"),
        ("1,234.56", "Did you mean 1,234 or 1,235?"),
        (".5", "Did you mean 0 or 1?"),
        ("12.000", "Did you mean 12 or 12,000?"),
        ("-5", "not negative"),
        ("−5", "not negative"),
        ("(5)", "not negative"),
        ("$-1,000", "not negative"),
        (str(LARGEST + 1), f"at most {LARGEST:,}"),
        ("9" * 400, f"at most {LARGEST:,}"),
        ("much", "such as 12,000"),
        ("12k", "such as 12,000"),
        ("1/2", "such as 12,000"),
        ("1 2", "such as 12,000"),
        ("12,000,00", "such as 12,000"),
        ("½", "such as 12,000"),
        ("1e5", "such as 12,000"),
        ("0x10", "such as 12,000"),
        ("12,,000", "such as 12,000"),
    ],
)
def test_a_value_that_is_none_is_asked_about(text, answer):
    assert answer in refusal(WholeNumber(required=False), text)


def test_a_percentage_may_carry_its_sign_and_ends_at_100():
    field = WholeNumber(largest=100, example="70", required=False)
    assert [field.clean(text) for text in ("70 %", "70%", "0", "100")] == [70, 70, 0, 100]
    assert refusal(field, "101") == "Enter at most 100."
    assert "70 or 71" in refusal(field, "70.5")


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("@Example.com", "example.com"),
        ("example.com", "example.com"),
        ("ada@example.com", "example.com"),
        ("Ada <ada@example.com>", "example.com"),
        ("https://www.example.com/about?x=1", "example.com"),
        ("http://example.com:8080", "example.com"),
        ("example.com/about", "example.com"),
        ("mail.example.co.uk.", "mail.example.co.uk"),
        ("müller.de", "müller.de"),
    ],
)
def test_an_email_domain_is_taken_from_what_is_typed(text, domain):
    assert EmailDomainField().clean(text, None) == domain


@pytest.mark.parametrize(
    "text",
    ["example", "@", "ex ample.com", "http://[", "-a.com", "a..com", "0.0/0", "10.0.0.1", "x" * 300 + ".com"],
)
def test_what_is_no_domain_is_refused(text):
    assert refusal(EmailDomainField(), text, None)


def test_a_free_mail_domain_is_refused_with_the_reason():
    assert "free mail service" in refusal(EmailDomainField(), "ada@GMail.com", None)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("example.com", "https://example.com"),
        ("HTTP://Example.com/A", "http://Example.com/A"),
        ("//example.com", "https://example.com"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("münchen.de", "https://münchen.de"),
    ],
)
def test_a_website_is_stored_with_its_scheme(text, address):
    assert WebsiteField().clean(text, None) == address


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)//",
        "data:text/html,x",
        "ftp://example.com",
        "mailto:a@b.de",
        "a b",
        "http://",
    ]
    + ["https://" + "x" * 600 + ".com", "http://[::1", "vbscript:x"],
)
def test_a_website_is_never_anything_but_http(text):
    assert refusal(WebsiteField(), text, None)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("acme", "https://www.linkedin.com/company/acme"),
        ("@acme", "https://www.linkedin.com/company/acme"),
        ("in/ada-l", "https://www.linkedin.com/in/ada-l"),
        ("/company/acme/", "https://www.linkedin.com/company/acme"),
        ("linkedin.com/company/acme", "https://linkedin.com/company/acme"),
        ("https://de.linkedin.com/company/acme", "https://de.linkedin.com/company/acme"),
    ],
)
def test_linkedin_takes_an_address_or_a_handle(text, address):
    assert LinkedInField().clean(text, None) == address


@pytest.mark.parametrize(
    "text", ["example.com/company/acme", "linkedin.com.evil.com/x", "https://notlinkedin.com/x"]
)
def test_another_site_is_not_linkedin(text):
    assert "LinkedIn" in refusal(LinkedInField(), text, None)


@pytest.mark.parametrize(
    "text", ["+1 555 010 0199", "(555) 010-0199 ext 12", "(+49) 30/123 456", "030–123", "tel:+15550100199"]
)
def test_phone_numbers_are_taken_as_people_write_them(text):
    assert PhoneField().clean(text, None) == text.removeprefix("tel:")


@pytest.mark.parametrize("text", ["12", "call me", "+1 555 FLOWERS", "1" * 21, "555+1"])
def test_what_is_no_phone_number_is_refused(text):
    assert "phone number" in refusal(PhoneField(), text, None)


def test_a_phone_number_is_dialed_without_its_ornaments():
    assert PhoneField().href("(555) 010-0199 ext 12") == "tel:5550100199;ext=12"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("big deal", ["big deal"]),
        ("vip, north ,,  ", ["vip", "north"]),
        ('"big, very", vip', ["big, very", "vip"]),
        ('"say ""hi""", x', ['say "hi"', "x"]),
        ("VIP, vip", ["VIP"]),
        ('6" pipe', ['6" pipe']),
        ("a\nb\r\nc", ["a", "b", "c"]),
        ("东京，大阪、京都；奈良; vip", ["东京", "大阪", "京都", "奈良", "vip"]),
        ('"大阪、京都"，"a; b"', ["大阪、京都", "a; b"]),
        ('"never closed, vip', ['"never closed', "vip"]),
        ('"big" deal, vip', ['"big" deal', "vip"]),
        ('""', []),
    ],
)
def test_tags_are_read_with_separators_between_them(text, names):
    assert TagNames(Tag, required=False).clean(text) == names


def test_tags_are_written_as_they_are_read():
    names = ["vip", "big, very", 'say "hi"', "north south", "大阪、京都", "a; b", "ｘ；ｙ，ｚ"]
    assert TagNames(Tag).clean(written(names)) == names


def test_too_long_and_too_many_tags_are_refused():
    assert "at most 60 characters" in refusal(TagNames(Tag), "x" * 61)
    assert "at most 50 tags" in refusal(TagNames(Tag), ",".join(f"t{n}" for n in range(51)))
    for text in "x" * 200_000, "x," * 100_000, '"' * 131_073, '"a' * 100_000, " " * 200_000 + "x" * 61:
        assert "at most 60 characters" in refusal(TagNames(Tag), text)
