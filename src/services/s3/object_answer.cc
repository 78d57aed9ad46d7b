#include "services/s3/object_answer.h"

#include <array>

#include <fmt/format.h>

#include "services/s3/conditions.h"

namespace toolgate::services::s3 {
namespace {

struct Override {
  std::string_view asked;  // of the input
  std::string_view member;
};
constexpr std::array overrides{Override{"ResponseCacheControl", "CacheControl"},
                               Override{"ResponseContentDisposition", "ContentDisposition"},
                               Override{"ResponseContentEncoding", "ContentEncoding"},
                               Override{"ResponseContentLanguage", "ContentLanguage"},
                               Override{"ResponseContentType", "ContentType"},
                               Override{"ResponseExpires", "Expires"}};

JsonObject object_members(const Json& object) {
  JsonObject out;
  if (const Json* members = json::find(object, "members")) out = members->get_object();
  if (!out.contains("ContentType")) out["ContentType"] = "binary/octet-stream";
  if (const Json* metadata = json::find(object, "metadata")) out["Metadata"] = *metadata;
  out["ETag"] = etag_in(object);
  out["LastModified"] = time_in(object, "modified");
  out["AcceptRanges"] = "bytes";
  if (const auto* tags = json::find_array(object, "tags"); tags != nullptr && !tags->empty()) {
    out["TagCount"] = whole(tags->size());
  }
  return out;
}

std::unexpected<Error> no_such_part() {
  return refuse(Code::invalid, "InvalidPartNumber", "The requested partnumber is not satisfiable");
}

// Which bytes, if not all.
Result<std::optional<Extent>> extent_of(const aws::Call& call, const Json& object,
                                        const std::vector<Segment>& segments) {
  const auto range = aws::text_if(call, "Range");
  const auto number = json::find_int(call.input, "PartNumber");
  if (range && number) {
    return refuse(Code::invalid, "InvalidRequest",
                  "Cannot specify both Range header and partNumber query parameter");
  }
  if (range) return range_of(*range, size_in(object));
  if (!number) return std::nullopt;
  const auto count = json::find_int(object, "parts").value_or(1);
  if (*number < 1 || *number > count) return no_such_part();
  Extent extent;
  for (std::int64_t i = 0; i < *number - 1; ++i) extent.first += segments.at(i).size;
  extent.size = segments.at(*number - 1).size;
  return extent;
}

// Owns what it reads; one for each answer.
struct Sending {
  Sending(std::shared_ptr<const store::Blobs::Hold> held, store::Blobs& blobs,
          std::vector<Segment> segments, Extent extent)
      : hold{std::move(held)},
        offload{blobs.offload()},
        reader{blobs, std::move(segments), extent} {}
  std::shared_ptr<const store::Blobs::Hold> hold;
  Offload& offload;
  ObjectReader reader;
  std::string buffer;
};

Task<Result<void>> send(std::shared_ptr<Sending> sending, net::BodyWriter& writer) {
  while (true) {
    CO_TRY(const auto piece,
           co_await sending->offload.run([&] { return sending->reader.next(sending->buffer); }));
    if (piece.empty()) co_return Result<void>{};
    CO_TRY_DO(co_await writer.write(piece));
  }
}

Task<Result<void>> send_nothing(net::BodyWriter&) { co_return Result<void>{}; }

}  // namespace

std::string storage_class(const Json& object) {
  return std::string{json::find_string(object, "members", "StorageClass").value_or("STANDARD")};
}

Result<ReadAnswer> read_answer(const aws::Call& call, const Json& object,
                               const std::vector<Segment>& segments) {
  TRY(const auto verdict, check_conditions(call, object));
  const auto size = size_in(object);
  ReadAnswer out{.answer = {}, .extent = {.first = 0, .size = size}};
  auto members = object_members(object);
  if (verdict == Verdict::not_modified) {
    out.answer.status = 304;
    out.answer.output =
        JsonObject{{"ETag", members["ETag"]}, {"LastModified", members["LastModified"]}};
    return out;
  }
  TRY(const auto extent, extent_of(call, object, segments));
  if (extent) {
    out.extent = *extent;
    out.answer.status = 206;
    if (extent->size > 0) {
      members["ContentRange"] =
          fmt::format("bytes {}-{}/{}", extent->first, extent->first + extent->size - 1, size);
    }
  }
  members["ContentLength"] = whole(out.extent.size);
  if (const auto parts = json::find_int(object, "parts");
      parts && json::find(call.input, "PartNumber") != nullptr) {
    members["PartsCount"] = *parts;
  }
  // Checksums are those of the whole object.
  if (!extent && aws::text_if(call, "ChecksumMode") == "ENABLED") add_checksums(object, members);
  for (const auto& [asked, member] : overrides) {
    if (const auto text = aws::text_if(call, asked)) members[member] = *text;
  }
  out.answer.output = std::move(members);
  return out;
}

net::Response::Body stream_of(S3& s3, std::shared_ptr<const store::Blobs::Hold> hold,
                              std::vector<Segment> segments, Extent extent) {
  auto sending = std::make_shared<Sending>(std::move(hold), s3.blobs, std::move(segments), extent);
  return net::Response::Stream{
      [sending = std::move(sending)](net::BodyWriter& writer) { return send(sending, writer); }};
}

net::Response::Body no_bytes() { return net::Response::Stream{send_nothing}; }

}  // namespace toolgate::services::s3
