// A user pool's settings: what the input says, Cognito's defaults for what it leaves out. Settings
// that nothing here interprets (of users, messages, passwords) are kept and given back as they
// came.
#pragma once

#include <string>
#include <string_view>

#include "json/json.h"

namespace toolgate::services::cognito {

// "us-east-1_Ab3dEf6hI"; its lower case without "_" is a domain that Cognito would take.
[[nodiscard]] std::string new_pool_id(std::string_view region);
// "us-east-1" of it; empty for a text that is no pool id.
[[nodiscard]] std::string region_of_pool(std::string_view pool_id);

// Settings that an update replaces as a whole: what `input` leaves out goes back to its default
// (Cognito API Reference, "UpdateUserPool").
void replace_settings(JsonObject& pool, const JsonObject& input);
// Settings that only the creation sets.
void set_fixed_settings(JsonObject& pool, const JsonObject& input);

// Words that a domain must not contain: "aws", "amazon", "cognito". Empty when there is none.
[[nodiscard]] std::string_view reserved_word_in(std::string_view domain);

}  // namespace toolgate::services::cognito
