"""What happens around the messages: how a person came, and how far our messages came.

Source: Meta, Messenger Platform, the webhook pages messaging_postbacks, messaging_referrals, messaging_optins, message_deliveries,
message_reads; "Lead Generation Ads in Messenger".
"""

import re
from collections.abc import Iterable
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from channels_adapters.messenger.shapes import Key
from channels_adapters.messenger.webhook import Delivery, Optin, Postback, Read, Referral, Seen
from ismessenger.sdk.channel import ContactChanged, InboundEvent, MessageReceived, StatusChanged, Unreadable
from ismessenger.sdk.content import Text

_GET_STARTED = re.compile(r"get_?started|facebook_welcome", re.IGNORECASE)
_ID: TypeAdapter[str] = TypeAdapter(Key)


# --- How a person came ---


def pressed(seen: Seen, postback: Postback) -> Iterable[InboundEvent]:
    """A button that was pressed counts as a message; the one that only starts Messenger does not, unless an advertisement led there."""
    referral = postback.referral
    from_ad = referral is not None and referral.is_ad
    if _GET_STARTED.match(postback.payload or "") and not from_ad:
        yield ContactChanged(seen.person, seen.at, happened="get_started", referral=referral.flat() if referral else None)
        return
    yield MessageReceived(
        identifier=seen.person,
        external_id=postback.mid or seen.derived_id("postback"),
        content=Text(text=postback.title or postback.payload or "", payload=postback.payload),
        sent_at=seen.at,
        source="ctc_ads" if from_ad else "contact",
        referral=referral.flat() if referral else None,
    )


def referred(seen: Seen, referral: Referral) -> Iterable[InboundEvent]:
    """A link or an advertisement that led here. What was answered to an advertisement's questions is a message."""
    lead = seen.item.lead
    if lead is not None and lead.data:
        answers = "\n".join(f"{one.question} {one.answer}".strip() for one in lead.data)
        source: Literal["ctc_ads", "contact"] = "ctc_ads" if referral.is_ad else "contact"
        yield MessageReceived(seen.person, seen.derived_id("lead"), Text(text=answers), seen.at, source=source, referral=referral.flat())
        return
    happened = "ad_click" if referral.is_ad else "referral"
    yield ContactChanged(seen.person, seen.at, happened=happened, referral=referral.flat(), opens=referral.is_ad)


def opted_in(seen: Seen, optin: Optin) -> Iterable[InboundEvent]:
    """The token to send marketing with is not kept: it would be a credential in a place for reading."""
    happened = "optout" if "STOP" in (optin.notification_messages_status or "").upper() else "optin"
    yield ContactChanged(seen.person, seen.at, happened=happened, referral=optin.model_dump(exclude_none=True))


# --- Receipts ---


def delivered(seen: Seen, delivery: Delivery) -> Iterable[InboundEvent]:
    """Each message by its id, and everything up to the watermark. Both come, since old clients send no ids."""
    at = seen.item.timestamp or delivery.watermark or seen.at
    for mid in delivery.mids:
        try:
            yield StatusChanged("delivered", at, external_id=_ID.validate_python(mid))
        except ValidationError:
            yield Unreadable("A delivery names a message without an id.")
    if delivery.watermark is not None:
        yield StatusChanged("delivered", at, identifier=seen.person, watermark=delivery.watermark)


def was_read(seen: Seen, read: Read) -> Iterable[InboundEvent]:
    """Everything up to the watermark was read."""
    at = seen.item.timestamp or read.watermark or seen.at
    if read.mid is not None:
        yield StatusChanged("read", at, external_id=read.mid)
    if read.watermark is not None:
        yield StatusChanged("read", at, identifier=seen.person, watermark=read.watermark)
    if read.mid is None and read.watermark is None:
        yield Unreadable("A read receipt says neither which message nor until when.")
