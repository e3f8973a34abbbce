// Tokens by golang-jwt: a list of wishes on standard input, the tokens on standard output.
package main

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"os"

	"github.com/golang-jwt/jwt/v5"
)

type wish struct {
	Algorithm string                 `json:"alg"`
	Pem       string                 `json:"pem"`
	Secret    string                 `json:"secret"`
	Kid       string                 `json:"kid"`
	Claims    map[string]interface{} `json:"claims"`
}

func key(wish wish) (crypto.PrivateKey, error) {
	switch wish.Algorithm[:2] {
	case "HS":
		return base64.StdEncoding.DecodeString(wish.Secret)
	case "ES":
		return jwt.ParseECPrivateKeyFromPEM([]byte(wish.Pem))
	case "Ed":
		return jwt.ParseEdPrivateKeyFromPEM([]byte(wish.Pem))
	}
	return jwt.ParseRSAPrivateKeyFromPEM([]byte(wish.Pem))
}

func sign(wish wish) (string, error) {
	token := jwt.NewWithClaims(jwt.GetSigningMethod(wish.Algorithm), jwt.MapClaims(wish.Claims))
	token.Header["kid"] = wish.Kid
	with, err := key(wish)
	if err != nil {
		return "", err
	}
	return token.SignedString(with)
}

func main() {
	var wishes []wish
	decoder := json.NewDecoder(os.Stdin)
	decoder.UseNumber()
	if err := decoder.Decode(&wishes); err != nil {
		panic(err)
	}
	tokens := []string{}
	for _, wish := range wishes {
		token, err := sign(wish)
		if err != nil {
			panic(err)
		}
		tokens = append(tokens, token)
	}
	json.NewEncoder(os.Stdout).Encode(tokens)
}
