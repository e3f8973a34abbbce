package countersign

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

const (
	basicDate = "20060102T150405Z"
	isoDate   = "2006-01-02T15:04:05Z"
)

var algorithms = map[string]Type{
	"SDK-HMAC-SHA256":       HMAC,
	"SDK-AES-128-CFB":       AES,
	"SDK-AES-256-CFB":       AES,
	"SDK-RSA-SHA256":        PublicKey,
	"SDK-ECDSA-P256-SHA256": PublicKey,
}

// proof is what a request claims.
type proof struct {
	kind      Type
	keyID     string
	algorithm string
	signature string
	names     []string // signed headers, lower case
	spelled   []string // as the list has them
	dated     bool
	date      float64 // Unix seconds
	lifetime  int64   // seconds, 0: none is told
	prefix    string
}

func isSDK(kind Type) bool { return kind == HMAC || kind == AES || kind == PublicKey }

func (p *proof) signs(name string) bool { return contains(p.names, name) }

func contains(names []string, name string) bool {
	for _, other := range names {
		if other == name {
			return true
		}
	}
	return false
}

func parseDate(text, layout string) (float64, error) {
	moment, err := time.Parse(layout, text)
	// time.Parse takes fractions of a second that no layout names.
	if err != nil || moment.Format(layout) != text {
		return 0, malformed("the date is none of the calendar, or not of the form that the format wants")
	}
	return float64(moment.Unix()), nil
}

func splitNames(listed, separator string) (spelled, names []string, err error) {
	spelled = strings.Split(listed, separator)
	for _, name := range spelled {
		if !isToken(name) || contains(names, lower(name)) {
			return nil, nil, malformed("the list of signed headers holds a name twice, or one that is none")
		}
		names = append(names, lower(name))
	}
	return spelled, names, nil
}

func lowerNames(listed string) ([]string, error) {
	if listed != lower(listed) {
		return nil, malformed("the list of signed headers holds a name that is not in lower case")
	}
	_, names, err := splitNames(listed, ";")
	return names, err
}

// readAuthorization reads the header of hmac, basic, aes and public_key.
func readAuthorization(value string, types map[Type]bool) (*proof, error) {
	word, rest, _ := strings.Cut(value, " ")
	kind := algorithms[word]
	if lower(word) == "basic" {
		kind = Basic
	}
	if !types[kind] {
		return nil, refuse(AlgorithmNotAllowed, "a proof for which there is no key here")
	}
	if kind == Basic {
		return readBasic(trim(rest))
	}
	read := &proof{kind: kind, algorithm: word}
	var names string
	if !takeParameters(trim(rest), &read.keyID, &names, &read.signature) {
		return nil, malformed("not Access, SignedHeaders and Signature in this order")
	}
	var err error
	read.names, err = lowerNames(names)
	return read, err
}

func takeParameters(text string, keyID, names, signature *string) bool {
	parts := strings.Split(text, ",")
	if len(parts) != 3 {
		return false
	}
	for i, part := range []struct {
		name string
		into *string
	}{{"Access=", keyID}, {"SignedHeaders=", names}, {"Signature=", signature}} {
		text := parts[i]
		if i > 0 && text != "" && (text[0] == ' ' || text[0] == '\t') {
			text = text[1:]
		}
		if !strings.HasPrefix(text, part.name) || !isVisible(text) || len(text) == len(part.name) {
			return false
		}
		*part.into = text[len(part.name):]
	}
	return true
}

func isVisible(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] < 0x21 || text[i] > 0x7e {
			return false
		}
	}
	return true
}

func readBasic(token string) (*proof, error) {
	pair, err := base64.StdEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, malformed("Basic without base64")
	}
	user, password, found := strings.Cut(string(pair), ":")
	if !found {
		return nil, malformed("Basic without a colon")
	}
	return &proof{kind: Basic, keyID: user, signature: password}, nil
}

// readBCE reads X-Bce-Gateway-Auth.
func readBCE(value string) (*proof, error) {
	parts := strings.Split(value, "/")
	if parts[0] != "bce-auth-v1" {
		return nil, refuse(AlgorithmNotAllowed, "not bce-auth-v1")
	}
	if len(parts) != 6 || parts[1] == "" {
		return nil, malformed("not the six parts of bce-auth-v1")
	}
	lifetime, err := strconv.ParseInt(parts[3], 10, 32)
	if err != nil || lifetime < 1 || strconv.FormatInt(lifetime, 10) != parts[3] {
		return nil, malformed("the expiration is no number of seconds")
	}
	if !isLowerHex(parts[5], 64, 64) {
		return nil, malformed("the signature is not 64 lower-case hex digits")
	}
	read := &proof{kind: BCE, keyID: parts[1], signature: parts[5], lifetime: lifetime, dated: true}
	read.prefix = strings.Join(parts[:4], "/")
	if read.date, err = parseDate(parts[2], isoDate); err != nil {
		return nil, err
	}
	if parts[4] != "" {
		read.names, err = lowerNames(parts[4])
	}
	return read, err
}

// readAliyun reads X-Ca-Proxy-Signature and the two headers beside it.
func readAliyun(request *Request, value string) (*proof, error) {
	ids, lists := request.Values("X-Ca-Proxy-Signature-Secret-Key"), request.Values("X-Ca-Proxy-Signature-Headers")
	if len(ids) != 1 || len(lists) > 1 || ids[0] == "" {
		return nil, malformed("X-Ca-Proxy-Signature-Secret-Key and -Headers must stand there once")
	}
	read := &proof{kind: Aliyun, keyID: ids[0], signature: value}
	var err error
	if len(lists) == 1 && lists[0] != "" {
		read.spelled, read.names, err = splitNames(lists[0], ",")
	}
	return read, err
}
