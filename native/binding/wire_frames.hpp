#pragma once

#include <napi.h>

#include <span>
#include <string>

#include "codec/byte_trace.hpp"
#include "codec/chip_family.hpp"
#include "codec/host_frame_parser.hpp"
#include "codec/response_parser.hpp"

namespace miner::binding {

/// Frames as plain objects; the fields are those of `WireFrame` in src/hal/native-wire.ts.
Napi::Object hostFrameObject(Napi::Env env, const codec::HostFrame& frame, double timeS);
Napi::Object responseObject(Napi::Env env, const codec::ChipFamily& family,
                            const codec::Response& response, double timeS);
/// `isCutOff`: the bytes may be the beginning of a good frame whose end is missing.
Napi::Object garbageObject(Napi::Env env, const char* direction, const codec::TracePiece& piece,
                           bool isCutOff);

/// Lower-case hex.
std::string hexText(std::span<const std::uint8_t> bytes);

}  // namespace miner::binding
