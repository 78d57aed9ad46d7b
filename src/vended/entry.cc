#include "vended/entry.h"

#include <array>
#include <cstring>

namespace toolgate::vended {
namespace {

struct Part {
  std::string_view Entry::* member;
  std::size_t bytes_max;
};
// A request id is a UUID, a traceparent 55 characters; ids are short or not meant well.
constexpr std::array parts{
    Part{&Entry::account, 12},    Part{&Entry::region, 32},          Part{&Entry::gateway_id, 128},
    Part{&Entry::request_id, 64}, Part{&Entry::traceparent, 64},     Part{&Entry::id, 256},
    Part{&Entry::method, 128},    Part{&Entry::outcome, 64},         Part{&Entry::secret, 4096},
    Part{&Entry::marked, 1024},   Part{&Entry::body, body_bytes_max}};
static_assert([] {
  std::size_t sum = 0;
  for (const auto& part : parts) sum += part.bytes_max;
  return sum + 256 <= entry_bytes_max;
}());

struct Head {
  std::int64_t at;
  std::uint64_t body_bytes;
  std::array<std::uint16_t, parts.size()> sizes;
  Entry::Step step;
};

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

std::string_view cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t size = bytes_max;
  while (size > 0 && continues(text[size])) --size;
  return text.substr(0, size);
}

std::size_t packed_size(const Entry& entry) {
  std::size_t size = sizeof(Head);
  for (const auto& part : parts) size += cut(entry.*part.member, part.bytes_max).size();
  return size;
}

void pack(const Entry& entry, char* to) {
  Head head{.at = entry.at, .body_bytes = entry.body.size(), .sizes = {}, .step = entry.step};
  char* at = to + sizeof(head);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto text = cut(entry.*parts[i].member, parts[i].bytes_max);
    head.sizes[i] = static_cast<std::uint16_t>(text.size());
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at += text.size();
  }
  std::memcpy(to, &head, sizeof(head));
}

Entry unpack(std::string_view bytes) {
  Head head;
  std::memcpy(&head, bytes.data(), sizeof(head));
  Entry entry;
  entry.step = head.step;
  entry.at = head.at;
  entry.body_bytes = head.body_bytes;
  std::size_t at = sizeof(head);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    entry.*parts[i].member = bytes.substr(at, head.sizes[i]);
    at += head.sizes[i];
  }
  return entry;
}

}  // namespace toolgate::vended
