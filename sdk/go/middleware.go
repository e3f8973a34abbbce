package countersign

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sort"
)

// DefaultMaxBody is how many bytes of body a middleware reads.
const DefaultMaxBody = 12 << 20

type contextKey struct{}

// FromContext is what the middleware knows of the request that a handler serves; nil outside of a middleware.
func FromContext(ctx context.Context) *Verified {
	verified, _ := ctx.Value(contextKey{}).(*Verified)
	return verified
}

// Middleware answers 401 to what the gateway did not sign. maxBody 0: DefaultMaxBody.
func (v *Verifier) Middleware(next http.Handler, maxBody int64) http.Handler {
	if maxBody == 0 {
		maxBody = DefaultMaxBody
	}
	return http.HandlerFunc(func(writer http.ResponseWriter, incoming *http.Request) {
		body, err := io.ReadAll(io.LimitReader(incoming.Body, maxBody+1))
		if err != nil {
			answer(writer, http.StatusBadRequest, "body_unreadable")
			return
		}
		if int64(len(body)) > maxBody {
			answer(writer, http.StatusRequestEntityTooLarge, "body_too_large")
			return
		}
		verified, err := v.Verify(FromHTTP(incoming, body))
		if err != nil {
			answer(writer, http.StatusUnauthorized, string(CodeOf(err)))
			return
		}
		incoming = incoming.WithContext(context.WithValue(incoming.Context(), contextKey{}, verified))
		incoming.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(writer, incoming)
	})
}

// FromHTTP is the request that a server of net/http received, with the body that was read from it.
func FromHTTP(incoming *http.Request, body []byte) *Request {
	request := &Request{Method: incoming.Method, Target: incoming.RequestURI, Body: body}
	request.Headers = append(request.Headers, Header{"Host", incoming.Host})
	var names []string
	for name := range incoming.Header {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, value := range incoming.Header[name] {
			request.Headers = append(request.Headers, Header{name, value})
		}
	}
	if incoming.ContentLength >= 0 && incoming.Header.Get("Content-Length") == "" && len(body) > 0 {
		request.Headers = append(request.Headers, Header{"Content-Length", fmt.Sprint(incoming.ContentLength)})
	}
	return request
}

func answer(writer http.ResponseWriter, status int, code string) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(status)
	fmt.Fprintf(writer, `{"error":"%s"}`, code)
}
