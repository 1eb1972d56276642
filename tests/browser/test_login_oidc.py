"""A login by OpenID Connect from end to end, with a provider of our own on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kubmap.domain import Role
from tests.browser import conftest
from tests.browser.conftest import Served, expect, serving
from tests.browser.oidc import Provider, provider, secrets
from tests.browser.test_login import corner, users_of
from tests.web_items import ITEMS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def found() -> Iterator[Provider]:
    with provider(conftest._free_port()) as made:
        yield made


@pytest.fixture(scope="module")
def desk(tmp_path_factory, found) -> Iterator[Served]:
    home, port = tmp_path_factory.mktemp("oidc"), conftest._free_port()
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "secrets.toml").write_text(secrets(f"http://127.0.0.1:{port}", found), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBMAP_OIDC_EDITORS", "anna@kuban.example")
        patch.setattr(conftest, "_free_port", lambda: port)
        with serving(home, ITEMS) as served:
            yield served


@pytest.fixture
def page(new_reader, desk):
    page = new_reader().tab(desk.address, 1280, 720)
    page.set_default_timeout(20_000)
    return page


def come(page, desk) -> None:
    page.goto(f"{desk.address}/account")
    page.get_by_role("button", name="Войти через учётную запись редакции").click()


def cookies(page) -> set[str]:
    return {each["name"] for each in page.context.cookies()}


def test_a_listed_editor_comes_by_the_provider_gets_our_session_and_leaves_both(page, desk):
    come(page, desk)
    corner(page, "anna@kuban.example")
    page.wait_for_timeout(1500)
    assert "kubmap_session" in cookies(page)
    account = users_of(desk.home).get("anna@kuban.example")
    assert (account.role, account.has_password) == (Role.EDITOR, False)
    page.reload()
    corner(page, "anna@kuban.example")
    assert "token=" not in page.url
    page.locator(".kubmap-account a").click()
    page.get_by_role("button", name="Выйти", exact=True).click()
    corner(page, None)
    assert not {each for each in cookies(page) if each in {"kubmap_session", "_streamlit_user"}}


def test_logged_out_everywhere_the_browser_must_ask_the_provider_again(page, desk):
    come(page, desk)
    corner(page, "anna@kuban.example")
    page.wait_for_timeout(1500)
    users_of(desk.home).logout_everywhere("anna@kuban.example", by="test")
    page.wait_for_timeout(1200)
    page.goto(f"{desk.address}/account")
    page.get_by_role("button", name="Войти заново").wait_for()
    corner(page, None)
    page.wait_for_timeout(1000)  # an ID token says its time in whole seconds
    page.get_by_role("button", name="Войти заново").click()
    corner(page, "anna@kuban.example")


@pytest.mark.parametrize(("email", "verified"), [("nobody@kuban.example", True), ("anna@kuban.example", False)])
def test_whom_nobody_listed_stays_a_reader(page, desk, found, monkeypatch, email, verified):
    monkeypatch.setattr(found, "email", email)
    monkeypatch.setattr(found, "verified", verified)
    come(page, desk)
    page.wait_for_url(f"{desk.address}/")
    corner(page, None)
    page.goto(f"{desk.address}/account")
    expect(page.get_by_text("нет среди редакторов")).to_be_visible(timeout=20_000)
    assert "kubmap_session" not in cookies(page)
