// A fast MCP server for benchmarks: one thread, epoll, answers prepared but for the id. It speaks
// just enough HTTP for clients that are known to be correct.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

namespace {

std::string tools_result(int count) {
  std::string tools;
  for (int i = 0; i < count; ++i) {
    if (i > 0) tools += ',';
    tools += R"({"name":"tool)" + std::to_string(i) +
             R"(","description":"Looks up order number )" + std::to_string(i) +
             R"( of a customer and says what is in it","inputSchema":{"type":"object",)"
             R"("properties":{"orderId":{"type":"integer"},"note":{"type":"string"}},)"
             R"("required":["orderId"]}})";
  }
  return R"({"tools":[)" + tools + "]}";
}

const std::string hello =
    R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}},)"
    R"("serverInfo":{"name":"stub","version":"1"}})";
const std::string called =
    R"({"content":[{"type":"text","text":"Order 123 was updated; the customer is told by mail and )"
    R"(the parcel leaves the store tomorrow morning at nine."}],"isError":false})";
std::string listed;

std::string_view id_of(std::string_view body) {
  const auto at = body.find("\"id\":");
  if (at == std::string_view::npos) return {};
  const auto end = body.find_first_of(",}", at + 5);
  return body.substr(at + 5, end - at - 5);
}

void answer(std::string_view body, std::string& out) {
  const auto id = id_of(body);
  if (id.empty()) {
    out += "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
    return;
  }
  std::string_view result = called;
  if (body.find("\"initialize\"") != std::string_view::npos) result = hello;
  if (body.find("\"tools/list\"") != std::string_view::npos) result = listed;
  constexpr std::string_view begin = R"({"jsonrpc":"2.0","id":)";
  constexpr std::string_view middle = R"(,"result":)";
  const auto size = begin.size() + id.size() + middle.size() + result.size() + 1;
  out += "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
  out += std::to_string(size);
  out += "\r\n\r\n";
  out += begin;
  out += id;
  out += middle;
  out += result;
  out += '}';
}

std::size_t content_length(std::string_view head) {
  for (const std::string_view name : {"content-length: ", "Content-Length: "}) {
    const auto at = head.find(name);
    if (at == std::string_view::npos) continue;
    std::size_t value = 0;
    std::from_chars(head.data() + at + name.size(), head.data() + head.size(), value);
    return value;
  }
  return 0;
}

// Answers every whole request in `in`; false when the peer has gone.
bool serve(int fd, std::string& in) {
  std::array<char, 65536> buffer;
  const auto n = read(fd, buffer.data(), buffer.size());
  if (n <= 0) return n < 0 && errno == EAGAIN;
  in.append(buffer.data(), static_cast<std::size_t>(n));
  std::string out;
  for (;;) {
    const auto head = in.find("\r\n\r\n");
    if (head == std::string::npos) break;
    const auto length = content_length(std::string_view{in}.substr(0, head));
    if (in.size() < head + 4 + length) break;
    answer(std::string_view{in}.substr(head + 4, length), out);
    in.erase(0, head + 4 + length);
  }
  for (std::size_t sent = 0; sent < out.size();) {
    const auto w = write(fd, out.data() + sent, out.size() - sent);
    if (w < 0 && errno == EAGAIN) continue;
    if (w <= 0) return false;
    sent += static_cast<std::size_t>(w);
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const int port = argc > 1 ? std::atoi(argv[1]) : 0;
  listed = tools_result(argc > 2 ? std::atoi(argv[2]) : 10);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener, 1024) != 0) {
    std::perror("stub_upstream");
    return 1;
  }
  socklen_t length = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);

  const int poll = epoll_create1(0);
  epoll_event event{.events = EPOLLIN, .data = {.fd = listener}};
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  std::unordered_map<int, std::string> connections;
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = epoll_wait(poll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        const int peer = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        if (peer < 0) continue;
        setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        event = {.events = EPOLLIN, .data = {.fd = peer}};
        epoll_ctl(poll, EPOLL_CTL_ADD, peer, &event);
        connections[peer];
      } else if (!serve(fd, connections[fd])) {
        connections.erase(fd);
        close(fd);
      }
    }
  }
}
