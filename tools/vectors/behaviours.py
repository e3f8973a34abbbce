"""The folders of every type of countersignature: the requests of samples.py, signed, changed, and the corners of each format."""
import hashlib

import texts
import tampering
from samples import HOST, JSON, MORE_NAMES, NOW, ORDER, common, plain
from signers import ALL, Aliyun, Basic, Bce, Sdk

TYPES = tuple(signer.type for signer in ALL)

AES_128 = {"type": "aes", "id": "4d7e0c5b2a194f6e8d3c1b0a99887766", "algorithm": "aes-128-cfb", "key": "Kq3+vY/7mR=tW$2z", "secret": "Zx9!aB8@cD7#eF6%"}
AES_256 = {"type": "aes", "id": "5e8f1d6c3b2a40718e4d2c1b00998877", "algorithm": "aes-256-cfb", "key": "0123456789abcdefGHIJKLMNOPQRST+/",
           "secret": "abcdefghijklmnop"}


def public_key(folder, kind, name, sign_id):
    return {"type": "public_key", "id": sign_id, "algorithm": kind, "public_key": (folder / f"{name}-public.pem").read_text(),
            "private": (folder / f"{name}-private.pem").read_text()}


def keys_of(kind, folder):
    """(key, the one that follows it)"""
    if kind == "aes":
        return AES_128, {**AES_256, "id": AES_128["id"]}
    if kind == "public_key":
        sign_id = "6f90a2e7d4c3b5182f5e3d2c11aa9988"
        return public_key(folder, "rsa", "rsa", sign_id), public_key(folder, "rsa", "rsa-next", sign_id)
    names = {"hmac": "signature_key1", "basic": "gateway_user", "bce": "8c1f6f0e6d8e4f6bb1a4f3b8a7c2d9e0", "aliyun": "DemoKey1"}
    secrets = ("p@ss#word$1%:xy", "n-ext!pass:word") if kind == "basic" else ("signature_secret1-0123456789", "signature_secret2-abcdefghij")
    return tuple({"type": kind, "id": names[kind], "secret": secret} for secret in secrets)


def shown(key):
    """What a verifier is given of a key."""
    known = {name: value for name, value in key.items() if name != "private"}
    if key["type"] == "public_key":
        del known["algorithm"]
    return known


class Folder:
    def __init__(self, signer, name, why, keys, **more):
        self.path = f"{signer.type}/{name}"
        self.context = {"type": signer.type, "why": why, "now": NOW, "keys": [shown(key) for key in keys], "options": {}, **more, "expect": {}}
        self.files = {}

    def add(self, name, request, outcome):
        self.files[name] = request.text()
        self.context["expect"][name] = outcome

    def signed(self, unsigned, result, outcome="accept"):
        request, signed_texts = result
        self.files["request.txt"] = unsigned.text()
        self.files |= signed_texts
        self.add("signed-request.txt", request, outcome)
        return request

    def done(self):
        return self.path, self.context, self.files


def plain_folder(signer, key, name, why, request):
    folder = Folder(signer, name, why, [key])
    names = MORE_NAMES.get(name, [])
    if signer.type in ("hmac", "bce"):
        told = [told for told in ("x-countersign-app", "x-mse-consumer", "x-request-id") if told in request.names()]
        folder.context["signed_headers"] = sorted([*told, *names])
    signed = folder.signed(request, signer.sign(key, request, NOW, names))
    for file, (changed, outcome) in tampering.common(signer, signed, NOW).items():
        folder.add(file, changed, outcome)
    return folder.done()


def plain_folders(signer, keys_folder):
    key = keys_of(signer.type, keys_folder)[0]
    for name, (why, request) in common(repeated=signer.type != "aliyun").items():
        if signer.type == "bce" and request.body:
            request = request.put("X-Bce-Content-Sha256", hashlib.sha256(request.body).hexdigest())
        yield plain_folder(signer, key, name, why, request)
    if isinstance(signer, Sdk) or signer.type == "bce":
        header = [] if signer.type == "bce" else [("X-Sdk-Content-Sha256", texts.UNSIGNED)]
        yield plain_folder(signer, key, "unsigned-payload", "A body that streams, and is not covered.", plain("POST", "/upload", JSON, *header, body=ORDER))


