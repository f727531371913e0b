#include <napi.h>

#include "binding/chain_port.hpp"
#include "binding/wire_decoder.hpp"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("ChainPort", miner::binding::ChainPort::define(env));
  miner::binding::initWireDecoder(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(chains, init)
