// run-vectors FOLDER: checks every case of the vectors (vectors/README.md). Last line: "N passed, N failed".
#include "countersign.hpp"

#include <jansson.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <strings.h>

namespace fs = std::filesystem;
using namespace countersign;

namespace
{

std::string read_file(const fs::path &file)
{
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw std::runtime_error("no " + file.filename().string());
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::string cut(std::string &rest, const std::string &separator)
{
    auto end = rest.find(separator);
    if (end == std::string::npos) throw std::runtime_error("no request in it");
    std::string begin = rest.substr(0, end);
    rest.erase(0, end + separator.size());
    return begin;
}

Request read_request(const fs::path &file)
{
    Request request;
    request.body = read_file(file);
    std::string head = cut(request.body, "\n\n") + "\n", line = cut(head, "\n");
    request.method = cut(line, " ");
    request.target = cut(line, " ");
    while (!head.empty()) {
        line = cut(head, "\n");
        std::string name = cut(line, ":");
        request.headers.push_back({name, line});
    }
    return request;
}

std::string header_of(const std::vector<Header> &headers, const std::string &wanted)
{
    for (const auto &[name, value] : headers)
        if (strcasecmp(name.c_str(), wanted.c_str()) == 0) return value.substr(std::min(value.find_first_not_of(" \t"), value.size()));
    return "";
}

std::string text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == nullptr ? "" : text;
}

std::int64_t number_of(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

Key make_key(const json_t *known)
{
    Key::End end;
    if (json_object_get(known, "not_after") != nullptr) end = number_of(known, "not_after");
    std::string type = text_of(known, "type"), id = text_of(known, "id"), secret = text_of(known, "secret");
    if (type == "hmac") return Key::hmac(id, secret, end);
    if (type == "basic") return Key::basic(id, secret, end);
    if (type == "aes") return Key::aes(id, text_of(known, "algorithm"), text_of(known, "key"), secret, end);
    if (type == "public_key") return Key::public_key(id, text_of(known, "public_key"), end);
    if (type == "bce") return Key::bce(id, secret, end);
    return Key::aliyun(id, secret, end);
}

Verifier make_verifier(const json_t *context)
{
    const json_t *options = json_object_get(context, "options"), *known = json_object_get(context, "keys");
    std::vector<Key> keys;
    for (std::size_t i = 0; i < json_array_size(known); i++) keys.push_back(make_key(json_array_get(known, i)));
    Options chosen;
    if (json_object_get(options, "window") != nullptr) chosen.window = number_of(options, "window");
    chosen.require_signed_body = json_is_true(json_object_get(options, "require_signed_body"));
    chosen.accept_undated = json_is_true(json_object_get(options, "accept_undated"));
    chosen.clock = [now = number_of(context, "now")] { return now; };
    return Verifier(std::move(keys), std::move(chosen));
}

template <typename Result> std::string check_texts(const fs::path &folder, const Result &result)
{
    if (fs::exists(folder / "string-to-sign.txt") && read_file(folder / "string-to-sign.txt") != result.string_to_sign)
        return "another string-to-sign.txt";
    if (fs::exists(folder / "canonical-request.txt") && read_file(folder / "canonical-request.txt") != result.canonical_request)
        return "another canonical-request.txt";
    return "";
}

/// Of a client scheme, or of a type whose signature a client can make too.
std::string check_signing(const fs::path &folder, const json_t *context, const Request &expected)
{
    const json_t *key = json_object_get(context, "key"), *names = json_object_get(context, "signed_headers");
    if (key == nullptr) key = json_array_get(json_object_get(context, "keys"), 0);
    Credential credential{text_of(key, "id"), text_of(key, "secret")};
    Signing options;
    options.now = number_of(context, "now");
    for (std::size_t i = 0; i < json_array_size(names); i++)
        options.signed_headers.emplace_back(json_string_value(json_array_get(names, i)));
    std::string type = text_of(context, "type"), proof = text_of(context, "proof");
    Request request = read_request(folder / "request.txt");
    auto sign = type == "aliyun-ca" ? sign_aliyun_ca : type == "bce" || type == "bce-auth-v1" ? sign_bce : sign_sdk_hmac;
    if (type == "bce") options.header = proof = "X-Bce-Gateway-Auth";
    if (type == "hmac") {
        proof = "authorization";
        request.headers.push_back({"X-Sdk-Date", header_of(expected.headers, "x-sdk-date")});
    }
    Signed made = sign(request, credential, options);
    if (header_of(made.headers, proof) != header_of(expected.headers, proof)) return "signed otherwise: " + header_of(made.headers, proof);
    return check_texts(folder, made);
}

std::string check(const fs::path &folder, const json_t *context, const std::string &name)
{
    Request request = read_request(folder / name);
    std::string expected = text_of(json_object_get(context, "expect"), name.c_str());
    if (expected == "signed") return check_signing(folder, context, request);
    try {
        Verified verified = make_verifier(context).verify(request);
        if (expected != "accept") return "expected " + expected + ", was accepted";
        if (name != "signed-request.txt") return "";
        std::string problem = check_texts(folder, verified);
        if (!problem.empty() || json_object_get(context, "signed_headers") == nullptr) return problem;
    } catch (const VerificationError &refusal) {
        return expected == countersign::name(refusal.code()) ? "" : "expected " + expected + ", got " + refusal.what();
    }
    return check_signing(folder, context, request);
}

std::vector<fs::path> folders_of(const fs::path &root)
{
    std::vector<fs::path> found;
    for (const auto &type : fs::directory_iterator(root))
        if (type.is_directory())
            for (const auto &folder : fs::directory_iterator(type))
                if (fs::exists(folder.path() / "context.json")) found.push_back(folder.path());
    std::sort(found.begin(), found.end());
    return found;
}

std::string problem_of(const fs::path &folder, const json_t *context, const std::string &name)
{
    try {
        return check(folder, context, name);
    } catch (const std::exception &fault) { // a fault is a failed case, not the end
        return fault.what();
    }
}

} // namespace

int main(int count, char **arguments)
{
    if (count != 2) return std::cerr << "usage: run-vectors FOLDER\n", 2;
    fs::path root(arguments[1]);
    std::size_t passed = 0, failed = 0;
    for (const auto &folder : folders_of(root)) {
        std::unique_ptr<json_t, decltype(&json_decref)> context(json_load_file((folder / "context.json").c_str(), 0, nullptr), json_decref);
        json_t *expected = context ? json_object_get(context.get(), "expect") : nullptr;
        if (expected == nullptr) failed++, std::cout << "FAIL " << fs::relative(folder, root).string() << "/context.json: no JSON\n";
        const char *name;
        json_t *outcome;
        json_object_foreach(expected, name, outcome)
        {
            std::string problem = problem_of(folder, context.get(), name);
            problem.empty() ? passed++ : failed++;
            if (!problem.empty()) std::cout << "FAIL " << fs::relative(folder, root).string() << "/" << name << ": " << problem << "\n";
        }
    }
    std::cout << passed << " passed, " << failed << " failed\n";
    return passed > 0 && failed == 0 ? 0 : 1;
}
