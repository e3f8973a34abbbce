// sample PORT: a backend that believes the gateway only; its key is in the environment (../README.md). Plain sockets, one request after
// another: a real backend gives the verifier what its own HTTP parser read.
#include "countersign.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <system_error>

using namespace countersign;

namespace
{

constexpr std::size_t most_head = 65536, most_body = 12 << 20;

std::string variable(const char *name)
{
    const char *value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string variable(const char *name, const std::string &otherwise)
{
    const char *value = std::getenv(name);
    return value == nullptr ? otherwise : value;
}

Key key_of(const std::string &id, const std::string &secret, const std::string &key)
{
    std::string type = variable("COUNTERSIGN_TYPE");
    if (type.empty() || type == "hmac") return Key::hmac(id, secret);
    if (type == "basic") return Key::basic(id, secret);
    if (type == "aes") return Key::aes(id, variable("COUNTERSIGN_ALGORITHM"), key, secret);
    if (type == "public_key") return Key::public_key(id, key);
    if (type == "bce") return Key::bce(id, secret);
    if (type == "aliyun") return Key::aliyun(id, secret);
    throw std::invalid_argument("COUNTERSIGN_TYPE " + type + " is none");
}

/// While the gateway's key is changed: the one that signs now, and the one that follows.
std::vector<Key> keys_of_environment()
{
    std::string id = variable("COUNTERSIGN_ID"), secret = variable("COUNTERSIGN_SECRET"), key = variable("COUNTERSIGN_KEY");
    std::vector<Key> keys;
    keys.push_back(key_of(id, secret, key));
    if (std::getenv("COUNTERSIGN_NEXT_SECRET") != nullptr || std::getenv("COUNTERSIGN_NEXT_KEY") != nullptr)
        keys.push_back(key_of(variable("COUNTERSIGN_NEXT_ID", id), variable("COUNTERSIGN_NEXT_SECRET", secret), variable("COUNTERSIGN_NEXT_KEY", key)));
    return keys;
}

struct Unreadable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Connection
{
  public:
    explicit Connection(int descriptor) : descriptor_(descriptor)
    {
        timeval patience{10, 0};
        setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;
    ~Connection()
    {
        close(descriptor_);
    }

    /// Up to and without the separator.
    std::string until(const std::string &separator)
    {
        std::size_t end;
        while ((end = buffer_.find(separator)) == std::string::npos) {
            if (buffer_.size() > most_head) throw Unreadable("the head is too large");
            receive();
        }
        std::string text = buffer_.substr(0, end);
        buffer_.erase(0, end + separator.size());
        return text;
    }

    std::string exactly(std::size_t size)
    {
        while (buffer_.size() < size) receive();
        return buffer_.substr(0, size);
    }

    void answer(const std::string &status, const std::string &json)
    {
        std::string text = "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) +
                           "\r\nConnection: close\r\n\r\n" + json;
        send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
    }

  private:
    void receive()
    {
        char bytes[8192];
        ssize_t more = recv(descriptor_, bytes, sizeof bytes, 0);
        if (more <= 0) throw Unreadable("the request ends early");
        buffer_.append(bytes, static_cast<std::size_t>(more));
    }

    int descriptor_;
    std::string buffer_;
};

/// No chunks: this sample reads bodies of a declared length alone.
std::size_t body_size(const Request &request)
{
    std::size_t size = 0;
    for (const auto &[name, value] : request.headers) {
        if (strcasecmp(name.c_str(), "transfer-encoding") == 0) throw Unreadable("chunks");
        if (strcasecmp(name.c_str(), "content-length") == 0) size = std::strtoul(value.c_str(), nullptr, 10);
    }
    if (size > most_body) throw Unreadable("the body is too large");
    return size;
}

Request read_request(Connection &connection)
{
    Request request;
    std::istringstream head(connection.until("\r\n\r\n"));
    std::string line;
    head >> request.method >> request.target;
    std::getline(head, line);
    while (std::getline(head, line)) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        auto colon = line.find(':');
        if (colon == std::string::npos) throw Unreadable("a header without a colon");
        request.headers.push_back({line.substr(0, colon), line.substr(colon + 1)});
    }
    request.body = connection.exactly(body_size(request));
    return request;
}

/// What would need an escape is shown as "?".
std::string quoted(std::string text)
{
    for (char &c : text)
        if (static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\') c = '?';
    return '"' + text + '"';
}

void serve(Connection &connection, const Verifier &verifier)
{
    try {
        Request request = read_request(connection);
        Verified verified = verifier.verify(request);
        std::ostringstream json;
        json << R"({"verified":true,"type":)" << quoted(verified.type) << R"(,"key_id":)" << quoted(verified.key_id) << R"(,"caller":)"
             << quoted(verified.caller) << R"(,"method":)" << quoted(request.method) << R"(,"target":)" << quoted(request.target)
             << R"(,"body_bytes":)" << request.body.size() << "}";
        connection.answer("200 OK", json.str());
    } catch (const VerificationError &refusal) {
        std::cerr << "refused: " << refusal.what() << "\n";
        connection.answer("401 Unauthorized", std::string(R"({"error":")") + name(refusal.code()) + "\"}");
    } catch (const Unreadable &) {
        connection.answer("400 Bad Request", R"({"error":"no request that this sample reads"})");
    }
}

int listen_at(const char *port)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int server = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    auto *general = reinterpret_cast<sockaddr *>(&address);
    if (bind(server, general, size) != 0 || listen(server, 64) != 0) throw std::system_error(errno, std::generic_category(), "listen");
    getsockname(server, general, &size);
    std::cout << "listening at http://127.0.0.1:" << ntohs(address.sin_port) << std::endl;
    return server;
}

} // namespace

int main(int count, char **arguments)
try {
    if (count != 2) throw std::invalid_argument("usage: sample PORT");
    Verifier verifier(keys_of_environment());
    int server = listen_at(arguments[1]);
    while (true) {
        int descriptor = accept(server, nullptr, nullptr);
        if (descriptor < 0) continue;
        Connection connection(descriptor);
        serve(connection, verifier);
    }
} catch (const std::exception &problem) {
    std::cerr << "sample: " << problem.what() << "\n";
    return 1;
}
