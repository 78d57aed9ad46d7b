// What the log of invocations is told of a request: nothing where it is off.
#pragma once

#include <string_view>

#include "gateway/turn.h"

namespace toolgate::gateway {

void tell_started(const Turn& turn);
void tell_finished(const Turn& turn, const Reply& reply, const net::Credential* shown);
// A message that needs no answer.
void tell_accepted(const Turn& turn);
// Before there is a message, or a caller: why. No body is told.
struct Refusal {
  const Services& services;
  const Snapshot& snapshot;
  net::Worker& worker;
  std::string_view request_id;
  std::string_view traceparent;
};
void tell_refused(const Refusal& refusal, std::string_view why);

}  // namespace toolgate::gateway
