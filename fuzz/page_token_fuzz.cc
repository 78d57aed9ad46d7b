// Page tokens come back from clients: none but our own may be taken, and reading never fails badly.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "store/page_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace toolgate;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const store::PageTokens tokens{std::string(store::page_token_key_bytes, 'k')};
  const store::Key listing{
      .account = "123456789012", .region = "us-east-1", .kind = "target", .id = "gateway/"};
  if (const auto read = tokens.read(listing, text); read) {
    ASSERT(tokens.read(listing, tokens.make(listing, *read)).value() == *read);
  }
  const auto made = tokens.make(listing, text);
  ASSERT(tokens.read(listing, made).value() == text);
  const store::Key other{
      .account = "123456789012", .region = "us-east-1", .kind = "target", .id = "other/"};
  ASSERT(!tokens.read(other, made));
  return 0;
}
