// Converse: one answer, whole.
#include "base/text.h"
#include "services/bedrock_runtime/bounds.h"
#include "services/bedrock_runtime/chat_answer.h"
#include "services/bedrock_runtime/chat_client.h"
#include "services/bedrock_runtime/chat_request.h"
#include "services/bedrock_runtime/service.h"
#include "services/bedrock_runtime/stand_in.h"

namespace toolgate::services::bedrock_runtime {
namespace {

// Sets the member that the steps of a JSON pointer lead to; objects on the way are made.
void set_at(JsonObject& fields, std::vector<std::string_view> steps, const Json& value) {
  JsonObject* object = &fields;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    Json& next = (*object)[steps[i]];
    if (!next.is_object()) next.emplace_object();
    object = &next.get_object();
  }
  (*object)[steps.back()] = value;
}

// What additionalModelResponseFieldPaths (JSON pointers) asks of the endpoint's own answer. What is
// not there is left out.
JsonObject further_fields(const Json& input, const Json& answer) {
  JsonObject fields;
  const auto* paths = json::find_array(input, "additionalModelResponseFieldPaths");
  for (std::size_t i = 0; paths != nullptr && i < paths->size(); ++i) {
    const std::string_view path{(*paths)[i].get_string()};
    boost::json::error_code error;
    const Json* found = path.size() < 2 ? nullptr : answer.find_pointer(path, error);
    if (found != nullptr) set_at(fields, split(path.substr(1), '/'), *found);
  }
  return fields;
}

Task<Result<Reply>> ask_endpoint(const ModelSource& source, const aws::Call& call,
                                 net::Worker& worker) {
  const auto model = source.name_of(aws::text(call, "modelId"));
  CO_TRY(Json question, chat_request(call.input, model, Delivery::whole));
  CO_TRY(auto answer, co_await open_chat(source, std::move(question), worker, call.hops));
  CO_TRY(const std::string body, co_await read_body(*answer.body, bounds::answer_bytes_max,
                                                    within(bounds::answer_timeout)));
  const auto read = json::parse(body);
  if (!read) co_return model_error("The model endpoint's answer is no JSON.");
  CO_TRY(Reply reply, read_chat_answer(*read));
  reply.more = further_fields(call.input, *read);
  co_return reply;
}

}  // namespace

Task<Result<aws::Answer>> converse(BedrockRuntime& runtime, aws::Call& call, net::Worker& worker) {
  using Kind = ModelSource::Kind;
  const auto started = std::chrono::steady_clock::now();
  Result<Reply> reply = Reply{};
  switch (runtime.source.kind()) {
    case Kind::none:
      co_return no_model();
    case Kind::stand_in:
      reply = co_await runtime.offload.run([&call] { return stand_in_reply(call.input); });
      break;
    case Kind::endpoint:
      reply = co_await ask_endpoint(runtime.source, call, worker);
      break;
  }
  if (!reply) co_return std::unexpected(std::move(reply).error());
  const auto latency = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started);
  co_return aws::Answer{.output = converse_output(*std::move(reply), latency), .body = {}};
}

}  // namespace toolgate::services::bedrock_runtime