def rotation(signer, keys_folder):
    old, new = keys_of(signer.type, keys_folder)
    request = common()["get"][1]
    until = {**old, "not_after": NOW}
    folder = Folder(signer, "two-live-keys", "While keys change, both hold; the old one to the second of its end.", [until, new])
    folder.signed(request, signer.sign(new, request, NOW))
    folder.add("signed-by-old.txt", signer.sign(old, request, NOW)[0], "accept")
    folder.add("tampered-signature.txt", tampering.change_signature(signer, signer.sign(new, request, NOW)[0]), "signature_mismatch")
    yield folder.done()
    folder = Folder(signer, "retired-key", "A key past its end proves nothing.", [{**old, "not_after": NOW - 1}])
    folder.signed(request, signer.sign(old, request, NOW), "unknown_key")
    yield folder.done()


def window(signer, keys_folder):
    key, _ = keys_of(signer.type, keys_folder)
    request = common()["get"][1]
    folder = Folder(signer, "window", "15 minutes either way, the last second included.", [key])
    folder.signed(request, signer.sign(key, request, NOW - 900))
    for name, offset, outcome in (("signed-ahead", 900, "accept"), ("tampered-too-old", -901, "expired"), ("tampered-too-early", 901, "expired")):
        folder.add(f"{name}.txt", signer.sign(key, request, NOW + offset)[0], outcome)
    yield folder.done()
    folder = Folder(signer, "narrow-window", "A window of a minute.", [key], options={"window": 60})
    folder.signed(request, signer.sign(key, request, NOW - 60))
    folder.add("tampered-too-old.txt", signer.sign(key, request, NOW - 61)[0], "expired")
    yield folder.done()


def uncovered(signer, keys_folder):
    """With require_signed_body a body that the signature does not cover is refused; an empty one needs no cover."""
    key, _ = keys_of(signer.type, keys_folder)
    headers = [("X-Sdk-Content-Sha256", texts.UNSIGNED)] if isinstance(signer, Sdk) else []
    method = "PATCH" if signer.type == "aliyun" else "POST"
    request = plain(method, "/upload", JSON, *headers, body=ORDER)
    folder = Folder(signer, "uncovered-body", "A backend may demand that the body is covered.", [key], options={"require_signed_body": True})
    folder.signed(request, signer.sign(key, request, NOW), "body_mismatch")
    folder.add("signed-without-body.txt", signer.sign(key, plain("GET", "/upload"), NOW)[0], "accept")
    yield folder.done()


def digest_of(body):
    return hashlib.sha256(body).hexdigest()


