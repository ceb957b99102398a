"""The explorer under a reader's hands: pointer, keyboard, screen reader, themes, small screens, other languages."""

import json

import pytest
from browser import page_of, served

from convbook.explorer import explorer
from convbook.explorer.digit_network import COMMITTED
from convbook.explorer.scripts import FOLDER

pytestmark = pytest.mark.slow
HEAD = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
SOURCES = f"""<!doctype html><html lang="en"><head>{HEAD}<title>Sources</title>
<script type="module" src="conv-explorer.js"></script><script type="module" src="digit-network.js"></script></head>
<body><conv-explorer channels="3" filters="2"></conv-explorer>
<digit-network><script type="application/json">{COMMITTED.read_text()}</script></digit-network></body></html>"""
STARTS = {
    "plain": {},
    "deep": {"channels": 3, "filters": 4, "size": 5, "padding": "same"},
    "pooled": {"operation": "max-pooling", "image": "photograph", "size": 12},
    "backward": {"mode": "gradient", "size": 6, "gradients": "various"},
}


@pytest.fixture
def open_page(chromium, tmp_path):
    """`open_page(start, …)`: a page with one explorer, of a width, in a theme, with or without scripts."""
    stack = []

    def load(start, width=900, theme="light", language="en", **options):
        body = f"<main><h1>Explorer</h1>{start._repr_mimebundle_()['text/html']}<p id='after'>After</p></main>"
        colours = "background: #121212; color: #eee" if theme == "dark" else ""
        page = f'<!doctype html><html lang="{language}" data-theme="{theme}"><head>{HEAD}<title>Explorer</title></head>'
        (tmp_path / "index.html").write_text(f'{page}<body style="{colours}">{body}</body></html>', encoding="utf-8")
        server = served(tmp_path)
        stack.append(server)
        address = server.__enter__()
        context = page_of(chromium, viewport={"width": width, "height": 900}, **options)
        stack.append(context)
        page = context.__enter__()
        page.goto(address)
        return page

    yield load
    for context in reversed(stack):
        context.__exit__(None, None, None)


def says(page):
    """The sentence under the maps."""
    return page.locator(".ce-says").inner_text()


def cells(page, name):
    """The cells of the map whose label begins with `name`."""
    return page.get_by_role("grid", name=name).first.get_by_role("gridcell")


WINDOWS = [(width, theme) for width in (1200, 390) for theme in ("light", "dark")]


@pytest.mark.parametrize(
    ("start", "width", "theme"),
    [("plain", *window) for window in WINDOWS] + [("deep", 390, "light"), ("pooled", 390, "dark"), ("backward", 1200, "dark")],
)
def test_explorer_has_no_axe_finding(open_page, npm_package, start, theme, width):
    """No rule of axe finds anything, target sizes included, and nothing fails on the way."""
    page = open_page(explorer(**STARTS[start]), width, theme)
    page.locator("summary").click()
    page.add_script_tag(path=str(npm_package("axe-core", "4.14.1") / "axe.min.js"))
    found = page.evaluate("axe.run(document, {rules: {'target-size': {enabled: true}}})")
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    assert page.problems == []


@pytest.mark.parametrize("width", [1200, 700, 390, 320])
@pytest.mark.parametrize("start", STARTS)
def test_explorer_takes_the_place_that_was_kept_for_it(open_page, start, width):
    """The page does not move when the script begins, nor when the reader steps; and it never scrolls sideways."""
    place_of_next = "document.getElementById('after').getBoundingClientRect().y + scrollY"
    before = open_page(explorer(**STARTS[start]), width, java_script_enabled=False).evaluate(place_of_next)
    page = open_page(explorer(**STARTS[start]), width)
    page.wait_for_selector(".ce")
    assert abs(page.evaluate(place_of_next) - before) < 1
    for _ in range(3):
        page.get_by_role("button", name="Step").click()
    page.locator("select[name=padding]").evaluate("e => { e.value = 'full'; e.dispatchEvent(new Event('change')); }")
    assert abs(page.evaluate(place_of_next) - before) < 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_explorer_writes_out_the_sum(open_page):
    """By hand, in chapter 02: the window 3 2 1 1 and the kernel 1 2 0 -1 give 6."""
    image = [[1, 2, 0, 1], [0, 1, 3, 2], [2, 0, 1, 1], [1, 1, 0, 2]]
    page = open_page(explorer(image, [[1, 2], [0, -1]]))
    cells(page, "Output").nth(5).hover()
    assert says(page) == "y(1, 2) = 3 × 1 + 2 × 2 + 1 × 0 + 1 × (−1) = 6."
    cells(page, "Input").nth(0).hover()
    assert says(page) == "x(0, 0) = 1. Windows that hold it: 1. y(0, 0) takes it × 1."
    third = open_page(explorer([[1, 1, 0]], [[1 / 3, 1 / 3, 1 / 3]]))
    assert says(third) == "y(0, 0) = 1 × 0.3333 + 1 × 0.3333 + 0 × 0.3333 ≈ 0.6667."


