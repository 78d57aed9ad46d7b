// Documents of identity providers, by the thread's HTTP client.
#include <fmt/format.h>

#include "base/limits.h"
#include "identity/documents.h"
#include "net/client.h"
#include "net/http.h"

namespace toolgate::identity {
namespace {

class HttpDocuments final : public Documents {
 public:
  Task<Result<Json>> fetch(std::string text, net::Worker& worker) override {
    CO_TRY(const net::Url url, net::Url::parse(text));
    const net::Headers headers{{.name = "accept", .value = "application/json"}};
    const net::ClientRequest request{.method = "GET",
                                     .url = &url,
                                     .headers = &headers,
                                     .deadline = within(limits::discovery_timeout),
                                     .body_bytes_max = limits::discovery_bytes_max};
    CO_TRY(const net::ClientResponse response, co_await worker.client().send(request));
    if (response.status != 200) {
      co_return fail(Code::upstream, fmt::format("the answer's status is {}", response.status));
    }
    auto document = json::parse(response.body);
    if (!document) co_return fail(Code::upstream, document.error().message);
    if (!document->is_object()) co_return fail(Code::upstream, "the answer is no JSON object");
    co_return *std::move(document);
  }
};

}  // namespace

Documents& http_documents() {
  static HttpDocuments documents;
  return documents;
}

}  // namespace toolgate::identity
