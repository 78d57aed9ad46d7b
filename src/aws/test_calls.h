// What unit tests of services share: tasks run to their end on the test's own thread, and
// operations called through their rows, as the door calls them.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "aws/service.h"
#include "base/clock.h"
#include "base/run_task.h"
#include "identity/principal.h"
#include "json/json.h"
#include "net/worker.h"

namespace toolgate::aws::testing {

inline constexpr std::string_view test_account = "123456789012";
inline constexpr std::string_view test_region = "us-east-1";

// The one thread of a test, and its time, which stands.
class Calls {
 public:
  // A call of the test's account and region.
  Call call_of(std::string_view service, std::string_view operation, Json input) const {
    Call call;
    call.service = service;
    call.operation = operation;
    call.input = std::move(input);
    call.account = test_account;
    call.region = test_region;
    call.now = clock_.now();
    return call;
  }
  // Its row's answer. Fails the test when there is no such row.
  Result<Json> answer(const std::vector<Operation>& rows, Call call) {
    const auto row = std::ranges::find(rows, call.operation, &Operation::name);
    if (row == rows.end()) {
      ADD_FAILURE() << "no such operation: " << call.operation;
      return fail(Code::internal, "no such operation");
    }
    Result<Answer> answer = run(row->run(call, worker_));
    if (!answer) return std::unexpected(std::move(answer).error());
    return std::move(answer->output);
  }
  template <class T>
  T run(Task<T> task) {
    return run_task(io_, std::move(task));
  }

  boost::asio::io_context& io() { return io_; }
  net::Worker& worker() { return worker_; }
  ManualClock& clock() { return clock_; }

 private:
  boost::asio::io_context io_{1};
  net::Worker worker_{0, io_};
  ManualClock clock_;
};

// "NAME: message" of a failure; "fine" otherwise.
inline std::string outcome(const Result<Json>& result) {
  return result ? "fine" : result.error().name + ": " + result.error().message;
}
// The text at a pointer ("/Role/Arn"); anything else as JSON.
inline std::string at(const Json& value, std::string_view pointer) {
  boost::json::error_code error;
  const Json* found = value.find_pointer(pointer, error);
  if (found == nullptr) return "(absent)";
  return found->is_string() ? std::string{std::string_view{found->get_string()}}
                            : json::print(*found);
}

}  // namespace toolgate::aws::testing
