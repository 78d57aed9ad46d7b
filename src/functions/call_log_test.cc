#include "functions/call_log.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace toolgate::functions {
namespace {

using Lines = std::vector<std::string>;

struct Written {
  std::shared_ptr<Lines> lines = std::make_shared<Lines>();
  CallLog log{[to = lines](std::string_view line) { to->emplace_back(line); }, "\x1emark:"};
};

CallLog::Report report_of(std::string id) {
  return {.request_id = std::move(id),
          .duration = std::chrono::microseconds{1'234'567},
          .memory_mb = 128,
          .init = std::chrono::microseconds{50'000},
          .status = {}};
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

TEST(TimestampOf, HasMilliseconds) {
  EXPECT_EQ(timestamp_of(1'772'366'400'007), "2026-03-01T12:00:00.007Z");
}

}  // namespace
}  // namespace toolgate::functions
