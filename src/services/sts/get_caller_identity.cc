// GetCallerIdentity.
#include "services/sts/service.h"

namespace toolgate::services::sts {

Task<Result<aws::Answer>> get_caller_identity(Sts&, aws::Call& call, net::Worker&) {
  co_return aws::Answer{
      JsonObject{
          {"UserId", call.caller.id}, {"Account", call.caller.account}, {"Arn", call.caller.arn}},
      {}};
}

}  // namespace toolgate::services::sts
