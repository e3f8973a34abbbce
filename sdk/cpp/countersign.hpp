// Countersign: verify that a request came through the gateway, and sign requests to it. Formats, options and errors: ../README.md.
// C++17, over the library of ../c (link libcountersign.a and libcrypto).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct countersign_key;
struct countersign_verifier;

namespace countersign
{

enum class Code {
    missing,
    malformed,
    algorithm_not_allowed,
    unknown_key,
    signed_header_missing,
    expired,
    signature_mismatch,
    body_mismatch,
};

/// The word of ../README.md: "missing", "malformed", …
const char *name(Code code) noexcept;

/// The request did not come through the gateway, or not unchanged. `detail` (and `what`) is for the log, never for the caller.
class VerificationError : public std::runtime_error
{
  public:
    VerificationError(Code code, std::string detail);
    Code code() const noexcept
    {
        return code_;
    }
    const std::string &detail() const noexcept
    {
        return *detail_;
    }

  private:
    Code code_;
    std::shared_ptr<const std::string> detail_; // so that copying an exception cannot throw
};

/// No memory, or libcrypto failed: nothing is verified. (A key or a request that cannot be one is std::invalid_argument.)
class Fault : public std::runtime_error
{
  public:
    using std::runtime_error::runtime_error;
};

struct Header {
    std::string name, value;
};

/// A request as it stands on the wire: `target` is raw ("/a%20b?x=1"), a header that is there twice stands twice.
struct Request {
    std::string method, target;
    std::vector<Header> headers;
    std::string body;
};

/// A signature key: what a backend knows of the gateway. It moves into a verifier. `not_after`: Unix seconds, the last in which it holds.
class Key
{
  public:
    using End = std::optional<std::int64_t>;
    static Key hmac(const std::string &id, const std::string &secret, End not_after = {});
    /// User name and password. Covers nothing of the request.
    static Key basic(const std::string &id, const std::string &secret, End not_after = {});
    /// This gateway's own format. `algorithm`: aes-128-cfb or aes-256-cfb.
    static Key aes(const std::string &id, const std::string &algorithm, const std::string &key, const std::string &vector,
                   End not_after = {});
    /// This gateway's own format. `text`: an SPKI, in PEM or bare base64; RSA from 2048 bits, or ECDSA P-256.
    static Key public_key(const std::string &id, const std::string &text, End not_after = {});
    static Key bce(const std::string &id, const std::string &secret, End not_after = {});
    static Key aliyun(const std::string &id, const std::string &secret, End not_after = {});

  private:
    friend class Verifier;
    struct Free {
        void operator()(countersign_key *key) const noexcept;
    };
    Key(countersign_key *key, End not_after);
    std::unique_ptr<countersign_key, Free> key_;
};

struct Options {
    std::int64_t window = 900;           ///< seconds that the time of a request may differ from the clock, either way
    std::function<std::int64_t()> clock; ///< gives Unix seconds, and must not throw; empty: the system's
    bool require_signed_body = false;    ///< a body that the signature does not cover is refused
    bool accept_undated = false;         ///< aliyun without a timestamp is accepted
    std::string proof_header = "Authorization";
};

/// What is known of a request that is verified. Text that has none is empty.
struct Verified {
    std::string type, key_id;
    std::vector<std::string> signed_headers; ///< lower case, as listed
    std::string app, consumer, request_id;
    std::string caller; ///< the app, else the consumer, else ""
    std::string string_to_sign, canonical_request;
};

/// Immutable; `verify` may be called by many threads at once, if the clock may.
class Verifier
{
  public:
    explicit Verifier(Key key, Options options = {});
    /// While a key is changed, both hold.
    Verifier(Key key, Key other, Options options = {});
    explicit Verifier(std::vector<Key> keys, Options options = {});

    /// Throws VerificationError.
    Verified verify(const Request &request) const;

  private:
    struct Free {
        void operator()(countersign_verifier *verifier) const noexcept;
    };
    std::unique_ptr<Options> options_; // in one place, which the clock's caller knows
    std::unique_ptr<countersign_verifier, Free> verifier_;
};

struct Credential {
    std::string id, secret;
};

struct Signing {
    std::int64_t now = 0;                    ///< Unix seconds; 0: the system's clock
    std::vector<std::string> signed_headers; ///< names to sign beside those that the scheme takes itself
    std::int32_t expiration = 1800;          ///< bce alone: seconds
    std::string header = "Authorization";    ///< bce alone: where the proof goes
};

/// `headers`: to be set on the request, each in place of those of its name.
struct Signed {
    std::vector<Header> headers;
    std::string string_to_sign, canonical_request;
};

Signed sign_aliyun_ca(const Request &request, const Credential &credential, const Signing &options = {});
Signed sign_sdk_hmac(const Request &request, const Credential &credential, const Signing &options = {});
Signed sign_bce(const Request &request, const Credential &credential, const Signing &options = {});

} // namespace countersign
