package countersign

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Signed holds the headers to set on a request, each in place of those of its name.
type Signed struct {
	Headers          []Header
	StringToSign     string
	CanonicalRequest string
}

// SigningOptions of the signers; the zero value is the default.
type SigningOptions struct {
	Now           time.Time // zero: time.Now
	SignedHeaders []string  // further names to sign
	Expiration    int       // bce-auth-v1: seconds, 0: 1800
	Header        string    // bce-auth-v1: "": Authorization
}

func (o SigningOptions) now() time.Time {
	if o.Now.IsZero() {
		return time.Now().UTC()
	}
	return o.Now.UTC()
}

func prepared(request *Request) (*Request, error) {
	for i := 0; i < len(request.Target); i++ {
		if request.Target[i] >= 0x80 {
			return nil, errors.New("countersign: the target must be percent-encoded")
		}
	}
	copied := *request
	copied.Method = strings.ToUpper(request.Method)
	return &copied, nil
}

func signedNames(request *Request, names ...string) []string {
	var found []string
	for _, name := range names {
		if name = lower(name); request.has(name) && !contains(found, name) {
			found = append(found, name)
		}
	}
	sort.Strings(found)
	return found
}

func nonce() (string, error) {
	var data [16]byte
	if _, err := rand.Read(data[:]); err != nil {
		return "", err
	}
	data[6], data[8] = data[6]&0x0f|0x40, data[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", data[:4], data[4:6], data[6:8], data[8:10], data[10:]), nil
}

// SignAliyunCA signs with X-Ca-Signature, HmacSHA256. Query and form must not repeat a name.
func SignAliyunCA(request *Request, keyID, secret string, options SigningOptions) (*Signed, error) {
	request, err := prepared(request)
	if err != nil {
		return nil, err
	}
	once, err := nonce()
	if err != nil {
		return nil, err
	}
	added := []Header{{"X-Ca-Key", keyID}}
	stamp := strconv.FormatInt(options.now().UnixNano()/int64(time.Millisecond), 10)
	for _, header := range []Header{{"Accept", "*/*"}, {"X-Ca-Timestamp", stamp}, {"X-Ca-Nonce", once}} {
		if !request.has(header.Name) {
			added = append(added, header)
		}
	}
	if len(request.Body) > 0 && !request.isForm() && !request.has("Content-MD5") {
		added = append(added, Header{"Content-MD5", contentMD5(request.Body)})
	}
	request = request.With(added)
	names := signedNames(request, append([]string{"x-ca-key", "x-ca-timestamp", "x-ca-nonce"}, options.SignedHeaders...)...)
	text, err := caText(request, names)
	if err != nil {
		return nil, err
	}
	proof := base64.StdEncoding.EncodeToString(mac([]byte(secret), text))
	added = append(added, Header{"X-Ca-Signature-Headers", strings.Join(names, ",")}, Header{"X-Ca-Signature", proof})
	return &Signed{Headers: added, StringToSign: text}, nil
}

// SignSDKHMAC signs with SDK-HMAC-SHA256.
func SignSDKHMAC(request *Request, keyID, secret string, options SigningOptions) (*Signed, error) {
	request, err := prepared(request)
	if err != nil {
		return nil, err
	}
	var added []Header
	if !request.has("X-Sdk-Date") {
		added = append(added, Header{"X-Sdk-Date", options.now().Format(basicDate)})
	}
	request = request.With(added)
	names := signedNames(request, append([]string{"host", "x-sdk-date", payloadHeader}, options.SignedHeaders...)...)
	canonical, err := sdkCanonical(request, names)
	if err != nil {
		return nil, err
	}
	text := sdkText("SDK-HMAC-SHA256", request, canonical)
	proof := "SDK-HMAC-SHA256 Access=" + keyID + ", SignedHeaders=" + strings.Join(names, ";") + ", Signature=" + hexMAC([]byte(secret), text)
	return &Signed{Headers: append(added, Header{"Authorization", proof}), StringToSign: text, CanonicalRequest: canonical}, nil
}

// SignBCE signs with bce-auth-v1. The body is covered only by a header x-bce-content-sha256 that the request has.
func SignBCE(request *Request, keyID, secret string, options SigningOptions) (*Signed, error) {
	request, err := prepared(request)
	if err != nil {
		return nil, err
	}
	if options.Header == "" {
		options.Header = "Authorization"
	}
	if options.Expiration == 0 {
		options.Expiration = 1800
	}
	wanted := append([]string{"host", "content-type", "content-md5"}, options.SignedHeaders...)
	for _, header := range request.Headers {
		if name := lower(header.Name); strings.HasPrefix(name, "x-bce-") && name != lower(options.Header) {
			wanted = append(wanted, name)
		}
	}
	names := signedNames(request, wanted...)
	text, err := bceText(request, names)
	if err != nil {
		return nil, err
	}
	prefix := "bce-auth-v1/" + keyID + "/" + options.now().Format(isoDate) + "/" + strconv.Itoa(options.Expiration)
	signature := hexMAC([]byte(hexMAC([]byte(secret), prefix)), text)
	header := Header{options.Header, prefix + "/" + strings.Join(names, ";") + "/" + signature}
	return &Signed{Headers: []Header{header}, StringToSign: text}, nil
}
