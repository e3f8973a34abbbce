package countersign

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const keyID, keySecret = "signature_key1", "signature_secret1-0123456789"

func newVerifier(t *testing.T, options Options) *Verifier {
	t.Helper()
	key, err := NewHMACKey(keyID, keySecret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := NewVerifier([]Key{key}, options)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

func signedRequest(t *testing.T, method, target, body string) *Request {
	t.Helper()
	request := &Request{Method: method, Target: target, Headers: []Header{{"Host", "h.internal"}, {"X-Countersign-App", "app-1"}}, Body: []byte(body)}
	signed, err := SignSDKHMAC(request, keyID, keySecret, SigningOptions{SignedHeaders: []string{"x-countersign-app"}})
	if err != nil {
		t.Fatal(err)
	}
	return request.With(signed.Headers)
}

func serve(t *testing.T, maxBody int64) *httptest.Server {
	handler := http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		fmt.Fprintf(writer, "%s %s", FromContext(request.Context()).Caller(), body)
	})
	server := httptest.NewServer(newVerifier(t, Options{}).Middleware(handler, maxBody))
	t.Cleanup(server.Close)
	return server
}

// send sends what was signed, with another body when told so.
func send(t *testing.T, server *httptest.Server, signed *Request, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(signed.Method, server.URL+signed.Target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range signed.Headers {
		request.Header.Add(header.Name, header.Value)
	}
	request.Host = signed.Value("Host")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(answer)
}

func TestMiddleware(t *testing.T) {
	server := serve(t, 5)
	post := signedRequest(t, "POST", "/a%20b?x=1%2F2&b", "hello")
	twice := post.With(nil)
	twice.Headers = append(twice.Headers, Header{"X-Countersign-App", "app-1"})
	for _, step := range []struct {
		name    string
		request *Request
		body    string
		status  int
		answer  string
	}{
		{"handed on", post, "hello", 200, "app-1 hello"},
		{"changed body", post, "hellx", 401, `{"error":"signature_mismatch"}`},
		{"header twice", twice, "hello", 401, `{"error":"signed_header_missing"}`},
		{"no proof", &Request{Method: "GET", Target: "/"}, "", 401, `{"error":"missing"}`},
		{"large body", signedRequest(t, "POST", "/", "123456"), "123456", 413, `{"error":"body_too_large"}`},
	} {
		if status, answer := send(t, server, step.request, step.body); status != step.status || answer != step.answer {
			t.Errorf("%s: %d %s", step.name, status, answer)
		}
	}
}

func TestKeysThatAreNone(t *testing.T) {
	for name, make := range map[string]func() (Key, error){
		"no id":     func() (Key, error) { return NewHMACKey("", "secret") },
		"no secret": func() (Key, error) { return NewBCEKey("key", "") },
		"aes-192": func() (Key, error) {
			return NewAESKey("id", "aes-192-cfb", strings.Repeat("k", 24), strings.Repeat("v", 16))
		},
		"aes key": func() (Key, error) {
			return NewAESKey("id", "aes-128-cfb", strings.Repeat("k", 32), strings.Repeat("v", 16))
		},
		"aes vector": func() (Key, error) {
			return NewAESKey("id", "aes-128-cfb", strings.Repeat("k", 16), strings.Repeat("v", 15))
		},
		"no key":        func() (Key, error) { return NewPublicKey("id", "AAAA") },
		"no key at all": func() (Key, error) { return NewPublicKey("id", "") },
	} {
		if _, err := make(); err == nil {
			t.Error(name)
		}
	}
	if _, err := NewVerifier(nil, Options{}); err == nil {
		t.Error("a verifier without keys")
	}
	if _, err := NewVerifier([]Key{{}}, Options{}); err == nil {
		t.Error("a key that nobody made")
	}
}

func TestKeyDoesNotShowItsSecret(t *testing.T) {
	key, _ := NewHMACKey(keyID, keySecret)
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if shown := fmt.Sprintf(format, key); strings.Contains(shown, keySecret) || strings.Contains(shown, "115") {
			t.Error(shown)
		}
	}
}

func TestClockAndHeader(t *testing.T) {
	signed := signedRequest(t, "GET", "/", "")
	if _, err := newVerifier(t, Options{}).Verify(signed); err != nil {
		t.Error(err)
	}
	late := Options{Clock: func() time.Time { return time.Now().Add(1000 * time.Second) }}
	if _, err := newVerifier(t, late).Verify(signed); CodeOf(err) != Expired {
		t.Error(err)
	}
	signed.Headers[len(signed.Headers)-1].Name = "X-Sign"
	if _, err := newVerifier(t, Options{ProofHeader: "X-Sign"}).Verify(signed); err != nil {
		t.Error(err)
	}
	if _, err := newVerifier(t, Options{}).Verify(signed); CodeOf(err) != Missing {
		t.Error(err)
	}
}

func TestWhatNobodyCouldVerifyIsNotSigned(t *testing.T) {
	for name, sign := range map[string]func(*Request, string, string, SigningOptions) (*Signed, error){
		"aliyun-ca": SignAliyunCA, "sdk-hmac": SignSDKHMAC, "bce": SignBCE,
	} {
		for _, target := range []string{"/caf\u00e9", "/a?b=%4"} {
			if _, err := sign(&Request{Method: "GET", Target: target}, "key", "secret", SigningOptions{}); err == nil {
				t.Error(name, target)
			}
		}
	}
	if _, err := SignAliyunCA(&Request{Method: "GET", Target: "/?a=1&a=2"}, "key", "secret", SigningOptions{}); err == nil {
		t.Error("a repeated name")
	}
}
