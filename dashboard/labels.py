"""What codes of the marts are called, beyond those that the charts name (`charts.names`).

A code that is not here is a name that the retailer gave, and is shown as it is.
"""

from __future__ import annotations

from charts.names import said
from words import Words

LABELS = {
    # Parts of a page
    "person": "Person",
    "way": "Journey",
    "purchases": "Purchases",
    "contact": "Contact",
    "identity": "Identity",
    "moving": "What moved them",
    "touches": "Every touch",
    "segments": "Segments",
    "lists": "Lists",
    "retention": "Share who bought",
    "value": "Net sales a customer",
    "campaigns": "Campaigns",
    "attribution": "Orders after",
    "coupons": "Coupons",
    "baskets": "Baskets",
    "offers": "Next product",
    "cycles": "Due again",
    "price": "Price level",
    "best_sellers": "Best sellers",
    "requests": "Requests",
    "topics": "Topics",
    "bot": "Chat",
    "checks": "Checks",
    "feeds": "Feeds",
    "quarantine": "Set aside",
    "runs": "Runs",
    "journey": "Journey",
    "lifecycle": "Lifecycle",
    "tiers": "Members",
    "channels": "Channels",
    "ambassadors": "Ambassadors",
    # Steps of a request for help, kinds of trials and of list states
    "order": "Order",
    "step.contact": "Asked for help",
    "first_reply": "First reply",
    "resolution": "Resolution",
    "rating": "Rating",
    "sample": "Sample",
    "trial_membership": "Trial membership",
    "waiting": "Waiting",
    "released": "Released",
    "discarded": "Discarded",
    "merge": "Merged",
    "split": "Split",
    "move": "Moved",
    "address": "Address",
    # Anything
    "all": "All",
    "unknown": "Unknown",
    "UNKNOWN": "Unknown",
    # RFM groups, of both grids
    "OUT_OF_WINDOW": "No order in the window",
    "RECENT": "Recent",
    "INACTIVE": "Inactive",
    "lifetime": "Since the first order",
    "365d": "The last 365 days",
    # Lifecycle, churn
    "low": "Low",
    "medium": "Medium",
    "high": "High",
    "no_purchase": "Nothing bought yet",
    "predicted": "Predicted",
    "insufficient_data": "Too little data",
    # People
    "female": "Female",
    "male": "Male",
    "other": "Other",
    "regular": "Regular",
    "silver": "Silver",
    "gold": "Gold",
    "platinum": "Platinum",
    "confirmed": "Confirmed ambassador",
    "candidate": "Candidate ambassador",
    "advocate_only": "Recommends us, buys little",
    "subscribed": "Subscribed",
    "unsubscribed": "Unsubscribed",
    "bounced": "Mail comes back",
    "complained": "Reported spam",
    "none": "None",
    "engaged": "Engaged",
    "warm": "Warm",
    "cooling": "Cooling",
    "cold": "Cold",
    # Stages of the journey
    "aware": "Aware",
    "considering": "Considering",
    "first_purchase": "First purchase",
    "repeat": "Repeat purchase",
    "loyal": "Loyal customer",
    "advocate": "Advocate",
    # Channels
    "survey": "Survey",
    # Touches
    "coupon_issued": "Coupon received",
    "coupon_redeemed": "Coupon redeemed",
    "event_attended": "Came to an event",
    "event_registered": "Registered for an event",
    "joined": "Became a member",
    "left": "Left the membership",
    "line_blocked": "Blocked us on LINE",
    "line_followed": "Follows us on LINE",
    "message_clicked": "Clicked in a message",
    "message_delivered": "Message delivered",
    "message_opened": "Opened a message",
    "purchase": "Purchase",
    "rated": "Rated our help",
    "referral": "Brought somebody",
    "return": "Return",
    "receipt.sale": "Purchase",
    "receipt.return": "Return",
    "direction.in": "From the customer",
    "direction.out": "From us",
    "sample_received": "Received a sample",
    "spam_reported": "Reported spam",
    "survey_answered": "Answered a survey",
    "ticket_opened": "Asked for help",
    "ticket_solved": "Request solved",
    "trial_started": "Began a trial",
    "click": "Click",
    "open": "Open (mail)",
    "attendance": "Attendance",
    # Support
    "complaint": "Complaint",
    "inquiry": "Inquiry",
    "praise": "Praise",
    "status.new": "New",
    "status.open": "Open",
    "status.pending": "Pending",
    "status.on_hold": "On hold",
    "status.solved": "Solved",
    "status.closed": "Closed",
    "normal": "Normal",
    "urgent": "Urgent",
    # Campaigns
    "purchase_rate": "Purchase rate",
    "orders_per_person": "Orders a person",
    "net_sales_per_person": "Net sales a person",
    "shared": "One code for all",
    "personal": "A code for each person",
    # Products
    "product": "Products",
    "category": "Categories",
    "goes_with": "Goes with what they bought",
    "popular": "Best seller",
    "replenish": "Due again",
    "up": "Dearer",
    "same": "As before",
    "down": "Cheaper",
    "narrowest": "Narrow categories",
    "widest": "Wide categories",
    # Why a record belongs to a person: docs/identity.md
    "manual": "A person's decision",
    "same_member_id": "Same member id",
    "same_line_id": "Same LINE account",
    "name_and_birth_date": "Same name and birth date",
    "same_email": "Same e-mail address, names agree",
    "same_phone": "Same telephone, names agree",
    "name_and_address": "Same name and address",
    "email_without_name": "Same e-mail address, no name to compare",
    "phone_without_name": "Same telephone, no name to compare",
    "own_record": "The only record",
    "pos": "Register",
    "source.pos": "Register",
    "source.email": "Mail tool",
    "source.support": "Help desk",
    # Why somebody is not on a list
    "no_consent": "No consent",
    "no_address": "No address",
    "hard_bounce": "Mail comes back",
    "frequency_cap": "Written to lately",
    "open_complaint": "Open complaint",
    "erased": "Erased",
    "unsubscribe": "Unsubscribed",
    # Checks and runs
    "critical": "Critical",
    "warning": "Warning",
    "raw": "Raw data",
    "staging": "Cleaned data",
    "marts": "Published tables",
    "published": "Published",
    "unchanged": "Nothing new",
    "failed": "Failed",
    "as_of": "Older date",
}


PREFIXES = ("source.", "direction.", "receipt.", "status.", "step.")
"""What a code of this kind begins with here: it means something else elsewhere."""


def label(code: str, words: Words) -> str:
    """What a code is called; the code itself where nothing is known of it."""
    if code in LABELS:
        return words(LABELS[code])
    if code.startswith(PREFIXES):
        return label(code.partition(".")[2], words)
    return said(code, words)


def labels(codes: str | None, words: Words) -> str:
    """What several codes with commas between are called."""
    return "" if not codes else ", ".join(label(code, words) for code in codes.split(","))
