"""Charts: series are distinguishable without color, and hidden series stay hidden."""

import datetime

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from crm.picklists.forms import least_used_color
from crm.tests import factories as crm
from crm.viewsets import OPPORTUNITIES
from recurring.models import RevenueCategory
from recurring.tests import factories

STACKED, LINES = 'canvas[data-chart*="#by-category"]', 'canvas[data-chart*="#over-time"]'
# Fill and line of each series in a completed month, as rendered on a canvas.
LOOKS = """selector => {
    const chart = Chart.getChart(document.querySelector(selector))
    return chart.data.datasets.map((set) => {
        const tile = document.createElement("canvas"), pen = tile.getContext("2d")
        tile.width = tile.height = 16
        if (chart.config.type === "bar") {
            pen.fillStyle = set.backgroundColor[0]
            pen.fillRect(0, 0, 16, 16)
            return tile.toDataURL()
        }
        return [set.borderColor, set.borderDash, set.pointStyle].join()
    })
}"""
SHOWN = """selector => {
    const chart = Chart.getChart(document.querySelector(selector))
    return chart.data.datasets.filter((_, place) => chart.isDatasetVisible(place)).map((set) => set.label)
}"""
SUMS = """selector => {
    const chart = Chart.getChart(document.querySelector(selector))
    const sets = chart.data.datasets.filter((_, place) => chart.isDatasetVisible(place))
    const sumUp = (index) => sets.reduce((sum, set) => sum + set.data[index], 0)
    return chart.data.labels.map((_, index) => Math.round(sumUp(index)))
}"""


@pytest.fixture
def categories(workspace):
    """Fourteen categories with payments in each, in their default colors."""
    start = workspace.today().replace(day=1) - datetime.timedelta(days=400)
    company = crm.company(name="Globex")
    for number in range(14):
        name = f"Category {number:02}"
        factories.category(name, color=least_used_color(RevenueCategory))
        factories.profile(100 + number, category_name=name, company=company, start=start)
    return list(RevenueCategory.objects.filter(name__startswith="Category"))


def graphs(page, query="", selector=STACKED):
    page.goto(reverse("recurring:graphs") + query)
    page.wait_for_load_state("networkidle")
    expect(page.locator(selector)).to_be_visible()
    page.wait_for_function("selector => Chart.getChart(document.querySelector(selector))", arg=selector)


def press_in_legend(page, selector, place):
    """Click a series' name in the legend of a chart."""
    canvas = page.locator(selector)
    canvas.scroll_into_view_if_needed()
    position = page.evaluate(
        """([selector, place]) => {
            const { legend } = Chart.getChart(document.querySelector(selector))
            const { left, top, width, height } = legend.legendHitBoxes[place]
            return { x: left + width / 2, y: top + height / 2 }
        }""",
        [selector, place],
    )
    shown_text = page.evaluate(SHOWN, selector)
    canvas.click(position=position)
    changed = f"([selector, shown]) => ({SHOWN})(selector).join() !== shown"
    page.wait_for_function(changed, arg=[selector, ",".join(shown_text)])  # by the next frame


def test_colors_are_used_equally_often(categories):
    used = [category.color for category in RevenueCategory.objects.all()]
    counts = {color: used.count(color) for color in used}
    assert max(counts.values()) - min(counts.values()) <= 1, counts


@pytest.mark.parametrize("forced", ["none", "active"])
@pytest.mark.parametrize(("query", "selector"), [("", STACKED), ("?lines=1", LINES)])
def test_series_of_one_color_are_told_apart(new_tab, sign_in_as, categories, query, selector, forced):
    page = new_tab(forced_colors=forced)
    sign_in_as(page)
    graphs(page, query, selector)
    looks = page.evaluate(LOOKS, selector)
    assert len(looks) >= 14
    distinct = len(set(looks))
    if forced == "active":  # forced colors have eleven textures without a color
        assert distinct >= 10, distinct
    else:
        assert distinct == len(looks), distinct


