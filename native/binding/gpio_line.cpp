#include "binding/gpio_line.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "binding/convert.hpp"
#include "binding/system_error.hpp"
#include "gpio/char_line.hpp"

namespace miner::binding {

namespace {

constexpr std::size_t kMaxEdges = 256;

/// A character device, open as long as this lives.
class ChipFile {
 public:
  ChipFile(Napi::Env env, const std::string& path)
      // Lines cannot be asked for through a file that is open for reading only.
      : fd_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0) throw systemError(env, errno, "open");
  }
  ChipFile(const ChipFile&) = delete;
  ChipFile& operator=(const ChipFile&) = delete;
  ~ChipFile() { ::close(fd_); }
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  const int fd_;
};

std::string textOf(const Napi::Value& value, const char* name) {
  if (!value.IsString())
    throw Napi::TypeError::New(value.Env(), std::string(name) + ": expected a string");
  return value.As<Napi::String>().Utf8Value();
}

gpio::LineUse useOf(const Napi::Value& value) {
  constexpr std::pair<const char*, gpio::LineUse> kUses[] = {
      {"input", gpio::LineUse::input},
      {"output", gpio::LineUse::output},
      {"outputAsIs", gpio::LineUse::outputAsIs},
      {"openDrain", gpio::LineUse::openDrain},
      {"fallingEdges", gpio::LineUse::fallingEdges},
  };
  const std::string name = textOf(value, "use");
  for (const auto& [known, use] : kUses)
    if (name == known) return use;
  throw Napi::TypeError::New(value.Env(), "use: no line is used as " + name);
}

bool levelOf(const Napi::Value& value) {
  const std::uint32_t level = uint32Of(value, "level");
  if (level > 1) throw Napi::TypeError::New(value.Env(), "level: expected 0 or 1");
  return level == 1;
}

/// JavaScript class: new GpioLine(device, offset, use, level).
class GpioLine : public Napi::ObjectWrap<GpioLine> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(
        env, "GpioLine",
        {InstanceMethod<&GpioLine::read>("read"), InstanceMethod<&GpioLine::write>("write"),
         InstanceMethod<&GpioLine::takeEdges>("takeEdges"),
         InstanceMethod<&GpioLine::close>("close"), InstanceAccessor<&GpioLine::fd>("fd")});
  }

  explicit GpioLine(const Napi::CallbackInfo& info) : Napi::ObjectWrap<GpioLine>(info) {
    const ChipFile chip(info.Env(), textOf(info[0], "device"));
    const std::uint32_t offset = uint32Of(info[1], "offset");
    line_ = gpio::CharLine::request(gpio::systemKernel(), chip.fd(), offset, useOf(info[2]),
                                    levelOf(info[3]));
    if (!line_) throw systemError(info.Env(), errno, "ioctl");
  }

 private:
  gpio::CharLine& line(Napi::Env env) {
    if (!line_) throw systemError(env, EBADF, "ioctl");
    return *line_;
  }

  Napi::Value read(const Napi::CallbackInfo& info) {
    const int level = line(info.Env()).read();
    if (level < 0) throw systemError(info.Env(), errno, "ioctl");
    return Napi::Number::New(info.Env(), level);
  }

  void write(const Napi::CallbackInfo& info) {
    if (!line(info.Env()).write(levelOf(info[0]))) throw systemError(info.Env(), errno, "ioctl");
  }

  /// Times in microseconds: the nanoseconds of a wall clock have too many digits for a double.
  Napi::Value takeEdges(const Napi::CallbackInfo& info) {
    std::array<std::uint64_t, kMaxEdges> timesNs;
    const std::ptrdiff_t count = line(info.Env()).takeEdges(timesNs);
    if (count < 0) throw systemError(info.Env(), errno, "read");
    auto times = Napi::Float64Array::New(info.Env(), static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < times.ElementLength(); ++i)
      times[i] = static_cast<double>(timesNs[i]) / 1000.0;
    return times;
  }

  Napi::Value fd(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), line(info.Env()).fd());
  }

  void close(const Napi::CallbackInfo&) { line_.reset(); }

  std::optional<gpio::CharLine> line_;
};

Napi::Value readGpioChip(const Napi::CallbackInfo& info) {
  const ChipFile chip(info.Env(), textOf(info[0], "device"));
  const auto found = gpio::readChipInfo(gpio::systemKernel(), chip.fd());
  if (!found) throw systemError(info.Env(), errno, "ioctl");
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("label", found->label);
  result.Set("lines", Napi::Number::New(info.Env(), found->lines));
  return result;
}

}  // namespace

void initGpioLine(Napi::Env env, Napi::Object exports) {
  exports.Set("GpioLine", GpioLine::define(env));
  exports.Set("readGpioChip", Napi::Function::New<readGpioChip>(env, "readGpioChip"));
}

}  // namespace miner::binding
