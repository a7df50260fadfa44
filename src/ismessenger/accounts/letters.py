"""What the product writes to the person behind an account. Nothing that a stranger typed stands in the letters to other people."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from ismessenger.mail.write import write_letter


@dataclass(frozen=True, slots=True)
class Words:
    """A letter with names to fill in."""

    subject: str
    text: str


def send(catalog: AsyncSession, to: str, words: Words, **facts: object) -> None:
    """Have the letter sent with these facts in it."""
    write_letter(catalog, to=to, subject=words.subject.format(**facts), text=words.text.format(**facts))


CONFIRM_SIGN_UP: Final = Words(
    "Confirm your sign-up",
    """Somebody, probably you, signed up to IS-Messenger with this address.

To go on, open this link within a day:
{link}

If it was not you, do nothing: without this link there is no account.
""",
)

HAVE_ACCOUNT_ALREADY: Final = Words(
    "You have an account already",
    """Somebody, probably you, signed up to IS-Messenger with this address. There is an account with it already, so no other one was made.

Sign in with it here:
{sign_in}

Forgot the password? Set a new one:
{reset}

If it was not you, do nothing.
""",
)

VERIFY_EMAIL: Final = Words(
    "Confirm your e-mail address",
    """Please confirm that this is the e-mail address of your account. Open this link within a week:
{link}

If you have no account on IS-Messenger, do nothing.
""",
)

RESET_PASSWORD: Final = Words(
    "Set a new password",
    """Somebody, probably you, wants to set a new password for your account.

Open this link within an hour:
{link}

If it was not you, do nothing: your password stays as it is.
""",
)

PASSWORD_CHANGED: Final = Words(
    "Your password was changed",
    """The password of your account was changed, and all other browsers were signed out.

If it was not you, set a new one at once:
{reset}
""",
)

CHANGE_EMAIL: Final = Words(
    "Confirm your new e-mail address",
    """This address was entered as the new one of an account on IS-Messenger.

To use it from now on, open this link within a day:
{link}

If it was not you, do nothing: nothing is changed.
""",
)

EMAIL_IS_TAKEN: Final = Words(
    "This address has an account already",
    """This address was entered as the new one of an account on IS-Messenger. It belongs to another account, so nothing was changed.

Sign in with that one here:
{sign_in}
""",
)

EMAIL_WILL_CHANGE: Final = Words(
    "Your e-mail address is about to change",
    """Somebody who is signed in to your account asked to change its e-mail address to {email}.
It changes once the link in the letter to that address is opened.

If it was not you, somebody else knows your password. Set a new one at once, which makes that link useless:
{reset}
""",
)

EMAIL_CHANGED: Final = Words(
    "Your e-mail address was changed",
    """The e-mail address of your account is {email} from now on. This address does not belong to it any more.

If it was not you, tell the people who run this IS-Messenger at once.
""",
)

UNKNOWN_BROWSER: Final = Words(
    "New sign-in to your account",
    """Your account was used to sign in with a browser that we have not seen before.

When: {at:%d %B %Y, %H:%M} UTC
Browser: {browser}
Address: {address}

If it was you, there is nothing to do. If it was not, set a new password at once, which signs everybody out:
{reset}
""",
)

SECOND_FACTOR_ON: Final = Words(
    "Two-step sign-in is on",
    """From now on a code is needed besides the password to sign in to your account.

If it was not you who switched this on, set a new password at once and tell the people who run this IS-Messenger:
{reset}
""",
)

SECOND_FACTOR_OFF: Final = Words(
    "Two-step sign-in is off",
    """From now on the password alone is enough to sign in to your account.

If it was not you who switched this off, set a new password at once and switch it on again:
{reset}
""",
)

RECOVERY_CODE_USED: Final = Words(
    "A recovery code was used",
    """A recovery code was used to sign in to your account. Codes left: {left}. You can make new ones in your account.

If it was not you, set a new password at once:
{reset}
""",
)
