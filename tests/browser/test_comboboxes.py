"""Comboboxes by keyboard, by pasted, dictated and composed text, by mouse and by touch."""

import re

import pytest
from playwright.sync_api import expect

from crm.models import Company, Tag
from crm.tests import factories
from crm.viewsets import COMPANIES, OPPORTUNITIES, PEOPLE
from recurring.tests import factories as recurring
from recurring.viewsets import PROFILES
from tests.browser.test_pages import faults

TAGGED = [COMPANIES, OPPORTUNITIES]
FOCUSED = "document.activeElement.getAttribute('role') === 'combobox' && document.activeElement.id"


@pytest.fixture
def suggested_tags(workspace):
    """Tags that the combobox could select automatically."""
    return [factories.tag(name=name) for name in ("Alpha", "Beta", "Gamma", "Delta")]


def tag_box(page):
    return page.get_by_role("combobox", name="Tags")


def tokens(page):
    return page.locator(".field-tags .tokens li").all_inner_texts()


def read_chosen_names(page):
    """Return the selected names in the combobox, without their buttons."""
    return [text.removesuffix("×").strip() for text in tokens(page)]


def tags_of(record):
    return sorted(tag.name for tag in record.tags.all())


def compose(page, text):
    """Type as an input method does: the composition is replaced until it is committed."""
    session = page.context.new_cdp_session(page)
    for end in range(1, len(text) + 1):
        session.send(
            "Input.imeSetComposition", {"text": text[:end], "selectionStart": end, "selectionEnd": end}
        )
    session.send("Input.insertText", {"text": text})


def paste(page, text):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def open_form(page, viewset, **fields):
    page.goto(viewset.url("create"))
    for name, text in fields.items():
        page.locator(f"main [name={name}]").fill(text)


@pytest.mark.parametrize("viewset", TAGGED, ids=lambda viewset: viewset.route)
def test_tab_leaves_the_tag_box_and_adds_nothing(page, sign_in_as, suggested_tags, viewset):
    sign_in_as(page)
    open_form(page, viewset, name="Roofers")
    tag_box(page).focus()
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) != "id_tags_box"
    tag_box(page).focus()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED) != "id_tags_box"
    tag_box(page).focus()
    for _ in range(4):
        page.keyboard.press("Tab")
    assert read_chosen_names(page) == []
    tag_box(page).focus()
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/new/" not in url)
    assert tags_of(viewset.model.objects.get()) == []


def test_what_was_typed_and_no_more_is_added_as_the_box_is_left(page, sign_in_as, suggested_tags):
    sign_in_as(page)
    open_form(page, COMPANIES, name="Roofers")
    tag_box(page).focus()
    page.keyboard.type("Al")
    expect(page.get_by_role("option", name="Alpha")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".combo-list:visible")).to_have_count(0)
    assert read_chosen_names(page) == ["Al"]
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/new/" not in url)
    assert tags_of(Company.objects.get()) == ["Al"]


@pytest.mark.parametrize("how", ["Control+Enter", "Enter in another field", "click"])
def test_text_that_is_still_in_the_box_is_saved(page, sign_in_as, suggested_tags, how):
    sign_in_as(page)
    open_form(page, COMPANIES, name="Roofers")
    tag_box(page).focus()
    page.keyboard.type('vip, "big, very", half typed')
    assert read_chosen_names(page) == ["vip", "big, very"]
    if how == "click":
        page.get_by_role("button", name="Save", exact=True).click()
    elif how == "Control+Enter":
        page.keyboard.press(how)
    else:
        page.locator("main [name=name]").press("Enter")
    page.wait_for_url(lambda url: "/new/" not in url)
    assert tags_of(Company.objects.get()) == ["big, very", "half typed", "vip"]


def test_curly_quotation_marks_hold_a_tag_together(page, sign_in_as, suggested_tags):
    sign_in_as(page)
    open_form(page, COMPANIES, name="Roofers")
    tag_box(page).focus()
    page.keyboard.insert_text("“Key account”, „big, very“, “half")
    assert read_chosen_names(page) == ["Key account", "big, very"]
    page.keyboard.insert_text(", typed”")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/new/" not in url)
    assert tags_of(Company.objects.get()) == ["Key account", "big, very", "half, typed"]


