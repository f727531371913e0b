#include "binding/chain_port.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "binding/chain_arguments.hpp"
#include "binding/convert.hpp"
#include "codec/bm13xx_frame.hpp"
#include "link/uart_link.hpp"
#include "util/monotonic_clock.hpp"

namespace miner::binding {

namespace {

chain::Command commandOf(chain::CommandKind kind, std::uint32_t token, std::uint32_t value = 0,
                         std::uint32_t delayAfterUs = 0) {
  chain::Command command;
  command.kind = kind;
  command.token = token;
  command.value = value;
  command.delayAfterUs = delayAfterUs;
  return command;
}

template <std::size_t Length>
std::span<std::uint8_t, Length> frameOf(chain::Command& command) {
  static_assert(Length <= std::tuple_size_v<decltype(command.frame)>);
  command.frameLength = Length;
  return std::span<std::uint8_t, Length>(command.frame.data(), Length);
}

/// A negative number stands for all chips.
codec::CommandTarget targetOf(const Napi::Value& value) {
  if (value.IsNumber() && value.As<Napi::Number>().DoubleValue() < 0)
    return codec::CommandTarget::all();
  const std::uint32_t address = uint32Of(value, "target");
  if (address > 255) throw Napi::TypeError::New(value.Env(), "target: expected 0..255 or -1");
  return codec::CommandTarget::chip(static_cast<std::uint8_t>(address));
}

std::uint8_t byteOf(const Napi::Value& value, const char* name) {
  const std::uint32_t number = uint32Of(value, name);
  if (number > 255)
    throw Napi::TypeError::New(value.Env(), std::string(name) + ": expected 0..255");
  return static_cast<std::uint8_t>(number);
}

/// Our error class is made in TypeScript from `code` and `errno`.
Napi::Error openError(Napi::Env env, link::Status status, int reason) {
  const bool isBaud = status == link::Status::baudRefused;
  const bool isBusy = status == link::Status::busy;
  Napi::Error error = Napi::Error::New(env, isBusy ? "in use" : std::strerror(reason));
  error.Set("code", Napi::String::New(env, isBaud ? "LINK_BAUD_REFUSED" : "LINK_OPEN_FAILED"));
  return error;
}

template <typename T>
std::span<T> recordsOf(const Napi::Value& value) {
  const auto bytes = bytesOf(value, "into");
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(T) != 0)
    throw Napi::TypeError::New(value.Env(), "into: expected 8-byte alignment");
  return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
}

/// A typed array of exactly `length` elements.
template <typename Array>
Array arrayOf(const Napi::Value& value, napi_typedarray_type type, const char* name,
              std::size_t length) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type)
    throw Napi::TypeError::New(value.Env(), std::string(name) + ": wrong type of array");
  auto array = value.As<Array>();
  if (array.ElementLength() != length)
    throw Napi::TypeError::New(
        value.Env(), std::string(name) + ": expected " + std::to_string(length) + " elements");
  return array;
}

}  // namespace

void ChainPort::FunctionBell::ring() noexcept {
  // Only napi_closing can come back: the environment is going away and nobody listens any more.
  function.NonBlockingCall();
}

Napi::Function ChainPort::define(Napi::Env env) {
  return DefineClass(
      env, "ChainPort",
      {InstanceMethod<&ChainPort::start>("start"), InstanceMethod<&ChainPort::stop>("stop"),
       InstanceMethod<&ChainPort::setAddress>("setAddress"),
       InstanceMethod<&ChainPort::chainInactive>("chainInactive"),
       InstanceMethod<&ChainPort::writeRegister>("writeRegister"),
       InstanceMethod<&ChainPort::readRegister>("readRegister"),
       InstanceMethod<&ChainPort::setBaud>("setBaud"),
       InstanceMethod<&ChainPort::setResponseLength>("setResponseLength"),
       InstanceMethod<&ChainPort::driveReset>("driveReset"),
       InstanceMethod<&ChainPort::awaitWork>("awaitWork"),
       InstanceMethod<&ChainPort::setJob>("setJob"),
       InstanceMethod<&ChainPort::configureWork>("configureWork"),
       InstanceMethod<&ChainPort::stopWork>("stopWork"), InstanceMethod<&ChainPort::drain>("drain"),
       InstanceMethod<&ChainPort::drainTap>("drainTap"), InstanceMethod<&ChainPort::kick>("kick"),
       InstanceMethod<&ChainPort::readStats>("readStats"),
       InstanceMethod<&ChainPort::readCores>("readCores")});
}

