// Amazon S3: buckets and their objects. Rows stand in the store, bytes in blobs; a row's commit is
// what makes bytes visible. One file per family of operations, joined in table.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aws/service.h"
#include "store/blobs.h"
#include "store/store.h"

namespace toolgate::services::s3 {

// Of one request ("Uploading objects", S3 User Guide), and of its body, coded in chunks.
inline constexpr std::uint64_t put_bytes_max = 5ULL * 1024 * 1024 * 1024;
inline constexpr std::uint64_t body_bytes_max = put_bytes_max + put_bytes_max / 8;

// What the operations work with. Everything outlives it.
struct S3 {
  store::Store& store;
  store::Blobs& blobs;
};

// `s3` outlives the table.
[[nodiscard]] aws::Service table(S3& s3);

// Deletes what a crash has left: parts whose upload is gone, then blobs that nothing keeps. At
// start, before anything is served.
Task<Result<void>> sweep(S3& s3);

// The rows of one family each; table joins them.
void add_bucket_operations(S3& s3, std::vector<aws::Operation>& rows);
void add_setting_operations(S3& s3, std::vector<aws::Operation>& rows);
void add_object_operations(S3& s3, std::vector<aws::Operation>& rows);
void add_object_tag_operations(S3& s3, std::vector<aws::Operation>& rows);
void add_copy_operations(S3& s3, std::vector<aws::Operation>& rows);
void add_delete_operations(S3& s3, std::vector<aws::Operation>& rows);
void add_listing_operations(S3& s3, std::vector<aws::Operation>& rows);
void add_upload_operations(S3& s3, std::vector<aws::Operation>& rows);
void add_part_operations(S3& s3, std::vector<aws::Operation>& rows);
void add_complete_operation(S3& s3, std::vector<aws::Operation>& rows);

}  // namespace toolgate::services::s3
