"""Cycles are looked for seldom only while something asks for it."""

from __future__ import annotations

import gc

import pytest

from ckanext.edomex.adapters.collector import SELDOM, seldom


class TestSeldom:
    def test_what_was_usual_comes_back(self):
        usual = gc.get_threshold()
        with seldom():
            assert gc.get_threshold() == (SELDOM, *usual[1:])
        assert gc.get_threshold() == usual

    def test_the_last_one_to_leave_puts_it_back(self):
        usual, first, second = gc.get_threshold(), seldom(), seldom()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert gc.get_threshold()[0] == SELDOM
        second.__exit__(None, None, None)
        assert gc.get_threshold() == usual

    def test_an_error_puts_it_back_as_well(self):
        usual = gc.get_threshold()
        with pytest.raises(ValueError, match="mal"), seldom():
            raise ValueError("mal")
        assert gc.get_threshold() == usual
