"""What runs in a page: every page of the portal, asked for by its administrator, has no script inside but for a known few."""

import io
from html.parser import HTMLParser
from pathlib import Path

import pytest
from ckan.tests import factories
from werkzeug.datastructures import FileStorage

from ckanext.edomex.shield.views.door import CHANGES_BY_GET
from ckanext.edomex.shield.views.headers import INLINE, POLICY

#: Types of script that are data: no browser runs them, and no policy asks about them.
DATA = {"application/ld+json", "application/json", "text/template"}
#: Links that lead nowhere: blocked or not, the same happens.
NOWHERE = {"javascript:;", "javascript:void(0);", "javascript:void(0)"}
SECURITY = Path(__file__).parents[5] / "docs" / "security.md"


class Inside(HTMLParser):
    """Collects what a policy without `unsafe-inline` refuses to run."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "script" and "src" not in given and (given.get("type") or "") not in DATA:
            self.found.append("<script>")
        for name, value in attrs:
            if name.startswith(("on", "hx-on")):
                self.found.append(name)
            if name in {"href", "src", "action"} and (value or "").startswith("javascript:") and value not in NOWHERE:
                self.found.append(value)


@pytest.fixture
def everything(act, editor, agency, sysadmin):
    """Something of each kind that pages are about, and values for the arguments of their addresses."""
    dataset = act(editor, "package_create", title="x", owner_org=agency["id"], notes="x")
    file = FileStorage(io.BytesIO(b"a,b\n1,2\n"), filename="x.csv")
    resource = act(editor, "resource_create", package_id=dataset["id"], upload=file, format="CSV", name="x")
    views = [
        act(editor, "resource_view_create", resource_id=resource["id"], title="x", view_type=kind)
        for kind in ("text_view", "datatables_view")
    ]
    release = act(editor, "edomex_release_submit", dataset_id=dataset["id"])
    theme = factories.Group()
    return {
        "package": {"id": dataset["id"], "dataset_id": dataset["id"], "package_id": dataset["id"], "resource_id": resource["id"]},
        "views": [view["id"] for view in views],
        "release_id": release["id"],
        "group": theme["name"],
        "organization": agency["name"],
        "user": sysadmin["name"],
    }


def addresses(app, have):
    """Every page that can be asked for: (endpoint, address)."""
    kinds = {"group": have["group"], "organization": have["organization"], "user": have["user"], "activity": have["package"]["id"]}
    with app.flask_app.test_request_context():
        adapter = app.flask_app.url_map.bind("test.ckan.net")
        for rule in app.flask_app.url_map.iter_rules():
            if "GET" not in rule.methods or rule.endpoint.split(".")[0] in {"api", "static", "webassets", "util"}:
                continue
            values = {**have["package"], "release_id": have["release_id"], "package_type": "dataset"}
            values["id"] = kinds.get(rule.endpoint.split(".")[0], have["package"]["id"])
            for view in have["views"] if "view_id" in rule.arguments else [None]:
                values["view_id"] = view
                wanted = rule.arguments - (rule.defaults or {}).keys()
                if wanted <= values.keys():
                    address = adapter.build(rule.endpoint, {name: values[name] for name in wanted} | (rule.defaults or {}))
                    # Another rule may have taken the address.
                    served = adapter.match(address, method="GET")[0]
                    if served not in CHANGES_BY_GET:
                        yield served, address


def test_no_page_has_a_script_inside_but_for_those_listed(app, everything):
    token = factories.APIToken(user=everything["user"])["token"]
    # Some stock pages fail for what they are not meant for: a page like any other.
    app.flask_app.config["PROPAGATE_EXCEPTIONS"] = False
    found, pages = {}, 0
    for endpoint, address in addresses(app, everything):
        answer = app.get(address, headers={"Authorization": token}, status=None, follow_redirects=False)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        pages += 1
        parser = Inside()
        parser.feed(answer.body)
        listed = endpoint in INLINE
        assert (answer.headers.get("Content-Security-Policy") == POLICY) is not listed
        assert (answer.headers.get("Content-Security-Policy-Report-Only") == POLICY) is listed
        if parser.found:
            found.setdefault(endpoint, set()).update(parser.found)
    assert pages > 40
    assert set(found) == set(INLINE), found


def test_the_list_is_in_the_documents():
    text = SECURITY.read_text(encoding="utf-8")
    for endpoint in INLINE:
        assert f"`{endpoint}`" in text


def test_the_policy_lets_nothing_in_from_elsewhere():
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["script-src"] == "'self'"
    assert rules["default-src"] == "'self'"
    assert rules["object-src"] == "'none'"
    assert "http" not in POLICY
