#include <napi.h>

#include "binding/chain_port.hpp"
#include "binding/gpio_line.hpp"
#include "binding/memory.hpp"
#include "binding/power_guard.hpp"
#include "binding/two_line_bus.hpp"
#include "binding/watchdog.hpp"
#include "binding/wire_decoder.hpp"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("ChainPort", miner::binding::ChainPort::define(env));
  miner::binding::initWireDecoder(env, exports);
  miner::binding::initGpioLine(env, exports);
  miner::binding::initMemory(env, exports);
  miner::binding::initPowerGuard(env, exports);
  miner::binding::initTwoLineBus(env, exports);
  miner::binding::initWatchdog(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(chains, init)
