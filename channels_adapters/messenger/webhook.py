"""What is read of a Messenger webhook. Everything else in it is left alone.

Source: Meta, Messenger Platform, "Webhook Events Reference" and its pages on messages, message_echoes, message_edits, message_reactions,
message_deliveries, message_reads, messaging_postbacks, messaging_referrals, messaging_optins; "Lead Generation Ads in Messenger".
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict

from channels_adapters.messenger.shapes import Key, Moment, MomentIfAny, Shape, Unchecked, Words, none_is_empty


class Party(Shape):
    """The person (a Page-scoped id) or the Page. A plugin may know a person only by a reference of its own."""

    id: Key | None = None
    user_ref: Words | None = None


class QuickReplyChosen(Shape):
    """Which of our quick replies was tapped."""

    payload: Words | None = None


class ReplyTo(Shape):
    """The message that another one answers."""

    mid: Key | None = None


class AdContext(Shape):
    """The advertisement that was clicked."""

    ad_title: Words | None = None
    photo_url: Words | None = None
    video_url: Words | None = None
    post_id: Words | None = None
    product_id: Words | None = None
    flow_id: Words | None = None


class ReferredProduct(Shape):
    """The product whose page somebody wrote from."""

    id: Words | None = None


class Referral(Shape):
    """From where a person came into the conversation."""

    source: Words | None = None
    type: Words | None = None
    ref: Words | None = None
    ad_id: Words | None = None
    referer_uri: Words | None = None
    ads_context_data: AdContext | None = None
    product: ReferredProduct | None = None

    @property
    def is_ad(self) -> bool:
        """Whether an advertisement was clicked."""
        return self.source == "ADS"

    def flat(self) -> dict[str, str]:
        """All that is known, by the provider's own names."""
        known = self.model_dump(exclude={"ads_context_data", "product"}, exclude_none=True)
        advertisement = self.ads_context_data.model_dump(exclude_none=True) if self.ads_context_data else {}
        product = {"product_id": self.product.id} if self.product and self.product.id else {}
        return {**known, **advertisement, **product}


class Message(Shape):
    """Its attachments are checked one by one, so that a new kind never costs the words beside it."""

    mid: Key | None = None
    text: Words | None = None
    quick_reply: QuickReplyChosen | None = None
    reply_to: ReplyTo | None = None
    attachments: Unchecked = ()
    referral: Referral | None = None
    is_echo: bool = False
    is_deleted: bool = False
    is_unsupported: bool = False
    metadata: Words | None = None


class Postback(Shape):
    """A button of ours that was pressed."""

    mid: Key | None = None
    title: Words | None = None
    payload: Words | None = None
    referral: Referral | None = None


class MessageEdit(Shape):
    """The new words of a message."""

    mid: Key
    text: Words = ""


class Reaction(Shape):
    """A reaction to a message. ``action`` is react or unreact."""

    mid: Key
    action: Words
    reaction: Words | None = None
    emoji: Words | None = None


class Delivery(Shape):
    """``watermark``: everything sent before was delivered. Old clients send no ids."""

    watermark: Moment | None = None
    mids: Unchecked = ()


class Read(Shape):
    """``watermark``: everything sent up to it was read."""

    watermark: Moment | None = None
    mid: Key | None = None


class Optin(Shape):
    """Consent to be written to, or its end."""

    type: Words | None = None
    ref: Words | None = None
    payload: Words | None = None
    title: Words | None = None
    notification_messages_status: Words | None = None


class LeadAnswer(Shape):
    """One answer to an advertisement's question."""

    question: Words = ""
    answer: Words = ""


class Lead(Shape):
    """What a person answered to the questions of an advertisement."""

    data: Annotated[tuple[LeadAnswer, ...], BeforeValidator(none_is_empty)] = ()


class PolicyEnforcement(Shape):
    """A warning or a block of the Page by Facebook."""

    action: Words = ""
    reason: Words = ""


class Item(Shape):
    """One event. Unknown fields are kept, since their names are all that tells of kinds that came after this was written."""

    model_config = ConfigDict(extra="allow")

    sender: Party | None = None
    recipient: Party | None = None
    timestamp: Moment | None = None
    message: Message | None = None
    message_edit: MessageEdit | None = None
    postback: Postback | None = None
    referral: Referral | None = None
    lead: Lead | None = None
    optin: Optin | None = None
    reaction: Reaction | None = None
    delivery: Delivery | None = None
    read: Read | None = None
    policy_enforcement: PolicyEnforcement | None = None


class Entry(Shape):
    """The events of one Page. They are checked one by one, so that a bad one leaves its neighbours alone."""

    id: Key | None = None
    time: MomentIfAny = None
    messaging: Unchecked = ()
    standby: Unchecked = ()
    changes: Unchecked = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """An item with the person it is about and the time that orders it."""

    item: Item
    person: str
    at: datetime

    def derived_id(self, kind: str) -> str:
        """Stable over repeated deliveries, for events without an id of their own."""
        return f"{kind}:{self.person}:{round(self.at.timestamp() * 1000)}"
