#include <charconv>
#include <cstdio>
#include <exception>

#include "bench.hpp"
#include "hash/sha256.hpp"

namespace miner::bench {

std::size_t numberOf(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  require(error == std::errc{} && end == text.data() + text.size(), "expected a number");
  return number;
}

std::vector<std::uint8_t> bytesOf(std::string_view hex) {
  std::vector<std::uint8_t> bytes(hex.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* const digits = hex.data() + 2 * i;
    const auto [end, error] = std::from_chars(digits, digits + 2, bytes[i], 16);
    require(error == std::errc{} && end == digits + 2, "expected hex");
  }
  return bytes;
}

std::string_view singleImplementation() {
  std::string_view name;
  for (const hash::Implementation& implementation : hash::implementations())
    if (implementation.compress != nullptr) name = implementation.name;
  return name;
}

namespace {

void run(Arguments arguments) {
  require(!arguments.empty(), "usage: bench nonce|work|hash ...");
  const Arguments rest = arguments.subspan(1);
  if (arguments[0] == "nonce") return benchNonces(rest);
  if (arguments[0] == "work") return benchWorks(rest);
  if (arguments[0] == "hash") return benchHashes(rest);
  throw std::runtime_error("unknown bench");
}

}  // namespace
}  // namespace miner::bench

int main(int count, char** values) {
  try {
    const std::vector<std::string_view> arguments(values + 1, values + count);
    miner::bench::run(arguments);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
