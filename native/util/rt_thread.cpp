#include "util/rt_thread.hpp"

#include <pthread.h>
#include <sched.h>

#include <cstring>

namespace miner::util {

void nameThisThread(const char* name) noexcept {
  char kept[16] = {};
  std::strncpy(kept, name, sizeof kept - 1);
  pthread_setname_np(pthread_self(), kept);
}

bool makeThisThreadRealTime(int priority) noexcept {
  sched_param param{};
  param.sched_priority = priority;
  return pthread_setschedparam(pthread_self(), SCHED_FIFO, &param) == 0;
}

}  // namespace miner::util
