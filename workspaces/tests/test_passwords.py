"""Which passwords will do."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from workspaces.accounts.passwords.validators import common_passwords
from workspaces.models import User


def refusal(password, **who):
    try:
        validate_password(password, User(**who))
    except ValidationError as error:
        return " ".join(error.messages)


def test_thousands_that_are_long_enough_are_refused_as_common():
    assert len(common_passwords()) >= 3000
    assert min(map(len, common_passwords())) >= 10
    for password in ["password123", "1q2w3e4r5t", "QWERTYUIOP", " basketball ", "1234567890"]:
        assert "too common" in refusal(password)


@pytest.mark.parametrize("password", ["a few good words", "aaaa bbbb cc", "žluťoučký kůň", "🐴🔋📎✔ four!"])
def test_no_rule_says_of_what_it_is_made(password):
    assert refusal(password) is None


@pytest.mark.parametrize(
    ("length", "sentence"), [(9, "at least 10"), (10, None), (1024, None), (1025, "at most 1,024")]
)
def test_from_ten_characters_to_a_thousand(length, sentence):
    messages_said = refusal(("xk 7q" * 300)[:length])
    assert (messages_said is None) == (sentence is None)
    assert sentence is None or sentence in messages_said


def test_ones_own_address_is_none():
    assert "too similar" in refusal("zoe@bakery.example", email="zoe@bakery.example")


@pytest.mark.django_db
def test_at_the_sign_in_an_endless_one_is_refused_with_a_sentence(client):
    User.objects.create_user("zoe@bakery.example", "a few good words")
    response = client.post("/accounts/login/", {"login": "zoe@bakery.example", "password": "x" * 1025})
    assert "too long" in response.content.decode() and "zoe@bakery.example" in response.content.decode()
