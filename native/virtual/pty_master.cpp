#include "virtual/pty_master.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "binding/system_error.hpp"
#include "virtual/termios2.hpp"

namespace miner::virtual_machine {

namespace {

constexpr std::size_t kReadBytes = 4096;
constexpr std::size_t kPathBytes = 128;

}  // namespace

struct PtyMaster::Watch {
  uv_poll_t poll;
  PtyMaster* owner;
  napi_async_cleanup_hook_handle cleanup;

  void start() noexcept {
    uv_poll_start(&poll, UV_READABLE, [](uv_poll_t* handle, int status, int) {
      auto* watch = static_cast<Watch*>(handle->data);
      if (status == 0 && watch->owner != nullptr) watch->owner->readAll();
    });
  }

  /// The object no longer answers from here on; the handle goes when libuv has let go of it.
  void release() noexcept {
    owner = nullptr;
    uv_poll_stop(&poll);
    uv_close(reinterpret_cast<uv_handle_t*>(&poll), [](uv_handle_t* handle) {
      auto* watch = static_cast<Watch*>(handle->data);
      napi_remove_async_cleanup_hook(watch->cleanup);
      delete watch;
    });
  }
};

void PtyMaster::define(Napi::Env env, Napi::Object exports) {
  exports.Set("PtyMaster",
              DefineClass(env, "PtyMaster",
                          {InstanceAccessor<&PtyMaster::slavePath>("slavePath"),
                           InstanceMethod<&PtyMaster::write>("write"),
                           InstanceMethod<&PtyMaster::speeds>("speeds"),
                           InstanceMethod<&PtyMaster::pauseReading>("pauseReading"),
                           InstanceMethod<&PtyMaster::resumeReading>("resumeReading"),
                           InstanceMethod<&PtyMaster::clearExclusive>("clearExclusive"),
                           InstanceMethod<&PtyMaster::close>("close")}));
}

PtyMaster::PtyMaster(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PtyMaster>(info) {
  const Napi::Env env = info.Env();
  if (info.Length() != 1 || !info[0].IsFunction())
    throw Napi::TypeError::New(env, "PtyMaster takes a function");
  onBytes_ = Napi::Persistent(info[0].As<Napi::Function>());
  asyncContext_ = std::make_unique<Napi::AsyncContext>(env, "PtyMaster");
  try {
    openPair(env);
    startPolling(env);
  } catch (const Napi::Error&) {
    closeBoth();
    throw;
  }
}

PtyMaster::~PtyMaster() { closeBoth(); }

void PtyMaster::openPair(Napi::Env env) {
  masterFd_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (masterFd_ < 0) throw binding::systemError(env, errno, "posix_openpt");
  std::array<char, kPathBytes> path{};
  if (::grantpt(masterFd_) != 0 || ::unlockpt(masterFd_) != 0 ||
      ::ptsname_r(masterFd_, path.data(), path.size()) != 0)
    throw binding::systemError(env, errno, "ptsname");
  slavePath_ = path.data();
  slaveFd_ = ::open(path.data(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (slaveFd_ < 0) throw binding::systemError(env, errno, "open");
  if (!makeRaw(slaveFd_)) throw binding::systemError(env, errno, "TCSETS2");
}

void PtyMaster::startPolling(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok)
    throw Napi::Error::New(env, "this environment has no event loop");
  auto watch = std::make_unique<Watch>();
  watch->owner = this;
  watch->poll.data = watch.get();
  if (uv_poll_init(loop, &watch->poll, masterFd_) != 0)
    throw Napi::Error::New(env, "the pty cannot be polled");
  watch_ = watch.release();
  napi_add_async_cleanup_hook(
      env,
      [](napi_async_cleanup_hook_handle, void* argument) {
        auto* ending = static_cast<Watch*>(argument);
        if (ending->owner != nullptr) ending->owner->closeBoth();
      },
      watch_, &watch_->cleanup);
  watch_->start();
}

void PtyMaster::readAll() {
  const Napi::Env env = Env();
  const Napi::HandleScope scope(env);
  std::array<std::uint8_t, kReadBytes> bytes;
  const ssize_t size = ::read(masterFd_, bytes.data(), bytes.size());
  if (size <= 0) return;
  LineSpeeds now{};
  readLineSpeeds(masterFd_, now);
  // The C interface: its C++ face aborts the process when a worker is terminated inside the
  // callback.
  std::array<napi_value, 2> arguments{};
  const bool isMade = napi_create_buffer_copy(env, static_cast<std::size_t>(size), bytes.data(),
                                              nullptr, &arguments[0]) == napi_ok &&
                      napi_create_double(env, now.outputBaud, &arguments[1]) == napi_ok;
  if (!isMade) return;
  const napi_status status = napi_make_callback(env, *asyncContext_, Value(), onBytes_.Value(),
                                                arguments.size(), arguments.data(), nullptr);
  napi_value error = nullptr;
  if (status == napi_pending_exception && napi_get_and_clear_last_exception(env, &error) == napi_ok)
    napi_fatal_exception(env, error);
}

Napi::Value PtyMaster::slavePath(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), slavePath_);
}

Napi::Value PtyMaster::write(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireOpen(env);
  if (info.Length() != 1 || !info[0].IsTypedArray() ||
      info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    throw Napi::TypeError::New(env, "write takes a Uint8Array");
  const auto bytes = info[0].As<Napi::Uint8Array>();
  const ssize_t taken = ::write(masterFd_, bytes.Data(), bytes.ByteLength());
  if (taken >= 0) return Napi::Number::New(env, static_cast<double>(taken));
  if (errno == EAGAIN || errno == EINTR) return Napi::Number::New(env, 0);
  throw binding::systemError(env, errno, "write");
}

Napi::Value PtyMaster::speeds(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireOpen(env);
  LineSpeeds now{};
  if (!readLineSpeeds(masterFd_, now)) throw binding::systemError(env, errno, "TCGETS2");
  const Napi::Object result = Napi::Object::New(env);
  result.Set("inputBaud", Napi::Number::New(env, now.inputBaud));
  result.Set("outputBaud", Napi::Number::New(env, now.outputBaud));
  return result;
}

void PtyMaster::pauseReading(const Napi::CallbackInfo& info) {
  requireOpen(info.Env());
  uv_poll_stop(&watch_->poll);
}

void PtyMaster::resumeReading(const Napi::CallbackInfo& info) {
  requireOpen(info.Env());
  watch_->start();
}

void PtyMaster::clearExclusive(const Napi::CallbackInfo& info) {
  requireOpen(info.Env());
  if (::ioctl(slaveFd_, TIOCNXCL) != 0) throw binding::systemError(info.Env(), errno, "TIOCNXCL");
}

void PtyMaster::close(const Napi::CallbackInfo&) { closeBoth(); }

void PtyMaster::closeBoth() noexcept {
  if (watch_ != nullptr) {
    watch_->release();
    watch_ = nullptr;
  }
  if (slaveFd_ >= 0) ::close(slaveFd_);
  if (masterFd_ >= 0) ::close(masterFd_);
  slaveFd_ = -1;
  masterFd_ = -1;
}

void PtyMaster::requireOpen(Napi::Env env) const {
  if (masterFd_ < 0) throw Napi::Error::New(env, "the pty is closed");
}

}  // namespace miner::virtual_machine
