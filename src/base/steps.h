// What was done to bring something up, step by step, with time and outcome: for who wants to know
// why it does not work. Filled by the code that does the steps, so that nothing is told twice.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace toolgate {

// Of one attempt, by one coroutine at a time; what it awaits may add too.
class Steps {
 public:
  enum class Outcome : unsigned char {
    ok,
    failed,
    left_out,     // the whole goes on without this part
    not_reached,  // an earlier step has failed
  };
  struct Step {
    std::string name;     // "resolve", "TLS", "permission"
    std::string subject;  // of what: "api.example.com", "s3:GetObject on arn:…"
    Outcome outcome = Outcome::ok;
    std::chrono::microseconds took{0};
    std::string message;  // how it ended, or why not; safe to show
  };
  // Beyond this many they are counted only.
  static constexpr std::size_t count_max = 1'000;
  static constexpr std::size_t message_bytes_max = 2'000;

  void add(Step step);
  [[nodiscard]] const std::vector<Step>& all() const { return all_; }
  [[nodiscard]] std::size_t dropped() const { return dropped_; }
  // The first that failed, or null.
  [[nodiscard]] const Step* failure() const;

 private:
  std::vector<Step> all_;
  std::size_t dropped_ = 0;
};

// "OK", "FAILED", "LEFT_OUT", "NOT_REACHED".
[[nodiscard]] std::string_view name_of(Steps::Outcome outcome);

// One step under way, from its construction until it is told how it ended. Without `steps` (null)
// it does nothing and keeps nothing.
class OneStep {
 public:
  OneStep(Steps* steps, std::string_view name, std::string_view subject);

  void ok(std::string_view message = {});
  // An error that only repeats the step before, which made this one fail, makes it not_reached.
  void failed(const Error& error);
  void ended(Steps::Outcome outcome, std::string_view message);
  template <class T>
  void ended(const Result<T>& result, std::string_view message = {}) {
    if (result) {
      ok(message);
    } else {
      failed(result.error());
    }
  }

 private:
  Steps* steps_;
  std::string name_;
  std::string subject_;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace toolgate
