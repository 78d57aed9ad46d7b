#include "gateway/told.h"

#include "base/text.h"
#include "mcp/protocol.h"
#include "vended/invocation_log.h"

namespace toolgate::gateway {
namespace {

using vended::Entry;

Entry entry_of(const Turn& turn, Entry::Step step) {
  const Snapshot& snapshot = turn.snapshot;
  return {.step = step,
          .at = turn.services.log->now(),
          .account = snapshot.place.account,
          .region = snapshot.place.region,
          .gateway_id = snapshot.id,
          .request_id = turn.request_id,
          .traceparent = turn.traceparent,
          .id = turn.message.id,
          .marked = snapshot.secret_members};
}

// What the target may show again in its answer.
std::string_view secret_of(const net::Credential* shown) {
  if (shown == nullptr) return {};
  if (const auto* header = std::get_if<net::HeaderCredential>(&shown->show)) {
    const std::string_view value = header->value;
    const auto space = value.find(' ');  // "Bearer …"
    return space == std::string_view::npos ? value : value.substr(space + 1);
  }
  if (const auto* query = std::get_if<net::QueryCredential>(&shown->show)) return query->value;
  return {};
}

// What tools are, of a gateway that has a KMS key: its log group is not under that key.
constexpr std::string_view not_logged = R"("[SEALED]")";
bool tells_tools(const Turn& turn) {
  return turn.message.method == "tools/list" ||
         (turn.message.name && *turn.message.name == mcp::search_tool);
}

}  // namespace

void tell_started(const Turn& turn) {
  if (turn.services.log == nullptr) return;
  Entry entry = entry_of(turn, Entry::Step::started);
  entry.body = turn.bytes;
  turn.services.log->add(turn.worker.index(), entry);
}

void tell_finished(const Turn& turn, const Reply& reply, const net::Credential* shown) {
  if (turn.services.log == nullptr) return;
  Entry entry = entry_of(turn, Entry::Step::finished);
  entry.body = turn.snapshot.sealed && tells_tools(turn) ? not_logged : reply.message;
  entry.outcome = reply.outcome;
  entry.secret = secret_of(shown);
  turn.services.log->add(turn.worker.index(), entry);
}

void tell_accepted(const Turn& turn) {
  if (turn.services.log == nullptr) return;
  Entry entry = entry_of(turn, Entry::Step::accepted);
  entry.method = turn.message.method;
  entry.body = turn.bytes;
  turn.services.log->add(turn.worker.index(), entry);
}

void tell_refused(const Refusal& refusal, std::string_view why) {
  auto* log = refusal.services.log;
  if (log == nullptr) return;
  log->add(refusal.worker.index(), {.step = Entry::Step::refused,
                                    .at = log->now(),
                                    .account = refusal.snapshot.place.account,
                                    .region = refusal.snapshot.place.region,
                                    .gateway_id = refusal.snapshot.id,
                                    .request_id = refusal.request_id,
                                    .traceparent = refusal.traceparent,
                                    .outcome = why});
}

}  // namespace toolgate::gateway
