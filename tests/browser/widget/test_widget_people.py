"""Who visits: the form before the chat, files, users of the website, websites that may not, and pages without a chat."""

import hashlib
import hmac

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.widget.conftest import Opens
from tests.conftest import World
from tests.web.widget.site import Site, open_site

pytestmark = pytest.mark.browser

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


async def test_the_form_comes_before_the_chat_and_fills_the_contact(shop_world: World, http: httpx.AsyncClient, visits: Opens) -> None:
    site = await open_site(shop_world, http, pre_chat="name*, email*, phone")
    guest = await visits(site)
    await guest.open()
    await guest.launcher.click()
    start = guest.page.get_by_role("button", name="Start chat")
    await guest.page.get_by_label("Name").fill("Ada Lovelace")
    await guest.page.get_by_label("E-mail").fill("nobody")
    await start.click()
    await expect(guest.page.get_by_text("Write an address such as name@example.com.")).to_be_visible()
    await expect(guest.page.get_by_label("E-mail")).to_be_focused()
    await guest.page.get_by_label("E-mail").fill("ada@example.com")
    await start.click()
    await guest.says("Hello")
    await guest.confirmed()
    await site.settle()
    assert await site.rows("SELECT first_name, last_name, email, phone, language FROM contact") == [
        ("Ada", "Lovelace", "ada@example.com", None, "en")
    ]
    await guest.page.reload()
    await expect(guest.log.get_by_text("Hello", exact=True)).to_be_visible()
    await expect(start).to_have_count(0)


async def test_files_are_sent_by_picker_paste_and_drop(site: Site, visits: Opens) -> None:
    guest = await visits(site)
    await guest.open()
    await guest.launcher.click()
    async with guest.page.expect_file_chooser() as chooser:
        await guest.page.get_by_role("button", name="Attach a file").click()
    await (await chooser.value).set_files({"name": "picked.png", "mimeType": "image/png", "buffer": PNG})
    await expect(guest.log.get_by_role("link", name="picked.png")).to_be_visible()
    give = "(e, kind) => { const t = new DataTransfer(); t.items.add(new File(['%PDF-1.7'], kind + '.pdf', { type: 'application/pdf' }));"
    paste = " e.dispatchEvent(new ClipboardEvent('paste', { clipboardData: t, bubbles: true, cancelable: true })) }"
    drop = (
        " for (const n of ['dragover', 'drop']) e.dispatchEvent(new DragEvent(n, { dataTransfer: t, bubbles: true, cancelable: true })) }"
    )
    await guest.field.evaluate(give + paste, "pasted")
    await expect(guest.log.get_by_role("link", name="pasted.pdf")).to_be_visible()
    await guest.dialog.evaluate(give + drop, "dropped")
    await expect(guest.log.get_by_role("link", name="dropped.pdf")).to_be_visible()
    await guest.confirmed()
    await site.settle()
    assert sorted(await site.rows("SELECT kind, file_name, mime FROM attachment")) == [
        ("file", "dropped.pdf", "application/pdf"),
        ("file", "pasted.pdf", "application/pdf"),
        ("image", "picked.png", "image/png"),
    ]
    await guest.page.reload()
    picture = guest.log.locator("img")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("e => e.decode().then(() => e.naturalWidth)") == 1


async def test_a_file_that_is_too_large_is_refused_before_it_is_sent(site: Site, visits: Opens) -> None:
    guest = await visits(site)
    await guest.open()
    await guest.launcher.click()
    huge = "e => { const t = new DataTransfer(); t.items.add(new File([new Uint8Array(25000001)], 'film.mp4'));"
    await guest.field.evaluate(
        huge + " e.dispatchEvent(new ClipboardEvent('paste', { clipboardData: t, bubbles: true, cancelable: true })) }"
    )
    await expect(guest.page.get_by_text("film.mp4 is larger than 25 MB.")).to_be_visible()


def hash_of(site: Site, user_id: str) -> str:
    return hmac.new(site.key.encode(), user_id.encode(), hashlib.sha256).hexdigest()


