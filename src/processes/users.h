// User ids for children that run as a user of their own.
#pragma once

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>

namespace toolgate::processes {

// User ids nobody has. One that was used comes again as late as possible, because a file of its
// last holder may still be somewhere.
class Users {
 public:
  Users(std::uint32_t first, std::uint32_t count) : first_{first}, count_{count} {}
  std::optional<std::uint32_t> take() {
    for (std::uint32_t tried = 0; tried < count_; ++tried) {
      const std::uint32_t uid = first_ + next_;
      next_ = (next_ + 1) % count_;
      if (taken_.contains(uid) || ::getpwuid(uid) != nullptr) continue;
      taken_.insert(uid);
      return uid;
    }
    return std::nullopt;
  }
  void give_back(std::uint32_t uid) { taken_.erase(uid); }

 private:
  std::uint32_t first_;
  std::uint32_t count_;
  // Servers side by side on one machine begin at different places.
  std::uint32_t next_ = static_cast<std::uint32_t>(::getpid()) % std::max(1U, count_);
  std::set<std::uint32_t> taken_;
};

}  // namespace toolgate::processes
