#include "binding/power_guard.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "binding/convert.hpp"
#include "binding/system_error.hpp"
#include "guard/fatal_signals.hpp"
#include "guard/power_guard.hpp"
#include "util/monotonic_clock.hpp"

namespace miner::binding {

namespace {

/// Longer than this nobody may be unfed, and no less than a stall that must be survived.
constexpr std::uint32_t kMinLimitMs = 50;
constexpr std::uint32_t kMaxLimitMs = 5'000;
constexpr std::uint32_t kMaxPriority = 99;

std::vector<guard::OffAction> actionsOf(const Napi::Object& given) {
  const Napi::Value value = given.Get("actions");
  if (!value.IsArray()) throw Napi::TypeError::New(given.Env(), "actions: expected an array");
  const auto list = value.As<Napi::Array>();
  std::vector<guard::OffAction> actions;
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Value each = list.Get(i);
    const std::string text = each.IsString() ? each.As<Napi::String>().Utf8Value() : "";
    auto action = guard::parseOffAction(text);
    if (!action) throw Napi::TypeError::New(given.Env(), "actions: not understood: " + text);
    actions.push_back(std::move(*action));
  }
  if (actions.empty() || actions.size() > guard::OffActions::kMost)
    throw Napi::TypeError::New(given.Env(), "actions: expected 1 to 64");
  return actions;
}

/// JavaScript class: new PowerGuard({ limitMs, priority, actions }).
class PowerGuard : public Napi::ObjectWrap<PowerGuard> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "PowerGuard",
        {InstanceMethod<&PowerGuard::start>("start"), InstanceMethod<&PowerGuard::stop>("stop"),
         InstanceMethod<&PowerGuard::openCompanion>("openCompanion"),
         InstanceMethod<&PowerGuard::arm>("arm"), InstanceMethod<&PowerGuard::feed>("feed"),
         InstanceMethod<&PowerGuard::disarm>("disarm"), InstanceMethod<&PowerGuard::trip>("trip"),
         InstanceMethod<&PowerGuard::askLease>("askLease"),
         InstanceMethod<&PowerGuard::leave>("leave"),
         InstanceMethod<&PowerGuard::readState>("readState")});
  }

  explicit PowerGuard(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PowerGuard>(info) {
    if (!info[0].IsObject()) throw Napi::TypeError::New(info.Env(), "options: expected an object");
    const auto given = info[0].As<Napi::Object>();
    guard::PowerGuard::Options options;
    options.limitUs = std::uint64_t{1000} * rangeOf(given, "limitMs", kMinLimitMs, kMaxLimitMs);
    options.priority = static_cast<int>(rangeOf(given, "priority", 0, kMaxPriority));
    guard_ = std::make_unique<guard::PowerGuard>(options, actionsOf(given));
  }

  ~PowerGuard() override { end(); }

 private:
  void start(const Napi::CallbackInfo& info) {
    if (isRunning_) throw Napi::Error::New(info.Env(), "already started");
    if (!guard_->start()) throw systemError(info.Env(), errno, "thread");
    isRunning_ = true;
    Ref();  // a running guard is not garbage
    napi_add_env_cleanup_hook(info.Env(), onEnvironmentEnd, this);
    if (!guard::watchFatalSignals(*guard_)) throw systemError(info.Env(), errno, "sigaction");
  }

  void stop(const Napi::CallbackInfo& info) {
    if (!isRunning_) return;
    napi_remove_env_cleanup_hook(info.Env(), onEnvironmentEnd, this);
    end();
    Unref();
  }

  static void onEnvironmentEnd(void* self) { static_cast<PowerGuard*>(self)->end(); }

  void end() noexcept {
    if (!isRunning_) return;
    isRunning_ = false;
    guard::forgetFatalSignals(*guard_);
    guard_->stop();
    guard_->useCompanion(-1);
  }

  /// A pair of sockets: one end for the guard, in place of the former one. Returns the other, for
  /// the companion, which the caller closes.
  Napi::Value openCompanion(const Napi::CallbackInfo& info) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw systemError(info.Env(), errno, "socketpair");
    guard_->useCompanion(ends[0]);
    return Napi::Number::New(info.Env(), ends[1]);
  }

  void arm(const Napi::CallbackInfo&) { guard_->arm(util::nowUs()); }
  void feed(const Napi::CallbackInfo&) { guard_->feed(util::nowUs()); }
  void disarm(const Napi::CallbackInfo&) { guard_->disarm(); }
  void trip(const Napi::CallbackInfo&) { guard_->trip(); }
  void askLease(const Napi::CallbackInfo& info) { guard_->askLease(uint32Of(info[0], "leaseMs")); }
  void leave(const Napi::CallbackInfo&) { guard_->leave(); }

  /// The order is that of NATIVE_GUARD_FIELDS in src/hal/native-guard.ts.
  void readState(const Napi::CallbackInfo& info) {
    if (!info[0].IsTypedArray() ||
        info[0].As<Napi::TypedArray>().TypedArrayType() != napi_float64_array)
      throw Napi::TypeError::New(info.Env(), "into: expected a Float64Array");
    auto into = info[0].As<Napi::Float64Array>();
    const std::array values{static_cast<double>(guard_->state()),
                            static_cast<double>(guard_->cause()),
                            static_cast<double>(guard_->trippedUnixMs()),
                            static_cast<double>(guard_->companionAgeUs(util::nowUs())) / 1000.0};
    for (std::size_t i = 0; i < values.size() && i < into.ElementLength(); ++i) into[i] = values[i];
  }

  std::unique_ptr<guard::PowerGuard> guard_;
  bool isRunning_ = false;
};

}  // namespace

void initPowerGuard(Napi::Env env, Napi::Object exports) {
  exports.Set("PowerGuard", PowerGuard::define(env));
}

}  // namespace miner::binding
