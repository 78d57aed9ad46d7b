// Heads as bytes: what we send, in both directions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace toolgate::net {

enum class Keep : std::uint8_t { open, open_1_0, closing };

// How the body that follows is framed; nothing for a body that ends with the connection, or for
// none at all.
struct Framing {
  std::optional<std::size_t> length;
  bool chunked = false;
};

// Appends a whole head. Fields that the server adds itself are passed over, and a line end in a
// value becomes a space.
void append_response_head(std::string& out, const Response& response, Framing framing, Keep keep,
                          std::string_view date);

// True for the fields of a request that the client adds itself.
[[nodiscard]] bool is_clients_own(std::string_view name);

// Appends a request's fields but the client's own. False when a name or a value could break the
// head; `out` is of no use then.
[[nodiscard]] bool append_fields(std::string& out, const Headers& headers);
[[nodiscard]] bool append_field(std::string& out, const Header& header);

void append_number(std::string& out, std::uint64_t number);

// {"message":"…"}; `message` needs no escaping.
[[nodiscard]] Response refusal(int status, std::string_view message);

}  // namespace toolgate::net
