// CompleteMultipartUpload: the parts become the object in one commit; no byte is moved.
#include <fmt/format.h>

#include "base/text.h"
#include "crypto/digests.h"
#include "crypto/hash.h"
#include "json/members.h"
#include "services/s3/uploads.h"
#include "services/s3/write_object.h"
#include "store/optimistic.h"

namespace toolgate::services::s3 {
namespace {

std::string bare(std::string_view etag) {
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"')) {
    etag = etag.substr(1, etag.size() - 2);
  }
  return std::string{etag};
}

std::unexpected<Error> invalid_part(std::int64_t number) {
  auto error = refuse(Code::invalid, "InvalidPart",
                      "One or more of the specified parts could not be found.  The part may not "
                      "have been uploaded, or the specified entity tag may not match the part's "
                      "entity tag.");
  error.error().fields = {{"PartNumber", std::to_string(number)}};
  return error;
}

// The part that one entry of the list names.
Result<const store::JsonDocument*> named_part(const Json& entry,
                                              const std::vector<store::JsonDocument>& parts,
                                              Algorithm algorithm) {
  const auto number = json::find_int(entry, "PartNumber").value_or(0);
  const auto found = std::ranges::lower_bound(parts, number, {}, number_of);
  if (found == parts.end() || number_of(*found) != number ||
      bare(json::member(entry, "ETag")) != json::member(found->body, "etag")) {
    return invalid_part(number);
  }
  const auto check = json::member(entry, member_of(algorithm));
  if (!check.empty() && check != json::find_string(found->body, "checks", name_of(algorithm))) {
    return invalid_part(number);
  }
  return &*found;
}

using Chosen = std::vector<const store::JsonDocument*>;

Result<Chosen> chosen_parts(const aws::Call& call, const std::vector<store::JsonDocument>& parts,
                            Algorithm algorithm) {
  const auto* list = json::find_array(call.input, "MultipartUpload", "Parts");
  if (list == nullptr || list->empty() ||
      list->size() > static_cast<std::size_t>(part_number_max)) {
    return refuse(Code::invalid, "MalformedXML",
                  "The XML you provided was not well-formed or did not validate against our "
                  "published schema: CompleteMultipartUpload has 1 to 10000 Parts.");
  }
  Chosen out;
  for (const auto& entry : *list) {
    if (!out.empty() && json::find_int(entry, "PartNumber").value_or(0) <= number_of(*out.back())) {
      return refuse(Code::invalid, "InvalidPartOrder",
                    "The list of parts was not in ascending order. The parts list must be "
                    "specified in order by part number.");
    }
    TRY(const auto* part, named_part(entry, parts, algorithm));
    out.push_back(part);
  }
  for (const auto* part : out) {
    if (part == out.back() || size_in(part->body) >= part_bytes_min) continue;
    auto error = refuse(Code::invalid, "EntityTooSmall",
                        "Your proposed upload is smaller than the minimum allowed size");
    error.error().fields = {{"PartNumber", std::to_string(number_of(*part))},
                            {"ProposedSize", std::to_string(size_in(part->body))},
                            {"MinSizeAllowed", std::to_string(part_bytes_min)}};
    return error;
  }
  return out;
}

// MD5 of the parts' MD5s ("Checking object integrity", S3 User Guide).
Result<std::string> etag_of(const Chosen& parts) {
  crypto::RunningDigest md5{crypto::RunningDigest::Kind::md5};
  for (const auto* part : parts) {
    std::string bytes;
    const auto text = json::member(part->body, "etag");
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
      bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    }
    md5.add(bytes);
  }
  return fmt::format("{}-{}", crypto::hex(md5.take()), parts.size());
}

Result<std::string> check_of(const Chosen& parts, const UploadChecksum& checksum) {
  std::vector<PartCheck> checks;
  for (const auto* part : parts) {
    checks.push_back(
        {.value =
             std::string{
                 json::find_string(part->body, "checks", name_of(checksum.algorithm)).value_or("")},
         .bytes = size_in(part->body)});
  }
  if (!checksum.composite) return joined_check(checksum.algorithm, checks);
  TRY(const auto composite, composite_check(checksum.algorithm, checks));
  return fmt::format("{}-{}", composite, parts.size());
}

// What the client says the whole has.
Result<void> check_declared(const aws::Call& call, const JsonObject& row, Algorithm algorithm) {
  const auto size = json::find_int(call.input, "MpuObjectSize");
  if (size && *size != static_cast<std::int64_t>(size_in(row))) {
    return refuse(Code::invalid, "InvalidRequest",
                  "The provided 'x-amz-mp-object-size' header does not match what was computed.");
  }
  const auto declared = aws::text_if(call, member_of(algorithm));
  const auto own = json::member(*row.if_contains("checks"), name_of(algorithm));
  // Of a composite one the number of parts may be left out.
  if (declared && *declared != own && *declared != own.substr(0, own.find('-'))) {
    return bad_digest(name_of(algorithm));
  }
  return {};
}

