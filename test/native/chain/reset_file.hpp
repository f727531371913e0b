#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "commands.hpp"

namespace miner::test {

/// A reset line that is a plain file.
class ResetFile {
 public:
  ResetFile() {
    const int fd = ::mkstemp(path_.data());
    REQUIRE(fd >= 0);
    ::close(fd);
  }
  ~ResetFile() { ::unlink(path_.c_str()); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string read() const {
    std::ifstream file(path_);
    std::string line;
    std::getline(file, line);
    return line;
  }

 private:
  std::string path_ = "/tmp/reset-line-XXXXXX";
};

inline chain::ChainOptions withReset(const std::string& path) {
  chain::ChainOptions options = optionsOf("BM1370");
  options.resetPath = path;
  return options;
}

}  // namespace miner::test
