#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace miner::test {

/// A folder of its own with what the actions of a test write to.
class GuardFiles {
 public:
  GuardFiles() {
    char name[] = "/tmp/headframe-guard-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  GuardFiles(const GuardFiles&) = delete;
  GuardFiles& operator=(const GuardFiles&) = delete;
  ~GuardFiles() { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

  /// A file that stands for a line, as on.
  std::string line(const std::string& name) const {
    std::ofstream(path(name)) << "0";
    return path(name);
  }

  [[nodiscard]] std::string text(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string folder_;
};

}  // namespace miner::test
