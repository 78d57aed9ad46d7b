#include "aws/timestamps.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace toolgate::aws {
namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

// Takes exactly `digits` digits, or, with 0, as many as there are.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int value = 0;
  if (text.size() < digits) return std::nullopt;
  const auto* const end = text.data() + (digits == 0 ? text.size() : digits);
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || value < 0 || text.starts_with('-')) return std::nullopt;
  if (digits != 0 && stop != end) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return value;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

struct Parts {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

std::optional<double> seconds_of_parts(const Parts& at) {
  using namespace std::chrono;
  const year_month_day date{year{at.year}, month{static_cast<unsigned>(at.month)},
                            day{static_cast<unsigned>(at.day)}};
  if (!date.ok() || at.hour > 23 || at.minute > 59 || at.second > 60) return std::nullopt;
  const auto days = sys_days{date}.time_since_epoch().count();
  return static_cast<double>(days) * 86400.0 + at.hour * 3600 + at.minute * 60 + at.second;
}

bool take_clock(std::string_view& text, Parts& out) {
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ":")) return false;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ":")) return false;
  const auto second = take_number(text, 2);
  if (!second) return false;
  out.hour = *hour;
  out.minute = *minute;
  out.second = *second;
  return true;
}

// ".789" as 0.789; 0 when there is none.
std::optional<double> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return 0.0;
  double value = 0;
  double unit = 0.1;
  std::size_t digits = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits) {
    value += unit * (text[0] - '0');
    unit /= 10;
  }
  return digits > 0 ? std::optional{value} : std::nullopt;
}

// "Z", "+01:00", "-0530" as seconds east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, "Z") || take(text, "z")) return 0;
  const int sign = take(text, "+") ? 1 : take(text, "-") ? -1 : 0;
  const auto hours = take_number(text, 2);
  if (sign == 0 || !hours) return std::nullopt;
  take(text, ":");
  const auto minutes = take_number(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

std::optional<double> parse_iso8601(std::string_view text) {
  Parts at;
  const auto year = take_number(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  at.year = *year;
  at.month = *month;
  at.day = *day;
  if (text.empty()) return seconds_of_parts(at);  // a date alone
  if ((!take(text, "T") && !take(text, "t") && !take(text, " ")) || !take_clock(text, at)) {
    return std::nullopt;
  }
  const auto fraction = take_fraction(text);
  const auto offset = text.empty() ? std::optional{0} : take_offset(text);
  const auto seconds = seconds_of_parts(at);
  if (!fraction || !offset || !seconds || !text.empty()) return std::nullopt;
  return *seconds + *fraction - *offset;
}

std::optional<double> parse_rfc822(std::string_view text) {
  Parts at;
  if (const auto comma = text.find(", "); comma == 3) text.remove_prefix(5);
  const auto space = text.find(' ');
  if (space != 1 && space != 2) return std::nullopt;
  const auto day = take_number(text, space);
  if (!day || !take(text, " ") || text.size() < 4) return std::nullopt;
  for (std::size_t i = 0; i < months.size(); ++i) {
    if (equal_ignoring_case(text.substr(0, 3), months[i])) at.month = static_cast<int>(i) + 1;
  }
  text.remove_prefix(3);
  if (!take(text, " ")) return std::nullopt;
  const auto year = take_number(text, 4);
  if (!year || !take(text, " ") || !take_clock(text, at)) return std::nullopt;
  at.day = *day;
  at.year = *year;
  if (text == " GMT" || text == " UTC") return seconds_of_parts(at);
  if (!take(text, " ")) return std::nullopt;
  const auto offset = take_offset(text);
  const auto seconds = seconds_of_parts(at);
  if (!offset || !seconds || !text.empty()) return std::nullopt;
  return *seconds - *offset;
}

std::optional<double> parse_seconds(std::string_view text) {
  double value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::chrono::sys_time<std::chrono::milliseconds> to_time(double seconds) {
  constexpr double year_0 = -62167219200.0;
  constexpr double year_9999 = 253402300799.0;
  const double bounded = std::isnan(seconds) ? 0 : std::clamp(seconds, year_0, year_9999);
  return std::chrono::sys_time<std::chrono::milliseconds>{
      std::chrono::milliseconds{std::llround(bounded * 1000)}};
}

}  // namespace

std::optional<double> parse_timestamp(std::string_view text) {
  if (auto found = parse_seconds(text)) return found;
  if (auto found = parse_iso8601(text)) return found;
  return parse_rfc822(text);
}

std::string print_iso8601(double seconds, Fraction fraction) {
  using namespace std::chrono;
  const auto time = to_time(seconds);
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  const auto milliseconds = fraction == Fraction::none
                                ? std::string{}
                                : fmt::format(".{:03}", clock.subseconds().count());
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     milliseconds);
}

std::string print_rfc822(double seconds) {
  using namespace std::chrono;
  const auto time = to_time(seconds);
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     weekdays[weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                     months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::string print_epoch(double seconds) {
  const auto milliseconds = to_time(seconds).time_since_epoch().count();
  if (milliseconds % 1000 == 0) return std::to_string(milliseconds / 1000);
  std::string text = fmt::format("{}{}.{:03}", milliseconds < 0 ? "-" : "",
                                 std::abs(milliseconds) / 1000, std::abs(milliseconds) % 1000);
  while (text.ends_with('0')) text.pop_back();
  return text;
}

}  // namespace toolgate::aws
