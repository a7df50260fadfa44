from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from ismessenger.files.links import file_path, file_url, read_token
from ismessenger.files.serve import file_endpoint
from ismessenger.files.store import FileStore, open_store
from ismessenger.kit import clock
from ismessenger.kit.crypto import SignatureBroken, Vault
from ismessenger.settings import Settings
from ismessenger.web import errors
from ismessenger.web.middleware import stack
from tests.files.conftest import s3_store

vault = Vault(["a-key-of-the-tests"])
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8000
DAY = timedelta(days=1)


def _client(store: FileStore) -> httpx.AsyncClient:
    app = Starlette(
        routes=[Route("/files/{token}/{name}", file_endpoint(store, vault))],
        middleware=stack(Settings(_env_file=None), vault),
        exception_handlers=errors.handlers(),
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")


@pytest.fixture
async def client(store: FileStore) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(store) as client:
        yield client


def _link(key: str, name: str = "file", *, life: timedelta = DAY) -> str:
    return file_path(vault, 7, key, name, expires_at=clock.now() + life)


async def test_a_picture_is_shown_in_place(store: FileStore, client: httpx.AsyncClient) -> None:
    await store.put("w/7/picture", PNG)
    answer = await client.get(_link("w/7/picture", "holiday.png"))
    assert answer.status_code == 200
    assert answer.content == PNG
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["content-length"] == str(len(PNG))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cache-control"] == "private, max-age=3600"
    assert answer.headers["accept-ranges"] == "bytes"


ACTIVE = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "svg with a declaration": b'<?xml version="1.0"?>\n<!-- x -->\n<svg onload="alert(1)"/>',
    "html": b"<!DOCTYPE html><script>alert(1)</script>",
    "html behind a comment": b"<!-- picture --><html><script>alert(1)</script>",
    "html with spaces": b"\n\n \t<body onload=alert(1)>",
    "html in UTF-16": "\ufeff<html><script>alert(1)</script>".encode("utf-16-le"),
    "xml": b'<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
    "xslt far down": b'<?xml version="1.0"?>' + b"<!-- x -->" * 2000 + b"<svg/>",
}


@pytest.mark.parametrize("kind", ACTIVE)
@pytest.mark.parametrize("name", ["picture.png", "page.html", "image.svg", "x"])
async def test_what_could_run_is_only_ever_saved_as_text(store: FileStore, client: httpx.AsyncClient, kind: str, name: str) -> None:
    await store.put("w/7/active", ACTIVE[kind])
    answer = await client.get(_link("w/7/active", name))
    assert answer.content == ACTIVE[kind]
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("body", "mime"), [(b"%PDF-1.7", "application/pdf"), (b"words", "text/plain; charset=utf-8"), (b"\x00\x01", "application/octet-stream")]
)
async def test_other_files_are_saved(store: FileStore, client: httpx.AsyncClient, body: bytes, mime: str) -> None:
    await store.put("w/7/other", body)
    answer = await client.get(_link("w/7/other", "picture.png"))
    assert answer.headers["content-type"] == mime
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_picture_can_be_saved_too(store: FileStore, client: httpx.AsyncClient) -> None:
    await store.put("w/7/picture", PNG)
    assert (await client.get(_link("w/7/picture") + "?download")).headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "plain", "full"),
    [
        ("größe.pdf", "gr__e.pdf", "gr%C3%B6%C3%9Fe.pdf"),
        ('a"; filename="b.exe', "a___filename__b.exe", "a%22%3B%20filename%3D%22b.exe"),
        ("a\r\nSet-Cookie: x=1", "a__Set-Cookie__x_1", "a%0D%0ASet-Cookie%3A%20x%3D1"),
        ("../../etc/passwd", "_.._etc_passwd", "_.._etc_passwd"),
        ("..", "file", "file"),
        ("\ud800.png", "_.png", "%3F.png"),
        ("x" * 300 + ".png", "x" * 146 + ".png", "x" * 146 + ".png"),
    ],
)
async def test_a_name_cannot_forge_headers_or_paths(client: httpx.AsyncClient, store: FileStore, name: str, plain: str, full: str) -> None:
    await store.put("w/7/named", b"%PDF-")
    answer = await client.get(_link("w/7/named", name))
    assert answer.headers["content-disposition"] == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, None),
        ("bytes=100-199", 100, 199),
        ("bytes=1048570-1048590", 1048570, 1048590),
        ("bytes=2000000-", 2000000, None),
        ("bytes=-5", -5, None),
        ("bytes=5-999999999", 5, None),
    ],
)
async def test_a_player_can_seek(client: httpx.AsyncClient, store: FileStore, asked: str, first: int, last: int | None) -> None:
    await store.put("w/7/film", PNG)
    wanted = PNG[first:] if last is None else PNG[first : last + 1]
    answer = await client.get(_link("w/7/film"), headers={"Range": asked})
    assert answer.content == wanted
    assert answer.headers["content-length"] == str(len(wanted))
    if len(wanted) < len(PNG):
        start = len(PNG) + first if first < 0 else first
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(PNG)}"
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=5-4", "bytes=-0"])
async def test_beyond_the_end_there_is_nothing(client: httpx.AsyncClient, store: FileStore, asked: str) -> None:
    await store.put("w/7/film", PNG)
    answer = await client.get(_link("w/7/film"), headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(PNG)}")


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=" + "9" * 50 + "-", "", "bytes=\u0663-"])
async def test_a_range_that_is_none_gives_the_whole_file(client: httpx.AsyncClient, store: FileStore, asked: str) -> None:
    await store.put("w/7/film", PNG)
    answer = await client.get(_link("w/7/film"), headers=[(b"range", asked.encode())])
    assert (answer.status_code, len(answer.content)) == (200, len(PNG))


