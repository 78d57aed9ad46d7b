#include "services/bedrock_runtime/chat_client.h"

#include <fmt/format.h>

#include "base/text.h"
#include "services/bedrock_runtime/bounds.h"
#include "services/bedrock_runtime/chat_answer.h"

namespace toolgate::services::bedrock_runtime {

Task<Result<std::string>> read_body(net::BodyReader& body, std::size_t bytes_max,
                                    Deadline deadline) {
  std::string text;
  for (;;) {
    const auto piece = co_await body.read(deadline);
    if (!piece) co_return std::unexpected(connection_error(piece.error()));
    if (piece->empty()) co_return text;
    if (text.size() + piece->size() > bytes_max) {
      co_return model_error(
          fmt::format("The model endpoint's answer is longer than {} bytes.", bytes_max));
    }
    text += *piece;
  }
}

Task<Result<net::ClientStream>> open_chat(const ModelSource& source, Json question,
                                          net::Worker& worker, int hops) {
  const auto deadline = within(bounds::answer_timeout);
  for (;;) {
    const std::string body = json::print(question);
    const net::ClientRequest request{.method = "POST",
                                     .url = &source.url(),
                                     .headers = &source.headers(),
                                     .body = body,
                                     .deadline = deadline,
                                     .body_bytes_max = bounds::stream_bytes_max,
                                     .hops = hops};
    auto answer = co_await worker.client().open(request);
    if (!answer) co_return std::unexpected(connection_error(answer.error()));
    if (answer->status == 200) co_return std::move(*answer);
    const auto said = co_await read_body(*answer->body, bounds::error_bytes_max,
                                         within(std::chrono::seconds{10}));
    auto error = chat_error(answer->status, said ? *said : std::string{});
    if (error.name != "ValidationException" || !adapt_question(question, error.message)) {
      co_return std::unexpected(std::move(error));
    }
  }
}

bool is_event_stream(const net::ClientStream& answer) {
  const auto type = answer.headers.find("content-type").value_or("");
  return equal_ignoring_case(trim(type.substr(0, type.find(';'))), "text/event-stream");
}

std::unexpected<Error> no_model() {
  auto error = fail(Code::not_found,
                    "No language model is configured (--model-endpoint none). Start toolgate with "
                    "--model-endpoint URL of an OpenAI-compatible chat-completions endpoint, or "
                    "without the flag for a stand-in that only matches words.");
  error.error().name = "ResourceNotFoundException";
  return error;
}

}  // namespace toolgate::services::bedrock_runtime
