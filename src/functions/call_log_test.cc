#include "functions/call_log.h"

#include <gtest/gtest.h>

#include "json/json.h"

namespace toolgate::functions {
namespace {

using Lines = std::vector<std::string>;

struct Written {
  explicit Written(LogForm form = {}) : form{form} {}
  LogForm form;
  ManualClock clock;
  std::shared_ptr<Lines> lines = std::make_shared<Lines>();
  CallLog log{{.sink = [to = lines](std::string_view line) { to->emplace_back(line); },
               .mark = "\x1emark:",
               .form = form,
               .clock = &clock}};
};

CallLog::Report report_of(std::string id) {
  return {.request_id = std::move(id),
          .duration = std::chrono::microseconds{1'234'567},
          .memory_mb = 128,
          .init = std::chrono::microseconds{50'000}};
}

TEST(CallLog, WritesEndAndReportBehindTheLastOutput) {
  Written written;
  written.log.start("id-1", "$LATEST");
  written.log.finish(report_of("id-1"));
  written.log.output("late");
  EXPECT_FALSE(written.log.is_closed());
  written.log.output("unended\x1emark:2048");
  EXPECT_TRUE(written.log.is_closed());
  EXPECT_EQ(
      *written.lines,
      (Lines{"START RequestId: id-1 Version: $LATEST", "late", "unended", "END RequestId: id-1",
             "REPORT RequestId: id-1\tDuration: 1234.57 ms\tBilled Duration: 1235 ms\t"
             "Memory Size: 128 MB\tMax Memory Used: 2 MB\tInit Duration: 50.00 ms\t"}));
}

TEST(CallLog, NeedsTheAnswerAndTheMarkInAnyOrder) {
  Written written;
  written.log.start("id-1", "1");
  written.log.output("\x1emark:100");
  EXPECT_EQ(written.lines->size(), 1U);
  written.log.finish(report_of("id-1"));
  EXPECT_EQ(written.lines->size(), 3U);
}

TEST(CallLog, IsClosedByTheNextCall) {
  Written written;
  written.log.start("id-1", "1");
  written.log.finish(report_of("id-1"));
  written.log.start("id-2", "1");
  ASSERT_EQ(written.lines->size(), 4U);
  EXPECT_EQ(written.lines->at(1), "END RequestId: id-1");
  EXPECT_EQ(written.lines->at(3), "START RequestId: id-2 Version: 1");
}

TEST(CallLog, DropsWhatComesTooFastAndSaysHowMuch) {
  Written written;
  written.log.start("id-1", "1");
  const std::string line(1024, 'x');
  for (int i = 0; i < 20'000; ++i) written.log.output(line);
  written.log.finish(report_of("id-1"));
  written.log.output("\x1emark:1");
  std::size_t kept = 0;
  std::size_t dropped = 0;
  for (const auto& one : *written.lines) {
    if (one == line) ++kept;
    if (one.starts_with("[toolgate] ")) dropped += std::stoul(one.substr(11));
  }
  EXPECT_EQ(kept + dropped, 20'000U);
  EXPECT_GT(kept, 3'000U);
  EXPECT_GT(dropped, 5'000U);
}

TEST(CallLog, GivesTheLastFourKilobytesOfACall) {
  Written written;
  written.log.start("id-1", "1");
  for (int i = 0; i < 1'000; ++i) written.log.output("0123456789");
  EXPECT_EQ(written.log.tail().size(), log_tail_bytes_max);
  EXPECT_TRUE(written.log.tail().ends_with("0123456789\n"));
  written.log.start("id-2", "1");
  EXPECT_EQ(written.log.tail(), "START RequestId: id-2 Version: 1\n");
}

TEST(CallLog, TellsInItsEndWhyAProcessDidNotComeUp) {
  Written written;
  written.log.begin("python3.13", "arn:aws:lambda:us-east-1::runtime:r");
  written.log.output("[ERROR] Runtime.ImportModuleError: no such module");
  written.log.start_failed("id-1", "1");
  EXPECT_NE(written.log.tail().find("ImportModuleError"), std::string::npos);
  EXPECT_TRUE(written.log.tail().ends_with("START RequestId: id-1 Version: 1\n"));
}

constexpr LogForm json_form{.json = true, .application = LogLevel::info, .system = LogLevel::info};

TEST(CallLog, WritesEventsOfJsonWhereTheFunctionWantsThem) {
  Written written{json_form};
  written.log.begin("python3.13", "arn:aws:lambda:us-east-1::runtime:r");
  written.log.start("id-1", "$LATEST");
  written.log.output("printed");
  written.log.finish(report_of("id-1"));
  written.log.output("\x1emark:2048");
  EXPECT_EQ(*written.lines,
            (Lines{R"({"time":"2023-11-14T22:13:20.000Z","type":"platform.initStart","record":{)"
                   R"("initializationType":"on-demand","phase":"init","runtimeVersion":)"
                   R"("python3.13","runtimeVersionArn":"arn:aws:lambda:us-east-1::runtime:r"}})",
                   R"({"time":"2023-11-14T22:13:20.000Z","type":"platform.start","record":{)"
                   R"("requestId":"id-1","version":"$LATEST"}})",
                   "printed",
                   R"({"time":"2023-11-14T22:13:20.000Z","type":"platform.report","record":{)"
                   R"("requestId":"id-1","metrics":{"durationMs":1234.567,"billedDurationMs":1235,)"
                   R"("memorySizeMB":128,"maxMemoryUsedMB":2,"initDurationMs":50.0},)"
                   R"("status":"success"}})"}));
}

// The types of the events that are written, and what else is.
Lines told(const Written& written) {
  Lines types;
  for (const auto& line : *written.lines) {
    const Json event = json::parse(line).value_or(Json{});
    types.emplace_back(json::find_string(event, "type").value_or(line));
    if (const auto status = json::find_string(event, "record", "status")) {
      types.back() += " " + std::string{*status};
    }
  }
  return types;
}

TEST(CallLog, LeavesEventsOutThatAreBelowTheSystemsLevel) {
  const auto events_at = [](LogLevel level, CallReport report) {
    LogForm form = json_form;
    form.system = level;
    Written written{form};
    written.log.begin("python3.13", "arn");
    written.log.start("id-1", "1");
    written.log.finish(std::move(report));
    written.log.close();
    return told(written);
  };
  auto timeout = report_of("id-1");
  timeout.status = "timeout";
  auto crash = report_of("id-1");
  crash.status = "error";
  crash.failed = true;
  auto error = report_of("id-1");
  error.failed = true;
  EXPECT_EQ(events_at(LogLevel::debug, report_of("id-1")),
            (Lines{"platform.initStart", "platform.start", "platform.runtimeDone success",
                   "platform.report success"}));
  EXPECT_EQ(events_at(LogLevel::warn, report_of("id-1")), Lines{});
  EXPECT_EQ(events_at(LogLevel::warn, timeout),
            (Lines{"platform.runtimeDone timeout", "platform.report timeout"}));
  EXPECT_EQ(events_at(LogLevel::warn, crash),
            (Lines{"platform.runtimeDone failure", "platform.report failure"}));
  EXPECT_EQ(events_at(LogLevel::warn, error),
            (Lines{"platform.runtimeDone error", "platform.report error"}));
}

TEST(CallLog, LeavesLinesOutThatAreBelowTheApplicationsLevel) {
  const Lines printed{R"({"level":"TRACE","message":"t"})",
                      R"({"level":"debug","message":"d"})",
                      R"({"level":"INFO","message":"i"})",
                      R"({"level":"WARNING","message":"w"})",
                      R"({"log_level":"ERROR","m":1})",
                      R"({"level":"CRITICAL"})",
                      R"({"level":7})",
                      "{broken",
                      "plain"};
  const auto kept_at = [&](LogForm form) {
    Written written{form};
    for (const auto& line : printed) written.log.output(line);
    return written.lines->size();
  };
  LogForm form = json_form;
  const auto at = [&](LogLevel level) {
    form.application = level;
    return kept_at(form);
  };
  EXPECT_EQ(at(LogLevel::trace), 9U);
  EXPECT_EQ(at(LogLevel::debug), 8U);
  EXPECT_EQ(at(LogLevel::info), 7U);
  EXPECT_EQ(at(LogLevel::warn), 3U);
  EXPECT_EQ(at(LogLevel::error), 2U);
  EXPECT_EQ(at(LogLevel::fatal), 1U);
  form.json = false;  // text has no levels
  EXPECT_EQ(kept_at(form), 9U);
}

TEST(TimestampOf, HasMilliseconds) {
  EXPECT_EQ(timestamp_of(1'772'366'400'007), "2026-03-01T12:00:00.007Z");
}

}  // namespace
}  // namespace toolgate::functions
