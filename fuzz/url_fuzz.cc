// URLs of targets, of discovery documents, of redirects: one that is taken names a host and a port,
// holds nothing that could break a request's head, and reads the same when it is written again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "net/http.h"
#include "net/ip.h"
#include "net/parser.h"

using namespace toolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  if (const auto ip = net::Ip::parse(text)) ASSERT(!text.empty());
  const auto url = net::Url::parse(text);
  if (!url) {
    ASSERT(url.error().code == Code::invalid && !url.error().message.empty());
    return 0;
  }
  ASSERT(!url->host.empty() && url->port != 0 && url->target.starts_with('/'));
  ASSERT(url->scheme == "http" || url->scheme == "https");
  ASSERT(std::ranges::all_of(url->target, [](char c) { return c > ' ' && c < '\x7f'; }));
  ASSERT(url->target.find('#') == std::string::npos);
  ASSERT(url->host.find_first_of("@/?#[]") == std::string::npos);
  // The Host field that we send is one that our own server takes.
  ASSERT(net::split_authority(url->authority()).has_value());
  // A missing path is written as "/", one byte more.
  const auto again = net::Url::parse(url->text());
  if (!again) {
    ASSERT(url->text().size() > text.size());
    return 0;
  }
  ASSERT(again->text() == url->text() && again->host == url->host && again->port == url->port);
  ASSERT(again->target == url->target && again->scheme == url->scheme);
  return 0;
}
