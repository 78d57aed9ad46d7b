// AWS Identity and Access Management: users and their access keys, roles, policies. It keeps them;
// identity/ decides what they mean. One file per family of operations, joined in table.cc.
#pragma once

#include <vector>

#include "aws/service.h"
#include "services/iam/access_key_directory.h"
#include "store/secrets.h"
#include "store/store.h"

namespace toolgate::services::iam {

// What the operations work with. Everything outlives it.
struct Iam {
  store::Store& store;
  const store::Secrets& secrets;
  AccessKeyDirectory& directory;
};

// `iam` outlives the table.
[[nodiscard]] aws::Service table(Iam& iam);

// The rows of one family each; table joins them.
void add_user_operations(Iam& iam, std::vector<aws::Operation>& rows);
void add_access_key_operations(Iam& iam, std::vector<aws::Operation>& rows);
void add_role_operations(Iam& iam, std::vector<aws::Operation>& rows);
void add_inline_policy_operations(Iam& iam, std::vector<aws::Operation>& rows);
void add_managed_policy_operations(Iam& iam, std::vector<aws::Operation>& rows);
void add_policy_version_operations(Iam& iam, std::vector<aws::Operation>& rows);
void add_attachment_operations(Iam& iam, std::vector<aws::Operation>& rows);
void add_tag_operations(Iam& iam, std::vector<aws::Operation>& rows);

}  // namespace toolgate::services::iam