def sdk_strict(signer, keys_folder):
    key, _ = keys_of(signer.type, keys_folder)
    request = plain("POST", "/orders", JSON, body=ORDER)
    folder = Folder(signer, "strict", "What a verifier must not read kindly.", [key])
    signed = folder.signed(request, signer.sign(key, request, NOW))
    proof, listed = signed.get("Authorization"), texts.sdk_names(signed, ["x-countersign-app", "x-request-id"])

    def sealed(names, dated=signed):
        return signer.seal(key, dated.drop("Authorization"), names)[0]

    def without(name):
        return [other for other in listed if other != name]

    unsigned = signed.put("X-Sdk-Content-Sha256", texts.UNSIGNED)
    algorithm = proof.split()[0]
    other = "SDK-ECDSA-P256-SHA256" if algorithm == "SDK-RSA-SHA256" else "SDK-AES-256-CFB" if algorithm == "SDK-AES-128-CFB" else "SDK-HMAC-SM3"
    refused = {
        "date-unsigned": (sealed(without("x-sdk-date")), "signed_header_missing"),
        "date-missing": (signed.drop("X-Sdk-Date"), "signed_header_missing"),
        "date-malformed": (sealed(listed, signed.put("X-Sdk-Date", "2023-11-14T22:13:20Z")), "malformed"),
        "date-impossible": (sealed(listed, signed.put("X-Sdk-Date", "20231131T221320Z")), "malformed"),
        "date-leap-second": (sealed(listed, signed.put("X-Sdk-Date", "20231114T221360Z")), "malformed"),
        "date-fraction": (sealed(listed, signed.put("X-Sdk-Date", "20231114T2213.0Z")), "malformed"),
        "date-of-old": (sealed(listed, signed.put("X-Sdk-Date", "00231114T221320Z")), "expired"),
        "names-not-ascii": (signed.put("Authorization", proof.replace("host;", "ho\u00e9st;")), "malformed"),
        "host-unsigned": (sealed(without("host")), "signed_header_missing"),
        "caller-unsigned": (sealed(without("x-countersign-app")), "signed_header_missing"),
        "caller-added": (signed.put("X-Mse-Consumer", "admin"), "signed_header_missing"),
        "user-added": (signed.put("X-Countersign-User", "admin"), "signed_header_missing"),
        "payload-added": (unsigned.copy(body=b"{}"), "signed_header_missing"),
        "payload-word": (sealed([*listed, "x-sdk-content-sha256"], signed.put("X-Sdk-Content-Sha256", "STREAMING")), "malformed"),
        "upper-hex": (signed.put("Authorization", proof[:-64] + proof[-64:].upper()), "malformed") if algorithm != "SDK-RSA-SHA256" else
                     (signed.put("Authorization", proof.rstrip("=")), "malformed"),
        "short-signature": (signed.put("Authorization", proof.split("Signature=")[0] + "Signature="), "malformed"),
        "no-access": (signed.put("Authorization", proof.replace("Access=", "Key=")), "malformed"),
        "no-names": (signed.put("Authorization", proof.replace(";".join(listed), "")), "malformed"),
        "name-twice": (signed.put("Authorization", proof.replace("host;", "host;host;")), "malformed"),
        "name-upper": (signed.put("Authorization", proof.replace("host;", "Host;")), "malformed"),
        "other-algorithm": (signed.put("Authorization", proof.replace(algorithm, other)), "algorithm_not_allowed"),
        "other-scheme": (signed.put("Authorization", "Bearer abc"), "algorithm_not_allowed"),
        "basic": (signed.put("Authorization", "Basic c2lnbmF0dXJlX2tleTE6c2lnbmF0dXJlX3NlY3JldDE="), "algorithm_not_allowed"),
        "bad-escape": (signed.copy(target="/orders%zz"), "malformed"),
        "absolute-target": (signed.copy(target="http://orders.internal/orders"), "malformed"),
    }
    if algorithm == "SDK-RSA-SHA256":
        refused["spare-bits"] = (signed.put("Authorization", spare_bits(proof)), "malformed")
    for name, (changed, outcome) in refused.items():
        folder.add(f"tampered-{name}.txt", changed, outcome)
    yield folder.done()
    request = plain("POST", "/orders", JSON, ("X-Sdk-Content-Sha256", digest_of(ORDER)), body=ORDER)
    yield plain_folder(signer, key, "declared-digest", "The body's digest stands in a signed header.", request)


