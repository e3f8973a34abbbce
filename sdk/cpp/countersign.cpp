#include "countersign.hpp"

#include "../c/countersign.h"

#include <utility>

namespace countersign
{

namespace
{

constexpr int first_refusal = COUNTERSIGN_MISSING;

bool has_zero(std::string_view text)
{
    return text.find('\0') != std::string_view::npos;
}

/// The library of ../c reads texts that end with a zero byte: one with a zero within would mean something else there than here.
const char *argument(const std::string &text)
{
    if (has_zero(text)) throw std::invalid_argument("a zero byte in an id, a secret or a name");
    return text.c_str();
}

[[noreturn]] void raise(const countersign_error &error)
{
    if (error.code == COUNTERSIGN_INVALID_ARGUMENT) throw std::invalid_argument(error.detail);
    if (error.code < first_refusal || error.code > COUNTERSIGN_BODY_MISMATCH) throw Fault(error.detail);
    throw VerificationError(static_cast<Code>(error.code - first_refusal), error.detail);
}

/// The request for the library of ../c; holds no longer than the one that it shows.
class Shown
{
  public:
    explicit Shown(const Request &request)
    {
        for (const auto &[name, value] : request.headers) {
            zero_ = zero_ || has_zero(name) || has_zero(value);
            headers_.push_back({name.c_str(), value.c_str()});
        }
        zero_ = zero_ || has_zero(request.method) || has_zero(request.target);
        request_ = {request.method.c_str(), request.target.c_str(), headers_.data(),
                    headers_.size(),        request.body.data(),    request.body.size()};
    }
    const countersign_request *get() const
    {
        return &request_;
    }
    bool has_zero_byte() const
    {
        return zero_;
    }

