package countersign

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// DefaultWindow is how far the time of a request may be from the clock, either way.
const DefaultWindow = 15 * time.Minute

// Options of a Verifier; the zero value is the default.
type Options struct {
	Window            time.Duration    // 0: DefaultWindow
	Clock             func() time.Time // nil: time.Now
	RequireSignedBody bool             // refuse a body that the signature does not cover
	AcceptUndated     bool             // accept aliyun without a timestamp
	ProofHeader       string           // "": Authorization
}

// Verified is what is known of a verified request. App, Consumer and RequestID are as the gateway told them, or "".
type Verified struct {
	Type             Type
	KeyID            string
	SignedHeaders    []string
	App              string
	Consumer         string
	RequestID        string
	StringToSign     string
	CanonicalRequest string
}

// Caller is the app, else the consumer, else "".
func (v *Verified) Caller() string {
	if v.App != "" {
		return v.App
	}
	return v.Consumer
}

// Verifier checks that requests came through the gateway. Immutable; may be shared by goroutines.
type Verifier struct {
	keys    []Key
	types   map[Type]bool
	options Options
}

// NewVerifier takes the keys that hold now: while a key is changed, the old and the new one.
func NewVerifier(keys []Key, options Options) (*Verifier, error) {
	if len(keys) == 0 {
		return nil, errors.New("countersign: a verifier needs a key")
	}
	if options.Window == 0 {
		options.Window = DefaultWindow
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if options.ProofHeader == "" {
		options.ProofHeader = "Authorization"
	}
	verifier := &Verifier{keys: append([]Key(nil), keys...), types: map[Type]bool{}, options: options}
	for _, key := range keys {
		if key.check == nil {
			return nil, errors.New("countersign: a key that was not made by a New…Key function")
		}
		verifier.types[key.kind] = true
	}
	return verifier, nil
}

// Verify gives what is known of the request, or a *VerificationError.
func (v *Verifier) Verify(request *Request) (*Verified, error) {
	now := v.options.Clock()
	proof, err := v.read(request)
	if err != nil {
		return nil, err
	}
	keys, err := v.liveKeys(proof, now.Unix())
	if err != nil {
		return nil, err
	}
	var text, canonical string
	if proof.kind != Basic {
		if err = v.checkSignedHeaders(request, proof); err == nil {
			err = v.checkTime(proof, now)
		}
		if err == nil {
			text, canonical, err = textsOf(request, proof)
		}
		if err != nil {
			return nil, err
		}
	}
	if err = prove(keys, text, canonical, proof); err != nil {
		return nil, err
	}
	if err = v.checkBody(request, proof); err != nil {
		return nil, err
	}
	return verified(request, proof, text, canonical), nil
}

func verified(request *Request, proof *proof, text, canonical string) *Verified {
	told := func(name string) string {
		if proof.kind == Basic || proof.signs(name) {
			return request.Value(name)
		}
		return ""
	}
	return &Verified{
		Type: proof.kind, KeyID: proof.keyID, SignedHeaders: proof.names, StringToSign: text, CanonicalRequest: canonical,
		App: told("x-countersign-app"), Consumer: told("x-mse-consumer"), RequestID: told("x-request-id"),
	}
}

func (v *Verifier) read(request *Request) (*proof, error) {
	var values []string
	place := Type("")
	look := func(kind Type, wanted bool, name string) {
		if found := request.Values(name); wanted && len(found) > 0 {
			values, place = append(values, found...), kind
		}
	}
	look(HMAC, v.types[HMAC] || v.types[Basic] || v.types[AES] || v.types[PublicKey], v.options.ProofHeader)
	look(BCE, v.types[BCE], "X-Bce-Gateway-Auth")
	look(Aliyun, v.types[Aliyun], "X-Ca-Proxy-Signature")
	if len(values) == 0 {
		return nil, refuse(Missing, "no proof")
	}
	if len(values) > 1 {
		return nil, malformed("more than one proof")
	}
	switch place {
	case BCE:
		return readBCE(values[0])
	case Aliyun:
		return readAliyun(request, values[0])
	default:
		return readAuthorization(values[0], v.types)
	}
}

func (v *Verifier) liveKeys(proof *proof, now int64) ([]Key, error) {
	var live, fitting []Key
	for _, key := range v.keys {
		if key.kind != proof.kind || key.id != proof.keyID || !key.holds(now) {
			continue
		}
		live = append(live, key)
		if key.algorithm == proof.algorithm {
			fitting = append(fitting, key)
		}
	}
	if len(live) == 0 {
		return nil, refuse(UnknownKey, "no key of this id that holds")
	}
	if len(fitting) == 0 {
		return nil, refuse(AlgorithmNotAllowed, proof.algorithm+" is not the algorithm of this key")
	}
	return fitting, nil
}

func (v *Verifier) checkSignedHeaders(request *Request, proof *proof) error {
	for _, name := range proof.names {
		if len(request.Values(name)) != 1 {
			return refuse(SignedHeaderMissing, name+" is signed, and not there exactly once")
		}
	}
	for _, name := range v.mustBeSigned(request, proof) {
		if !proof.signs(name) {
			return refuse(SignedHeaderMissing, name+" is not signed")
		}
	}
	var err error
	if isSDK(proof.kind) {
		proof.dated = true
		if proof.date, err = parseDate(request.Value("x-sdk-date"), basicDate); err != nil {
			return err
		}
		return checkPayloadWord(request.Values(payloadHeader))
	}
	if proof.kind == Aliyun && proof.signs("x-ca-timestamp") {
		stamp := request.Value("x-ca-timestamp")
		milliseconds, err := strconv.ParseUint(stamp, 10, 63)
		if err != nil || len(stamp) != 13 {
			return malformed("X-Ca-Timestamp is no number of milliseconds")
		}
		proof.dated, proof.date = true, float64(milliseconds)/1000
	}
	return nil
}

func (v *Verifier) mustBeSigned(request *Request, proof *proof) []string {
	var names []string
	for _, name := range []string{"x-countersign-app", "x-mse-consumer", "x-countersign-user"} {
		if request.has(name) {
			names = append(names, name)
		}
	}
	if proof.kind != Aliyun {
		names = append(names, "host")
	} else if !v.options.AcceptUndated || request.has("x-ca-timestamp") {
		names = append(names, "x-ca-timestamp")
	}
	if isSDK(proof.kind) {
		names = append(names, "x-sdk-date")
		if request.has(payloadHeader) {
			names = append(names, payloadHeader)
		}
	}
	return names
}

func checkPayloadWord(values []string) error {
	for _, value := range values {
		if value != unsignedPayload && !isLowerHex(value, 64, 64) {
			return malformed("X-Sdk-Content-Sha256 is neither UNSIGNED-PAYLOAD nor 64 lower-case hex digits")
		}
	}
	return nil
}

func (v *Verifier) checkTime(proof *proof, now time.Time) error {
	if !proof.dated {
		return nil
	}
	seconds := float64(now.UnixNano()) / 1e9
	if off := math.Abs(seconds - proof.date); off > v.options.Window.Seconds() {
		return refuse(Expired, fmt.Sprintf("%.0f seconds off", off))
	}
	if proof.lifetime > 0 && seconds >= proof.date+float64(proof.lifetime) {
		return refuse(Expired, "past the expiry that it carries")
	}
	return nil
}

func textsOf(request *Request, proof *proof) (text, canonical string, err error) {
	switch proof.kind {
	case BCE:
		text, err = bceText(request, proof.names)
	case Aliyun:
		text, err = aliyunText(request, proof.spelled)
	default:
		if canonical, err = sdkCanonical(request, proof.names); err == nil {
			text = sdkText(proof.algorithm, request, canonical)
		}
	}
	return text, canonical, err
}

// prove tries every key, so that the time does not tell which one it was.
func prove(keys []Key, text, canonical string, proof *proof) error {
	proven := false
	for _, key := range keys {
		ok, err := key.check(text, proof)
		if err != nil {
			return err
		}
		proven = proven || ok
	}
	if proven {
		return nil
	}
	if canonical == "" {
		canonical = text
	}
	return refuse(SignatureMismatch, "the signature is not that of "+strings.ReplaceAll(canonical, "\n", "|"))
}

func (v *Verifier) checkBody(request *Request, proof *proof) error {
	covered := false
	switch {
	case proof.kind == Aliyun:
		covered = aliyunCoversBody(request)
	case proof.kind == BCE:
		for name, digest := range map[string]string{"x-bce-content-sha256": hexDigest(request.Body), "content-md5": contentMD5(request.Body)} {
			if !proof.signs(name) {
				continue
			}
			covered = true
			if err := checkDigest(digest, request.Value(name)); err != nil {
				return err
			}
		}
	case isSDK(proof.kind):
		declared := request.Value(payloadHeader)
		covered = declared != unsignedPayload
		if covered && declared != "" {
			digest := sha256.Sum256(request.Body)
			if err := checkDigest(hex.EncodeToString(digest[:]), declared); err != nil {
				return err
			}
		}
	}
	if v.options.RequireSignedBody && len(request.Body) > 0 && !covered {
		return refuse(BodyMismatch, "the signature does not cover the body")
	}
	return nil
}

func checkDigest(digest, declared string) error {
	if !equal(digest, declared) {
		return refuse(BodyMismatch, "the body is not the one whose digest is signed")
	}
	return nil
}
