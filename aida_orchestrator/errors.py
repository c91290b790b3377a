"""Every error of the service, in one tree; each knows its code and whether trying again can help.

AidaError
├── RequestError              the caller can mend it
│   ├── InvalidError            422: a value is wrong; carries pointers
│   ├── NotFoundError           404
│   ├── ConflictError           409: not in this state
│   ├── UnsupportedFile         415: an upload of a sort that is not taken
│   ├── UnreadableFile          422: an upload that is broken, locked, or has nothing to read
│   ├── FileTooLarge            413
│   └── ReadersBusy             503: uploads are read a few at a time
├── SettingsError             whoever runs the service must mend it (key missing, no database)
├── LostLease                 another worker owns this StageRun now; whatever we have is thrown away
├── Held                      nothing was bought, and the step waits
│   ├── BudgetReached           for room under a ceiling
│   ├── PriceUnknown            there is a ceiling, and no price
│   ├── SpendingStopped         for the switch of all spending
│   └── AccountEmpty            for a provider's account that is empty or capped
├── ProviderError             an outer API said no; keeps provider, status and a short body
│   ├── ProviderUnavailable     transient: 429, time-out, reset, 5xx
│   ├── ProviderRefused         permanent: 400, 404, 422 ...
│   ├── ProviderAuthError       401, 403: the key
│   ├── ProviderBalanceError    quota or balance; never tried again, an operator must act
│   ├── OutcomeUnknown          a paid submission that may or may not have been accepted
│   └── AnswerUnusable          200, but refused, cut off or not in the asked form; it cost money
└── MediaError                a file could not be fetched, read or made
    ├── MediaUnavailable        transient: try the download again
    ├── MediaGone               the provider no longer has it
    ├── MediaBroken             it came, and cannot be played
    ├── MediaMistaken           something else came in its place
    └── UntrustedOrigin         an address outside the providers' own and MEDIA_TRUSTED_ORIGINS
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any


class AidaError(Exception):
    """Base of all our errors; `code` is one of a closed set (`codes`) that callers may switch on."""

    code = "internal"
    transient = False

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class RequestError(AidaError):
    """The caller can mend it."""

    code = "invalid_request"
    status = 400


class InvalidError(RequestError):
    """A value is wrong; `errors` lists {"pointer": "/field", "detail": "..."} (RFC 6901 pointers)."""

    code = "invalid_value"
    status = 422

    def __init__(self, message: str, errors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(message)
        self.errors = list(errors)


class NotFoundError(RequestError):
    """No such thing, or not yours."""

    code = "not_found"
    status = 404


class ConflictError(RequestError):
    """The thing is not in a state in which this can be done."""

    code = "conflict"
    status = 409


class UnsupportedFile(RequestError):
    """An upload whose content is of a sort that is not taken, whatever its name says."""

    code = "unsupported_file"
    status = 415


class UnreadableFile(RequestError):
    """An upload of a sort that is taken, but it is broken, locked, too heavy to read, or holds nothing."""

    code = "unreadable_file"
    status = 422


class FileTooLarge(RequestError):
    """An upload with more bytes than are taken."""

    code = "file_too_large"
    status = 413


class ReadersBusy(RequestError):
    """As many uploads as may be read at once are being read: the same request can succeed in some seconds."""

    code = "readers_busy"
    status = 503
    transient = True


class SettingsError(AidaError):
    """Whoever runs the service must mend a setting."""

    code = "settings"


class LostLease(AidaError):
    """Another worker owns this StageRun now."""

    code = "lost_lease"


class Held(AidaError):
    """Nothing was bought, and the step waits until it may be: `word` is that of `waitingFor`.

    `dollars`: what the step would cost (None: no price is known); `details`: what else is told of it; `provider`: whom it
    would be bought of.
    """

    word = "budget"

    def __init__(self, message: str, *, dollars: Decimal | None, provider: str,
                 details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.dollars = dollars
        self.provider = provider
        self.details = dict(details or {})

    def described(self) -> dict[str, Any]:
        """As it is kept in a row."""
        return {"code": self.code, "message": self.message, "provider": self.provider,
                "dollars": None if self.dollars is None else str(self.dollars), **self.details}


class BudgetReached(Held):
    """A ceiling does not leave what the step costs."""

    code = "budget_reached"


class PriceUnknown(Held):
    """There is a ceiling, and nobody knows what the step costs."""

    code = "price_unknown"


class SpendingStopped(Held):
    """The switch of all spending is off."""

    code = "spending_stopped"
    word = "spending"


class AccountEmpty(Held):
    """The account at the provider has no credit, or reached a cap."""

    code = "provider_balance"
    word = "provider"


class ProviderError(AidaError):
    """An outer API said no. `body` is a short, secret-free excerpt for logs; users see `message`."""

    code = "provider_error"

    def __init__(
        self, provider: str, message: str, *, status: int | None = None, body: Any = None,
        retry_after: float | None = None, code: str | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.provider = provider
        self.status = status
        self.body = body
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        # A worker's child hands errors to its parent pickled; by default only the message would be given to __init__.
        return type(self), (self.provider, self.message), self.__dict__


class ProviderUnavailable(ProviderError):
    """Passing trouble: the retry policy applies. `retry_after` in seconds where the provider named one."""

    code = "provider_unavailable"
    transient = True


class ProviderRefused(ProviderError):
    """The request itself is not accepted; sending it again changes nothing."""

    code = "provider_refused"


class ProviderAuthError(ProviderError):
    """The key is missing, wrong or not allowed to do this."""

    code = "provider_auth"


class ProviderBalanceError(ProviderError):
    """The account has no credit or reached a cap; an operator must top up or raise it."""

    code = "provider_balance"


class OutcomeUnknown(ProviderError):
    """The request left, and no answer says whether it was accepted (and billed)."""

    code = "outcome_unknown"


class AnswerUnusable(ProviderError):
    """An answer came and was paid for, but it is refused, cut off, or not in the asked form.

    `usage`: what it consumed, where nobody has booked that yet.
    """

    code = "answer_unusable"
    usage: Any = None


class MediaError(AidaError):
    """A picture, clip or film could not be fetched, read or made."""

    code = "media_error"


class MediaUnavailable(MediaError):
    """The download broke; the file may still be there."""

    code = "media_unavailable"
    transient = True


class MediaGone(MediaError):
    """The provider no longer has the file."""

    code = "media_gone"


class MediaBroken(MediaError):
    """The file came whole, but it is not a picture or clip that can be used."""

    code = "media_broken"


class MediaMistaken(MediaError):
    """Something else came in the file's place, as an overloaded server sends a page with 200."""


class UntrustedOrigin(MediaError):
    """The address is outside the providers' own hosts and MEDIA_TRUSTED_ORIGINS."""

    code = "media_untrusted_origin"
