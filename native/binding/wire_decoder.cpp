#include "binding/wire_decoder.hpp"

#include <string>

#include "binding/convert.hpp"
#include "binding/wire_codec.hpp"
#include "binding/wire_frames.hpp"

namespace miner::binding {

namespace {

codec::ResponseLength responseLengthOf(const Napi::Value& value) {
  switch (uint32Of(value, "responseLength")) {
    case 0:
      return codec::ResponseLength::kEither;
    case 9:
      return codec::ResponseLength::kNine;
    case 11:
      return codec::ResponseLength::kEleven;
    default:
      throw Napi::TypeError::New(value.Env(), "responseLength: expected 0, 9 or 11");
  }
}

const codec::ChipFamily& familyOf(const Napi::Value& value) {
  const std::string name = value.ToString().Utf8Value();
  const codec::ChipFamily* family = codec::findChipFamily(name);
  if (family == nullptr)
    throw Napi::TypeError::New(value.Env(), "chip: no full-header family " + name);
  return *family;
}

/// A frame list that is being filled.
class FrameList {
 public:
  explicit FrameList(Napi::Env env) : array_(Napi::Array::New(env)) {}
  void add(const Napi::Object& frame) { array_.Set(array_.Length(), frame); }
  Napi::Array array() const { return array_; }

 private:
  Napi::Array array_;
};

/// JavaScript class: new WireDecoder(chip, responseLength). Explains every byte of a recorded wire.
class WireDecoder : public Napi::ObjectWrap<WireDecoder> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "WireDecoder",
                       {InstanceMethod<&WireDecoder::hostBytes>("hostBytes"),
                        InstanceMethod<&WireDecoder::chipBytes>("chipBytes"),
                        InstanceMethod<&WireDecoder::end>("end"),
                        InstanceMethod<&WireDecoder::counters>("counters")});
  }

  explicit WireDecoder(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<WireDecoder>(info),
        family_(familyOf(info[0])),
        responses_(responseLengthOf(info[1])) {}

 private:
  Napi::Value hostBytes(const Napi::CallbackInfo& info) {
    FrameList list(info.Env());
    auto bytes = std::span<const std::uint8_t>{bytesOf(info[0], "bytes")};
    hostTrace_.append(bytes, info[1].ToNumber().DoubleValue());
    codec::HostFrame frame;
    while (!bytes.empty()) {
      bytes = bytes.subspan(hostFrames_.feed(bytes));
      while (hostFrames_.next(frame)) addHostFrame(list, frame);
    }
    addGarbage(list, ">", hostTrace_, hostFrames_.consumedBytes());
    return list.array();
  }

  Napi::Value chipBytes(const Napi::CallbackInfo& info) {
    FrameList list(info.Env());
    const auto bytes = bytesOf(info[0], "bytes");
    chipTrace_.append(bytes, info[1].ToNumber().DoubleValue());
    responses_.parse(bytes, [&](const codec::Response& response) { addResponse(list, response); });
    addGarbage(list, "<", chipTrace_, responses_.consumedBytes());
    return list.array();
  }

  Napi::Value end(const Napi::CallbackInfo& info) {
    FrameList list(info.Env());
    const std::uint64_t hostErrors = hostErrorCount();
    codec::HostFrame frame;
    const std::uint64_t hostWaitingAt = hostFrames_.consumedBytes();
    while (hostFrames_.nextAtEnd(frame)) addHostFrame(list, frame);
    addGarbage(list, ">", hostTrace_, hostFrames_.consumedBytes(),
               hostErrorCount() == hostErrors ? hostWaitingAt : kNowhere);

    const std::uint64_t chipErrors = chipErrorCount();
    codec::Response response;
    const std::uint64_t chipWaitingAt = responses_.consumedBytes();
    while (responses_.nextAtEnd(response)) addResponse(list, response);
    addGarbage(list, "<", chipTrace_, responses_.consumedBytes(),
               chipErrorCount() == chipErrors ? chipWaitingAt : kNowhere);
    return list.array();
  }

  Napi::Value counters(const Napi::CallbackInfo& info) {
    auto object = Napi::Object::New(info.Env());
    const auto& host = hostFrames_.counters();
    const auto& chip = responses_.counters();
    object.Set("hostFrames", static_cast<double>(host.frames));
    object.Set("chipFrames", static_cast<double>(chip.frames));
    object.Set("crcErrors", static_cast<double>(host.crcErrors + chip.crcErrors));
    object.Set("kindErrors", static_cast<double>(chip.kindErrors));
    object.Set("garbageBytes", static_cast<double>(host.garbageBytes + chip.garbageBytes));
    return object;
  }

  static constexpr std::uint64_t kNowhere = ~std::uint64_t{0};

  std::uint64_t hostErrorCount() const { return hostFrames_.counters().crcErrors; }
  std::uint64_t chipErrorCount() const {
    return responses_.counters().crcErrors + responses_.counters().kindErrors;
  }

  void addHostFrame(FrameList& list, const codec::HostFrame& frame) {
    addGarbage(list, ">", hostTrace_, hostFrames_.consumedBytes() - frame.size);
    list.add(hostFrameObject(Env(), frame, hostTrace_.takeFrame(frame.size)));
  }

  void addResponse(FrameList& list, const codec::Response& response) {
    addGarbage(list, "<", chipTrace_, responses_.consumedBytes() - response.length);
    list.add(responseObject(Env(), family_, response, chipTrace_.takeFrame(response.length)));
  }

  /// `cutOffAt`: stream offset of a frame whose end never came.
  void addGarbage(FrameList& list, const char* direction, codec::ByteTrace& trace,
                  std::uint64_t end, std::uint64_t cutOffAt = kNowhere) {
    std::uint64_t at = trace.offset();
    for (const codec::TracePiece& piece : trace.takeGarbage(end)) {
      list.add(garbageObject(Env(), direction, piece, at == cutOffAt));
      at += piece.bytes.size();
    }
  }

  const codec::ChipFamily& family_;
  codec::HostFrameParser hostFrames_;
  codec::ResponseParser responses_;
  codec::ByteTrace hostTrace_{{0x55, 0xAA}};
  codec::ByteTrace chipTrace_{{0xAA, 0x55}};
};

}  // namespace

Napi::Object initWireDecoder(Napi::Env env, Napi::Object exports) {
  exports.Set("WireDecoder", WireDecoder::define(env));
  initWireCodec(env, exports);
  return exports;
}

}  // namespace miner::binding
