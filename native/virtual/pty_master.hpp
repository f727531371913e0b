#pragma once

#include <napi.h>
#include <uv.h>

#include <memory>
#include <string>

namespace miner::virtual_machine {

/// JavaScript class PtyMaster: the far side of a serial line. All methods run on the thread of
/// their environment.
///
///   new PtyMaster(onBytes: (bytes: Buffer, hostOutputBaud: number) => void)
///   slavePath: string
///   write(bytes: Uint8Array): number      bytes taken, 0 when the host does not read
///   speeds(): {inputBaud, outputBaud}     what the host's termios says now
///   pauseReading() / resumeReading()      a paused master makes the host's writes wait
///   clearExclusive()                      undoes a TIOCEXCL left by a host that is gone
///   close()                               both ends close: the host sees a hang-up
///
/// The object keeps its own descriptor of the slave, so that the master never reads EIO while no
/// host is there.
class PtyMaster : public Napi::ObjectWrap<PtyMaster> {
 public:
  static void define(Napi::Env env, Napi::Object exports);

  explicit PtyMaster(const Napi::CallbackInfo& info);
  ~PtyMaster() override;
  PtyMaster(const PtyMaster&) = delete;
  PtyMaster& operator=(const PtyMaster&) = delete;

 private:
  /// What libuv may still touch after the object is gone. Deletes itself when the poll handle is
  /// closed.
  struct Watch;

  Napi::Value slavePath(const Napi::CallbackInfo& info);
  Napi::Value write(const Napi::CallbackInfo& info);
  Napi::Value speeds(const Napi::CallbackInfo& info);
  void pauseReading(const Napi::CallbackInfo& info);
  void resumeReading(const Napi::CallbackInfo& info);
  void clearExclusive(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  void openPair(Napi::Env env);
  void startPolling(Napi::Env env);
  void closeBoth() noexcept;
  void requireOpen(Napi::Env env) const;
  void readAll();

  int masterFd_ = -1;
  int slaveFd_ = -1;
  std::string slavePath_;
  Napi::FunctionReference onBytes_;
  std::unique_ptr<Napi::AsyncContext> asyncContext_;
  Watch* watch_ = nullptr;
};

}  // namespace miner::virtual_machine