def bce_strict(signer, keys_folder):
    key, _ = keys_of("bce", keys_folder)
    request = plain("POST", "/orders", JSON, ("X-Bce-Content-Sha256", digest_of(ORDER)), body=ORDER)
    folder = Folder(signer, "strict", "What a verifier must not read kindly.", [key])
    signed = folder.signed(request, signer.sign(key, request, NOW))
    proof, listed = signed.get(signer.proof), texts.bce_names(request, ["x-countersign-app", "x-request-id"])

    def sealed(names, now=NOW, expiration=1800):
        return signer.seal(key, request, names, now, expiration)[0]

    def written(old, new):
        return signed.put(signer.proof, proof.replace(old, new))

    refused = {
        "host-unsigned": (sealed([name for name in listed if name != "host"]), "signed_header_missing"),
        "caller-unsigned": (sealed([name for name in listed if name != "x-countersign-app"]), "signed_header_missing"),
        "caller-added": (signed.put("X-Mse-Consumer", "admin"), "signed_header_missing"),
        "user-added": (signed.put("X-Countersign-User", "admin"), "signed_header_missing"),
        "blank-list": (written("/" + ";".join(listed) + "/", "//"), "signed_header_missing"),
        "expired": (sealed(listed, NOW - 100, 100), "expired"),
        "no-expiry": (sealed(listed, NOW, -1), "malformed"),
        "expiry-word": (written("/1800/", "/soon/"), "malformed"),
        "expiry-huge": (written("/1800/", "/99999999999999999999/"), "malformed"),
        "date-malformed": (written("2023-11-14T", "2023-11-14 "), "malformed"),
        "upper-hex": (signed.put(signer.proof, proof[:-64] + proof[-64:].upper()), "malformed"),
        "seven-parts": (signed.put(signer.proof, proof + "/x"), "malformed"),
        "five-parts": (signed.put(signer.proof, proof.rpartition("/")[0]), "malformed"),
        "version-2": (written("bce-auth-v1", "bce-auth-v2"), "algorithm_not_allowed"),
        "name-twice": (written("/content-type;", "/content-type;content-type;"), "malformed"),
        "bad-escape": (signed.copy(target="/orders?a=%4"), "malformed"),
    }
    for name, (changed, outcome) in refused.items():
        folder.add(f"tampered-{name}.txt", changed, outcome)
    folder.add("signed-shuffled.txt", sealed(list(reversed(listed))), "accept")
    folder.add("signed-just-alive.txt", sealed(listed, NOW - 99, 100), "accept")
    yield folder.done()


def aliyun_strict(signer, keys_folder):
    key, _ = keys_of("aliyun", keys_folder)
    request = plain("POST", "/orders", JSON, body=ORDER)
    folder = Folder(signer, "strict", "What a verifier must not read kindly.", [key])
    signed = folder.signed(request, signer.sign(key, request, NOW))
    declared = signed.get("X-Ca-Proxy-Signature-Headers").split(",")

    def sealed(names, stamped=signed):
        return signer.seal(key, stamped.drop("X-Ca-Proxy-Signature"), names)[0]

    def without(name):
        return [other for other in declared if other != name]

    names = "X-Ca-Proxy-Signature-Headers"
    refused = {
        "date-unsigned": (sealed(without("X-Ca-Timestamp")), "signed_header_missing"),
        "date-missing": (signed.drop("X-Ca-Timestamp"), "signed_header_missing"),
        "date-malformed": (sealed(declared, signed.put("X-Ca-Timestamp", "yesterday")), "malformed"),
        "caller-unsigned": (sealed(without("X-Countersign-App")), "signed_header_missing"),
        "caller-added": (signed.put("X-Mse-Consumer", "admin"), "signed_header_missing"),
        "user-added": (signed.put("X-Countersign-User", "admin"), "signed_header_missing"),
        "declared-missing": (sealed([*declared, "X-Gone"]), "signed_header_missing"),
        "name-twice": (signed.put(names, ",".join([*declared, "x-ca-timestamp"])), "malformed"),
        "name-odd": (signed.put(names, ",".join([*declared, "a b"])), "malformed"),
        "key-missing": (signed.drop("X-Ca-Proxy-Signature-Secret-Key"), "malformed"),
        "short-signature": (signed.put(signer.proof, "AAAA"), "malformed"),
        "repeated-name": (sealed(declared, signed.copy(target="/orders?a=1&a=2")), "malformed"),
        "repeated-encoded": (sealed(declared, signed.copy(target="/orders?a=1&%61=2")), "malformed"),
        "bad-escape": (signed.copy(target="/orders?a=%"), "malformed"),
    }
    for name, (changed, outcome) in refused.items():
        folder.add(f"tampered-{name}.txt", changed, outcome)
    yield folder.done()
    form = plain("POST", "/orders?a=query", ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
                 body="item=gr%C3%BCner+tee&empty=&bare&z=1%2B1".encode())
    yield plain_folder(signer, key, "form", "The fields of a form are signed beside the query.", form)
    undated = Folder(signer, "undated", "A gateway that sends no time, for backends that accept it.", [key], options={"accept_undated": True})
    request = demo_request()
    undated.signed(request, signer.seal(key, request, ["HeaderKey1", "HeaderKey2"]))
    yield undated.done()


