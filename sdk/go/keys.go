package countersign

import (
	"crypto"
	"crypto/aes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Type is a type of signature key.
type Type string

const (
	HMAC      Type = "hmac"
	Basic     Type = "basic"
	AES       Type = "aes"
	PublicKey Type = "public_key"
	BCE       Type = "bce"
	Aliyun    Type = "aliyun"
)

// Key is what a backend knows of the gateway. Made by the New…Key functions.
type Key struct {
	kind      Type
	id        string
	algorithm string
	notAfter  int64
	ends      bool
	secret    []byte
	check     func(text string, proof *proof) (bool, error)
}

// Until is a copy of the key that holds to the second notAfter (Unix time), that one included.
func (k Key) Until(notAfter int64) Key {
	k.notAfter, k.ends = notAfter, true
	return k
}

// String names the key without its secret.
func (k Key) String() string { return fmt.Sprintf("%s key %s", k.kind, k.id) }

// GoString names the key without its secret.
func (k Key) GoString() string { return k.String() }

func (k Key) holds(now int64) bool { return !k.ends || now <= k.notAfter }

func newSecretKey(kind Type, id, secret string) (Key, error) {
	if id == "" || secret == "" {
		return Key{}, errors.New("countersign: a key needs an id and a secret")
	}
	return Key{kind: kind, id: id, secret: []byte(secret)}, nil
}

// NewHMACKey is a key of type hmac: SDK-HMAC-SHA256.
func NewHMACKey(id, secret string) (Key, error) {
	key, err := newSecretKey(HMAC, id, secret)
	key.algorithm = "SDK-HMAC-SHA256"
	key.check = func(text string, proof *proof) (bool, error) {
		if !isLowerHex(proof.signature, 64, 64) {
			return false, malformed("Signature is not 64 lower-case hex digits")
		}
		return equal(hexMAC(key.secret, text), proof.signature), nil
	}
	return key, err
}

// NewBasicKey is a user name and a password. It covers nothing of the request.
func NewBasicKey(user, password string) (Key, error) {
	key, err := newSecretKey(Basic, user, password)
	key.check = func(_ string, proof *proof) (bool, error) {
		expected, given := sha256.Sum256(key.secret), sha256.Sum256([]byte(proof.signature))
		return subtle.ConstantTimeCompare(expected[:], given[:]) == 1, nil
	}
	return key, err
}

// NewAESKey is a key of type aes, this gateway's own format. id is that of the signature key; algorithm is aes-128-cfb or aes-256-cfb.
func NewAESKey(id, algorithm, key, vector string) (Key, error) {
	size := map[string]int{"aes-128-cfb": 16, "aes-256-cfb": 32}[algorithm]
	if size == 0 {
		return Key{}, errors.New("countersign: the algorithm must be aes-128-cfb or aes-256-cfb")
	}
	if id == "" || len(key) != size || len(vector) != aes.BlockSize {
		return Key{}, fmt.Errorf("countersign: %s needs an id, a key of %d bytes and a vector of 16", algorithm, size)
	}
	made := Key{kind: AES, id: id, algorithm: "SDK-" + strings.ToUpper(algorithm), secret: []byte(key)}
	made.check = func(text string, proof *proof) (bool, error) {
		if !isLowerHex(proof.signature, 64, 64) {
			return false, malformed("Signature is not 64 lower-case hex digits")
		}
		wrapped, err := wrap(made.secret, []byte(vector), mac(made.secret, text))
		return err == nil && equal(hex.EncodeToString(wrapped), proof.signature), err
	}
	return made, nil
}

// wrap encrypts in CFB mode with segments of a block; cipher.NewCFBEncrypter does the same but is deprecated in later versions of Go.
func wrap(key, vector, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	out, last := make([]byte, len(plain)), append([]byte(nil), vector...)
	for at := 0; at < len(plain); at += aes.BlockSize {
		block.Encrypt(last, last)
		for i := range last {
			last[i] ^= plain[at+i]
		}
		copy(out[at:], last)
	}
	return out, nil
}

// NewPublicKey is a key of type public_key, this gateway's own format. text is an SPKI in PEM or bare base64: RSA from 2048 bits, or ECDSA P-256.
func NewPublicKey(id, text string) (Key, error) {
	parsed, err := parseSPKI(text)
	if err != nil || id == "" {
		return Key{}, errors.New("countersign: a public key needs an id and an SPKI, in PEM or bare base64")
	}
	key := Key{kind: PublicKey, id: id}
	switch public := parsed.(type) {
	case *rsa.PublicKey:
		if public.N.BitLen() >= 2048 {
			key.algorithm = "SDK-RSA-SHA256"
			key.check = checkRSA(public)
		}
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P256() {
			key.algorithm = "SDK-ECDSA-P256-SHA256"
			key.check = checkECDSA(public)
		}
	}
	if key.check == nil {
		return Key{}, errors.New("countersign: a public key must be RSA from 2048 bits, or ECDSA P-256")
	}
	return key, nil
}

func parseSPKI(text string) (interface{}, error) {
	var bare strings.Builder
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "-----") {
			bare.WriteString(strings.TrimSpace(line))
		}
	}
	data, err := base64.StdEncoding.DecodeString(bare.String())
	if err != nil {
		return nil, err
	}
	return x509.ParsePKIXPublicKey(data)
}

