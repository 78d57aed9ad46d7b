// A service is a table of operations. What is in the contract and not in the table answers
// UnknownOperationException by name.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/call.h"
#include "base/result.h"
#include "base/task.h"

namespace toolgate::aws {

// One operation's behaviour: services/<service>/<operation>.cc.
struct Operation {
  std::string_view name;  // as in the contract
  std::function<Task<Result<Answer>>(Call&, net::Worker&)> run;
};

struct Service {
  std::string_view name;  // as in the contract
  std::vector<Operation> operations;
};

// How a service's room writes its rows, with its own context object `service` (outlives the table):
//   Service{"iam", {row(iam, "CreateUser", create_user), …}}
template <class Context>
Operation row(Context& context, std::string_view name,
              Task<Result<Answer>> (*run)(Context&, Call&, net::Worker&)) {
  return {name, [&context, run](Call& call, net::Worker& worker) {
            return run(context, call, worker);
          }};
}

}  // namespace toolgate::aws
