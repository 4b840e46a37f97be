"""Why Ghost refused a token: unknown key, wrong secret, wrong audience, or a clock.

Ghost answers 401 or 400 with a code, and for all that the JWT library finds with `INVALID_JWT` and a message that
says which ("invalid signature", "jwt expired", "maxAge exceeded", "jwt audience invalid. expected: ...").
"""

from __future__ import annotations

from ghostsync.errors import AudienceWrong, KeyUnknown, Refused, SecretWrong, TokenExpired
from ghostsync.ghost.clock import describe_lead
from ghostsync.ghost.errors_map import GhostSays

_COPY = (
    "In Ghost Admin: Settings -> Integrations -> your custom integration; copy the whole Admin API key again."
)
_PROXY = (
    "Something between ghostsync and Ghost changes or drops the Authorization header; let it pass unchanged."
)


def refusal(status: int, says: GhostSays, *, subject: str, key_id: str, lead: float) -> Refused | None:
    """The typed error for a refused token, None when the answer is about something else.

    key_id: for the message; lead: seconds by which the local clock is ahead of the server's.
    """
    what: str
    remedy: str
    cls: type[Refused]
    text = f"{says.message} {says.context}"
    match says.code:
        case "UNKNOWN_ADMIN_API_KEY":
            cls, what = (
                KeyUnknown,
                f"Ghost knows no key with the id {key_id}: it was deleted, or is another site's",
            )
            remedy = _COPY
        case "INVALID_API_KEY_TYPE":
            cls, what = KeyUnknown, f"the key with the id {key_id} is not an Admin API key"
            remedy = _COPY
        case "INVALID_JWT" if "invalid signature" in text:
            cls, what = (
                SecretWrong,
                f"Ghost knows the key {key_id}, but its secret (after the colon) is wrong",
            )
            remedy = f"{_COPY} It changes when somebody regenerates it."
        case "INVALID_JWT" if "audience" in text:
            cls, what = AudienceWrong, "the token was made for another version of the Admin API"
            remedy = "Run `ghostsync doctor`; if the site was just upgraded, run the command again."
        case "INVALID_JWT" if "expired" in text or "maxAge" in text or "not active" in text:
            cls, what = TokenExpired, f"Ghost finds the token out of date; {describe_lead(lead)}"
            remedy = "Set the clocks: this machine's, the server's, and that of a proxy in front of Ghost."
        case "INVALID_JWT" | "MISSING_ADMIN_API_KID" | "INVALID_AUTH_HEADER":
            cls, what, remedy = Refused, f"Ghost cannot read the token ({says.message})", _PROXY
        case _ if status == 403 and "Unable to determine the authenticated" in text:
            cls, what, remedy = Refused, "the token did not arrive at Ghost", _PROXY
        case _:
            return None
    return cls(
        what, subject=subject, remedy=remedy, status=status, type=says.type, code=says.code, sent=False
    )
