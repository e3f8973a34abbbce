// check: what this wrapper adds to the library of ../c: exceptions, ownership, zero bytes. Last line: "N passed, N failed".
#include "countersign.hpp"

#include <iostream>

using namespace countersign;

namespace
{

int passed = 0, failed = 0;

void that(bool holds, const char *what)
{
    holds ? passed++ : failed++;
    if (!holds) std::cout << "FAIL " << what << "\n";
}

template <typename Problem, typename Act> bool fails(Act act)
{
    try {
        act();
    } catch (const Problem &) {
        return true;
    }
    return false;
}

template <typename Act> bool is_refused(Code code, Act act)
{
    try {
        act();
    } catch (const VerificationError &refusal) {
        return refusal.code() == code && std::string(refusal.what()) == std::string(name(code)) + ": " + refusal.detail() &&
               !refusal.detail().empty();
    }
    return false;
}

using Invalid = std::invalid_argument;
const std::string sixteen = "0123456789abcdef", zero("a\0b", 3);

void check_keys()
{
    that(fails<Invalid>([] { Key::hmac("id", ""); }), "no secret");
    that(fails<Invalid>([] { Key::bce("", "secret"); }), "no id");
    that(fails<Invalid>([] { Key::basic("id", zero); }), "a zero byte in a secret");
    that(fails<Invalid>([] { Key::aliyun(zero, "secret"); }), "a zero byte in an id");
    that(fails<Invalid>([] { Key::aes("id", "aes-256-cfb", sixteen, sixteen); }), "an aes key of the other size");
    that(fails<Invalid>([] { Key::public_key("id", "AAAA"); }), "no SPKI");
    that(fails<Invalid>([] { Verifier(std::vector<Key>{}); }), "a verifier without keys");
    Options options;
    options.window = -1;
    that(fails<Invalid>([&] { Verifier(Key::hmac("id", "secret"), options); }), "a window before it begins");
    Key moved = Key::hmac("id", "secret");
    Verifier first(std::move(moved));
    that(fails<Invalid>([&] { Verifier second(std::move(moved)); }), "a key that is another verifier's");
}

Request signed_by(const char *secret, std::int64_t now)
{
    Request request{"POST", "/orders", {{"Host", "a.example"}, {"X-Countersign-App", "app-1"}, {"X-Request-Id", "r1"}}, "pay 1"};
    Signing options;
    options.now = now;
    options.signed_headers = {"x-countersign-app"};
    for (auto &header : sign_sdk_hmac(request, {"id", secret}, options).headers) request.headers.push_back(header);
    return request;
}

void check_verifying()
{
    Options options;
    std::int64_t now = 1700000000;
    options.clock = [&now] { return now; };
    Verifier made(Key::hmac("id", "old", now), Key::hmac("id", "next"), options);
    Verifier verifier = std::move(made);
    Request old = signed_by("old", now), next = signed_by("next", now);
    Verified verified = verifier.verify(old);
    that(verified.type == "hmac" && verified.key_id == "id" && verified.caller == "app-1" && verified.signed_headers.size() == 3,
         "what is told");
    that(verified.request_id.empty(), "a request id that is not signed is not told");
    that(verifier.verify(next).caller == "app-1", "the next key");
    now++;
    that(is_refused(Code::signature_mismatch, [&] { verifier.verify(old); }), "an old key after its end");
    next.target += zero;
    that(is_refused(Code::malformed, [&] { verifier.verify(next); }), "a zero byte in the target");
    that(is_refused(Code::missing, [&] { verifier.verify({"GET", "/", {}, ""}); }), "no proof");
}

void check_signing()
{
    that(fails<Invalid>([] { sign_aliyun_ca({"GET", "/?a=1&a=2", {}, ""}, {"id", "secret"}); }), "a repeated parameter name");
    that(fails<Invalid>([] { sign_bce({"GET", "/" + zero, {}, ""}, {"id", "secret"}); }), "a zero byte to sign");
    that(fails<Invalid>([] { sign_bce({"GET", "/", {}, ""}, {"id", ""}); }), "no secret to sign with");
}

} // namespace

int main()
{
    check_keys();
    check_verifying();
    check_signing();
    std::cout << passed << " passed, " << failed << " failed\n";
    return passed > 0 && failed == 0 ? 0 : 1;
}
