#include "binding/two_line_bus.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "binding/convert.hpp"
#include "binding/system_error.hpp"
#include "gpio/open_drain_line.hpp"
#include "i2c/bit_bang_master.hpp"

namespace miner::binding {

namespace {

constexpr std::uint32_t kMaxAddress = 0x7f;
/// Far beyond every part: an argument that is wrong should not hold the bus for minutes.
constexpr std::uint32_t kMaxBytes = 4096;

int duplicate(const Napi::Object& given, const char* name) {
  const int fd = ::fcntl(static_cast<int>(uint32Of(given, name)), F_DUPFD_CLOEXEC, 0);
  if (fd < 0) throw systemError(given.Env(), errno, "fcntl");
  return fd;
}

/// Either `{fd}`, a line asked for as openDrain, or `{directionFd, valueFd}`, the files of sysfs.
std::unique_ptr<gpio::OpenDrainLine> lineOf(const Napi::Value& value) {
  if (!value.IsObject()) throw Napi::TypeError::New(value.Env(), "line: expected an object");
  const auto given = value.As<Napi::Object>();
  if (given.Has("fd"))
    return std::make_unique<gpio::CharOpenDrainLine>(gpio::systemKernel(), duplicate(given, "fd"));
  const int directionFd = duplicate(given, "directionFd");
  try {
    return std::make_unique<gpio::SysfsOpenDrainLine>(directionFd, duplicate(given, "valueFd"));
  } catch (...) {
    ::close(directionFd);
    throw;
  }
}

/// The two lines and their master; lives as long as a worker uses it. A lock keeps two workers
/// apart, though the caller asks for one transfer at a time.
struct Bus {
  Bus(std::unique_ptr<gpio::OpenDrainLine> sclLine, std::unique_ptr<gpio::OpenDrainLine> sdaLine)
      : scl(std::move(sclLine)), sda(std::move(sdaLine)), master(*scl, *sda, pace) {}

  std::mutex mutex;
  i2c::SystemPace pace;
  std::unique_ptr<gpio::OpenDrainLine> scl;
  std::unique_ptr<gpio::OpenDrainLine> sda;
  i2c::BitBangMaster master;
};

/// What a worker thread does and how it ended.
struct Work {
  std::shared_ptr<Bus> bus;
  std::uint8_t address = 0;
  std::vector<std::uint8_t> write;
  std::vector<std::uint8_t> read;
  bool isRecovery = false;

  i2c::Status run() {
    const std::lock_guard lock(bus->mutex);
    return isRecovery ? bus->master.recover() : bus->master.transfer(address, write, read);
  }
};

/// Resolves with the status and leaves what was read in `into`.
class BusWorker final : public Napi::AsyncWorker {
 public:
  BusWorker(Napi::Env env, Work work)
      : Napi::AsyncWorker(env, "i2c"),
        work_(std::move(work)),
        deferred_(Napi::Promise::Deferred::New(env)) {}

  [[nodiscard]] Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override { status_ = work_.run(); }

  void OnOK() override {
    Napi::Object result = Napi::Object::New(Env());
    result.Set("status", Napi::Number::New(Env(), static_cast<double>(status_)));
    auto read = Napi::Uint8Array::New(Env(), work_.read.size());
    std::copy(work_.read.begin(), work_.read.end(), read.Data());
    result.Set("read", read);
    deferred_.Resolve(result);
  }

  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Work work_;
  Napi::Promise::Deferred deferred_;
  i2c::Status status_ = i2c::Status::lineFailed;
};

/// JavaScript class: new TwoLineBus(scl, sda).
class TwoLineBus : public Napi::ObjectWrap<TwoLineBus> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "TwoLineBus",
                       {InstanceMethod<&TwoLineBus::transfer>("transfer"),
                        InstanceMethod<&TwoLineBus::recover>("recover"),
                        InstanceMethod<&TwoLineBus::close>("close")});
  }

  explicit TwoLineBus(const Napi::CallbackInfo& info) : Napi::ObjectWrap<TwoLineBus>(info) {
    auto scl = lineOf(info[0]);
    auto sda = lineOf(info[1]);
    bus_ = std::make_shared<Bus>(std::move(scl), std::move(sda));
  }

 private:
  Napi::Value transfer(const Napi::CallbackInfo& info) {
    Work work;
    const std::uint32_t address = uint32Of(info[0], "address");
    const auto write = bytesOf(info[1], "write");
    const std::uint32_t readLength = uint32Of(info[2], "readLength");
    if (address > kMaxAddress || readLength > kMaxBytes || write.size() > kMaxBytes)
      throw Napi::RangeError::New(info.Env(), "address or length out of range");
    work.address = static_cast<std::uint8_t>(address);
    work.write.assign(write.begin(), write.end());
    work.read.resize(readLength);
    return queue(info.Env(), std::move(work));
  }

  Napi::Value recover(const Napi::CallbackInfo& info) {
    Work work;
    work.isRecovery = true;
    return queue(info.Env(), std::move(work));
  }

  void close(const Napi::CallbackInfo&) { bus_.reset(); }

  Napi::Value queue(Napi::Env env, Work work) {
    if (!bus_) throw systemError(env, EBADF, "ioctl");
    work.bus = bus_;
    auto* worker = new BusWorker(env, std::move(work));  // deletes itself
    worker->Queue();
    return worker->promise();
  }

  std::shared_ptr<Bus> bus_;
};

}  // namespace

void initTwoLineBus(Napi::Env env, Napi::Object exports) {
  exports.Set("TwoLineBus", TwoLineBus::define(env));
}

}  // namespace miner::binding