def test_explorer_goes_backward(open_page):
    """dx, pixel by pixel, is the sum of what the outputs send back; dw the sum over all windows."""
    page = open_page(explorer([[1, 2, 3]], [[1, 10]], mode="gradient"))
    assert says(page) == "dy(0, 0) = 1 goes back to its window. dx(0, 0) gets 1 × 1. dx(0, 1) gets 1 × 10."
    cells(page, "dx").nth(1).hover()
    assert says(page) == "dx(0, 1) = 1 × 10 + 1 × 1 = 11."
    cells(page, "dw, filter 0").nth(1).hover()
    assert says(page) == "dw(0, 1) = 2 × 1 + 3 × 1 = 5."
    page.locator("select[name=gradients]").select_option("one")
    page.get_by_role("button", name="Step").click()
    assert cells(page, "dx").all_inner_texts() == ["0", "1", "10"]
    given = open_page(explorer([[1, 2, 3]], [[1, 10]], mode="gradient", gradients=[[2, -1]]))
    assert cells(given, "dx").all_inner_texts() == ["2", "19", "−10"]


def test_explorer_pools(open_page):
    """The largest and the mean of a window, and what a pixel that was not the largest gets back."""
    image = [[1, 5], [3, 3]]
    assert says(open_page(explorer(image, operation="max-pooling"))) == "y(0, 0) is the largest of 1, 5, 3, 3: 5."
    assert says(open_page(explorer(image, operation="average-pooling"))) == "y(0, 0) is the mean of 1, 5, 3, 3: 3."
    page = open_page(explorer(image, operation="max-pooling", mode="gradient"))
    assert cells(page, "dx").all_inner_texts() == ["0", "1", "0", "0"]


def test_explorer_window_follows_the_pointer(open_page):
    """Pressing on a pixel puts the window around it; dragging moves it."""
    page = open_page(explorer())
    pixels = cells(page, "Input")
    pixels.nth(9).hover()
    page.mouse.down()
    assert says(page).startswith("y(0, 0) =")
    pixels.nth(63).hover()
    page.mouse.up()
    assert says(page).startswith("y(5, 5) =")
    assert page.locator(".ce-x .ce-window").count() == 9


def test_explorer_answers_a_finger(open_page):
    """A tap on a pixel says which outputs it feeds, and the answer stays; a tap on an output shows its window."""
    page = open_page(explorer(), width=390, has_touch=True)
    cells(page, "Input").nth(9).tap()
    assert says(page).startswith("x(1, 1) = 0. Windows that hold it: 4.")
    cells(page, "Output").nth(1).tap()
    assert says(page).startswith("y(0, 1) =") and page.locator(".ce-x .ce-window").count() == 9


def test_explorer_works_by_keyboard_alone(open_page):
    """Tab reaches every part, arrows move inside a map, and the sentence says what has the focus."""
    page = open_page(explorer())
    reached = []
    for _ in range(22):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent.slice(0, 6)"))
        if reached[-1].startswith("(0, 0)") and len(reached) == 1:
            for key in ("ArrowDown", "ArrowRight", "ArrowRight", "End", "Home", "ArrowUp", "ArrowUp"):
                page.keyboard.press(key)
            assert page.evaluate("document.activeElement.ariaLabel").startswith("(0, 0)") and says(page).startswith("x(0, 0)")
            page.keyboard.press("Enter")
            assert says(page).startswith("y(0, 0) =")
    assert len([name for name in reached if name.startswith("(")]) == 3  # input, kernel, output
    assert {"Back", "Step", "Play", "Draw", "Settin"} <= set(reached)
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"


def test_explorer_kernel_is_edited_in_its_cells(open_page):
    """A number typed into a weight changes the kernel; text that is no number changes nothing."""
    page = open_page(explorer([[1, 2], [3, 4]], [[1, 0], [0, 0]]))
    weight = cells(page, "Filter 0").nth(3)
    for typed, shown, total in [("-2.5", "−2.5", "−9"), ("x", "−2.5", "−9"), ("0", "0", "1")]:
        weight.click()
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        assert weight.inner_text() == shown and cells(page, "Output").first.inner_text() == total
    assert page.locator("select[name=kernel]").input_value() == "own"