ChainPort::ChainPort(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ChainPort>(info) {
  if (!info[0].IsObject()) throw Napi::TypeError::New(info.Env(), "options: expected an object");
  const auto given = info[0].As<Napi::Object>();
  auto link = std::make_unique<link::UartLink>(stringOf(given, "path"));
  worker_ = std::make_unique<chain::ChainWorker>(optionsOf(given), std::move(link), bell_);
}

ChainPort::~ChainPort() { stopWorker(); }

void ChainPort::start(const Napi::CallbackInfo& info) {
  if (isRunning_) throw Napi::Error::New(info.Env(), "already started");
  if (!info[0].IsFunction()) throw Napi::TypeError::New(info.Env(), "bell: expected a function");
  bell_.function =
      Napi::ThreadSafeFunction::New(info.Env(), info[0].As<Napi::Function>(), "chain bell", 0, 1);
  const link::Status status = worker_->start();
  const int reason = errno;
  if (status != link::Status::ok) {
    bell_.function.Release();
    throw openError(info.Env(), status, reason);
  }
  isRunning_ = true;
  Ref();  // a running chain is not garbage
  // Added after the bell, hence run before the environment takes the bell away.
  napi_add_env_cleanup_hook(info.Env(), onEnvironmentEnd, this);
}

void ChainPort::stop(const Napi::CallbackInfo& info) {
  if (!isRunning_) return;
  napi_remove_env_cleanup_hook(info.Env(), onEnvironmentEnd, this);
  stopWorker();
  Unref();
}

void ChainPort::onEnvironmentEnd(void* self) { static_cast<ChainPort*>(self)->stopWorker(); }

void ChainPort::stopWorker() noexcept {
  if (!isRunning_) return;
  isRunning_ = false;
  worker_->stop();
  bell_.function.Release();
}

Napi::Value ChainPort::post(Napi::Env env, chain::Command command) {
  return Napi::Boolean::New(env, isRunning_ && worker_->post(std::move(command)));
}

Napi::Value ChainPort::setAddress(const Napi::CallbackInfo& info) {
  auto command = commandOf(chain::CommandKind::frame, uint32Of(info[1], "token"), 0,
                           uint32Of(info[2], "delayAfterUs"));
  codec::encodeSetAddress(frameOf<codec::kShortCommandSize>(command), byteOf(info[0], "address"));
  return post(info.Env(), std::move(command));
}

Napi::Value ChainPort::chainInactive(const Napi::CallbackInfo& info) {
  auto command = commandOf(chain::CommandKind::frame, uint32Of(info[0], "token"), 0,
                           uint32Of(info[1], "delayAfterUs"));
  codec::encodeChainInactive(frameOf<codec::kShortCommandSize>(command));
  return post(info.Env(), std::move(command));
}

Napi::Value ChainPort::writeRegister(const Napi::CallbackInfo& info) {
  auto command = commandOf(chain::CommandKind::frame, uint32Of(info[3], "token"), 0,
                           uint32Of(info[4], "delayAfterUs"));
  codec::encodeWriteRegister(frameOf<codec::kWriteCommandSize>(command), targetOf(info[0]),
                             byteOf(info[1], "register"), uint32Of(info[2], "value"));
  return post(info.Env(), std::move(command));
}

Napi::Value ChainPort::readRegister(const Napi::CallbackInfo& info) {
  auto command = commandOf(chain::CommandKind::frame, uint32Of(info[2], "token"));
  codec::encodeReadRegister(frameOf<codec::kShortCommandSize>(command), targetOf(info[0]),
                            byteOf(info[1], "register"));
  return post(info.Env(), std::move(command));
}

Napi::Value ChainPort::setBaud(const Napi::CallbackInfo& info) {
  const std::uint32_t baud = uint32Of(info[0], "baud");
  if (baud < 1 || baud > kMaxBaud)
    throw Napi::TypeError::New(info.Env(), "baud: expected 1.." + std::to_string(kMaxBaud));
  return post(info.Env(), commandOf(chain::CommandKind::setBaud, uint32Of(info[1], "token"), baud,
                                    uint32Of(info[2], "settleUs")));
}

Napi::Value ChainPort::setResponseLength(const Napi::CallbackInfo& info) {
  const std::uint32_t length = uint32Of(info[0], "length");
  if (length != 9 && length != 11)
    throw Napi::TypeError::New(info.Env(), "length: expected 9 or 11");
  return post(info.Env(),
              commandOf(chain::CommandKind::responseLength, uint32Of(info[1], "token"), length));
}

Napi::Value ChainPort::driveReset(const Napi::CallbackInfo& info) {
  return post(info.Env(), commandOf(chain::CommandKind::reset, uint32Of(info[1], "token"),
                                    info[0].ToBoolean() ? 1 : 0));
}

Napi::Value ChainPort::awaitWork(const Napi::CallbackInfo& info) {
  return post(info.Env(), commandOf(chain::CommandKind::awaitWork, uint32Of(info[0], "token")));
}

Napi::Value ChainPort::setJob(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject()) throw Napi::TypeError::New(info.Env(), "job: expected an object");
  chain::Command command;
  command.kind = chain::CommandKind::newJob;
  command.job = jobOf(info[0].As<Napi::Object>());
  command.fingerprint = work::contentFingerprint(*command.job);
  return post(info.Env(), std::move(command));
}