  private:
    std::vector<countersign_header> headers_;
    countersign_request request_{};
    bool zero_ = false;
};

std::int64_t clock_of(void *data) noexcept
{
    return static_cast<const Options *>(data)->clock();
}

std::vector<Key> list(Key key)
{
    std::vector<Key> keys;
    keys.push_back(std::move(key));
    return keys;
}

std::vector<Key> list(Key key, Key other)
{
    auto keys = list(std::move(key));
    keys.push_back(std::move(other));
    return keys;
}

template <typename Make> countersign_key *made(Make make)
{
    countersign_error error{};
    countersign_key *key = make(&error);
    if (key == nullptr) raise(error);
    return key;
}

using Scheme = decltype(&countersign_sign_bce);

Signed sign(Scheme scheme, const Request &request, const Credential &credential, const Signing &options)
{
    Shown shown(request);
    if (shown.has_zero_byte()) throw std::invalid_argument("a zero byte in the request");
    std::vector<const char *> names;
    for (const auto &name : options.signed_headers) names.push_back(argument(name));
    countersign_credential known{argument(credential.id), argument(credential.secret)};
    countersign_signing chosen{options.now, names.data(), names.size(), options.expiration, argument(options.header)};
    countersign_signed *result = nullptr;
    countersign_error error{};
    if (scheme(shown.get(), &known, &chosen, &result, &error) != COUNTERSIGN_OK) raise(error);
    std::unique_ptr<countersign_signed, decltype(&countersign_signed_free)> owned(result, countersign_signed_free);
    Signed made;
    for (std::size_t i = 0; i < result->header_count; i++) made.headers.push_back({result->headers[i].name, result->headers[i].value});
    made.string_to_sign.assign(result->string_to_sign, result->string_to_sign_size);
    made.canonical_request.assign(result->canonical_request, result->canonical_request_size);
    return made;
}

} // namespace

const char *name(Code code) noexcept
{
    return countersign_code_name(static_cast<countersign_code>(static_cast<int>(code) + first_refusal));
}

VerificationError::VerificationError(Code code, std::string detail)
    : std::runtime_error(std::string(name(code)) + ": " + detail), code_(code),
      detail_(std::make_shared<const std::string>(std::move(detail)))
{
}

void Key::Free::operator()(countersign_key *key) const noexcept
{
    countersign_key_free(key);
}

Key::Key(countersign_key *key, End not_after) : key_(key)
{
    if (not_after) countersign_key_until(key, *not_after);
}

Key Key::hmac(const std::string &id, const std::string &secret, End not_after)
{
    return {made([&](auto *error) { return countersign_key_hmac(argument(id), argument(secret), error); }), not_after};
}

Key Key::basic(const std::string &id, const std::string &secret, End not_after)
{
    return {made([&](auto *error) { return countersign_key_basic(argument(id), argument(secret), error); }), not_after};
}

Key Key::aes(const std::string &id, const std::string &algorithm, const std::string &key, const std::string &vector, End not_after)
{
    countersign_aes parts{argument(algorithm), argument(key), argument(vector)};
    return {made([&](auto *error) { return countersign_key_aes(argument(id), &parts, error); }), not_after};
}

Key Key::public_key(const std::string &id, const std::string &text, End not_after)
{
    return {made([&](auto *error) { return countersign_key_public(argument(id), argument(text), error); }), not_after};
}

Key Key::bce(const std::string &id, const std::string &secret, End not_after)
{
    return {made([&](auto *error) { return countersign_key_bce(argument(id), argument(secret), error); }), not_after};
}

Key Key::aliyun(const std::string &id, const std::string &secret, End not_after)
{
    return {made([&](auto *error) { return countersign_key_aliyun(argument(id), argument(secret), error); }), not_after};
}

void Verifier::Free::operator()(countersign_verifier *verifier) const noexcept
{
    countersign_verifier_free(verifier);
}

Verifier::Verifier(Key key, Options options) : Verifier(list(std::move(key)), std::move(options))
{
}

Verifier::Verifier(Key key, Key other, Options options) : Verifier(list(std::move(key), std::move(other)), std::move(options))
{
}

Verifier::Verifier(std::vector<Key> keys, Options options) : options_(std::make_unique<Options>(std::move(options)))
{
    countersign_options chosen = countersign_options_default();
    chosen.window = options_->window;
    chosen.clock = options_->clock ? clock_of : nullptr;
    chosen.clock_data = options_.get();
    chosen.require_signed_body = options_->require_signed_body;
    chosen.accept_undated = options_->accept_undated;
    chosen.proof_header = argument(options_->proof_header);
    std::vector<countersign_key *> given;
    for (const auto &key : keys) given.push_back(key.key_.get());
    countersign_error error{};
    verifier_.reset(countersign_verifier_new(given.data(), given.size(), &chosen, &error));
    if (!verifier_) raise(error);
    // Only now they are the verifier's.
    for (auto &key : keys) static_cast<void>(key.key_.release());
}

Verified Verifier::verify(const Request &request) const
{
    Shown shown(request);
    if (shown.has_zero_byte()) throw VerificationError(Code::malformed, "a zero byte in the head of the request");
    countersign_verified *result = nullptr;
    countersign_error error{};
    if (countersign_verify(verifier_.get(), shown.get(), &result, &error) != COUNTERSIGN_OK) raise(error);
    std::unique_ptr<countersign_verified, decltype(&countersign_verified_free)> owned(result, countersign_verified_free);
    Verified verified{result->type, result->key_id, {}, result->app, result->consumer, result->request_id, result->caller, {}, {}};
    for (std::size_t i = 0; i < result->signed_header_count; i++) verified.signed_headers.emplace_back(result->signed_headers[i]);
    verified.string_to_sign.assign(result->string_to_sign, result->string_to_sign_size);
    verified.canonical_request.assign(result->canonical_request, result->canonical_request_size);
    return verified;
}

Signed sign_aliyun_ca(const Request &request, const Credential &credential, const Signing &options)
{
    return sign(countersign_sign_aliyun_ca, request, credential, options);
}

Signed sign_sdk_hmac(const Request &request, const Credential &credential, const Signing &options)
{
    return sign(countersign_sign_sdk_hmac, request, credential, options);
}

Signed sign_bce(const Request &request, const Credential &credential, const Signing &options)
{
    return sign(countersign_sign_bce, request, credential, options);
}

} // namespace countersign
