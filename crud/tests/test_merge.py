"""The three-way merge: nothing typed is lost, nothing saved is taken back, only overlaps are shown."""

from hypothesis import given
from hypothesis import strategies as st

from crud.forms.merge import LONGEST_VALUE, comparable, is_equal, merge, merge_members

TEXTS = st.fixed_dictionaries(dict.fromkeys("abcd", st.sampled_from(["", "1", "2", "3"])))
TAGS = st.lists(st.sampled_from(["VIP", "vip", "north", "south", "a, b"]), max_size=4)


@given(TEXTS, TEXTS, TEXTS)
def test_each_field_ends_as_its_only_author_left_it(base, mine, theirs):
    outcome = merge(base, mine, theirs)
    for name, start in base.items():
        if mine[name] == theirs[name]:
            assert name not in outcome.taken + outcome.overlaps
        elif start == mine[name]:
            assert name in outcome.taken
        elif start == theirs[name]:
            assert name not in outcome.taken + outcome.overlaps
        else:
            assert name in outcome.overlaps


@given(TEXTS, TEXTS)
def test_without_starting_values_each_difference_is_asked_about(mine, theirs):
    outcome = merge({}, mine, theirs)
    assert {*outcome.overlaps} == {name for name in theirs if mine[name] != theirs[name]}
    assert not outcome.taken


def test_a_field_that_was_not_sent_is_as_saved():
    outcome = merge({"city": "Austin"}, {}, {"city": "Berlin"})
    assert outcome.taken == ("city",) and not outcome.overlaps


@given(TAGS, TAGS, TAGS)
def test_tags_merge_member_by_member(base, mine, theirs):
    keys = [{tag.casefold() for tag in tags} for tags in (base, mine, theirs)]
    expected = (keys[2] | (keys[1] - keys[0])) - (keys[0] - keys[1])
    assert {tag.casefold() for tag in merge_members(base, mine, theirs)} == expected


@given(TAGS, TAGS, TAGS)
def test_tags_are_no_conflict(base, mine, theirs):
    assert not merge({"tags": base}, {"tags": mine}, {"tags": theirs}).overlaps


def test_letter_case_does_not_make_another_tag():
    assert is_equal(["VIP"], ["vip", "Vip"]) and not is_equal(["VIP"], [])


@given(st.text(st.characters(exclude_characters="\r")))
def test_a_long_text_is_compared_by_a_digest(text):
    assert len(comparable(text)) <= max(LONGEST_VALUE, 71)
    assert comparable(text.replace("\n", "\r\n")) == comparable(
        text.replace("\r\n", "\n").replace("\n", "\r\n")
    )


@given(st.text(min_size=65).filter(lambda text: len(text.strip()) > LONGEST_VALUE))
def test_two_long_texts_are_not_taken_for_one(text):
    assert comparable(text) != comparable(f"{text}.")