def test_tags_by_the_keys_of_a_combobox(page, sign_in_as, suggested_tags):
    sign_in_as(page)
    open_form(page, COMPANIES, name="Roofers")
    box = tag_box(page)
    box.focus()
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Alpha")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("option", name="Gamma")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    assert read_chosen_names(page) == ["Gamma"]
    page.keyboard.type("alpha")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("alpha")
    page.keyboard.press("Enter")
    assert read_chosen_names(page) == ["Gamma", "alpha"]
    page.keyboard.press("Backspace")
    assert read_chosen_names(page) == ["Gamma"]
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="Remove Gamma")).to_be_focused()
    page.keyboard.press("Delete")
    assert read_chosen_names(page) == []
    expect(box).to_be_focused()
    expect(page).to_have_url(re.compile(COMPANIES.url("create")))


@pytest.mark.parametrize("by", ["paste", "insertion", "drop", "composition"])
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("vip, north;south", ["vip", "north", "south"]),
        ("東京，大阪、京都；奈良", ["東京", "大阪", "京都", "奈良"]),
        ("one\ntwo\r\nthree", ["one", "two", "three"]),
        ('"a, b", c', ["a, b", "c"]),
    ],
)
def test_text_without_key_presses_is_split(page, sign_in_as, by, text, names):
    sign_in_as(page)
    open_form(page, COMPANIES, name="Roofers")
    tag_box(page).focus()
    if by == "paste":
        paste(page, text)
    elif by == "insertion":
        page.keyboard.insert_text(text)
    elif by == "drop":
        page.evaluate(
            """text => {
                const dataTransfer = new DataTransfer()
                dataTransfer.setData("text/plain", text)
                const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true })
                const box = document.activeElement
                // A browser inserts by itself what no script has taken.
                if (box.dispatchEvent(event)) document.execCommand("insertText", false, text)
            }""",
            text,
        )
    else:
        for line in re.split(r"[\r\n]+", text):
            compose(page, line)
            page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert read_chosen_names(page) == names


def test_keys_belong_to_the_input_method_while_it_composes(page, sign_in_as, suggested_tags):
    factories.company(name="東京電力")
    sign_in_as(page)
    open_form(page, OPPORTUNITIES, name="Roof")
    session = page.context.new_cdp_session(page)
    for name in "Tags", "Company", "Contact":
        box = page.get_by_role("combobox", name=name)
        box.focus()
        session.send("Input.imeSetComposition", {"text": "とう", "selectionStart": 2, "selectionEnd": 2})
        for key, code in ("Enter", 13), ("ArrowDown", 40), ("Tab", 229), ("Escape", 27):
            event = {"key": key, "code": key, "windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": code}
            session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **event})
            session.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
        expect(box).to_have_value("とう")
        session.send("Input.insertText", {"text": "東京"})
        expect(box).to_have_value("東京")
        assert read_chosen_names(page) == (
            ["東京"] if name != "Tags" else []
        )  # what was typed, as the box was left
    expect(page).to_have_url(re.compile(OPPORTUNITIES.url("create")))


def test_a_tag_that_is_too_long_is_refused_with_a_sentence_and_stays_typed(page, sign_in_as):
    sign_in_as(page)
    open_form(page, COMPANIES, name="Roofers")
    box, long = tag_box(page), "x" * 61
    box.fill(long)
    page.keyboard.press("Enter")
    expect(box).to_have_value(long)
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_have_accessible_description(re.compile("is too long. Tags can have at most 60 characters"))
    page.keyboard.press("Control+Enter")
    expect(page.locator(".field-tags .errorlist").filter(has_text="at most 60")).not_to_have_count(0)
    expect(box).to_have_value(long)
    assert not Company.objects.exists()
    box.fill("y" * 60)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/new/" not in url)
    assert tags_of(Company.objects.get()) == ["y" * 60]


