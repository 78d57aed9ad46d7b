// The embedded contracts, as tools/contract.py cut them: one JSON text a service.
#pragma once

#include <string_view>
#include <vector>

namespace toolgate::aws {

struct ContractData {
  std::string_view service;  // "bedrock-agentcore-control"
  std::string_view text;
};

[[nodiscard]] std::vector<ContractData> contract_data();

}  // namespace toolgate::aws
