#include "search/encoder.h"

#include <cmath>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "search/encoder_math.h"

namespace toolgate::search {
namespace {

std::unique_ptr<const Encoder> open_with(const Int8Kernel* kernel) {
  const char* path = std::getenv("TOOLGATE_MODEL");
  auto encoder = Encoder::open(path != nullptr ? path : "TOOLGATE_MODEL is not set", kernel);
  EXPECT_TRUE(encoder) << encoder.error().message;
  return encoder ? *std::move(encoder) : nullptr;
}

Embedding encode(const Encoder& encoder, const std::string& text) {
  return encoder.encode({{text}}, model_positions).front();
}

float cosine(const Embedding& a, const Embedding& b) {
  float sum = 0;
  for (std::size_t d = 0; d < a.size(); ++d) sum += a[d] * b[d];
  return sum;
}

TEST(Int8Kernels, AllGiveTheSameNumbers) {
  std::mt19937 random{5};
  std::uniform_int_distribution<int> number{-127, 127};
  // Of five and six blocks: kernels that do some together do the rest alone.
  using Shape = std::pair<std::size_t, std::size_t>;
  for (const auto& [outputs, inputs] :
       {Shape{80, 4}, Shape{96, 20}, Shape{80, 384}, Shape{96, 384}, Shape{96, 1536}}) {
    std::vector<std::int8_t> values(outputs * inputs);
    for (auto& value : values) value = static_cast<std::int8_t>(number(random));
    values[0] = values[1] = values[2] = values[3] = 127;
    std::vector<std::int32_t> sums(outputs);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t block = i / (int8_lanes * inputs);
      sums[block * int8_lanes + i % (int8_lanes * int8_group) / int8_group] += values[i];
    }
    const std::vector<float> scales(outputs, 0.01F);
    const std::vector<float> bias(outputs, 0.5F);
    const Int8Matrix matrix{.outputs = outputs,
                            .inputs = inputs,
                            .values = values.data(),
                            .scales = scales.data(),
                            .sums = sums.data(),
                            .bias = bias.data()};
    for (const std::size_t count : {1U, 2U, 5U, 6U, 9U, 13U, 24U, 25U, 60U}) {
      std::vector<float> rows(count * inputs);
      for (float& value : rows) value = static_cast<float>(number(random));
      for (std::size_t t = 0; t < count; ++t) rows[t * inputs] = -127;
      rows[1] = rows[2] = rows[3] = -127;
      const std::vector<float> token_scales(count, 0.02F);
      const auto run = [&](const Int8Kernel& kernel) {
        std::vector<std::uint8_t> tokens(int8_tokens_bytes(count));
        for (std::size_t t = 0; t < count; ++t) {
          const float scale = kernel.quantize(rows.data() + t * inputs, inputs, kernel.offset,
                                              tokens.data() + t * int8_token_bytes);
          EXPECT_EQ(scale, 1.F);  // the integers are the rows themselves
        }
        std::vector<float> out(count * outputs);
        const auto pairs = kernel.arrange != nullptr ? kernel.arrange(matrix) : nullptr;
        Int8Matrix arranged = matrix;
        arranged.pairs = pairs.get();
        kernel.multiply(arranged,
                        {.count = count, .values = tokens.data(), .scales = token_scales.data()},
                        out.data());
        return out;
      };
      const auto expected = run(int8_plain);
      for (const Int8Kernel* kernel : int8_kernels()) {
        EXPECT_EQ(run(*kernel), expected)
            << kernel->name << " " << outputs << " " << inputs << " " << count;
      }
    }
  }
}

TEST(EncoderMath, IsNearTheRealFunctions) {
  for (float x = -80; x < 80; x += 0.37F) {
    EXPECT_NEAR(fast_exp(x) / std::exp(x), 1, 1e-6) << x;
    float value = x / 10;
    gelu(&value, 1);
    EXPECT_NEAR(value, 0.5 * (x / 10) * (1 + std::erf(x / 10 / std::sqrt(2.0))), 1e-4) << x;
  }
}

// First numbers of the vectors that the float weights give, computed with numpy from the package's
// own file.
TEST(Encoder, IsNearTheFloatModel) {
  const auto encoder = open_with(nullptr);
  ASSERT_NE(encoder, nullptr);
  struct Case {
    const char* text;
    std::vector<float> first;
    float length_of_first;  // of the part that is given
  };
  const std::vector<Case> cases{
      {"What is the weather in Paris?",
       {0.0464F, 0.0295F, 0.0756F, 0.0166F, 0.0173F, -0.0238F, 0.0181F, -0.0475F, -0.0351F, 0.0011F,
        -0.0057F, -0.1022F},
       0.1555F},
      {"send invoice. Mails a bill to a customer. customer id: the customer; due date: when it is "
       "to be paid",
       {-0.0955F, 0.0545F, 0.0182F, -0.0153F, -0.0600F, -0.0162F, -0.0356F, 0.0217F, 0.0219F,
        0.0336F, -0.0086F, -0.0834F},
       0.1640F},
      {"날씨",
       {-0.0895F, 0.0640F, 0.0199F, -0.0005F, -0.0555F, -0.0801F, 0.1803F, 0.0074F, 0.0238F,
        -0.0151F, 0.0884F, -0.0558F},
       0.2574F},
  };
  for (const auto& [text, first, length] : cases) {
    const Embedding found = encode(*encoder, text);
    float dot = 0;
    float squares = 0;
    for (std::size_t i = 0; i < first.size(); ++i) {
      dot += found[i] * first[i];
      squares += found[i] * found[i];
    }
    EXPECT_GT(dot / (length * std::sqrt(squares)), 0.99F) << text;
  }
}

TEST(Encoder, GivesTheSameVectorOnEveryInstructionSet) {
  const std::string text = "Books a table in a restaurant for a number of guests at a time of day";
  const auto plain = encode(*open_with(&int8_plain), text);
  for (const Int8Kernel* kernel : int8_kernels()) {
    EXPECT_EQ(encode(*open_with(kernel), text), plain) << kernel->name;
  }
}

TEST(Encoder, KnowsMeanings) {
  const auto encoder = open_with(nullptr);
  const auto question = encode(*encoder, "Will I need an umbrella tomorrow?");
  const auto weather = encode(*encoder, "get weather forecast. Rain and sun of the next days");
  const auto invoice = encode(*encoder, "send invoice. Mails a bill to a customer");
  EXPECT_GT(cosine(question, weather), cosine(question, invoice) + 0.2F);
}

TEST(Encoder, TextsOfOnePassDoNotTouchEachOther) {
  const auto encoder = open_with(nullptr);
  const std::vector<std::string> texts{"weather in Rome", "", "a much longer text about files"};
  const auto together = encoder->encode(texts, model_positions);
  ASSERT_EQ(together.size(), 3U);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_NEAR(cosine(together[i], encode(*encoder, texts[i])), 1, 1e-5) << i;
  }
  const std::string endless(100'000, 'a');
  EXPECT_NEAR(cosine(encode(*encoder, endless + " b"), encode(*encoder, endless + " b")), 1, 1e-5);
}

TEST(Encoder, RefusesWhatIsNoModel) {
  EXPECT_EQ(Encoder::open("/nonexistent").error().code, Code::not_found);
  EXPECT_EQ(Encoder::open("/proc/self/exe").error().code, Code::invalid);
}

}  // namespace
}  // namespace toolgate::search