def test_forced_colors_set_in_while_the_page_is_open(page, sign_in_as, categories):
    sign_in_as(page)
    graphs(page)
    state_before = page.evaluate(LOOKS, STACKED)
    page.emulate_media(forced_colors="active")
    changed = f"([selector, before]) => ({LOOKS})(selector)[0] !== before"
    page.wait_for_function(changed, arg=[STACKED, state_before[0]])


def test_a_series_that_was_hidden_stays_hidden(page, sign_in_as, categories):
    sign_in_as(page)
    graphs(page)
    first, *other_items = page.evaluate(SHOWN, STACKED)
    press_in_legend(page, STACKED, 0)
    assert page.evaluate(SHOWN, STACKED) == other_items
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(SHOWN, STACKED) == other_items
    page.emulate_media(media="print")
    assert page.evaluate(SHOWN, STACKED) == other_items
    page.emulate_media(media="screen", color_scheme="light")
    page.locator(".user summary").click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert page.evaluate(SHOWN, STACKED) == other_items
    page.keyboard.press("Escape")
    press_in_legend(page, STACKED, 0)
    assert page.evaluate(SHOWN, STACKED) == [first, *other_items]


def test_a_series_is_hidden_and_shown_by_the_keyboard(page, sign_in_as, categories):
    sign_in_as(page)
    graphs(page)
    first, *other_items = page.evaluate(SHOWN, STACKED)
    button = page.locator(".chart:has(" + STACKED + ") + .chart-series").get_by_role("button").first
    for _ in range(300):
        if button.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(button).to_be_focused()
    expect(button).to_have_text(first)
    expect(button).to_have_attribute("aria-pressed", "true")
    assert button.bounding_box()["width"] > 24, "it shows while it has focus"
    page.keyboard.press("Space")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert page.evaluate(SHOWN, STACKED) == other_items
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(SHOWN, STACKED) == other_items
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(SHOWN, STACKED) == [first, *other_items]


def test_shares_make_up_a_hundred_of_what_is_shown(page, sign_in_as, categories):
    sign_in_as(page)
    graphs(page, "?share=1")
    assert set(page.evaluate(SUMS, STACKED)) == {100}
    press_in_legend(page, STACKED, 0)
    press_in_legend(page, STACKED, 1)
    assert len(page.evaluate(SHOWN, STACKED)) == len(categories) - 2
    assert set(page.evaluate(SUMS, STACKED)) == {100}
    page.emulate_media(color_scheme="dark")
    assert set(page.evaluate(SUMS, STACKED)) == {100}


def paint(page, selector):
    """Return the text, background and bottom border colors of an element."""
    return page.locator(selector).first.evaluate(
        """one => {
            const { color, backgroundColor, borderBottomColor, borderBottomWidth } = getComputedStyle(one)
            return [color, backgroundColor, borderBottomColor, borderBottomWidth].join(" ")
        }"""
    )


def test_what_is_chosen_is_seen_with_forced_colors(new_tab, sign_in_as):
    page = new_tab(forced_colors="active")
    sign_in_as(page, "admin and sales staff")
    crm.opportunity(name="Roof", company=crm.company())
    page.goto(reverse("crm:dashboard"))
    assert paint(page, ".tabs a[aria-current]") != paint(page, ".tabs a:not([aria-current])")
    assert paint(page, ".periods [aria-current]") != paint(page, ".periods .btn:not([aria-current])")
    page.goto(OPPORTUNITIES.url("list"))
    closed = paint(page, ".plus")
    color, ground = closed.split(") ")[:2]
    assert color != ground
    page.locator(".plus").click()
    expect(page.locator(".plus[aria-expanded=true]")).to_be_visible()
    assert paint(page, ".plus") != closed
    search = page.locator(".act-update").first.evaluate(
        "one => getComputedStyle(one, '::before').backgroundColor"
    )
    assert search != page.locator("body").evaluate("one => getComputedStyle(one).backgroundColor")
