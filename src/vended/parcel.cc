#include "vended/parcel.h"

#include <zlib.h>

#include <ctime>
#include <limits>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "json/json.h"

namespace toolgate::vended {
namespace {

// windowBits of a gzip stream (zlib's manual, deflateInit2), and its default memory.
constexpr int gzip_window_bits = 15 + 16;
constexpr int gzip_memory = 8;

struct Variable {
  std::string_view name;
  std::string value;
};
std::vector<Variable> variables_of(const Parcel& parcel) {
  const std::time_t seconds = parcel.first_at / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return {{"{account-id}", parcel.delivery->account},
          {"{region}", parcel.delivery->region},
          {"{gateway-id}", parcel.delivery->gateway_id},
          {"{yyyy}", fmt::format("{:04}", utc.tm_year + 1900)},
          {"{MM}", fmt::format("{:02}", utc.tm_mon + 1)},
          {"{dd}", fmt::format("{:02}", utc.tm_mday)},
          {"{HH}", fmt::format("{:02}", utc.tm_hour)},
          {"{mm}", fmt::format("{:02}", utc.tm_min)}};
}

std::string filled(std::string_view pattern, const std::vector<Variable>& variables) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size();) {
    const auto rest = pattern.substr(at);
    const Variable* found = nullptr;
    for (const auto& variable : variables) {
      if (rest.starts_with(variable.name)) found = &variable;
    }
    out += found != nullptr ? std::string_view{found->value} : rest.substr(0, 1);
    at += found != nullptr ? found->name.size() : 1;
  }
  return out;
}

std::string_view folder_of(const Delivery& delivery) {
  if (!delivery.suffix.empty()) return delivery.suffix;
  return delivery.hive ? "gateway-id={gateway-id}/aws-region={region}/year={yyyy}/month={MM}/"
                         "day={dd}/hour={HH}"
                       : "{gateway-id}/{region}/{yyyy}/{MM}/{dd}/{HH}";
}

}  // namespace

std::string object_key(const Parcel& parcel, std::string_view unique) {
  const Delivery& delivery = *parcel.delivery;
  std::string pattern = delivery.prefix.empty() ? "" : delivery.prefix + '/';
  pattern += delivery.hive
                 ? "AWSLogs/aws-account-id={account-id}/service=bedrock-agentcore/gateway/"
                 : "AWSLogs/{account-id}/bedrock-agentcore/gateway/";
  std::string_view folder = folder_of(delivery);
  while (folder.starts_with('/')) folder.remove_prefix(1);
  while (folder.ends_with('/')) folder.remove_suffix(1);
  pattern.append(folder).append("/{account-id}_gateway_{gateway-id}_{region}_");
  pattern.append("{yyyy}{MM}{dd}T{HH}{mm}Z_").append(unique).append(".log.gz");
  return filled(pattern, variables_of(parcel));
}

std::string object_bytes(const Parcel& parcel) {
  std::string plain;
  plain.reserve(parcel.bytes + parcel.lines.size());
  for (const auto& line : parcel.lines) plain.append(line).append("\n");
  z_stream stream{};
  ASSERT(::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window_bits, gzip_memory,
                        Z_DEFAULT_STRATEGY) == Z_OK);
  ASSERT(plain.size() < std::numeric_limits<uInt>::max());
  std::string packed(::deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int done = ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  ASSERT(done == Z_STREAM_END);
  return packed;
}

std::string record_batch(const Parcel& parcel) {
  std::string body = R"({"DeliveryStreamName":)" + json::quote(parcel.delivery->stream);
  body += R"(,"Records":[)";
  bool first = true;
  for (const auto& line : parcel.lines) {
    if (!first) body += ',';
    first = false;
    body += R"({"Data":")" + crypto::base64(line + '\n') + "\"}";
  }
  return body += "]}";
}

}  // namespace toolgate::vended
