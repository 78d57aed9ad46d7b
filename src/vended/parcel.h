// Records on their way to a bucket or a Firehose stream: what one request carries, and how it looks
// there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vended/deliveries.h"

namespace toolgate::vended {

struct Parcel {
  DeliveryRef delivery;
  std::int64_t first_at = 0;  // ms since 1970, of the first record
  std::vector<std::string> lines;
  std::size_t bytes = 0;
};

// The object's key: [PREFIX/]AWSLogs/ACCOUNT/bedrock-agentcore/gateway/…/YYYY/MM/DD/HH/FILE.log.gz,
// as AWS lays out what its services deliver ("Enabling logging from AWS services", CloudWatch Logs
// user guide). s3DeliveryConfiguration replaces what stands behind "gateway/"; it knows {region},
// {account-id}, {gateway-id}, {yyyy}, {MM}, {dd}, {HH}, {mm}. `unique` keeps two files apart.
[[nodiscard]] std::string object_key(const Parcel& parcel, std::string_view unique);
// A line each, gzip.
[[nodiscard]] std::string object_bytes(const Parcel& parcel);

// The body of PutRecordBatch: each record a line, in base64.
[[nodiscard]] std::string record_batch(const Parcel& parcel);

}  // namespace toolgate::vended
