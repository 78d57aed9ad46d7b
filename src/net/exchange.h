// One request and its answer on a connection, as two machines that do no I/O of their own: they say
// where to read into and are told what came. client.cc turns them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "net/chunked.h"
#include "net/client.h"
#include "net/upstream.h"

namespace toolgate::net {

// Prints the request's head into `out`. Fails with Code::invalid when a part of it could break it.
[[nodiscard]] Result<void> print_request(std::string& out, const ClientRequest& request);

// Whether a request tells its body's length: always but for methods that have none as a rule.
[[nodiscard]] bool sends_length(const ClientRequest& request);

// From the request to the head of the final answer.
class Exchange {
 public:
  enum class State : std::uint8_t { reading, answered, failed };

  // `upstream.out` holds the request's head.
  Exchange(Upstream& upstream, const ClientRequest& request);
  // Even after a failure to write, an answer may come: the refusal of a large body.
  void written(const ErrorCode& error);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] std::span<char> room();  // while reading
  void came(const ErrorCode& error, std::size_t bytes);

  // Once failed.
  [[nodiscard]] Error& error() { return error_; }
  // Nothing came back, so that on a connection used before the peer may have given it up earlier.
  [[nodiscard]] bool unanswered() const { return unanswered_; }
  [[nodiscard]] bool not_written() const { return not_written_; }

 private:
  void parse();
  void fail_with(Error error);

  Upstream& upstream_;
  const Url& url_;
  State state_ = State::reading;
  Error error_;
  int interim_ = 0;
  bool unanswered_ = false;
  bool not_written_ = false;
};

// How the answer's body ends, with what the request's method and the status say about it.
[[nodiscard]] BodyKind body_kind(const Upstream& upstream, std::string_view method);

// The rest of an answer, into the connection's one buffer.
class WholeAnswer {
 public:
  WholeAnswer(Upstream& upstream, const ClientRequest& request);

  // Looks at what has come: true when the answer is whole.
  Result<bool> step();
  [[nodiscard]] std::span<char> room();
  Result<void> came(const ErrorCode& error, std::size_t bytes);

  // Once whole.
  [[nodiscard]] ClientResponse take();
  [[nodiscard]] bool reusable() const;

 private:
  [[nodiscard]] Result<void> check_size(std::uint64_t size) const;
  Result<bool> take_length();
  Result<bool> take_chunks();
  [[nodiscard]] std::unexpected<Error> cut_off() const;

  Upstream& upstream_;
  const ClientRequest& request_;
  const BodyKind kind_;
  const std::size_t begin_;      // of the body in the buffer
  const char* const parsed_in_;  // where the buffer was when the head was parsed
  std::size_t size_ = 0;         // of the body so far, decoded
  ChunkDecoder chunks_;
  bool excess_ = false;  // more came than the answer
  bool closed_ = false;
};

// The answer, if all of its body came with its head; `upstream` is given back then.
[[nodiscard]] std::optional<ClientStream> take_whole(std::unique_ptr<Upstream>& upstream,
                                                     UpstreamPool& pool,
                                                     const ClientRequest& request);
// The same by pieces. The reader gives the connection back at the end, or closes it.
[[nodiscard]] ClientStream read_by_pieces(std::unique_ptr<Upstream> upstream,
                                          std::shared_ptr<UpstreamPool> pool,
                                          const ClientRequest& request);

}  // namespace toolgate::net