def test_explorer_image_is_drawn_and_typed(open_page):
    """Pointer and space bar draw; numbers can be typed; rows that are not equally long are refused in words."""
    page = open_page(explorer([[0, 0, 0]] * 3, "identity"))
    page.get_by_role("button", name="Draw").click()
    pixels = cells(page, "Input")
    pixels.nth(3).hover()
    page.mouse.down()
    pixels.nth(4).hover()
    page.mouse.up()
    assert pixels.all_inner_texts() == list("000110000") and cells(page, "Output").first.inner_text() == "1"
    pixels.nth(4).focus()
    page.keyboard.press("Space")
    assert pixels.all_inner_texts() == list("000100000")
    page.locator("textarea").fill("1 2 3\n4 5 6\n7 8 9")
    page.locator("textarea").blur()
    assert cells(page, "Output").first.inner_text() == "5"
    page.locator("textarea").fill("1 2 3\n4")
    page.locator("textarea").blur()
    assert "rows of numbers, all equally long" in page.locator(".ce-error").inner_text()
    page.locator("select[name=image]").select_option("edge")
    assert page.locator(".ce-error").count() == 0 and page.problems == []


def test_explorer_says_why_a_combination_is_invalid(open_page):
    """Where the output would stand, words say what must hold; a valid choice brings the output back."""
    page = open_page(explorer(size=3))
    page.locator("select[name=kernel-size]").select_option("5")
    wanted = "No window fits: the kernel spans 5 × 5 pixels, and the padded image has 3 × 3."
    assert page.locator(".ce-error").inner_text() == wanted == says(page)
    page.locator("select[name=operation]").select_option("max-pooling")
    page.locator("select[name=padding]").select_option("2")
    assert cells(page, "Output").count() == 9
    page.locator("select[name=kernel-size]").select_option("2")
    assert page.locator(".ce-error").inner_text().startswith("Padding must be narrower than the window")


def test_explorer_plays_calmly(open_page):
    """Play steps until Pause, quietly for a screen reader; it is slower where less motion is asked for."""
    page = open_page(explorer())
    page.clock.install()
    page.reload()
    page.get_by_role("button", name="Play").click()
    assert page.locator(".ce-says").get_attribute("aria-live") == "off"
    page.clock.run_for(1500)
    assert says(page).startswith("y(0, 2) =")
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(1500)
    assert says(page).startswith("y(0, 2) =") and page.locator(".ce-says").get_attribute("aria-live") == "polite"
    calm = open_page(explorer(), reduced_motion="reduce")
    calm.clock.install()
    calm.reload()
    calm.get_by_role("button", name="Play").click()
    calm.clock.run_for(1500)
    assert says(calm).startswith("y(0, 0) =")


def test_explorer_works_from_its_sources(chromium):
    """The modules work as they are written, without being joined and shortened."""
    with served(FOLDER) as address, page_of(chromium) as page:
        page.route("**/index.html", lambda route: route.fulfill(body=SOURCES, content_type="text/html"))
        page.goto(f"{address}/index.html")
        cells(page, "Input").nth(20).click()
        page.get_by_role("button", name="Step").click()
        assert page.locator("conv-explorer .ce-says").inner_text().startswith("y(1, 4, 0) =")
        assert page.locator("digit-network canvas").count() == 80
        heights = page.locator(".ce-says").evaluate_all("all => all.map(says => says.offsetHeight)")
        assert heights == [87, 66]  # 5.8 and 4.4 lines of 15 pixels: neither element changes the other's rules
        assert page.problems == []


def test_explorer_speaks_other_languages(open_page):
    """Words come from the attribute `texts`, without a change of the script."""
    start = explorer()
    html = start._repr_mimebundle_()["text/html"]
    words = json.dumps({"step": "한 걸음", "sum": "{name} = {list} {equals} {total}"}).replace('"', "&quot;")
    start._repr_mimebundle_ = lambda: {"text/html": html.replace("<conv-explorer ", f'<conv-explorer texts="{words}" ')}
    page = open_page(start, language="ko")
    page.get_by_role("button", name="한 걸음").click()
    assert says(page).startswith("y(0, 1) =") and says(page).endswith("= 2.2")


def test_explorer_follows_the_theme(open_page):
    """Dark and light where the page says so, else as the reader's system is."""
    paper = "getComputedStyle(document.querySelector('.ce')).backgroundColor"
    light, dark = (open_page(explorer(), theme=theme).evaluate(paper) for theme in ("light", "dark"))
    assert light == "rgb(255, 255, 255)" != dark
    page = open_page(explorer(), theme="auto", color_scheme="dark")
    assert page.evaluate(paper) == dark
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")  # JupyterLab's light theme on a dark system
    assert page.evaluate(paper) == light
