// The Lambda Runtime API, as programs on this machine see it: /lambda-runtime/TOKEN/2018-06-01/…
// Source: Lambda developer guide, "Using the Lambda runtime API for custom runtimes". A program is
// told AWS_LAMBDA_RUNTIME_API=HOST:PORT/lambda-runtime/TOKEN; its token is all that it can reach.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/task.h"
#include "functions/environment.h"
#include "net/http.h"
#include "net/server.h"

namespace toolgate::functions {

class RuntimeApi {
 public:
  static constexpr std::string_view path_prefix = "/lambda-runtime/";
  // Answers are read to their end, whatever their size, and kept up to Lambda's bound.
  static constexpr std::size_t body_bytes_max = 1024ULL * 1024 * 1024;

  [[nodiscard]] static bool takes(const net::Request& head) {
    return head.path.starts_with(path_prefix);
  }
  Task<net::Response> handle(net::Request& request);

  // Any thread, brief.
  void add(const std::shared_ptr<Environment>& environment);
  void remove(std::string_view token);

 private:
  [[nodiscard]] std::shared_ptr<Environment> find(std::string_view token);

  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<Environment>, std::less<>> environments_;  // by token
};

}  // namespace toolgate::functions
