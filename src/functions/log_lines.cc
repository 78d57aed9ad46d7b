#include "functions/log_lines.h"

#include <algorithm>
#include <array>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/text.h"

namespace toolgate::functions {
namespace {

double in_ms(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000.0; }

// Lambda bills whole milliseconds.
std::int64_t billed_ms(std::chrono::microseconds time) { return (time.count() + 999) / 1000; }

std::uint64_t in_mb(std::uint64_t kib) { return (kib + 1023) / 1024; }

std::string text_report(const CallReport& report, std::uint64_t used_kib) {
  auto line = fmt::format(
      "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\t"
      "Memory Size: {} MB\t",
      report.request_id, in_ms(report.duration), billed_ms(report.duration), report.memory_mb);
  if (used_kib > 0) line += fmt::format("Max Memory Used: {} MB\t", in_mb(used_kib));
  if (report.init) line += fmt::format("Init Duration: {:.2f} ms\t", in_ms(*report.init));
  if (!report.status.empty()) line += fmt::format("Status: {}\t", report.status);
  return line;
}

// Of the Telemetry API: a handler's error is "error", a process's end "failure".
std::string_view status_of(const CallReport& report) {
  if (report.status == "error") return "failure";
  if (!report.status.empty()) return report.status;
  return report.failed ? "error" : "success";
}

}  // namespace

std::optional<LogLevel> log_level_of(std::string_view word) {
  struct Named {
    std::string_view word;
    LogLevel level;
  };
  constexpr std::array words{Named{"trace", LogLevel::trace},   Named{"debug", LogLevel::debug},
                             Named{"info", LogLevel::info},     Named{"warn", LogLevel::warn},
                             Named{"error", LogLevel::error},   Named{"fatal", LogLevel::fatal},
                             Named{"notset", LogLevel::info},   Named{"warning", LogLevel::warn},
                             Named{"critical", LogLevel::fatal}};
  const auto found = std::ranges::find(words, lower(word), &Named::word);
  if (found == words.end()) return std::nullopt;
  return found->level;
}

std::string_view name_of(LogLevel level) {
  constexpr std::array<std::string_view, 6> names{"TRACE", "DEBUG", "INFO",
                                                  "WARN",  "ERROR", "FATAL"};
  return names[static_cast<std::size_t>(level)];
}

std::string timestamp_of(std::int64_t milliseconds) {
  const std::chrono::sys_time<std::chrono::seconds> whole{
      std::chrono::seconds{milliseconds / 1000}};
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", whole, milliseconds % 1000);
}

LogLines::Lines LogLines::event(LogLevel level, std::string_view type, JsonObject record) const {
  if (level < form_.system) return {};
  return {json::print(JsonObject{{"time", timestamp_of(milliseconds_of(clock_->now()))},
                                 {"type", type},
                                 {"record", std::move(record)}})};
}

LogLines::Lines LogLines::init_start(std::string_view runtime, std::string_view runtime_arn) const {
  if (!form_.json) {
    return {fmt::format("INIT_START Runtime Version: {}\tRuntime Version ARN: {}", runtime,
                        runtime_arn)};
  }
  return event(LogLevel::info, "platform.initStart",
               {{"initializationType", "on-demand"},
                {"phase", "init"},
                {"runtimeVersion", runtime},
                {"runtimeVersionArn", runtime_arn}});
}

LogLines::Lines LogLines::start(std::string_view request_id, std::string_view version) const {
  if (!form_.json) return {fmt::format("START RequestId: {} Version: {}", request_id, version)};
  return event(LogLevel::info, "platform.start", {{"requestId", request_id}, {"version", version}});
}

LogLines::Lines LogLines::end(const CallReport& report, std::uint64_t used_kib) const {
  if (!form_.json) {
    return {fmt::format("END RequestId: {}", report.request_id), text_report(report, used_kib)};
  }
  const std::string_view status = status_of(report);
  const bool well = status == "success";
  Lines lines = event(well ? LogLevel::debug : LogLevel::warn, "platform.runtimeDone",
                      {{"requestId", report.request_id},
                       {"status", status},
                       {"metrics", JsonObject{{"durationMs", in_ms(report.duration)}}}});
  JsonObject metrics{{"durationMs", in_ms(report.duration)},
                     {"billedDurationMs", billed_ms(report.duration)},
                     {"memorySizeMB", report.memory_mb}};
  if (used_kib > 0) metrics["maxMemoryUsedMB"] = in_mb(used_kib);
  if (report.init) metrics["initDurationMs"] = in_ms(*report.init);
  for (auto& line : event(well ? LogLevel::info : LogLevel::warn, "platform.report",
                          {{"requestId", report.request_id},
                           {"metrics", std::move(metrics)},
                           {"status", status}})) {
    lines.push_back(std::move(line));
  }
  return lines;
}

LogLines::Lines LogLines::dropped(std::uint64_t lines, std::uint64_t bytes) const {
  constexpr std::string_view why = "the function prints faster than its log takes";
  if (!form_.json) {
    return {fmt::format("[toolgate] {} lines ({} bytes) of output were dropped: {}", lines, bytes,
                        why)};
  }
  return event(LogLevel::warn, "platform.logsDropped",
               {{"reason", why}, {"droppedRecords", lines}, {"droppedBytes", bytes}});
}

LogLines::Lines LogLines::problem(std::string_view request_id, std::string_view text) const {
  if (!form_.json) return {std::string{text}};
  JsonObject told{{"timestamp", timestamp_of(milliseconds_of(clock_->now()))},
                  {"level", "ERROR"},
                  {"message", text}};
  if (!request_id.empty()) told["requestId"] = request_id;
  return {json::print(told)};
}

bool LogLines::wants(std::string_view line) const {
  if (!form_.json || form_.application == LogLevel::trace) return true;
  auto level = LogLevel::info;
  if (line.starts_with('{')) {
    const Json told = json::parse(line).value_or(Json{});
    const auto word = json::find_string(told, "level");
    level = log_level_of(word ? *word : json::find_string(told, "log_level").value_or("info"))
                .value_or(LogLevel::info);
  }
  return level >= form_.application;
}

}  // namespace toolgate::functions
