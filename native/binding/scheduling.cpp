#include "binding/scheduling.hpp"

#include <sched.h>

#include "binding/convert.hpp"

namespace miner::binding {

namespace {

Napi::Value makeMainThreadRealTime(const Napi::CallbackInfo& info) {
  sched_param param{};
  param.sched_priority = static_cast<int>(uint32Of(info[0], "priority"));
  const bool isGranted = ::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) == 0;
  return Napi::Boolean::New(info.Env(), isGranted);
}

}  // namespace

void initScheduling(Napi::Env env, Napi::Object exports) {
  exports.Set("makeMainThreadRealTime",
              Napi::Function::New<makeMainThreadRealTime>(env, "makeMainThreadRealTime"));
}

}  // namespace miner::binding
