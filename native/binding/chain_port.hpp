#pragma once

#include <napi.h>

#include <memory>
#include <optional>

#include "chain/chain_worker.hpp"

namespace miner::binding {

/// JavaScript's handle on one chain: argument checks and copying, no logic. All methods run on the
/// thread of the environment that made it; src/hal/native-chain-port.ts is the only caller and
/// documents them.
class ChainPort final : public Napi::ObjectWrap<ChainPort> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit ChainPort(const Napi::CallbackInfo& info);
  ~ChainPort() override;

 private:
  class FunctionBell final : public chain::Bell {
   public:
    void ring() noexcept override;
    Napi::ThreadSafeFunction function;
  };

  void start(const Napi::CallbackInfo& info);
  void stop(const Napi::CallbackInfo& info);
  Napi::Value setAddress(const Napi::CallbackInfo& info);
  Napi::Value chainInactive(const Napi::CallbackInfo& info);
  Napi::Value writeRegister(const Napi::CallbackInfo& info);
  Napi::Value readRegister(const Napi::CallbackInfo& info);
  Napi::Value setBaud(const Napi::CallbackInfo& info);
  Napi::Value setResponseLength(const Napi::CallbackInfo& info);
  Napi::Value driveReset(const Napi::CallbackInfo& info);
  Napi::Value awaitWork(const Napi::CallbackInfo& info);
  Napi::Value setJob(const Napi::CallbackInfo& info);
  Napi::Value configureWork(const Napi::CallbackInfo& info);
  Napi::Value stopWork(const Napi::CallbackInfo& info);
  Napi::Value drain(const Napi::CallbackInfo& info);
  Napi::Value drainTap(const Napi::CallbackInfo& info);
  void kick(const Napi::CallbackInfo& info);
  void readStats(const Napi::CallbackInfo& info);
  void readCores(const Napi::CallbackInfo& info);

  Napi::Value post(Napi::Env env, chain::Command command);
  void stopWorker() noexcept;
  static void onEnvironmentEnd(void* self);

  FunctionBell bell_;
  std::unique_ptr<chain::ChainWorker> worker_;
  bool isRunning_ = false;
};

}  // namespace miner::binding
