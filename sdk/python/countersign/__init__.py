"""Countersign: prove that a request came through the gateway, and sign requests to it."""
from .errors import Code, VerificationError
from .keys import Key
from .request import Request
from .signing import Signed, sign_aliyun_ca, sign_bce, sign_sdk_hmac
from .verifier import Verified, Verifier

__all__ = ["Code", "Key", "Request", "Signed", "VerificationError", "Verified", "Verifier", "sign_aliyun_ca", "sign_bce", "sign_sdk_hmac"]
