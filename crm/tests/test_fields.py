"""What people type into fields: understood, or answered with a sentence. No database."""

import pytest
from django.core.exceptions import ValidationError

from crm.forms.fields import LARGEST, TagNamesField, WholeNumberField
from crm.models import Tag
from crm.models.fields import (
    ContactEmailField,
    EmailDomainField,
    LinkedInField,
    PhoneField,
    WebsiteField,
    lowercase_domain,
)
from crm.parsing.contact_details import is_free_mail
from crud.parsing.name_lists import join_names

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
    assert WholeNumberField(required=False).clean(text) == number


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("12.50", "Did you mean 12 or 13?"),
        ("12,5", "Did you mean 12 or 13?"),
        ("1,234.56", "Did you mean 1,234 or 1,235?"),
        (".5", "Did you mean 0 or 1?"),
        ("12.000", "Did you mean 12 or 12,000?"),
        ("-5", "Enter 0 or more"),
        ("−5", "Enter 0 or more"),
        ("(5)", "Enter 0 or more"),
        ("$-1,000", "Enter 0 or more"),
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
    assert answer in refusal(WholeNumberField(required=False), text)


def test_a_percentage_may_carry_its_sign_and_ends_at_100():
    field = WholeNumberField(largest=100, example="70", is_percentage=True, required=False)
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


def test_a_domain_is_compared_by_idna_2008():
    field = EmailDomainField()
    assert field.clean("straße.de", None) == field.clean("xn--strae-oqa.de", None) == "straße.de"
    assert field.clean("STRASSE.de", None) == "strasse.de"
    assert field.clean("ada@MÜLLER。de", None) == field.clean("xn--mller-kva.de", None) == "müller.de"
    assert "Enter a domain" in refusal(field, "i❤.ws", None)


@pytest.mark.parametrize("domain", "gmail.com yahoo.co.uk hotmail.es gmx.net live.nl outlook.com".split())
def test_a_free_mail_domain_is_known_and_not_refused(domain):
    assert EmailDomainField().clean(f"ada@{domain.upper()}", None) == domain
    assert is_free_mail(domain)


def test_a_companys_own_domain_is_no_free_mail():
    domains = ["example.com", "mygmail.com", "livestrong.com", "live.example.com", ""]
    assert not any(map(is_free_mail, domains))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ada@example.com", "ada@example.com"),
        ("Ada Lovelace <Ada@Example.com>", "Ada@Example.com"),
        ('"Lovelace, Ada" <ada@example.com>;', "ada@example.com"),
        ("mailto:ada@example.com?subject=Hi", "ada@example.com"),
        ("MAILTO:ada%2Bcrm@example.com", "ada+crm@example.com"),
        ("<ada@example.com>", "ada@example.com"),
        ("ada@example.com,", "ada@example.com"),
        ("ada＠example．com", "ada@example.com"),
        ("\N{ZERO WIDTH SPACE}ada@exam\N{SOFT HYPHEN}ple.com", "ada@example.com"),
        ("jörg@müller.de", "jörg@müller.de"),
        ("用户@例子.公司", "用户@例子.公司"),
        ("ada@straße.de", "ada@straße.de"),
        ('"ab"@example.com', '"ab"@example.com'),
        ("ada@xn--strae-oqa.de", "ada@straße.de"),
        ("ada@localhost", "ada@localhost"),
        ("", ""),
    ],
)
def test_an_email_address_is_taken_from_what_is_typed(text, address):
    assert ContactEmailField(blank=True).clean(text, None) == address


NO_EMAIL = "ada|ada@|@example.com|a b@example.com|a@b@c.com|Ada <ada>|a@i❤.ws|ö..ö@example.com"


@pytest.mark.parametrize("text", NO_EMAIL.split("|"))
def test_what_is_no_email_address_is_refused(text):
    assert "valid email address" in refusal(ContactEmailField(), text, None)


def test_addresses_are_compared_letter_for_letter():
    assert lowercase_domain("Ada@STRASSE.de") == "ada@strasse.de" != lowercase_domain("ada@straße.de")


PASSWORDS = (
    "https://user:secret@example.com http://user@example.com/ user:1secret@example.com "
    "ada@example.com https://user:secret＠example.com"
)


@pytest.mark.parametrize("text", PASSWORDS.split())
def test_a_password_in_a_website_is_refused_with_the_reason(text):
    assert "user name and password" in refusal(WebsiteField(), text, None)
    assert WebsiteField().clean("example.com/@ada?to=ada@example.com", None)


