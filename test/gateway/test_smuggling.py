"""Authorised requests and requests at the backend are the same ones (harness/smuggling.py); `make soak` plays longer, with seeds of its own."""
import pytest
import smuggling


@pytest.mark.parametrize("seed", [1, 2])
def test_what_reaches_the_backend_was_authorised(make_scene, seed):
    reached, cases = smuggling.play(make_scene(), seed, 300)
    assert reached > cases / 10, "the oracle says nothing when nothing passes"
