#include "vended/record.h"

#include <algorithm>

#include <fmt/format.h>

#include "json/json.h"
#include "model/kinds.h"
#include "vended/redact.h"

namespace toolgate::vended {
namespace {

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
  switch (entry.step) {
    case Entry::Step::started:
      return fmt::format("Started processing request with requestId: {}", id);
    case Entry::Step::finished:
      if (!is_error) return fmt::format("Successfully processed request with requestId: {}", id);
      return fmt::format("Failed to process request with requestId: {}: {}", id, entry.outcome);
    case Entry::Step::accepted:
      return entry.method.empty() ? "Accepted answer"
                                  : fmt::format("Accepted notification: {}", entry.method);
    case Entry::Step::refused:
      return fmt::format("Refused request: {}", entry.outcome);
  }
  return {};
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
  record.members.push_back({"trace_id", fmt::format("\"{}\"", trace)});
  record.members.push_back({"span_id", fmt::format("\"{}\"", span)});
}

Record made(const Entry& entry, std::string body) {
  const model::Place place{.account = std::string{entry.account},
                           .region = std::string{entry.region}};
  Record record;
  record.members.reserve(7);
  record.members.push_back(
      {"resource_arn", '"' + model::gateway_arn(place, entry.gateway_id) + '"'});
  record.members.push_back({"event_timestamp", fmt::format("{}", entry.at)});
  record.members.push_back({"body", std::move(body)});
  record.members.push_back({"account_id", '"' + place.account + '"'});
  record.members.push_back({"request_id", fmt::format("\"{}\"", entry.request_id)});
  add_trace(record, entry.traceparent);
  return record;
}

}  // namespace

std::string Record::print(std::span<const std::string> only) const {
  std::string out;
  std::size_t size = 2;
  for (const auto& member : members) size += member.name.size() + member.raw.size() + 4;
  out.reserve(size);
  out += '{';
  for (const auto& [name, raw] : members) {
    if (!only.empty() && std::ranges::find(only, name) == only.end()) continue;
    if (out.size() > 1) out += ',';
    out.append("\"").append(name).append("\":").append(raw);
  }
  return out += '}';
}

std::string Recorder::body_text(const Entry& entry, bool& is_error) {
  const bool was_cut = entry.body.size() < entry.body_bytes;
  std::vector<std::string> values;
  auto redaction = redact({.text = entry.body, .marked = entry.marked, .values = &values});
  is_error = is_error || redaction.is_error;
  const auto end = was_cut ? End::was_cut : End::whole;
  const std::string key = fmt::format("{} {}", entry.request_id, entry.id);
  if (entry.step == Entry::Step::finished) {
    take_out(redaction.text, entry.secret, end);
    if (const auto found = open_.find(key); found != open_.end()) {
      for (const auto& value : found->second) take_out(redaction.text, value, end);
      open_.erase(found);
    }
  }
  for (const auto& value : values) take_out(redaction.text, value, end);
  if (entry.step == Entry::Step::started && !values.empty()) {
    // Answers that never came must not stay for ever.
    if (open_.size() >= open_count_max) open_.clear();
    open_[key] = std::move(values);
  }
  if (was_cut) redaction.text += fmt::format(" … [cut: {} bytes in all]", entry.body_bytes);
  return std::move(redaction.text);
}

Record Recorder::record(const Entry& entry) {
  bool is_error = entry.step == Entry::Step::refused ||
                  (entry.step == Entry::Step::finished && entry.outcome != "ok");
  std::string text;
  if (!entry.body.empty()) text = body_text(entry, is_error);
  const std::string id = shown_id(entry.id);
  const std::string_view outcome = entry.outcome == "ok" ? "tool_error" : entry.outcome;
  Entry told = entry;
  told.outcome = outcome;
  std::string body = fmt::format(R"({{"isError":{},"log":)", is_error);
  body += json::quote(said(told, id, is_error));
  if (!text.empty()) {
    body += entry.step == Entry::Step::finished ? R"(,"responseBody":)" : R"(,"requestBody":)";
    body += json::quote(text);
  }
  if (!id.empty()) body += R"(,"id":)" + json::quote(id);
  body += '}';
  return made(entry, std::move(body));
}

Record dropped_record(const Entry& of, std::uint64_t count) {
  return made(of, fmt::format(R"({{"isError":true,"log":"{} log records of this gateway's server )"
                              R"(were dropped: see the server's log"}})",
                              count));
}

}  // namespace toolgate::vended
