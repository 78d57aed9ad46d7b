#include "store/sqlite/reads.h"

#include "store/rules.h"

namespace toolgate::store::sqlite {

Result<std::optional<Document>> read_document(Connection& connection, const Key& key) {
  Query query{connection,
              "SELECT version, body FROM documents "
              "WHERE account=? AND region=? AND kind=? AND id=?",
              key.account,
              key.region,
              key.kind,
              key.id};
  TRY(const bool row, query.step());
  if (!row) return std::nullopt;
  return Document{
      .key = key, .version = static_cast<Version>(query.integer(0)), .body = query.text(1)};
}

Result<std::optional<Version>> read_version(Connection& connection, const Key& key) {
  Query query{
      connection,  "SELECT version FROM documents WHERE account=? AND region=? AND kind=? AND id=?",
      key.account, key.region,
      key.kind,    key.id};
  TRY(const bool row, query.step());
  if (!row) return std::nullopt;
  return static_cast<Version>(query.integer(0));
}

// Ids with one prefix stand together, so the first id from the prefix on tells.
Result<bool> has_children(Connection& connection, const Key& prefix) {
  Query query{connection,
              "SELECT id FROM documents WHERE account=? AND region=? AND kind=? AND id>=? "
              "ORDER BY id LIMIT 1",
              prefix.account,
              prefix.region,
              prefix.kind,
              prefix.id};
  TRY(const bool row, query.step());
  return row && query.text(0).starts_with(prefix.id);
}

Result<Page> read_page(Connection& connection, const Listing& listing, const PageTokens& tokens) {
  constexpr std::string_view from_start =
      "SELECT id, version, body FROM documents "
      "WHERE account=? AND region=? AND kind=? AND id>=? ORDER BY id";
  constexpr std::string_view after_last =
      "SELECT id, version, body FROM documents "
      "WHERE account=? AND region=? AND kind=? AND id>? ORDER BY id";
  const Key& prefix = listing.prefix;
  const bool first = listing.last_id.empty();
  Query query{connection,  first ? from_start : after_last,    prefix.account, prefix.region,
              prefix.kind, first ? prefix.id : listing.last_id};
  Page page;
  std::size_t bytes = 0;
  while (true) {
    TRY(const bool row, query.step());
    if (!row) break;
    auto id = query.text(0);
    if (!id.starts_with(prefix.id)) break;
    if (page.documents.size() == listing.limit || bytes > page_bytes_max) {
      page.next = tokens.make(prefix, page.documents.back().key.id);
      break;
    }
    Document document{
        .key = prefix, .version = static_cast<Version>(query.integer(1)), .body = query.text(2)};
    document.key.id = std::move(id);
    bytes += document.body.size();
    page.documents.push_back(std::move(document));
  }
  return page;
}

// The index of the keys alone answers: no body is read.
Result<std::vector<Key>> read_keys(Connection& connection, const std::string& kind) {
  Query query{connection,
              "SELECT account, region, id FROM documents WHERE kind=? "
              "ORDER BY account, region, id",
              kind};
  std::vector<Key> keys;
  while (true) {
    TRY(const bool row, query.step());
    if (!row) return keys;
    keys.push_back(
        {.account = query.text(0), .region = query.text(1), .kind = kind, .id = query.text(2)});
  }
}

Result<std::optional<Key>> read_owner(Connection& connection, const Key& scope,
                                      std::string_view parent, std::string_view name) {
  Query query{connection,
              "SELECT id FROM names "
              "WHERE account=? AND region=? AND kind=? AND parent=? AND name=?",
              scope.account,
              scope.region,
              scope.kind,
              parent,
              name};
  TRY(const bool row, query.step());
  if (!row) return std::nullopt;
  Key owner = scope;
  owner.id = query.text(0);
  return owner;
}

Result<std::optional<Idempotency>> read_idempotent(Connection& connection, const std::string& scope,
                                                   const std::string& token, Time now) {
  Query query{connection, "SELECT digest, answer FROM answers WHERE scope=? AND token=? AND made>?",
              scope, token, milliseconds_of(now - idempotency_kept_for)};
  TRY(const bool row, query.step());
  if (!row) return std::nullopt;
  return Idempotency{
      .scope = scope, .token = token, .digest = query.text(0), .answer = query.text(1)};
}

Result<Version> read_last_version(Connection& connection) {
  Query query{connection, "SELECT version FROM meta"};
  TRY(const bool row, query.step());
  if (!row) return fail(Code::internal, "the store is damaged: it has no version");
  return static_cast<Version>(query.integer(0));
}

}  // namespace toolgate::store::sqlite
