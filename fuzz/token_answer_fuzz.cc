// What a token endpoint and a discovery document may answer: the first byte chooses which.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/limits.h"
#include "credentials/discovery.h"
#include "credentials/token_endpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace toolgate;
  using namespace toolgate::credentials;
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (data[0] % 2 == 0) {
    static const auto url = net::Url::parse("https://idp.example/");
    const auto found = read_discovery(text, *url);
    if (found && found->token_endpoint.host.empty()) std::abort();
    return 0;
  }
  const auto token = read_token_answer(data[0] % 4 == 1 ? 200 : 400, text, "the-secret");
  if (!token && token.error().message.contains("the-secret")) std::abort();
  if (token && (token->text.contains('\n') || token->text.size() > limits::token_bytes_max ||
                token->life.count() < 0)) {
    std::abort();
  }
  return 0;
}
