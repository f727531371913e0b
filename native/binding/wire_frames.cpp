#include "binding/wire_frames.hpp"

namespace miner::binding {

namespace {

Napi::Object frameObject(Napi::Env env, const char* direction, const char* kind, double timeS,
                         std::span<const std::uint8_t> bytes) {
  auto object = Napi::Object::New(env);
  object.Set("t", timeS);
  object.Set("dir", direction);
  object.Set("frame", hexText(bytes));
  object.Set("crcOk", true);
  object.Set("kind", kind);
  return object;
}

const char* kindName(codec::HostFrameKind kind) {
  switch (kind) {
    case codec::HostFrameKind::kSetAddress:
      return "setAddress";
    case codec::HostFrameKind::kChainInactive:
      return "chainInactive";
    case codec::HostFrameKind::kWriteRegister:
      return "writeRegister";
    case codec::HostFrameKind::kReadRegister:
      return "readRegister";
    case codec::HostFrameKind::kJob:
      return "job";
  }
  return "garbage";
}

void setJobFields(Napi::Object object, const codec::HostFrame& frame) {
  object.Set("jobByte", frame.job.jobByte);
  object.Set("lengthByte", frame.lengthByte);
  object.Set("version", frame.job.version);
  object.Set("prevhash", hexText(frame.job.prevhash));
  object.Set("merkleRoot", hexText(frame.job.merkleRoot));
  object.Set("ntime", frame.job.ntime);
  object.Set("nbits", frame.job.nbits);
}

}  // namespace

Napi::Object hostFrameObject(Napi::Env env, const codec::HostFrame& frame, double timeS) {
  auto object =
      frameObject(env, ">", kindName(frame.kind), timeS, std::span{frame.raw}.first(frame.size));
  object.Set("broadcast", frame.broadcast);
  switch (frame.kind) {
    case codec::HostFrameKind::kJob:
      setJobFields(object, frame);
      break;
    case codec::HostFrameKind::kWriteRegister:
      object.Set("value", frame.value);
      [[fallthrough]];
    case codec::HostFrameKind::kReadRegister:
      object.Set("register", frame.registerAddress);
      [[fallthrough]];
    case codec::HostFrameKind::kSetAddress:
    case codec::HostFrameKind::kChainInactive:
      object.Set("address", frame.address);
      break;
  }
  return object;
}

Napi::Object responseObject(Napi::Env env, const codec::ChipFamily& family,
                            const codec::Response& response, double timeS) {
  const bool isNonce = response.kind == codec::ResponseKind::kNonce;
  auto object = frameObject(env, "<", isNonce ? "nonce" : "register", timeS,
                            std::span{response.raw}.first(response.length));
  if (!isNonce) {
    object.Set("address", response.chipAddress);
    object.Set("register", response.registerAddress);
    object.Set("value", response.value);
    return object;
  }
  object.Set("jobByte", family.jobByteOf(response.jobIdByte));
  object.Set("subcore", family.subcoreOf(response.jobIdByte));
  object.Set("nonceHex", hexText(response.nonceWire));
  object.Set("core", codec::ChipFamily::coreOf(response.nonceMsb()));
  // The address field of a nonce; a chip that is alone sweeps through it.
  object.Set("addressField", response.nonceMsb() >> 17 & 0xFF);
  object.Set("excess", response.excess);
  if (response.length == codec::kMaxResponseSize)
    object.Set("versionField", response.versionField);
  else
    object.Set("versionField", env.Null());
  return object;
}

Napi::Object garbageObject(Napi::Env env, const char* direction, const codec::TracePiece& piece,
                           bool isCutOff) {
  auto object = frameObject(env, direction, "garbage", piece.timeS, piece.bytes);
  object.Set("crcOk", false);
  const char* reason = isCutOff ? "incomplete" : piece.beginsLikeFrame ? "damaged" : "noise";
  object.Set("reason", reason);
  return object;
}

std::string hexText(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace miner::binding
