#include <napi.h>

#include "virtual/fifo.hpp"
#include "virtual/nonce_search.hpp"
#include "virtual/pty_master.hpp"

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  miner::virtual_machine::PtyMaster::define(env, exports);
  miner::virtual_machine::defineFifo(env, exports);
  miner::virtual_machine::defineNonceSearch(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, initialize)
