#include "binding/system_error.hpp"

#include <uv.h>

#include <string>

namespace miner::binding {

Napi::Error systemError(Napi::Env env, int reason, const char* systemCall) {
  const int status = uv_translate_sys_error(reason);
  const std::string name = uv_err_name(status);
  Napi::Error error = Napi::Error::New(env, name + ": " + uv_strerror(status) + ", " + systemCall);
  error.Set("code", Napi::String::New(env, name));
  error.Set("errno", Napi::Number::New(env, status));
  error.Set("syscall", Napi::String::New(env, systemCall));
  return error;
}

}  // namespace miner::binding
