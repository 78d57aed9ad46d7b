// ConverseStream: the same answer as events, while it is made.
#include "aws/event_stream.h"
#include "net/sse.h"
#include "services/bedrock_runtime/bounds.h"
#include "services/bedrock_runtime/chat_answer.h"
#include "services/bedrock_runtime/chat_client.h"
#include "services/bedrock_runtime/chat_request.h"
#include "services/bedrock_runtime/chat_stream.h"
#include "services/bedrock_runtime/service.h"
#include "services/bedrock_runtime/stand_in.h"

namespace toolgate::services::bedrock_runtime {
namespace {

using Started = std::chrono::steady_clock::time_point;

std::chrono::milliseconds since(Started started) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               started);
}

aws::EventStream make_frames() {
  const auto* contract = aws::contract_of("bedrock-runtime");
  return {*contract, *contract->find("ConverseStream")};
}

std::string frames_of(const aws::EventStream& frames, const std::vector<Event>& events) {
  std::string bytes;
  for (const auto& event : events) bytes += frames.event(event.name, event.value);
  return bytes;
}

// A whole answer, all its frames at once.
std::string whole(const Reply& reply, Started started) {
  auto events = events_of(reply);
  events.push_back(metadata(reply.usage, since(started)));
  return frames_of(make_frames(), events);
}

// An answer on its way from the endpoint to the caller.
struct Live {
  net::ClientStream upstream;
  Started started;
  ChatStream chat;
  net::SseParser parser{bounds::event_bytes_max};
  std::size_t read_bytes = 0;
};

// Reads one piece and appends what it means; true at the end.
Task<Result<bool>> read_piece(Live& live, std::vector<Event>& events) {
  const auto piece = co_await live.upstream.body->read(within(bounds::silence_timeout));
  if (!piece) co_return std::unexpected(connection_error(piece.error()));
  if (piece->empty()) co_return true;
  live.read_bytes += piece->size();
  if (live.read_bytes > bounds::stream_bytes_max) {
    co_return model_error("The model endpoint's answer is too long.");
  }
  Result<void> taken;
  const auto fed = live.parser.feed(*piece, [&](const net::SseEvent& event) {
    taken = live.chat.take(event.data, events);
    return taken && !live.chat.done();
  });
  CO_TRY_DO(fed);
  CO_TRY_DO(taken);
  co_return live.chat.done();
}

// The end of the endpoint's answer mostly stands right behind its last event; with it read, the
// connection can be used again.
Task<void> read_to_end(Live& live) {
  const auto patience = within(std::chrono::milliseconds{5});
  for (int pieces = 0; pieces < 4; ++pieces) {
    const auto rest = co_await live.upstream.body->read(patience);
    if (!rest || rest->empty()) break;
  }
}

// Under a name that the stream's own events have.
Error in_stream(Error error) {
  if (error.name != "ThrottlingException" && error.name != "ServiceUnavailableException") {
    error.code = Code::upstream;
    error.name = "ModelStreamErrorException";
  }
  return error;
}

// Until the end, or a failure, of the endpoint's answer. A failure becomes the stream's last frame:
// the status has long been sent.
Task<Result<void>> relay(std::shared_ptr<Live> live, net::BodyWriter& writer) {
  const auto frames = make_frames();
  for (;;) {
    std::vector<Event> events;
    auto end = co_await read_piece(*live, events);
    if (end && *end) {
      if (auto finished = live->chat.finish(events); !finished) {
        end = std::unexpected(std::move(finished).error());
      } else {
        events.push_back(metadata(live->chat.usage(), since(live->started)));
      }
    }
    std::string bytes = frames_of(frames, events);
    if (!end) bytes += frames.exception(in_stream(end.error()));
    if (!bytes.empty()) CO_TRY_DO(co_await writer.write(bytes));
    if (!end) co_return Result<void>{};
    if (*end) break;
  }
  co_await read_to_end(*live);
  co_return Result<void>{};
}

Task<Result<aws::Answer>> ask_endpoint(const ModelSource& source, const aws::Call& call,
                                       net::Worker& worker, Started started) {
  const auto model = source.name_of(aws::text(call, "modelId"));
  CO_TRY(Json question, chat_request(call.input, model, Delivery::streamed));
  CO_TRY(auto upstream, co_await open_chat(source, std::move(question), worker, call.hops));
  aws::Answer answer;
  if (!is_event_stream(upstream)) {  // an endpoint that cannot stream
    CO_TRY(const std::string body, co_await read_body(*upstream.body, bounds::answer_bytes_max,
                                                      within(bounds::answer_timeout)));
    CO_TRY(const Reply reply, read_chat_answer(body));
    answer.body = whole(reply, started);
    co_return answer;
  }
  auto live = std::make_shared<Live>();
  live->upstream = std::move(upstream);
  live->started = started;
  answer.body = net::Response::Stream{
      [live = std::move(live)](net::BodyWriter& writer) { return relay(live, writer); }};
  co_return answer;
}

}  // namespace

Task<Result<aws::Answer>> converse_stream(BedrockRuntime& runtime, aws::Call& call,
                                          net::Worker& worker) {
  using Kind = ModelSource::Kind;
  const auto started = std::chrono::steady_clock::now();
  switch (runtime.source.kind()) {
    case Kind::none:
      co_return no_model();
    case Kind::endpoint:
      co_return co_await ask_endpoint(runtime.source, call, worker, started);
    case Kind::stand_in:
      break;
  }
  CO_TRY(const Reply reply,
         co_await runtime.offload.run([&call] { return stand_in_reply(call.input); }));
  co_return aws::Answer{.output = JsonObject{}, .body = whole(reply, started)};
}

}  // namespace toolgate::services::bedrock_runtime
