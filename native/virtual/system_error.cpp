#include "virtual/system_error.hpp"

#include <uv.h>

#include <cerrno>
#include <string>

namespace miner::virtual_machine {

Napi::Error systemError(Napi::Env env, const char* systemCall) {
  const int status = uv_translate_sys_error(errno);
  const std::string name = uv_err_name(status);
  Napi::Error error = Napi::Error::New(env, name + ": " + uv_strerror(status) + ", " + systemCall);
  error.Set("code", Napi::String::New(env, name));
  error.Set("errno", Napi::Number::New(env, status));
  error.Set("syscall", Napi::String::New(env, systemCall));
  return error;
}

}  // namespace miner::virtual_machine
