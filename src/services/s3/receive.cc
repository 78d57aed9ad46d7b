#include "services/s3/receive.h"

#include <unistd.h>

#include "base/limits.h"

namespace toolgate::services::s3 {
namespace {

// A blob that is being filled, and what is known of its bytes. On the offload pool.
struct Filling {
  store::Blobs::Writer writer;
  RunningChecks checks;
  std::uint64_t size = 0;

  Result<void> add(std::string_view bytes) {
    checks.add(bytes);
    size += bytes.size();
    return writer.write(bytes);
  }
  Result<Received> finish() {
    TRY(auto blob, writer.finish());
    return Received{
        .blob = std::move(blob), .size = size, .md5 = checks.take_md5(), .checks = checks.take()};
  }
};

Result<Filling> begin(store::Blobs& blobs, const std::set<Algorithm>& algorithms) {
  TRY(auto writer, blobs.writer());
  return Filling{.writer = std::move(writer), .checks = RunningChecks{algorithms}, .size = 0};
}

std::unexpected<Error> too_large() {
  return refuse(Code::too_large, "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed size");
}

// Everything the payload has, a buffer at a time.
Task<Result<void>> fill(S3& s3, aws::Call& call, Filling& filling) {
  std::string buffer;
  buffer.reserve(copy_bytes_once);
  while (true) {
    CO_TRY(const auto piece, co_await call.body->read(within(limits::http_body_timeout)));
    const bool ended = piece.empty();
    buffer += piece;
    if (filling.size + buffer.size() > put_bytes_max) co_return too_large();
    if (!buffer.empty() && (ended || buffer.size() + limits::http_read_bytes > copy_bytes_once)) {
      CO_TRY_DO(co_await s3.blobs.offload().run([&] { return filling.add(buffer); }));
      buffer.clear();
    }
    if (ended) co_return Result<void>{};
  }
}

// What the client has said of its payload, in the head and behind it.
Result<void> check(const aws::Call& call, const std::optional<DeclaredChecksum>& declared,
                   const std::optional<std::string>& md5, const Received& received) {
  if (md5 && *md5 != received.md5) return bad_digest("Content-MD5");
  if (!declared) return {};
  std::string value = declared->value;
  if (!declared->trailer.empty() && call.trailers != nullptr) {
    value = net::find_header(*call.trailers, declared->trailer).value_or("");
  }
  if (value.empty() && declared->trailer.empty()) return {};
  if (value != received.checks.at(declared->algorithm)) {
    return bad_digest(name_of(declared->algorithm));
  }
  return {};
}

}  // namespace

Task<Result<Received>> receive(S3& s3, aws::Call& call, std::set<Algorithm> also) {
  CO_TRY(const auto declared, declared_checksum(call));
  CO_TRY(const auto md5, declared_md5(call));
  if (declared) also.insert(declared->algorithm);
  auto& offload = s3.blobs.offload();
  CO_TRY(auto filling, co_await offload.run([&] { return begin(s3.blobs, also); }));
  CO_TRY_DO(co_await fill(s3, call, filling));
  CO_TRY(auto received, co_await offload.run([&] { return filling.finish(); }));
  if (auto right = check(call, declared, md5, received); !right) {
    s3.blobs.drop({received.blob});
    co_return std::unexpected(std::move(right).error());
  }
  co_return received;
}

Task<Result<Received>> copy_bytes(S3& s3, const std::vector<Segment>& segments, Extent extent,
                                  std::set<Algorithm> algorithms) {
  auto& offload = s3.blobs.offload();
  CO_TRY(auto filling, co_await offload.run([&] { return begin(s3.blobs, algorithms); }));
  ObjectReader reader{s3.blobs, segments, extent};
  std::string buffer;
  const auto copy_one = [&]() -> Result<bool> {
    TRY(const auto piece, reader.next(buffer));
    TRY_DO(filling.add(piece));
    return !piece.empty();
  };
  while (true) {
    CO_TRY(const bool more, co_await offload.run(copy_one));
    if (!more) break;
  }
  co_return co_await offload.run([&] { return filling.finish(); });
}

ObjectReader::ObjectReader(store::Blobs& blobs, std::vector<Segment> segments, Extent extent)
    : blobs_{blobs}, segments_{std::move(segments)}, offset_{extent.first}, left_{extent.size} {
  while (at_ < segments_.size() && offset_ >= segments_[at_].size) {
    offset_ -= segments_[at_++].size;
  }
}

ObjectReader::~ObjectReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> ObjectReader::open_segment() {
  if (descriptor_ >= 0) return {};
  if (at_ >= segments_.size())
    return fail(Code::internal, "Internal error.", "an object too short");
  TRY(descriptor_, blobs_.open_file(segments_[at_].blob));
  return {};
}

Result<std::string_view> ObjectReader::next(std::string& buffer) {
  if (left_ == 0) return std::string_view{};
  TRY_DO(open_segment());
  const auto here = std::min(left_, segments_[at_].size - offset_);
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(here, copy_bytes_once));
  buffer.resize(wanted);
  TRY(const auto got, store::Blobs::read_at(descriptor_, offset_, buffer.data(), wanted));
  if (got == 0) return fail(Code::internal, "Internal error.", "a blob is shorter than its row");
  offset_ += got;
  left_ -= got;
  if (offset_ == segments_[at_].size) {
    ::close(std::exchange(descriptor_, -1));
    offset_ = 0;
    do {
      ++at_;
    } while (at_ < segments_.size() && segments_[at_].size == 0);
  }
  return std::string_view{buffer}.substr(0, got);
}

}  // namespace toolgate::services::s3
