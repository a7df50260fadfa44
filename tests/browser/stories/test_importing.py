"""A file of contacts from its upload to the rows that failed, taken back again, and exported; each page looked at."""

import csv
import io
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.shop import Shop
from tests.browser.stories.test_pages import look

pytestmark = pytest.mark.browser

TABLE = (
    "First name;Surname;Mobile;Mail;Interests;Remark that nobody needs\n"
    "Ada;Nwosu;+60 12-345 6789;ada@lumen.example;VIP, Trial;x\n"
    "Bo;Lind;+60123456780;bo@lumen.example;;\n"
    "Cleo;Marsh;no number;cleo@lumen.example;;\n"
)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
async def test_a_file_from_its_upload_to_taking_it_back(shop: Shop, agent_page: AgentPage, tmp_path: Path, phone: bool) -> None:
    desk = await agent_page(shop.world.manager, phone=phone)
    page, width = desk.page, 390 if phone else 1440
    await page.goto(f"{desk.address}/settings/imports")
    found = await look(page, "imports-empty", width)
    await page.get_by_role("link", name="Import contacts").click()
    await expect(page.get_by_role("heading", name="Choose a file")).to_be_visible()
    found += await look(page, "imports-file", width)
    await upload(page, tmp_path)

    await expect(page.get_by_label("Where Mobile goes")).to_have_value("phone")
    await expect(page.get_by_label("Where Remark that nobody needs goes")).to_have_value("")
    await page.get_by_label("Where Interests goes").select_option(label="Tags")
    await page.get_by_label("Tags for everybody in the file").fill("Fair 2026")
    found += await look(page, "imports-columns", width)
    await page.get_by_role("button", name="Go on to the review").click()
    await expect(page.get_by_text("2 would be added")).to_be_visible()
    await expect(page.get_by_text("1 would fail")).to_be_visible()
    found += await look(page, "imports-review", width)

    await page.get_by_role("button", name="Start import").click()
    await expect(page.get_by_text("2 added")).to_be_visible()
    await expect(page.get_by_role("button", name="Undo this import…")).to_be_visible()
    found += await look(page, "imports-done", width)
    heading, failed = await saved(page, "Save the rows that failed")
    assert heading[:2] == ["Row", "Reason"]
    assert failed[0] == "4"
    assert "no number is no phone number" in failed[1]

    await page.goto(f"{desk.address}/settings/imports")
    found += await look(page, "imports-history", width)
    await exports(desk, found, width)
    await take_back(desk)
    assert found == []


async def upload(page: Page, folder: Path) -> None:
    file = folder / "people.csv"
    file.write_text(TABLE)
    await page.get_by_label("CSV or XLSX file").set_input_files(file)
    await page.get_by_role("button", name="Upload").click()


async def saved(page: Page, link: str) -> list[list[str]]:
    """The rows of the file behind a link."""
    async with page.expect_download() as coming:
        await page.get_by_role("link", name=link).click()
    return list(csv.reader(io.StringIO(Path(await (await coming.value).path()).read_text("utf-8-sig"), newline="")))


async def exports(desk: Desk, found: list[str], width: int) -> None:
    """The new contacts as a file, which shows its progress by itself."""
    page = desk.page
    await page.goto(f"{desk.address}/settings/exports")
    await page.get_by_label("Of whom").select_option(label="With tags")
    await page.get_by_role("button", name="Start export").click()
    await expect(page.get_by_text("2 rows written")).to_be_visible()
    found += await look(page, "exports", width)
    rows = await saved(page, "Save the file")
    assert [row[1] for row in rows[1:]] == ["Ada", "Bo"]


async def take_back(desk: Desk) -> None:
    """The import is undone."""
    page = desk.page
    await page.goto(f"{desk.address}/settings/imports")
    await page.get_by_role("link", name="people.csv").click()
    await page.get_by_role("button", name="Undo this import…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Undo import").click()
    await expect(page.get_by_text("2 deleted")).to_be_visible()
