// For tests: an MCP server of one thread that answers as the test says, one connection after the
// other, and remembers what it was asked.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "json/json.h"
#include "json/members.h"
#include "net/test_loop.h"
#include "targets/target.h"

namespace toolgate::targets::mcp_server::testing {

class NoEvents final : public Events {
 public:
  Task<Result<void>> notify(std::string) override { co_return Result<void>{}; }
};

struct Asked {
  std::string head;
  Json body;

  [[nodiscard]] std::string method() const { return json::member(body, "method"); }
  [[nodiscard]] std::string id() const {
    const Json* id = json::find(body, "id");
    return id == nullptr ? "" : json::print(*id);
  }
  [[nodiscard]] bool has(std::string_view line) const {
    return head.find("\r\n" + std::string{line} + "\r\n") != std::string::npos;
  }
};

inline std::string http(int status, std::string_view body = "",
                        std::string_view type = "application/json", std::string_view more = "") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\ncontent-type: " + std::string{type} +
         "\r\ncontent-length: " + std::to_string(body.size()) + "\r\n" + std::string{more} +
         "\r\n" + std::string{body};
}

inline std::string result(const Asked& asked, std::string_view raw) {
  return R"({"jsonrpc":"2.0","id":)" + asked.id() + R"(,"result":)" + std::string{raw} + '}';
}

constexpr std::string_view greeting =
    R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{}},)"
    R"("serverInfo":{"name":"peer","version":"1"}})";

class Peer {
 public:
  // Raw bytes to send; nothing: the connection is closed.
  using Script = std::function<std::string(const Asked&)>;
  explicit Peer(Script script)
      : script_{std::move(script)}, server_{[this](net::testing::RawSocket& socket, int) {
          while (serve_one(socket)) {
          }
        }} {}

  // Shakes hands and takes notifications; `rest` answers everything else.
  static Script polite(Script rest, std::string_view more_fields = "") {
    return [rest = std::move(rest), more = std::string{more_fields}](const Asked& asked) {
      if (asked.method() == "initialize") {
        return http(200, result(asked, greeting), "application/json", more);
      }
      return asked.id().empty() ? http(202) : rest(asked);
    };
  }

  [[nodiscard]] std::string url() const { return server_.url("/mcp"); }
  [[nodiscard]] std::vector<Asked> seen() const {
    const std::scoped_lock lock{mutex_};
    return seen_;
  }
  [[nodiscard]] int count(std::string_view method) const {
    int n = 0;
    for (const auto& asked : seen()) n += asked.method() == method ? 1 : 0;
    return n;
  }

 private:
  bool serve_one(net::testing::RawSocket& socket) {
    const auto whole = [](std::string_view text) {
      const auto end = text.find("\r\n\r\n");
      if (end == text.npos) return false;
      const auto at = text.find("content-length: ");
      const auto size = at < end ? std::stoul(std::string{text.substr(at + 16)}) : 0;
      return text.size() >= end + 4 + size;
    };
    const auto text = socket.receive(whole, 20'000);
    if (!whole(text)) return false;
    const auto end = text.find("\r\n\r\n") + 4;
    Asked asked{.head = text.substr(0, end),
                .body = json::parse(text.substr(end)).value_or(Json{})};
    {
      const std::scoped_lock lock{mutex_};
      seen_.push_back(asked);
    }
    const auto answer = script_(asked);
    return !answer.empty() && socket.send(answer);
  }

  const Script script_;
  mutable std::mutex mutex_;
  std::vector<Asked> seen_;
  net::testing::ScriptedServer server_;
};

}  // namespace toolgate::targets::mcp_server::testing