func checkRSA(public *rsa.PublicKey) func(string, *proof) (bool, error) {
	return func(text string, proof *proof) (bool, error) {
		signature, err := base64.StdEncoding.Strict().DecodeString(proof.signature)
		if err != nil || len(signature) == 0 {
			return false, malformed("Signature is not base64")
		}
		digest := sha256.Sum256([]byte(text))
		return rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature) == nil, nil
	}
}

func checkECDSA(public *ecdsa.PublicKey) func(string, *proof) (bool, error) {
	return func(text string, proof *proof) (bool, error) {
		if !isLowerHex(proof.signature, 2, 144) || len(proof.signature)%2 != 0 {
			return false, malformed("Signature is not lower-case hex")
		}
		signature, err := hex.DecodeString(proof.signature)
		if err != nil {
			return false, malformed("Signature is not lower-case hex")
		}
		digest := sha256.Sum256([]byte(text))
		return ecdsa.VerifyASN1(public, digest[:], signature), nil
	}
}

// NewBCEKey is a key of type bce: bce-auth-v1 in X-Bce-Gateway-Auth.
func NewBCEKey(id, secret string) (Key, error) {
	key, err := newSecretKey(BCE, id, secret)
	key.check = func(text string, proof *proof) (bool, error) {
		signingKey := hexMAC(key.secret, proof.prefix)
		return equal(hexMAC([]byte(signingKey), text), proof.signature), nil
	}
	return key, err
}

// NewAliyunKey is a key of type aliyun: X-Ca-Proxy-Signature.
func NewAliyunKey(id, secret string) (Key, error) {
	key, err := newSecretKey(Aliyun, id, secret)
	key.check = func(text string, proof *proof) (bool, error) {
		if len(proof.signature) != 44 {
			return false, malformed("X-Ca-Proxy-Signature is not the base64 of 32 bytes")
		}
		return equal(base64.StdEncoding.EncodeToString(mac(key.secret, text)), proof.signature), nil
	}
	return key, err
}

func mac(key []byte, text string) []byte {
	state := hmac.New(sha256.New, key)
	state.Write([]byte(text))
	return state.Sum(nil)
}

func hexMAC(key []byte, text string) string { return hex.EncodeToString(mac(key, text)) }

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func isLowerHex(text string, least, most int) bool {
	for i := 0; i < len(text); i++ {
		if !(text[i] >= '0' && text[i] <= '9' || text[i] >= 'a' && text[i] <= 'f') {
			return false
		}
	}
	return len(text) >= least && len(text) <= most
}
