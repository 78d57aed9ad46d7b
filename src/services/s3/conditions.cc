#include "services/s3/conditions.h"

#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "json/members.h"

namespace toolgate::services::s3 {
namespace {

// Entity tags, in quotes or not, weak or not; "*" is every one.
bool lists_etag(std::string_view header, std::string_view etag) {
  for (auto part : split(header, ',')) {
    part = trim(part);
    if (part == "*") return true;
    if (part.starts_with("W/")) part.remove_prefix(2);
    if (part.size() >= 2 && part.starts_with('"') && part.ends_with('"')) {
      part = part.substr(1, part.size() - 2);
    }
    if (part == etag) return true;
  }
  return false;
}

std::optional<double> time_of(const aws::Call& call, std::string_view member) {
  const Json* found = json::find(call.input, member);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  return found->to_number<double>();
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return !text.empty() && error == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
}

std::unexpected<Error> invalid_range(std::string_view header, std::uint64_t size) {
  auto error = refuse(Code::invalid, "InvalidRange", "The requested range is not satisfiable");
  error.error().fields = {{"RangeRequested", std::string{header}},
                          {"ActualObjectSize", std::to_string(size)}};
  return error;
}

}  // namespace

Result<Verdict> check_conditions(const aws::Call& call, const Json& object,
                                 const ConditionMembers& names) {
  const auto etag = json::member(object, "etag");
  const auto modified = time_in(object, "modified");
  const auto match = aws::text_if(call, names.match);
  const auto unmodified_since = time_of(call, names.unmodified);
  if (match) {
    if (!lists_etag(*match, etag)) return precondition_failed("If-Match");
  } else if (unmodified_since && modified > *unmodified_since) {
    return precondition_failed("If-Unmodified-Since");
  }
  const auto none_match = aws::text_if(call, names.none_match);
  const auto modified_since = time_of(call, names.modified);
  if (none_match) return lists_etag(*none_match, etag) ? Verdict::not_modified : Verdict::go_on;
  if (modified_since && modified <= *modified_since) return Verdict::not_modified;
  return Verdict::go_on;
}

Result<std::optional<Extent>> range_of(std::string_view header, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (!header.starts_with(unit)) return std::nullopt;
  const auto text = trim(header.substr(unit.size()));
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || text.contains(',')) return std::nullopt;
  const auto first = number(text.substr(0, dash));
  const auto last = number(text.substr(dash + 1));
  if ((dash > 0 && !first) || (dash + 1 < text.size() && !last)) return std::nullopt;
  if (first) {
    if (last && *last < *first) return std::nullopt;
    if (*first >= size) return invalid_range(header, size);
    const auto end = last ? std::min(*last, size - 1) : size - 1;
    return Extent{.first = *first, .size = end - *first + 1};
  }
  if (!last) return std::nullopt;
  if (*last == 0 || size == 0) return invalid_range(header, size);
  const auto length = std::min(*last, size);
  return Extent{.first = size - length, .size = length};
}

}  // namespace toolgate::services::s3
