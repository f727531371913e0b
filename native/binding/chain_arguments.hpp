#pragma once

#include <napi.h>

#include <memory>

#include "chain/chain_options.hpp"
#include "work/job_template.hpp"

namespace miner::binding {

/// Documented: fact sheet BM13xx, section 2; no chip is known to take a faster one.
inline constexpr std::uint32_t kMaxBaud = 12'500'000;

// Each throws a TypeError that names the field.

/// NativeChainOptions of src/hal/native.ts.
chain::ChainOptions optionsOf(const Napi::Object& given);

/// JobTemplate of src/hal/chain-port.ts, received now.
std::unique_ptr<work::JobTemplate> jobOf(const Napi::Object& given);

/// 32 bytes.
work::Hash256 hashOf(const Napi::Value& value, const char* name);

}  // namespace miner::binding