def demo_request():
    fields = [HOST, ("HeaderKey1", "HeaderValue1"), ("HeaderKey2", "HeaderValue2"), ("Content-Type", "application/x-www-form-urlencoded")]
    return common()["get"][1].copy(method="POST", target="/demo/uri?QueryKey1=QueryValue1&QueryKey2=QueryValue2", headers=fields,
                                   body=b"FormKey1=FormValue1&FormKey2=FormValue2")


def spare_bits(text):
    """The same bytes in base64 with a bit set that no byte has: a second spelling of one proof."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bare = text.rstrip("=")
    assert bare != text
    return bare[:-1] + alphabet[alphabet.index(bare[-1]) + 1] + text[len(bare):]


def basic_strict(signer, keys_folder):
    key, _ = keys_of("basic", keys_folder)
    request = common()["get"][1]
    folder = Folder(signer, "strict", "What a verifier must not read kindly.", [key])
    signed = folder.signed(request, signer.sign(key, request, NOW))
    refused = {"no-base64": ("Basic ***", "malformed"), "no-colon": ("Basic Z2F0ZXdheV91c2Vy", "malformed"), "empty": ("Basic ", "malformed"),
               "other-scheme": ("Bearer Z2F0ZXdheV91c2VyOnA=", "algorithm_not_allowed"),
               "short-password": ("Basic Z2F0ZXdheV91c2VyOnBAc3Mjd29yZCQxJTo=", "signature_mismatch")}
    refused["spare-bits"] = (spare_bits(signed.get("Authorization")), "malformed")
    refused["no-padding"] = (signed.get("Authorization").rstrip("="), "malformed")
    for name, (value, outcome) in refused.items():
        folder.add(f"tampered-{name}.txt", signed.put("Authorization", value), outcome)
    folder.add("signed-lower-scheme.txt", signed.put("Authorization", signed.get("Authorization").replace("Basic", "basic")), "accept")
    yield folder.done()


STRICT = {"hmac": sdk_strict, "aes": sdk_strict, "public_key": sdk_strict, "bce": bce_strict, "aliyun": aliyun_strict, "basic": basic_strict}


def other_algorithms(signer, keys_folder):
    """aes-256-cfb and ECDSA, beside aes-128-cfb and RSA."""
    if signer.type == "aes":
        key = AES_256
    elif signer.type == "public_key":
        key = public_key(keys_folder, "ecdsa", "ecdsa", "70a1b3f8e5d4c6293a6f4e3d22bb00aa")
    else:
        return
    for name in ("get", "post-json", "query-specials", "unicode-path"):
        why, request = common()[name]
        yield plain_folder(signer, key, f"{key['algorithm']}-{name}", why, request)


def all_folders(keys_folder):
    for signer in ALL:
        yield from plain_folders(signer, keys_folder)
        yield from rotation(signer, keys_folder)
        if not isinstance(signer, Basic):
            yield from window(signer, keys_folder)
        if isinstance(signer, (Sdk, Bce, Aliyun)):
            yield from uncovered(signer, keys_folder)
        yield from STRICT[signer.type](signer, keys_folder)
        yield from other_algorithms(signer, keys_folder)
