#include "virtual/fifo.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <string>

#include "binding/system_error.hpp"

namespace miner::virtual_machine {

namespace {

void makeFifo(const Napi::CallbackInfo& info) {
  if (info.Length() != 1 || !info[0].IsString())
    throw Napi::TypeError::New(info.Env(), "makeFifo takes a path");
  const std::string path = info[0].As<Napi::String>();
  if (::mkfifo(path.c_str(), S_IRUSR | S_IWUSR) != 0)
    throw binding::systemError(info.Env(), errno, "mkfifo");
}

}  // namespace

void defineFifo(Napi::Env env, Napi::Object exports) {
  exports.Set("makeFifo", Napi::Function::New<makeFifo>(env, "makeFifo"));
}

}  // namespace miner::virtual_machine
