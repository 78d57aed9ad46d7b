#include "targets/smithy/times.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

namespace toolgate::targets::smithy {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

// Reads a text from its beginning; the first thing that does not fit sticks.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_{text} {}

  int digits(std::size_t count) {
    int value = 0;
    if (rest_.size() < count) return broken();
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return broken();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void expect(std::string_view word) {
    if (!take(word)) broken();
  }
  // Up to six digits count; more are cut off.
  int fraction() {
    int value = 0;
    int scale = 100'000;
    if (rest_.empty() || rest_[0] < '0' || rest_[0] > '9') return broken();
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      value += (rest_[0] - '0') * scale;
      scale /= 10;
      rest_.remove_prefix(1);
    }
    return value;
  }
  int month() {
    const auto found = std::ranges::find(months, rest_.substr(0, 3));
    if (found == months.end()) return broken();
    rest_.remove_prefix(3);
    return static_cast<int>(found - months.begin()) + 1;
  }
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  int broken() {
    ok_ = false;
    return 0;
  }
  std::string_view rest_;
  bool ok_ = true;
};

struct Civil {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

std::optional<std::int64_t> seconds_of_civil(const Civil& at) {
  const year_month_day date{year{at.year}, month{static_cast<unsigned>(at.month)},
                            day{static_cast<unsigned>(at.day)}};
  if (!date.ok() || at.hour > 23 || at.minute > 59 || at.second > 60) return std::nullopt;
  return duration_cast<seconds>(sys_days{date}.time_since_epoch()).count() + at.hour * 3600 +
         at.minute * 60 + at.second;
}

std::optional<Moment> date_time(std::string_view text) {
  Reader read{text};
  Civil at;
  Moment moment;
  at.year = read.digits(4);
  read.expect("-");
  at.month = read.digits(2);
  read.expect("-");
  at.day = read.digits(2);
  int offset = 0;
  if (!read.at_end()) {
    if (!read.take("T") && !read.take("t")) read.expect(" ");
    at.hour = read.digits(2);
    read.expect(":");
    at.minute = read.digits(2);
    if (read.take(":")) {
      at.second = read.digits(2);
      if (read.take(".")) moment.microseconds = read.fraction();
    }
    if (!read.take("Z") && !read.take("z") && !read.at_end()) {
      const int sign = read.take("-") ? -1 : 1;
      if (sign > 0) read.expect("+");
      offset = read.digits(2) * 3600;
      read.take(":");
      offset = sign * (offset + read.digits(2) * 60);
    }
  }
  const auto local = seconds_of_civil(at);
  if (!read.done() || !local) return std::nullopt;
  moment.seconds = *local - offset;
  return moment;
}

std::optional<Moment> http_date(std::string_view text) {
  const auto comma = text.find(", ");
  if (comma == text.npos) return std::nullopt;
  Reader read{text.substr(comma + 2)};
  Civil at;
  at.day = read.digits(2);
  read.expect(" ");
  at.month = read.month();
  read.expect(" ");
  at.year = read.digits(4);
  read.expect(" ");
  at.hour = read.digits(2);
  read.expect(":");
  at.minute = read.digits(2);
  read.expect(":");
  at.second = read.digits(2);
  read.expect(" GMT");
  const auto seconds = seconds_of_civil(at);
  if (!read.done() || !seconds) return std::nullopt;
  return Moment{.seconds = *seconds};
}

std::optional<Moment> epoch(std::string_view text) {
  double value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  // Years 1 to 9999, which every form can hold.
  if (error != std::errc{} || stop != end || !(value >= -62'135'596'800.0) ||
      !(value < 253'402'300'800.0)) {
    return std::nullopt;
  }
  Moment moment{.seconds = static_cast<std::int64_t>(std::floor(value))};
  moment.microseconds =
      static_cast<std::int32_t>(std::lround((value - static_cast<double>(moment.seconds)) * 1e6));
  if (moment.microseconds == 1'000'000) {
    moment.microseconds = 0;
    ++moment.seconds;
  }
  return moment;
}

std::string fraction_text(std::int32_t microseconds) {
  std::string text = fmt::format(".{:06}", microseconds);
  while (text.ends_with('0')) text.pop_back();
  return text;
}

}  // namespace

std::optional<Moment> parse_moment(std::string_view text) {
  if (const auto moment = date_time(text)) return moment;
  if (const auto moment = http_date(text)) return moment;
  return epoch(text);
}

std::string print_moment(Moment moment, TimeFormat format) {
  if (format == TimeFormat::epoch_seconds) {
    if (moment.microseconds == 0) return std::to_string(moment.seconds);
    if (moment.seconds >= 0) {
      return std::to_string(moment.seconds) + fraction_text(moment.microseconds);
    }
    // -0.25 is second -1 and 750,000 microseconds.
    return fmt::format("-{}{}", -(moment.seconds + 1),
                       fraction_text(1'000'000 - moment.microseconds));
  }
  const sys_seconds at{seconds{moment.seconds}};
  const sys_days day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  const int year = static_cast<int>(date.year());
  const auto month = static_cast<unsigned>(date.month());
  const auto day_of_month = static_cast<unsigned>(date.day());
  if (format == TimeFormat::http_date) {
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       weekdays[weekday{day}.c_encoding()], day_of_month, months[month - 1], year,
                       time.hours().count(), time.minutes().count(), time.seconds().count());
  }
  const std::string fraction =
      moment.microseconds == 0 ? "" : fmt::format(".{:06}", moment.microseconds);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", year, month, day_of_month,
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     fraction);
}

}  // namespace toolgate::targets::smithy
