// The data directory: private, locked by one server at a time, and the place where `toolgate env`
// and `toolgate run` find that server.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"

namespace toolgate::store {

// $XDG_STATE_HOME/toolgate, else ~/.local/state/toolgate. Fails with Code::invalid when neither
// variable nor home is known.
[[nodiscard]] Result<std::string> default_data_directory();
// $XDG_CONFIG_HOME/toolgate/master.key, else ~/.config/toolgate/master.key.
[[nodiscard]] Result<std::string> default_master_key_path();

// Held as long as the object lives; the kernel gives the lock up when the process dies.
class DataDirectory {
 public:
  // Makes the folder (0700, with a .gitignore of everything) when it does not exist, and locks it.
  // Fails with Code::conflict, naming the process that holds it, Code::invalid for a folder of
  // others (they can read it, and it holds what we have not put there), or Code::unavailable.
  static Result<DataDirectory> open(const std::string& path);
  ~DataDirectory();
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&& other) noexcept;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(std::string_view name) const;

  // What env and run need to know of this server: replaced as a whole, 0600, gone with the object.
  Result<void> write_server(const Json& server);

 private:
  DataDirectory(std::string path, int lock) : path_{std::move(path)}, lock_{lock} {}
  void let_go();

  std::string path_;
  int lock_ = -1;
};

// What the server that holds `path` has written. Fails with Code::not_found when none runs there (a
// file that a killed server has left behind does not count) or Code::unavailable.
[[nodiscard]] Result<Json> read_server(const std::string& path);

}  // namespace toolgate::store
