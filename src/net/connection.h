// One connection of the server: reads requests one after the other and writes their answers.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "net/channel.h"
#include "net/in_buffer.h"
#include "net/parser.h"
#include "net/request_body.h"
#include "net/server.h"
#include "net/ticker.h"
#include "net/tunnels.h"
#include "net/wire.h"

namespace toolgate::net {

class Connection;

// The client of a connection, for those who work for it.
class ConnectedCaller final : public Caller {
 public:
  void open(int socket) { socket_ = socket; }
  // A client that has closed its side, even if only for sending, counts as gone.
  [[nodiscard]] bool gone() const override;
  void forget() { socket_ = -1; }  // the connection is at its end

 private:
  int socket_ = -1;
};

// What the connections of one thread share.
struct Home {
  Home(Worker& worker_of, const Server::Options& options_of, std::atomic<std::size_t>& open_total)
      : worker{worker_of},
        ticker{Ticker::of(worker_of.io())},
        options{options_of},
        total{open_total} {}

  Worker& worker;
  Ticker& ticker;
  const Server::Options& options;
  std::atomic<std::size_t>& total;    // open connections of all threads
  std::atomic<std::size_t> open = 0;  // of this one
  std::unordered_set<Connection*> connections;
  bool draining = false;  // answers say that the connection closes
};

class Connection final : private Ticker::Watch {
 public:
  Connection(Home& home, Handler& handler);
  ~Connection();

  // Takes over a connected, non-blocking socket; false: it cannot.
  bool open(int descriptor);
  // Serves until either side is done. `tls` null: plain.
  static Task<void> run(std::unique_ptr<Connection> self, std::shared_ptr<SSL_CTX> tls);

  // Ends an idle connection; a busy one ends after its answer.
  void drain();
  // Ends it now; a handler that is at work finds out when it writes.
  void close();

 private:
  class StreamWriter;

  Task<void> serve();
  Parsed begin_head();
  Parsed head_came(std::size_t bytes);
  std::span<char> head_room();
  void take_head();
  bool take_body_now(BodyPlan plan);
  Task<bool> take_body(BodyPlan plan);
  bool read_in_place();
  Task<bool> read_long_body();
  Task<bool> read_chunked_body();
  Task<bool> read_into(char* to, std::size_t size);

  // Settles head and framing of an answer in out_.
  void print_head(const Response& response);
  bool respond_now(const Response& response);
  Task<bool> respond_slowly(const Response& response);
  Task<bool> stream(const Response::Stream& body, std::optional<std::size_t> length);
  Task<bool> connect();
  Task<bool> go_on_under_tls(std::shared_ptr<SSL_CTX> context);
  Task<void> lead_out(Tunnels& tunnels, const Tunnels::Way& way);
  Task<void> refuse(int status, std::string_view message);
  Task<void> refuse(Response response);
  Task<void> linger();
  void rewind();
  [[nodiscard]] Keep keep() const;
  void on_deadline() override { close(); }

  Home& home_;
  Handler& handler_;
  Channel channel_;
  const std::shared_ptr<ConnectedCaller> caller_;
  InBuffer in_;
  RequestParser parser_;
  Request request_;
  RequestBody body_reader_;
  std::string body_;          // one that does not stand whole in in_
  std::string out_;           // the answer's head
  std::string host_;          // where request_.host is no view of what came in
  Pieces pieces_;             // of the answer that is being written
  std::size_t consumed_ = 0;  // bytes of in_ that belong to this request
  bool idle_ = true;          // nothing of a request has come
  bool keep_alive_ = true;
  bool unread_ = false;     // the peer is sending what will not be read
  bool tunnelled_ = false;  // bytes are passed on; there are no requests any more
};

}  // namespace toolgate::net
