"""Files of members and of messages."""

import pytest

from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.web.uploads import MAX_BYTES
from tests.web.site import STREAMS, Shop, new_browser

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64
JSON = {"Accept": "application/json"}


async def upload(shop: Shop, name: str, content: bytes, claimed: str = "image/png") -> dict[str, object]:
    browser = await shop.browser(shop.world.agent)
    answer = await browser.post("/uploads", files={"file": (name, content, claimed)}, headers=JSON)
    assert answer.status_code == 201, answer.text
    told: dict[str, object] = answer.json()
    return told


async def send(shop: Shop, contact_id: int, text: str, *file_ids: object) -> str:
    browser = await shop.browser(shop.world.agent)
    fields = {"text": text, "client_id": "c1", "files[]": [str(file_id) for file_id in file_ids]}
    answer = await browser.post(f"/contacts/{contact_id}/messages", data=fields, headers=STREAMS)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_file_is_uploaded_sent_with_its_words_and_seen_in_the_thread(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    told = await upload(shop, "lamp.png", PNG)
    assert told == {"id": told["id"], "name": "lamp.png", "mime": "image/png", "size": len(PNG), "url": f"/uploads/{told['id']}/file"}
    html = await send(shop, contact_id, "As you asked", told["id"])
    assert await shop.rows("SELECT kind, words FROM message WHERE traffic = 'outgoing' ORDER BY id") == [("attachment", "As you asked")]
    attachment_id = await shop.value("SELECT id FROM attachment")
    assert f'src="/attachments/{attachment_id}/lamp.png"' in html
    browser = await shop.browser(shop.world.owner)
    seen = await browser.get(f"/attachments/{attachment_id}/lamp.png")
    assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, PNG, "image/png")


async def test_several_files_are_several_messages_and_the_first_carries_the_words(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    one, two = await upload(shop, "a.png", PNG), await upload(shop, "b.txt", b"plain words", "text/plain")
    await send(shop, contact_id, "Both", one["id"], two["id"])
    rows = await shop.rows("SELECT m.words, a.file_name, a.kind FROM message m JOIN attachment a ON a.message_id = m.id ORDER BY m.id")
    assert rows == [("Both", "a.png", "image"), ("", "b.txt", "file")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'),
        ("x.html", b"<!doctype html><script>alert(1)</script>"),
        ("x.png", b"<!doctype html><script>alert(1)</script>"),
    ],
)
async def test_a_page_or_drawing_is_never_run_from_our_address(shop: Shop, name: str, content: bytes) -> None:
    told = await upload(shop, name, content)
    contact_id = await shop.wrote("ada")
    await send(shop, contact_id, "", told["id"])
    browser = await shop.browser(shop.world.agent)
    for path in (str(told["url"]), f"/attachments/{await shop.value('SELECT id FROM attachment')}/{name}"):
        answer = await browser.get(path)
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["content-type"].startswith(("text/plain", "application/octet-stream"))
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_file_is_seen_only_by_those_who_may_see_its_contact(shop: Shop, other_shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    told = await upload(shop, "lamp.png", PNG)
    await send(shop, contact_id, "", told["id"])
    path = f"/attachments/{await shop.value('SELECT id FROM attachment')}/lamp.png"
    assert (await (await shop.browser(shop.world.manager)).get(str(told["url"]))).status_code == 404
    assert (await (await other_shop.browser(other_shop.world.owner)).get(path)).status_code == 404
    await shop.assign(contact_id, shop.world.owner)
    await shop.restrict(shop.world.agent, ONLY_MINE)
    assert (await (await shop.browser(shop.world.agent)).get(path)).status_code == 404
    assert (await new_browser(shop.app).get(path, headers=JSON)).status_code == 401


async def test_nobody_sends_somebody_elses_upload(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    told = await upload(shop, "lamp.png", PNG)
    browser = await shop.browser(shop.world.owner)
    answer = await browser.post(f"/contacts/{contact_id}/messages", data={"text": "", "files[]": str(told["id"])}, headers=STREAMS)
    assert answer.status_code == 422


async def test_what_is_no_file_is_refused_in_words(shop: Shop) -> None:
    browser = await shop.browser(shop.world.agent)
    answers = [
        await browser.post("/uploads", data={"file": "words"}, headers=JSON),
        await browser.post("/uploads", files={"file": ("empty.png", b"", "image/png")}, headers=JSON),
        await browser.post("/uploads", content=b"--x\r\nbroken", headers={**JSON, "Content-Type": "multipart/form-data; boundary=x"}),
        await browser.post("/uploads", files={"file": ("big.bin", b"x" * (MAX_BYTES + 1), "x/y")}, headers=JSON),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 413]
    assert all(answer.json()["error"]["message"] for answer in answers)


async def test_the_name_of_a_file_cannot_leave_its_place(shop: Shop) -> None:
    told = await upload(shop, '../../etc/passwd"\x00<b>', PNG)
    assert "/" not in str(told["name"])
    assert "\x00" not in str(told["name"])
    contact_id = await shop.wrote("ada")
    assert "<b>" not in await send(shop, contact_id, "", told["id"])
