// Why a request is refused: the same words in every language of the SDK.
'use strict';

const Code = Object.freeze({
  MISSING: 'missing',
  MALFORMED: 'malformed',
  ALGORITHM_NOT_ALLOWED: 'algorithm_not_allowed',
  UNKNOWN_KEY: 'unknown_key',
  SIGNED_HEADER_MISSING: 'signed_header_missing',
  EXPIRED: 'expired',
  SIGNATURE_MISMATCH: 'signature_mismatch',
  BODY_MISMATCH: 'body_mismatch',
});

/** The request did not come through the gateway, or not unchanged. `detail` is for the log, never for the caller. */
class VerificationError extends Error {
  constructor(code, detail) {
    super(`${code}: ${detail}`);
    this.name = 'VerificationError';
    this.code = code;
    this.detail = detail;
  }
}

const malformed = (detail) => new VerificationError(Code.MALFORMED, detail);

module.exports = {Code, VerificationError, malformed};
