// Everything that one gateway needs to answer, immutable. A request ends on the snapshot it began
// with; when the store changes, the publisher makes a new one and posts it to each thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "gateway/routes.h"
#include "gateway/tool_table.h"
#include "identity/jwt_authorizer.h"
#include "json/json.h"
#include "model/kinds.h"
#include "search/engine.h"

namespace toolgate::gateway {

enum class SignIn : unsigned char { jwt, iam, none };

struct Snapshot {
  std::string id;
  model::Place place;
  bool debug = false;  // exceptionLevel DEBUG: failures are told in full
  // Of a gateway whose KMS key cannot be used: why. It has no tools then and answers nothing else.
  std::string locked;
  bool sealed = false;  // it has a KMS key: what its tools are is not logged

  SignIn sign_in = SignIn::iam;
  std::shared_ptr<const identity::JwtAuthorizer> authorizer;  // SignIn::jwt
  std::string base_url;                                       // SnapshotSource::base_url

  std::vector<std::string> versions;  // of the handshake, oldest first
  std::string instructions;
  // Of arguments: names that tools' schemas mark secret (ToolTable), one a line.
  std::string secret_members;
  bool searchable = false;
  std::size_t page_tools_max = 1'000;

  std::vector<std::shared_ptr<const ToolTable>> tables;  // by prefix
  Routes routes;
  // The result of tools/list without a cursor, printed.
  std::shared_ptr<const std::string> first_page;

  // Only when searchable: its documents are the tools in order of routes.all(). Its vectors come
  // later, and rebuild nothing here.
  std::shared_ptr<search::Finder> finder;
  search::Engine* engine = nullptr;  // null: by words alone
};

// Makes a snapshot from a gateway's document and its targets' tables.
struct SnapshotSource {
  store::Key key;
  const Json& gateway;
  std::vector<std::shared_ptr<const ToolTable>> tables;
  std::string base_url;
  std::size_t page_tools_max = 1'000;
  const identity::IssuerAliases* issuer_aliases = nullptr;
  search::Engine* engine = nullptr;  // may be null
  std::string locked = {};
  // The gateway's snapshot until now, whose finder serves on while the tools are the same.
  std::shared_ptr<const Snapshot> previous;
};
[[nodiscard]] Result<std::shared_ptr<const Snapshot>> make_snapshot(SnapshotSource source);

// The raw result of tools/list after `cursor` (empty: from the start). Fails with Code::invalid for
// a cursor that is none of ours.
[[nodiscard]] Result<std::string> list_page(const Snapshot& snapshot, std::string_view cursor);

// One thread's current snapshots (Worker::local).
struct Snapshots {
  TextMap<std::shared_ptr<const Snapshot>> by_id;
};

}  // namespace toolgate::gateway