@pytest.mark.parametrize("text", ["https://user:secret@www.linkedin.com/company/acme", "a:1@linkedin.com"])
def test_a_password_in_a_linkedin_address_is_refused_too(text):
    assert "user name and password" in refusal(LinkedInField(), text, None)


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


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("(555) 010-0199 ext 12", "tel:5550100199;ext=12"),
        ("+49 (0) 89 1234-56", "tel:+4989123456"),
        ("+49(0)89/123456", "tel:+4989123456"),
        ("0049 (0) 89 1234", "tel:0049891234"),
        ("+39 (0) 6 1234 567", "tel:+39061234567"),
        ("(0) 89 1234", "tel:0891234"),
        ("089 1234", "tel:0891234"),
        ("+1 555 010 0199 extension 12", "tel:+15550100199;ext=12"),
        ("+1 555 010 0199 ext. 12", "tel:+15550100199;ext=12"),
        ("+1 555 010 0199 Ext:12", "tel:+15550100199;ext=12"),
        ("+1 555 010 0199x12", "tel:+15550100199;ext=12"),
        ("+1 555 010 0199 #12", "tel:+15550100199;ext=12"),
        ("Tel. +1 555 010 0199", "tel:+15550100199"),
        ("+1 555 010 0199#12", "tel:+15550100199;ext=12"),
        ("+1 555 010 0199,12", "tel:+15550100199;ext=12"),
        ("+1 555 010 0199, ext. 12", "tel:+15550100199;ext=12"),
        ("+1 555 010 0199,,12", "tel:+15550100199;ext=12"),
        ("tel:+1-555-010-0199;ext=12", "tel:+15550100199;ext=12"),
        (
            "\N{LEFT-TO-RIGHT EMBEDDING}＋1 555\N{NON-BREAKING HYPHEN}010\xa00199",
            "tel:+15550100199",
        ),
        ("٠٨٩ ١٢٣٤", "tel:0891234"),
    ],
)
def test_a_phone_number_is_dialed_without_its_ornaments(text, uri):
    stored = PhoneField().clean(text, None)
    assert PhoneField().get_url(stored) == uri
    assert PhoneField().clean(stored, None) == stored


def test_a_phone_number_stored_before_is_dialed_the_same_way():
    assert PhoneField().get_url("call me") == "tel:"
    assert PhoneField().get_url("+49 (0) 89–12") == "tel:+498912"


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
        ("“Key account”, VIP", ["Key account", "VIP"]),
        ("VIP, „big, very“;»a; b«, ”x“", ["VIP", "big, very", "a; b", "x"]),
        ("« big deal », ＂a，b＂", ["big deal", "a，b"]),
        ("“never closed, vip", ["“never closed", "vip"]),
        ("“big” deal, vip", ["“big” deal", "vip"]),
        ("“”, vip", ["vip"]),
    ],
)
def test_tags_are_read_with_separators_between_them(text, names):
    assert TagNamesField(Tag, required=False).clean(text) == names


def test_tags_are_written_as_they_are_read():
    names = [
        "vip",
        "big, very",
        'say "hi"',
        "north south",
        "大阪、京都",
        "a; b",
        "ｘ；ｙ，ｚ",
        "“VIP”",
        "«x»",
    ]
    assert TagNamesField(Tag).clean(join_names(names)) == names


def test_too_long_and_too_many_tags_are_refused():
    assert "at most 60 characters" in refusal(TagNamesField(Tag), "x" * 61)
    assert "at most 50 tags" in refusal(TagNamesField(Tag), ",".join(f"t{n}" for n in range(51)))
    for text in (
        "x" * 200_000,
        "x," * 100_000,
        '"' * 131_073,
        '"a' * 100_000,
        "“" * 131_073,
        "“a," * 60_000,
        " " * 200_000 + "x" * 61,
    ):
        assert "at most 60 characters" in refusal(TagNamesField(Tag), text)


AT_NO_DOMAIN = [
    "ada@[127.0.0.1]",
    "ada@[IPv6:2001:db8::1]",
    "ada@[::1]",
    "ada@127.0.0.11",
    "ada@１２７.0.0.11",
]


@pytest.mark.parametrize("text", AT_NO_DOMAIN)
def test_an_email_address_is_at_a_domain(text):
    with pytest.raises(ValidationError, match="Enter a valid email address"):
        ContactEmailField().clean(text, None)
