#include "chain/chain_worker.hpp"

#include <poll.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "util/monotonic_clock.hpp"
#include "util/rt_thread.hpp"

namespace miner::chain {

ChainWorker::ChainWorker(ChainOptions options, std::unique_ptr<link::Link> link, Bell& bell)
    : options_(std::move(options)),
      link_(std::move(link)),
      mailbox_(options_.recordCapacity, options_.tap, bell),
      loop_(options_, *link_, mailbox_) {}

ChainWorker::~ChainWorker() { stop(); }

link::Status ChainWorker::start() noexcept {
  if (!mailbox_.openWake()) return link::Status::openFailed;
  const link::Status status = link_->open(options_.resetBaud);
  if (status != link::Status::ok) return status;
  loop_.begin();
  isStopping_.store(false, std::memory_order_relaxed);
  try {
    thread_ = std::thread([this]() noexcept { run(); });
  } catch (const std::system_error& error) {
    link_->close();
    errno = error.code().value();
    return link::Status::openFailed;
  }
  return link::Status::ok;
}

void ChainWorker::stop() noexcept {
  if (!thread_.joinable()) return;
  isStopping_.store(true, std::memory_order_release);
  mailbox_.wake();
  thread_.join();
  link_->close();
}

void ChainWorker::kick() noexcept { loop_.kick(util::nowUs()); }

void ChainWorker::run() noexcept {
  util::nameThisThread(options_.name.c_str());
  const bool isRealTime = options_.priority > 0 && util::makeThisThreadRealTime(options_.priority);
  loop_.noteRealTime(isRealTime);
  while (!isStopping_.load(std::memory_order_acquire)) sleepUntil(loop_.step(util::nowUs()));
  loop_.end(util::nowUs());
}

void ChainWorker::sleepUntil(std::uint64_t deadlineUs) noexcept {
  const std::uint64_t nowUs = util::nowUs();
  const std::uint64_t waitUs = deadlineUs > nowUs ? deadlineUs - nowUs : 0;
  const timespec timeout{static_cast<time_t>(waitUs / 1'000'000U),
                         static_cast<long>(waitUs % 1'000'000U) * 1000L};
  const short wanted = static_cast<short>(POLLIN | (loop_.wantsToWrite() ? POLLOUT : 0));
  std::array<pollfd, 2> fds{{{mailbox_.wakeFd(), POLLIN, 0}, {link_->fd(), wanted, 0}}};
  // A hung-up line polls as ready for ever; the next step finds out by reading and closes it.
  ::ppoll(fds.data(), link_->isOpen() ? 2 : 1, &timeout, nullptr);
  if ((fds[0].revents & POLLIN) != 0) mailbox_.clearWake();
}

}  // namespace miner::chain
