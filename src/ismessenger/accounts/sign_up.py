"""Give a person an account."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select

from ismessenger.accounts.join import MemberRefused, check_email, check_name, check_person
from ismessenger.accounts.passwords import hash_password
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Account


async def create_account(installation: Installation, *, email: str, name: str, password: str, verified: bool) -> Account:
    """A new account with this e-mail, which is ``verified`` where its owner followed a link to it. Raises `MemberRefused`.

    Of several who ask at the same instant one gets it.
    """
    check_person(email=email, password=password, name=name)
    return await add_account(installation, email=email, name=name, password_hash=await hash_password(password), verified=verified)


async def add_account(installation: Installation, *, email: str, name: str, password_hash: str, verified: bool) -> Account:
    """The same with a password that was checked and hashed before. Raises `MemberRefused`."""
    values = {"email": check_email(email), "name": check_name(name), "password_hash": password_hash, "created_at": now()}
    new = insert(Account).values(**values, email_verified_at=now() if verified else None)
    async with installation.tenancy.catalog() as catalog:
        id_ = (await catalog.execute(new.on_conflict_do_nothing(index_elements=["email"]).returning(Account.id))).scalar_one_or_none()  # type: ignore[call-overload]
        if id_ is None:
            raise MemberRefused("There is an account with this e-mail address already: sign in with it.")
        return (await catalog.execute(select(Account).where(Account.id == id_))).scalar_one()
