"""Why a request is refused."""
import enum


class Code(str, enum.Enum):
    """The same words in every language of the SDK."""

    MISSING = "missing"
    MALFORMED = "malformed"
    ALGORITHM_NOT_ALLOWED = "algorithm_not_allowed"
    UNKNOWN_KEY = "unknown_key"
    SIGNED_HEADER_MISSING = "signed_header_missing"
    EXPIRED = "expired"
    SIGNATURE_MISMATCH = "signature_mismatch"
    BODY_MISMATCH = "body_mismatch"


class VerificationError(Exception):
    """The request did not come through the gateway, or not unchanged. `code` is a Code; `detail` is for the log, never for the caller."""

    def __init__(self, code, detail):
        super().__init__(f"{code.value}: {detail}")
        self.code = code
        self.detail = detail
