"""Callers and backends of the tests, written from the vendors' documents and not from the code under test."""
import base64
import hashlib
import hmac
import time
import urllib.parse
import uuid


def sdk(method, target, host, pair, body=b"", payload=None, extra=None, now=None):
    """Fields of a request signed with SDK-HMAC-SHA256 (huawei.md 1.1), all of them signed. `payload`: a value for x-sdk-content-sha256."""
    key, secret = pair
    fields = {"Host": host, "X-Sdk-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now)), **(extra or {})}
    if payload is not None:
        fields["X-Sdk-Content-Sha256"] = payload
    names = sorted(name.lower() for name in fields)
    values = {name.lower(): value for name, value in fields.items()}
    text = sdk_canonical(method, target, names, values, payload or hashlib.sha256(body).hexdigest())
    signature = sdk_signature(text, fields["X-Sdk-Date"], secret)
    return {**fields, "Authorization": f"SDK-HMAC-SHA256 Access={key}, SignedHeaders={';'.join(names)}, Signature={signature}"}


def sdk_canonical(method, target, names, values, payload):
    path, _, query = target.partition("?")
    uri = urllib.parse.quote(urllib.parse.unquote_to_bytes(path), safe="/-_.~")
    pairs = sorted(tuple(urllib.parse.unquote_to_bytes(part) for part in (item.split("=", 1) + [""])[:2])
                   for item in query.split("&") if item and not item.startswith("="))
    encoded = "&".join(urllib.parse.quote(name, safe="-_.~") + "=" + urllib.parse.quote(value, safe="-_.~") for name, value in pairs)
    lines = "".join(f"{name}:{values[name].strip()}\n" for name in names)
    return "\n".join([method, uri if uri.endswith("/") else uri + "/", encoded, lines, ";".join(names), payload])


def sdk_signature(text, date, secret):
    to_sign = f"SDK-HMAC-SHA256\n{date}\n{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}"
    return hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()


def assert_countersigned(received, pair, host):
    """What a backend that knows the signature key checks (huawei.md 3.2); returns the names that are signed."""
    key, secret = pair
    head, _, rest = received["Authorization"].partition(" ")
    parts = dict(part.split("=", 1) for part in rest.split(", "))
    names = parts["SignedHeaders"].split(";")
    assert (head, parts["Access"], names) == ("SDK-HMAC-SHA256", key, sorted(names))
    assert received["Host"] == host and {"host", "x-sdk-date"} <= set(names)
    sent = time.mktime(time.strptime(received["X-Sdk-Date"] + "UTC", "%Y%m%dT%H%M%SZ%Z")) - time.timezone
    assert abs(sent - time.time()) < 900
    payload = received["X-Sdk-Content-Sha256"] if "x-sdk-content-sha256" in names else hashlib.sha256(received.body).hexdigest()
    assert payload in ("UNSIGNED-PAYLOAD", hashlib.sha256(received.body).hexdigest())
    assert bool(received.all("X-Sdk-Content-Sha256")) == ("x-sdk-content-sha256" in names)
    text = sdk_canonical(received.method, received.target, names, {name: received[name] for name in names}, payload)
    assert parts["Signature"] == sdk_signature(text, received["X-Sdk-Date"], secret)
    return names


def aliyun(method, target, host, pair, body=b"", **more):
    """Fields of a request signed as alibaba.md 1.1 says; more: content_type, md5 (False: no Content-MD5), algorithm, extra, now. Of a
    form the fields are part of what is signed."""
    key, secret = pair
    content_type = more.get("content_type", "application/json" if body else "")
    form = content_type.startswith("application/x-www-form-urlencoded")
    signed = {"X-Ca-Key": key, "X-Ca-Nonce": str(uuid.uuid4()), "X-Ca-Timestamp": str(int((more.get("now") or time.time()) * 1000)),
              **more.get("extra", {})}
    if "algorithm" in more:
        signed["X-Ca-Signature-Method"] = more["algorithm"]
    fields = {"Host": host, "Accept": "application/json"}
    if content_type:
        fields["Content-Type"] = content_type
    if body and not form and more.get("md5", True):
        fields["Content-MD5"] = base64.b64encode(hashlib.md5(body).digest()).decode()
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    fixed = "\n".join([method, fields["Accept"], fields.get("Content-MD5", ""), content_type, ""])
    text = f"{fixed}\n{lines}{aliyun_resource(target, body if form else b'')}"
    digest = hashlib.sha1 if more.get("algorithm") == "HmacSHA1" else hashlib.sha256
    signature = base64.b64encode(hmac.new(secret.encode(), text.encode(), digest).digest()).decode()
    return {**fields, **signed, "X-Ca-Signature-Headers": ",".join(sorted(signed)), "X-Ca-Signature": signature}


def aliyun_resource(target, form):
    path, _, query = target.partition("?")
    pairs = {}
    for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True) + urllib.parse.parse_qsl(form.decode(), keep_blank_values=True):
        pairs.setdefault(name, value)
    listed = "&".join(f"{name}={pairs[name]}" if pairs[name] else name for name in sorted(pairs))
    return f"{path}?{listed}" if listed else path


def bce(method, target, host, pair, body=b"", **more):
    """Fields of a request signed with bce-auth-v1 (baidu.md 1); more: carrier, lifetime, now, extra, names (those to sign; "": the default
    set, listed as nothing)."""
    key, secret = pair
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(more.get("now")))
    fields = {"Host": host, **more.get("extra", {})}
    if body:
        fields.setdefault("Content-Type", "application/json")
    names = more.get("names", ";".join(sorted(name.lower() for name in fields)))
    prefix = f"bce-auth-v1/{key}/{stamp}/{more.get('lifetime', 1800)}"
    signed = {**fields, **({"Content-Length": str(len(body))} if body else {})}
    text = bce_canonical(method, target, signed, names)
    signing_key = hmac.new(secret.encode(), prefix.encode(), hashlib.sha256).hexdigest()
    signature = hmac.new(signing_key.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {**fields, more.get("carrier", "X-Bce-Signature"): f"{prefix}/{names}/{signature}"}


def bce_canonical(method, target, fields, names):
    path, _, query = target.partition("?")
    wanted = names.split(";") if names else [name.lower() for name in fields
                                             if name.lower() in ("host", "content-length", "content-type", "content-md5") or name.lower().startswith("x-bce-")]
    lines = sorted(f"{urllib.parse.quote(name.lower(), safe='')}:{urllib.parse.quote(value.strip(), safe='-_.~')}"
                   for name, value in fields.items() if name.lower() in wanted and value.strip())
    items = sorted(urllib.parse.quote(urllib.parse.unquote_to_bytes(item.partition("=")[0]), safe="-_.~") + "=" +
                   urllib.parse.quote(urllib.parse.unquote_to_bytes(item.partition("=")[2]), safe="-_.~") for item in query.split("&") if item)
    return "\n".join([method, urllib.parse.quote(urllib.parse.unquote_to_bytes(path), safe="/-_.~") or "/", "&".join(items), "\n".join(lines)])