async def test_a_browser_that_has_the_file_does_not_get_it_again(client: httpx.AsyncClient, store: FileStore) -> None:
    await store.put("w/7/film", PNG)
    etag = (await client.get(_link("w/7/film"))).headers["etag"]
    same = await client.get(_link("w/7/film"), headers={"If-None-Match": f'"other", W/{etag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    assert (await client.get(_link("w/7/film"), headers={"If-None-Match": '"other"'})).status_code == 200
    part = {"Range": "bytes=0-1"}
    assert (await client.get(_link("w/7/film"), headers={**part, "If-Range": etag})).status_code == 206
    assert (await client.get(_link("w/7/film"), headers={**part, "If-Range": '"other"'})).status_code == 200


async def test_head_tells_without_sending(client: httpx.AsyncClient, store: FileStore) -> None:
    await store.put("w/7/film", PNG)
    answer = await client.head(_link("w/7/film"))
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", str(len(PNG)))


async def test_an_empty_file_is_served(client: httpx.AsyncClient, store: FileStore) -> None:
    await store.put("w/7/empty", b"")
    assert (await client.get(_link("w/7/empty"))).status_code == 200
    assert (await client.get(_link("w/7/empty"), headers={"Range": "bytes=0-"})).status_code == 416
    assert (await client.get(_link("w/7/empty"), headers={"Range": "bytes=-5"})).status_code == 416


async def test_an_expired_link_says_so(client: httpx.AsyncClient, store: FileStore) -> None:
    await store.put("w/7/film", PNG)
    with clock.stopped() as stopped:
        link = _link("w/7/film", life=timedelta(minutes=5))
        assert (await client.get(link)).status_code == 200
        stopped.advance(timedelta(minutes=5))
        answer = await client.get(link)
    assert answer.status_code == 403
    assert "expired" in answer.text


async def test_a_forged_link_leads_nowhere(client: httpx.AsyncClient, store: FileStore) -> None:
    await store.put("w/7/film", PNG)
    token = _link("w/7/film").split("/")[2]
    later = clock.now() + DAY
    for forged in (
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        "nonsense",
        vault.sign("7:w/7/film", "invitation", later),
        vault.sign("no colon", "file", later),
        Vault(["another-key-of-tests"]).sign("7:w/7/film", "file", later),
    ):
        answer = await client.get(f"/files/{forged}/x")
        assert answer.status_code == 404
        assert "no file at this address" in answer.text


async def test_a_link_to_a_deleted_file_is_a_404(client: httpx.AsyncClient) -> None:
    assert (await client.get(_link("w/7/never-stored"))).status_code == 404


async def test_a_store_that_is_away_is_a_503() -> None:
    async with _client(s3_store("http://127.0.0.1:1")) as client:
        answer = await client.get(_link("w/7/film"))
    assert answer.status_code == 503
    assert "127.0.0.1" not in answer.text


def test_a_link_names_workspace_and_key_and_stands_under_the_public_address(tmp_path: Path) -> None:
    installation = SimpleNamespace(settings=Settings(_env_file=None, public_url="https://inbox.example/"), vault=vault)
    url = file_url(installation, 7, "w/7/a", "a b.png", expires_at=clock.now() + DAY)
    assert url.startswith("https://inbox.example/files/")
    assert url.endswith("/a%20b.png")
    link = read_token(vault, url.split("/")[4])
    assert (link.workspace_id, link.key) == (7, "w/7/a")
    with pytest.raises(SignatureBroken):
        read_token(vault, "x")


async def test_the_file_on_disk_is_served_under_any_data_folder(tmp_path: Path) -> None:
    store = open_store(Settings(_env_file=None, data_dir=tmp_path / "größe und mehr"))
    await store.put("w/7/picture", PNG)
    async with _client(store) as client:
        assert (await client.get(_link("w/7/picture"))).content == PNG
