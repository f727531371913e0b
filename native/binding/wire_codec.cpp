#include "binding/wire_codec.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "binding/convert.hpp"
#include "codec/bm13xx_frame.hpp"
#include "codec/crc16.hpp"
#include "codec/crc5.hpp"
#include "hash/sha256.hpp"

namespace miner::binding {

namespace {

Napi::Uint8Array copyOf(Napi::Env env, std::span<const std::uint8_t> bytes) {
  auto array = Napi::Uint8Array::New(env, bytes.size());
  std::copy(bytes.begin(), bytes.end(), array.Data());
  return array;
}

std::uint8_t byteOf(const Napi::Object& object, const char* name) {
  const std::uint32_t value = uint32Of(object, name);
  if (value > 0xFF)
    throw Napi::TypeError::New(
        object.Env(), std::string(name) + ": expected a byte, got " + std::to_string(value));
  return static_cast<std::uint8_t>(value);
}

/// encodeCommand({kind, broadcast, address, register, value}): the frame.
Napi::Value encodeCommand(const Napi::CallbackInfo& info) {
  const auto command = info[0].ToObject();
  const std::string kind = stringOf(command, "kind");
  const codec::CommandTarget target = command.Get("broadcast").ToBoolean()
                                          ? codec::CommandTarget::all()
                                          : codec::CommandTarget::chip(byteOf(command, "address"));
  std::array<std::uint8_t, codec::kShortCommandSize> frame;
  if (kind == "writeRegister") {
    std::array<std::uint8_t, codec::kWriteCommandSize> write;
    codec::encodeWriteRegister(write, target, byteOf(command, "register"),
                               uint32Of(command, "value"));
    return copyOf(info.Env(), write);
  }
  if (kind == "readRegister")
    codec::encodeReadRegister(frame, target, byteOf(command, "register"));
  else if (kind == "setAddress")
    codec::encodeSetAddress(frame, target.address);
  else if (kind == "chainInactive")
    codec::encodeChainInactive(frame);
  else
    throw Napi::TypeError::New(info.Env(), "kind: no command " + kind);
  return copyOf(info.Env(), frame);
}

/// encodeJob({jobByte, version, prevhash, merkleRoot, ntime, nbits}, lengthByte): 88 bytes.
Napi::Value encodeJob(const Napi::CallbackInfo& info) {
  const auto fields = info[0].ToObject();
  codec::JobFields job{.jobByte = byteOf(fields, "jobByte"),
                       .nbits = uint32Of(fields, "nbits"),
                       .ntime = uint32Of(fields, "ntime"),
                       .version = uint32Of(fields, "version")};
  const auto prevhash = bytesOf(fields.Get("prevhash"), "prevhash", job.prevhash.size());
  const auto merkleRoot = bytesOf(fields.Get("merkleRoot"), "merkleRoot", job.merkleRoot.size());
  std::copy(prevhash.begin(), prevhash.end(), job.prevhash.begin());
  std::copy(merkleRoot.begin(), merkleRoot.end(), job.merkleRoot.begin());
  std::array<std::uint8_t, codec::kJobFrameSize> frame;
  codec::encodeJob(frame, job, static_cast<std::uint8_t>(uint32Of(info[1], "lengthByte")));
  return copyOf(info.Env(), frame);
}

/// crc5(bytes, bitCount): over the leading bits.
Napi::Value crc5(const Napi::CallbackInfo& info) {
  const auto bytes = bytesOf(info[0], "bytes");
  const std::uint32_t bitCount = uint32Of(info[1], "bitCount");
  if (bitCount > bytes.size() * 8)
    throw Napi::TypeError::New(info.Env(), "bitCount: more bits than bytes hold");
  return Napi::Number::New(info.Env(), codec::crc5Bits(bytes, bitCount));
}

Napi::Value crc16(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), codec::crc16(bytesOf(info[0], "bytes")));
}

/// hashHeader(header): SHA-256d by midstate and tail, as the chain thread checks a nonce.
Napi::Value hashHeader(const Napi::CallbackInfo& info) {
  const auto header = std::span<const std::uint8_t, 80>{bytesOf(info[0], "header", 80)};
  const hash::Midstate midstate = hash::midstateOf(header.first<64>());
  return copyOf(info.Env(), hash::sha256dFromMidstate(midstate, header.last<16>()));
}

/// hashLanes(name, headers): SHA-256d of as many headers as the named implementation has lanes.
Napi::Value hashLanes(const Napi::CallbackInfo& info) {
  const std::string name = info[0].ToString().Utf8Value();
  for (const hash::Implementation& implementation : hash::implementations()) {
    if (name != implementation.name) continue;
    const auto bytes = bytesOf(info[1], "headers", implementation.lanes * sizeof(hash::Header));
    std::vector<hash::Header> headers(implementation.lanes);
    std::vector<hash::Digest> digests(implementation.lanes);
    std::memcpy(headers.data(), bytes.data(), bytes.size());
    implementation.hashHeaders(headers.data(), digests.data());
    return copyOf(info.Env(), {digests.front().data(), digests.size() * sizeof(hash::Digest)});
  }
  throw Napi::TypeError::New(info.Env(), "name: no hash implementation " + name);
}

/// implementations(): [{name, lanes}] that this CPU can run.
Napi::Value implementations(const Napi::CallbackInfo& info) {
  auto array = Napi::Array::New(info.Env());
  for (const hash::Implementation& implementation : hash::implementations()) {
    auto object = Napi::Object::New(info.Env());
    object.Set("name", implementation.name);
    object.Set("lanes", static_cast<double>(implementation.lanes));
    array.Set(array.Length(), object);
  }
  return array;
}

}  // namespace

void initWireCodec(Napi::Env env, Napi::Object exports) {
  exports.Set("encodeCommand", Napi::Function::New(env, encodeCommand, "encodeCommand"));
  exports.Set("encodeJob", Napi::Function::New(env, encodeJob, "encodeJob"));
  exports.Set("crc5", Napi::Function::New(env, crc5, "crc5"));
  exports.Set("crc16", Napi::Function::New(env, crc16, "crc16"));
  exports.Set("hashHeader", Napi::Function::New(env, hashHeader, "hashHeader"));
  exports.Set("hashLanes", Napi::Function::New(env, hashLanes, "hashLanes"));
  exports.Set("hashImplementations",
              Napi::Function::New(env, implementations, "hashImplementations"));
}

}  // namespace miner::binding
