// Deadlines of one I/O thread, without a timer for each: a wheel that turns every 50 ms while
// something is watched. Setting a deadline is a store; it fires up to one turn late.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/task.h"
#include "net/link.h"

namespace toolgate::net {

// Lives as long as its io_context and is used only on that context's thread. A wheel that turns
// does not keep run() from returning.
class Ticker final : public boost::asio::execution_context::service {
 public:
  using key_type = Ticker;
  static boost::asio::execution_context::id id;

  explicit Ticker(boost::asio::execution_context& context);
  // The one ticker of `io`, made at first use.
  static Ticker& of(boost::asio::io_context& io);

  // Something that has at most one deadline. It leaves the wheel when it dies.
  class Watch : private Link {
   public:
    Watch() = default;
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   protected:
    ~Watch();

   private:
    friend class Ticker;
    // The deadline has passed and is gone. May destroy the watch.
    virtual void on_deadline() = 0;

    Ticker* ticker_ = nullptr;  // null while not on the wheel
    Deadline deadline_ = Deadline::max();
    std::int64_t turn_ = 0;  // at which the wheel looks at it; never after the deadline's own
  };

  // On the context's thread, inside a running handler.
  void set(Watch& watch, Deadline deadline);
  static void clear(Watch& watch) { watch.deadline_ = Deadline::max(); }

  // The time, at most one turn old.
  [[nodiscard]] Deadline now();
  // The Date field of now: "Sun, 06 Nov 1994 08:49:37 GMT".
  [[nodiscard]] std::string_view date();

 private:
  static constexpr std::size_t slots = 2'048;  // 102 s; what is later is looked at on the way

  void shutdown() override;
  void place(Watch& watch, std::int64_t turn);
  void arm();
  void on_turn();
  void look_at(std::int64_t turn);

  boost::asio::io_context& io_;
  std::optional<boost::asio::steady_timer> timer_;
  std::array<Link, slots> wheel_;
  std::int64_t turn_ = 0;  // the last one that was looked at
  std::size_t watched_ = 0;
  bool turning_ = false;
  Deadline now_;
  std::int64_t date_second_ = -1;
  std::int64_t second_ = 0;
  std::array<char, 32> date_{};
};

}  // namespace toolgate::net
