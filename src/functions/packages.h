// What Lambda's Python has beyond its standard library: boto3. Made once for each interpreter, when
// a function that names it is created, never when one starts.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/event.h"
#include "base/task.h"
#include "runtimes/environment.h"

namespace toolgate::functions {

// True when a Python file of the tree names boto3 and the tree does not bring it. Blocks; looks at
// a bounded number of files.
[[nodiscard]] bool wants_boto3(const std::filesystem::path& tree);

// Held by shared_ptr: its builds outlive who began them.
class Packages : public std::enable_shared_from_this<Packages> {
 public:
  // `environments` outlives the object's tasks; null: nothing can be made.
  explicit Packages(runtimes::Environments* environments) : environments_{environments} {}

  static constexpr std::chrono::seconds waits_for{60};

  // Begins to make them for that Python ("3.11"), unless they are there. A failure is in the log,
  // and tried again by the next call.
  Task<void> prepare(std::string python);
  // Their folder, once what was begun is over; empty when there is none.
  Task<std::filesystem::path> find(std::string python);

 private:
  struct Made {
    Event over;
    std::filesystem::path folder;  // empty: it failed. Set before `over`
    std::shared_ptr<const void> in_use;
  };
  static Task<void> make(std::shared_ptr<Packages> self, std::string python,
                         std::shared_ptr<Made> made);

  runtimes::Environments* const environments_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::shared_ptr<Made>> made_;
};

}  // namespace toolgate::functions
