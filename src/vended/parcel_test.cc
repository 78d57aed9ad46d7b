#include "vended/parcel.h"

#include <zlib.h>

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "json/json.h"

namespace toolgate::vended {
namespace {

Parcel parcel(Delivery delivery) {
  delivery.account = "123456789012";
  delivery.region = "us-east-1";
  delivery.gateway_id = "shop";
  return {.delivery = std::make_shared<const Delivery>(std::move(delivery)),
          .first_at = 1'759'370'851'622,  // 2025-10-02T02:07:31Z
          .lines = {"one", "two"},
          .bytes = 6};
}

TEST(ObjectKey, IsLaidOutAsVendedLogsAre) {
  EXPECT_EQ(object_key(parcel({}), "u"),
            "AWSLogs/123456789012/bedrock-agentcore/gateway/shop/us-east-1/2025/10/02/02/"
            "123456789012_gateway_shop_us-east-1_20251002T0207Z_u.log.gz");
  EXPECT_EQ(object_key(parcel({.prefix = "a/b", .hive = true}), "u"),
            "a/b/AWSLogs/aws-account-id=123456789012/service=bedrock-agentcore/gateway/"
            "gateway-id=shop/aws-region=us-east-1/year=2025/month=10/day=02/hour=02/"
            "123456789012_gateway_shop_us-east-1_20251002T0207Z_u.log.gz");
  EXPECT_EQ(object_key(parcel({.suffix = "/x-{region}/{yyyy}{other}/"}), "u"),
            "AWSLogs/123456789012/bedrock-agentcore/gateway/x-us-east-1/2025{other}/"
            "123456789012_gateway_shop_us-east-1_20251002T0207Z_u.log.gz");
}

TEST(ObjectBytes, AreLinesInGzip) {
  std::string packed = object_bytes(parcel({}));
  std::string plain(64, '\0');
  z_stream stream{};
  ASSERT_EQ(::inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  plain.resize(stream.total_out);
  ::inflateEnd(&stream);
  EXPECT_EQ(plain, "one\ntwo\n");
}

TEST(RecordBatch, HasALineARecord) {
  const auto body = json::parse(record_batch(parcel({.stream = "to \"x\""})));
  ASSERT_TRUE(body);
  EXPECT_EQ(json::find_string(*body, "DeliveryStreamName"), "to \"x\"");
  const auto* records = json::find_array(*body, "Records");
  ASSERT_EQ(records->size(), 2);
  EXPECT_EQ(crypto::from_base64(*json::find_string(records->at(1), "Data")), "two\n");
}

}  // namespace
}  // namespace toolgate::vended
