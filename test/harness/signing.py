"""Requests of callers, complete as bytes, signed in the two vendors' schemes (independent of the code under test)."""
import base64
import hashlib
import hmac
import time
import uuid


def raw(method, target, fields, body=b""):
    if body:
        fields = {**fields, "Content-Length": str(len(body))}
    lines = [f"{method} {target} HTTP/1.1"] + [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def api_key(host, target, key):
    return raw("GET", target, {"Host": host, "User-Agent": "bench/1.0", "Authorization": f"Bearer {key}"})


def bare(host, target, body=b""):
    return raw("POST" if body else "GET", target, {"Host": host, "User-Agent": "bench/1.0"}, body)


def sdk_hmac_fields(method, host, target, pair, body=b"", more=None, now=None):
    """The header fields of a request signed in huawei.md 1.1; the target has a plain path and sorted, plain query items. `more` are
    further fields, signed as well."""
    key, secret = pair
    path, _, query = target.partition("?")
    fields = {"Host": host, "X-Sdk-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now)), **(more or {})}
    signed = sorted((name.lower(), value) for name, value in fields.items())
    names = ";".join(name for name, _ in signed)
    lines = "".join(f"{name}:{value}\n" for name, value in signed)
    canonical = f"{method}\n{path.rstrip('/')}/\n{query}\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    to_sign = f"SDK-HMAC-SHA256\n{fields['X-Sdk-Date']}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return {**fields, "Authorization": f"SDK-HMAC-SHA256 Access={key}, SignedHeaders={names}, Signature={signature}"}


def sdk_hmac(method, host, target, pair, body=b""):
    fields = {"User-Agent": "bench/1.0", **sdk_hmac_fields(method, host, target, pair, body)}
    if body:
        fields["Content-Type"] = "application/octet-stream"
    return raw(method, target, fields, body)


def aliyun_ca(method, host, target, pair, once=True):
    """alibaba.md 1.1; the target has no query. once=False: without a nonce, so that it may be sent again and again."""
    key, secret = pair
    signed = {"x-ca-key": key, "x-ca-timestamp": str(int(time.time() * 1000))} | ({"x-ca-nonce": str(uuid.uuid4())} if once else {})
    lines = "".join(f"{name}:{value}\n" for name, value in sorted(signed.items()))
    to_sign = f"{method}\napplication/json\n\n\n\n{lines}{target}"
    signature = base64.b64encode(hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).digest()).decode()
    fields = {"Host": host, "User-Agent": "bench/1.0", "Accept": "application/json", **signed,
              "x-ca-signature-headers": ",".join(sorted(signed)), "x-ca-signature": signature}
    return raw(method, target, fields)


def app_code(host, target, code):
    return raw("GET", target, {"Host": host, "User-Agent": "bench/1.0", "Authorization": f"APPCODE {code}"})


def bce(method, host, target, pair):
    """baidu.md 1.2; the target has a plain path and no query."""
    key, secret = pair
    prefix = f"bce-auth-v1/{key}/{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}/1800"
    signing_key = hmac.new(secret.encode(), prefix.encode(), hashlib.sha256).hexdigest()
    text = f"{method}\n{target}\n\nhost:{host.replace(':', '%3A')}"
    signature = hmac.new(signing_key.encode(), text.encode(), hashlib.sha256).hexdigest()
    return raw(method, target, {"Host": host, "User-Agent": "bench/1.0", "X-Bce-Signature": f"{prefix}/host/{signature}"})
