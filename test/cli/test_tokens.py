"""sign, verify and explain with --scheme jwt: tokens for tests, and the check at which one fails."""
import json
import subprocess

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from harness.tokens import ALGORITHMS, Key, b64, claims, jwks, token, unb64
from harness.tree import program

COUNTERSIGN = program("countersign")
KEYS = {alg: Key(alg, {"RS256": "rsa", "ES256": "ec"}.get(alg, alg)) for alg in ALGORITHMS}
SECRETS = {alg: {"kty": "oct", "alg": alg, "kid": "own", "k": b64(bytes(range(length)))} for alg, length in (("HS256", 32), ("HS384", 48), ("HS512", 64))}


def run(*arguments, text=""):
    return subprocess.run([COUNTERSIGN, *map(str, arguments)], input=text, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Private keys and sets of each algorithm."""
    folder = tmp_path_factory.mktemp("tokens")
    for alg, key in KEYS.items():
        (folder / f"{alg}.pem").write_bytes(key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (folder / f"{alg}.jwks").write_text(jwks(key))
    for alg, secret in SECRETS.items():
        (folder / f"{alg}.jwks").write_text(jwks(secret))
    return folder


def issue(files, alg, *arguments):
    key = ("--jwks", files / f"{alg}.jwks") if alg in SECRETS else ("--private-key", files / f"{alg}.pem", "--kid", KEYS[alg].kid)
    if alg[:2] in ("RS", "PS") and alg != "RS256":  # what an RSA key signs with unless told
        key += ("--alg", alg)
    done = run("sign", "--scheme", "jwt", *key, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("alg", [*SECRETS, *ALGORITHMS])
def test_a_token_that_others_read_too(files, alg):
    text = issue(files, alg, "--claim", "uid=partner", "--claim", "n=[1, 2]", "--claim", "text=a b", "--lifetime", "60")
    key = unb64(SECRETS[alg]["k"]) if alg in SECRETS else KEYS[alg].private.public_key()
    read = jwt.decode(text, key, [alg])
    assert (read["uid"], read["n"], read["text"], read["exp"] - read["iat"]) == ("partner", [1, 2], "a b", 60)
    assert jwt.get_unverified_header(text)["kid"] == ("own" if alg in SECRETS else KEYS[alg].kid)
    for _ in range(20 if alg.startswith("ES") else 1):  # R and S of every length
        judged = run("verify", "--scheme", "jwt", "--jwks", files / f"{alg}.jwks", "--claim", "uid=partner", text=issue(files, alg, "--claim", "uid=partner"))
        assert (judged.returncode, judged.stdout) == (0, "accepted: jwt\n"), judged


KEY = KEYS["RS256"]
WRONG = {
    "form": ("proof_malformed", "a.b", ()),
    "header": ("token_header", token(KEY, claims(), {"crit": ["x"]}), ()),
    "alg": ("algorithm_unknown", token(KEY, claims(), {"alg": "none"}), ()),
    "key": ("token_key_unknown", token(KEY, claims(), {"kid": "other"}), ()),
    "signature": ("signature_mismatch", token(Key("RS256", "rsa"), claims()), ()),
    "iss": ("token_claim_mismatch", token(KEY, claims(iss="me")), ("--issuer", "you")),
    "aud": ("token_claim_missing", token(KEY, claims()), ("--audience", "orders")),
    "exp": ("token_expired", token(KEY, claims(-100)), ()),
    "no exp": ("token_claim_missing", token(KEY, {}), ()),
    "nbf": ("token_not_yet_valid", token(KEY, claims(nbf=99999999999)), ()),
    "iat": ("token_claim_mismatch", token(KEY, claims(iat="now")), ()),
    "consumer": ("key_unknown", token(KEY, claims(uid="bob")), ("--claim", "uid=alice")),
}
STAGES = {"header": "form", "alg": "form", "no exp": "exp"}


@pytest.mark.parametrize("case", WRONG)
def test_the_check_that_fails_is_named(files, case):
    refusal, text, options = WRONG[case]
    arguments = ("--scheme", "jwt", "--jwks", files / "RS256.jwks", *options)
    judged, explained = run("verify", *arguments, text=text), run("explain", *arguments, text=f"Bearer {text}\n")
    assert judged.returncode == 1 and judged.stdout.startswith(f"refused: {refusal}\n") and "answer: 401" in judged.stdout
    lines = explained.stdout.splitlines()
    failed = [line for line in lines if ": FAILED" in line]
    assert explained.returncode == 1 and lines[-1] == f"refused: {refusal}"
    assert len(failed) == 1 and failed[0].startswith(f"{STAGES.get(case, case)}: FAILED, {refusal}"), explained.stdout
    after = lines[lines.index(failed[0]) + 1:-1]
    assert all("not looked at" in line for line in after)


def test_options_of_a_credential(files):
    def ask(text, *options):
        return run("verify", "--scheme=jwt", "--jwks", files / "RS256.jwks", *options, text=text).returncode
    assert ask(token(KEY, {}), "--accept-undated") == 0
    assert [ask(token(KEY, claims(-100)), "--leeway", leeway) for leeway in (90, 120)] == [1, 0]
    assert ask(token(KEY, claims(iss="me", aud=["a", "b"])), "--issuer", "me", "--audience", "x", "--audience", "b") == 0
    assert ask(token(KEY, {"exp": 2000}), "--now", "1990") == 0


def test_what_is_said_without_keys(files):
    explained = run("explain", "--scheme", "jwt", text=token(KEY, claims(sub="\x1b[31m")))
    assert explained.returncode == 0 and '"alg":"RS256"' in explained.stdout and "nothing is checked" in explained.stdout and "\x1b" not in explained.stdout


@pytest.mark.parametrize("arguments, words", [
    (("sign",), "--jwks or --private-key"), (("sign", "--jwks", "{RS256.jwks}"), "no symmetric key"), (("sign", "--private-key", "{RS256.jwks}"), "PKCS#8"),
    (("sign", "--private-key", "{ES256.pem}", "--alg", "RS256"), "is not for it"), (("sign", "--private-key", "{RS256.pem}", "--alg", "HS256"), "is not for it"),
    (("sign", "--jwks", "{HS256.jwks}", "--alg", "HS512"), "no symmetric key"), (("sign", "--jwks", "{HS256.jwks}", "--alg", "none"), "--alg: HS256"),
    (("sign", "--jwks", "{HS256.jwks}", "http://x/"), "no URL"), (("sign", "--jwks", "{HS256.jwks}", "--claim", "x"), "NAME=VALUE"),
    (("sign", "--jwks", "{HS256.jwks}", "--lifetime", "-1"), "lifetime"), (("verify",), "--jwks is missing"), (("verify", "--leeway", "301"), "0 to 300"),
    (("verify", "--claim", "=x"), "NAME=VALUE"), (("explain", "--now", "x"), "--now"), (("explain", "a", "b"), "one file"), (("verify", "--nonsense"), "unknown")])
def test_wrong_use(files, arguments, words):
    command, *rest = [str(files / argument[1:-1]) if argument.startswith("{") else argument for argument in arguments]
    done = run(command, "--scheme", "jwt", *rest)
    assert done.returncode == 2 and words in done.stderr, done


def test_a_set_that_is_none(files, tmp_path):
    (tmp_path / "x").write_text(json.dumps({"keys": "x"}))
    assert run("verify", "--scheme", "jwt", "--jwks", tmp_path / "x", text=token(KEY, claims())).returncode == 3