async def test_a_signed_in_user_finds_the_conversation_on_another_device(site: Site, visits: Opens) -> None:
    phone, laptop = await visits(site), await visits(site)
    who = {"user": "42", "hash": hash_of(site, "42")}
    await phone.open(**who)
    await phone.launcher.click()
    await phone.says("From the phone")
    await phone.confirmed()
    await site.settle()
    await laptop.open(**who)
    await laptop.launcher.click()
    await expect(laptop.log.get_by_text("From the phone")).to_be_visible()
    assert await site.rows("SELECT first_name FROM contact") == [("Ada",)]


async def test_what_was_said_before_signing_in_comes_along_and_goes_when_signing_out(site: Site, visits: Opens) -> None:
    guest = await visits(site)
    await guest.open()
    await guest.launcher.click()
    await guest.says("Before signing in")
    await guest.confirmed()
    await site.settle()
    identity = {"user_id": "42", "hash": hash_of(site, "42")}
    async with guest.page.expect_response("**/session"):
        await guest.page.evaluate("who => ismessenger.identify(who)", identity)
    await guest.says("After signing in")
    await guest.confirmed()
    await expect(guest.log.get_by_text("Before signing in")).to_be_visible()
    await site.settle()
    assert await site.rows("SELECT identifier FROM contact_channel") == [("user:42",)]
    await guest.page.evaluate("ismessenger.forget()")
    await guest.launcher.click()
    await expect(guest.log.get_by_text("Before signing in")).to_have_count(0)
    assert "user:42" not in await guest.page.evaluate("JSON.stringify(localStorage)")


async def test_the_next_person_at_the_computer_does_not_see_the_last_ones_conversation(site: Site, visits: Opens) -> None:
    guest = await visits(site)
    await guest.open(user="42", hash=hash_of(site, "42"))
    await guest.launcher.click()
    await guest.says("Private words")
    await guest.confirmed()
    await site.settle()
    await guest.open()
    await expect(guest.dialog).to_be_visible()
    await expect(guest.log.get_by_text("Private words")).to_have_count(0)
    await guest.open(user="43", hash=hash_of(site, "43"))
    await expect(guest.log.get_by_text("Private words")).to_have_count(0)


async def test_a_wrong_hash_does_not_disturb_the_page(site: Site, visits: Opens) -> None:
    guest = await visits(site)
    async with guest.page.expect_response("**/session") as answer:
        await guest.open(user="42", hash="0" * 64)
    assert (await answer.value).status == 401
    await guest.launcher.click()
    await expect(guest.page.get_by_text("Please sign in to chat.")).to_be_visible()
    guest.expect("401")  # Chromium notes every one


async def test_where_identity_is_required_the_button_waits_for_it(shop_world: World, http: httpx.AsyncClient, visits: Opens) -> None:
    site = await open_site(shop_world, http, require_identity="true")
    guest = await visits(site)
    async with guest.page.expect_response("**/config"):
        await guest.open()
    await expect(guest.page.locator("#ismessenger")).to_be_attached()
    await expect(guest.launcher).to_be_hidden()
    await guest.page.evaluate("who => ismessenger.identify(who)", {"user_id": "42", "hash": hash_of(site, "42")})
    await expect(guest.launcher).to_be_visible()


async def test_a_website_that_is_not_allowed_shows_no_chat(shop_world: World, http: httpx.AsyncClient, visits: Opens) -> None:
    site = await open_site(shop_world, http, allowed_domains="shop.example")
    guest = await visits(site)
    async with guest.page.expect_console_message(lambda message: "cannot be shown on this page" in message.text):
        await guest.open()
    await expect(guest.page.locator("#ismessenger")).to_have_count(0)
    await expect(guest.page.get_by_role("heading", name="A shop")).to_be_visible()
    guest.expect("CORS", "ERR_FAILED")  # Chromium notes every answer that a page may not read


async def test_an_expired_token_is_replaced_without_a_word(site: Site, visits: Opens) -> None:
    guest = await visits(site)
    await guest.open()
    await guest.launcher.click()
    await guest.says("Hello")
    await guest.confirmed()
    key = f"ismessenger.{site.route}"
    spoil = "key => localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), token: 'expired.token' }))"
    await guest.page.evaluate(spoil, key)
    await guest.page.reload()
    await guest.says("Hello again")
    await guest.confirmed()
    guest.expect("401")  # Chromium notes every one
