#include "base/steps.h"

#include <algorithm>
#include <utility>

namespace toolgate {

void Steps::add(Step step) {
  // A failure is told even behind a thousand tools that were left out.
  const bool fails = step.outcome == Outcome::failed && all_.size() < 2 * count_max;
  if (all_.size() >= count_max && !fails) {
    ++dropped_;
    return;
  }
  if (step.message.size() > message_bytes_max) {
    std::size_t end = message_bytes_max;
    while (end > 0 && (step.message[end] & 0xC0) == 0x80) --end;  // not within a character
    step.message.resize(end);
  }
  all_.push_back(std::move(step));
}

const Steps::Step* Steps::failure() const {
  const auto found = std::ranges::find(all_, Outcome::failed, &Step::outcome);
  return found == all_.end() ? nullptr : &*found;
}

std::string_view name_of(Steps::Outcome outcome) {
  switch (outcome) {
    case Steps::Outcome::ok:
      return "OK";
    case Steps::Outcome::failed:
      return "FAILED";
    case Steps::Outcome::left_out:
      return "LEFT_OUT";
    case Steps::Outcome::not_reached:
      return "NOT_REACHED";
  }
  return "";
}

OneStep::OneStep(Steps* steps, std::string_view name, std::string_view subject) : steps_{steps} {
  if (steps_ == nullptr) return;
  name_ = name;
  subject_ = subject;
  began_ = std::chrono::steady_clock::now();
}

void OneStep::ok(std::string_view message) { ended(Steps::Outcome::ok, message); }

void OneStep::failed(const Error& error) {
  if (steps_ == nullptr) return;
  // The step that ended last, but for those that it kept from being reached.
  const auto& all = steps_->all();
  const auto last = std::find_if(all.rbegin(), all.rend(), [](const auto& step) {
    return step.outcome != Steps::Outcome::not_reached;
  });
  const bool again = last != all.rend() && last->outcome == Steps::Outcome::failed &&
                     error.message.contains(last->message);
  if (again) {
    ended(Steps::Outcome::not_reached, {});
  } else {
    ended(Steps::Outcome::failed, error.message);
  }
}

void OneStep::ended(Steps::Outcome outcome, std::string_view message) {
  if (steps_ == nullptr) return;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - began_);
  steps_->add({.name = name_,
               .subject = subject_,
               .outcome = outcome,
               .took = took,
               .message = std::string{message}});
}

}  // namespace toolgate
