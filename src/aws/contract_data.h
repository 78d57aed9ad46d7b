// The embedded contracts, as tools/contract.py cut them: one JSON text a service, and beside it
// what is asked before a text is read, so that only the services that are used cost time and
// memory.
#pragma once

#include <string_view>
#include <vector>

namespace toolgate::aws {

struct ContractData {
  std::string_view service;          // "bedrock-agentcore-control"
  std::string_view protocol;         // "rest-json", "json", "query", "rest-xml"
  std::string_view target_prefix;    // of X-Amz-Target, or empty
  std::string_view endpoint_prefix;  // of the host name
  std::string_view signing_name;     // in a signature's scope
  std::string_view served;           // names of operations, each between two spaces
  std::string_view folders;          // first parts of their paths, the same way; "*": any
  std::string_view text;
};

// In the order of tools/contract.py.
[[nodiscard]] const std::vector<ContractData>& contract_data();

}  // namespace toolgate::aws
