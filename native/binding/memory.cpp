#include "binding/memory.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace miner::binding {

namespace {

void releaseFreeMemory(const Napi::CallbackInfo&) {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace

void initMemory(Napi::Env env, Napi::Object exports) {
  exports.Set("releaseFreeMemory",
              Napi::Function::New<releaseFreeMemory>(env, "releaseFreeMemory"));
}

}  // namespace miner::binding