@pytest.mark.parametrize("size", [(1280, 800), (390, 844), (1280, 420)], ids=str)
@pytest.mark.parametrize("viewset", [*TAGGED, PEOPLE, PROFILES], ids=lambda viewset: viewset.route)
def test_an_open_list_never_covers_what_saves(new_tab, sign_in_as, viewset, size):
    for number in range(30):
        factories.tag(name=f"Tag {number:02}")
    page = new_tab(viewport={"width": size[0], "height": size[1]}, has_touch=size[0] < 400)
    sign_in_as(page)
    recurring.one_of_each(factories.company())
    open_form(page, viewset)
    for box in page.get_by_role("combobox").all():
        if not box.is_visible() or box.evaluate("box => box.tagName") == "SELECT":
            continue
        box.focus()
        page.keyboard.press("ArrowDown")
        popup = page.locator(f"#{box.get_attribute('aria-controls')}")
        popup.wait_for(state="visible", timeout=3_000) if popup.count() and box.get_attribute(
            "data-combo"
        ) is None else page.wait_for_timeout(300)
        covered = page.evaluate(
            """() => [...document.querySelectorAll(".form-foot button, .form-foot a")].filter((button) => {
                const { left, top, width, height } = button.getBoundingClientRect()
                const found = document.elementFromPoint(left + width / 2, top + height / 2)
                return found?.closest(".combo-list")
            }).length"""
        )
        assert covered == 0, box.get_attribute("id")
        page.keyboard.press("Escape")


def test_with_the_mouse_the_list_closes_as_one_goes_on_to_save(page, sign_in_as, suggested_tags):
    sign_in_as(page)
    open_form(page, COMPANIES, name="Roofers")
    tag_box(page).click()
    page.get_by_role("option", name="Beta").click()
    expect(tag_box(page)).to_be_focused()
    page.keyboard.type("new one")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(lambda url: "/new/" not in url)
    assert tags_of(Company.objects.get()) == ["Beta", "new one"]


def test_tags_by_finger(phone, sign_in_as, suggested_tags):
    sign_in_as(phone)
    company = factories.company(name="Roofers")
    company.tags.set([Tag.objects.get(name="Alpha")])
    phone.goto(COMPANIES.url("update", company.pk))
    tag_box(phone).tap()
    phone.get_by_role("option", name="Beta").tap()
    phone.get_by_role("button", name="Remove Alpha").tap()
    compose(phone, "vip,")
    assert read_chosen_names(phone) == ["Beta", "vip"]
    phone.get_by_role("button", name="Save", exact=True).tap()
    phone.wait_for_url(lambda url: "/edit/" not in url)
    assert tags_of(company) == ["Beta", "vip"]


def test_nobody_is_warned_who_only_went_through_the_boxes(page, sign_in_as, suggested_tags):
    sign_in_as(page)
    company = factories.company(name="Roofers", country="DE")
    company.tags.set(suggested_tags[:2])
    page.goto(COMPANIES.url("update", company.pk))
    page.locator("main [name=name]").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
    warned = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    page.goto(COMPANIES.url("list"))
    assert warned == []


@pytest.mark.parametrize("viewset", [COMPANIES, OPPORTUNITIES], ids=lambda viewset: viewset.route)
def test_open_boxes_are_accessible(page, sign_in_as, suggested_tags, viewset):
    sign_in_as(page)
    open_form(page, viewset)
    box = tag_box(page)
    box.focus()
    page.keyboard.type("vip,al")
    expect(page.get_by_role("option", name="Alpha")).to_be_visible()
    wrong = faults(page)
    assert not wrong, wrong


def test_without_scripts_tags_are_split_too(plain, sign_in_as):
    sign_in_as(plain)
    open_form(plain, COMPANIES, name="Roofers", tags="vip；north、south，east;west")
    plain.locator("main [name=country]").select_option("DE")
    plain.get_by_role("button", name="Save", exact=True).click()
    company = Company.objects.get()
    assert tags_of(company) == ["east", "north", "south", "vip", "west"]
    assert company.country == "DE"
