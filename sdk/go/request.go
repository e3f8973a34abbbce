package countersign

import (
	"encoding/hex"
	"strings"
)

// Header is one header line.
type Header struct{ Name, Value string }

// Request is a request as it stands on the wire. Target is raw ("/a%20b?x=1"); repeated headers are repeated.
type Request struct {
	Method  string
	Target  string
	Headers []Header
	Body    []byte
}

func (r *Request) path() string {
	path, _, _ := strings.Cut(r.Target, "?")
	return path
}

func (r *Request) query() string {
	_, query, _ := strings.Cut(r.Target, "?")
	return query
}

func trim(value string) string { return strings.Trim(value, " \t") }

// Values are all values of a header, in order.
func (r *Request) Values(name string) []string {
	var values []string
	wanted := lower(name)
	for _, header := range r.Headers {
		if lower(header.Name) == wanted {
			values = append(values, trim(header.Value))
		}
	}
	return values
}

// Value is the first value of a header, "" without one.
func (r *Request) Value(name string) string {
	if values := r.Values(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

func (r *Request) has(name string) bool { return len(r.Values(name)) > 0 }

func (r *Request) isForm() bool {
	kind, _, _ := strings.Cut(r.Value("Content-Type"), ";")
	return lower(trim(kind)) == "application/x-www-form-urlencoded"
}

// With is a copy in which the given headers replace those of their names.
func (r *Request) With(headers []Header) *Request {
	copied := &Request{Method: r.Method, Target: r.Target, Body: r.Body}
	given := &Request{Headers: headers}
	for _, header := range r.Headers {
		if !given.has(header.Name) {
			copied.Headers = append(copied.Headers, header)
		}
	}
	copied.Headers = append(copied.Headers, headers...)
	return copied
}

func lower(name string) string {
	data := []byte(name)
	for i, char := range data {
		if char >= 'A' && char <= 'Z' {
			data[i] = char + 'a' - 'A'
		}
	}
	return string(data)
}

func isAlphanumeric(char byte) bool {
	return char >= 'A' && char <= 'Z' || char >= 'a' && char <= 'z' || char >= '0' && char <= '9'
}

func isToken(name string) bool {
	for i := 0; i < len(name); i++ {
		if !isAlphanumeric(name[i]) && strings.IndexByte("!#$%&'*+-.^_`|~", name[i]) < 0 {
			return false
		}
	}
	return name != ""
}

// decode percent-decodes bytes; a "%" without two hex digits is refused.
func decode(text string) (string, error) {
	if strings.IndexByte(text, '%') < 0 {
		return text, nil
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			out.WriteByte(text[i])
			continue
		}
		if i+3 > len(text) {
			return "", malformed("a % without two hex digits")
		}
		value, err := hex.DecodeString(text[i+1 : i+3])
		if err != nil {
			return "", malformed("a % without two hex digits")
		}
		out.WriteByte(value[0])
		i += 2
	}
	return out.String(), nil
}

func encode(text, also string) string {
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		char := text[i]
		if isAlphanumeric(char) || strings.IndexByte("-_.~", char) >= 0 || strings.IndexByte(also, char) >= 0 {
			out.WriteByte(char)
			continue
		}
		out.WriteByte('%')
		out.WriteByte(digits[char>>4])
		out.WriteByte(digits[char&15])
	}
	return out.String()
}
