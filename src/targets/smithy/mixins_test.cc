#include "targets/smithy/mixins.h"

#include <gtest/gtest.h>

#include "targets/smithy/tools.h"

namespace toolgate::targets::smithy {
namespace {

// The shapes after it, or the message.
std::string completed(std::string_view shapes) {
  auto document = json::parse(shapes);
  EXPECT_TRUE(document) << shapes;
  const auto done = complete_shapes(document->get_object());
  return done ? json::print(*document) : done.error().message;
}

TEST(CompleteShapes, PutsMembersOfMixinsFirstAndInTheirOrder) {
  EXPECT_EQ(completed(R"({"a#A":{"type":"structure","mixins":[{"target":"a#M"},{"target":"a#N"}],)"
                      R"("members":{"own":{"target":"x"}}},)"
                      R"("a#M":{"type":"structure","members":{"m":{"target":"x"}},)"
                      R"("traits":{"smithy.api#mixin":{}}},)"
                      R"("a#N":{"type":"structure","members":{"n":{"target":"x"}},)"
                      R"("traits":{"smithy.api#mixin":{}}}})"),
            R"({"a#A":{"type":"structure","members":{"m":{"target":"x"},"n":{"target":"x"},)"
            R"("own":{"target":"x"}},"traits":{}}})");
}

TEST(CompleteShapes, InheritsTraitsButForLocalOnesAndTheMixinTrait) {
  EXPECT_EQ(completed(R"({"a#M":{"type":"string","traits":{"smithy.api#mixin":{"localTraits":)"
                      R"(["a#private"]},"a#private":{},"a#t":"of the mixin","a#u":1}},)"
                      R"("a#A":{"type":"string","mixins":[{"target":"a#M"}],)"
                      R"("traits":{"a#t":"own"}}})"),
            R"({"a#A":{"type":"string","traits":{"a#t":"own","a#u":1}}})");
}

TEST(CompleteShapes, TheLastMixinsTraitWinsAndMixinsAreMixedTwice) {
  EXPECT_EQ(completed(R"({"a#A":{"type":"structure","mixins":[{"target":"a#M"},{"target":"a#N"}]},)"
                      R"("a#N":{"type":"structure","mixins":[{"target":"a#B"}],)"
                      R"("traits":{"smithy.api#mixin":{},"a#t":2}},)"
                      R"("a#B":{"type":"structure","members":{"b":{"target":"x"}},)"
                      R"("traits":{"smithy.api#mixin":{},"a#deep":{}}},)"
                      R"("a#M":{"type":"structure","traits":{"smithy.api#mixin":{},"a#t":1}}})"),
            R"({"a#A":{"type":"structure","traits":{"a#t":2,"a#deep":{}},)"
            R"("members":{"b":{"target":"x"}}}})");
}

TEST(CompleteShapes, AppliesTraitsToMembersThatMixinsBring) {
  EXPECT_EQ(completed(R"({"a#A$m":{"type":"apply","traits":{"a#doc":"here"}},)"
                      R"("a#M$m":{"type":"apply","traits":{"a#both":1}},)"
                      R"("a#M":{"type":"structure","members":{"m":{"target":"x"}},)"
                      R"("traits":{"smithy.api#mixin":{}}},)"
                      R"("a#A":{"type":"structure","mixins":[{"target":"a#M"}],"members":{}}})"),
            R"({"a#A":{"type":"structure","members":{"m":{"target":"x",)"
            R"("traits":{"a#both":1,"a#doc":"here"}}},"traits":{}}})");
}

TEST(CompleteShapes, JoinsWhatServicesAndOperationsList) {
  EXPECT_EQ(completed(R"({"a#S":{"type":"service","version":"2","mixins":[{"target":"a#M"}],)"
                      R"("operations":[{"target":"a#Own"}]},)"
                      R"("a#M":{"type":"service","version":"1","operations":[{"target":"a#Op"}],)"
                      R"("traits":{"smithy.api#mixin":{}}}})"),
            R"({"a#S":{"type":"service","version":"2",)"
            R"("operations":[{"target":"a#Op"},{"target":"a#Own"}],"traits":{}}})");
}

TEST(CompleteShapes, RefusesWhatIsNoMixin) {
  EXPECT_EQ(completed(R"({"a#A":{"type":"string","mixins":[{"target":"a#B"}]}})"),
            "Smithy model: shape a#A: mixin a#B: there is none");
  EXPECT_EQ(completed(R"({"a#A":{"type":"string","mixins":[{"target":"a#B"}]},)"
                      R"("a#B":{"type":"string"}})"),
            "Smithy model: shape a#A: mixin a#B: there is none");
  EXPECT_EQ(completed(R"({"a#A":{"type":"string","mixins":[{"target":"a#A"}],)"
                      R"("traits":{"smithy.api#mixin":{}}}})"),
            "Smithy model: shape a#A: is a mixin of itself");
  EXPECT_EQ(completed(R"({"a#A":{"type":"structure","mixins":[{"target":"a#M"}],)"
                      R"("members":{"m":{"target":"y"}}},)"
                      R"("a#M":{"type":"structure","members":{"m":{"target":"x"}},)"
                      R"("traits":{"smithy.api#mixin":{}}}})"),
            "Smithy model: shape a#A: member m: y here, x in a mixin");
}

TEST(CompleteShapes, IsBounded) {
  // Each mixes in the one before twice over: 2^60 members without a bound, 64 levels without an
  // end.
  JsonObject shapes;
  JsonObject wide;
  for (int i = 0; i < 200; ++i) wide["m" + std::to_string(i)] = JsonObject{{"target", "x"}};
  const auto mixin = JsonObject{{"smithy.api#mixin", JsonObject{}}};
  shapes["a#0"] = JsonObject{{"type", "structure"}, {"members", wide}, {"traits", mixin}};
  for (int i = 1; i < 10'000; ++i) {
    shapes["a#" + std::to_string(i)] = JsonObject{
        {"type", "structure"},
        {"mixins", JsonArray{JsonObject{{"target", "a#0"}}}},
        {"members", JsonObject{{"own" + std::to_string(i), JsonObject{{"target", "x"}}}}},
        {"traits", mixin}};
  }
  const auto wide_end = complete_shapes(shapes);
  ASSERT_FALSE(wide_end);
  EXPECT_NE(wide_end.error().message.find("more than 300000"), std::string::npos);

  JsonObject chain;
  for (int i = 0; i < 10'000; ++i) {
    chain["a#" + std::to_string(i)] =
        JsonObject{{"type", "structure"},
                   {"mixins", JsonArray{JsonObject{{"target", "a#" + std::to_string(i + 1)}}}},
                   {"traits", mixin}};
  }
  const auto chain_end = complete_shapes(chain);
  ASSERT_FALSE(chain_end);
  EXPECT_NE(chain_end.error().message.find("64 levels"), std::string::npos);
}

TEST(ToolsOf, AreMadeOfMixins) {
  const auto made =
      tools_of(R"({"smithy":"2.0","shapes":{"a#Svc":{"type":"service","version":"1",)"
               R"("operations":[{"target":"a#Op"}],"traits":{"aws.api#service":{"sdkId":"X",)"
               R"("endpointPrefix":"x"},"aws.protocols#awsJson1_0":{}}},)"
               R"("a#Op":{"type":"operation","input":{"target":"a#In"}},)"
               R"("a#In":{"type":"structure","mixins":[{"target":"a#Page"}],"members":{)"
               R"("q":{"target":"smithy.api#String"}}},)"
               R"("a#Page":{"type":"structure","members":{"n":{"target":"smithy.api#Byte",)"
               R"("traits":{"smithy.api#required":{}}}},"traits":{"smithy.api#mixin":{}}}}})",
               {.target_name = "t", .region = "eu-west-1"});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->tools[0].input_schema,
            R"({"type":"object","properties":{"n":{"type":"integer","minimum":-128,)"
            R"("maximum":127},"q":{"type":"string"}},"required":["n"],)"
            R"("additionalProperties":false})");
}

}  // namespace
}  // namespace toolgate::targets::smithy
