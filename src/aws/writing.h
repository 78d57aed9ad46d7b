// Operations that read, change and commit (store/optimistic.h): when somebody else's commit came in
// between, the whole operation runs again and sees what is there now.
#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "aws/service.h"
#include "base/result.h"
#include "base/task.h"

namespace toolgate::aws {

// What the caller gets when others were faster each time: the service's word for it.
using Busy = std::unexpected<Error> (*)();

// What `attempt` refers to outlives the task.
Task<Result<Answer>> run_until_written(std::function<Task<Result<Answer>>()> attempt, Busy busy);

// As row(). Nothing but the commit may have an effect, for the operation may run several times.
template <class Context>
Operation writing_row(Context& context, std::string_view name,
                      Task<Result<Answer>> (*run)(Context&, Call&, net::Worker&), Busy busy) {
  return {name, [&context, run, busy](Call& call, net::Worker& worker) {
            return run_until_written(
                [&context, run, &call, &worker] { return run(context, call, worker); }, busy);
          }};
}

}  // namespace toolgate::aws
