#include "vended/record.h"

#include <algorithm>

#include <fmt/format.h>

#include "json/json.h"
#include "vended/redact.h"

namespace toolgate::vended {
namespace {

// About what stands around a body.
constexpr std::size_t frame_bytes = 768;

// "1" and 1 are shown alike, as AgentCore does.
std::string shown_id(std::string_view raw) {
  if (raw.size() >= 2 && raw.front() == '"' && raw.back() == '"') {
    if (const auto parsed = json::parse(raw); parsed && parsed->is_string()) {
      return std::string{parsed->get_string()};
    }
  }
  return std::string{raw};
}

std::string said(const Entry& entry, std::string_view id, bool is_error) {
  std::string text;
  const auto join = [&text](std::initializer_list<std::string_view> parts) {
    for (const auto part : parts) text.append(part);
  };
  const std::string_view outcome = entry.outcome == "ok" ? "tool_error" : entry.outcome;
  switch (entry.step) {
    case Entry::Step::started:
      join({"Started processing request with requestId: ", id});
      break;
    case Entry::Step::finished:
      if (is_error) {
        join({"Failed to process request with requestId: ", id, ": ", outcome});
      } else {
        join({"Successfully processed request with requestId: ", id});
      }
      break;
    case Entry::Step::accepted:
      if (entry.method.empty()) {
        join({"Accepted answer"});
      } else {
        join({"Accepted notification: ", entry.method});
      }
      break;
    case Entry::Step::refused:
      join({"Refused request: ", outcome});
      break;
  }
  return text;
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// version "-" trace-id "-" parent-id "-" flags (W3C Trace Context §3.2).
void add_trace(Record& record, std::string_view traceparent) {
  constexpr std::size_t trace_at = 3;
  constexpr std::size_t trace_bytes = 32;
  constexpr std::size_t span_at = 36;
  constexpr std::size_t span_bytes = 16;
  if (traceparent.size() < 55 || traceparent[2] != '-' || traceparent[35] != '-' ||
      traceparent[52] != '-') {
    return;
  }
  const auto trace = traceparent.substr(trace_at, trace_bytes);
  const auto span = traceparent.substr(span_at, span_bytes);
  if (!is_hex(trace) || !is_hex(span)) return;
  record.begin("trace_id").append("\"").append(trace).append("\"");
  record.begin("span_id").append("\"").append(span).append("\"");
}

// `body` appends the body's value.
template <class Body>
Record made(const Entry& entry, Body body) {
  Record record{frame_bytes + entry.body.size() + entry.body.size() / 4};
  std::string& text = record.begin("resource_arn");
  text.append("\"arn:aws:bedrock-agentcore:").append(entry.region).append(":");
  text.append(entry.account).append(":gateway/").append(entry.gateway_id).append("\"");
  record.begin("event_timestamp").append(std::to_string(entry.at));
  body(record.begin("body"));
  record.begin("account_id").append("\"").append(entry.account).append("\"");
  record.begin("request_id").append("\"").append(entry.request_id).append("\"");
  add_trace(record, entry.traceparent);
  return record;
}

}  // namespace

std::string& Record::begin(std::string_view name) {
  ASSERT(count_ < members_count_max);
  text_.append(count_ == 0 ? "{\"" : ",\"").append(name).append("\":");
  members_[count_++] = {.name = name, .at = text_.size()};
  return text_;
}

// Before the comma, the quoted name and the colon of the next.
std::size_t Record::end_of(std::size_t member) const {
  if (member + 1 == count_) return text_.size();
  const Member& next = members_[member + 1];
  return next.at - next.name.size() - std::string_view{",\"\":"}.size();
}

std::string Record::print() && {
  text_ += '}';
  return std::move(text_);
}

std::string Record::print(std::span<const std::string> only) const {
  if (only.empty()) return text_ + '}';
  std::string out = "{";
  for (std::size_t i = 0; i < count_; ++i) {
    const auto& [name, at] = members_[i];
    if (std::ranges::find(only, name) == only.end()) continue;
    if (out.size() > 1) out += ',';
    out.append("\"").append(name).append("\":").append(text_, at, end_of(i) - at);
  }
  return out += '}';
}

std::optional<std::string> Recorder::changed_body(const Entry& entry, bool& is_error) {
  const bool was_cut = entry.body.size() < entry.body_bytes;
  const auto end = was_cut ? End::was_cut : End::whole;
  std::vector<std::string> values;
  auto [changed, says_error] =
      redact({.text = entry.body, .marked = entry.marked, .values = &values});
  is_error = is_error || says_error;
  const auto take = [&](std::string_view value) {
    if (!changed && !was_cut && entry.body.find(value) == std::string_view::npos) return;
    if (!changed) changed.emplace(entry.body);
    take_out(*changed, value, end);
  };
  const auto key = [&] { return fmt::format("{} {}", entry.request_id, entry.id); };
  if (entry.step == Entry::Step::finished) {
    take(entry.secret);
    const auto found = open_.empty() ? open_.end() : open_.find(key());
    if (found != open_.end()) {
      for (const auto& value : found->second) take(value);
      open_.erase(found);
    }
  }
  for (const auto& value : values) take(value);
  if (entry.step == Entry::Step::started && !values.empty()) {
    // Answers that never came must not stay for ever.
    if (open_.size() >= open_count_max) open_.clear();
    open_[key()] = std::move(values);
  }
  if (!was_cut) return changed;
  if (!changed) changed.emplace(entry.body);
  *changed += fmt::format(" … [cut: {} bytes in all]", entry.body_bytes);
  return changed;
}

Record Recorder::record(const Entry& entry) {
  bool is_error = entry.step == Entry::Step::refused ||
                  (entry.step == Entry::Step::finished && entry.outcome != "ok");
  std::optional<std::string> changed;
  if (!entry.body.empty()) changed = changed_body(entry, is_error);
  const std::string_view text = changed ? std::string_view{*changed} : entry.body;
  const std::string id = shown_id(entry.id);
  return made(entry, [&](std::string& to) {
    to.append(is_error ? R"({"isError":true,"log":)" : R"({"isError":false,"log":)");
    json::quote_to(to, said(entry, id, is_error));
    if (!text.empty()) {
      to += entry.step == Entry::Step::finished ? R"(,"responseBody":)" : R"(,"requestBody":)";
      json::quote_to(to, text);
    }
    if (!id.empty()) {
      to += R"(,"id":)";
      json::quote_to(to, id);
    }
    to += '}';
  });
}

Record dropped_record(const Entry& of, std::uint64_t count) {
  return made(of, [count](std::string& to) {
    to += fmt::format(R"({{"isError":true,"log":"{} log records of this gateway's server )"
                      R"(were dropped: see the server's log"}})",
                      count);
  });
}

}  // namespace toolgate::vended
