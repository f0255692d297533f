"""What every page has to have, whatever is on it."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe

#: What every page has to have; each answers with what is wrong.
CHECKS = {
    "inputs without a label": """() => [...document.querySelectorAll('input:not([type=hidden]),select,textarea')]
        .filter(e => !(e.labels && e.labels.length) && !e.ariaLabel && !e.getAttribute('aria-labelledby'))
        .map(e => e.outerHTML)""",
    "h1 other than one": "() => { const n = document.querySelectorAll('h1').length; return n === 1 ? [] : [n] }",
    "a language that is not Spanish": "() => ['es'].includes(document.documentElement.lang) ? [] : ['lang']",
    "buttons and links without a name": """() => [...document.querySelectorAll('a[href],button')]
        .filter(e => !e.textContent.trim() && !e.ariaLabel && !e.querySelector('img[alt]:not([alt=""])'))
        .map(e => e.outerHTML)""",
    "ids used twice": """() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
        return ids.filter((id, at) => ids.indexOf(id) !== at) }""",
}


#: The innermost of what reaches beyond the window.
TOO_WIDE = """width => [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > width + 1)
    .filter(e => ![...e.children].some(c => c.getBoundingClientRect().right > width + 1))
    .map(e => e.outerHTML.slice(0, 200)).slice(0, 5)"""


def looks_right(page, name=""):
    """Fail on what the checks find, and on sideways scroll at 390 and 320 px."""
    page.wait_for_load_state("load")
    for what, script in CHECKS.items():
        assert page.evaluate(script) == [], f"{name}: {what}"
    size = page.viewport_size
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            raise AssertionError(f"{name}: scrolls sideways at {width} px: {page.evaluate(TOO_WIDE, width)}")
    page.set_viewport_size(size)


def nothing_for_axe(page, name):
    """Fail on what axe finds: WCAG 2.2 AA and good practice."""
    page.wait_for_load_state("load")
    found = Axe().run(page)
    rules = {rule["id"]: [node["html"][:120] for node in rule["nodes"]][:3] for rule in found.response["violations"]}
    assert rules == {}, name
