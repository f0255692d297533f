"""What a person sees when CKAN itself fails."""

from __future__ import annotations

import os

import pytest
import requests

pytestmark = pytest.mark.stack


def test_an_unforeseen_error_is_told_in_spanish_and_tells_nothing():
    # A stock page that does not think of visitors who may not see it; any other would do.
    answer = requests.get(f"{os.environ['EDOMEX_URL']}/api/util/user/autocomplete?q=x", timeout=30)
    assert answer.status_code == 500
    assert "El portal tuvo un problema" in answer.text
    assert "Internal" not in answer.text
    assert "Traceback" not in answer.text
