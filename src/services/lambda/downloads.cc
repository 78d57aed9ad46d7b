#include "services/lambda/downloads.h"

#include <unistd.h>

#include <fmt/format.h>

#include "crypto/hash.h"
#include "json/json.h"

namespace toolgate::services::lambda {
namespace {

constexpr std::string_view seal_context = "lambda code download";
constexpr std::size_t piece_bytes = 256 * 1024;

// An archive on its way out. It stays readable though its function is deleted.
struct Sending {
  store::Blobs& blobs;
  std::shared_ptr<const store::Blobs::Hold> hold;
  int descriptor = -1;
  std::uint64_t at = 0;

  explicit Sending(store::Blobs& given) : blobs{given} {}
  ~Sending() {
    if (descriptor >= 0) ::close(descriptor);
  }
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;

  Result<std::string> next() {
    std::string piece(piece_bytes, '\0');
    TRY(const auto read, store::Blobs::read_at(descriptor, at, piece.data(), piece.size()));
    piece.resize(read);
    at += read;
    return piece;
  }
};

Task<Result<void>> send(std::shared_ptr<Sending> sending, net::BodyWriter& writer) {
  for (;;) {
    CO_TRY(const std::string piece,
           co_await sending->blobs.offload().run([sending] { return sending->next(); }));
    if (piece.empty()) co_return Result<void>{};
    CO_TRY_DO(co_await writer.write(piece));
  }
}

net::Response refuse(int status, std::string_view message) {
  return net::Response::json(status, json::print(JsonObject{{"message", message}}));
}

}  // namespace

std::string Downloads::location_of(const store::BlobId& archive) const {
  const auto ends = milliseconds_of(clock_.now() + valid_for);
  const std::string sealed =
      secrets_.seal(json::print(JsonObject{{"archive", archive}, {"ends", ends}}), seal_context);
  return fmt::format("{}{}{}", base_url_(), path_prefix,
                     crypto::base64url(crypto::from_base64(sealed).value_or("")));
}

Result<store::BlobId> Downloads::archive_of(std::string_view token) const {
  TRY(const std::string bytes, crypto::from_base64url(token));
  TRY(const std::string text, secrets_.unseal(crypto::base64(bytes), seal_context));
  TRY(const Json said, json::parse(text));
  if (json::find_int(said, "ends").value_or(0) < milliseconds_of(clock_.now())) {
    return fail(Code::denied, "the URL was valid for ten minutes");
  }
  return store::BlobId{json::find_string(said, "archive").value_or("")};
}

Task<net::Response> Downloads::handle(net::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") co_return refuse(405, "GET only");
  const auto archive = archive_of(std::string_view{request.path}.substr(path_prefix.size()));
  if (!archive) co_return refuse(403, "The URL is not valid, or not any more: ask GetFunction");
  auto sending = std::make_shared<Sending>(blobs_);
  const auto opened = co_await blobs_.offload().run([&]() -> Result<void> {
    TRY(sending->hold, blobs_.hold({*archive}));
    TRY(sending->descriptor, blobs_.open_file(*archive));
    return {};
  });
  if (!opened) co_return refuse(404, "The function has other code now, or is gone");
  net::Response response;
  response.headers.push_back({"content-type", "application/zip"});
  if (request.method == "GET") {
    response.body = net::Response::Stream{
        [sending = std::move(sending)](net::BodyWriter& writer) { return send(sending, writer); }};
  }
  co_return response;
}

}  // namespace toolgate::services::lambda
