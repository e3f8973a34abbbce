"""One change each to a signed request: file name → (request, the error that a verifier must give)."""
import re
import texts


def flip_last(text):
    """Another letter or digit in the last place where there is one: still well formed, and no longer right. In base64 the very last one may
    hold bits that nobody reads, so a place before is taken."""
    at = len(text.rstrip("=")) - 5
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1:]


def change_signature(signer, signed):
    value = signed.get(signer.proof)
    return signed.put(signer.proof, flip_last(value))


def change_key(signer, signed):
    name = "X-Ca-Proxy-Signature-Secret-Key" if signer.type == "aliyun" else signer.proof
    value = signed.get(name)
    if signer.type == "basic":
        return signed.put(name, "Basic bm9ib2R5OnNlY3JldA==")
    return signed.put(name, "nobody" if signer.type == "aliyun" else re.sub(r"(Access=|bce-auth-v1/)[^,/]+", r"\1nobody", value))


def change_date(signer, signed, now):
    if signer.type == "bce":
        return signed.put(signer.proof, signed.get(signer.proof).replace(texts.iso_date(now), texts.iso_date(now + 60)))
    if signer.type == "aliyun":
        return signed.put("X-Ca-Timestamp", f"{now + 60}000")
    return signed.put("X-Sdk-Date", texts.basic_date(now + 60))


def change_target(target):
    path, mark, query = target.partition("?")
    return path + ("x" if path != "/" else "admin") + mark + query


def cannot_be_signed(signer, signed):
    """bce covers a body by x-bce-content-sha256 alone, aliyun that of POST and PUT alone, UNSIGNED-PAYLOAD none."""
    if signer.type == "bce":
        return "x-bce-content-sha256" not in signed.names()
    if signer.type == "aliyun":
        return signed.method not in ("POST", "PUT")
    return signed.get("x-sdk-content-sha256") == texts.UNSIGNED


def has_digest(signed):
    return any((signed.get(name) or texts.UNSIGNED) != texts.UNSIGNED for name in ("x-sdk-content-sha256", "x-bce-content-sha256"))


def common(signer, signed, now):
    wrong = "signature_mismatch"
    files = {"tampered-signature.txt": (change_signature(signer, signed), wrong),
             "tampered-key.txt": (change_key(signer, signed), "unknown_key"),
             "tampered-missing.txt": (signed.drop(signer.proof), "missing"),
             "tampered-twice.txt": (signed.copy(headers=signed.headers + [(signer.proof, signed.get(signer.proof))]), "malformed")}
    if signer.type == "basic":
        return files
    query = signed.target + ("&" if "?" in signed.target else "?") + "admin=1"
    told = next(name for name, _ in signed.headers if name in ("X-Countersign-App", "X-Mse-Consumer"))
    files |= {"tampered-method.txt": (signed.copy(method="PATCH"), wrong),
              "tampered-path.txt": (signed.copy(target=change_target(signed.target)), wrong),
              "tampered-query.txt": (signed.copy(target=query), wrong),
              "tampered-header.txt": (signed.put(told, "bob"), wrong),
              "tampered-header-gone.txt": (signed.drop(told), "signed_header_missing"),
              "tampered-header-twice.txt": (signed.copy(headers=signed.headers + [(told, signed.get(told))]), "signed_header_missing"),
              "tampered-date.txt": (change_date(signer, signed, now), wrong)}
    if signer.type != "aliyun":
        files["tampered-host.txt"] = (signed.put("Host", "elsewhere.internal"), wrong)
    if not cannot_be_signed(signer, signed):
        files["tampered-body.txt"] = (signed.copy(body=signed.body + b"x"), "body_mismatch" if has_digest(signed) else wrong)
    return files
