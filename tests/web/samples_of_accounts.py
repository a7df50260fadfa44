"""Accounts, mailed links and letters for looking at the pages of a person."""

from datetime import UTC, datetime

from ismessenger.tenancy.catalog import Account, Letter, SignUp
from ismessenger.web.account.profile import ProfileForm
from ismessenger.web.account.sessions import SessionView
from ismessenger.web.account.sign_up import SignUpForm
from tests.web import samples

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
PAGE: dict[str, object] = {"path": "/account/profile", "csp_nonce": "n0nce"}
ACCOUNT = Account(id=1, email="ada@lumen.example", name="Ada Nwosu", password_hash="", email_verified_at=AT, totp_enabled_at=AT)
NEW_ACCOUNT = Account(id=1, email="ada@lumen.example", name="Ada Nwosu", password_hash="")
IN = {**PAGE, "shell": samples.SHELL, "account": ACCOUNT}
OUT = {**PAGE, "shell": None, "account": NEW_ACCOUNT}
ASKED = SignUp(email="ada@lumen.example", name="Ada Nwosu", organization="Lumen", workspace="Lumen shop", password_hash="", token_hash=b"")
PROFILE = {
    "form": ProfileForm(name="Ada Nwosu", language="en", timezone="Europe/Berlin"),
    "error": "",
    "picture_error": "",
    "picture_url": "",
    "languages": [("en", "English")],
    "zones": ("UTC", "Europe/Berlin"),
    "saved": False,
}
ACCESS = {"notice": "", "email": "", "email_error": "", "password_error": "", "mailbox": False}
FACTOR = {"is_on": False, "required": False, "secret": "", "qr": "", "left": 0, "error": "", "codes_error": "", "off_error": ""}
WRONG = {"error": "Error-words", "codes_error": "Error-words", "off_error": "Error-words"}
SESSIONS = [
    SessionView("0a", "Firefox on Windows", "Mozilla/5.0", "10.0.0.1", AT, AT, is_this=True),
    SessionView("0b", "Chrome on Android", "Mozilla/5.0", "", AT, AT, is_this=False),
]
LETTERS = [
    Letter(id=1, to="ada@lumen.example", subject="Subject-words", text="Letter-words\nhttp://127.0.0.1:8080/sign-up/t0ken\n", created_at=AT)
]
BUTTON: dict[str, object] = {**PAGE, "title": "Title-words", "email": "ada@lumen.example", "button": "Button-words"}
CODES: dict[str, object] = {**PAGE, "codes": ["abcd-efgh-ijkl-mnop", "qrst-uvwx-yz23-4567"]}

RENDERED: list[tuple[str, dict[str, object]]] = [
    ("account/_look_into_mailbox.html", {"mailbox": True}),
    ("account/access.html", {**IN, **ACCESS, "notice": "Notice-words", "mailbox": True}),
    ("account/access.html", {**OUT, **ACCESS, "email_error": "Error-words", "password_error": "Error-words"}),
    ("account/link_refused.html", {**PAGE, "words": "Refused-words", "way": "/password-resets/new"}),
    ("account/link_refused.html", {**PAGE, "words": "Refused-words", "way": "/account/access"}),
    ("account/link_refused.html", {**PAGE, "words": "Refused-words", "way": "/session/new"}),
    ("account/mailed_button.html", BUTTON),
    ("account/mailed_done.html", {**BUTTON, "signed_in": True}),
    ("account/mailed_done.html", {**BUTTON, "signed_in": False}),
    ("account/profile.html", {**IN, **PROFILE, "picture_url": "/account/picture/1.png", "undo_send": True, "saved": True}),
    ("account/profile.html", {**OUT, **PROFILE, "undo_send": None, "error": "Error-words", "picture_error": "Error-words"}),
    ("account/recovery_codes.html", CODES),
    ("account/reset.html", {**PAGE, "email": "ada@lumen.example", "error": "Error-words"}),
    ("account/reset_new.html", {**PAGE, "email": "ada@lumen.example", "error": "Error-words"}),
    ("account/reset_sent.html", {**PAGE, "mailbox": False}),
    ("account/second_factor.html", {**IN, **FACTOR, "is_on": True, "left": 1, **WRONG}),
    ("account/second_factor.html", {**OUT, **FACTOR, "secret": "ABCDEFGHIJKLMNOP", "qr": "", **WRONG}),
    ("account/second_factor.html", {**OUT, **FACTOR, "required": True, **WRONG}),
    ("account/sessions.html", {**IN, "sessions": SESSIONS, "ended": True}),
    ("account/sessions.html", {**OUT, "sessions": SESSIONS[:1], "ended": False}),
    ("account/sign_up.html", {**PAGE, "form": SignUpForm(name="Ada Nwosu"), "error": "Error-words"}),
    ("account/sign_up_closed.html", PAGE),
    ("account/sign_up_confirm.html", {**PAGE, "asked": ASKED, "error": "Error-words"}),
    ("account/sign_up_sent.html", {**PAGE, "mailbox": True}),
    ("layouts/_nav_outside.html", {}),
    ("layouts/_unconfirmed.html", {"email": "ada@lumen.example"}),
    ("layouts/alone.html", {**PAGE, "part": "Part-words"}),
    ("mailbox/index.html", {**PAGE, "letters": LETTERS}),
    ("mailbox/index.html", {**PAGE, "letters": []}),
    ("session/new.html", {**PAGE, "email": "ada@lumen.example", "error": "Error-words", "notice": "", "next": "/inbox", "sign_up": True}),
    ("session/new.html", {**PAGE, "email": "", "error": "", "notice": "Notice-words", "next": "/inbox", "sign_up": False}),
    ("session/second_step.html", {**PAGE, "error": "Error-words", "next": "/inbox"}),
]
