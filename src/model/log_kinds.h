// The kinds of documents of log deliveries: services/logs/ writes them, vended/ reads them.
#pragma once

#include <string_view>

namespace toolgate::model::log_kind {

inline constexpr std::string_view policy = "log_resource_policy";
inline constexpr std::string_view source = "log_delivery_source";            // id: name
inline constexpr std::string_view destination = "log_delivery_destination";  // id: name
inline constexpr std::string_view delivery = "log_delivery";

}  // namespace toolgate::model::log_kind
