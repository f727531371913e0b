#include <algorithm>
#include <cstdio>

#include "bench.hpp"
#include "hash/sha256.hpp"

namespace miner::bench {

namespace {

void printNames() {
  std::printf("{\"implementations\":[");
  const char* separator = "";
  for (const hash::Implementation& implementation : hash::implementations()) {
    std::printf("%s{\"name\":\"%s\",\"lanes\":%zu}", separator, implementation.name,
                implementation.lanes);
    separator = ",";
  }
  std::printf("],\"batch\":\"%s\",\"single\":\"%s\"}\n", hash::implementationName(),
              singleImplementation().data());
}

}  // namespace

void benchHashes(Arguments arguments) {
  if (arguments.empty()) return printNames();
  require(arguments.size() == 2, "usage: hash [IMPLEMENTATION MILLISECONDS]");
  const auto known = hash::implementations();
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const auto& it) { return it.name == arguments[0]; });
  require(found != known.end(), "this CPU has no such implementation");
  const std::uint64_t limitNs = numberOf(arguments[1]) * 1'000'000;
  constexpr std::size_t kCallsBetweenLooks = 1000;
  std::vector<hash::Header> headers(found->lanes);
  std::vector<hash::Digest> digests(found->lanes);
  std::uint64_t count = 0;
  const std::uint64_t startNs = cpuNs();
  std::uint64_t elapsedNs = 0;
  while (elapsedNs < limitNs) {
    for (std::size_t i = 0; i < kCallsBetweenLooks; ++i) {
      // The digest goes into the next header: no call can be left out.
      std::copy_n(digests[0].begin(), 32, headers[0].begin());
      found->hashHeaders(headers.data(), digests.data());
    }
    count += kCallsBetweenLooks * found->lanes;
    elapsedNs = cpuNs() - startNs;
  }
  std::printf("{\"count\":%llu,\"ns\":%llu}\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(elapsedNs));
}

}  // namespace miner::bench
