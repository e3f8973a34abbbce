package countersign

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"sort"
	"strings"
)

const (
	payloadHeader   = "x-sdk-content-sha256"
	unsignedPayload = "UNSIGNED-PAYLOAD"
)

type pair struct{ name, value string }

// parsePairs splits at "&", leaves empty items out, and decodes both sides.
func parsePairs(text string, plusIsBlank bool) ([]pair, error) {
	var pairs []pair
	for _, item := range strings.Split(text, "&") {
		if item == "" {
			continue
		}
		if plusIsBlank {
			item = strings.ReplaceAll(item, "+", " ")
		}
		rawName, rawValue, _ := strings.Cut(item, "=")
		name, err := decode(rawName)
		if err != nil {
			return nil, err
		}
		value, err := decode(rawValue)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, pair{name, value})
	}
	return pairs, nil
}

func sortPairs(pairs []pair) {
	sort.SliceStable(pairs, func(i, j int) bool {
		if pairs[i].name != pairs[j].name {
			return pairs[i].name < pairs[j].name
		}
		return pairs[i].value < pairs[j].value
	})
}

func rawPath(request *Request) (string, error) {
	path := request.path()
	if path != "" && path[0] != '/' {
		return "", malformed("a target that does not begin with /")
	}
	return path, nil
}

func encodedPath(request *Request) (string, error) {
	path, err := rawPath(request)
	if err != nil {
		return "", err
	}
	decoded, err := decode(path)
	return encode(decoded, "/"), err
}

func hexDigest(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}

// sdkCanonical is the canonical request of hmac, aes, public_key and sdk-hmac-sha256.
func sdkCanonical(request *Request, names []string) (string, error) {
	path, err := encodedPath(request)
	if err != nil {
		return "", err
	}
	pairs, err := parsePairs(request.query(), false)
	if err != nil {
		return "", err
	}
	sortPairs(pairs)
	var query []string
	for _, item := range pairs {
		if item.name != "" {
			query = append(query, encode(item.name, "")+"="+encode(item.value, ""))
		}
	}
	payload := request.Value(payloadHeader)
	if payload == "" {
		payload = hexDigest(request.Body)
	}
	if !strings.HasSuffix(path, "/") {
		path += "/"
	}
	parts := []string{request.Method, path, strings.Join(query, "&"), headerLines(request, names), strings.Join(names, ";"), payload}
	return strings.Join(parts, "\n"), nil
}

func headerLines(request *Request, names []string) string {
	var lines strings.Builder
	for _, name := range names {
		lines.WriteString(lower(name) + ":" + request.Value(name) + "\n")
	}
	return lines.String()
}

func sdkText(algorithm string, request *Request, canonical string) string {
	return algorithm + "\n" + request.Value("x-sdk-date") + "\n" + hexDigest([]byte(canonical))
}

// bceText is the text of bce and bce-auth-v1.
func bceText(request *Request, names []string) (string, error) {
	path, err := encodedPath(request)
	if err != nil {
		return "", err
	}
	if path == "" {
		path = "/"
	}
	pairs, err := parsePairs(request.query(), false)
	if err != nil {
		return "", err
	}
	var query, lines []string
	for _, item := range pairs {
		if lower(item.name) != "authorization" {
			query = append(query, encode(item.name, "")+"="+encode(item.value, ""))
		}
	}
	for _, name := range names {
		if value := request.Value(name); value != "" {
			lines = append(lines, name+":"+encode(value, ""))
		}
	}
	sort.Strings(query)
	sort.Strings(lines)
	return strings.Join([]string{request.Method, path, strings.Join(query, "&"), strings.Join(lines, "\n")}, "\n"), nil
}

// parameters are those of the query and of a form, sorted by name. Of a repeated name only one value could be signed.
func parameters(request *Request) ([]pair, error) {
	pairs, err := parsePairs(request.query(), true)
	if err != nil {
		return nil, err
	}
	if request.isForm() {
		fields, err := parsePairs(string(request.Body), true)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, fields...)
	}
	sortPairs(pairs)
	for i := 1; i < len(pairs); i++ {
		if pairs[i].name == pairs[i-1].name {
			return nil, malformed("a repeated parameter name, of which one value alone would be signed")
		}
	}
	return pairs, nil
}

func resource(request *Request, bareEmpty bool) (string, error) {
	path, err := rawPath(request)
	if err != nil {
		return "", err
	}
	pairs, err := parameters(request)
	if err != nil || len(pairs) == 0 {
		return path, err
	}
	var items []string
	for _, item := range pairs {
		if bareEmpty && item.value == "" {
			items = append(items, item.name)
		} else {
			items = append(items, item.name+"="+item.value)
		}
	}
	return path + "?" + strings.Join(items, "&"), nil
}

func contentMD5(body []byte) string {
	digest := md5.Sum(body)
	return base64.StdEncoding.EncodeToString(digest[:])
}

func aliyunCoversBody(request *Request) bool {
	return request.Method == "POST" || request.Method == "PUT" || request.isForm()
}

// aliyunText is the text of aliyun; declared are the names as the list spells them.
func aliyunText(request *Request, declared []string) (string, error) {
	digest := ""
	if aliyunCoversBody(request) && !request.isForm() && len(request.Body) > 0 {
		digest = contentMD5(request.Body)
	}
	names := append([]string(nil), declared...)
	sort.Strings(names)
	end, err := resource(request, false)
	return request.Method + "\n" + digest + "\n" + headerLines(request, names) + end, err
}

// caText is the text of aliyun-ca; names in lower case, sorted.
func caText(request *Request, names []string) (string, error) {
	text := request.Method + "\n"
	for _, name := range []string{"Accept", "Content-MD5", "Content-Type", "Date"} {
		text += request.Value(name) + "\n"
	}
	end, err := resource(request, true)
	return text + headerLines(request, names) + end, err
}