Napi::Value ChainPort::configureWork(const Napi::CallbackInfo& info) {
  chain::Command command;
  command.kind = chain::CommandKind::configureWork;
  command.intervalUs = uint32Of(info[0], "intervalUs");
  if (command.intervalUs == 0)
    throw Napi::TypeError::New(info.Env(), "intervalUs: expected more than 0");
  command.targetLe = hashOf(info[1], "ticketTargetLe");
  return post(info.Env(), std::move(command));
}

Napi::Value ChainPort::stopWork(const Napi::CallbackInfo& info) {
  return post(info.Env(), commandOf(chain::CommandKind::stopWork, 0, info[0].ToBoolean() ? 1 : 0));
}

Napi::Value ChainPort::drain(const Napi::CallbackInfo& info) {
  const std::size_t count = worker_->drain(recordsOf<chain::Record>(info[0]));
  return Napi::Number::New(info.Env(), static_cast<double>(count));
}

Napi::Value ChainPort::drainTap(const Napi::CallbackInfo& info) {
  const std::size_t count = worker_->drainTap(recordsOf<chain::TapChunk>(info[0]));
  return Napi::Number::New(info.Env(), static_cast<double>(count));
}

void ChainPort::kick(const Napi::CallbackInfo&) { worker_->kick(); }

/// The order is that of STAT_NAMES in src/hal/records.ts.
void ChainPort::readStats(const Napi::CallbackInfo& info) {
  const chain::ChainStats& stats = worker_->stats();
  const std::array counters{
      &stats.jobsReceived,   &stats.worksSent,    &stats.bytesSent,         &stats.bytesReceived,
      &stats.framesReceived, &stats.crcErrors,    &stats.garbageBytes,      &stats.recordsDropped,
      &stats.tapDropped,     &stats.uartOverruns, &stats.uartFramingErrors, &stats.hangUps,
      &stats.writeStalls,    &stats.workStarved,  &stats.worstWorkGapUs,    &stats.isRealTime};
  auto into = arrayOf<Napi::Float64Array>(info[0], napi_float64_array, "into",
                                          counters.size() + stats.nonces.size());
  std::size_t at = 0;
  for (const auto* counter : counters) into[at++] = static_cast<double>(counter->load());
  for (const auto& counter : stats.nonces) into[at++] = static_cast<double>(counter.load());
}

void ChainPort::readCores(const Napi::CallbackInfo& info) {
  const chain::CoreStats& cores = worker_->cores();
  const std::size_t count = cores.chips() * cores.cores();
  auto valid = arrayOf<Napi::Uint32Array>(info[0], napi_uint32_array, "valid", count);
  auto errors = arrayOf<Napi::Uint32Array>(info[1], napi_uint32_array, "errors", count);
  for (std::size_t i = 0; i < count; ++i) {
    valid[i] = cores.validAt(i);
    errors[i] = cores.errorsAt(i);
  }
}

}  // namespace miner::binding
