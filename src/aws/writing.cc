#include "aws/writing.h"

#include "store/optimistic.h"

namespace toolgate::aws {

Task<Result<Answer>> run_until_written(std::function<Task<Result<Answer>>()> attempt, Busy busy) {
  Result<Answer> answer = co_await store::until_written<Answer>(std::move(attempt));
  if (answer || !store::lost_race(answer.error())) co_return answer;
  co_return busy();
}

}  // namespace toolgate::aws
