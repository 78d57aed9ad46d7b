#include "net/ticker.h"

#include <algorithm>
#include <ctime>

#include "base/result.h"

namespace toolgate::net {
namespace {

constexpr auto turn_time = std::chrono::milliseconds{50};

std::int64_t turn_before(Deadline at) { return at.time_since_epoch() / turn_time; }
Deadline time_of(std::int64_t turn) { return Deadline{turn * turn_time}; }

}  // namespace

boost::asio::execution_context::id Ticker::id;

Ticker::Ticker(boost::asio::execution_context& context)
    : service{context}, io_{static_cast<boost::asio::io_context&>(context)}, timer_{io_} {}

Ticker& Ticker::of(boost::asio::io_context& io) { return boost::asio::use_service<Ticker>(io); }

void Ticker::shutdown() { timer_.reset(); }

Ticker::Watch::~Watch() {
  if (ticker_ == nullptr) return;
  leave();
  --ticker_->watched_;
}

void Ticker::place(Watch& watch, std::int64_t turn) {
  watch.turn_ = std::clamp(turn, turn_ + 1, turn_ + static_cast<std::int64_t>(slots) - 1);
  watch.join(wheel_[static_cast<std::size_t>(watch.turn_) % slots]);
}

void Ticker::set(Watch& watch, Deadline deadline) {
  watch.deadline_ = deadline;
  if (watch.ticker_ != nullptr) {
    if (deadline >= time_of(watch.turn_)) return;  // looked at before then
  } else {
    if (!turning_) arm();
    watch.ticker_ = this;
    ++watched_;
  }
  place(watch, turn_before(deadline) + 1);
}

Deadline Ticker::now() {
  if (!turning_) now_ = std::chrono::steady_clock::now();
  return now_;
}

std::string_view Ticker::date() {
  if (!turning_) second_ = std::time(nullptr);
  if (second_ != date_second_) {
    date_second_ = second_;
    std::tm parts{};
    gmtime_r(&second_, &parts);
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::snprintf(date_.data(), date_.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                  days[parts.tm_wday], parts.tm_mday % 100, months[parts.tm_mon],
                  (parts.tm_year + 1900) % 10000, parts.tm_hour % 100, parts.tm_min % 100,
                  parts.tm_sec % 100);
  }
  return {date_.data(), 29};
}

// Begins to turn, from now.
void Ticker::arm() {
  if (!turning_) {
    turning_ = true;
    now_ = std::chrono::steady_clock::now();
    second_ = std::time(nullptr);
    turn_ = turn_before(now_);
  }
  if (!timer_) return;  // shutting down
  timer_->expires_at(time_of(turn_ + 1));
  timer_->async_wait([this](const boost::system::error_code& error) {
    io_.get_executor().on_work_started();
    if (!error) on_turn();
  });
  // Turning is no work of its own: a context with nothing else to do ends its run().
  io_.get_executor().on_work_finished();
}

void Ticker::on_turn() {
  now_ = std::chrono::steady_clock::now();
  second_ = std::time(nullptr);
  const auto last = turn_before(now_);
  // After a long sleep each slot needs one look only.
  turn_ = std::max(turn_, last - static_cast<std::int64_t>(slots));
  while (turn_ < last) look_at(++turn_);
  if (watched_ == 0) {
    turning_ = false;
  } else {
    arm();
  }
}

void Ticker::look_at(std::int64_t turn) {
  // Moved to a list of its own, because firing may set and destroy any watch.
  Link due;
  due.take_all(wheel_[static_cast<std::size_t>(turn) % slots]);
  while (!due.empty()) {
    auto& watch = static_cast<Watch&>(due.first());
    watch.leave();
    if (watch.deadline_ == Deadline::max() || watch.deadline_ <= now_) {
      const bool fire = watch.deadline_ != Deadline::max();
      watch.deadline_ = Deadline::max();
      watch.ticker_ = nullptr;
      --watched_;
      if (fire) watch.on_deadline();
    } else {
      place(watch, turn_before(watch.deadline_) + 1);
    }
  }
}

}  // namespace toolgate::net
