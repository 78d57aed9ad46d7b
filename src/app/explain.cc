// `toolgate explain`: what happens when a target is brought up, step by step, as the running server
// sees it. It asks the server for a dry run of the target's own configuration.
#include <algorithm>
#include <cstdio>
#include <string>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/keeper.h"
#include "app/lookup.h"
#include "app/running.h"
#include "base/log.h"
#include "base/run_task.h"
#include "crypto/sigv4.h"
#include "json/members.h"
#include "net/client.h"
#include "targets/http_exchange.h"

namespace toolgate::app {
namespace {

// Longer than a dry run takes at most.
constexpr auto answer_within = std::chrono::seconds{70};
constexpr std::size_t name_columns = 19;

struct Question {
  std::string url;
  std::string body;
};

// UpdateGatewayTarget with what the target has.
Result<Question> question_for(const Running& server, const store::Key& gateway,
                              const Json& target) {
  JsonObject input;
  for (const std::string_view name :
       {"name", "description", "targetConfiguration", "credentialProviderConfigurations",
        "metadataConfiguration"}) {
    const Json* member = json::find(target, name);
    const bool empty = member != nullptr && member->is_array() && member->get_array().empty();
    if (member != nullptr && !empty) input[name] = *member;
  }
  const auto id = json::find_string(target, "targetId").value_or("");
  return Question{
      .url = fmt::format("{}/gateways/{}/targets/{}/",
                         server.admin.empty() ? server.listen : server.admin, gateway.id, id),
      .body = json::print(input)};
}

Task<Result<net::ClientResponse>> ask(Question question, net::Credential credential,
                                      net::Worker& worker) {
  CO_TRY(net::Url url, net::Url::parse(question.url));
  co_return co_await targets::exchange(
      {.method = "PUT",
       .url = std::move(url),
       .headers = {{"content-type", "application/json"}, {"dryrun", "true"}},
       .body = std::move(question.body)},
      credential, worker, {.deadline = within(answer_within)});
}

// On the calling thread, whose client lives as long as the task.
Result<net::ClientResponse> send(Question question, const Running& server, const Pass& pass,
                                 const store::Key& gateway) {
  const net::Credential credential{
      .show = crypto::SigningKey{.access_key_id = pass.session.access_key_id,
                                 .secret_access_key = pass.session.secret_access_key,
                                 .session_token = pass.session.session_token,
                                 .region = gateway.region,
                                 .service = "bedrock-agentcore"},
      .key = {}};
  boost::asio::io_context io{1};
  Offload offload{1};
  net::Worker worker{0, io};
  net::Client client{worker, {.offload = &offload, .ca_file = server.config.ca_file}};
  worker.set_client(client);
  return run_task(io, ask(std::move(question), credential, worker));
}

void print_step(const Json& step) {
  const auto text = [&](std::string_view name) { return json::member(step, name); };
  const auto took = static_cast<double>(json::find_int(step, "microseconds").value_or(0)) / 1000.0;
  fmt::print("{:<11}  {:>9.1f} ms  {:<{}}  {}\n", text("outcome"), took, text("step"), name_columns,
             text("subject"));
  const std::string message = text("message");
  if (message.empty()) return;
  // Under the subject, line by line.
  std::size_t from = 0;
  while (from <= message.size()) {
    const auto end = std::min(message.find('\n', from), message.size());
    fmt::print("{:{}}{}\n", "", 11 + 2 + 12 + 2 + name_columns + 2,
               std::string_view{message}.substr(from, end - from));
    from = end + 1;
  }
}

void print_table(const Json& answer) {
  const JsonArray* steps = json::find_array(answer, "explanation", "steps");
  if (steps != nullptr) {
    for (const auto& step : *steps) print_step(step);
  }
  const auto dropped = json::find_int(answer, "explanation", "stepsNotShown").value_or(0);
  if (dropped > 0) fmt::print("and {} steps more\n", dropped);
  fmt::print("{}\n", json::find_string(answer, "explanation", "status").value_or(""));
}

// Whether the target would come up.
Result<bool> explain_target(const CommandLine& command_line) {
  TRY(const Running server, running_server(command_line.config));
  TRY(const Pass pass, make_pass(server));
  Offload offload{1};
  TRY(const auto keeper, Keeper::open(server.config, offload, store::IfAbsent::fail, nullptr));
  auto& store = keeper->store();
  TRY(const auto gateway, run_task(find_gateway(store, command_line.arguments.at(0))));
  TRY(const Json target, run_task(find_target(store, gateway, command_line.arguments.at(1))));
  TRY(auto question, question_for(server, gateway, target));
  TRY(const auto response, send(std::move(question), server, pass, gateway));
  const auto answer = json::parse(response.body);
  if (response.status != 200 || !answer) {
    const auto said = answer ? json::find_string(*answer, "message") : std::nullopt;
    return fail(Code::upstream, fmt::format("the server answered {}: {}", response.status,
                                            said.value_or(response.body.substr(0, 500))));
  }
  if (command_line.config.json) {
    fmt::print("{}\n", json::print(*json::find(*answer, "explanation")));
  } else {
    print_table(*answer);
  }
  return json::find_string(*answer, "explanation", "status") != "FAILED";
}

}  // namespace

int explain(const CommandLine& command_line) {
  log::set_level("error");
  const auto done = explain_target(command_line);
  if (done) return *done ? 0 : 3;
  std::fprintf(stderr, "toolgate: explain: %s\n", done.error().message.c_str());
  return 1;
}

}  // namespace toolgate::app
