#include "binding/memory.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace miner::binding {

namespace {

#ifdef __GLIBC__
/// Documented: mallopt(3). Left alone both grow with what is freed, up to 32 and 64 MB, and each
/// thread that once compiled or collected keeps megabytes; malloc_trim does not reach those.
constexpr int kMmapThresholdBytes = 128 * 1024;
constexpr int kTrimThresholdBytes = 64 * 1024;
#endif

void releaseFreeMemory(const Napi::CallbackInfo&) {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace

void initMemory(Napi::Env env, Napi::Object exports) {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, kMmapThresholdBytes);
  ::mallopt(M_TRIM_THRESHOLD, kTrimThresholdBytes);
#endif
  exports.Set("releaseFreeMemory",
              Napi::Function::New<releaseFreeMemory>(env, "releaseFreeMemory"));
}

}  // namespace miner::binding
