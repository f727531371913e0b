#include "binding/watchdog.hpp"

#include <linux/watchdog.h>
#include <sys/ioctl.h>

#include <cerrno>

#include "binding/convert.hpp"
#include "binding/system_error.hpp"

namespace miner::binding {

namespace {

Napi::Value setWatchdogTimeout(const Napi::CallbackInfo& info) {
  const auto fd = static_cast<int>(uint32Of(info[0], "fd"));
  auto seconds = static_cast<int>(uint32Of(info[1], "seconds"));
  if (::ioctl(fd, WDIOC_SETTIMEOUT, &seconds) < 0) throw systemError(info.Env(), errno, "ioctl");
  return Napi::Number::New(info.Env(), seconds);
}

}  // namespace

void initWatchdog(Napi::Env env, Napi::Object exports) {
  exports.Set("setWatchdogTimeout",
              Napi::Function::New<setWatchdogTimeout>(env, "setWatchdogTimeout"));
}

}  // namespace miner::binding
