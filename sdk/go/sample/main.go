// Command sample PORT is a backend that believes the gateway only. Its keys are in the environment (../../README.md).
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"countersign"
)

// keysOfEnvironment gives, while the gateway's key is changed, the one that signs now and the one that follows.
func keysOfEnvironment() ([]countersign.Key, error) {
	id, secret, key := os.Getenv("COUNTERSIGN_ID"), os.Getenv("COUNTERSIGN_SECRET"), os.Getenv("COUNTERSIGN_KEY")
	first, err := keyOf(id, secret, key)
	if err != nil || os.Getenv("COUNTERSIGN_NEXT_SECRET")+os.Getenv("COUNTERSIGN_NEXT_KEY") == "" {
		return []countersign.Key{first}, err
	}
	next, err := keyOf(other("COUNTERSIGN_NEXT_ID", id), other("COUNTERSIGN_NEXT_SECRET", secret), other("COUNTERSIGN_NEXT_KEY", key))
	return []countersign.Key{first, next}, err
}

func other(name, otherwise string) string {
	if value, there := os.LookupEnv(name); there {
		return value
	}
	return otherwise
}

func keyOf(id, secret, key string) (countersign.Key, error) {
	switch kind := os.Getenv("COUNTERSIGN_TYPE"); kind {
	case "", "hmac":
		return countersign.NewHMACKey(id, secret)
	case "basic":
		return countersign.NewBasicKey(id, secret)
	case "aes":
		return countersign.NewAESKey(id, os.Getenv("COUNTERSIGN_ALGORITHM"), key, secret)
	case "public_key":
		return countersign.NewPublicKey(id, key)
	case "bce":
		return countersign.NewBCEKey(id, secret)
	case "aliyun":
		return countersign.NewAliyunKey(id, secret)
	default:
		return countersign.Key{}, fmt.Errorf("COUNTERSIGN_TYPE %s is none", kind)
	}
}

func serve(writer http.ResponseWriter, request *http.Request) {
	verified := countersign.FromContext(request.Context())
	body, _ := io.ReadAll(request.Body)
	writer.Header().Set("Content-Type", "application/json")
	json.NewEncoder(writer).Encode(map[string]interface{}{
		"verified": true, "type": verified.Type, "key_id": verified.KeyID, "caller": verified.Caller(),
		"method": request.Method, "target": request.RequestURI, "body_bytes": len(body),
	})
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: sample PORT")
	}
	keys, err := keysOfEnvironment()
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := countersign.NewVerifier(keys, countersign.Options{})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening at http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, verifier.Middleware(http.HandlerFunc(serve), 0)))
}
