// Package countersign proves that a request came through a Countersign gateway, and signs requests to it.
// Formats, options and errors are described in ../README.md. The formats of aes and public_key keys are this gateway's own.
package countersign

import "errors"

// Code tells why a request is refused: the same words in every language of the SDK.
type Code string

const (
	Missing             Code = "missing"
	Malformed           Code = "malformed"
	AlgorithmNotAllowed Code = "algorithm_not_allowed"
	UnknownKey          Code = "unknown_key"
	SignedHeaderMissing Code = "signed_header_missing"
	Expired             Code = "expired"
	SignatureMismatch   Code = "signature_mismatch"
	BodyMismatch        Code = "body_mismatch"
)

// VerificationError says that the request did not come through the gateway, or not unchanged. Detail is for the log, never for the caller.
type VerificationError struct {
	Code   Code
	Detail string
}

func (e *VerificationError) Error() string { return string(e.Code) + ": " + e.Detail }

// CodeOf is the code of a VerificationError, or "" for every other error.
func CodeOf(err error) Code {
	var refusal *VerificationError
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}

func refuse(code Code, detail string) error { return &VerificationError{code, detail} }

func malformed(detail string) error { return refuse(Malformed, detail) }
