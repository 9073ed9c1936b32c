"""The tests of this app read English sentences."""

import html

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def visit(client):
    """Opens or sends a page as a person; gives the response with its text unescaped."""

    def open_it(person, url, data=None, **more):
        client.force_login(person)
        response = client.get(url, **more) if data is None else client.post(url, data, **more)
        response.text_plain = html.unescape(response.content.decode())
        return response

    return open_it
