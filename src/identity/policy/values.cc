#include "identity/policy/values.h"

#include <charconv>
#include <chrono>
#include <cmath>

#include "base/text.h"
#include "crypto/hash.h"
#include "net/ip.h"

namespace toolgate::identity::policy {
namespace {

// Reads a date from left to right; each step says whether it was there.
struct DateReader {
  std::string_view rest;

  bool digits(std::size_t count, int& value) {
    if (rest.size() < count) return false;
    value = 0;
    for (const char c : rest.substr(0, count)) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    rest.remove_prefix(count);
    return true;
  }
  bool sign(char expected) {
    if (!rest.starts_with(expected)) return false;
    rest.remove_prefix(1);
    return true;
  }
  // ".123": as a part of a second.
  double fraction() {
    double value = 0;
    double unit = 0.1;
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
      value += unit * (rest.front() - '0');
      unit /= 10;
      rest.remove_prefix(1);
    }
    return value;
  }
  // "Z", "+01:00", "-0130"; nothing when there is none of them.
  std::optional<int> offset_minutes() {
    if (sign('Z') || sign('z') || rest.empty()) return 0;
    const bool west = rest.front() == '-';
    if (!sign('+') && !sign('-')) return std::nullopt;
    int hours = 0;
    int minutes = 0;
    if (!digits(2, hours)) return std::nullopt;
    (void)sign(':');
    if (!rest.empty() && !digits(2, minutes)) return std::nullopt;
    if (hours > 14 || minutes > 59) return std::nullopt;
    return (west ? -1 : 1) * (hours * 60 + minutes);
  }
};

std::optional<double> iso_date(std::string_view text) {
  DateReader reader{text};
  int year = 0;
  int month = 0;
  int day = 0;
  if (!reader.digits(4, year) || !reader.sign('-') || !reader.digits(2, month) ||
      !reader.sign('-') || !reader.digits(2, day)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const double days = std::chrono::sys_days{date}.time_since_epoch().count();
  double milliseconds = days * 86'400'000.0;
  if (reader.rest.empty()) return milliseconds;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!reader.sign('T') && !reader.sign('t')) return std::nullopt;
  if (!reader.digits(2, hour) || !reader.sign(':') || !reader.digits(2, minute)) {
    return std::nullopt;
  }
  double part = 0;
  if (reader.sign(':')) {
    if (!reader.digits(2, second)) return std::nullopt;
    if (reader.sign('.')) part = reader.fraction();
  }
  const auto offset = reader.offset_minutes();
  if (!offset || !reader.rest.empty() || hour > 24 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  milliseconds += (((hour * 60.0 + minute - *offset) * 60.0) + second + part) * 1000.0;
  return milliseconds;
}

struct Block {
  net::Ip address;
  int bits = 0;
};

std::optional<Block> block_of(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = net::Ip::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int whole = address->v6() ? 128 : 32;
  if (slash == std::string_view::npos) return Block{*address, whole};
  int bits = -1;
  const std::string_view count = text.substr(slash + 1);
  const auto read = std::from_chars(count.data(), count.data() + count.size(), bits);
  if (read.ec != std::errc{} || read.ptr != count.data() + count.size() || bits < 0 ||
      bits > whole) {
    return std::nullopt;
  }
  return Block{*address, bits};
}

}  // namespace

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<double> date_of(std::string_view text) {
  if (const auto date = iso_date(text)) return date;
  const auto seconds = number_of(text);
  if (!seconds) return std::nullopt;
  return *seconds * 1000.0;
}

std::optional<bool> bool_of(std::string_view text) {
  if (equal_ignoring_case(text, "true")) return true;
  if (equal_ignoring_case(text, "false")) return false;
  return std::nullopt;
}

bool is_ip_block(std::string_view text) { return block_of(text).has_value(); }

bool ip_within(std::string_view address, std::string_view block) {
  const auto outer = block_of(block);
  const auto inner = net::Ip::parse(address);
  return outer && inner && inner->v6() == outer->address.v6() &&
         inner->within(outer->address, outer->bits);
}

bool is_base64(std::string_view text) { return crypto::from_base64(text).has_value(); }

bool same_bytes(std::string_view a, std::string_view b) {
  const auto left = crypto::from_base64(a);
  const auto right = crypto::from_base64(b);
  return left && right && *left == *right;
}

}  // namespace toolgate::identity::policy
