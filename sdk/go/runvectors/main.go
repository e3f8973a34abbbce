// Command runvectors FOLDER checks every case of the vectors (vectors/README.md). Last line: "N passed, N failed".
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"countersign"
)

type known struct {
	Type, ID, Secret, Algorithm, Key string
	PublicKey                        string `json:"public_key"`
	NotAfter                         *int64 `json:"not_after"`
}

type options struct {
	Window            int64
	AcceptUndated     bool `json:"accept_undated"`
	RequireSignedBody bool `json:"require_signed_body"`
}

type context struct {
	Type          string
	Now           int64
	Keys          []known
	Key           *known
	Options       options
	SignedHeaders []string `json:"signed_headers"`
	Proof         string
	Expect        map[string]string
}

func readRequest(path string) (*countersign.Request, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	head, body, _ := strings.Cut(string(data), "\n\n")
	lines := strings.Split(head, "\n")
	words := strings.Split(lines[0], " ")
	if len(words) != 3 {
		return nil, errors.New("no request line")
	}
	request := &countersign.Request{Method: words[0], Target: words[1], Body: []byte(body)}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		request.Headers = append(request.Headers, countersign.Header{Name: name, Value: value})
	}
	return request, nil
}

func makeKey(from known) (key countersign.Key, err error) {
	switch from.Type {
	case "hmac":
		key, err = countersign.NewHMACKey(from.ID, from.Secret)
	case "basic":
		key, err = countersign.NewBasicKey(from.ID, from.Secret)
	case "aes":
		key, err = countersign.NewAESKey(from.ID, from.Algorithm, from.Key, from.Secret)
	case "public_key":
		key, err = countersign.NewPublicKey(from.ID, from.PublicKey)
	case "bce":
		key, err = countersign.NewBCEKey(from.ID, from.Secret)
	case "aliyun":
		key, err = countersign.NewAliyunKey(from.ID, from.Secret)
	default:
		err = errors.New("a key of type " + from.Type)
	}
	if from.NotAfter != nil {
		key = key.Until(*from.NotAfter)
	}
	return key, err
}

func checkTexts(folder, text, canonical string) error {
	for name, got := range map[string]string{"string-to-sign.txt": text, "canonical-request.txt": canonical} {
		expected, err := os.ReadFile(filepath.Join(folder, name))
		if err == nil && string(expected) != got {
			return errors.New("another " + name)
		}
	}
	return nil
}

type signer func(*countersign.Request, string, string, countersign.SigningOptions) (*countersign.Signed, error)

var signers = map[string]struct {
	sign   signer
	header string
}{
	"aliyun-ca":       {countersign.SignAliyunCA, "X-Ca-Signature"},
	"sdk-hmac-sha256": {countersign.SignSDKHMAC, "Authorization"},
	"bce-auth-v1":     {countersign.SignBCE, "Authorization"},
	"hmac":            {countersign.SignSDKHMAC, "Authorization"},
	"bce":             {countersign.SignBCE, "X-Bce-Gateway-Auth"},
}

func checkSigning(folder string, context context, signed *countersign.Request) error {
	unsigned, err := readRequest(filepath.Join(folder, "request.txt"))
	if err != nil {
		return err
	}
	signer, key := signers[context.Type], context.Key
	if key == nil {
		key = &context.Keys[0]
	}
	settings := countersign.SigningOptions{Now: time.Unix(context.Now, 0), SignedHeaders: context.SignedHeaders}
	if context.Type == "bce" {
		settings.Header = signer.header
	}
	result, err := signer.sign(unsigned, key.ID, key.Secret, settings)
	if err != nil {
		return err
	}
	proof := (&countersign.Request{Headers: result.Headers}).Value(signer.header)
	if proof != signed.Value(signer.header) {
		return errors.New("signed otherwise: " + proof)
	}
	return checkTexts(folder, result.StringToSign, result.CanonicalRequest)
}

func check(folder string, context context, name string) error {
	request, err := readRequest(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	expected := context.Expect[name]
	if expected == "signed" {
		return checkSigning(folder, context, request)
	}
	var keys []countersign.Key
	for _, from := range context.Keys {
		key, err := makeKey(from)
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	verifier, err := countersign.NewVerifier(keys, countersign.Options{
		Window: time.Duration(context.Options.Window) * time.Second, AcceptUndated: context.Options.AcceptUndated,
		RequireSignedBody: context.Options.RequireSignedBody, Clock: func() time.Time { return time.Unix(context.Now, 0) },
	})
	if err != nil {
		return err
	}
	verified, err := verifier.Verify(request)
	if got := string(countersign.CodeOf(err)); err != nil && got != expected {
		return fmt.Errorf("expected %s, got %w", expected, err)
	}
	if err == nil && expected != "accept" {
		return fmt.Errorf("expected %s, was accepted", expected)
	}
	if err != nil || name != "signed-request.txt" {
		return nil
	}
	if err := checkTexts(folder, verified.StringToSign, verified.CanonicalRequest); err != nil || context.SignedHeaders == nil {
		return err
	}
	return checkSigning(folder, context, request)
}

func run(path string) (passed, failed int) {
	var context context
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &context)
	}
	folder := filepath.Dir(path)
	shown := filepath.Base(filepath.Dir(folder)) + "/" + filepath.Base(folder)
	if err != nil {
		fmt.Printf("FAIL %s/context.json: %v\n", shown, err)
		return 0, 1
	}
	var names []string
	for name := range context.Expect {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if err := check(folder, context, name); err != nil {
			fmt.Printf("FAIL %s/%s: %v\n", shown, name, err)
			failed++
		} else {
			passed++
		}
	}
	return passed, failed
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: runvectors FOLDER")
		os.Exit(2)
	}
	paths, _ := filepath.Glob(filepath.Join(os.Args[1], "*", "*", "context.json"))
	sort.Strings(paths)
	passed, failed := 0, 0
	for _, path := range paths {
		good, bad := run(path)
		passed, failed = passed+good, failed+bad
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if passed == 0 || failed > 0 {
		os.Exit(1)
	}
}