Result<JsonObject> object_row(const aws::Call& call, const store::JsonDocument& upload,
                              const Chosen& parts) {
  const auto checksum = checksum_of_upload(upload.body);
  auto row = upload.body.get_object();
  for (const auto* const name : {"key", "initiated", "check_algorithm"}) row.erase(name);
  TRY(row["etag"], etag_of(parts));
  std::uint64_t size = 0;
  for (const auto* part : parts) size += size_in(part->body);
  row["size"] = whole(size);
  row["modified"] = timestamp(call.now);
  row["parts"] = whole(parts.size());
  row["upload"] = aws::text(call, "UploadId");
  TRY(auto check, check_of(parts, checksum));
  row["checks"] = JsonObject{{name_of(checksum.algorithm), std::move(check)}};
  TRY_DO(check_declared(call, row, checksum.algorithm));
  return row;
}

Draft draft_of(const aws::Call& call, const store::JsonDocument& upload, const Chosen& parts,
               JsonObject row) {
  Draft draft{.bucket = aws::text(call, "Bucket"),
              .key = aws::text(call, "Key"),
              .row = std::move(row),
              .segments = {},
              .also = {}};
  draft.also.preconditions.push_back(store::unchanged(upload.key, upload.version, "upload"));
  draft.also.deletes.push_back(upload.key);
  for (const auto* part : parts) {
    draft.also.preconditions.push_back(store::unchanged(part->key, part->version, "upload"));
    draft.also.deletes.push_back(part->key);
    draft.segments.push_back(
        {.blob = json::member(part->body, "blob"), .size = size_in(part->body)});
  }
  return draft;
}

aws::Answer answer_of(const aws::Call& call, const Json& object) {
  const auto bucket = aws::text(call, "Bucket");
  const auto key = aws::text(call, "Key");
  const auto host = call.request != nullptr ? std::string{call.request->host} : std::string{};
  const bool in_host = host.starts_with(bucket + ".");
  aws::Answer answer;
  auto& output = answer.output.get_object();
  output["Location"] =
      fmt::format("http://{}/{}{}", host, in_host ? "" : bucket + "/", percent_encode(key, "/"));
  output["Bucket"] = bucket;
  output["Key"] = key;
  output["ETag"] = etag_in(object);
  add_checksums(object, output);
  return answer;
}

// A client that has not seen the answer asks again: the object is there, and it is this upload's.
Task<Result<aws::Answer>> completed_before(S3& s3, const aws::Call& call) {
  const auto id = aws::text(call, "UploadId");
  CO_TRY(const auto object,
         co_await load_object(s3, aws::text(call, "Bucket"), aws::text(call, "Key")));
  if (!object || json::member(object->body, "upload") != id) co_return no_such_upload(id);
  co_return answer_of(call, object->body);
}

Task<Result<aws::Answer>> complete_upload(S3& s3, aws::Call& call, net::Worker&) {
  CO_TRY(const auto bucket, co_await load_bucket(s3, call));
  const auto id = aws::text(call, "UploadId");
  for (int i = 0; i < 20; ++i) {
    const auto upload = co_await load_upload(s3, call);
    if (!upload && upload.error().name == "NoSuchUpload") {
      co_return co_await completed_before(s3, call);
    }
    if (!upload) co_return std::unexpected(upload.error());
    CO_TRY(const auto parts, co_await load_parts(s3, id));
    CO_TRY(const auto chosen,
           chosen_parts(call, parts, checksum_of_upload(upload->body).algorithm));
    CO_TRY(auto row, object_row(call, *upload, chosen));
    const Json object(row);
    const auto done = co_await write_object(
        s3, call, draft_of(call, *upload, chosen, std::move(row)), OnFailure::blobs_stay);
    // A part was sent again, or the upload was ended, in between: look again.
    if (!done && done.error().code == Code::conflict && done.error().message == "upload") continue;
    if (!done) co_return std::unexpected(done.error());
    CO_TRY_DO(co_await drop_parts(s3, id));  // those that were not chosen
    co_return answer_of(call, object);
  }
  co_return busy();
}

}  // namespace

void add_complete_operation(S3& s3, std::vector<aws::Operation>& rows) {
  rows.push_back(aws::row(s3, "CompleteMultipartUpload", complete_upload));
}

}  // namespace toolgate::services::s3
