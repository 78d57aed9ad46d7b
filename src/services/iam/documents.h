// IAM's documents in the store: where they stand, how they are read, changed and written back.
//
// Users, roles and policies are one document each, inline policies and attachments included, so
// that "still has policies" and its change are one precondition. Names differ by more than case
// (IAM User Guide, "IAM identifiers"), so the id is the name in lower case.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/call.h"
#include "aws/refuse.h"
#include "aws/writing.h"
#include "base/result.h"
#include "base/task.h"
#include "json/json.h"
#include "json/members.h"
#include "store/optimistic.h"
#include "store/store.h"

namespace toolgate::services::iam {

struct Iam;

// IAM has no regions; its documents stand in this one.
inline constexpr std::string_view iam_region = "global";

namespace kind {
inline constexpr std::string_view user = "iam_user";
inline constexpr std::string_view role = "iam_role";
inline constexpr std::string_view policy = "iam_policy";
inline constexpr std::string_view access_key = "access_key";  // id: the access key id
inline constexpr std::string_view root = "iam_root";          // id: "key"; names the root's key
}  // namespace kind

// Users and roles have policies and tags alike.
struct Noun {
  std::string_view kind;
  std::string_view member;            // of inputs and outputs: "RoleName"
  std::string_view word;              // in messages: "role"
  std::string_view title;             // in messages and in quota names: "Role"
  std::size_t inline_characters_max;  // IAM User Guide, "IAM and AWS STS quotas"
};
inline constexpr Noun role_noun{kind::role, "RoleName", "role", "Role", 10'240};
inline constexpr Noun user_noun{kind::user, "UserName", "user", "User", 2'048};

// Read and written back as store/optimistic.h has it.
using store::Loaded;

[[nodiscard]] store::Key key_of(std::string_view account, std::string_view kind,
                                std::string_view name);
// The entity that the input names. Fails with NoSuchEntity, in IAM's words.
Task<Result<Loaded>> load_named(store::Store& store, const aws::Call& call, const Noun& noun);

// IAM's errors, by the codes that are on the wire.
using aws::refuse;
// Others changed what an operation is to change, each time that it was about to (aws/writing.h).
[[nodiscard]] std::unexpected<Error> busy();
[[nodiscard]] std::unexpected<Error> no_such_entity(std::string message);
[[nodiscard]] std::unexpected<Error> delete_conflict(std::string message);
[[nodiscard]] std::unexpected<Error> limit_exceeded(std::string message);
[[nodiscard]] std::unexpected<Error> already_exists(std::string message);
[[nodiscard]] std::unexpected<Error> validation_error(std::string message);

// "AROA" and 17 characters: the unique id of something new.
[[nodiscard]] std::string new_id(std::string_view prefix);
// "arn:aws:iam::ACCOUNT:role/path/NAME"
[[nodiscard]] std::string arn_of(std::string_view account, std::string_view type,
                                 std::string_view path, std::string_view name);
// IAM's times are whole seconds.
[[nodiscard]] double timestamp(Time time);

// For bodies that this room wrote itself.
using json::array_in;
using json::member;
using json::number;
using json::object_in;
using json::text_of;
[[nodiscard]] bool contains(const JsonArray& texts, std::string_view text);
void erase(JsonArray& texts, std::string_view text);
// Copies those members of `from` that are there.
void copy_members(const JsonObject& from, std::initializer_list<std::string_view> names,
                  JsonObject& to);
// PermissionsBoundary as users and roles show it, if they have one of an earlier version.
void add_boundary(const JsonObject& body, JsonObject& shape);
// A boundary would narrow what policies allow, and nobody here decides by how much: better refused
// than kept without effect. Fails with InvalidInput.
[[nodiscard]] Result<void> check_no_boundary(const aws::Call& call);
// Tag keys differ by more than case (IAM User Guide, "Tags for IAM resources"). Fails with
// InvalidInput. For inputs with or without Tags.
[[nodiscard]] Result<void> check_tags(const aws::Call& call);

}  // namespace toolgate::services::iam
