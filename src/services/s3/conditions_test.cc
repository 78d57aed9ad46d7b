#include "services/s3/conditions.h"

#include <gtest/gtest.h>

namespace toolgate::services::s3 {
namespace {

// "first+size", "whole" or the error's name.
std::string range(std::string_view header, std::uint64_t size) {
  const auto found = range_of(header, size);
  if (!found) return found.error().name;
  return *found ? std::to_string((*found)->first) + "+" + std::to_string((*found)->size) : "whole";
}

TEST(RangeOf, TakesTheFormsOfOneRange) {
  EXPECT_EQ(range("bytes=0-0", 10), "0+1");
  EXPECT_EQ(range("bytes=2-5", 10), "2+4");
  EXPECT_EQ(range("bytes=2-99", 10), "2+8");
  EXPECT_EQ(range("bytes=9-", 10), "9+1");
  EXPECT_EQ(range("bytes=-4", 10), "6+4");
  EXPECT_EQ(range("bytes=-99", 10), "0+10");
}

TEST(RangeOf, RefusesWhatIsBehindTheEnd) {
  for (const std::string_view header : {"bytes=10-", "bytes=10-12", "bytes=-0"}) {
    EXPECT_EQ(range(header, 10), "InvalidRange") << header;
  }
  EXPECT_EQ(range("bytes=0-", 0), "InvalidRange");
  EXPECT_EQ(range("bytes=-1", 0), "InvalidRange");
}

TEST(RangeOf, IgnoresEverythingElse) {
  for (const std::string_view header :
       {"bytes=5-2", "bytes=0-1,3-4", "items=0-1", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-b",
        "bytes=99999999999999999999-"}) {
    EXPECT_EQ(range(header, 10), "whole") << header;
  }
}

// "go on", "not modified" or the error's name, for an object of etag "e" modified at second 100.
std::string verdict(JsonObject input) {
  aws::Call call;
  call.input = std::move(input);
  const auto found = check_conditions(call, JsonObject{{"etag", "e"}, {"modified", 100}});
  if (!found) return found.error().name;
  return *found == Verdict::go_on ? "go on" : "not modified";
}

TEST(CheckConditions, AreThoseOfHttp) {
  EXPECT_EQ(verdict({}), "go on");
  EXPECT_EQ(verdict({{"IfMatch", "\"e\""}}), "go on");
  EXPECT_EQ(verdict({{"IfMatch", "\"a\", \"e\""}}), "go on");
  EXPECT_EQ(verdict({{"IfMatch", "*"}}), "go on");
  EXPECT_EQ(verdict({{"IfMatch", "\"a\""}}), "PreconditionFailed");
  EXPECT_EQ(verdict({{"IfNoneMatch", "e"}}), "not modified");
  EXPECT_EQ(verdict({{"IfNoneMatch", "W/\"e\""}}), "not modified");
  EXPECT_EQ(verdict({{"IfNoneMatch", "\"a\""}}), "go on");
  EXPECT_EQ(verdict({{"IfModifiedSince", 100.0}}), "not modified");
  EXPECT_EQ(verdict({{"IfModifiedSince", 99.0}}), "go on");
  EXPECT_EQ(verdict({{"IfUnmodifiedSince", 99.0}}), "PreconditionFailed");
  EXPECT_EQ(verdict({{"IfUnmodifiedSince", 100.0}}), "go on");
  // The entity tag counts where both are given.
  EXPECT_EQ(verdict({{"IfMatch", "\"e\""}, {"IfUnmodifiedSince", 99.0}}), "go on");
  EXPECT_EQ(verdict({{"IfNoneMatch", "\"a\""}, {"IfModifiedSince", 100.0}}), "go on");
}

}  // namespace
}  // namespace toolgate::services::s3
