"""xloader tells the portal where a table stands until it is heard."""

import pytest
from ckan.plugins import plugin_loaded
from ckanext.xloader import jobs

from ckanext.edomex.adapters import loader
from ckanext.edomex.tests.loopback import reply, web

__all__ = ["reply", "web"]
WORD = {"metadata": {"resource_id": "x"}, "status": "complete", "api_key": "k"}


@pytest.fixture(autouse=True)
def hurried(monkeypatch, _provisioned):
    monkeypatch.setattr(loader, "WAITS", (0.0, 0.0, 0.0))


def after(failures, web, reply):
    """A portal that fails so many times."""
    answers = iter([500] * failures)
    web.replies["/hook"] = lambda _path: reply(status=next(answers, 200))
    return f"{web.url}/hook"


@pytest.mark.parametrize(("failures", "heard", "asked"), [(0, True, 1), (2, True, 3), (9, False, 4)])
def test_until_it_is_heard(web, reply, failures, heard, asked):
    assert plugin_loaded("xloader")
    assert jobs.callback_xloader_hook(result_url=after(failures, web, reply), api_key="k", job_dict=dict(WORD)) is heard
    assert web.asked == ["/hook"] * asked


def test_a_portal_that_is_gone_is_not_heard_and_ends_nothing():
    assert jobs.callback_xloader_hook(result_url="http://127.0.0.1:9/hook", api_key="k", job_dict=dict(WORD)) is False


def test_it_is_mended_once():
    mended = jobs.callback_xloader_hook
    loader.keep_its_word()
    assert jobs.callback_xloader_hook is mended
