"""Workflows for tests of their pages."""

from typing import Any

import httpx

Json = dict[str, Any]


def manual(text: str = "hello", *, kind: str = "add_comment", params: Json | None = None) -> Json:
    """One step behind a trigger that nothing sets off by itself."""
    return of_step(kind, {"text": text} if params is None else params)


def of_step(kind: str, params: Json, *, trigger: Json | None = None) -> Json:
    """One step behind a trigger."""
    step = {"id": "s1", "kind": kind, "params": params}
    return {"format": 1, "trigger": trigger or {"kind": "manual"}, "start": "s1", "steps": [step]}


async def save(browser: httpx.AsyncClient, workflow_id: int, definition: Json) -> Json:
    """Keep a draft; returns what the server makes of it."""
    number = (await browser.patch(f"/workflows/{workflow_id}", json={})).json()["number"]
    answer = await browser.put(f"/workflows/{workflow_id}/draft", json={"number": number, "definition": definition})
    assert answer.status_code == 200, answer.text
    saved: Json = answer.json()
    return saved


async def publish(browser: httpx.AsyncClient, workflow_id: int, definition: Json) -> Json:
    """Keep a draft and publish it."""
    saved = await save(browser, workflow_id, definition)
    answer = await browser.post(f"/workflows/{workflow_id}/publication", json={"number": saved["number"]})
    assert answer.status_code == 200, answer.text
    head: Json = answer.json()
    return head
