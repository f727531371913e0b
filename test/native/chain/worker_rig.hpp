#pragma once

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "../allocation_counter.hpp"
#include "../link/pty.hpp"
#include "chain/chain_worker.hpp"
#include "commands.hpp"
#include "link/uart_link.hpp"

namespace miner::test {

/// A folder that goes away with what the test put into it.
class Folder {
 public:
  Folder() { REQUIRE(::mkdtemp(path_.data()) != nullptr); }
  ~Folder() {
    ::unlink(file("tty").c_str());
    ::unlink(file("reset").c_str());
    ::rmdir(path_.c_str());
  }
  [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_ = "/tmp/chain-worker-XXXXXX";
};

/// A real line that counts how often the chain thread comes by.
class CountingLink final : public link::Link {
 public:
  CountingLink(std::string path, std::atomic<std::uint64_t>& turns)
      : uart_(std::move(path)), turns_(turns) {}

  link::Status open(std::uint32_t baud) noexcept override {
    ++turns_;
    return uart_.open(baud);
  }
  void close() noexcept override { uart_.close(); }
  [[nodiscard]] bool isOpen() const noexcept override { return uart_.isOpen(); }
  [[nodiscard]] int fd() const noexcept override { return uart_.fd(); }
  std::ptrdiff_t write(std::span<const std::uint8_t> bytes) noexcept override {
    return uart_.write(bytes);
  }
  /// Called in every step with an open line, by the chain thread alone.
  std::ptrdiff_t read(std::span<std::uint8_t> into) noexcept override {
    watchAllocationsOfThisThread();
    ++turns_;
    return uart_.read(into);
  }
  [[nodiscard]] std::size_t unsentBytes() const noexcept override { return uart_.unsentBytes(); }
  link::Status setBaud(std::uint32_t baud) noexcept override { return uart_.setBaud(baud); }
  void flushInput() noexcept override { uart_.flushInput(); }
  void flushOutput() noexcept override { uart_.flushOutput(); }
  [[nodiscard]] link::LineCounters counters() noexcept override { return uart_.counters(); }

 private:
  link::UartLink uart_;
  std::atomic<std::uint64_t>& turns_;
};

class WaitableBell final : public chain::Bell {
 public:
  void ring() noexcept override {
    {
      const std::lock_guard lock(mutex_);
      hasRung_ = true;
    }
    rung_.notify_one();
  }
  /// False when it does not ring within the deadline of a broken program.
  bool wait() {
    std::unique_lock lock(mutex_);
    const bool hasRung = rung_.wait_for(lock, std::chrono::milliseconds(Pty::kDeadlineMs),
                                        [this] { return hasRung_; });
    hasRung_ = false;
    return hasRung;
  }

 private:
  std::mutex mutex_;
  std::condition_variable rung_;
  bool hasRung_ = false;
};

/// A chain thread on a real line. The test is owner thread and chips.
class WorkerRig {
 public:
  WorkerRig(chain::ChainOptions options, const std::string& path)
      : worker(std::move(options), std::make_unique<CountingLink>(path, turns), bell) {}

  void start() { REQUIRE(worker.start() == link::Status::ok); }
  void post(chain::Command command) { REQUIRE(worker.post(std::move(command))); }

  /// Drains when the bell rings until a record is the one looked for, which is returned.
  chain::Record await(const std::function<bool(const chain::Record&)>& isWanted) {
    for (;;) {
      while (next_ < records_.size())
        if (const chain::Record& record = records_[next_++]; isWanted(record)) return record;
      if (!drain() && !bell.wait()) FAIL("no such record");
    }
  }
  chain::Record await(chain::RecordKind kind) {
    return await([kind](const chain::Record& record) { return record.kind == kind; });
  }
  chain::CommandStatus awaitEnd(std::uint32_t token) {
    const chain::Record record = await([token](const chain::Record& each) {
      return each.kind == chain::RecordKind::commandDone && each.jobKey == token;
    });
    return static_cast<chain::CommandStatus>(record.code);
  }

  /// False when nothing was there.
  bool drain() {
    std::array<chain::Record, 64> some;
    const std::size_t count = worker.drain(some);
    records_.insert(records_.end(), some.begin(), some.begin() + std::ptrdiff_t(count));
    return count > 0;
  }

  std::atomic<std::uint64_t> turns{0};
  WaitableBell bell;
  chain::ChainWorker worker;

 private:
  std::vector<chain::Record> records_;
  std::size_t next_ = 0;
};

}  // namespace miner::test
