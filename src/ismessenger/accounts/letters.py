"""What the product writes to the person behind an account. Nothing that a stranger typed stands in the letters to other people."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ismessenger.accounts.language import language_at
from ismessenger.language import speaking
from ismessenger.mail.write import in_words, write_letter
from ismessenger.sdk.words import gettext, marked


@dataclass(frozen=True, slots=True)
class Words:
    """A letter with names to fill in."""

    subject: str
    text: str


async def send(catalog: AsyncSession, to: str, words: Words, **facts: object) -> None:
    """Have the letter sent with these facts in it, in the language of whoever has the address."""
    with speaking(await language_at(catalog, to)):
        known = in_words(facts)
        write_letter(catalog, to=to, subject=gettext(words.subject) % known, text=gettext(words.text) % known)


CONFIRM_SIGN_UP: Final = Words(
    marked("Confirm your sign-up"),
    marked("""Somebody, probably you, signed up to IS-Messenger with this address.

To go on, open this link within a day:
%(link)s

If it was not you, do nothing: without this link there is no account.
"""),
)

HAVE_ACCOUNT_ALREADY: Final = Words(
    marked("You have an account already"),
    marked("""\
Somebody, probably you, signed up to IS-Messenger with this address. There is an account with it already, so no other one was made.

Sign in with it here:
%(sign_in)s

Forgot the password? Set a new one:
%(reset)s

If it was not you, do nothing.
"""),
)

VERIFY_EMAIL: Final = Words(
    marked("Confirm your e-mail address"),
    marked("""Please confirm that this is the e-mail address of your account. Open this link within a week:
%(link)s

If you have no account on IS-Messenger, do nothing.
"""),
)

RESET_PASSWORD: Final = Words(
    marked("Set a new password"),
    marked("""Somebody, probably you, wants to set a new password for your account.

Open this link within an hour:
%(link)s

If it was not you, do nothing: your password stays as it is.
"""),
)

PASSWORD_CHANGED: Final = Words(
    marked("Your password was changed"),
    marked("""The password of your account was changed, and all other browsers were signed out.

If it was not you, set a new one at once:
%(reset)s
"""),
)

CHANGE_EMAIL: Final = Words(
    marked("Confirm your new e-mail address"),
    marked("""This address was entered as the new one of an account on IS-Messenger.

To use it from now on, open this link within a day:
%(link)s

If it was not you, do nothing: nothing is changed.
"""),
)

EMAIL_IS_TAKEN: Final = Words(
    marked("This address has an account already"),
    marked("""This address was entered as the new one of an account on IS-Messenger. It belongs to another account, so nothing was changed.

Sign in with that one here:
%(sign_in)s
"""),
)

EMAIL_WILL_CHANGE: Final = Words(
    marked("Your e-mail address is about to change"),
    marked("""Somebody who is signed in to your account asked to change its e-mail address to %(email)s.
It changes once the link in the letter to that address is opened.

If it was not you, somebody else knows your password. Set a new one at once, which makes that link useless:
%(reset)s
"""),
)

EMAIL_CHANGED: Final = Words(
    marked("Your e-mail address was changed"),
    marked("""The e-mail address of your account is %(email)s from now on. This address does not belong to it any more.

If it was not you, tell the people who run this IS-Messenger at once.
"""),
)

UNKNOWN_BROWSER: Final = Words(
    marked("New sign-in to your account"),
    marked("""Your account was used to sign in with a browser that we have not seen before.

When: %(at)s
Browser: %(browser)s
Address: %(address)s

If it was you, there is nothing to do. If it was not, set a new password at once, which signs everybody out:
%(reset)s
"""),
)

SECOND_FACTOR_ON: Final = Words(
    marked("Two-step sign-in is on"),
    marked("""From now on a code is needed besides the password to sign in to your account.

If it was not you who switched this on, set a new password at once and tell the people who run this IS-Messenger:
%(reset)s
"""),
)

SECOND_FACTOR_OFF: Final = Words(
    marked("Two-step sign-in is off"),
    marked("""From now on the password alone is enough to sign in to your account.

If it was not you who switched this off, set a new password at once and switch it on again:
%(reset)s
"""),
)

RECOVERY_CODE_USED: Final = Words(
    marked("A recovery code was used"),
    marked("""A recovery code was used to sign in to your account. Codes left: %(left)s. You can make new ones in your account.

If it was not you, set a new password at once:
%(reset)s
"""),
)
