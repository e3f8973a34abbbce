"""How the gateway signs for a backend: one class a type. `sign` gives the request as it is sent and the texts that were signed."""
import base64

import texts

TELLS = ("x-countersign-app", "x-mse-consumer", "x-request-id")


def tells(request):
    return [name for name in TELLS if name in request.names()]


class Basic:
    type, proof = "basic", "Authorization"

    def sign(self, key, request, _now, _names=()):
        token = base64.b64encode(f"{key['id']}:{key['secret']}".encode()).decode()
        return request.put(self.proof, f"Basic {token}"), {"string-to-sign.txt": b""}


class Sdk:
    """hmac, aes and public_key: one text, three ways to prove it."""
    proof = "Authorization"

    def __init__(self, kind):
        self.type = kind

    def algorithm(self, key):
        return texts.SDK_ALGORITHMS.get(key.get("algorithm"), "SDK-HMAC-SHA256")

    def sign(self, key, request, now, names=()):
        dated = request.put("X-Sdk-Date", texts.basic_date(now))
        listed = texts.sdk_names(dated, [*tells(request), *names])
        return self.seal(key, dated, listed)

    def seal(self, key, dated, listed):
        """The proof over exactly these names."""
        text = texts.sdk_text(self.algorithm(key), dated, listed)
        proof = f"{self.algorithm(key)} Access={key['id']}, SignedHeaders={';'.join(listed)}, Signature={texts.sdk_signature(key, text)}"
        return dated.put(self.proof, proof), {"canonical-request.txt": texts.sdk_canonical(dated, listed), "string-to-sign.txt": text}


class Bce:
    type, proof = "bce", "X-Bce-Gateway-Auth"

    def sign(self, key, request, now, names=()):
        return self.seal(key, request, texts.bce_names(request, [*tells(request), *names]), now)

    def seal(self, key, request, listed, now, expiration=1800):
        return request.put(self.proof, texts.bce_proof(key, request, listed, now, expiration)), {"string-to-sign.txt": texts.bce_text(request, listed)}


class Aliyun:
    type, proof = "aliyun", "X-Ca-Proxy-Signature"

    def sign(self, key, request, now, names=()):
        stamped = request.put("X-Ca-Timestamp", f"{now}000")
        own = [name for name, _ in stamped.headers if name.lower() in (*TELLS, "x-ca-timestamp", "content-type")]
        return self.seal(key, stamped, sorted({*own, *(name.title() for name in names)}))

    def seal(self, key, stamped, declared):
        text = texts.proxy_text(stamped, declared)
        signed = stamped.put("X-Ca-Proxy-Signature-Secret-Key", key["id"]).put("X-Ca-Proxy-Signature-Headers", ",".join(declared))
        return signed.put(self.proof, texts.base64_hmac(key["secret"], text)), {"string-to-sign.txt": text}


ALL = (Sdk("hmac"), Basic(), Sdk("aes"), Sdk("public_key"), Bce(), Aliyun())
