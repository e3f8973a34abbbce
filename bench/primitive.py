"""Stock nginx that does a bare primitive of OpenSSL for each request (bench/primitive_module.c): what the rows of fresh tokens and of
countersignatures with a key pair are held against."""
from cryptography.hazmat.primitives import serialization

import fill
import rig

# row → what its primitive is, the algorithm of its tokens or the private key, and how much more than the primitive is allowed.
ROWS = {"jwt_hs256_fresh": ("mac", "hs256", 1.10), "jwt_rs256_fresh": ("verify", "rs256", 1.10), "jwt_es256_fresh": ("verify", "es256", 1.10),
        "countersign_rsa": ("sign", "rsa-private.pem", 1.05), "countersign_ecdsa": ("sign", "ecdsa-private.pem", 1.05)}
MODULE = rig.TREE / "build/bench/ngx_http_primitive_module.so"
CALLS = ("usual", "quickest")
# As long as what countersigning signs of a request, on one line.
TEXT = "SDK-ECDSA-P256-SHA256 20261123T170000Z " + "0123456789abcdef" * 4


def public_pem(key):
    return key.private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_file(folder, kind, name):
    if kind == "sign":
        return rig.TREE / "vectors/keys" / name
    key = fill.TOKEN_KEYS[name]
    (folder / "key").write_bytes(key.secret if kind == "mac" else public_pem(key))
    return folder / "key"


def texts_of(row, count=fill.FRESH_TOKENS):
    """What the row's primitive is calculated over: the very tokens that the row sends, or what is to be signed."""
    kind, name, _ = ROWS[row]
    return [TEXT] if kind == "sign" else fill.tokens(name, count)


def nginx_with(folder, row, call, texts):
    """The (main, location) parts of a configuration of stock nginx whose worker calculates the row's primitive by that way to call OpenSSL."""
    kind, name, _ = ROWS[row]
    (folder / "texts").write_text("".join(text + "\n" for text in texts))
    return f"load_module {MODULE};", f"primitive {kind} {call} {key_file(folder, kind, name)} {folder / 'texts'};"


def start(row, call, backend):
    folder = rig.tmp_folder(f"primitive-{row}-{call}")
    main, location = nginx_with(folder, row, call, texts_of(row))
    return rig.start_plain(folder, backend, main=main, location=location)


def figures(row, own, base, found):
    """What `own` takes more than `base`, beside what each call takes more than stock nginx: by the least of the rounds, and (median) by the
    median of the differences within each round."""
    limit = ROWS[row][2]
    least, median = own.over(base)
    result = {"added_us": least, "median_added_us": median, "limit": limit}
    for call in CALLS:
        cost, median_cost = found[call].over(found["plain"])
        result |= {f"{call}_us": cost, f"{call}_median_us": median_cost, f"{call}_ratio": round(least / cost, 3),
                   f"{call}_median_ratio": round(median / median_cost, 3)}
    return result


def line(found):
    calls = "; ".join(f"{call} {found[call + '_us']} ({found[call + '_median_us']}) µs, ratio {found[call + '_ratio']} ({found[call + '_median_ratio']})"
                      for call in CALLS)
    return f"    added {found['added_us']} ({found['median_added_us']}) µs, at most {found['limit']} of the bare primitive: {calls}"
